//! Values of the server that a session keeps: their time, one call for all, and whose they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use apisession::Cached;
use apisession::prelude::*;
use apisession::transport::Memory;
use apisession_tests::{Sent, recording, respond, tokio};

static NUMBER: Cached<u32> = Cached::new(Duration::from_secs(60));
static OTHER: Cached<u32> = Cached::new(Duration::from_secs(60));

#[endpoint(path = "/meta")]
struct Meta;

#[endpoint]
impl Meta {
    #[get("/number")]
    fn fetch(&self) -> Call<u32>;

    async fn number(&self) -> Result<u32> {
        NUMBER.get(self, || self.fetch()).await.map(|number| *number)
    }

    async fn other(&self) -> Result<u32> {
        OTHER.get(self, || self.fetch()).await.map(|number| *number)
    }
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    meta: Meta,
}

#[endpoint]
impl Acme {
    #[graft("/of/{owner}")]
    fn of(&self, owner: &str) -> Meta;
}

/// A session whose server counts the requests. The one of this number fails.
fn session(failing: usize) -> (Acme, Sent) {
    let (transport, sent) = recording(move |number, _| {
        Ok(if number == failing { respond(403, "") } else { respond(200, &number.to_string()) })
    });
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

#[tokio::test(start_paused = true)]
async fn a_value_is_kept_for_its_time() {
    let (api, sent) = session(0);
    let meta = api.meta();
    // Of each: how long to wait before, and the value.
    for (seconds, expected) in [(0, 1), (0, 1), (59, 1), (1, 2), (30, 2), (29, 2), (1, 3)] {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        assert_eq!(meta.number().await.unwrap(), expected);
    }
    NUMBER.forget(&meta);
    assert_eq!((meta.number().await.unwrap(), sent.all().len()), (4, 4));
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_not_kept() {
    let (api, sent) = session(1);
    let meta = api.meta();
    let error = meta.number().await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Forbidden, "403 Forbidden"));
    assert_eq!(meta.number().await.unwrap(), 2);
    assert_eq!(meta.number().await.unwrap(), 2);
    assert_eq!(sent.all().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_meanwhile_waits_for_the_same_call() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let slow = Memory::new(move |_| {
        let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
        async move {
            tokio::time::sleep(Duration::from_secs(5)).await;
            Ok(respond(200, &number.to_string()))
        }
    });
    let api = Acme::builder().transport(slow).build().unwrap();
    let ask = || {
        let meta = api.meta();
        tokio::spawn(async move { meta.number().await })
    };
    let waiting: Vec<_> = (0..20).map(|_| ask()).collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    // The one that has started it stops waiting, and some others do.
    waiting.iter().take(10).for_each(tokio::task::JoinHandle::abort);
    for one in waiting.into_iter().skip(10) {
        assert_eq!(one.await.unwrap().unwrap(), 1);
    }
    assert_eq!(sent.load(Ordering::SeqCst), 1);

    // What was asked for before it was forgotten is not kept.
    NUMBER.forget(&api.meta());
    let before = ask();
    tokio::time::sleep(Duration::from_secs(1)).await;
    NUMBER.forget(&api.meta());
    assert_eq!(before.await.unwrap().unwrap(), 2);
    assert_eq!(api.meta().number().await.unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_value_belongs_to_one_session_and_one_place() {
    let (api, sent) = session(0);
    assert_eq!(api.meta().number().await.unwrap(), 1);
    // A clone is the same session, another one and one for another user are not.
    assert_eq!(api.clone().meta().number().await.unwrap(), 1);
    let other_user = api.with(|settings| settings.header("x-impersonate", "ana"));
    assert_eq!(other_user.meta().number().await.unwrap(), 2);
    let (other, others) = session(0);
    assert_eq!((other.meta().number().await.unwrap(), others.all().len()), (1, 1));
    // Another declaration, and the same at another path.
    assert_eq!(api.meta().other().await.unwrap(), 3);
    assert_eq!(api.of("ana").number().await.unwrap(), 4);
    assert_eq!(api.of("bo").number().await.unwrap(), 5);
    assert_eq!(api.of("ana").number().await.unwrap(), 4);
    NUMBER.forget(&api.of("ana"));
    assert_eq!((api.of("ana").number().await.unwrap(), api.of("bo").number().await.unwrap()), (6, 5));
    assert_eq!(sent.all().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_session_keeps_a_limited_number_of_values() {
    let (api, sent) = session(0);
    for owner in 0..1001 {
        api.of(&owner.to_string()).number().await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(api.of("1000").number().await.unwrap(), 1001);
    assert_eq!(api.of("500").number().await.unwrap(), 501);
    assert_eq!(sent.all().len(), 1001);
    assert_eq!(api.of("0").number().await.unwrap(), 1002);
}

#[tokio::test]
async fn a_session_that_is_not_built_has_no_values() {
    let meta = || {
        Arc::new(Acme {
            session: Session::default(),
            meta: <Meta as apisession::__private::Endpoint>::graft(&Session::default().handle()),
        })
    };
    let error = meta().meta.number().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotBuilt);
    NUMBER.forget(&meta().meta);
}
