//! The table of settings in the macros and the setters of the framework are the same.

use std::collections::BTreeSet;

/// The names of the setters in a list of rows: `name [with_name](…)` or `name(…)`, below its documentation.
fn setters(source: &'static str) -> BTreeSet<&'static str> {
    let mut after_docs = false;
    let lines = source.lines().map(str::trim_start).filter_map(|line| {
        let is_first = std::mem::replace(&mut after_docs, line.starts_with("///"));
        let name = line.split(['(', ' ']).next()?;
        Some(name).filter(|name| {
            is_first && name.chars().all(|c| c.is_ascii_lowercase() || c == '_') && !name.is_empty()
        })
    });
    lines.collect()
}

/// The setters of the rows of the table: the words of each `&[…]` that are quoted.
fn table(source: &'static str) -> BTreeSet<&'static str> {
    let rows = source.split("] = &[").skip(1).filter_map(|rows| rows.split("\n];").next());
    let lists = rows.flat_map(|rows| rows.split("&[").skip(1)).filter_map(|rest| rest.split(']').next());
    lists.flat_map(|list| list.split('"').skip(1).step_by(2)).collect()
}

#[test]
fn the_macros_list_every_setter_of_the_builders() {
    let framework = setters(include_str!("../../apisession/src/settings/setters.rs"));
    let macros = table(include_str!("../../apisession-derive/src/settings.rs"));
    assert!(framework.len() > 40, "{framework:?}");
    assert_eq!(framework, macros);
}

/// The options of a builder are the lists that `Options` has, and all of them.
#[test]
fn a_builder_has_the_options_of_a_session() {
    let lists = |source: &'static str, face: &str, of: &str| -> BTreeSet<&'static str> {
        let of = format!("{face} {of});");
        source.lines().filter_map(|line| line.trim_start_matches("crate::").strip_suffix(&of)).collect()
    };
    let source = include_str!("../../apisession/src/settings/setters.rs");
    let mut options = lists(source, "(own", "Options");
    options.extend(lists(source, "(held_by(settings)", "Options"));
    let builder = include_str!("../../apisession/src/settings/builder.rs");
    assert_eq!(options.len(), 3, "{options:?}");
    assert_eq!(lists(builder, "(of_builder", "SessionBuilder"), options);
}

/// Each option of a call, on `Call` and on `OpenCall` alike, comes from a row of the same list.
#[test]
fn every_option_of_a_call_is_in_the_reference() {
    let source = include_str!("../../apisession/src/settings/setters.rs");
    let reference = include_str!("../../apisession/src/docs/session.md");
    let names = source.split('[').skip(1).filter_map(|rest| rest.split(']').next());
    let options = names.filter(|name| name.starts_with("with_") || name.starts_with("without_"));
    // The comment that explains a row has this name in it.
    let options: BTreeSet<_> = options.filter(|name| *name != "with_name").collect();
    assert!(options.len() > 20, "{options:?}");
    let missing: Vec<_> = options.iter().filter(|name| !reference.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
