use apisession::prelude::*;

pub struct Opaque;

type Feed = Lines<u64>;

fn by_text(_: &String) -> (&'static str, u64) {
    ("since", 1)
}

fn is_expired(_: &Opaque) -> bool {
    false
}

#[endpoint(path = "/changes")]
pub struct Changes;

#[endpoint]
impl Changes {
    #[get(events)]
    pub fn events_of_lines(&self) -> Call<Feed>;

    #[get(lines(each = "/row"))]
    pub fn lines_of_events(&self) -> Call<EventStream<u64>>;

    #[get(events)]
    pub fn events_of_a_value(&self) -> Call<Vec<u64>>;

    #[get(lines, resume = by_text)]
    pub fn resume_of_another_type(&self) -> Call<Lines<u64>>;

    #[get(events, expired_when_item = is_expired)]
    pub fn expired_by_what_is_no_event(&self) -> Call<EventStream<u64>>;

    #[get]
    pub fn items_without_serde(&self) -> Call<EventStream<Opaque>>;

    #[get]
    pub fn errors_of_another_type(&self) -> Call<Lines<u64, Opaque>>;
}

fn main() {}
