//! The number of allocations of a call, compared with reqwest called by hand.

use apisession::prelude::*;
use apisession_tests::{Server, watched};
use serde::Deserialize;

#[derive(Deserialize)]
struct User {
    id: u64,
}

#[endpoint(path = "/users")]
struct Users;

#[endpoint]
impl Users {
    #[get("/{id}")]
    fn get(&self, id: u64, limit: Option<u32>) -> Call<User>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test")]
struct Acme {
    session: Session,
    #[endpoint]
    users: Users,
}

/// Counts allocations of this thread, which runs the client; the server runs on other threads.
fn count(runtime: &tokio::runtime::Runtime, mut call: impl AsyncFnMut() -> u64) -> u64 {
    // The first calls open the connection and size the buffers.
    for _ in 0..20 {
        assert_eq!(runtime.block_on(watched(call())), 1);
    }
    let counts = (0..20).map(|_| {
        allocation_counter::measure(|| {
            runtime.block_on(call());
        })
        .count_total
    });
    counts.min().unwrap()
}

#[test]
fn a_get_allocates_at_most_eight_times_more_than_with_reqwest() {
    let servers = tokio::runtime::Runtime::new().unwrap();
    let server = servers.block_on(Server::start(|_| {
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n{\"id\":1}".to_owned()
    }));
    apisession_tests::provider::install();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();

    let client = runtime.block_on(async { reqwest::Client::builder().no_proxy().build().unwrap() });
    let base = server.url();
    let by_hand = count(&runtime, async || {
        let url = format!("{base}/users/{}?limit={}", 1, 10);
        let response = client.get(url).header("accept", "application/json").send().await.unwrap();
        let user: User = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        user.id
    });

    let api = Acme::builder().base_url(server.url()).build().unwrap();
    let ours = count(&runtime, async || api.users().get(1).limit(10).await.unwrap().id);

    println!("a GET with a path and a query allocates {ours} times; by hand with reqwest {by_hand} times");
    assert!(ours <= by_hand + ALLOWED, "{ours} allocations, by hand {by_hand}");
}

/// How many more allocations a call may make than the same request by hand.
const ALLOWED: u64 = 8;
