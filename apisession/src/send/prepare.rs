//! From the arguments of a call to its first request: values in, values out.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio::time::Instant;

use super::destination::Destination;
use super::draft::{Draft, media_type};
use super::engine::SessionEngine;
use super::fetch::Called;
use super::prove::Proof;
use super::{CallKind, Retries, Sender, Trail};
use crate::call::{Arguments, Declaration, Target};
use crate::declare::Hooks;
use crate::decode::Reads;
use crate::describe::Operation;
use crate::encode::{FieldSet, random};
use crate::error::{Error, ErrorKind, Exchange, Result};
use crate::limit::RateLimit;
use crate::message::Body;
use crate::policy::idempotency_key;
use crate::settings::{Choice, Levels, Resolved, Settings};

impl<'a> Sender<'a> {
    /// Prepares a call: what holds for it, and the request of its first attempt.
    pub(super) fn prepare(
        engine: &'a SessionEngine,
        hooks: &'a Arc<dyn Hooks>,
        mut arguments: Arguments,
    ) -> Result<(Self, Draft)> {
        let content = arguments.assemble()?;
        let is_at_path = matches!(arguments.target, Target::Path);
        let prepared = match &arguments.target {
            Target::Prepared(prepared) => Some(prepared.redaction.clone()),
            _ => None,
        };
        if let Target::Prepared(prepared) = &arguments.target
            && let Some(route) = prepared.operation.and_then(|operation| hooks.route(operation))
        {
            (arguments.declaration, arguments.site) = (Some(route.declaration()), route.site());
        }
        let Arguments { declaration, method, path, place, site, target, body, fields, reads, .. } = arguments;
        if let Some(mistake) = arguments.mistake {
            return Err(mistake);
        }
        let path = path.into_string();
        let base = &engine.core.base;
        let levels = levels(engine, declaration, arguments.endpoint, arguments.settings)?;
        let destination =
            Destination::new((target, site), base, &path, (&method, !body.is_empty()), &levels)?;
        let levels = destination.restrict_levels(levels);
        let operation = declaration.map(Declaration::operation);
        let mut resolved = outer(engine, &levels, operation, &destination)?;
        if engine.is_inside() {
            // A hook's request carries what the hook sets, and nothing else.
            resolved.limits_mut().credential = Choice::None;
        }
        if prepared.is_some() {
            // The request has what the levels have set, but for what was removed from it.
            (resolved.headers, resolved.query) = Default::default();
            resolved.sets_accept = true;
        }
        if !fields.is_empty() {
            add_fields(&mut resolved, &fields)?;
        }
        let content_type =
            add_headers(&mut resolved, arguments.headers, arguments.content_type, &levels.call);
        resolved.query.overlay(arguments.query);
        destination.add_query(&mut resolved.query);
        resolved.apply(&levels.call);
        destination.complete_query(&mut resolved.query);
        if let Some(content) = content {
            content.add_to(Arc::make_mut(&mut resolved.headers));
        }
        destination.restrict_call(&mut resolved)?;
        if resolved.limits.rate_limits.len() > 1 {
            RateLimit::merge(&mut resolved.limits_mut().rate_limits);
        }
        // A few names are faster compared than hashed.
        let has_range = resolved.headers.keys().any(|name| *name == header::RANGE);
        if reads == Reads::Streamed || has_range {
            without_default_codings(&mut resolved, &engine.resolved);
        }
        let body = match operation {
            Some(operation) if operation.has_gzip() => gzipped(body, &mut resolved)?,
            _ => body,
        };
        let secrets = engine.core.concealed.of_call(arguments.secrets, declaration.is_some() && is_at_path);
        let template = operation
            .map(|operation| (place.as_ref().map_or("", |place| place.template()), operation.path()));
        let list = resolved.limits.allow_list.clone();
        let (url, redaction) =
            destination.url((&path, template), &resolved.query, &levels, (secrets, list))?;
        let key = idempotency_key(&mut resolved, operation)?;
        let id_header = engine.core.id_header.clone();
        let Resolved { headers, limits, sets_accept, .. } = resolved;
        let accept = Some(arguments.accept).filter(|_| !sets_accept);
        let started = Instant::now();
        let exchange = Exchange { operation, method, url, key, id_header, redaction, started };
        let mut sender = Self {
            core: &engine.core,
            hooks,
            levels,
            limits,
            trail: Trail::new(started, destination.is_off_origin()),
            kind: CallKind {
                is_inside: engine.is_inside(),
                returns_redirects: arguments.returns_redirects,
                reads,
                asks_for_part: has_range && reads.is_streamed(),
                home: destination.into_home(),
            },
            fields,
            called: Called::new(place, path),
            exchange: Arc::new(exchange),
            proof: Proof::default(),
            retries: Retries::default(),
        };
        if let Some(redaction) = prepared {
            let redaction = sender.redaction(&redaction, &sender.exchange.url);
            Arc::make_mut(&mut sender.exchange).redaction = redaction;
        }
        Ok((sender, Draft { headers, content_type, accept, body }))
    }
}

