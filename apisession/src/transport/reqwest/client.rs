//! A client of reqwest with the options of a transport.

use std::time::Duration;

use reqwest::{Client, ClientBuilder, Proxy, redirect, retry};

use crate::error::BoxError;
use crate::transport::network::connections::LimitLayer;
use crate::transport::network::limit::{MAX_HEADER_LIST, MAX_HEADERS};
use crate::transport::network::{Network, keep_alive};
use crate::transport::proxy::ProxyRules;
use crate::transport::tls::Backend;

/// Creates a client that keeps an idle connection for `idle`.
pub(super) fn keeping(
    idle: Duration,
    options: &Network,
    proxies: &ProxyRules,
    backend: Option<&Backend>,
) -> Result<Client, BoxError> {
    let client = builder(options, proxies).pool_idle_timeout(idle);
    // Otherwise a connection is still given to a call that waits for one.
    let client = if idle.is_zero() { client.pool_max_idle_per_host(0) } else { client };
    let client = match backend {
        Some(backend) => backend.applied_to(client).build(),
        None => client.build(),
    };
    client.map_err(|error| error.without_url().into())
}

fn builder(options: &Network, proxies: &ProxyRules) -> ClientBuilder {
    let mut client = match &options.own_client {
        Some(make) if options.resolver.is_none() => make(),
        Some(make) => make().dns_resolver(options.resolver()),
        None => Client::builder().dns_resolver(options.resolver()),
    };
    // Those of the environment.
    client = client.no_proxy();
    if options.only_http2 {
        client = client.http2_prior_knowledge();
    }
    if options.max_connections.is_some() {
        client = client.connector_layer(LimitLayer);
    }
    if !proxies.is_empty() {
        let proxies = proxies.clone();
        client = client.proxy(Proxy::custom(move |url| proxies.proxy(url).cloned()));
    }
    #[cfg(target_os = "linux")]
    let client = client.tcp_user_timeout(keep_alive::UNACKNOWLEDGED);
    client
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .connect_timeout(options.connect_timeout_or_default())
        .tcp_keepalive(keep_alive::SILENCE)
        .tcp_keepalive_interval(keep_alive::SILENCE)
        .tcp_keepalive_retries(keep_alive::PROBES)
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(MAX_HEADER_LIST)
}
