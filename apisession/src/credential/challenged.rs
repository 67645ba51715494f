//! Tokens that a server asks for by challenges, one for each scope.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_core::future::BoxFuture;
use http::{HeaderMap, Method};
use url::{Origin, Url};

use super::source::{Caller, Fetch, Source};
use super::{Credential, LeaseStore};
use crate::error::Result;
use crate::message::Challenge;

/// Fetches the credential that a challenge asks for. The module [`provider`](crate::provider), a higher layer, implements it.
pub(crate) trait Respond: Send + Sync {
    fn respond(&self, caller: Caller, challenge: Challenge) -> BoxFuture<'static, Result<Credential>>;
}

/// The tokens that servers have asked for. A challenge is used for the origin of its server alone.
pub(crate) struct Challenged {
    scheme: String,
    respond: Arc<dyn Respond>,
    servers: Mutex<HashMap<Origin, Server>>,
}

/// How many tokens, and how many requests that need one, are remembered of a server.
const MAX_REMEMBERED: usize = 1000;

/// What is known of a server.
#[derive(Default)]
struct Server {
    /// The realm and the service of the last challenge.
    realm: Vec<(&'static str, Vec<u8>)>,
    tokens: HashMap<Key, Arc<Source>>,
    /// The token that the server has asked for, by the method and the path of the request.
    asked: HashMap<(Method, String), Arc<Source>>,
}

/// What a token is for: the realm, the service, and the scope.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    realm: Option<Vec<u8>>,
    service: Option<Vec<u8>>,
    scope: Vec<Vec<u8>>,
}

impl Key {
    fn of(challenge: &Challenge) -> Self {
        let value = |name| challenge.bytes(name).map(<[u8]>::to_vec);
        // The order of a scope has no meaning (RFC 6749 §3.3).
        let scope = challenge.bytes("scope").unwrap_or_default().split(u8::is_ascii_whitespace);
        let mut scope: Vec<_> = scope.filter(|part| !part.is_empty()).map(<[u8]>::to_vec).collect();
        scope.sort_unstable();
        scope.dedup();
        Self { realm: value("realm"), service: value("service"), scope }
    }
}

impl Challenged {
    pub(crate) fn new(scheme: &str, respond: Arc<dyn Respond>) -> Self {
        Self { scheme: scheme.to_ascii_lowercase(), respond, servers: Mutex::default() }
    }

    /// The first challenge of the scheme in the headers of a response.
    pub(crate) fn challenge(&self, headers: &HeaderMap) -> Option<Challenge> {
        Challenge::all(headers).into_iter().find(|challenge| challenge.scheme() == self.scheme)
    }

    /// The source of the token for a challenge, which the response to a request of this method to `url` had.
    pub(crate) fn asked(&self, challenge: Challenge, method: &Method, url: &Url) -> Arc<Source> {
        let mut servers = self.servers();
        let server = servers.entry(url.origin()).or_default();
        let known = |name| challenge.bytes(name).map(|value| (name, value.to_vec()));
        server.realm = ["realm", "service"].into_iter().filter_map(known).collect();
        let source = server.source(challenge, &self.respond);
        limit(&mut server.asked);
        server.asked.insert((method.clone(), url.path().to_owned()), Arc::clone(&source));
        source
    }

    /// The source of the token that a request needs, if the server has asked for one before.
    pub(crate) fn expected(&self, method: &Method, url: &Url) -> Option<Arc<Source>> {
        let servers = self.servers();
        servers.get(&url.origin())?.asked.get(&(method.clone(), url.path().to_owned())).cloned()
    }

    /// Forgets what the server has asked for, since that token can't be fetched.
    pub(crate) fn forget(&self, method: &Method, url: &Url) {
        if let Some(server) = self.servers().get_mut(&url.origin()) {
            server.asked.remove(&(method.clone(), url.path().to_owned()));
        }
    }

    /// The source of the token for a scope, with the realm and the service that the server of `url` has named last, if any.
    pub(crate) fn stated(&self, scope: String, url: &Url) -> Arc<Source> {
        let mut servers = self.servers();
        let server = servers.entry(url.origin()).or_default();
        let parameters = server.realm.iter().cloned().chain([("scope", scope.into_bytes())]);
        let challenge = Challenge::of(&self.scheme, parameters);
        server.source(challenge, &self.respond)
    }

    /// The sources so far of the tokens for this origin, or for all.
    pub(crate) fn sources(&self, origin: Option<&Origin>) -> Vec<Arc<Source>> {
        let servers = self.servers();
        let asked = servers.iter().filter(|(own, _)| origin.is_none_or(|origin| origin == *own));
        asked.flat_map(|(_, server)| server.tokens.values().cloned()).collect()
    }

    fn servers(&self) -> MutexGuard<'_, HashMap<Origin, Server>> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    fn source(&mut self, challenge: Challenge, respond: &Arc<dyn Respond>) -> Arc<Source> {
        limit(&mut self.tokens);
        let new = |challenge| {
            let token = Token { challenge, respond: Arc::clone(respond) };
            Arc::new(Source::shared(Arc::new(token), LeaseStore::default()))
        };
        Arc::clone(self.tokens.entry(Key::of(&challenge)).or_insert_with(|| new(challenge)))
    }
}

/// Forgets everything rather than grow without end. Tokens are fetched again then.
fn limit<K, V>(map: &mut HashMap<K, V>) {
    if map.len() >= MAX_REMEMBERED {
        map.clear();
    }
}

/// The token for one challenge.
struct Token {
    challenge: Challenge,
    respond: Arc<dyn Respond>,
}

impl Fetch for Token {
    fn fetch(self: Arc<Self>, caller: Caller) -> BoxFuture<'static, Result<Credential>> {
        self.respond.respond(caller, self.challenge.clone())
    }
}
