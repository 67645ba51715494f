//! A session with 1,000 endpoints: prints its size, its heap, and the time to build and to clone it.

use std::time::Instant;

use apisession::prelude::*;
use seq_macro::seq;

seq!(N in 0..1000 {
    #[endpoint(path = "/things")]
    struct Things~N;

    #[endpoint]
    impl Things~N {
        #[get("/{id}")]
        fn get(&self, id: u64) -> Call<()>;
    }
});

seq!(N in 0..1000 {
    #[expect(dead_code, reason = "only one endpoint is called")]
    #[derive(Clone, APISession)]
    #[session(base_url = "http://declared.test")]
    struct Acme {
        session: Session,
        #(
            #[endpoint]
            things~N: Things~N,
        )*
    }
});

fn main() {
    let before = bench::heap();
    let start = Instant::now();
    let api = Acme::builder().build().unwrap();
    let build = start.elapsed();
    let heap = bench::heap() - before;
    let start = Instant::now();
    let copy = api.clone();
    let clone = start.elapsed();
    assert!(copy.things999().get(7).build().is_ok());
    println!(
        "{}",
        serde_json::json!({
            "size": size_of::<Acme>(),
            "heap": heap,
            "build_us": build.as_secs_f64() * 1e6,
            "clone_us": clone.as_secs_f64() * 1e6,
        })
    );
}
