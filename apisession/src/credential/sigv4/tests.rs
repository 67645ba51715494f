//! Tests with AWS's published test vectors, and the examples of the S3 user guide.

use std::collections::HashMap;
use std::time::UNIX_EPOCH;

use serde::Deserialize;

use super::canonical::PathStyle;
use super::*;

/// One of AWS's published test vectors for Signature Version 4. The key, region, service and time are the same for all,
/// so they are not in the file. Vectors without a signature were published with the canonical request only.
#[derive(Deserialize)]
struct Vector {
    name: String,
    request: String,
    token: Option<String>,
    #[serde(default)]
    normalize: bool,
    /// Whether the request has the hash of the body in a header.
    #[serde(default)]
    sign_body: bool,
    #[serde(default)]
    omit_token: bool,
    header: Option<Expected>,
    query: Option<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    canonical: String,
    string_to_sign: Option<String>,
    signature: Option<String>,
}

struct Parsed {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// Parses a request of a vector. Its target may contain spaces, and a header value may continue on the next line.
fn parsed(text: &str) -> Parsed {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let line = lines.next().unwrap().strip_suffix(" HTTP/1.1").unwrap();
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines {
        match (line.strip_prefix(' '), line.split_once(':')) {
            (Some(rest), _) => headers.last_mut().unwrap().1 += &format!(" {rest}"),
            (None, Some((name, value))) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
            (None, None) => assert_eq!(line, ""),
        }
    }
    let [method, path, query, body] = [method, path, query, body].map(str::to_owned);
    Parsed { method, path, query, headers, body }
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

fn signer(vector: &Vector) -> SigV4 {
    let mut signer = SigV4::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    signer.token = vector.token.clone().map(Secret::new);
    signer.signs_token = !vector.omit_token;
    signer
}

fn scope(vector: &Vector) -> Scope<'static> {
    Scope::new("20150830T123600Z".to_owned(), "us-east-1", "service", vector.normalize)
}

#[test]
fn signatures_in_headers_match_the_published_vectors() {
    let mut count = HashMap::new();
    for vector in &vectors() {
        let Parsed { method, path, query, mut headers, body } = parsed(&vector.request);
        let expected = vector.header.as_ref().unwrap();
        let (signer, scope) = (signer(vector), scope(vector));
        let payload = hex(&Sha256::digest(body.as_bytes()));
        // Two vectors have another date.
        let date = expected.canonical.split("x-amz-date:").nth(1).unwrap().lines().next().unwrap();
        headers.retain(|(name, _)| name != "x-amz-date");
        headers.push(("x-amz-date".to_owned(), date.to_owned()));
        if vector.sign_body {
            headers.push(("x-amz-content-sha256".to_owned(), payload.clone()));
        }
        if let Some(token) = signer.token.as_ref().filter(|_| signer.signs_token) {
            headers.push(("x-amz-security-token".to_owned(), token.expose().to_owned()));
        }
        let canonical = || Canonical {
            method: &method,
            path: &path,
            path_style: scope.path_style,
            query: &query,
            headers: headers.clone(),
            payload: &payload,
        };
        let (text, names) = canonical().text();
        assert_eq!(text, expected.canonical, "{}", vector.name);
        *count.entry("canonical").or_insert(0) += 1;
        if let (Some(to_sign), Some(signature)) = (&expected.string_to_sign, &expected.signature) {
            assert_eq!(scope.string_to_sign(&text), *to_sign, "{}", vector.name);
            let authorization = format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                 SignedHeaders={names}, Signature={signature}"
            );
            assert_eq!(signer.authorization(&scope, canonical()), authorization, "{}", vector.name);
            *count.entry("signature").or_insert(0) += 1;
        }
    }
    assert_eq!((count["canonical"], count["signature"]), (40, 38));
}

#[test]
fn signatures_in_queries_match_the_published_vectors() {
    let mut count = 0;
    for vector in &vectors() {
        let Some(expected) = &vector.query else { continue };
        let Parsed { method, path, query, headers, body } = parsed(&vector.request);
        let (signer, scope) = (signer(vector), scope(vector));
        let payload = hex(&Sha256::digest(body.as_bytes()));
        let signed = signer.presigned(&scope, &method, (&path, Some(&query)), headers, &payload, 3_600);
        let (_, signature) = signed.rsplit_once("&X-Amz-Signature=").unwrap();
        assert_eq!(Some(signature), expected.signature.as_deref(), "{}\n{}", vector.name, expected.canonical);
        assert_eq!(signed.contains("&X-Amz-Security-Token="), vector.token.is_some(), "{}", vector.name);
        count += 1;
    }
    assert_eq!(count, 38);
}

/// The examples of the S3 user guide, "Signature Calculations for the Authorization Header" and "Authenticating
/// Requests: Using Query Parameters".
#[test]
fn signatures_for_s3_match_its_user_guide() {
    let signer = SigV4::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    let scope = Scope::new(time(UNIX_EPOCH + Duration::from_secs(1_369_353_600)), "us-east-1", "s3", true);
    assert_eq!(scope.time, "20130524T000000Z");
    let nothing = hex(&Sha256::digest(b""));
    let host = || ("host".to_owned(), "examplebucket.s3.amazonaws.com".to_owned());
    let mut headers = vec![host(), ("range".to_owned(), "bytes=0-9".to_owned())];
    headers.push(("x-amz-content-sha256".to_owned(), nothing.clone()));
    headers.push(("x-amz-date".to_owned(), scope.time.clone()));
    let path_style = scope.path_style;
    let canonical =
        Canonical { method: "GET", path: "/test.txt", path_style, query: "", headers, payload: &nothing };
    let authorization = signer.authorization(&scope, canonical);
    let expected = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
    assert!(authorization.ends_with(expected), "{authorization}");
    let query = signer.presigned(&scope, "GET", ("/test.txt", None), vec![host()], UNSIGNED, 86_400);
    let expected = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    assert!(query.ends_with(&format!("X-Amz-Signature={expected}")), "{query}");
}

#[test]
fn paths_are_normalized_except_for_s3() {
    let path = |path_style| {
        let canonical = Canonical {
            method: "GET",
            path: "/a//b%20c/@%2F/../d",
            path_style,
            query: "",
            headers: vec![],
            payload: "",
        };
        canonical.text().0.lines().nth(1).unwrap().to_owned()
    };
    assert_eq!(path(PathStyle::Object), "/a//b%20c/%40//../d");
    assert_eq!(path(PathStyle::Wire), "/a//b%2520c/%40%252F/../d");
    assert_eq!(path(PathStyle::Normalized), "/a/b%2520c/d");
    let style = |service| Scope::new(String::new(), "us-east-1", service, true).path_style;
    assert_eq!(["s3", "s3express"].map(style), [PathStyle::Object; 2]);
    assert_eq!(["s3tables", "s3vectors", "dynamodb"].map(style), [PathStyle::Normalized; 3]);
}

#[test]
fn formatting_a_time_never_panics() {
    assert_eq!(time(UNIX_EPOCH), "19700101T000000Z");
    assert_eq!(time(UNIX_EPOCH - Duration::from_secs(1)), "19700101T000000Z");
    assert_eq!(time(UNIX_EPOCH + Duration::from_secs(1 << 40)), "99990101T000000Z");
}
