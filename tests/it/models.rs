//! The types and derives for models: what is absent, unknown or secret is kept so.

use apisession::Base64Url;
use apisession::prelude::*;
use apisession_tests::{offline, tokio};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Edit {
    #[serde(default, skip_serializing_if = "Patch::is_unset")]
    title: Patch<String>,
    #[serde(default, skip_serializing_if = "Patch::is_unset")]
    room: Patch<u32>,
}

/// Without `skip_serializing_if`.
#[derive(Serialize)]
struct Careless {
    title: Patch<String>,
}

#[derive(Multipart)]
struct Upload {
    title: Patch<&'static str>,
    picture: Base64,
}

#[endpoint(path = "/x")]
struct Things;

#[endpoint]
impl Things {
    #[patch("/json")]
    fn edit(&self, #[json] edit: &Edit) -> Call<()>;
    #[patch("/careless")]
    fn careless(&self, #[json] edit: &Careless) -> Call<()>;
    #[patch("/fields")]
    fn fields(
        &self,
        #[field] title: Patch<&str>,
        #[field("/in/room")] room: Patch<u32>,
        #[field] picture: &Base64,
    ) -> Call<()>;
    #[patch("/struct")]
    fn structs(&self, #[field] careless: &Careless) -> Call<()>;
    #[post("/form", form)]
    fn form(&self, #[field] title: Patch<&str>, #[field] picture: Base64Url) -> Call<()>;
    #[post("/form")]
    fn whole(&self, #[form] edit: &Edit) -> Call<()>;
    #[post("/form")]
    fn careless_form(&self, #[form] edit: &Careless) -> Call<()>;
    #[post("/parts")]
    fn parts(&self, #[multipart] upload: &Upload) -> Call<()>;
    #[get("/{id}")]
    fn get(
        &self,
        id: &Base64Url,
        #[query] title: Patch<&str>,
        #[header("x-room")] room: Patch<u32>,
    ) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
}

fn things() -> Things {
    Acme::builder().transport(offline()).build().unwrap().things().clone()
}

/// The body as text, or the error.
fn body(request: Result<apisession::Request>) -> String {
    match request {
        Ok(request) => String::from_utf8(request.body.as_bytes().unwrap().to_vec()).unwrap(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_patch_is_absent_null_or_a_value() {
    let edit = |title, room| Edit { title, room };
    let rows = [
        (edit(Patch::Unset, Patch::Unset), "{}"),
        (edit(Patch::Null, Patch::Unset), r#"{"title":null}"#),
        (edit("a".into(), Patch::Null), r#"{"title":"a","room":null}"#),
        (edit(Patch::or_unset(None), Patch::or_null(Some(7))), r#"{"room":7}"#),
    ];
    for (edit, expected) in rows {
        assert_eq!(body(things().edit(&edit).build()), expected);
        assert_eq!(serde_json::from_str::<Edit>(expected).unwrap(), edit);
        assert_eq!(serde_json::from_value::<Edit>(serde_json::to_value(&edit).unwrap()).unwrap(), edit);
    }
    assert_eq!(Patch::from(1).value(), Some(1));
    assert_eq!((Patch::<u8>::default().is_unset(), Patch::<u8>::Null.is_null()), (true, true));
}

#[test]
fn an_unset_patch_is_sent_nowhere_and_a_null_only_in_json() {
    let (things, picture) = (things(), Base64::from(b"\xfb\xff"));
    let careless = Careless { title: Patch::Unset };
    let edit = Edit { title: Patch::Unset, room: 7.into() };
    let null = Edit { title: Patch::Null, room: 7.into() };
    let rows = [
        (things.fields(Patch::Unset, Patch::Unset, &picture).build(), r#"{"picture":"+/8="}"#),
        (
            things.fields(Patch::Null, 7.into(), &picture).build(),
            r#"{"title":null,"in":{"room":7},"picture":"+/8="}"#,
        ),
        (things.form(Patch::Unset, Base64Url::from(b"\xfb\xff")).build(), "picture=-_8"),
        (things.form("a".into(), Base64Url::default()).build(), "title=a&picture="),
        (things.whole(&edit).build(), "room=7"),
        (things.careless_form(&careless).build(), ""),
    ];
    for (request, expected) in rows {
        assert_eq!(body(request), expected);
    }
    let fails = [
        (
            things.careless(&careless).build(),
            "`#[serde(default, skip_serializing_if = \"Patch::is_unset\")]` above the field",
        ),
        (
            things.structs(&careless).build(),
            "`#[serde(default, skip_serializing_if = \"Patch::is_unset\")]` above the field",
        ),
        (things.form(Patch::Null, Base64Url::default()).build(), "is null, which only JSON can express"),
        (things.whole(&null).build(), "is null, which only JSON can express"),
        (
            things.get(&Base64Url::from(b"x"), Patch::Null, Patch::Unset).build(),
            "is null, which only JSON can express",
        ),
    ];
    for (request, expected) in fails {
        let error = request.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let request = things.get(&Base64Url::from(b"\xfb\xff"), Patch::Unset, Patch::Unset).build().unwrap();
    assert_eq!((request.url.as_str(), request.headers.get("x-room")), ("https://api.test/x/-_8", None));
    let request = things.get(&Base64Url::from(b"x"), "a".into(), 7.into()).build().unwrap();
    assert_eq!(
        (request.url.as_str(), request.headers["x-room"].as_bytes()),
        ("https://api.test/x/eA?title=a", &b"7"[..])
    );
}

#[tokio::test]
async fn an_unset_patch_is_no_part() {
    let sent = async |title| {
        let upload = Upload { title, picture: Base64::from(b"hello") };
        let mut request = things().parts(&upload).build()?;
        let mut text = String::new();
        while let Some(piece) = request.body.chunk().await? {
            text += &String::from_utf8_lossy(&piece);
        }
        Ok::<_, Error>((text.contains("name=\"title\""), text.contains("aGVsbG8=")))
    };
    assert_eq!(sent(Patch::Unset).await.unwrap(), (false, true));
    assert_eq!(sent("a".into()).await.unwrap(), (true, true));
    assert!(
        sent(Patch::Null).await.unwrap_err().to_string().contains("is null, which only JSON can express")
    );
}

#[test]
fn base64_is_read_leniently_and_never_quoted() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Blob {
        content: Base64,
    }
    let rows = [("+/8=", "+/8="), ("-_8", "+/8="), ("aGVs\nbG8=\n", "aGVsbG8="), ("", "")];
    for (text, expected) in rows {
        let blob: Blob = serde_json::from_value(json!({ "content": text })).unwrap();
        assert_eq!(serde_json::to_value(&blob).unwrap(), json!({ "content": expected }));
        assert_eq!(blob.content.to_string(), expected);
    }
    let blob: Blob = serde_json::from_str(r#"{"content":"czNjcmV0"}"#).unwrap();
    assert_eq!(format!("{blob:?}"), "Blob { content: Base64(6 bytes) }");
    for text in [r#"{"content":"s3cret!"}"#, r#"{"content":7}"#] {
        let error = serde_json::from_str::<Blob>(text).unwrap_err().to_string();
        assert!(error.contains("expected bytes as base64") && !error.contains("s3cret"), "{error}");
    }
}
