//! Tunnels through proxies with `CONNECT` (RFC 9110 §9.3.6).

use http::uri::InvalidUri;
use http::{StatusCode, Uri};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;

use crate::error::BoxError;
use crate::transport::network::Refused;
use crate::transport::proxy;
use crate::transport::tls::BoxIo;

/// The head of a response that is longer than this is no response to `CONNECT`.
const MAX_HEAD: u64 = 8 * 1024;

/// Opens a tunnel to the server of `target`.
pub(super) async fn connect(proxy: &Url, target: &Url, mut io: BoxIo) -> Result<BoxIo, BoxError> {
    let port = target.port_or_known_default().unwrap_or_default();
    let address = format!("{}:{port}", target.host_str().unwrap_or_default());
    let mut request = format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n").into_bytes();
    if let Some(authorization) = proxy::authorization(proxy) {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(authorization.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    io.write_all(&request).await?;
    io.flush().await?;
    let mut head = Vec::new();
    // The server sends nothing before the client does, so nothing of it is read here.
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = (&mut io).take(MAX_HEAD - head.len() as u64).read_buf(&mut head).await?;
        if read == 0 {
            return Err("the response of the proxy to `CONNECT` is not complete".into());
        }
    }
    let is_http = head.starts_with(b"HTTP/1.0 ") || head.starts_with(b"HTTP/1.1 ");
    let status = head.get(9..12).filter(|_| is_http).and_then(|digits| StatusCode::from_bytes(digits).ok());
    if status.is_some_and(|status| status.is_success()) { Ok(io) } else { Err(Refused(status).into()) }
}

/// The host and port of a URL. The default port of SOCKS is 1080.
pub(super) fn address(url: &Url) -> Result<Uri, InvalidUri> {
    let port = url.port_or_known_default().unwrap_or(1080);
    format!("{}://{}:{port}", url.scheme(), url.host_str().unwrap_or_default()).parse()
}
