//! From the arguments of a call to its first request: values in, values out.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tokio::time::Instant;
use url::Url;

use super::draft::Draft;
use super::engine::SessionEngine;
use super::prove::Proof;
use super::{CallKind, Home, Retries, Sender, Trail};
use crate::call::{Arguments, Below, Declaration, Site, Target};
use crate::declare::Hooks;
use crate::describe::Operation;
use crate::encode::segment::joined;
use crate::encode::{Base, FieldSet, Query};
use crate::error::{Error, ErrorKind, Exchange, Result};
use crate::limit::RateLimit;
use crate::message::Body;
use crate::policy::{AllowedOrigins, Grant, Reach, Reached, Refusal, idempotency_key, redirect};
use crate::redact::{Secret, UrlMask};
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
        let Arguments { declaration, method, path, place, site, target, body, fields, streams, .. } =
            arguments;
        if let Some(mistake) = arguments.mistake {
            return Err(mistake);
        }
        let (base, path) = (&engine.core.base, path.as_str());
        let levels = levels(engine, declaration, arguments.endpoint, arguments.settings)?;
        let destination = Destination::new((target, site), base, path, (&method, !body.is_empty()), &levels)?;
        let levels = destination.restrict_levels(levels);
        let operation = declaration.map(Declaration::operation);
        let mut resolved = outer(&engine.resolved, &levels, operation, &destination);
        if engine.is_inside() {
            // A hook's request carries what the hook sets, and nothing else.
            resolved.limits_mut().credential = Choice::None;
        }
        if !fields.is_empty() {
            add_fields(&mut resolved, &fields)?;
        }
        let content_type =
            add_headers(&mut resolved, arguments.headers, arguments.content_type, &levels.call);
        resolved.query.overlay(arguments.query);
        destination.add_query(&mut resolved.query);
        resolved.apply(&levels.call);
        if let Some(content) = content {
            content.add_to(Arc::make_mut(&mut resolved.headers));
        }
        destination.restrict_call(&mut resolved)?;
        if resolved.limits.rate_limits.len() > 1 {
            RateLimit::merge(&mut resolved.limits_mut().rate_limits);
        }
        // A few names are faster compared than hashed.
        if streams || resolved.headers.keys().any(|name| *name == header::RANGE) {
            without_default_codings(&mut resolved, &engine.resolved);
        }
        let body = match operation {
            Some(operation) if operation.has_gzip() => gzipped(body, &mut resolved)?,
            _ => body,
        };
        let secrets = engine.core.concealed.of_call(arguments.secrets, declaration.is_some() && is_at_path);
        let template = operation
            .map(|operation| (place.as_ref().map_or("", |place| place.template()), operation.path()));
        let (url, mask) = destination.url((path, template), &resolved.query, &levels, secrets)?;
        let key = idempotency_key(&mut resolved, operation)?;
        let id_header = engine.core.id_header.clone();
        let Resolved { headers, limits, sets_accept, .. } = resolved;
        let accept = Some(arguments.accept).filter(|_| !sets_accept);
        let sender = Self {
            core: &engine.core,
            hooks,
            levels,
            limits,
            trail: Trail::new(destination.is_off_origin()),
            kind: CallKind {
                is_inside: engine.is_inside(),
                returns_redirects: arguments.returns_redirects,
                streams,
                home: destination.into_home(),
            },
            fields,
            started: Instant::now(),
            exchange: Arc::new(Exchange { operation, method, url, key, id_header, mask }),
            proof: Proof::default(),
            retries: Retries::default(),
        };
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
    session: &Resolved,
    levels: &Levels<'_>,
    operation: Option<&Operation>,
    destination: &Destination<'_>,
) -> Resolved {
    let mut resolved = session.clone();
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
    resolved
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
    parameters: HeaderMap,
    content_type: Option<&'static str>,
    call: &Settings,
) -> Option<&'static str> {
    if parameters.is_empty() && call.is_empty() {
        // The headers stay the session's own, and are not copied.
        return content_type;
    }
    let headers = Arc::make_mut(&mut resolved.headers);
    if let Some(content_type) = content_type {
        headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
    }
    headers.extend(parameters);
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

