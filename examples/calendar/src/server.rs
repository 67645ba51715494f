//! The vendor's server: HTTP with users, tokens and events. Its errors are `application/problem+json`.

use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use futures_core::Stream;
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::{Action, Change, Event, Export, NewEvent};

/// A server on a free port of this machine. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    base_url: String,
    vendor: Vendor,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts a server with one user, `ana` with the password `correct horse`, and no events.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub async fn start() -> std::io::Result<Self> {
        let vendor = Vendor::default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let base_url = format!("http://{}/v1", listener.local_addr()?);
        let router = router(vendor.clone());
        let task = tokio::spawn(async move {
            // A bound listener doesn't fail. If a connection fails, its client reports that.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { base_url, vendor, task })
    }

    /// Returns the base URL of the API.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the number of valid tokens.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.vendor.lock().tokens.len()
    }

    /// Ends all streams of changes, as a server does that restarts.
    pub fn hang_up(&self) {
        self.vendor.lock().followers.clear();
    }

    /// Responds to the next request with a token by a 503.
    pub fn overload(&self) {
        self.vendor.lock().is_overloaded = true;
    }

    /// Revokes all tokens.
    pub fn revoke_all(&self) {
        self.vendor.lock().tokens.clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone, Debug, Default)]
struct Vendor(Arc<Mutex<Data>>);

#[derive(Debug, Default)]
struct Data {
    events: BTreeMap<u64, Event>,
    attachments: BTreeMap<(u64, String), Bytes>,
    exports: BTreeMap<u64, Export>,
    tokens: HashSet<String>,
    given: u64,
    is_overloaded: bool,
    /// All changes, whose ids are their numbers from 1.
    changes: Vec<Change>,
    /// The clients that follow the changes.
    followers: Vec<UnboundedSender<String>>,
}

impl Data {
    /// Keeps a change, and sends it to all who follow.
    fn record(&mut self, action: Action, event: Event) {
        self.changes.push(Change { action, event });
        let text = event_text(self.changes.len(), &self.changes[self.changes.len() - 1]);
        self.followers.retain(|follower| follower.send(text.clone()).is_ok());
    }
}

/// A change in an event stream.
fn event_text(id: usize, change: &Change) -> String {
    format!("id: {id}\ndata: {}\n\n", json!(change))
}

impl Vendor {
    fn lock(&self) -> MutexGuard<'_, Data> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn router(vendor: Vendor) -> Router {
    let signed_in = Router::new()
        .route("/events", get(list).post(create))
        .route("/events/changes", get(follow))
        .route("/events/all", get(all))
        .route("/events/{id}", get(fetch).put(replace).delete(remove))
        .route("/events/{id}/attachments/{name}", get(attachment).put(attach))
        .route("/exports", post(start_export))
        .route("/exports/{id}", get(export).delete(cancel_export))
        .route("/exports/{id}/content", get(exported))
        .layer(DefaultBodyLimit::disable())
        .route("/tokens/current", delete(sign_out))
        .layer(from_fn_with_state(vendor.clone(), require_token));
    let api = Router::new().route("/tokens", post(sign_in)).merge(signed_in).with_state(vendor);
    Router::new().nest("/v1", api).fallback(async || Problem::not_found("there is no such page"))
}

/// An error in the format of RFC 9457.
#[derive(Debug)]
struct Problem {
    status: StatusCode,
    title: &'static str,
    detail: String,
}

impl Problem {
    fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, title, detail: detail.into() }
    }

    fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found", detail)
    }

    fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Invalid event", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, title, detail } = self;
        let body = json!({ "title": title, "status": status.as_u16(), "detail": detail });
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}

async fn require_token(State(vendor): State<Vendor>, request: Request, next: Next) -> Response {
    let known = token(request.headers()).is_some_and(|token| vendor.lock().tokens.contains(token));
    if known && std::mem::take(&mut vendor.lock().is_overloaded) {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Overloaded", "try again in a moment");
        return ([(header::RETRY_AFTER, "0")], problem).into_response();
    }
    if known {
        return next.run(request).await;
    }
    Problem::new(StatusCode::UNAUTHORIZED, "Not signed in", "the token is missing or invalid").into_response()
}

