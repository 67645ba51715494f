//! The types of a list in pages.

use apisession::prelude::*;
use serde::{Deserialize, Serialize};

struct Event;

#[derive(Clone, Serialize)]
struct Scan;

#[derive(Deserialize)]
struct ScanPage;

impl Scan {
    fn after(&self, _: &ScanPage) -> Option<Self> {
        None
    }
}

#[endpoint]
struct Lists;

#[endpoint]
impl Lists {
    #[get("/a", page = link(items = ""))]
    fn item(&self) -> Pager<Event>;
    #[post("/b", page = next(Scan::after, items = "/rows"))]
    fn request(&self, #[json] scan: &Scan) -> Pager<u64>;
    #[get("/c", page = style(Event, items = "/rows"))]
    fn style(&self) -> Pager<u64>;
    #[get("/d", page = link(items = ""))]
    fn error(&self) -> Pager<u64, Event>;
}

fn unused(lists: &Lists) {
    lists.error();
}

fn main() {}
