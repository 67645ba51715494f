//! What is not understood is never nothing: headers, bodies, settings and credentials that a server or a user gets slightly wrong.

use apisession::Proxies;
use apisession::prelude::*;
use apisession_tests::{Server, tokio, watched};

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Acme {
    session: Session,
}

/// A session whose server is on a socket, since a header of bytes can't be made by hand.
async fn serving(respond: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> (Acme, Server) {
    let server = Server::start(respond).await;
    (Acme::builder().base_url(server.url()).build().unwrap(), server)
}

/// A response with these header lines, and without a body.
fn with_headers(status: &str, lines: &[&[u8]]) -> Vec<u8> {
    let mut response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n").into_bytes();
    for line in lines {
        response.extend_from_slice(line);
        response.extend_from_slice(b"\r\n");
    }
    response.extend_from_slice(b"\r\n");
    response
}

#[tokio::test]
async fn fault_c1_a_link_is_read_whatever_bytes_and_spelling_it_has() {
    const NEXT: &str = "/p?page=2";
    let rows: [(&[&[u8]], &str); 30] = [
        (&[b"</p?page=2>; rel=\"next\""], NEXT),
        (&[b"</p?page=2>;rel=next"], NEXT),
        (&[b"</p?page=2>; REL=NEXT"], NEXT),
        (&[b"</p?page=2> ;\trel = \"Next\" ; title = x"], NEXT),
        (&[b"</p?page=2>; rel='next'"], NEXT),
        (&[b"</p?page=2>; rel=\"prev next\""], NEXT),
        (&[b"</p?page=2>; rel=\" next \";"], NEXT),
        (&[b"< /p?page=2 >; rel=next"], NEXT),
        (&[b"</p?page=2>; title=\"a, b; rel=prev <x>\"; rel=next"], NEXT),
        (&[b"</p?page=2>; title=\"\\\", \"; rel=next"], NEXT),
        (&[b"</p?page=2>; type=\"a/b\"; rel=next; hreflang=de; title=\"x\""], NEXT),
        (&[b"</a>; rel=prev, </p?page=2>; rel=next"], NEXT),
        (&[b"</a>; rel=prev,, </p?page=2>; rel=next"], NEXT),
        (&[b"</a>; rel=prev", b"</p?page=2>; rel=next"], NEXT),
        // Bytes that are not ASCII: Latin-1, UTF-8, and neither.
        (&[b"</p?page=2>; rel=next; title=\"caf\xe9\""], NEXT),
        (&[b"</p?page=2>; title=\"caf\xe9\"; rel=next"], NEXT),
        (&[b"</p?page=2>; title=\"caf\xc3\xa9\"; rel=next"], NEXT),
        (&[b"</a>; title=\"\xff\xfe\", </p?page=2>; rel=next"], NEXT),
        (&[b"</\xe9>; rel=prev, </p?page=2>; rel=next"], NEXT),
        (&[b"</a>; rel=\"prev \xe9\"", b"</p?page=2>; rel=next"], NEXT),
        (&[b"</p?page=2>; rel=\"next \xe9\""], NEXT),
        (&[b"</caf\xe9?page=2>; rel=next"], "/caf%E9?page=2"),
        (&[b"</caf\xc3\xa9?page=2>; rel=next"], "/caf%C3%A9?page=2"),
        (&[b"</p?q=\xe9&page=2>; rel=next"], "/p?q=%E9&page=2"),
        // What ends a link does so outside of `<>` and quotes only.
        (&[b"</p,q;r?page=2>; rel=next"], "/p,q;r?page=2"),
        (&[b"</p?tag=%22a%22&page=2>; rel=next"], "/p?tag=%22a%22&page=2"),
        // A quote that is never closed ends with its parameter.
        (&[b"</a>; title=\"x, </p?page=2>; rel=next"], NEXT),
        (&[b"</p?page=2>; rel=next; title=\"x"], NEXT),
        (&[b"</p?page=2>; rel=\"next"], NEXT),
        (&[b"<?page=2>; rel=next"], "/x?page=2"),
    ];
    for (values, expected) in rows {
        let lines: Vec<_> = values.iter().map(|value| [b"Link: ", *value].concat()).collect();
        let (api, server) = serving(move |_| {
            let lines: Vec<_> = lines.iter().map(Vec::as_slice).collect();
            with_headers("200 OK", &lines)
        })
        .await;
        let shown = values.iter().map(|value| value.escape_ascii().to_string()).collect::<Vec<_>>();
        let response = watched(api.raw().get("/x")).await.unwrap();
        let expected = format!("{}{expected}", server.url());
        assert_eq!(response.link("next"), Some(expected.clone()), "{shown:?}");
        let followed = watched(api.raw().follow(&expected)).await.unwrap();
        assert_eq!(followed.url().unwrap().as_str(), expected);
    }
    // A loop over pages ends with an error, and not early.
    let (api, _server) = serving(|_| with_headers("200 OK", &[b"link: <https://[>; rel=next"])).await;
    let next = watched(api.raw().get("/x")).await.unwrap().link("next").unwrap();
    let error = watched(api.raw().follow(&next)).await.unwrap_err();
    assert!(error.to_string().contains("is not a URL"), "{error}");
}

#[tokio::test]
async fn fault_c1_other_headers_with_bytes_that_are_not_ascii_are_read() {
    // A challenge whose realm is in Latin-1: the response repeats its bytes.
    let challenge = b"WWW-Authenticate: Digest realm=\"Gesch\xfctzt\", nonce=\"n\", qop=\"auth\"";
    let (api, _server) = serving(|request| match request.contains("authorization: Digest") {
        true => with_headers("204 No Content", &[]),
        false => with_headers("401 Unauthorized", &[challenge]),
    })
    .await;
    let call = api.raw().get("/x").with_credential(Credential::digest("ana", "s3cret"));
    assert_eq!(watched(call).await.unwrap().attempts(), 2);
    // A redirect, in either encoding.
    for (location, expected) in
        [(b"Location: /caf\xe9".as_slice(), "/caf%E9"), (b"Location: /caf\xc3\xa9", "/caf%C3%A9")]
    {
        let (api, _server) = serving(|request| match request.starts_with("GET /x ") {
            true => with_headers("302 Found", &[location]),
            false => with_headers("204 No Content", &[]),
        })
        .await;
        let response = watched(api.raw().get("/x")).await.unwrap();
        assert_eq!(response.url().unwrap().path(), expected);
    }
    // A request id, and a verdict of the server on retries in another case.
    let (api, _server) = serving(|_| {
        with_headers("503 Away", &["x-request-id: caf\u{e9}-7".as_bytes(), b"x-should-retry: False"])
    })
    .await;
    let call = api.raw().get("/x").with_retry(RetryPolicy::new().should_retry_header("x-should-retry"));
    let error = watched(call).await.unwrap_err();
    assert_eq!((error.request_id(), error.attempts()), (Some("caf\u{e9}-7"), 1));
    assert!(error.report().contains("caf\u{e9}-7"));
    // A product is added to a user agent, and does not replace it.
    let server = Server::start(|request| {
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{request}", request.len())
    });
    let server = server.await;
    let builder = Acme::builder().base_url(server.url()).header("user-agent", "Zo\u{eb}/1");
    let api = builder.add_user_agent("plugin/2").build().unwrap();
    let text = watched(api.raw().get("/x")).await.unwrap().text().unwrap().to_owned();
    assert!(text.contains("user-agent: Zo\u{eb}/1 plugin/2\r\n"), "{text}");
}

#[tokio::test]
async fn fault_c5_no_proxy_is_read_as_curl_and_go_read_it() {
    let proxy = Server::start(|_| "HTTP/1.1 200 OK\r\nx-by: proxy\r\ncontent-length: 0\r\n\r\n").await;
    let server = Server::start(|_| "HTTP/1.1 200 OK\r\nx-by: server\r\ncontent-length: 0\r\n\r\n").await;
    let port = server.url().rsplit_once(':').unwrap().1.to_owned();
    // The list, and whether requests to the address and to the name are sent directly.
    let rows = [
        ("", [false, false]),
        ("*", [true, true]),
        ("127.0.0.1", [true, false]),
        ("127.0.0.1:PORT", [true, false]),
        ("127.0.0.1:1", [false, false]),
        ("127.0.0.0/8", [true, false]),
        ("127.0.0.0/8:PORT", [true, false]),
        ("127.0.0.0/8:1", [false, false]),
        ("::ffff:127.0.0.1", [true, false]),
        ("::1 , 127.0.0.1", [true, false]),
        ("a.test 127.0.0.1", [true, false]),
        ("0.0.1", [false, false]),
        ("localhost", [false, true]),
        ("LOCALHOST.", [false, true]),
        (".localhost", [false, true]),
        ("*.localhost", [false, false]),
        ("localhost:PORT", [false, true]),
        ("localhost.:PORT", [false, true]),
        ("localhost:1", [false, false]),
        ("host", [false, false]),
    ];
    for (list, expected) in rows {
        let list = list.replace("PORT", &port);
        for (host, is_direct) in ["127.0.0.1", "localhost"].into_iter().zip(expected) {
            let proxies = Proxies::new().all(proxy.url()).no_proxy(&list);
            let builder = Acme::builder().base_url(format!("http://{host}:{port}")).proxies(proxies);
            let response = watched(builder.build().unwrap().raw().get("/x")).await.unwrap();
            let expected = if is_direct { "server" } else { "proxy" };
            assert_eq!(response.headers()["x-by"], expected, "{list:?} {host}");
        }
    }
}
