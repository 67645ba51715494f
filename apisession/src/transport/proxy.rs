//! Selects the proxy of a request.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use url::Url;
#[cfg(feature = "hyper")]
use {base64::engine::general_purpose::STANDARD, http::HeaderValue};

use super::no_proxy::{Exception, entries, normalized};
use crate::encode::origin;
use crate::encode::percent::decoded;
use crate::redact::Secret;

/// The proxies of a session. By default there are none, and the environment is not read.
///
/// The most specific rule applies: one for the host, then one for the scheme, then one for all requests. Rules that are
/// set here override the environment. A user name and password in the URL of a proxy are sent to the proxy only. A
/// proxy can read requests over plain HTTP, including those to this machine.
///
/// ```no_run
/// use apisession::prelude::*;
/// use apisession::Proxies;
///
/// # #[derive(Clone, APISession)]
/// # #[session(base_url = "https://api.acme.example/v1")]
/// # pub struct Acme { session: Session }
/// let proxies = Proxies::new().https("http://proxy.acme.example:3128").no_proxy("localhost,.internal,10.0.0.0/8");
/// let api = Acme::builder().proxies(proxies).build()?;
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Proxies {
    /// At most one rule for each scope.
    rules: Vec<(ProxyScope, String)>,
    exceptions: Vec<String>,
    trusts_environment: bool,
}

/// The requests that a rule covers. The order is from the most specific to the least.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ProxyScope {
    Host(String),
    Scheme(&'static str),
    All,
}

impl Proxies {
    /// Creates an empty list of proxies.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends requests to `host` through the proxy at this URL.
    ///
    /// The scheme of a proxy's URL is `http`, `https`, or with the feature `socks` one of `socks4`, `socks4a`,
    /// `socks5`, `socks5h`. A URL without a scheme is `http`.
    #[must_use]
    pub fn host(self, host: impl Into<String>, proxy: impl Into<String>) -> Self {
        self.with(ProxyScope::Host(normalized(&host.into())), proxy.into())
    }

    /// Sends `http` requests through the proxy at this URL.
    #[must_use]
    pub fn http(self, proxy: impl Into<String>) -> Self {
        self.with(ProxyScope::Scheme("http"), proxy.into())
    }

    /// Sends `https` requests through the proxy at this URL.
    #[must_use]
    pub fn https(self, proxy: impl Into<String>) -> Self {
        self.with(ProxyScope::Scheme("https"), proxy.into())
    }

    /// Sends all requests through the proxy at this URL.
    #[must_use]
    pub fn all(self, proxy: impl Into<String>) -> Self {
        self.with(ProxyScope::All, proxy.into())
    }

    /// Adds hosts to which requests are sent directly, separated by commas or spaces.
    ///
    /// The entries are those of `NO_PROXY` in curl and in Go's net/http. An entry that has none of these forms is logged as a warning
    /// when the session is built, and has no effect.
    ///
    /// | entry | hosts |
    /// |---|---|
    /// | `example.com`, `.example.com` | this name and all names below it |
    /// | `*.example.com` | all names below it |
    /// | `10.0.0.1`, `::1`, `[::1]` | this address |
    /// | `10.0.0.0/8`, `fd00::/8` | the addresses of this network |
    /// | `*` | all hosts |
    ///
    /// Each may have a port, as in `example.com:8443` or `[::1]:8443`. Case and a dot at the end of a name don't matter.
    #[must_use]
    pub fn no_proxy(mut self, list: &str) -> Self {
        self.exceptions.extend(entries(list).map(str::to_owned));
        self
    }

    /// Uses the proxies of the environment where no rule is set here, as they are when the session is built.
    ///
    /// The variables are `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, in lower case first, then in upper
    /// case. They do not apply to requests to this machine. `HTTP_PROXY` is ignored in a CGI process, which has
    /// `REQUEST_METHOD`: there it is a header of the request that the process serves.
    #[must_use]
    pub fn trust_env(mut self) -> Self {
        self.trusts_environment = true;
        self
    }

    /// Whether no option was set that can select a proxy.
    pub(crate) fn is_default(&self) -> bool {
        self.rules.is_empty() && !self.trusts_environment
    }

    fn with(mut self, scope: ProxyScope, proxy: String) -> Self {
        self.rules.retain(|(other, _)| *other != scope);
        self.rules.push((scope, proxy));
        self
    }

