use apisession::prelude::*;

#[endpoint(path = "/events")]
pub struct Events;

#[endpoint]
impl Events {
    #[get]
    pub fn list(&self, since: Option<&str>, limit: Option<u32>) -> Call<Vec<u32>>;
}

pub fn misspelled_setter(events: &Events) {
    let _ = events.list().sinse("2026");
}

pub fn misspelled_option(events: &Events) {
    let _ = events.list().since("2026").with_timeot(Duration::from_secs(1));
}

pub fn setter_of_another_type(events: &Events) {
    let _ = events.list().limit("ten");
}

pub fn setter_after_a_terminal(events: &Events) {
    let _ = events.list().raw().since("2026");
}

fn main() {}
