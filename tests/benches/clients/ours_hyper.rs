//! apisession on hyper: the same session, in a build without reqwest.

#[path = "ours.rs"]
mod ours;

fn main() {
    ours::main();
}
