//! Declarations that another macro writes.

use apisession::prelude::*;

macro_rules! resource {
    ($name:ident, $path:literal, $response:ty, $id:ident: $key:ty) => {
        #[endpoint(path = $path)]
        pub struct $name;

        #[endpoint]
        impl $name {
            #[get("/{id}")]
            pub fn get(&self, $id: $key, limit: Option<$key>) -> Call<$response>;
        }
    };
}

resource!(Events, "/events", Vec<String>, id: u64);

#[derive(Clone, APISession)]
#[session(base_url = "http://api.test")]
pub struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

#[test]
fn it_compiles_and_runs() {
    let request = Acme::builder().build().unwrap().events().get(7).limit(3).build().unwrap();
    assert_eq!(request.url.as_str(), "http://api.test/events/7?limit=3");
}
