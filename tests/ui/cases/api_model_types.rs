//! Types with which a model has no calls.

use apisession::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
pub struct Acme {
    session: Session,
}

#[derive(Clone, APISession)]
#[session(base_url = "https://other.test")]
pub struct Other {
    session: Session,
}

pub struct NoEndpoint;

#[derive(Serialize, Deserialize, APIModel)]
#[model(on = NoEndpoint, path = "/users/{id}")]
struct Elsewhere {
    id: u64,
}

#[derive(Deserialize, APIModel)]
#[model(on = Acme, path = "/users/{id}", reload = none, remove = none)]
struct NotSerialize {
    id: u64,
}

#[derive(Serialize, APIModel)]
#[model(on = Acme, path = "/users/{id}", save = none, remove = none)]
struct NotDeserialize {
    id: u64,
}

#[derive(Serialize, Deserialize, APIModel)]
#[model(on = Acme, path = "/users/{tags}", save = none, reload = none)]
struct NotAPath {
    tags: std::collections::HashMap<String, String>,
}

#[derive(Serialize, Deserialize, APIModel)]
#[model(on = Acme, path = "/users/{id}", error = String)]
struct NotAnError {
    id: u64,
}

#[derive(Serialize, Deserialize, APIModel)]
#[model(on = Acme, path = "/users/{id}")]
struct User {
    id: u64,
}

fn main() {
    let other = Other::builder().build().unwrap();
    let _ = User { id: 7 }.save(&other);
}
