//! Each row of the table in `coming_from_requests.md` names a test that exists.

const SOURCES: [(&str, &str); 21] = [
    ("digests", include_str!("digests.rs")),
    ("chains", include_str!("chains.rs")),
    ("profiles", include_str!("profiles.rs")),
    ("credentials", include_str!("credentials.rs")),
    ("providers", include_str!("providers.rs")),
    ("sigv4", include_str!("sigv4.rs")),
    ("levels", include_str!("levels.rs")),
    ("middleware", include_str!("middleware.rs")),
    ("mounts", include_str!("mounts.rs")),
    ("tls", include_str!("tls.rs")),
    ("proxies", include_str!("proxies.rs")),
    ("streams", include_str!("streams.rs")),
    ("bodies", include_str!("bodies.rs")),
    ("redirects", include_str!("redirects.rs")),
    ("limits", include_str!("limits.rs")),
    ("deadlines", include_str!("deadlines.rs")),
    ("calls", include_str!("calls.rs")),
    ("connections", include_str!("connections.rs")),
    ("multipart", include_str!("multipart.rs")),
    ("session_object", include_str!("session_object.rs")),
    ("uploads", include_str!("uploads.rs")),
];

/// Unit tests beside their subject.
const UNITS: [(&str, &str); 2] = [
    ("proxy", include_str!("../../apisession/src/transport/proxy.rs")),
    ("no_proxy", include_str!("../../apisession/src/transport/no_proxy.rs")),
];

#[test]
fn each_row_names_a_test_that_exists() {
    let page = include_str!("../../book/src/coming_from_requests.md");
    let table = page.split("## Left out").next().unwrap();
    let rows: Vec<_> =
        table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| requests |")).collect();
    assert!(rows.len() > 25, "{}", rows.len());
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        let names: Vec<_> =
            cells.last().unwrap().split(',').map(|name| name.trim().trim_matches('`')).collect();
        for name in names {
            let (module, test) = name.split_once("::").unwrap_or_else(|| panic!("no test in {row}"));
            let source = SOURCES.iter().chain(&UNITS).find(|(known, _)| *known == module);
            let (_, source) = source.unwrap_or_else(|| panic!("no module {module} in {row}"));
            assert!(source.contains(&format!("fn {test}(")), "{module} has no {test}");
        }
    }
}
