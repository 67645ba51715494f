//! Behavior through the public API, one module for each behavior.

mod allocations;
mod at;
mod base_variables;
mod batches;
mod bodies;
mod body_fields;
mod byte_streams;
mod cached_values;
mod calls;
mod challenged;
mod chains;
mod coming_from;
mod conditional;
mod connections;
mod cookies;
mod credentials;
mod deadlines;
mod descriptor;
mod digests;
mod downloads;
#[cfg(unix)]
mod downloads_killed;
mod errors;
mod events;
mod fault_accept;
mod fault_blame;
mod fault_content;
mod fault_delays;
mod fault_keep_alive;
#[cfg(any(feature = "tls", feature = "tls-ring"))]
mod fault_keys;
mod fault_leaks;
mod fault_macros;
mod fault_methods;
mod fault_nonces;
mod fault_not_understood;
mod fault_origins;
mod fault_own_urls;
mod fault_path_secrets;
mod fault_paths;
mod fault_runtimes;
mod fault_secrets;
#[cfg(any(feature = "tls", feature = "tls-ring"))]
mod fault_tls_files;
mod fault_writes;
mod grafts;
mod graphql;
mod hooks;
mod hyper;
mod inner_errors;
mod jobs;
mod layers;
mod levels;
mod limits;
mod lines;
mod middleware;
mod models;
mod mounts;
mod multipart;
mod oauth2;
mod oauth2_person;
mod observers;
mod observing;
mod operations;
mod other_origins;
mod outcomes;
mod pages;
mod parameters;
mod profiles;
mod providers;
mod proxies;
mod rate_limits;
mod raw;
mod redaction;
mod redirects;
mod response_kinds;
mod responses;
mod retries;
mod retry_policy;
mod saved_models;
mod schedules;
mod server_urls;
mod session_object;
mod sessions;
mod settings_table;
mod sign_in;
mod sigv4;
mod streams;
#[cfg(any(feature = "tls", feature = "tls-ring"))]
mod tls;
mod twelve_operations;
mod typed_errors;
mod uploads;
mod urls;
mod values;
mod wire;
mod xml;

/// Modules whose one test takes as long as an environment variable asks for. They limit each of its steps.
const UNLIMITED: [&str; 3] = ["schedules.rs", "server_urls.rs", "urls.rs"];

#[test]
fn every_module_with_async_tests_imports_the_watched_tokio() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("it");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        let imports = source.split("use apisession_tests::").nth(1).and_then(|rest| rest.split(';').next());
        let is_watched = imports.is_some_and(|names| names.contains("tokio"))
            || UNLIMITED.iter().any(|name| path.ends_with(name));
        let has_async_tests = source.lines().any(|line| line.trim_start().starts_with("#[tokio::test"));
        assert!(is_watched || !has_async_tests, "{} has no `use apisession_tests::tokio`", path.display());
    }
}
