//! The lists of the reference, compared with the tables of the code, in both directions.

use std::collections::{BTreeMap, BTreeSet};

use apisession::{
    ByteStream, Bytes, Download, Error, EventStream, FromResponse, GraphQl, Lines, Location, RawEvent,
    Response, Text, Xml,
};

use crate::markdown::{code, read, rows};

const KEYS: &str = "book/src/reference_keys.md";
const PARAMETERS: &str = "book/src/reference_parameters.md";

/// The first word of each code span in the first cell of a table's rows.
fn names(page: &str, heading: &str) -> BTreeSet<String> {
    rows(&read(page), heading)
        .iter()
        .flat_map(|row| code(&row[0]).into_iter().map(word).collect::<Vec<_>>())
        .collect()
}

/// `headers("x-a" = "b")` is `headers`, and `#[header("x-name")]` is `header`.
fn word(code: &str) -> String {
    let code = code.trim_start_matches("#[");
    code.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// The keys of an attribute, as its message about an unknown key lists them.
fn keys(attribute: &str) -> BTreeSet<String> {
    let messages = read("tests/ui/cases/level_keys.stderr");
    let start = format!("error: unknown `{attribute}` key `zzz`; the keys are ");
    set(code(messages.lines().find_map(|line| line.strip_prefix(&*start)).unwrap()))
}

#[test]
fn the_keys_are_those_of_the_macros() {
    let [session, endpoint, operation] = ["session", "endpoint", "get"].map(keys);
    let of_all: BTreeSet<_> =
        session.iter().filter(|key| endpoint.contains(*key) && operation.contains(*key)).cloned().collect();
    let beside = |level: &BTreeSet<String>| level.difference(&of_all).cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(KEYS, "## Keys of every level"), of_all);
    assert_eq!(names(KEYS, "## Keys of the session"), beside(&session));
    assert_eq!(names(KEYS, "## Keys of an endpoint"), beside(&endpoint));
    assert_eq!(names(KEYS, "## Keys of an operation"), beside(&operation));
}

/// The rows of the macros' tables: the key, and the setters that it calls.
fn settings(table: &str) -> Vec<(String, BTreeSet<String>)> {
    let source = read("apisession-derive/src/settings.rs");
    let table = source.split(&format!("const {table}: ")).nth(1).unwrap().split("\n];").next().unwrap();
    let quoted = |text: &str| text.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let rows = table.split("row(").skip(1);
    rows.map(|row| {
        let setters = row.rsplit("&[").next().unwrap().split(']').next().unwrap();
        (quoted(row)[0].clone(), quoted(setters).into_iter().collect())
    })
    .collect()
}

/// `header [with_header](…)`: the names of settings on a call.
fn on_call() -> BTreeMap<String, String> {
    let source = read("apisession/src/settings/setters.rs");
    let rows = source.lines().filter_map(|line| {
        let (name, rest) = line.trim().split_once(" [")?;
        let (on_call, _) = rest.split_once("](")?;
        Some((name.to_owned(), on_call.to_owned()))
    });
    rows.collect()
}

#[test]
fn each_key_has_the_options_of_a_call() {
    let on_call = on_call();
    assert!(on_call.len() > 20, "{on_call:?}");
    let page = read(KEYS);
    let table = rows(&page, "## Keys of every level");
    for (key, setters) in settings("EVERY_LEVEL").into_iter().filter(|(key, _)| !key.is_empty()) {
        let row = table.iter().find(|row| word(code(&row[0])[0]) == key).unwrap();
        let expected: BTreeSet<_> =
            setters.iter().filter_map(|setter| on_call.get(setter).cloned()).collect();
        assert_eq!(set(code(&row[3])), expected, "{key}");
    }
    // What no key has.
    let reference = read("apisession/src/docs/session.md");
    let is_option = |name: &&str| name.starts_with("with_") || name.starts_with("without_");
    let documented = reference
        .lines()
        .filter(|line| line.starts_with("| "))
        .flat_map(|line| code(line.rsplit(" | ").next().unwrap()));
    let documented: BTreeSet<_> = set(documented.filter(is_option));
    let of_keys = table.iter().flat_map(|row| code(&row[3]));
    let own: Vec<_> = rows(&page, "## Setters without a key").into_iter().map(|row| row[0].clone()).collect();
    let own = own
        .iter()
        .flat_map(|cell| code(cell))
        .filter(is_option)
        .filter(|name| *name != "without_retry_budget");
    let conditional = ["with_if_match", "with_if_unmodified_since"].map(str::to_owned);
    let mut listed = set(of_keys.chain(own));
    for name in conditional {
        assert!(read("apisession/src/call/conditional.rs").contains(&format!("fn {name}(")), "{name}");
        assert!(listed.remove(&name), "{name}");
    }
    assert_eq!(listed, documented);
}

