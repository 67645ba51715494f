//! The framework under another name.

mod framework {
    pub use apisession as renamed;
}

use framework::renamed::{APISession, Call, Session, endpoint};

#[endpoint(path = "/events", crate = crate::framework::renamed)]
pub struct Events;

#[endpoint(crate = crate::framework::renamed)]
impl Events {
    #[get("/{id}")]
    pub fn get(&self, id: u64, full: Option<bool>) -> Call<Option<String>>;
}

#[derive(Clone, APISession)]
#[session(base_url = "http://api.test", crate = crate::framework::renamed)]
pub struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

#[test]
fn it_compiles_and_runs() {
    let request = Acme::builder().build().unwrap().events().get(7).full(true).build().unwrap();
    assert_eq!(request.url.as_str(), "http://api.test/events/7?full=true");
}
