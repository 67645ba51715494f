//! Reads 1,000,000 items through one pager, and the same pages by hand, in rounds that take turns. Prints the time of a page, their
//! ratio, and the memory.
//!
//! `cargo run --release -p apisession-tests --bin pages`
//!
//! With `-- pager 2000` or `-- hand 2000` it only reads 2,000 pages by one of the two, for a count of instructions: the difference of two
//! runs is that of their pages.

use std::time::{Duration, Instant};

use apisession::http::StatusCode;
use apisession::prelude::*;
use apisession::transport::Memory;
use serde::Deserialize;

const PAGES: u64 = 10_000;
const SIZE: u64 = 100;

/// An item.
#[derive(Debug, Deserialize)]
pub struct Event {
    id: u64,
    title: String,
}

/// A page as it is decoded by hand.
#[derive(Debug, Deserialize)]
pub struct EventPage {
    data: Vec<Event>,
    meta: Meta,
}

/// What leads to the next page.
#[derive(Debug, Deserialize)]
pub struct Meta {
    next: Option<String>,
}

/// Events.
#[endpoint(path = "/events")]
pub struct Events;

#[endpoint]
impl Events {
    /// Lists events.
    #[get(page = cursor(items = "/data", next = "/meta/next", param = "after"))]
    pub fn list(&self) -> Pager<Event>;

    /// Returns one page of them.
    #[get]
    pub fn page(&self, after: Option<&str>) -> Call<EventPage>;
}

/// The session.
#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1")]
pub struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

fn vendor() -> Memory {
    let items: Vec<_> = (0..SIZE)
        .map(|id| serde_json::json!({"id": id, "title": format!("Standup of team {id}"), "tags": ["a", "b"]}))
        .collect();
    let items = serde_json::Value::from(items).to_string();
    Memory::new(move |request| {
        let after =
            request.url.query_pairs().find(|(name, _)| name == "after").map(|(_, value)| value.into_owned());
        let page = after.map_or(0, |after| after.parse::<u64>().expect("a number")) + 1;
        let next = if page < PAGES { format!("\"{page}\"") } else { "null".to_owned() };
        let body = format!(r#"{{"data":{items},"meta":{{"next":{next}}}}}"#);
        async move { Ok(Response::new(StatusCode::OK).with_body(body)) }
    })
}

async fn by_pager(api: &Acme, most: u64) -> Result<u64> {
    let mut events = api.events().list().with_max_pages(most).items();
    let mut sum = 0;
    while let Some(event) = events.next().await {
        let event = event?;
        sum += event.id + event.title.len() as u64;
    }
    Ok(sum)
}

async fn by_hand(api: &Acme, most: u64) -> Result<u64> {
    let (mut sum, mut after) = (0, None::<String>);
    for _ in 0..most {
        let call = api.events().page();
        let page = match &after {
            Some(after) => call.after(after).await?,
            None => call.await?,
        };
        for event in page.data {
            sum += event.id + event.title.len() as u64;
        }
        after = page.meta.next;
        if after.is_none() {
            break;
        }
    }
    Ok(sum)
}

/// The memory of the process in use, in KiB.
fn memory(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let api = Acme::builder().transport(vendor()).build()?;
    let mut arguments = std::env::args().skip(1);
    if let Some(way) = arguments.next() {
        let pages = arguments.next().map_or(1000, |pages| pages.parse().expect("a number of pages"));
        let sum = match &*way {
            "pager" => by_pager(&api, pages).await?,
            "hand" => by_hand(&api, pages).await?,
            _ => panic!("`pager` or `hand`, and a number of pages"),
        };
        println!("{sum}");
        return Ok(());
    }
    by_pager(&api, 100).await?;
    let before = memory("VmRSS:");
    let mut events = api.events().list().items();
    let (mut count, mut most) = (0_u64, 0);
    while let Some(event) = events.next().await {
        event?;
        count += 1;
        if count % 10_000 == 0 {
            most = most.max(memory("VmRSS:"));
        }
    }
    println!(
        "{count} items in {} pages; memory {before} KiB after 10,000 items, at most {most} KiB after",
        events.pages_read()
    );
    let (mut pager, mut hand): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        let started = Instant::now();
        let one = by_pager(&api, 1000).await?;
        pager.push(started.elapsed());
        let started = Instant::now();
        let other = by_hand(&api, 1000).await?;
        hand.push(started.elapsed());
        assert_eq!(one, other);
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        (times[0], times[times.len() / 2])
    };
    let (pager, hand) = (median(&mut pager), median(&mut hand));
    println!("a page by a pager: {:?} at least, {:?} in the median", pager.0 / 1000, pager.1 / 1000);
    println!("a page by hand:    {:?} at least, {:?} in the median", hand.0 / 1000, hand.1 / 1000);
    println!(
        "ratio: {:.3} of the least, {:.3} of the medians",
        pager.0.as_secs_f64() / hand.0.as_secs_f64(),
        pager.1.as_secs_f64() / hand.1.as_secs_f64()
    );
    Ok(())
}
