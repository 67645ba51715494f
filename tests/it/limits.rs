//! How many requests are under way at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use apisession::prelude::*;
use apisession::transport::Memory;
use apisession_tests::answer;

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_than_allowed_are_under_way() {
    let now = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (counted, peak) = (Arc::clone(&now), Arc::clone(&most));
    let transport = Memory::new(move |_| {
        let (now, most) = (Arc::clone(&counted), Arc::clone(&peak));
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(answer(200, ""))
        }
    });
    let api = Acme::builder().transport(transport).max_in_flight(4).build().unwrap();
    let start = tokio::time::Instant::now();
    let calls: Vec<_> = (0..20).map(|id| tokio::spawn(api.events().get(id).send())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!((most.load(Ordering::SeqCst), start.elapsed().as_secs()), (4, 5));

    // A call that is dropped gives its place back.
    for id in 0..20 {
        let call = tokio::spawn(api.events().get(id).send());
        tokio::task::yield_now().await;
        call.abort();
    }
    api.events().get(1).await.unwrap();
}
