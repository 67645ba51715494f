//! Mistakes in models.

use apisession::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
pub struct Acme {
    session: Session,
}

#[derive(Serialize, Deserialize, APIModel)]
#[model(on = Acme, path = "/users/{uid}")]
struct Misspelled {
    id: u64,
}

#[derive(Serialize, Deserialize, APIModel)]
#[model(on = Acme, path = "/users/{user}/{id}", remove = post("/users/{id}/{tenant}/archive"))]
struct NoField {
    id: u64,
    name: String,
}

#[derive(Serialize, Deserialize, APIModel)]
#[model(path = "/users/{id}")]
struct NoPlace {
    id: u64,
}

#[derive(Serialize, Deserialize, APIModel)]
#[model(on = Acme)]
struct NoPath {
    id: u64,
}

#[derive(Serialize, Deserialize, APIModel)]
#[model(on = Acme, path = "/users/{id")]
struct OpenBrace {
    id: u64,
}

#[derive(Serialize, Deserialize, APIModel)]
#[model(on = Acme, path = "/users/{id}", save = fetch, reload = "GET", remove = get, create = post)]
struct Methods {
    id: u64,
}

#[derive(Serialize, Deserialize, APIModel)]
#[model(on = Acme, path = "/users/{id}", save = get, reload = put, method = patch)]
struct WrongMethods {
    id: u64,
}

#[derive(Serialize, Deserialize, APIModel)]
#[model(on = Acme, path = "/users/{id}")]
struct Generic<T> {
    id: u64,
    data: T,
}

#[derive(Serialize, Deserialize, APIModel)]
#[model(on = Acme, path = "/users")]
struct Tuple(u64);

fn main() {
    // The methods of a model with mistakes are there.
    let api = Acme::builder().build().unwrap();
    let _ = Misspelled { id: 7 }.save(&api);
}