#[test]
fn the_setters_without_a_key_are_those_of_the_builder() {
    let tables = ["EVERY_LEVEL", "SESSION"].map(settings).concat();
    let expected: BTreeSet<_> =
        tables.into_iter().filter(|(key, _)| key.is_empty()).flat_map(|(_, setters)| setters).collect();
    let listed = names(KEYS, "## Setters without a key");
    let listed: BTreeSet<_> = listed.into_iter().filter(|name| !name.starts_with("with_")).collect();
    assert_eq!(listed, expected);
}

/// `const HEADER: Grammar = … Grammar::new("header", &["default", …])`, by the name of the constant.
fn grammars() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let source = read("apisession-derive/src/keys.rs");
    let constants = source.split("pub(crate) const ").skip(1).filter_map(|constant| {
        let (name, rest) = constant.split_once(": Grammar")?;
        let rest = rest.split_once("Grammar::new(")?.1.split_once(';')?.0;
        let mut quoted = rest.split('"').skip(1).step_by(2);
        Some((name.to_owned(), (quoted.next()?.to_owned(), set(quoted))))
    });
    constants.collect()
}

#[test]
fn the_keys_of_pages_streams_and_jobs_are_those_of_the_macros() {
    let grammars = grammars();
    let is_listed =
        |name: &str| name.starts_with("PAGE_") || ["EVENTS", "LINES", "POLL", "WAIT"].contains(&name);
    let listed = rows(&read(KEYS), "## Pages, events, lines and jobs");
    let listed: BTreeMap<_, _> = listed
        .iter()
        .map(|row| (word(code(&row[0])[0].trim_start_matches("page = ")), set(code(&row[1]))))
        .collect();
    let expected: BTreeMap<_, _> =
        grammars.into_iter().filter(|(name, _)| is_listed(name)).map(|(_, grammar)| grammar).collect();
    assert_eq!(listed, expected);
}

#[test]
fn the_keys_of_graphql_and_models_are_those_of_the_macros() {
    let grammars = grammars();
    let listed = rows(&read(KEYS), "## Keys of GraphQL and of models");
    let listed: BTreeMap<_, _> =
        listed.iter().map(|row| (word(code(&row[0])[0]), set(code(&row[1])))).collect();
    let expected = ["GRAPHQL", "MODEL"].map(|name| grammars[name].clone());
    assert_eq!(listed, BTreeMap::from(expected));
}

