//! The name and the version of an SDK.

/// The name and the version of an SDK, by which its spans can be told from those of others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sdk {
    pub(super) name: String,
    pub(super) version: String,
}

impl Sdk {
    /// The SDK that the user agent names, as `acme-sdk/1.2`, or else the crate that declares the session.
    pub(crate) fn new(lib: Option<&str>, (name, version): (Option<&str>, Option<&str>)) -> Self {
        let (name, version) = match lib {
            Some(lib) => lib.split_once('/').map_or((lib, version), |(name, version)| (name, Some(version))),
            None => (name.unwrap_or("apisession"), version),
        };
        Self { name: name.to_owned(), version: version.unwrap_or_default().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_is_the_one_of_the_user_agent_or_the_crate() {
        let declared = (Some("acme"), Some("1.0.0"));
        let rows = [
            (Some("acme-sdk/1.2"), declared, ("acme-sdk", "1.2")),
            (Some("acme-sdk"), declared, ("acme-sdk", "1.0.0")),
            (None, declared, ("acme", "1.0.0")),
            (None, (None, None), ("apisession", "")),
        ];
        for (lib, declared, (name, version)) in rows {
            let sdk = Sdk::new(lib, declared);
            assert_eq!((&*sdk.name, &*sdk.version), (name, version));
        }
    }
}
