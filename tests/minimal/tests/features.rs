//! The other tests show something only if the framework has no features.

use std::any::type_name;

/// A name of the framework that only a feature has, or else this.
macro_rules! fallbacks {
    ($($name:ident)*) => {
        $(
            #[allow(dead_code, reason = "it is used in a build without the feature")]
            struct $name;
        )*
    };
}

fallbacks!(Base64 DownloadToken Hyper JobToken OAuth2 PageToken RawEvent Reqwest);

/// Returns those of the features that this build has, by a type of each, and whether it has a transport of the network.
#[allow(unused_imports, reason = "they are used in a build with the features")]
fn found() -> (Vec<&'static str>, bool) {
    // In this block the names are those of the framework, if it has them, since an import is nearer than what is around the fn.
    use apisession::transport::*;
    use apisession::*;

    let is_there = |name: &&str| name.starts_with("apisession::");
    let types = [
        type_name::<Base64>(),
        type_name::<DownloadToken>(),
        type_name::<JobToken>(),
        type_name::<OAuth2>(),
        type_name::<PageToken>(),
        type_name::<RawEvent>(),
    ];
    let transports = [type_name::<Hyper>(), type_name::<Reqwest>()];
    (types.into_iter().filter(is_there).collect(), transports.iter().any(is_there))
}

#[test]
fn this_crate_is_built_without_features() {
    let (features, has_transport) = found();
    if has_transport {
        // Another member of the workspace turns on its features for all. Each member but this one has a transport.
        println!("SKIPPED: built together with other crates; run `cargo test -p apisession-minimal`");
        return;
    }
    assert!(features.is_empty(), "{features:?}");
}
