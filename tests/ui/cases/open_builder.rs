use apisession::prelude::*;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
pub struct Acme {
    session: Session,
    #[session(default)]
    region: String,
}

pub fn misspelled_option() {
    let _ = Acme::builder().timeot(Duration::from_secs(1)).build();
}

pub fn misspelled_setter() {
    let _ = Acme::builder().timeout(Duration::from_secs(1)).regoin("eu".to_owned()).build();
}

pub fn option_of_a_call() {
    let _ = Acme::builder().with_timeout(Duration::from_secs(1)).build();
}

pub fn option_of_another_type() {
    let _ = Acme::builder().region("eu".to_owned()).max_attempts("three").build();
}

fn main() {}