#[test]
fn the_attributes_of_parameters_are_those_of_the_macros() {
    let (grammars, source) = (grammars(), read("apisession-derive/src/operations/parameter.rs"));
    // `Self::Body => keys::BODY`, and `Some(keys::VARIABLE)` for what is none of the places.
    let constants = source.split("keys::").skip(1).filter_map(|rest| rest.split([',', ')', ';']).next());
    let mut expected: BTreeMap<_, _> =
        constants.filter_map(|constant| grammars.get(constant).cloned()).collect();
    assert!(expected.len() > 10, "{expected:?}");
    let text = read(PARAMETERS);
    for row in rows(&text, "## Attributes") {
        let name = word(code(&row[0])[0]);
        assert_eq!(expected.remove(&name), Some(set(code(&row[2]))), "{name}");
    }
    assert!(expected.is_empty(), "{expected:?} are not listed");

    let used: BTreeSet<_> = rows(&text, "## Attributes")
        .iter()
        .flat_map(|row| code(&row[2]).into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(names(PARAMETERS, "## Keys of attributes"), used);

    let messages = read("tests/ui/cases/parameter_kinds.stderr");
    let styles =
        messages.lines().find(|line| line.starts_with("error: `list` must be `\"repeat\"`")).unwrap();
    let styles: BTreeSet<_> = set(code(styles).into_iter().skip(1));
    let listed = rows(&text, "## Styles of lists");
    assert_eq!(
        listed.iter().flat_map(|row| code(&row[0])).map(str::to_owned).collect::<BTreeSet<_>>(),
        styles
    );
}

/// The types of `impl FromResponse for …` in a folder.
fn implementors(folder: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(crate::markdown::root().join(folder)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = format!("{folder}/{name}");
        if !name.contains('.') {
            implementors(&path, found);
            continue;
        }
        let source = read(&path);
        let lines =
            source.lines().filter(|line| line.starts_with("impl") && line.contains("FromResponse for "));
        found.extend(lines.filter_map(|line| {
            line.split("FromResponse for ").nth(1)?.split(" {").next().map(str::to_owned)
        }));
    }
}

#[test]
fn the_return_types_are_those_of_the_framework() {
    let mut expected = BTreeSet::new();
    implementors("apisession/src", &mut expected);
    assert!(expected.len() > 10, "{expected:?}");
    let table = rows(&read("book/src/reference_returns.md"), "# Return types");
    let mut accepts: BTreeMap<_, _> = table
        .iter()
        .map(|row| (code(&row[0])[0].to_owned(), code(&row[2]).first().copied().unwrap_or_default()))
        .collect();
    assert_eq!(accepts.remove("T"), Some("application/json"));
    let listed: BTreeSet<_> = accepts.keys().cloned().collect();
    assert_eq!(listed, expected);
    let is = |name: &str, accept: &str| assert_eq!(accepts[name], accept, "{name}");
    is("()", <()>::ACCEPT);
    is("Bytes", Bytes::ACCEPT);
    is("Text", Text::ACCEPT);
    is("Xml<T>", Xml::<u8>::ACCEPT);
    is("GraphQl<T>", GraphQl::<u8>::ACCEPT);
    is("Response", <Response as FromResponse>::ACCEPT);
    is("Response<T>", Response::<u8>::ACCEPT);
    is("Location", Location::ACCEPT);
    is("Download", Download::ACCEPT);
    is("ByteStream", ByteStream::ACCEPT);
    is("EventStream<T, E>", EventStream::<RawEvent, Error>::ACCEPT);
    is("Lines<T, E>", Lines::<u8, Error>::ACCEPT);
}

#[test]
fn the_hooks_are_those_of_the_trait() {
    let source = read("apisession/src/declare/hooks.rs");
    let body = source.split("pub trait APISession: Root {").nth(1).unwrap().split("\n}\n").next().unwrap();
    let signatures = body.lines().filter_map(|line| line.strip_prefix("    fn ")?.strip_suffix(" {"));
    let is_async = |text: &str| text.contains("-> impl Future<Output = ");
    let expected: BTreeSet<_> = signatures
        .map(|text| match is_async(text) {
            true => format!("async fn {}", text.replace("impl Future<Output = ", "").replace("> + Send", "")),
            false => format!("fn {text}"),
        })
        .collect();
    let table = rows(&read("book/src/reference_hooks.md"), "# Hooks");
    let listed: BTreeSet<_> = table.iter().map(|row| code(&row[0])[0].to_owned()).collect();
    assert_eq!(listed, expected);
    assert!(expected.len() >= 7, "{expected:?}");
}

#[test]
fn the_kinds_of_errors_are_those_of_the_enum() {
    let text = read("book/src/reference_errors.md");
    let source = read("apisession/src/error/kind.rs");
    let variants = source.split("pub enum ErrorKind {").nth(1).unwrap().split("\n}").next().unwrap();
    let variants = set(variants
        .lines()
        .filter_map(|line| line.trim().strip_suffix(','))
        .filter(|line| !line.starts_with("//")));
    let statuses = rows(&text, "## Kinds of statuses");
    let others = rows(&text, "## Kinds without a status");
    let listed: Vec<_> = statuses.iter().chain(&others).map(|row| code(&row[0])[0].to_owned()).collect();
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), variants);
    assert_eq!(listed.len(), variants.len(), "a kind is listed twice");

    let map = read("apisession/src/policy/error_map.rs");
    let retryable = map.split("const RETRYABLE: &[u16] = &[").nth(1).unwrap().split(']').next().unwrap();
    let retryable: BTreeSet<u16> = retryable.split(", ").map(|status| status.parse().unwrap()).collect();
    let base = map.split("const TABLE: ").nth(1).unwrap().split("];").next().unwrap();
    let base = base
        .lines()
        .filter_map(|line| line.trim().strip_prefix('(')?.strip_suffix("),")?.split_once(", ErrorKind::"));
    let base: BTreeSet<_> =
        base.map(|(status, kind)| (status.parse::<u16>().unwrap(), kind.to_owned())).collect();
    let listed: BTreeSet<_> = statuses
        .iter()
        .flat_map(|row| {
            row[1]
                .split(", ")
                .filter_map(|status| Some((status.parse::<u16>().ok()?, code(&row[0])[0].to_owned())))
        })
        .collect();
    assert_eq!(listed, base);
    for row in &statuses {
        let statuses: Vec<u16> = row[1].split(", ").filter_map(|status| status.parse().ok()).collect();
        let is_retried = !statuses.is_empty() && statuses.iter().all(|status| retryable.contains(status));
        assert_eq!(row[2] == "yes", is_retried, "{row:?}");
    }
}

/// `xml = ["dep:quick-xml"]`, below `[features]`. The README and the documentation of the crate list the same.
#[test]
fn the_features_are_those_of_the_crate() {
    let manifest = read("apisession/Cargo.toml");
    let section = manifest.split("[features]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let features: BTreeMap<_, _> = section.lines().filter_map(|line| line.split_once(" = [")).collect();
    let defaults = features["default"];
    let is_public = |name: &&str| *name != "default" && !name.starts_with("__");
    let expected: BTreeMap<_, _> = features
        .keys()
        .filter(|name| is_public(name))
        .map(|name| ((*name).to_owned(), defaults.contains(&format!("\"{name}\""))))
        .collect();
    let documentation: String = read("apisession/src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//!"))
        .map(|line| format!("{}\n", line.trim_start()))
        .collect();
    for (text, heading) in [(read("README.md"), "## Features"), (documentation, "# Features")] {
        let table = rows(&text, heading);
        let listed = table.iter().map(|row| (code(&row[0])[0].to_owned(), row[1] == "yes"));
        assert_eq!(listed.collect::<BTreeMap<_, _>>(), expected);
    }
}