/// Where a call goes, which decides what of the session goes along.
struct Destination<'a> {
    /// What the path is below, and whether with its base path.
    base: &'a Base,
    use_base: bool,
    /// The session's own.
    own: &'a Base,
    /// What holds if the base URL has another origin than the session's.
    other: Option<OtherOrigin>,
    target: Aim,
}

/// A base URL of another origin than the session's, which an endpoint or an operation declares.
struct OtherOrigin {
    /// How many of the endpoints' settings are from outer levels.
    outer: usize,
    /// Whether the session's credential goes along.
    is_granted: bool,
}

/// The URL of a call.
enum Aim {
    /// A path below the base URL.
    Path,
    /// A URL that the server sent.
    Link { url: Box<Url>, reached: Reached },
    /// A URL that the SDK named. It gets the session's credential if that is granted to its origin; at the session's own, if the call
    /// asks for it.
    External { url: Box<Url>, is_granted: bool, is_own: bool },
}

impl<'a> Destination<'a> {
    fn new(
        (target, site): (Target, Site),
        own: &'a Base,
        path: &str,
        (method, has_body): (&Method, bool),
        levels: &Levels<'_>,
    ) -> Result<Self> {
        let (base, use_base) = match site.below {
            Below::Session { use_base } => (own, use_base),
            Below::Other(url) => (url.base().map_err(Error::configuration)?, true),
        };
        let is_granted = |url: &Url| levels.allowed_origins().grant(url) == Some(Grant::Credential);
        let is_declared = matches!(site.below, Below::Other(_)) && !matches!(target, Target::External(_));
        let is_other = is_declared && !own.is_origin_of(base.url());
        let other = is_other.then(|| OtherOrigin { outer: site.outer, is_granted: is_granted(base.url()) });
        let session = other.as_ref().map(|other| (own.url(), back(other.is_granted)));
        let target = match target {
            Target::Path => Aim::Path,
            Target::External(url) => {
                Aim::External { is_granted: is_granted(&url), is_own: own.is_origin_of(&url), url }
            }
            Target::Own(url) => {
                let reach = Reach { own: base.url(), session: None, allowed: &AllowedOrigins::none() };
                let (url, reached) = reach.resolve(base.url(), &url).map_err(|why| {
                    let why = match why {
                        Refusal::Url(error) => error.to_string(),
                        _ => "is an absolute URL of another origin; use `follow` for a link that the server sent, or `elsewhere`".into(),
                    };
                    Error::argument(format!("the path of a raw request {why}"))
                })?;
                Aim::Link { url: Box::new(url), reached }
            }
            Target::Link(link) => {
                let reach = Reach { own: base.url(), session, allowed: levels.allowed_origins() };
                let refuse = |why| Error::argument(format!("the link {why}"));
                let (url, _) = reach.resolve(&base.directory(path), &link).map_err(refuse)?;
                let reached = reach.admit(&url, method, has_body).map_err(refuse)?;
                Aim::Link { url: Box::new(url), reached }
            }
        };
        Ok(Self { base, use_base, own, other, target })
    }

