//! Values in paths.

use apisession::prelude::*;
use apisession_tests::{Server, tokio, watched};

#[endpoint(path = "/objects")]
struct Objects;

#[endpoint]
impl Objects {
    #[put("/{key}")]
    fn one(&self, key: &str) -> Call<()>;
    #[put("/in/{key+}")]
    fn several(&self, key: &str) -> Call<()>;
    #[put("/any/{key+}")]
    fn any(&self, #[path(empty_segments)] key: &str) -> Call<()>;
    #[get("/any/{key+}/acl")]
    fn acl(&self, #[path(empty_segments)] key: &str) -> Call<()>;
    #[put("/listed/{keys+}")]
    fn listed(&self, #[path(rename = "keys", empty_segments)] parts: &[&str]) -> Call<()>;
}

/// Its only path is a value.
#[endpoint]
struct Bucket;

#[endpoint]
impl Bucket {
    #[put("/{key+}")]
    fn put(&self, #[path(empty_segments)] key: &str) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test")]
struct Store {
    session: Session,
    #[endpoint]
    objects: Objects,
    #[endpoint]
    bucket: Bucket,
}

#[tokio::test]
async fn fault_e6_path_values_are_written_as_servers_read_them() {
    // What arrives is the path as it was written, without a slash more or less.
    let server = Server::start(|request| {
        let target = request.split(' ').nth(1).unwrap_or_default();
        format!("HTTP/1.1 204 No Content\r\nx-target: {target}\r\n\r\n")
    });
    let server = server.await;
    let api = Store::builder().base_url(server.url()).build().unwrap();
    let (objects, bucket) = (api.objects(), api.bucket());
    let dots = "no URL can contain, not even percent-encoded";
    let encoded = |value| apisession::encode_segment(value);
    let raw = |path: &str| api.raw().put(path).raw();
    let rows: [(&str, Call<Response>, Result<&str, &str>); 41] = [
        ("a colon and an at sign", objects.one("me@x.test:send").raw(), Ok("/objects/me@x.test:send")),
        (
            "other delimiters",
            objects.one("a/b;c=d,e+f!$&'()*").raw(),
            Ok("/objects/a%2Fb%3Bc%3Dd%2Ce%2Bf%21%24%26%27%28%29%2A"),
        ),
        ("an encoded text", objects.one("%2e%2e").raw(), Ok("/objects/%252e%252e")),
        ("three dots", objects.one("...").raw(), Ok("/objects/...")),
        ("a dot", objects.one(".").raw(), Err(dots)),
        ("two dots", objects.one("..").raw(), Err(dots)),
        ("nothing", objects.one("").raw(), Err("is empty")),
        ("a control character", objects.one("a\nb").raw(), Err("control character")),
        ("several", objects.several("a/b:c/d@e/").raw(), Ok("/objects/in/a/b:c/d@e/")),
        ("several, a dot", objects.several("a/./b").raw(), Err(dots)),
        ("several, two dots", objects.several("../b").raw(), Err(dots)),
        ("several, an empty one", objects.several("a//b").raw(), Err("`#[path(empty_segments)]`")),
        ("several, a leading slash", objects.several("/a").raw(), Err("`#[path(empty_segments)]`")),
        ("several, two slashes at the end", objects.several("a//").raw(), Err("`#[path(empty_segments)]`")),
        ("any", objects.any("a/b").raw(), Ok("/objects/any/a/b")),
        ("any, an empty one", objects.any("a//b").raw(), Ok("/objects/any/a//b")),
        ("any, several empty ones", objects.any("a///b//c").raw(), Ok("/objects/any/a///b//c")),
        ("any, a leading slash", objects.any("/a").raw(), Ok("/objects/any//a")),
        ("any, two leading slashes", objects.any("//a").raw(), Ok("/objects/any///a")),
        ("any, two slashes at the end", objects.any("a//").raw(), Ok("/objects/any/a//")),
        ("any, one slash", objects.any("/").raw(), Ok("/objects/any//")),
        ("any, nothing", objects.any("").raw(), Err("is empty")),
        ("any, dots", objects.any("a//../b").raw(), Err(dots)),
        ("any, a dot at the start", objects.any("./b").raw(), Err(dots)),
        ("any, a host", objects.any("//evil.test/x").raw(), Ok("/objects/any///evil.test/x")),
        ("any, a text after it", objects.acl("/a//").raw(), Ok("/objects/any//a///acl")),
        ("a list", objects.listed(&["a", "b/c"]).raw(), Ok("/objects/listed/a/b/c")),
        ("a list with an empty text", objects.listed(&["a", "", "b"]).raw(), Err("is empty")),
        ("a path of a value", bucket.put("a/b").raw(), Ok("/a/b")),
        ("a path of a value with a slash", bucket.put("/a//b").raw(), Ok("//a//b")),
        ("a path like another host", bucket.put("/evil.test/x").raw(), Ok("//evil.test/x")),
        ("a raw path", raw("/a//b:c@d/"), Ok("/a//b:c@d/")),
        ("a raw path with a dot segment", raw("/a/../b"), Err(dots)),
        ("a raw path with an encoded one", raw("/a/%2e%2E/b"), Err(dots)),
        ("a raw path with half of one", raw("/a/.%2e"), Err(dots)),
        ("a raw path with a dot", raw("/a/%2E"), Err(dots)),
        ("a raw path with a backslash", raw("/a\\b"), Err("percent-encode it")),
        ("a raw path with a space", raw("/a b"), Err("percent-encode it")),
        (
            "a segment by hand",
            raw(&format!("/x/{}", encoded("a/b:c@d é").unwrap())),
            Ok("/x/a%2Fb:c@d%20%C3%A9"),
        ),
        ("a first segment by hand", raw(&format!("/{}", encoded("a:b").unwrap())), Ok("/a:b")),
        ("encoded once more", raw(&format!("/{}", encoded("%2F").unwrap())), Ok("/%252F")),
    ];
    for (what, call, expected) in rows {
        let end = watched(call).await;
        let found = end.as_ref().map(|response| response.headers()["x-target"].to_str().unwrap());
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{what}"),
            (Err(error), Err(expected)) => {
                assert_eq!(error.kind(), ErrorKind::Argument, "{what}: {error}");
                assert!(error.to_string().contains(expected), "{what}: {error}");
                assert!(
                    expected != dots || !error.to_string().contains("percent-encode it"),
                    "{what}: {error}"
                );
            }
            (found, expected) => panic!("{what}: {found:?} is not {expected:?}"),
        }
    }
    for (value, expected) in [("", "is empty"), (".", dots), ("..", dots), ("a\0", "control character")] {
        let error = apisession::encode_segment(value).unwrap_err();
        assert!(
            error.kind() == ErrorKind::Argument && error.to_string().contains(expected),
            "{value:?}: {error}"
        );
    }
}
