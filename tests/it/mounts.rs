//! Which transport sends a request.

use apisession::prelude::*;
use apisession_tests::{recording, respond, tokio};

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", allowed_origins("https://cdn.test"))]
struct Acme {
    session: Session,
}

#[tokio::test]
async fn the_longest_mount_prefix_is_used() {
    let (own, own_sent) =
        recording(|_, _| Ok(respond(302, "").with_header("location", "https://cdn.test/x")));
    let (files, files_sent) = recording(|_, _| Ok(respond(200, "")));
    let (old, old_sent) = recording(|_, _| Ok(respond(200, "")));
    let (cdn, cdn_sent) = recording(|_, _| Ok(respond(200, "")));
    let builder = Acme::builder().transport(own);
    let builder = builder.mount("https://api.test/files", files).mount("https://api.test/files/old", old);
    let api = builder.mount("https://cdn.test", cdn).build().unwrap();
    for path in ["/files/1", "/files", "/files/old/2", "/files/older", "/filestore"] {
        api.raw().get(path).await.unwrap();
    }
    assert_eq!(files_sent.lines(), ["GET /files/1", "GET /files", "GET /files/older"]);
    assert_eq!(old_sent.lines(), ["GET /files/old/2"]);
    // Each redirect of a chain selects its own mount.
    assert_eq!(
        (own_sent.lines(), cdn_sent.lines()),
        (vec!["GET /filestore".to_owned()], vec!["GET /x".to_owned()])
    );
}

#[tokio::test]
async fn a_mount_does_not_allow_another_origin() {
    let (own, _) = recording(|_, _| Ok(respond(302, "").with_header("location", "https://evil.test/")));
    let (evil, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder().transport(own).mount("https://evil.test", evil).build().unwrap();
    assert_eq!(api.raw().get("/x").await.unwrap_err().kind(), ErrorKind::Redirect);
    assert_eq!(sent.all().len(), 0);
    for prefix in ["api.test", "ftp://api.test", "https://ana:pw@api.test"] {
        let (transport, _) = recording(|_, _| Ok(respond(200, "")));
        let error = Acme::builder().mount(prefix, transport).build().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{prefix}");
        assert!(!error.report().contains("pw"), "{}", error.report());
    }
}
