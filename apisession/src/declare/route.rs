//! The operations of a session, with their full paths.

use std::any::TypeId;
use std::sync::Arc;

use http::header;

use super::about::About;
use crate::call::{BaseUrl, Below, Declaration, Site};
use crate::describe::{Facts, Group, Operation, Parameter, PathPattern};
use crate::encode::segment::push_path;
use crate::settings::Settings;

/// The operations of a session, collected endpoint by endpoint.
#[derive(Debug, Default)]
pub struct Routes {
    prefix: String,
    site: Site,
    /// The endpoints on the path: one that is grafted onto itself is listed once.
    endpoints: Vec<TypeId>,
    about: Arc<About>,
    /// The endpoints and grafts on the path, each with its path.
    around: Vec<(Group, String)>,
    /// The same for the operations of one endpoint.
    shared: Option<Arc<[(Group, String)]>>,
    found: Vec<Route>,
    /// The names of credentials that endpoints select, with the endpoints.
    selected: Vec<(&'static str, &'static str)>,
}

impl Routes {
    /// The operations of the session that is written down in `text`.
    #[must_use]
    pub fn of(text: &'static str) -> Self {
        Self { about: Arc::new(About::new(text)), ..Self::default() }
    }

    /// Adds what is no text, but an expression of the SDK.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        if let Some(about) = Arc::get_mut(&mut self.about) {
            about.set(key, value.into());
        }
        self
    }

    /// Adds operations at the current path.
    pub fn operations(&mut self, operations: &'static [Declaration]) {
        for declaration in operations {
            let mut path = self.prefix.clone();
            push_path(&mut path, declaration.operation().path());
            let site = declaration.below().map_or(self.site, |below| self.site.nearer(below, 0));
            let around = self.shared.get_or_insert_with(|| self.around.clone().into());
            let (about, around) = (Arc::clone(&self.about), Arc::clone(around));
            self.found.push(Route { declaration, path, site, about, around });
        }
    }

    /// Enters an endpoint. Returns what the paths around it are below.
    pub(super) fn enter(&mut self, below: Option<Below>) -> Site {
        let outer = self.site;
        self.site = below.map_or(outer, |below| outer.nearer(below, 0));
        outer
    }

    /// Leaves the endpoint that was entered last.
    pub(super) fn leave(&mut self, outer: Site) {
        self.site = outer;
    }

    /// The base URLs that endpoints and operations declare, each with an operation below it.
    pub(crate) fn base_urls(&self) -> impl Iterator<Item = (&'static BaseUrl, &'static Operation)> {
        self.found.iter().filter_map(|route| match route.site.below {
            Below::Other(url) => Some((url, route.operation())),
            Below::Session { .. } => None,
        })
    }

    /// Calls `list` with `path` added to the current path.
    fn below(&mut self, path: &str, list: fn(&mut Self)) {
        let (parent, depth) = (self.prefix.len(), self.around.len());
        push_path(&mut self.prefix, path);
        self.shared = None;
        list(self);
        self.prefix.truncate(parent);
        self.around.truncate(depth);
        self.shared = None;
    }

    /// As [`below`](Self::below), unless the path is inside of `E` already.
    pub(super) fn below_once<E: 'static>(&mut self, path: &str, list: fn(&mut Self)) {
        let endpoint = TypeId::of::<E>();
        if !self.endpoints.contains(&endpoint) {
            self.endpoints.push(endpoint);
            self.below(path, list);
            self.endpoints.pop();
        }
    }

    /// Adds the operations behind a graft, which is written down in `text`.
    pub fn graft(&mut self, path: &str, text: &'static str, facts: &'static [Facts], list: fn(&mut Self)) {
        let depth = self.around.len();
        self.around.push((Group::new(text, facts), self.prefix.clone()));
        self.below(path, list);
        self.around.truncate(depth);
    }

    /// Adds the endpoint whose operations are listed, which is written down in `text`.
    pub fn endpoint(&mut self, text: &'static str) {
        let group = Group::new(text, &[]);
        if let Some(name) = group.key("auth").filter(|name| !["none", "session"].contains(name)) {
            self.selected.push((name, group.name()));
        }
        self.around.push((group, self.prefix.clone()));
    }

    /// The names of the credentials that endpoints and operations select, with what selects them.
    pub(crate) fn selected(&self) -> impl Iterator<Item = (&str, String)> {
        let endpoints = self.selected.iter().map(|(name, endpoint)| (*name, (*endpoint).to_owned()));
        let operations = self
            .found
            .iter()
            .filter_map(|route| Some((route.declaration.credential()?, route.operation().to_string())));
        endpoints.chain(operations)
    }

    /// The operations, in the order of the declarations.
    #[must_use]
    pub fn into_vec(self) -> Vec<Route> {
        self.found
    }

    /// What is known of the session, and the operations.
    pub(super) fn into_parts(self) -> (Arc<About>, Vec<Route>) {
        (self.about, self.found)
    }
}