fn token(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

#[derive(Deserialize)]
struct Credentials {
    user: String,
    password: String,
}

async fn sign_in(State(vendor): State<Vendor>, Json(login): Json<Credentials>) -> Result<Response, Problem> {
    if (login.user.as_str(), login.password.as_str()) != ("ana", "correct horse") {
        let detail = format!("`{}` has another password", login.user);
        return Err(Problem::new(StatusCode::FORBIDDEN, "Wrong login", detail));
    }
    let mut data = vendor.lock();
    data.given += 1;
    let token = format!("token-{}", data.given);
    data.tokens.insert(token.clone());
    Ok((StatusCode::CREATED, Json(json!({ "token": token }))).into_response())
}

async fn sign_out(State(vendor): State<Vendor>, headers: HeaderMap) -> StatusCode {
    if let Some(token) = token(&headers) {
        vendor.lock().tokens.remove(token);
    }
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Filter {
    since: Option<String>,
    limit: Option<usize>,
}

async fn list(State(vendor): State<Vendor>, Query(filter): Query<Filter>) -> Json<Vec<Event>> {
    let mut events: Vec<_> = vendor.lock().events.values().cloned().collect();
    events.sort_by(|a, b| a.starts.cmp(&b.starts));
    events.retain(|event| filter.since.as_ref().is_none_or(|since| event.starts >= *since));
    events.truncate(filter.limit.unwrap_or(50));
    Json(events)
}

#[derive(Deserialize)]
struct PageFilter {
    since: Option<String>,
    limit: Option<usize>,
    after: Option<usize>,
}

async fn all(State(vendor): State<Vendor>, Query(filter): Query<PageFilter>) -> Json<serde_json::Value> {
    let mut events: Vec<_> = vendor.lock().events.values().cloned().collect();
    events.sort_by(|a, b| a.starts.cmp(&b.starts));
    events.retain(|event| filter.since.as_ref().is_none_or(|since| event.starts >= *since));
    let (total, start) = (events.len(), filter.after.unwrap_or(0));
    let page: Vec<_> = events.into_iter().skip(start).take(filter.limit.unwrap_or(50).min(100)).collect();
    let end = start + page.len();
    Json(json!({ "data": page, "next": (end < total).then(|| end.to_string()), "total": total }))
}

/// Replaces an event. The response has no body.
async fn replace(
    State(vendor): State<Vendor>,
    Path(id): Path<u64>,
    Json(event): Json<Event>,
) -> Result<StatusCode, Problem> {
    if !is_day(&event.starts) {
        return Err(Problem::invalid(format!("`{}` is no day; write it as `2026-01-31`", event.starts)));
    }
    let mut data = vendor.lock();
    let stored = data.events.get_mut(&id);
    let stored = stored.ok_or_else(|| Problem::not_found(format!("there is no event {id}")))?;
    *stored = Event { id, ..event };
    Ok(StatusCode::NO_CONTENT)
}

async fn create(State(vendor): State<Vendor>, Json(new): Json<NewEvent>) -> Result<Response, Problem> {
    if new.title.trim().is_empty() {
        return Err(Problem::invalid("an event needs a title"));
    }
    if !is_day(&new.starts) {
        return Err(Problem::invalid(format!("`{}` is no day; write it as `2026-01-31`", new.starts)));
    }
    let mut data = vendor.lock();
    data.given += 1;
    let event = Event { id: data.given, title: new.title, starts: new.starts };
    data.events.insert(event.id, event.clone());
    data.record(Action::Created, event.clone());
    Ok((StatusCode::CREATED, Json(event)).into_response())
}

async fn fetch(State(vendor): State<Vendor>, Path(id): Path<u64>) -> Result<Json<Event>, Problem> {
    let event = vendor.lock().events.get(&id).cloned();
    event.map(Json).ok_or_else(|| Problem::not_found(format!("there is no event {id}")))
}

async fn remove(State(vendor): State<Vendor>, Path(id): Path<u64>) -> Result<StatusCode, Problem> {
    let mut data = vendor.lock();
    let event =
        data.events.remove(&id).ok_or_else(|| Problem::not_found(format!("there is no event {id}")))?;
    data.record(Action::Deleted, event);
    Ok(StatusCode::NO_CONTENT)
}

/// An event stream: the changes after the one that the client names, or else those from now on.
async fn follow(State(vendor): State<Vendor>, headers: HeaderMap) -> impl IntoResponse {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse::<usize>().ok());
    let mut data = vendor.lock();
    let (sender, receiver) = unbounded_channel();
    // A client that is cut off comes back at once.
    let mut start = String::from("retry: 10\n\n");
    let missed = data.changes.iter().enumerate().skip(last.unwrap_or(data.changes.len()));
    start.extend(missed.map(|(index, change)| event_text(index + 1, change)));
    // The receiver is still there.
    let _ = sender.send(start);
    data.followers.push(sender);
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(Feed(receiver)))
}

