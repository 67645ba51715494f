//! From the arguments of a call to its first request: values in, values out.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio::time::Instant;
use url::Url;

use super::Sender;
use super::auth::Proof;
use crate::arguments::{Arguments, Link};
use crate::credential::Choice;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::exchange::Exchange;
use crate::hooks::Hooks;
use crate::key;
use crate::levels::{Levels, Resolved};
use crate::operation::Operation;
use crate::origin::{Reach, Reached};
use crate::rate_limit::RateLimit;
use crate::redirect;
use crate::request::Request;
use crate::session::Wired;
use crate::settings::Settings;
use crate::url::{Base, Query};

impl<'a> Sender<'a> {
    /// Turns arguments into a request: values in, values out.
    pub(super) fn prepare(
        wired: &'a Wired,
        hooks: &'a Arc<dyn Hooks>,
        mut arguments: Arguments,
    ) -> Result<(Self, Request)> {
        if let Some(error) = arguments.failed {
            return Err(error);
        }
        let core = &*wired.core;
        let Arguments { operation, method, headers, body, endpoint, settings: call, .. } = arguments;
        let operation_says = operation.and_then(Operation::settings);
        let apart = match &arguments.link {
            Some(Link::Own(url)) => Some(url.clone()),
            _ => None,
        };
        // What the vendor's statuses mean is said of the vendor.
        let levels = match apart {
            Some(_) => Levels { session: Settings::none(), endpoint: None, operation: None, call },
            None => Levels { session: &wired.settings, endpoint, operation: operation_says, call },
        };
        if let Some(message) = levels.failed() {
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let mut limits = declared(&wired.resolved, &levels, operation);
        if apart.is_some() {
            redirect::strip(&mut limits.headers);
            limits.query = Query::default();
        }
        if let Some(content_type) = arguments.content_type {
            limits.headers.entry(header::CONTENT_TYPE).or_insert(content_type);
        }
        limits.headers.extend(headers);
        let mut elsewhere = match arguments.link {
            Some(link) => Some(Elsewhere::read(link, &levels, &core.base, arguments.path.as_str())?),
            None => None,
        };
        let left = elsewhere.as_ref().is_some_and(|elsewhere| elsewhere.left);
        if let Some(Elsewhere { query, .. }) = &mut elsewhere {
            query.append(&arguments.query);
            arguments.query = std::mem::take(query);
        }
        if left {
            limits.query = Query::default();
        }
        limits.query.overlay(arguments.query);
        // A hook's request carries what the hook says, and nothing by itself.
        if wired.is_inside() || apart.is_some() {
            limits.credential = Choice::None;
        }
        limits.apply(&levels.call);
        if apart.is_some() && matches!(limits.credential, Choice::Session | Choice::Named(_)) {
            let message = "a credential of the session's stays with its origin; `with_credential` gives the call one of its own";
            return Err(Error::new(ErrorKind::Argument, message));
        }
        if limits.rate_limits.len() > 1 {
            RateLimit::merge(&mut limits.rate_limits);
        }
        if left {
            redirect::strip(&mut limits.headers);
            limits.credential = Choice::None;
        }
        // What is streamed is handed on as it comes, and a part of a coded body can't be decoded (RFC 9110 §14.1.1 counts
        // the bytes as they are coded).
        if arguments.streams || limits.headers.contains_key(header::RANGE) {
            ask_for_no_coding(&mut limits.headers, &wired.resolved.headers);
        }
        let place = (arguments.path.as_str(), arguments.use_base);
        let (url, restricted) = target(&core.base, &levels, elsewhere, place, &limits.query)?;
        let key = match operation.and_then(Operation::idempotency_key) {
            Some(name) => Some(keyed(&mut limits.headers, name)?),
            None => None,
        };
        let restricted = restricted || apart.is_some();
        let exchange = Exchange { operation, method: method.clone(), url: url.clone(), key, restricted };
        let request = Request { method, url, headers: std::mem::take(&mut limits.headers), body, operation };
        let sender = Self {
            core,
            hooks,
            inside: wired.is_inside(),
            streams: arguments.streams,
            levels,
            limits,
            started: Instant::now(),
            exchange: Arc::new(exchange),
            attempts: 0,
            worst: Outcome::NotSent,
            proof: Proof::default(),
            taken: None,
            delays: None,
            left,
            hops: 0,
            hopping: false,
            apart,
            history: Vec::new(),
        };
        Ok((sender, request))
    }
}

/// What holds by all levels but the call's.
fn declared(session: &Resolved, levels: &Levels<'_>, operation: Option<&Operation>) -> Resolved {
    let mut limits = session.clone();
    if let Some(endpoint) = &levels.endpoint {
        limits.apply(endpoint);
    }
    if let Some(settings) = levels.operation {
        let wider = limits.rate_limits.len();
        limits.apply(settings);
        for limit in limits.rate_limits.iter_mut().skip(wider) {
            let name = || operation.map(ToString::to_string).unwrap_or_default();
            *limit = std::mem::take(limit).or_named_by(name);
        }
    }
    limits
}

/// Takes the codings away that the session asks for by itself; what a nearer level says stays.
fn ask_for_no_coding(headers: &mut HeaderMap, session: &HeaderMap) {
    if headers.get(header::ACCEPT_ENCODING) == session.get(header::ACCEPT_ENCODING) {
        headers.remove(header::ACCEPT_ENCODING);
    }
}

/// Where the request goes, and whether its query and body must not be shown.
fn target(
    base: &Base,
    levels: &Levels<'_>,
    elsewhere: Option<Elsewhere>,
    (path, use_base): (&str, bool),
    query: &Query,
) -> Result<(Url, bool)> {
    let Some(Elsewhere { url, .. }) = elsewhere else {
        let refuse = |error| Error::new(ErrorKind::Argument, format!("the path `{path}` {error}"));
        return Ok((base.join(path, query, use_base).map_err(refuse)?, levels.is_restricted(path)));
    };
    let restricted = base.below(&url).into_iter().any(|path| levels.is_restricted(path));
    Ok((query.of(url), restricted))
}

/// A place that is not made of base and path.
struct Elsewhere {
    url: Url,
    query: Query,
    /// Whether nothing of the session goes there.
    left: bool,
}

impl Elsewhere {
    fn read(link: Link, levels: &Levels<'_>, base: &Base, path: &str) -> Result<Self> {
        let (mut url, left) = match link {
            Link::Own(url) => (url, false),
            Link::Server(link) => {
                let reach = Reach { own: base.url(), allowed: levels.allowed_origins() };
                let refuse = |why| Error::new(ErrorKind::Argument, format!("the link {why}"));
                let (url, reached) = reach.resolve(&base.place(path), &link).map_err(refuse)?;
                (url, reached == Reached::Allowed)
            }
        };
        Ok(Self { query: Query::take(&mut url), url, left })
    }
}

/// The idempotency key of a call: the caller's own, or a fresh one.
fn keyed(headers: &mut HeaderMap, name: &'static str) -> Result<HeaderValue> {
    let name = HeaderName::from_static(name);
    if let Some(own) = headers.get(&name) {
        return Ok(own.clone());
    }
    let key = key::fresh()?;
    headers.insert(name, key.clone());
    Ok(key)
}