    /// Removes the outer levels of a call to a URL that the SDK named: they are meant for the session's vendor.
    fn restrict_levels<'l>(&self, levels: Levels<'l>) -> Levels<'l> {
        match self.target {
            Aim::External { .. } => {
                Levels { session: Settings::empty(), endpoint: None, operation: None, call: levels.call }
            }
            Aim::Path | Aim::Link { .. } => levels,
        }
    }

    /// Applies the settings of the endpoints. Those of levels outside of a base URL at another origin leave there what they set for the
    /// session's origin alone: their headers, their query and, unless that is granted, the credential.
    fn apply_endpoints(&self, resolved: &mut Resolved, endpoint: Option<&Settings>) {
        let list = endpoint.map(Settings::list).unwrap_or_default();
        let Some(other) = &self.other else { return resolved.apply_list(list) };
        let (outer, own) = list.split_at(other.outer.min(list.len()));
        resolved.apply_list(outer);
        leave_home(resolved, other.is_granted);
        resolved.apply_list(own);
    }

    /// Removes what the outer levels set for the paths below the base URL, or for the session's origin alone.
    fn restrict_session(&self, resolved: &mut Resolved) {
        match &self.target {
            Aim::Path => {}
            // The server has put all that it needs into the query. What an operation at this URL sets is added.
            Aim::Link { .. } => resolved.query = Query::default(),
            Aim::External { is_granted, .. } => leave_home(resolved, *is_granted),
        }
    }

    /// Removes what the call set for the session's origin alone.
    fn restrict_call(&self, resolved: &mut Resolved) -> Result<()> {
        let is_home = match &self.target {
            Aim::Link { reached, .. } if !reached.is_trusted() => {
                redirect::strip(Arc::make_mut(&mut resolved.headers));
                resolved.limits_mut().credential = Choice::None;
                return Ok(());
            }
            Aim::External { is_granted, is_own, .. } => *is_granted || *is_own,
            Aim::Path | Aim::Link { .. } => self.other.as_ref().is_none_or(|other| other.is_granted),
        };
        match resolved.limits.credential {
            Choice::Session | Choice::Named(_) if !is_home => Err(Error::argument(
                "a credential of the session is sent to its origin alone; set one for the call by `with_credential`, or allow the \
                 origin by `allowed_origins(\"https://…\" = credential)`",
            )),
            _ => Ok(()),
        }
    }

    /// Puts the query of the URL before that of the operation and the call. It stays as it is, also beside parameters of its names.
    fn add_query(&self, query: &mut Query) {
        if let Aim::Link { url, .. } | Aim::External { url, .. } = &self.target {
            let added = std::mem::replace(query, Query::of(url));
            query.append(&added);
        }
    }

    /// The URL of the request, and what of it is not shown.
    fn url(
        &self,
        (path, template): (&str, Option<(&str, &str)>),
        query: &Query,
        levels: &Levels<'_>,
        secrets: Option<Arc<Vec<Secret>>>,
    ) -> Result<(Url, UrlMask)> {
        let Self { base, use_base, own, .. } = *self;
        let (url, restriction) = match &self.target {
            Aim::Path => {
                let shown = || UrlMask::new(false, None, secrets.clone()).text(path);
                let refuse = |error| Error::argument(format!("the path `{}` {error}", shown()));
                (base.join(path, query, use_base).map_err(refuse)?, levels.restriction(path))
            }
            Aim::Link { url, .. } => {
                let mut paths = base.below(url).into_iter().chain(own.below(url));
                (query.applied_to(Url::clone(url)), paths.find_map(|path| levels.restriction(path)))
            }
            Aim::External { url, .. } => (query.applied_to(Url::clone(url)), None),
        };
        let shown = restriction.map(|pattern| match (&self.target, template) {
            (Aim::Path, Some((place, own))) => base.shown(&joined(place, own)),
            _ => base.shown(pattern.as_str()),
        });
        let restricted = restriction.is_some() || matches!(self.target, Aim::External { .. });
        Ok((url, UrlMask::new(restricted, shown, secrets)))
    }

    fn is_off_origin(&self) -> bool {
        matches!(&self.target, Aim::Link { reached, .. } if !reached.is_trusted())
    }

    /// What the call is for, if not for a path below the session's base URL.
    fn into_home(self) -> Option<Box<Home>> {
        let Self { base, own, other, target, .. } = self;
        match target {
            Aim::External { url, .. } => Some(Box::new(Home::External(*url))),
            Aim::Path | Aim::Link { .. } if std::ptr::eq(base, own) => None,
            Aim::Path | Aim::Link { .. } => {
                let session = other.map(|other| back(other.is_granted));
                Some(Box::new(Home::Declared { base: base.clone(), session }))
            }
        }
    }
}

/// Removes what is meant for the session's origin alone.
fn leave_home(resolved: &mut Resolved, is_granted: bool) {
    redirect::strip(Arc::make_mut(&mut resolved.headers));
    resolved.query = Query::default();
    if !is_granted {
        resolved.limits_mut().credential = Choice::None;
    }
}

/// What a call that was declared at another origin may send to the session's own, if a URL of the server leads there.
fn back(is_granted: bool) -> Grant {
    if is_granted { Grant::Credential } else { Grant::Bodies }
}
