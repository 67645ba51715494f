//! AWS Signature Version 4 in a session. The unit tests have the vectors of AWS.

use apisession::prelude::*;
use apisession::{Body, Secret, SigV4};
use apisession_tests::{Pieces, Seen, Sent, offline, recording, respond, tokio};
use bytes::Bytes;

#[derive(Clone, APISession)]
#[session(base_url = "https://example.amazonaws.com")]
struct Aws {
    session: Session,
}

const KEY: (&str, &str) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// When AWS's vectors were signed.
const THEN: &str = "Sun, 30 Aug 2015 12:36:00 GMT";

fn signer() -> SigV4 {
    SigV4::new(KEY.0, KEY.1)
}

fn aws(credential: impl Into<Credential>, responses: fn(usize, &Seen) -> Response) -> (Aws, Sent) {
    let (transport, sent) = recording(move |number, seen| Ok(responses(number, seen)));
    (Aws::builder().transport(transport).credential(credential).build().unwrap(), sent)
}

fn ok(_: usize, _: &Seen) -> Response {
    respond(200, "")
}

/// A parameter of the `Authorization` header.
fn parameter<'s>(seen: &'s Seen, name: &str) -> &'s str {
    let rest = seen.header("authorization").split(&format!("{name}=")).nth(1).unwrap_or_default();
    rest.split(',').next().unwrap_or_default()
}

/// The clock of the server is eleven years behind. After its refusal the signature is exactly that of the AWS vector.
#[tokio::test(start_paused = true)]
async fn x5_a_wrong_clock_is_corrected_by_the_date_of_the_server() {
    let (api, sent) = aws(signer().region("us-east-1").service("service"), |number, _| match number {
        1 => respond(403, "RequestTimeTooSkewed").with_header("date", THEN),
        _ => respond(200, ""),
    });
    api.raw().get("/").without_header("accept").with_max_attempts(1).await.unwrap();
    let all = sent.all();
    assert_eq!(all.len(), 2);
    assert!(
        all[0].header("x-amz-date").starts_with("20") && !all[0].header("x-amz-date").starts_with("2015")
    );
    assert_eq!(all[1].header("x-amz-date"), "20150830T123600Z");
    let expected = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                    SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    assert_eq!(all[1].header("authorization"), expected);
    // From then on it is right at once, for writes as well.
    api.raw().post("/").json(&7).await.unwrap();
    let last = sent.all().pop().unwrap();
    assert!(last.header("x-amz-date").starts_with("20150830T1236"), "{}", last.header("x-amz-date"));
    assert_eq!(
        (sent.all().len(), parameter(&last, "SignedHeaders")),
        (3, "accept;content-type;host;x-amz-date")
    );
}

#[tokio::test(start_paused = true)]
async fn x5_a_refusal_for_another_reason_is_returned() {
    let now = || httpdate(std::time::SystemTime::now());
    let rows = [
        // The server's clock is as wrong as before.
        ("https://a.test", 401, THEN.to_owned(), "", 2),
        ("http://127.0.0.1", 403, THEN.to_owned(), "", 2),
        // It is right; there is no word of it; no refusal; kept on the way; no year that can be.
        ("https://a.test", 403, now(), "", 1),
        ("https://a.test", 403, String::new(), "", 1),
        ("https://a.test", 400, THEN.to_owned(), "", 1),
        ("https://a.test", 404, THEN.to_owned(), "", 1),
        ("https://a.test", 403, THEN.to_owned(), "200", 1),
        ("https://a.test", 403, "Fri, 31 Dec 9999 23:59:59 GMT".to_owned(), "", 1),
        ("https://a.test", 403, "Thu, 01 Jan 1970 00:00:00 GMT".to_owned(), "", 1),
        // Over plain HTTP a third party could have written it.
        ("http://a.test", 403, THEN.to_owned(), "", 1),
    ];
    for (base_url, status, date, age, expected) in rows {
        let name = format!("{base_url} {status} {date} {age}");
        let (transport, sent) = recording(move |_, _| {
            let mut response = respond(status, "");
            for (name, value) in [("date", &*date), ("age", age)] {
                response = if value.is_empty() { response } else { response.with_header(name, value) };
            }
            Ok(response)
        });
        let credential = Credential::signing(|request, now| {
            let seconds = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs();
            request.headers.insert("x-time", seconds.into());
            Ok(())
        });
        let credential = credential.danger_allow_http();
        let api =
            Aws::builder().base_url(base_url).transport(transport).credential(credential).build().unwrap();
        let error = api.raw().post("/").await.unwrap_err();
        let times: Vec<u64> = sent.all().iter().map(|seen| seen.header("x-time").parse().unwrap()).collect();
        assert_eq!((error.status().unwrap().as_u16(), times.len()), (status, expected), "{name}");
        if expected == 2 {
            assert!(
                times[0] > 1_700_000_000 && (1_440_938_160..1_440_938_190).contains(&times[1]),
                "{times:?}"
            );
        }
    }
}

