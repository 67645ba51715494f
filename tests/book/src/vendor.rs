//! The Acme calendar, in memory: the vendor of the tutorial. It prints each request, and the status of its response.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use apisession::http::StatusCode;
use apisession::transport::{Failure, Memory};
use apisession::{Request, Response};
use serde_json::{Value, json};

/// Returns a transport that is connected to a new calendar.
pub fn transport() -> Memory {
    let calendar = Arc::new(Mutex::new(Calendar::new()));
    Memory::new(move |mut request| {
        let calendar = Arc::clone(&calendar);
        async move {
            let mut body = Vec::new();
            while let Some(piece) = request.body.chunk().await.map_err(Failure::unknown)? {
                body.extend_from_slice(&piece);
            }
            let response = calendar.lock().unwrap().respond(&request, body);
            let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
            println!(
                "    {} {}{query} -> {}",
                request.method,
                request.url.path(),
                response.status().as_u16()
            );
            Ok(response)
        }
    })
}

struct Calendar {
    events: Vec<Value>,
    files: BTreeMap<String, Vec<u8>>,
    tokens: BTreeSet<String>,
    /// What has failed once, and works from then on.
    tried: BTreeSet<String>,
}

impl Calendar {
    fn new() -> Self {
        let event = |(at, title): (usize, &&str)| json!({"id": at + 1, "title": title, "day": format!("2026-12-0{}", at + 1)});
        let events =
            ["Standup", "Retro", "Planning", "Standup", "Party"].iter().enumerate().map(event).collect();
        Self { events, files: BTreeMap::new(), tokens: BTreeSet::new(), tried: BTreeSet::new() }
    }

    fn respond(&mut self, request: &Request, body: Vec<u8>) -> Response {
        let query = |name| {
            request.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let number = |name, or: usize| query(name).and_then(|text| text.parse().ok()).unwrap_or(or);
        let bearer = request
            .headers
            .get("authorization")
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let signed_in = bearer.is_some_and(|token| self.tokens.contains(token));
        let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
        let path: Vec<_> = request.url.path().trim_start_matches("/v1/").split('/').collect();
        match (request.method.as_str(), &path[..]) {
            ("GET", ["events"]) => {
                let (first, size) = (number("after", 0), number("limit", 2));
                let page: Vec<_> = self.events.iter().skip(first).take(size).collect();
                let next = Some(first + size).filter(|next| *next < self.events.len());
                reply(200, &json!({"data": page, "next": next.map(|next| next.to_string())}))
            }
            ("GET", ["events", "search"]) => match number("limit", 100) {
                0 => problem(400, "the limit must be from 1 to 100"),
                limit => {
                    let is_found = |event: &&Value| event["title"].as_str() == query("title").as_deref();
                    reply(200, &self.events.iter().filter(is_found).take(limit).cloned().collect())
                }
            },
            ("GET", ["events", id]) => {
                let found = self.events.iter().find(|event| event["id"].as_u64() == id.parse().ok());
                found.map_or_else(
                    || problem(404, &format!("there is no event {id}")),
                    |event| reply(200, event),
                )
            }
            ("GET", ["holidays"]) if self.tried.insert("holidays".to_owned()) => {
                problem(503, "please try again")
            }
            ("GET", ["holidays"]) => reply(200, &json!(["2026-12-25", "2026-12-26"])),
            ("GET", ["rooms"]) if self.tried.insert("rooms".to_owned()) => {
                problem(423, "the rooms are being cleaned")
            }
            ("GET", ["rooms"]) => {
                reply(200, &json!([])).with_header("x-acme-error", "the list of rooms is lost")
            }
            ("POST", ["tokens"]) if sent["password"] == "correct horse" => {
                let token = format!("t0k3n-{}", self.tokens.len());
                self.tokens.insert(token.clone());
                reply(201, &json!({"token": token}))
            }
            ("POST", ["tokens"]) => problem(401, "the password is wrong"),
            _ if !signed_in => problem(401, "sign in first"),
            ("DELETE", ["tokens", "current"]) => {
                self.tokens.clear();
                Response::new(StatusCode::NO_CONTENT)
            }
            ("POST", ["events"]) if sent["title"] == "" => problem(422, "an event needs a title"),
            ("POST", ["events"]) if sent["title"] == "Launch" && self.tried.insert("launch".to_owned()) => {
                problem(503, "please try again")
            }
            ("POST", ["events"]) => {
                let event = json!({"id": self.events.len() + 1, "title": sent["title"], "day": sent["day"]});
                self.events.push(event.clone());
                reply(201, &event)
            }
            ("PUT", ["events", id, "files", name]) => {
                self.files.insert(format!("{id}/{name}"), body);
                Response::new(StatusCode::NO_CONTENT)
            }
            ("GET", ["events", id, "files", name]) => match self.files.get(&format!("{id}/{name}")) {
                Some(file) => Response::new(StatusCode::OK)
                    .with_header("content-length", &file.len().to_string())
                    .with_body(file.clone()),
                None => problem(404, &format!("there is no file {name}")),
            },
            _ => problem(404, "there is nothing at this path"),
        }
    }
}

fn reply(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).expect("the statuses above exist");
    Response::new(status).with_header("content-type", "application/json").with_body(body.to_string())
}

/// An error in the form of RFC 9457.
fn problem(status: u16, detail: &str) -> Response {
    reply(status, &json!({"detail": detail})).with_header("x-request-id", "r-4711")
}
