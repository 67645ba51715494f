//! The key `page` of an operation.

use apisession::prelude::*;

#[endpoint]
struct Lists;

#[endpoint]
impl Lists {
    #[get("/a", page)]
    fn no_style(&self) -> Pager<u64>;
    #[get("/b", page = pages(items = ""))]
    fn unknown_style(&self) -> Pager<u64>;
    #[get("/c", page = cursor(items = "/data"))]
    fn no_parameter(&self) -> Pager<u64>;
    #[get("/d", page = number)]
    fn nothing(&self) -> Pager<u64>;
    #[get("/e", page = link(items = "data.items"))]
    fn no_pointer(&self) -> Pager<u64>;
    #[get("/f", page = link(items = "/a~2b"))]
    fn no_escape(&self) -> Pager<u64>;
    #[get("/g", page = url(items = "/data", next = ""))]
    fn whole_body(&self) -> Pager<u64>;
    #[get("/h", page = link(items = 1))]
    fn no_text(&self) -> Pager<u64>;
    #[get("/i", page = cursor(items = "", next = header("x next"), param = "after"))]
    fn no_header(&self) -> Pager<u64>;
    #[post("/j", page = offset(offset = field("/items/0"), items = ""))]
    fn index(&self) -> Pager<u64>;
    #[post("/k", form, fields("a" = 1), page = offset(offset = field("/at"), items = ""))]
    fn pointer_in_form(&self) -> Pager<u64>;
    #[post("/l", page = offset(offset = field("at"), items = ""))]
    fn other_body(&self, #[body("text/plain")] text: &str) -> Pager<u64>;
    #[get("/m", page = link(items = "", default_size = 10))]
    fn no_size(&self) -> Pager<u64>;
    #[get("/n", page = next(items = "/rows"))]
    fn no_function(&self) -> Pager<u64>;
    #[get("/o", page = next(after, items = "/rows"))]
    fn no_request(&self) -> Pager<u64>;
    #[get("/p", page = link(items = ""), items = "/data")]
    fn items_twice(&self) -> Pager<u64>;
    #[get("/q", page = link(items = "", nexxt = "/a"))]
    fn misspelled(&self) -> Pager<u64>;
    #[get("/r")]
    fn no_page(&self) -> Pager<u64>;
    #[get("/s", items = "/data")]
    fn only_items(&self) -> Call<u64>;
    #[get("/t", page = link(items = ""))]
    fn call(&self) -> Call<Vec<u64>>;
    #[get("/u", page = link(items = ""))]
    fn list(&self) -> Vec<u64>;
    #[get("/v", page = link(items = ""))]
    fn options(&self, items: Option<u64>, with_max_items: Option<u64>, pages: Option<u64>) -> Pager<u64>;
    #[get("/w", page = last_id(items = values("/Item"), id = "/Id", param = "after", xml))]
    fn id_of_xml(&self) -> Pager<u64>;
}

fn main() {}