fn httpdate(time: std::time::SystemTime) -> String {
    time::OffsetDateTime::from(time)
        .format(&time::format_description::well_known::Rfc2822)
        .unwrap()
        .replace("+0000", "GMT")
}

#[tokio::test(start_paused = true)]
async fn each_attempt_and_redirect_is_signed_for_its_own_origin_only() {
    let (api, sent) = aws(signer().region("us-east-1").service("s3"), |number, _| match number {
        1 => respond(503, ""),
        2 => respond(307, "").with_header("location", "/moved?part=1"),
        3 => respond(302, "").with_header("location", "https://cdn.test/z"),
        _ => respond(200, ""),
    });
    let call = api.raw().get("/a b").with_allowed_origins(&["https://cdn.test"]);
    assert!(call.await.is_err_and(|error| error.kind() == ErrorKind::Argument));
    let call = api.raw().get("/a%20b").with_allowed_origins(&["https://cdn.test"]);
    call.await.unwrap();
    let all = sent.all();
    let signatures: Vec<_> = all.iter().map(|seen| parameter(seen, "Signature")).collect();
    assert_eq!(all.len(), 4);
    assert!(signatures[..3].iter().all(|signature| signature.len() == 64), "{signatures:?}");
    assert_ne!(signatures[1], signatures[2]);
    assert!(all[3].headers.keys().all(|name| !name.as_str().starts_with("x-amz") && name != "authorization"));
}

#[tokio::test(start_paused = true)]
async fn region_and_service_are_configured_or_read_from_the_host() {
    let rows = [
        ("https://bucket.s3.eu-west-1.amazonaws.com", "eu-west-1/s3"),
        ("https://abc123.execute-api.us-west-2.amazonaws.com", "us-west-2/execute-api"),
        ("https://iam.amazonaws.com", "us-east-1/iam"),
    ];
    for (url, expected) in rows {
        let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
        let api = Aws::builder().base_url(url).transport(transport).credential(signer()).build().unwrap();
        api.raw().get("/x").await.unwrap();
        let credential = parameter(&sent.only(), "Credential").to_owned();
        assert!(credential.ends_with(&format!("/{expected}/aws4_request")), "{credential}");
    }
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Aws::builder().base_url("https://minio.test").transport(transport).credential(signer());
    let error = api.build().unwrap().raw().get("/x").await.unwrap_err();
    let message = "the AWS service of the host `minio.test` is unknown; set it by `SigV4::service`";
    assert!(error.to_string().contains(message), "{error}");
    assert_eq!((error.kind(), sent.all().len()), (ErrorKind::Configuration, 0));
}