/// An operation at its path in a session: the row of `operations()`.
#[derive(Clone)]
pub struct Route {
    declaration: &'static Declaration,
    path: String,
    site: Site,
    about: Arc<About>,
    around: Arc<[(Group, String)]>,
}

impl Route {
    pub(crate) fn declaration(&self) -> &'static Declaration {
        self.declaration
    }

    pub(crate) fn site(&self) -> Site {
        self.site
    }

    /// Returns the descriptor of the operation.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.declaration.operation()
    }

    /// Returns the settings of the operation, if it has any.
    #[must_use]
    pub fn settings(&self) -> Option<&'static Settings> {
        self.declaration.settings()
    }

    /// Returns the base URL that the operation or an endpoint around it declares, or `None` for that of the session.
    #[must_use]
    pub fn base_url(&self) -> Option<&'static str> {
        match self.site.below {
            Below::Other(url) => Some(url.as_str()),
            Below::Session { .. } => None,
        }
    }

    /// Whether the session's base path stands between its base URL and the path.
    #[must_use]
    pub fn uses_base_path(&self) -> bool {
        matches!(self.site.below, Below::Session { use_base: true })
    }

    /// Returns the full path template, below base URL and base path, if there is one: `/events/{id}`. It is that of the endpoint if a
    /// parameter is the URL of the request ([`Place::Url`](crate::Place::Url)).
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the endpoints and grafts on the way to the operation, the outermost first.
    pub fn groups(&self) -> impl DoubleEndedIterator<Item = Group> {
        self.around.iter().map(|(group, _)| *group)
    }

    /// Returns all parameters: those of the grafts on the way, and those of the operation.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter> {
        self.groups().flat_map(|group| group.parameters()).chain(self.operation().parameters())
    }

    /// Returns the media types that the request asks for: by the key `accept` of the operation, or else by the type of its response.
    #[must_use]
    pub fn accept(&self) -> &'static str {
        let declared = self.settings().and_then(|settings| settings.header_value(&header::ACCEPT));
        declared.unwrap_or(self.operation().accept())
    }

    /// Returns the tags of the operation, or if it declares none, those of the nearest endpoint that does.
    pub fn tags(&self) -> impl Iterator<Item = &'static str> {
        self.nearest("tag")
    }

    /// Returns the scopes of the operation, or if it declares none, those of the nearest endpoint that does.
    pub fn scopes(&self) -> impl Iterator<Item = &'static str> {
        self.nearest("scope")
    }

    fn nearest(&self, key: &'static str) -> impl Iterator<Item = &'static str> {
        let mut own = self.operation().all(key).peekable();
        let is_own = own.peek().is_some();
        let group = self.groups().rev().find(|group| group.all(key).next().is_some());
        let groups = group.filter(|_| !is_own).into_iter().flat_map(move |group| group.all(key));
        own.chain(groups)
    }

    /// Returns what the nearest key `auth` selects: `none`, `session`, or the name of a credential. `None` stands for the session's
    /// credential, too.
    #[must_use]
    pub fn credential(&self) -> Option<&'static str> {
        let own = self.operation().keys().find(|(name, _)| *name == "auth").map(|(_, value)| value);
        own.or_else(|| self.groups().rev().find_map(|group| group.key("auth")))
            .or_else(|| self.about.group().key("auth"))
    }

    /// Whether query and body are kept out of logs and errors, by the key `restricted_paths` of the operation, an endpoint or the
    /// session. What the hook of this name adds is known to a session only.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        let matches = |pattern: PathPattern| pattern.matches(&self.path);
        self.operation().get("restricted").is_some()
            || self.about.group().all("restricted").any(|pattern| matches(PathPattern::new(pattern)))
            || self.around.iter().any(|(group, prefix)| {
                group.all("restricted").any(|pattern| matches(PathPattern::new(pattern).below(prefix)))
            })
    }
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let operation = self.operation();
        f.debug_struct("Route")
            .field("method", &operation.method())
            .field("path", &self.path)
            .field("operation", operation)
            .finish_non_exhaustive()
    }
}