/// The levels of a call.
fn levels<'a>(
    engine: &'a SessionEngine,
    declaration: Option<&'static Declaration>,
    endpoint: Option<Arc<Settings>>,
    call: Settings,
) -> Result<Levels<'a>> {
    let operation = declaration.and_then(Declaration::settings);
    let levels = Levels { session: &engine.settings, endpoint, operation, call };
    match levels.mistake() {
        Some(mistake) => Err(Error::argument(mistake)),
        None => Ok(levels),
    }
}

/// What holds after all levels but the call's.
fn outer(
    engine: &SessionEngine,
    levels: &Levels<'_>,
    operation: Option<&Operation>,
    destination: &Destination<'_>,
) -> Result<Resolved> {
    let mut resolved = engine.resolved.clone();
    if let Some(name) = &engine.core.client_request_id {
        add_id(&mut resolved, name)?;
    }
    destination.apply_endpoints(&mut resolved, levels.endpoint.as_deref());
    destination.restrict_session(&mut resolved);
    if let Some(settings) = levels.operation {
        let outer = resolved.limits.rate_limits.len();
        resolved.apply(settings);
        for limit in resolved.limits_mut().rate_limits.iter_mut().skip(outer) {
            let name = || operation.map(ToString::to_string).unwrap_or_default();
            *limit = std::mem::take(limit).or_named_by(name);
        }
    }
    Ok(resolved)
}

/// Adds the id of the call, unless the session sets one for all its calls.
fn add_id(resolved: &mut Resolved, name: &HeaderName) -> Result<()> {
    if !resolved.headers.contains_key(name) {
        let id = HeaderValue::try_from(random::uuid()?).expect("a UUID is visible ASCII");
        Arc::make_mut(&mut resolved.headers).insert(name, id);
    }
    Ok(())
}

/// Adds the headers of maps. None of them, and no field in the query, may replace what an outer level sets.
fn add_fields(resolved: &mut Resolved, fields: &FieldSet) -> Result<()> {
    let is_set = |name: &HeaderName| resolved.headers.contains_key(name);
    fields.check_headers(is_set, "an outer level").map_err(Error::argument)?;
    fields.check(&resolved.query, "an outer level").map_err(Error::argument)?;
    for map in fields.headers() {
        Arc::make_mut(&mut resolved.headers).extend(map.clone());
    }
    Ok(())
}

/// Adds the headers of the call's parameters. Returns the type of the body, if no header has to set it.
fn add_headers(
    resolved: &mut Resolved,
    parameters: Option<Box<HeaderMap>>,
    content_type: Option<&'static str>,
    call: &Settings,
) -> Option<&'static str> {
    if parameters.is_none() && call.is_empty() {
        // The headers stay the session's own, and are not copied.
        return content_type;
    }
    let headers = Arc::make_mut(&mut resolved.headers);
    if let Some(content_type) = content_type {
        headers.entry(header::CONTENT_TYPE).or_insert(media_type(content_type));
    }
    headers.extend(*parameters.unwrap_or_default());
    None
}

/// Removes the codings that the session accepts by default; those that a nearer level accepts stay. A streamed body is passed on as
/// it is received, and a part of an encoded body can't be decoded: a range counts the encoded bytes (RFC 9110 §14.1.1).
fn without_default_codings(resolved: &mut Resolved, session: &Resolved) {
    if resolved.headers.get(header::ACCEPT_ENCODING) == session.headers.get(header::ACCEPT_ENCODING) {
        Arc::make_mut(&mut resolved.headers).remove(header::ACCEPT_ENCODING);
    }
}

/// Compresses the body. One with a header for its coding was encoded by the caller.
fn gzipped(body: Body, resolved: &mut Resolved) -> Result<Body> {
    if body.is_empty() || resolved.headers.contains_key(header::CONTENT_ENCODING) {
        return Ok(body);
    }
    Arc::make_mut(&mut resolved.headers).insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    body.gzipped().map_err(|error| {
        Error::new(ErrorKind::RequestBody, "the body can't be compressed").caused_by(error.into())
    })
}

fn idempotency_key(resolved: &mut Resolved, operation: Option<&Operation>) -> Result<Option<HeaderValue>> {
    let name = operation.and_then(Operation::idempotency_key);
    name.map(|name| idempotency_key::ensure(Arc::make_mut(&mut resolved.headers), name)).transpose()
}
