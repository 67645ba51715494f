//! The device flow: a person enters a code on another device (RFC 8628).

use std::fmt;
use std::time::Duration;

use futures_core::future::BoxFuture;
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use super::oauth2::{Ask, Form, OAuth2, TokenResponse, refused};
use crate::call::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::limit::deadline;
use crate::message::json_duration;
use crate::redact::Secret;

/// What a person needs to sign in on another device.
#[derive(Clone)]
#[non_exhaustive]
pub struct DeviceCode {
    /// The page on which the person enters the code.
    pub verification_uri: String,
    /// The page with the code in it, as for a QR code, if the server has one.
    pub verification_uri_complete: Option<String>,
    /// The code to enter.
    pub user_code: String,
    /// For how long the code is valid.
    pub expires_in: Duration,
}

struct Device {
    url: String,
    show: Box<dyn Fn(&DeviceCode) + Send + Sync>,
}

/// The longest time for which a person is waited for.
const LONGEST: Duration = Duration::from_secs(30 * 60);
/// How long a code is valid if the server does not state it.
const EXPIRES_IN: Duration = Duration::from_secs(10 * 60);
/// The pause between two polls, and by how much `slow_down` raises it (RFC 8628 §3.5).
const INTERVAL: Duration = Duration::from_secs(5);
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

impl OAuth2 {
    /// Requests tokens with the rights of a person who enters a code on another device (RFC 8628), for programs without a browser.
    ///
    /// `show` is called with the code and the page, when somebody has to sign in. The token endpoint is then asked every 5 seconds, or as
    /// often as the server wants, until the code expires, or 30 minutes have passed. A call waits for it no longer than its `timeout`, and
    /// a later one waits on; `connect().await` waits until the end.
    ///
    /// With a refresh token, nobody is asked again until the server refuses that. [`stored_in`](Self::stored_in) keeps it beyond the life
    /// of the program.
    ///
    /// ```
    /// use apisession::OAuth2;
    ///
    /// let (device, token) = ("https://login.acme.example/device", "https://login.acme.example/token");
    /// let person = OAuth2::device(device, token, "calendar", |code| {
    ///     println!("Open {} and enter {}", code.verification_uri, code.user_code);
    /// });
    /// # let _ = person.scope("events.read");
    /// ```
    #[must_use]
    pub fn device(
        device_url: impl Into<String>,
        token_url: impl Into<String>,
        client_id: impl Into<String>,
        show: impl Fn(&DeviceCode) + Send + Sync + 'static,
    ) -> Self {
        Self::of_person(token_url, client_id, Device { url: device_url.into(), show: Box::new(show) })
    }
}

impl Ask for Device {
    fn name(&self) -> &'static str {
        "device code"
    }

    fn time_limit(&self) -> Duration {
        LONGEST + Duration::from_secs(60)
    }

    fn ask<'a>(&'a self, tokens: &'a OAuth2, session: &'a Session) -> BoxFuture<'a, Result<TokenResponse>> {
        Box::pin(async move {
            let body =
                tokens.post(session, &self.url, "the device endpoint", tokens.scoped(Form::default()), true);
            let (body, _) = body.await?;
            let granted = Granted::read(&body)?;
            let end = deadline(granted.shown.expires_in.min(LONGEST), Instant::now());
            (self.show)(&granted.shown);
            granted.poll(tokens, session, end).await
        })
    }
}

/// The response of the device endpoint (RFC 8628 §3.2).
struct Granted {
    device_code: Secret,
    interval: Duration,
    shown: DeviceCode,
}

impl Granted {
    fn read(body: &Map<String, Value>) -> Result<Self> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        let missing = |name| {
            let message = format!("the response of the device endpoint has no `{name}`, or an empty one");
            Error::new(ErrorKind::Authentication, message)
        };
        let time =
            |name: &str| body.get(name).and_then(json_duration::of_json).filter(|time| !time.is_zero());
        let page = text("verification_uri")
            .or(text("verification_url"))
            .ok_or_else(|| missing("verification_uri"))?;
        Ok(Self {
            device_code: text("device_code").ok_or_else(|| missing("device_code"))?.into(),
            interval: time("interval").unwrap_or(INTERVAL),
            shown: DeviceCode {
                verification_uri: page.to_owned(),
                verification_uri_complete: text("verification_uri_complete").map(str::to_owned),
                user_code: text("user_code").ok_or_else(|| missing("user_code"))?.to_owned(),
                expires_in: time("expires_in").unwrap_or(EXPIRES_IN),
            },
        })
    }

    /// Asks for the tokens until the person has decided, or the code has expired.
    async fn poll(self, tokens: &OAuth2, session: &Session, end: Instant) -> Result<TokenResponse> {
        let expired = || refused("the code was not entered in time; sign in again for another one");
        let mut interval = self.interval.min(LONGEST_INTERVAL);
        loop {
            if deadline(interval, Instant::now()) > end {
                return Err(expired());
            }
            sleep(interval).await;
            let mut form = Form::default();
            form.add("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
            form.add_secret("device_code", self.device_code.clone());
            let error = match tokens.request_token(session, form, false).await {
                Ok(token) => return Ok(token),
                Err(error) => error,
            };
            match error.code() {
                Some("authorization_pending") => {}
                Some("slow_down") => interval = (interval + INTERVAL).min(LONGEST_INTERVAL),
                Some("access_denied") => {
                    return Err(refused("the sign-in was denied").caused_by(error.into()));
                }
                Some("expired_token") => return Err(expired().caused_by(error.into())),
                // A poll that is lost is made again, later (RFC 8628 §3.5).
                None if error.kind().is_outage() => interval = (interval * 2).min(LONGEST_INTERVAL),
                _ => return Err(error.into()),
            }
        }
    }
}

/// Shows the page, not the code in it.
impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCode").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}
