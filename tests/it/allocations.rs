//! The number of allocations of a call, compared with reqwest called by hand, and of a page, compared with pages by hand.

use apisession::http::StatusCode;
use apisession::prelude::*;
use apisession::transport::Memory;
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

/// A page as it is decoded by hand.
#[derive(Deserialize)]
struct UserPage {
    data: Vec<User>,
    next: Option<String>,
}

#[endpoint(path = "/lists")]
struct Lists;

#[endpoint]
impl Lists {
    #[get(page = cursor(items = "/data", next = "/next", param = "after"))]
    fn users(&self) -> Pager<User>;

    #[get]
    fn page(&self, after: Option<&str>) -> Call<UserPage>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test")]
struct Acme {
    session: Session,
    #[endpoint]
    users: Users,
    #[endpoint]
    lists: Lists,
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
fn a_get_makes_at_most_four_allocations_more_than_reqwest() {
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
const ALLOWED: u64 = 4;

#[test]
fn a_page_allocates_no_more_than_one_by_hand() {
    let vendor = Memory::new(|request| async move {
        let after = request.url.query_pairs().find(|(name, _)| name == "after");
        let page = after.map_or(0, |(_, value)| value.parse::<u64>().unwrap()) + 1;
        let users: Vec<_> = (0..100).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
        let body = format!(r#"{{"data":[{}],"next":"{page}"}}"#, users.join(","));
        Ok(Response::new(StatusCode::OK).with_body(body))
    });
    let api = Acme::builder().transport(vendor).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // What 100 pages take more than 50, so that neither the start nor the end counts.
    let per_page = |read: &dyn Fn(u64)| {
        let count = |pages| allocation_counter::measure(|| read(pages)).count_total;
        read(50);
        let (few, many) = (count(50), count(100));
        (many - few) as f64 / 50.0
    };
    let by_pager = per_page(&|pages| {
        let sum = runtime.block_on(async {
            let mut users = api.lists().users().with_max_pages(pages).items();
            let mut sum = 0;
            while let Some(user) = users.next().await {
                sum += user.unwrap().id;
            }
            sum
        });
        assert_eq!(sum, pages * 4950);
    });
    let by_hand = per_page(&|pages| {
        let sum = runtime.block_on(async {
            let (mut after, mut sum) = (None::<String>, 0);
            for _ in 0..pages {
                let page = api.lists().page().maybe_after(after.as_deref()).await.unwrap();
                sum += page.data.iter().map(|user| user.id).sum::<u64>();
                after = page.next;
            }
            sum
        });
        assert_eq!(sum, pages * 4950);
    });
    println!("a page of 100 items allocates {by_pager} times; by hand {by_hand} times");
    assert!(by_pager <= by_hand, "{by_pager} allocations, by hand {by_hand}");
}