/// What is sent to one who follows the changes.
struct Feed(UnboundedReceiver<String>);

impl Stream for Feed {
    type Item = Result<String, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|text| text.map(Ok))
    }
}

async fn attach(
    State(vendor): State<Vendor>,
    Path((id, name)): Path<(u64, String)>,
    content: Bytes,
) -> Result<StatusCode, Problem> {
    let mut data = vendor.lock();
    if !data.events.contains_key(&id) {
        return Err(Problem::not_found(format!("there is no event {id}")));
    }
    data.attachments.insert((id, name), content);
    Ok(StatusCode::NO_CONTENT)
}

/// All of an attachment, or the rest from a byte on if the client has the first part of the same version.
async fn attachment(
    State(vendor): State<Vendor>,
    Path((id, name)): Path<(u64, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let content = vendor.lock().attachments.get(&(id, name.clone())).cloned();
    let content =
        content.ok_or_else(|| Problem::not_found(format!("event {id} has no attachment `{name}`")))?;
    let total = content.len();
    let tag = format!("\"{id}-{total}\"");
    let is_same = headers.get(header::IF_RANGE).is_some_and(|own| own.as_bytes() == tag.as_bytes());
    let start = headers.get(header::RANGE).filter(|_| is_same).and_then(|range| {
        let (start, _) = range.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
        start.parse::<usize>().ok().filter(|start| *start < total)
    });
    let whole = [(header::ETAG, tag), (header::ACCEPT_RANGES, "bytes".to_owned())];
    Ok(match start {
        Some(start) => {
            let range = [(header::CONTENT_RANGE, format!("bytes {start}-{}/{total}", total - 1))];
            (StatusCode::PARTIAL_CONTENT, whole, range, content.slice(start..)).into_response()
        }
        None => (whole, content).into_response(),
    })
}

/// Starts an export. There can be one at a time.
async fn start_export(State(vendor): State<Vendor>) -> Response {
    let mut data = vendor.lock();
    if let Some(running) = data.exports.values().find(|export| is_running(export)) {
        let body = json!({ "title": "An export is running", "status": 409, "running": running.id });
        return (
            StatusCode::CONFLICT,
            [(header::CONTENT_TYPE, "application/problem+json")],
            body.to_string(),
        )
            .into_response();
    }
    data.given += 1;
    let export = Export { id: data.given, status: "queued".to_owned(), percent: 0 };
    data.exports.insert(export.id, export.clone());
    (StatusCode::ACCEPTED, Json(export)).into_response()
}

fn is_running(export: &Export) -> bool {
    matches!(&*export.status, "queued" | "running")
}

/// An export, which is half further each time it is looked at.
async fn export(State(vendor): State<Vendor>, Path(id): Path<u64>) -> Result<Json<Export>, Problem> {
    let mut data = vendor.lock();
    let export =
        data.exports.get_mut(&id).ok_or_else(|| Problem::not_found(format!("there is no export {id}")))?;
    if is_running(export) {
        export.percent = (export.percent + 50).min(100);
        export.status = if export.percent == 100 { "finished" } else { "running" }.to_owned();
    }
    Ok(Json(export.clone()))
}

async fn cancel_export(State(vendor): State<Vendor>, Path(id): Path<u64>) -> Result<StatusCode, Problem> {
    let mut data = vendor.lock();
    let export =
        data.exports.get_mut(&id).ok_or_else(|| Problem::not_found(format!("there is no export {id}")))?;
    "cancelled".clone_into(&mut export.status);
    Ok(StatusCode::NO_CONTENT)
}

/// The lines of an export that is finished.
async fn exported(State(vendor): State<Vendor>, Path(id): Path<u64>) -> Result<Response, Problem> {
    let data = vendor.lock();
    let is_finished = data.exports.get(&id).is_some_and(|export| export.status == "finished");
    if !is_finished {
        return Err(Problem::not_found(format!("there is no finished export {id}")));
    }
    let mut events: Vec<_> = data.events.values().collect();
    events.sort_by(|a, b| a.starts.cmp(&b.starts));
    let lines: String = events.iter().map(|event| format!("{} {}\n", event.starts, event.title)).collect();
    Ok(([(header::CONTENT_TYPE, "text/plain")], lines).into_response())
}

/// Whether the text has the form of a day in RFC 3339. The ranges of the numbers aren't checked.
fn is_day(text: &str) -> bool {
    let shape = |(index, byte): (usize, u8)| {
        if matches!(index, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() }
    };
    text.len() == 10 && text.bytes().enumerate().all(shape)
}
