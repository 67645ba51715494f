//! Every link of the book and of the files at the root leads somewhere: to a file, an anchor, or an item of the API.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::markdown::{code, cut, pages, read, root, rows};

/// The target of each link on a page, with its line: `[text](target)` and `[text]: target`.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, content) in cut(text).1 {
        let definition = content.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
        found.extend(definition.map(|(_, target)| (line, target.to_owned())));
        // Not in code.
        let visible: String = content.split('`').step_by(2).collect::<Vec<_>>().join("``");
        let inline = visible.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        found.extend(inline.map(|target| (line, target.to_owned())));
    }
    found
}

/// The anchors of a page, as mdBook and GitHub make them of headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = cut(text)
        .1
        .into_iter()
        .filter_map(|(_, line)| Some(line.strip_prefix('#')?.trim_start_matches('#').trim()));
    let slug = |heading: &str| {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect::<String>()
    };
    headings.map(slug).collect()
}

/// All sources of the framework and its macros.
fn sources() -> String {
    let mut text = String::new();
    let mut folders = vec![root().join("apisession/src"), root().join("apisession-derive/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|extension| extension == "rs") => {
                    text.push_str(&std::fs::read_to_string(path).unwrap());
                }
                false => {}
            }
        }
    }
    text
}

/// Whether an address of the API documentation has an item: `struct.Error.html#method.kind`.
fn is_item(address: &str, sources: &str) -> bool {
    let (page, fragment) =
        address.split_once('#').map_or((address, None), |(page, fragment)| (page, Some(fragment)));
    let page = page.rsplit('/').next().unwrap();
    let Some((kind, name)) = page.strip_suffix(".html").and_then(|page| page.split_once('.')) else {
        return page.is_empty() || page == "index.html";
    };
    let has = |start: &str| {
        ["(", "<", " ", ";", ":", "{"].iter().any(|end| sources.contains(&format!("{start} {name}{end}")))
    };
    let exists = match kind {
        "derive" => sources.contains(&format!("proc_macro_derive({name}")),
        "attr" => has("pub fn"),
        "macro" => sources.contains(&format!("proc_macro_derive({name}")),
        "fn" | "struct" | "enum" | "trait" | "type" => has(&format!("pub {kind}")),
        _ => false,
    };
    let member = fragment.and_then(|fragment| fragment.split_once('.'));
    exists
        && member.is_none_or(|(kind, member)| match kind {
            "variant" => {
                sources.contains(&format!("    {member},")) || sources.contains(&format!("    {member}("))
            }
            _ => sources.contains(&format!("fn {member}(")) || sources.contains(&format!("fn {member}<")),
        })
}

#[test]
fn every_link_leads_somewhere() {
    let sources = sources();
    let mut all = pages("book/src");
    all.extend(["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(PathBuf::from));
    let (mut count, mut broken) = (0, Vec::new());
    for page in &all {
        let text = read(page);
        for (line, target) in links(&text) {
            count += 1;
            let is_found = if let Some(path) =
                target.strip_prefix("https://docs.rs/apisession/latest/apisession/")
            {
                is_item(path, &sources)
            } else if target.contains("://") {
                // Nothing is fetched.
                target.starts_with("https://")
            } else {
                let (path, anchor) =
                    target.split_once('#').map_or((&*target, None), |(path, anchor)| (path, Some(anchor)));
                let file = match path {
                    "" => page.clone(),
                    path => page.parent().unwrap_or(Path::new("")).join(path),
                };
                let exists = root().join(&file).exists();
                // What is not in the folder is not in the rendered book.
                let is_rendered = !page.starts_with("book/src")
                    || root()
                        .join(&file)
                        .canonicalize()
                        .is_ok_and(|file| file.starts_with(root().join("book/src")));
                exists && is_rendered && anchor.is_none_or(|anchor| anchors(&read(&file)).contains(anchor))
            };
            if !is_found {
                broken.push(format!("{}, line {line}: {target}", page.display()));
            }
        }
    }
    println!("{count} links in {} pages", all.len());
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(count > 50, "{count}");
}

#[test]
fn a_link_to_nothing_is_found() {
    let sources = "pub struct Error {\n    pub fn kind(&self)\npub enum Kind {\n    Gone,\n";
    for (address, exists) in [
        ("struct.Error.html", true),
        ("struct.Error.html#method.kind", true),
        ("struct.Error.html#method.kinds", false),
        ("enum.Error.html", false),
        ("enum.Kind.html#variant.Gone", true),
        ("enum.Kind.html#variant.Lost", false),
    ] {
        assert_eq!(is_item(address, sources), exists, "{address}");
    }
    assert_eq!(links("a [b](c.md) `[d](e)`\n[f]: g.md\n").len(), 2);
    assert!(anchors("# A\n## At a URL, `that` is\n").contains("at-a-url-that-is"));
}

/// A name that was changed is found in the pages for those who come from elsewhere, too. Rows of requests name their tests.
#[test]
fn what_corresponds_to_another_library_exists() {
    let sources = sources();
    for page in ["restfly", "restfly_2", "reqwest"] {
        let table = rows(&read(format!("book/src/coming_from_{page}.md")), "## Feature by feature");
        assert!(table.len() > 10, "{page}");
        for row in &table {
            let words = code(&row[1])
                .into_iter()
                .flat_map(|code| code.split(|c: char| !c.is_alphanumeric() && c != '_'));
            for word in words.filter(|word| word.len() > 2) {
                assert!(sources.contains(word), "{page}: there is no {word}");
            }
        }
    }
}

#[test]
fn the_summary_has_each_page_once() {
    let summary = read("book/src/SUMMARY.md");
    let mut listed: Vec<_> = links(&summary).into_iter().map(|(_, target)| target).collect();
    listed.sort();
    let pages = pages("book/src");
    let pages = pages.iter().map(|page| page.strip_prefix("book/src").unwrap().to_str().unwrap());
    let pages: Vec<_> = pages.filter(|page| *page != "SUMMARY.md").collect();
    assert_eq!(listed, pages);
}
