//! The settings of a session that come from the environment and a profile.

use std::time::Duration;

use crate::credential::CredentialSource;
use crate::error::{Error, Result};
use crate::message::duration::{self, Unit};
use crate::redact::{Redaction, Secret};
use crate::settings::{Options, Settings};
use crate::transport::Proxies;

/// The names of the settings.
pub(super) const NAMES: [&str; 7] =
    ["url", "timeout", "attempt_timeout", "connect_timeout", "proxy", "no_proxy", "ca_file"];

/// Where a setting is from, and its value.
pub(super) struct FoundSetting {
    pub(super) from: String,
    pub(super) value: Secret,
}

/// Sets what was found, unless the builder has set it.
pub(super) fn apply(
    options: &mut Options,
    source: &mut CredentialSource,
    find: impl Fn(&str) -> Result<Option<FoundSetting>>,
) -> Result<()> {
    let mut settings = Settings::new();
    let mut proxies = Proxies::new();
    for name in NAMES {
        if options.is_set_by_builder(name) {
            continue;
        }
        let Some(found) = find(name)? else { continue };
        let text = found.value.expose();
        let wrong = |why: &str| Error::configuration(format!("the setting `{name}` of {} {why}", found.from));
        let time = || match duration::parse(text, Unit::Seconds) {
            Some(time) if time > Duration::ZERO => Ok(time),
            _ => Err(wrong("is no time, such as `30` or `1m30s`")),
        };
        let shown = match name {
            "url" => {
                let url = url::Url::parse(text).map_err(|_| wrong("is no URL"))?;
                // A user name and a password in it are an error of `build`, whose message does not quote them.
                options.base_url = Some(text.to_owned());
                Redaction::new(true, None, None, None).shown().url(&url)
            }
            "timeout" => {
                settings = settings.timeout(time()?);
                format!("{:?}", time()?)
            }
            "attempt_timeout" => {
                settings = settings.attempt_timeout(time()?);
                format!("{:?}", time()?)
            }
            "connect_timeout" => {
                let limit = time()?;
                options.network().set_connect_timeout(limit);
                format!("{limit:?}")
            }
            "proxy" => {
                proxies = proxies.all(text);
                shown_proxy(text)
            }
            "no_proxy" => {
                proxies = proxies.no_proxy(text);
                text.escape_default().to_string()
            }
            _ => {
                let path = std::path::PathBuf::from(text);
                options.network().add_ca_file(path);
                text.escape_default().to_string()
            }
        };
        source.setting(name, &shown, &found.from);
    }
    if !proxies.is_default() {
        options.network().set_proxies(proxies);
    }
    options.add_found(settings);
    Ok(())
}

/// The URL of a proxy, without its user name and password.
fn shown_proxy(text: &str) -> String {
    let host = text.rsplit('@').next().unwrap_or_default();
    let shown: String = host.escape_default().collect();
    match text.split_once("://") {
        Some((scheme, _)) if text.contains('@') => format!("{}://{shown}", scheme.escape_default()),
        _ => shown,
    }
}