    /// Parses the rules, including those of the environment. The error is a complete message, without the password of a
    /// proxy.
    pub(crate) fn rules(&self, environment: impl Fn(&str) -> Option<String>) -> Result<ProxyRules, String> {
        let mut rules = self.rules.clone();
        let mut exceptions = self.exceptions.clone();
        if self.trusts_environment {
            let variable = |name: &str| {
                let upper = name.to_ascii_uppercase();
                let is_header = upper == "HTTP_PROXY" && environment("REQUEST_METHOD").is_some();
                let upper = || environment(&upper).filter(|_| !is_header);
                environment(name).or_else(upper).filter(|value| !value.is_empty())
            };
            let scopes = [
                ("http_proxy", ProxyScope::Scheme("http")),
                ("https_proxy", ProxyScope::Scheme("https")),
                ("all_proxy", ProxyScope::All),
            ];
            // A rule for all requests overrides the environment's rule for a scheme.
            let is_overridden = |scope: &ProxyScope| {
                self.rules.iter().any(|(own, _)| own == scope || *own == ProxyScope::All)
            };
            for (name, scope) in scopes {
                if let Some(proxy) = variable(name).filter(|_| !is_overridden(&scope)) {
                    rules.push((scope, proxy));
                }
            }
            exceptions.extend(entries(&variable("no_proxy").unwrap_or_default()).map(str::to_owned));
        }
        rules.sort();
        let rules = rules.into_iter().map(|(scope, proxy)| {
            let is_explicit = self.rules.iter().any(|(own, _)| *own == scope);
            Ok(ProxyRule { proxy: parse(&proxy)?, scope, is_explicit })
        });
        let exceptions = exceptions.iter().filter_map(|entry| {
            let exception = Exception::parse(entry);
            if exception.is_none() {
                tracing::warn!(entry, "an entry of `no_proxy` has an unknown form, and no effect");
            }
            exception
        });
        let exceptions = exceptions.collect();
        Ok(ProxyRules { rules: rules.collect::<Result<_, String>>()?, exceptions })
    }
}

/// Parses the URL of a proxy. Without a scheme it is `http`, as in other clients.
fn parse(proxy: &str) -> Result<Url, String> {
    let known = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
    let has_scheme = proxy.contains("://");
    let url = if has_scheme { Url::parse(proxy) } else { Url::parse(&format!("http://{proxy}")) };
    let url = url.ok().filter(|url| known.contains(&url.scheme()) && url.has_host());
    // The message does not quote the URL, which may contain a password.
    let url = url.ok_or("the URL of a proxy is not valid; write it as `http://proxy.example.com:3128`")?;
    if url.scheme().starts_with("socks") && !cfg!(feature = "socks") {
        return Err("a SOCKS proxy requires the feature `socks` of `apisession`; enable it".into());
    }
    Ok(url)
}

/// The parsed rules, with those of the environment.
#[derive(Clone)]
pub(crate) struct ProxyRules {
    /// The most specific first.
    rules: Vec<ProxyRule>,
    exceptions: Vec<Exception>,
}

#[derive(Clone)]
struct ProxyRule {
    scope: ProxyScope,
    proxy: Url,
    /// Whether it was set on [`Proxies`], and not in the environment.
    is_explicit: bool,
}

impl ProxyRules {
    #[cfg(feature = "reqwest")]
    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The proxy for a request to `target`.
    pub(crate) fn proxy(&self, target: &Url) -> Option<&Url> {
        if self.rules.is_empty() {
            return None;
        }
        let (host, port) = (normalized(target.host_str()?), target.port_or_known_default());
        if self.exceptions.iter().any(|exception| exception.covers(&host, port)) {
            return None;
        }
        let covers = |scope: &ProxyScope| match scope {
            ProxyScope::Host(name) => *name == host,
            ProxyScope::Scheme(scheme) => target.scheme() == *scheme,
            ProxyScope::All => true,
        };
        let is_local = origin::is_loopback(target);
        let rule = self.rules.iter().find(|rule| covers(&rule.scope) && (rule.is_explicit || !is_local));
        rule.map(|rule| &rule.proxy)
    }
}

/// The secrets in the URL of a proxy: its password, or without one the user, and the two in base64 as they are sent.
pub(super) fn secrets(proxy: &Url) -> Vec<Secret> {
    let Some([user, password]) = login(proxy) else { return Vec::new() };
    let pair = STANDARD_NO_PAD.encode(format!("{}:{}", user.expose(), password.expose()));
    let secret = if password.expose().is_empty() { user } else { password };
    vec![secret, pair.into()]
}

/// The user name and password in the URL of a proxy, if it has one of them.
pub(super) fn login(proxy: &Url) -> Option<[Secret; 2]> {
    let login = [proxy.username(), proxy.password().unwrap_or_default()].map(percent_decoded);
    login.iter().any(|text| !text.expose().is_empty()).then_some(login)
}

