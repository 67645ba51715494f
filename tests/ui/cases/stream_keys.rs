use apisession::prelude::*;

fn after(_: &u64) -> (&'static str, u64) {
    ("since", 1)
}

fn is_expired(_: &u64) -> bool {
    false
}

#[endpoint(path = "/changes")]
pub struct Changes;

#[endpoint]
impl Changes {
    #[post(events(reconnect))]
    pub fn post_again(&self, #[field] a: u64) -> Call<EventStream<u64>>;

    #[patch(lines, resume = after)]
    pub fn patch_again(&self, #[field] a: u64) -> Call<Lines<u64>>;

    #[get(idempotent = false, events(reconnect))]
    pub fn get_again(&self) -> Call<EventStream<u64>>;

    #[post(idempotent, events(reconnect))]
    pub fn is_idempotent(&self, #[field] a: u64) -> Call<EventStream<u64>>;

    #[post(idempotency_key, lines, resume = after)]
    pub fn has_a_key(&self, #[field] a: u64) -> Call<Lines<u64>>;

    #[get(events, lines)]
    pub fn both(&self) -> Call<Lines<u64>>;

    #[get(resume = after)]
    pub fn resume_alone(&self) -> Call<Lines<u64>>;

    #[get(events, resume = after)]
    pub fn resume_events(&self) -> Call<EventStream<u64>>;

    #[get(expired_when_item = is_expired)]
    pub fn expired_alone(&self) -> Call<Lines<u64>>;

    #[get(events(done, eror = "/a"))]
    pub fn keys_of_events(&self) -> Call<EventStream<u64>>;

    #[get(lines(array, sequence, reconnect))]
    pub fn keys_of_lines(&self) -> Call<Lines<u64>>;

    #[get(lines(each = "row", error = "fault", done("/a", "/~2")))]
    pub fn pointers(&self) -> Call<Lines<u64>>;

    #[get(events = "x")]
    pub fn value(&self) -> Call<EventStream<u64>>;
}

fn main() {}
