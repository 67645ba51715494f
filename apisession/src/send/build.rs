//! How a session is built: the struct over an empty session, the hooks that shape it, the struct over the real one.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use http::header;

use super::concealed::Concealed;
use super::engine::{Core, HooksLink, SessionEngine};
use crate::call::{CachedValues, Session};
use crate::credential::{Clock, LeaseStore};
use crate::declare::{APISession, Hooks, Root, Routes};
use crate::encode::Base;
use crate::error::{Error, Result};
use crate::limit::InFlight;
use crate::limit::limiter::Local;
use crate::message::{encoding, headers, user_agent};
use crate::observe::{Sdk, Telemetry};
use crate::policy::Budget;
use crate::settings::{Choice, Options, Resolved, SessionBuilder, Setting, Settings};
use crate::transport::mount::{Mounts, Prefix};
use crate::transport::{self, Network, Transport};

/// Signs in with a session, if it could be built.
#[doc(hidden)]
pub async fn connected<S: Root>(built: Result<S>) -> Result<S> {
    let api = built?;
    api.session().sign_in().await?;
    Ok(api)
}

/// Builds a session.
#[doc(hidden)]
pub fn build<S: APISession, B>(builder: SessionBuilder<B>) -> Result<S> {
    let (mut options, fields) = builder.into_parts();
    let fields: Vec<&dyn Any> = fields.iter().map(|field| &**field as _).collect();
    if options.base_url.is_none()
        && let Some(url) = S::base_url_of(&fields)?
    {
        options.declare_base_url(url);
    }
    let inside = Session::default();
    let copy = Arc::new(S::assembled(inside.clone(), &fields));
    let mut options = copy.build_session(options)?;
    let source = Arc::new(options.discover()?);
    let own = std::mem::take(&mut options.settings);
    let mut settings = Settings::new();
    let map = copy.error_map();
    if !map.is_empty() {
        // Every response is looked up in it.
        settings = settings.error_map(map);
    }
    for pattern in copy.restricted_paths() {
        settings.set(Setting::Restricted(pattern));
    }
    settings.extend(own);
    let resolved = resolve(&options, &settings)?;
    if resolved.limits.allow_list.as_ref().is_some_and(|list| list.shows_all) {
        tracing::warn!("`danger_show_secrets` is set: logs and errors of this session show its secrets");
    }
    let routes = S::routes();
    check_selected(&options, &resolved.limits.credential, &routes)?;
    let needs_tls = check_base_urls(&routes)?;
    let core = Arc::new(Core::new(options, resolved.limits.timeout, needs_tls)?);
    let hooks = Arc::clone(&copy) as Arc<dyn Hooks>;
    let link = HooksLink::Inside(Arc::downgrade(&hooks));
    let engine =
        SessionEngine { core, hooks: link, settings, resolved, source, values: CachedValues::default() };
    let outside = engine.linked(HooksLink::Outside(hooks));
    inside.install(Arc::new(engine));
    Ok(copy.over(Session::new(Arc::new(outside))))
}

/// What holds by the settings of the session alone.
fn resolve(options: &Options, settings: &Settings) -> Result<Resolved> {
    if let Some(mistake) = settings.mistake() {
        return Err(Error::configuration(mistake));
    }
    let mut resolved = Resolved::default();
    let headers = Arc::make_mut(&mut resolved.headers);
    let agent =
        user_agent::user_agent(&options.vendor, &options.product, &options.build, options.lib.as_deref());
    headers.insert(header::USER_AGENT, agent);
    if let Some(codings) = encoding::accepted() {
        headers.insert(header::ACCEPT_ENCODING, codings);
    }
    resolved.apply(settings);
    for limit in &mut resolved.limits_mut().rate_limits {
        *limit = std::mem::take(limit).or_named("session");
    }
    Ok(resolved)
}