#[tokio::test(start_paused = true)]
async fn bodies_and_session_tokens_are_signed_by_default() {
    let s3 = || signer().region("us-east-1").service("s3");
    let (api, sent) = aws(s3().session_token("t0ken"), ok);
    api.raw().put("/k").body("text/plain", "Welcome to Amazon S3.").await.unwrap();
    let put = sent.only();
    let hash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    assert_eq!((put.header("x-amz-content-sha256"), put.header("x-amz-security-token")), (hash, "t0ken"));
    let names = "accept;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token";
    assert_eq!(parameter(&put, "SignedHeaders"), names);
    assert!(
        put.headers["x-amz-security-token"].is_sensitive() && put.headers["authorization"].is_sensitive()
    );

    let (api, sent) = aws(s3().session_token("t0ken").unsigned_token().unsigned_payload(), ok);
    let pieces = || Body::stream(Pieces::new([Bytes::from_static(b"x")], Duration::ZERO));
    api.raw().put("/k").body("text/plain", pieces()).await.unwrap();
    let put = sent.only();
    assert_eq!(
        (put.header("x-amz-content-sha256"), put.header("x-amz-security-token")),
        ("UNSIGNED-PAYLOAD", "t0ken")
    );
    assert!(!parameter(&put, "SignedHeaders").contains("token"));

    let (api, sent) = aws(s3(), ok);
    let error = api.raw().put("/k").body("text/plain", pieces()).await.unwrap_err();
    assert!(error.to_string().contains("`SigV4::unsigned_payload`"), "{error}");
    assert_eq!(sent.all().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn h3_an_authorization_header_of_the_caller_is_not_replaced() {
    let (api, sent) = aws(signer().region("us-east-1").service("s3"), ok);
    api.raw().get("/k").header("authorization", "Basic mine").await.unwrap();
    let seen = sent.only();
    assert_eq!((seen.header("authorization"), seen.header("x-amz-date")), ("Basic mine", ""));
}

#[tokio::test(start_paused = true)]
async fn a_temporary_key_is_fetched_by_a_provider() {
    let assumed = Credential::provided_by(|_: Session| async {
        let key = SigV4::new("ASIA", Secret::new("s3cret")).session_token("t0ken");
        Ok(Credential::from(key.region("us-east-1").service("s3")).expires_in(Duration::from_secs(3_600)))
    });
    let (api, sent) = aws(assumed, ok);
    api.raw().get("/k").await.unwrap();
    assert!(parameter(&sent.only(), "Credential").starts_with("ASIA/"));
}

#[test]
fn a_presigned_url_has_an_expiry() {
    let api = Aws::builder()
        .base_url("https://bucket.s3.eu-west-1.amazonaws.com")
        .transport(offline())
        .build()
        .unwrap();
    let request = api.raw().get("/a%20b/photo.jpg").query("versionId", "7").build().unwrap();
    let key = signer().session_token("t/0");
    let url = key.presign(&request, Duration::from_secs(600)).unwrap();
    let pairs: Vec<_> = url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(url.path(), "/a%20b/photo.jpg");
    assert_eq!((&*pairs[0], &*pairs[1]), ("versionId=7", "X-Amz-Algorithm=AWS4-HMAC-SHA256"));
    for part in ["X-Amz-Expires=600", "X-Amz-SignedHeaders=host", "X-Amz-Security-Token=t/0"] {
        assert!(pairs.iter().any(|pair| pair == part), "{pairs:?}");
    }
    assert!(pairs.last().unwrap().starts_with("X-Amz-Signature="));
    for wrong in [Duration::ZERO, Duration::from_millis(999), Duration::from_secs(604_801)] {
        assert_eq!(key.presign(&request, wrong).unwrap_err().kind(), ErrorKind::Argument);
    }
    assert!(!format!("{key:?}").contains("wJalr") && !format!("{key:?}").contains("t/0"));
}

/// All calls that were signed with the wrong clock are signed again, not only the first that is refused.
#[tokio::test(start_paused = true)]
async fn x5_all_calls_signed_with_a_wrong_clock_are_signed_again() {
    let both = std::sync::Arc::new(tokio::sync::Barrier::new(2));
    let transport = apisession::transport::Memory::new(move |request| {
        let both = std::sync::Arc::clone(&both);
        async move {
            if request.headers["x-amz-date"].to_str().unwrap().starts_with("2015") {
                return Ok(respond(200, ""));
            }
            both.wait().await;
            Ok(respond(403, "").with_header("date", THEN))
        }
    });
    let credential = signer().region("us-east-1").service("s3");
    let api = Aws::builder().transport(transport).credential(credential).build().unwrap();
    let (one, other) = tokio::join!(api.raw().get("/one"), api.raw().get("/other"));
    assert!(one.is_ok() && other.is_ok());
}

/// The error of AWS contains the string to sign, with the session token.
#[tokio::test(start_paused = true)]
async fn an_error_masks_the_session_token_that_aws_echoes() {
    let key = signer().region("us-east-1").service("s3").session_token("t0ken-of-the-session");
    let (api, _) = aws(key, |_, seen| {
        let token = seen.header("x-amz-security-token");
        respond(403, &format!(r#"{{"message":"the canonical string is x-amz-security-token:{token}"}}"#))
    });
    let report = api.raw().get("/k").await.unwrap_err().report();
    assert!(report.contains("x-amz-security-token:[redacted]") && !report.contains("t0ken"), "{report}");
}
