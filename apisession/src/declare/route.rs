//! The operations of a session, with their full paths.

use std::any::TypeId;

use crate::call::{BaseUrl, Below, Declaration, Site};
use crate::describe::Operation;
use crate::encode::segment::push_path;
use crate::settings::Settings;

/// What a type declares: its operations, and the names of its grafts.
pub type Declared = (&'static [Declaration], &'static [&'static str]);

/// The operations of a session, collected endpoint by endpoint.
#[derive(Debug, Default)]
pub struct Routes {
    prefix: String,
    site: Site,
    /// The endpoints on the path: one that is grafted onto itself is listed once.
    endpoints: Vec<TypeId>,
    found: Vec<Route>,
    /// The names of credentials that endpoints select, with the endpoints.
    selected: Vec<(&'static str, &'static str)>,
}

impl Routes {
    /// Adds operations at the current path.
    pub fn operations(&mut self, operations: &'static [Declaration]) {
        for declaration in operations {
            let mut path = self.prefix.clone();
            push_path(&mut path, declaration.operation().path());
            let site = declaration.below().map_or(self.site, |below| self.site.nearer(below, 0));
            self.found.push(Route { declaration, path, site });
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
    pub fn below(&mut self, path: &str, list: fn(&mut Self)) {
        let parent = self.prefix.len();
        push_path(&mut self.prefix, path);
        list(self);
        self.prefix.truncate(parent);
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

    /// Adds the name of the credential that an endpoint selects.
    pub fn selects(&mut self, credential: &'static str, endpoint: &'static str) {
        self.selected.push((credential, endpoint));
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
}

/// An operation at its path in a session: the row of `operations()`.
#[derive(Clone, Debug)]
pub struct Route {
    declaration: &'static Declaration,
    path: String,
    site: Site,
}

impl Route {
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
}