/// Whether requests to `target` are sent whole to a proxy that forwards them. Through other proxies there is a tunnel.
#[cfg(feature = "hyper")]
pub(super) fn forwards(proxy: Option<&Url>, target: &Url) -> bool {
    target.scheme() == "http" && proxy.is_some_and(|proxy| proxy.scheme().starts_with("http"))
}

/// The header by which a proxy is given them.
#[cfg(feature = "hyper")]
pub(super) fn authorization(proxy: &Url) -> Option<HeaderValue> {
    let [user, password] = login(proxy)?;
    let pair = STANDARD.encode(format!("{}:{}", user.expose(), password.expose()));
    let mut value = HeaderValue::try_from(format!("Basic {pair}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn percent_decoded(text: &str) -> Secret {
    String::from_utf8_lossy(&decoded(text)).into_owned().into()
}

/// Shows the host and port of each proxy, never its user name and password.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |proxy: &str| {
            let host = parse(proxy)
                .ok()
                .and_then(|url| Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?)));
            host.unwrap_or_else(|| "invalid".to_owned())
        };
        let rules: Vec<_> = self.rules.iter().map(|(scope, proxy)| (scope, shown(proxy))).collect();
        f.debug_struct("Proxies")
            .field("rules", &rules)
            .field("no_proxy", &self.exceptions)
            .field("trust_env", &self.trusts_environment)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(proxies: &Proxies, environment: &[(&str, &str)]) -> ProxyRules {
        let find = |name: &str| {
            environment.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        };
        proxies.rules(find).unwrap()
    }

    fn selected(rules: &ProxyRules, target: &str) -> String {
        rules.proxy(&Url::parse(target).unwrap()).map_or("-".into(), |proxy| proxy.host_str().unwrap().into())
    }

    #[test]
    fn the_most_exact_rule_wins_and_explicit_proxies_precede_the_environment() {
        let environment =
            [("http_proxy", "http://env-http"), ("HTTPS_PROXY", "env-https:3128"), ("no_proxy", "in.test")];
        let rows: [(Proxies, &str, &str); 14] = [
            (Proxies::new(), "https://a.test", "-"),
            (Proxies::new().trust_env(), "http://a.test", "env-http"),
            (Proxies::new().trust_env(), "https://a.test", "env-https"),
            (Proxies::new().trust_env(), "https://x.in.test", "-"),
            // The environment does not apply to this machine.
            (Proxies::new().trust_env(), "http://localhost:8080", "-"),
            (Proxies::new().all("http://own").trust_env(), "http://127.0.0.1", "own"),
            (Proxies::new().all("http://own").trust_env(), "https://a.test", "own"),
            (Proxies::new().https("http://own").trust_env(), "https://a.test", "own"),
            (Proxies::new().https("http://own").trust_env(), "http://a.test", "env-http"),
            (Proxies::new().https("http://own").trust_env(), "https://in.test", "-"),
            (Proxies::new().all("http://all").http("http://http"), "http://a.test", "http"),
            (Proxies::new().all("http://all").http("http://http"), "https://a.test", "all"),
            (Proxies::new().host("A.test", "http://host").http("http://http"), "http://a.test", "host"),
            (Proxies::new().all("http://one").all("http://two"), "http://a.test", "two"),
        ];
        for (proxies, target, expected) in rows {
            assert_eq!(selected(&resolved(&proxies, &environment), target), expected, "{proxies:?} {target}");
        }
        // The lower case takes precedence, and a CGI process ignores the header `Proxy` of its request.
        let both = [("http_proxy", "http://lower"), ("HTTP_PROXY", "http://upper")];
        let trusting = Proxies::new().trust_env();
        assert_eq!(selected(&resolved(&trusting, &both), "http://a.test"), "lower");
        let cgi = [("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "http://evil")];
        assert_eq!(selected(&resolved(&trusting, &cgi), "http://a.test"), "-");
    }

    #[test]
    fn an_invalid_proxy_is_an_error_without_its_password() {
        for proxy in ["http://", "http://ana:pw@", "http://ana:pw@[", ""] {
            let message = Proxies::new().all(proxy).rules(|_| None).err().unwrap();
            assert!(!message.contains("pw"), "{message}");
        }
        let shown = format!("{:?}", Proxies::new().all("http://ana:pw@proxy.test:3128"));
        assert!(!shown.contains("pw") && shown.contains("proxy.test:3128"), "{shown}");
    }
}
