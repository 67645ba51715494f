//! Where a call goes, which decides what of the session goes along.

use std::sync::Arc;

use http::Method;
use url::Url;

use super::Home;
use crate::call::{Below, Site, Target};
use crate::encode::segment::joined;
use crate::encode::{Base, Query};
use crate::error::{Error, Result};
use crate::policy::{AllowedOrigins, Grant, Reach, Reached, Refusal, redirect};
use crate::redact::{AllowList, Redaction, Secret};
use crate::settings::{Choice, Levels, Resolved, Settings};

/// Where a call goes.
pub(super) struct Destination<'a> {
    /// What the path is below, and whether with its base path.
    base: &'a Base,
    use_base: bool,
    /// The session's own.
    own: &'a Base,
    /// What holds if the base URL has another origin than the session's.
    other: Option<OtherOrigin>,
    target: Aim,
    /// Whether the query of the URL is that of the request, and nothing is added to it.
    has_whole_query: bool,
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
    pub(super) fn new(
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
        let has_whole_query = matches!(target, Target::Link { has_whole_query: true, .. });
        let target = match target {
            Target::Path => Aim::Path,
            Target::External(url) => {
                Aim::External { is_granted: is_granted(&url), is_own: own.is_origin_of(&url), url }
            }
            Target::Prepared(prepared) => {
                let (url, reached) = own_url(base, prepared.url.as_str(), "the URL of a prepared request")?;
                Aim::Link { url, reached }
            }
            Target::Own(url) => {
                let (url, reached) = own_url(base, &url, "the path of a raw request")?;
                Aim::Link { url, reached }
            }
            Target::Link { url, .. } => {
                let reach = Reach { own: base.url(), session, allowed: levels.allowed_origins() };
                let refuse = |why| Error::argument(format!("the link {why}"));
                let (url, _) = reach.resolve(&base.directory(path), &url).map_err(refuse)?;
                let reached = reach.admit(&url, method, has_body).map_err(refuse)?;
                Aim::Link { url: Box::new(url), reached }
            }
        };
        Ok(Self { base, use_base, own, other, target, has_whole_query })
    }

    /// Removes the outer levels of a call to a URL that the SDK named: they are meant for the session's vendor.
    pub(super) fn restrict_levels<'l>(&self, levels: Levels<'l>) -> Levels<'l> {
        match self.target {
            Aim::External { .. } => {
                Levels { session: Settings::empty(), endpoint: None, operation: None, call: levels.call }
            }
            Aim::Path | Aim::Link { .. } => levels,
        }
    }

    /// Applies the settings of the endpoints. Those of levels outside of a base URL at another origin leave there what they set for the
    /// session's origin alone: their headers, their query and, unless that is granted, the credential.
    pub(super) fn apply_endpoints(&self, resolved: &mut Resolved, endpoint: Option<&Settings>) {
        let list = endpoint.map(Settings::list).unwrap_or_default();
        let Some(other) = &self.other else { return resolved.apply_list(list) };
        let (outer, own) = list.split_at(other.outer.min(list.len()));
        resolved.apply_list(outer);
        leave_home(resolved, other.is_granted);
        resolved.apply_list(own);
    }

    /// Removes what the outer levels set for the paths below the base URL, or for the session's origin alone.
    pub(super) fn restrict_session(&self, resolved: &mut Resolved) {
        match &self.target {
            Aim::Path => {}
            // The server has put all that it needs into the query. What an operation at this URL sets is added.
            Aim::Link { .. } => resolved.query = Query::default(),
            Aim::External { is_granted, .. } => leave_home(resolved, *is_granted),
        }
    }

    /// Removes what the call set for the session's origin alone.
    pub(super) fn restrict_call(&self, resolved: &mut Resolved) -> Result<()> {
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
    pub(super) fn add_query(&self, query: &mut Query) {
        if let Aim::Link { url, .. } | Aim::External { url, .. } = &self.target {
            let added = std::mem::replace(query, Query::of(url));
            query.append(&added);
        }
    }

    /// Removes what was added to the query of a URL that has the whole of it.
    pub(super) fn complete_query(&self, query: &mut Query) {
        if let (true, Aim::Link { url, .. }) = (self.has_whole_query, &self.target) {
            *query = Query::of(url);
        }
    }

    /// The URL of the request, and what of it is not shown.
    pub(super) fn url(
        &self,
        (path, template): (&str, Option<(&str, &str)>),
        query: &Query,
        levels: &Levels<'_>,
        (secrets, list): (Option<Arc<Vec<Secret>>>, Option<Arc<AllowList>>),
    ) -> Result<(Url, Redaction)> {
        let Self { base, use_base, own, .. } = *self;
        let (url, restriction) = match &self.target {
            Aim::Path => {
                let shown =
                    || Redaction::new(false, None, secrets.clone(), list.clone()).shown().masked(path);
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
        Ok((url, Redaction::new(restricted, shown, secrets, list)))
    }

    pub(super) fn is_off_origin(&self) -> bool {
        matches!(&self.target, Aim::Link { reached, .. } if !reached.is_trusted())
    }

    /// What the call is for, if not for a path below the session's base URL.
    pub(super) fn into_home(self) -> Option<Box<Home>> {
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

/// A URL of the caller, which must have the origin of the base URL.
fn own_url(base: &Base, url: &str, what: &str) -> Result<(Box<Url>, Reached)> {
    let reach = Reach { own: base.url(), session: None, allowed: &AllowedOrigins::none() };
    let (url, reached) = reach.resolve(base.url(), url).map_err(|why| {
        let why = match why {
            Refusal::Url(error) => error.to_string(),
            _ => "is an absolute URL of another origin; use `follow` for a link that the server sent, or `elsewhere`".into(),
        };
        Error::argument(format!("{what} {why}"))
    })?;
    Ok((Box::new(url), reached))
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