impl Core {
    fn new(options: Options, timeout: Duration, needs_tls: bool) -> Result<Self> {
        check(&options)?;
        let base_url = options.base_url.as_deref().ok_or_else(|| {
            Error::configuration(
                "`base_url` is missing; declare it in `#[session(…)]` or set it on the builder",
            )
        })?;
        let base = Base::parse(base_url, &options.base_path).map_err(Error::configuration)?;
        let needs_tls = needs_tls || base.url().scheme() == "https";
        let network = options.network.of_session(options.max_in_flight, needs_tls);
        let transport = options.transport.map_or_else(transport::default, Ok)?;
        let transport = configured(transport, &network)?;
        let id_header = options.request_id_header.as_deref().map(headers::name).transpose();
        let id_header =
            id_header.map_err(|error| Error::configuration(format!("`request_id_header`: {error}")))?;
        let id_header = id_header.map(Arc::new);
        let client_request_id = options.client_request_id.as_deref().map(headers::name).transpose();
        let client_request_id = client_request_id
            .map_err(|error| Error::configuration(format!("`client_request_id`: {error}")))?;
        let mounts = options.mounts.into_iter();
        let mounts = mounts.map(|(prefix, transport)| Ok((Prefix::parse(&prefix)?, transport)));
        let mounts = mounts.collect::<Result<Vec<_>, String>>().map_err(Error::configuration)?;
        mounts.iter().try_for_each(|(_, transport)| transport.as_ref().prepare())?;
        let origin = base.url().origin();
        let wrapped = |transport| match &options.wrapping {
            Some(wrapping) => wrapping.wrap(transport, &origin),
            None => transport,
        };
        let mounts: Vec<_> =
            mounts.into_iter().map(|(prefix, transport)| (prefix, wrapped(transport))).collect();
        let transport = wrapped(transport);
        let sdk = Sdk::new(options.lib.as_deref(), options.declared_in);
        let telemetry = Telemetry::new(sdk, options.observers, options.trace_context);
        Ok(Self {
            origin,
            base,
            login: LeaseStore::default(),
            clock: Clock::default(),
            credentials: options.credentials,
            timeout,
            in_flight: InFlight::new(options.max_in_flight),
            budget: Budget::new(options.retry_budget.0),
            limiter: options.limiter.unwrap_or_else(|| Arc::new(Local::default())),
            mounts: Mounts::new(transport, mounts),
            concealed: Concealed::default(),
            id_header,
            client_request_id,
            per_call: options.per_call,
            per_attempt: options.per_attempt,
            telemetry: Arc::new(telemetry),
        })
    }
}

fn check(options: &Options) -> Result<()> {
    if options.max_in_flight == Some(0) {
        return Err(Error::configuration(
            "`max_in_flight` is zero, so no request could be sent; leave it out for no limit",
        ));
    }
    if let Some(name) = options.credentials.keys().find(|name| !is_name(name)) {
        let name = name.escape_default();
        return Err(Error::configuration(format!(
            "`add_credential` gives the name `{name}`, which `auth` can't select; a name is a word other than `none` and `session`"
        )));
    }
    Ok(())
}

/// The transport, with the options of the session.
fn configured(transport: Arc<dyn Transport>, network: &Network) -> Result<Arc<dyn Transport>> {
    let transport = match (transport.as_ref().with_network(network), network.first_option()) {
        (Some(with_options), _) => with_options,
        (None, None) => transport,
        (None, Some(option)) => {
            return Err(Error::configuration(format!(
                "`{option}` is an option of a transport over sockets, and the one that `transport` sets takes no options; set it there"
            )));
        }
    };
    transport.as_ref().prepare()?;
    Ok(transport)
}

/// Refuses a declaration that selects a credential which the session does not have. A call that selects one fails itself.
fn check_selected(options: &Options, own: &Choice, routes: &Routes) -> Result<()> {
    let own = match own {
        Choice::Named(name) => Some((&**name, "the session".to_owned())),
        Choice::None | Choice::Session | Choice::This(_) => None,
    };
    let unknown = |(name, _): &(&str, String)| !options.credentials.contains_key(*name);
    let Some((name, who)) = own.into_iter().chain(routes.selected()).find(unknown) else { return Ok(()) };
    Err(Error::configuration(format!(
        "`auth` of {who} selects the credential `{name}`, which the session does not have; add it by `add_credential` on the builder"
    )))
}

/// Checks the base URLs that endpoints and operations declare. Returns whether one of them needs TLS.
fn check_base_urls(routes: &Routes) -> Result<bool> {
    let mut needs_tls = false;
    for (url, operation) in routes.base_urls() {
        let base =
            url.base().map_err(|why| Error::configuration(format!("{why} (it is that of {operation})")))?;
        needs_tls |= base.url().scheme() == "https";
    }
    Ok(needs_tls)
}

/// Whether `auth = NAME` can select it.
fn is_name(name: &str) -> bool {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_word && !name.is_empty() && !name.as_bytes()[0].is_ascii_digit() && !matches!(name, "none" | "session")
}

/// The builder of an SDK. The macros write the setters of the author's fields; the rest is the same for all of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __builder {
    ({ $($about:tt)* } $vis:vis $builder:ident $session:ident { $($setters:tt)* }) => {
        $($about)*
        #[must_use = "a builder does nothing until `build` or `connect`"]
        $vis struct $builder($crate::SessionBuilder<Self>);

        #[allow(deprecated)]
        impl $builder {
            $($setters)*

            /// Builds the session. Nothing is sent: the first call that needs a credential signs in.
            ///
            /// # Errors
            ///
            /// If a setting is invalid, or the SDK rejects the options.
            $vis fn build(self) -> $crate::Result<$session> {
                $crate::__private::build(self.0)
            }

            /// Builds the session, and signs in at once.
            ///
            /// If this fails halfway or the future is dropped, it signs out again.
            ///
            /// # Errors
            ///
            /// The errors of [`build`](Self::build), or if the sign-in fails.
            $vis async fn connect(self) -> $crate::Result<$session> {
                $crate::__private::connected(self.build()).await
            }
        }

        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::ops::Deref for $builder {
            type Target = $crate::SessionBuilder<Self>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::fmt::Debug for $builder {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}
