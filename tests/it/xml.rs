//! Responses, errors and bodies of XML.

use apisession::Xml;
use apisession::prelude::*;
use apisession_tests::{offline, recording, respond, tokio};
use serde::Deserialize;

#[derive(Debug, PartialEq, Deserialize)]
struct Feed {
    #[serde(rename = "@id")]
    id: u64,
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Entry {
    size: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fault {
    code: String,
}

#[derive(Debug, ApiError)]
enum FeedError {
    #[status(404)]
    NotFound(Xml<Fault>),
    #[status(409)]
    Taken(Option<Xml<Fault>>, Error),
    #[status(410)]
    Gone(Xml<Option<Fault>>),
    #[status(418)]
    Teapot(Text),
    #[status(420)]
    Calm(Option<Bytes>),
    #[other]
    Other(Error),
}

#[endpoint(path = "/feeds")]
struct Feeds;

#[endpoint]
impl Feeds {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<Xml<Feed>, FeedError>;
    #[put("/{id}")]
    fn replace(&self, id: u64) -> Call<()>;
    #[post]
    fn create(&self, key: Option<&str>) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", max_attempts = 1, restricted_paths("/feeds/13"))]
struct Acme {
    session: Session,
    #[endpoint]
    feeds: Feeds,
}

fn acme(status: u16, body: &str) -> Acme {
    let body = body.to_owned();
    let (transport, _) = recording(move |_, seen| {
        assert_eq!(seen.header("accept"), "application/xml");
        Ok(respond(status, &body))
    });
    Acme::builder().transport(transport).build().unwrap()
}

async fn decoded(body: &str) -> Result<Feed, String> {
    let feed = acme(200, body).feeds().get(7).await;
    feed.map(Xml::into_inner).map_err(|error| Error::from(error).to_string())
}

#[tokio::test]
async fn xml_is_decoded_within_its_limits() {
    let feed =
        |sizes: &[u64]| Feed { id: 7, entry: sizes.iter().map(|size| Entry { size: *size }).collect() };
    let deep = |depth: usize| format!("<feed id='7'>{}{}</feed>", "<a>".repeat(depth), "</a>".repeat(depth));
    let bomb = "<!DOCTYPE feed [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]><feed id=\"7\">&b;</feed>";
    let external = "<!DOCTYPE feed SYSTEM 'http://evil.test/x.dtd'><feed id=\"7\"/>";
    let rows: Vec<(String, Result<Feed, &str>)> = vec![
        ("<feed id=\"7\"/>".into(), Ok(feed(&[]))),
        ("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed id='7'></feed>\n".into(), Ok(feed(&[]))),
        (
            "<feed id='7'><entry><size>1</size></entry><x/><entry><size>2</size></entry></feed>".into(),
            Ok(feed(&[1, 2])),
        ),
        (
            "<feed xmlns='urn:a' id='&#55;'><!-- c --><entry><size><![CDATA[3]]></size></entry></feed>"
                .into(),
            Ok(feed(&[3])),
        ),
        (deep(127), Ok(feed(&[]))),
        (deep(128), Err("its elements are more than 128 deep")),
        (deep(100_000), Err("its elements are more than 128 deep")),
        (bomb.into(), Err("it has a document type declaration")),
        (external.into(), Err("it has a document type declaration")),
        ("<feed id='7'>&xxe;</feed>".into(), Err("unknown entity")),
        ("<feed id='7'><entry><size>&xxe;</size></entry></feed>".into(), Err("unknown entity")),
        ("".into(), Err("it has no body")),
        (" \n".into(), Err("its body is blank")),
        ("<feed id='7'>".into(), Err("it ends before its root element does")),
        ("<feed id='7'></food>".into(), Err("it is not well-formed at line 1 column")),
        ("<feed/>".into(), Err("missing field `@id`")),
        (
            "<feed id='7'><entry><size>s3cret</size></entry></feed>".into(),
            Err("entry[0].size: another type or value where u64 is expected"),
        ),
        ("{\"id\":7}".into(), Err("it has text outside of its root element")),
    ];
    for (body, expected) in rows {
        let found = decoded(&body).await;
        let shown = &body[..body.len().min(80)];
        match (&found, &expected) {
            (Ok(feed), Ok(expected)) => assert_eq!(feed, expected, "{shown}"),
            (Err(error), Err(expected)) => {
                let start = "Feeds::get: the response can't be decoded as XML of the type `Feed`: ";
                let end = " (content type: application/json)";
                assert!(
                    error.starts_with(start) && error.contains(expected) && error.ends_with(end),
                    "{error}"
                );
                assert!(!error.contains("s3cret"), "{error}");
            }
            _ => panic!("{shown}: {found:?}"),
        }
    }
    // Neither is the path on a restricted path.
    let error = acme(200, "<feed id='7'><entry/></feed>").feeds().get(13).await.unwrap_err();
    assert!(!Error::from(error).report().contains("entry"));
    let large = format!("<feed id='7'>{}</feed>", " ".repeat(1000));
    let error = acme(200, &large).feeds().get(7).with_max_body(1000).await.unwrap_err();
    assert_eq!(Error::from(error).kind(), ErrorKind::BodyTooLarge);
}

#[tokio::test]
async fn an_error_body_can_be_xml() {
    let fault = "<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Key>a</Key></Error>";
    match acme(404, fault).feeds().get(7).await.unwrap_err() {
        FeedError::NotFound(fault) => assert_eq!(fault.code, "NoSuchKey"),
        other => panic!("{other:?}"),
    }
    for (body, expected) in [(fault, Some("NoSuchKey")), ("", None), ("<Error>", None), ("{}", None)] {
        match acme(409, body).feeds().get(7).await.unwrap_err() {
            FeedError::Taken(fault, error) => {
                assert_eq!(fault.map(|Xml(fault)| fault.code).as_deref(), expected);
                assert_eq!(error.body_as_xml::<Fault>().map(|fault| fault.code).as_deref(), expected);
            }
            other => panic!("{other:?}"),
        }
    }
    for (body, expected) in [(fault, Some("NoSuchKey")), ("", None), ("{}", None)] {
        match acme(410, body).feeds().get(7).await.unwrap_err() {
            FeedError::Gone(Xml(fault)) => assert_eq!(fault.map(|fault| fault.code).as_deref(), expected),
            other => panic!("{other:?}"),
        }
    }
    let error = acme(418, "short and stout").feeds().get(7).await.unwrap_err();
    assert!(matches!(error, FeedError::Teapot(Text(text)) if text == "short and stout"));
    let error = acme(420, "").feeds().get(7).await.unwrap_err();
    assert!(matches!(error, FeedError::Calm(Some(bytes)) if bytes.is_empty()));
    for (status, body) in [(404, "<Error/>"), (404, ""), (403, fault)] {
        let error = acme(status, body).feeds().get(7).await.unwrap_err();
        assert!(matches!(error, FeedError::Other(_)), "{status} {body}");
    }
}

#[tokio::test]
async fn a_body_can_be_xml() {
    #[derive(serde::Serialize)]
    #[serde(rename = "feed")]
    struct NewFeed<'a> {
        #[serde(rename = "@lang")]
        language: &'a str,
        title: &'a str,
    }
    let api = Acme::builder().transport(offline()).build().unwrap();
    let feed = NewFeed { language: "en", title: "R&D" };
    let request = api.feeds().replace(7).xml("feed", &feed, "application/xml").build().unwrap();
    assert_eq!(request.headers["content-type"], "application/xml");
    let expected =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><feed lang=\"en\"><title>R&amp;D</title></feed>";
    assert_eq!(request.body.as_bytes().unwrap(), expected);
    let invalid = NewFeed { language: "en", title: "\u{1}" };
    let error = api.feeds().replace(7).xml("feed", &invalid, "application/xml").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Feeds::replace: the body `feed` can't be encoded as XML: it contains '\\u{1}', which XML can't contain"
    );
}
