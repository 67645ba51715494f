//! Every snippet is compiled: those of the pages as doc tests, those of the tutorial as the program.

use std::collections::BTreeMap;

use crate::markdown::{cut, pages, read};

#[test]
fn every_snippet_is_compiled() {
    let compiled = read("tests/src/lib.rs");
    let mut all = [pages("book/src"), pages("examples")].concat();
    all.extend(["README.md".into()]);
    all.extend(pages("apisession/src/docs"));
    let (mut counts, mut rust, mut ran) = (BTreeMap::<String, usize>::new(), 0, 0);
    for page in all {
        let path = page.to_str().unwrap();
        // Those of the tutorial are compared with the program in `chapters.rs`; those of the reference are doc tests of its items.
        let is_of_tutorial = path.starts_with("book/src/tutorial/");
        let (blocks, _) = cut(&read(&page));
        for block in &blocks {
            let is_rust =
                block.language() == "rust" || (block.info.is_empty() && path.starts_with("apisession/"));
            let words: Vec<_> = block.info.split(',').skip(1).collect();
            for word in ["ignore", "compile_fail", "should_panic"] {
                assert!(!words.contains(&word), "{path}, line {}: {word}", block.line);
            }
            let known = ["rust", "python", "text", "toml", "sh", "console"];
            assert!(
                is_rust || known.contains(&block.language()),
                "{path}, line {}: {}",
                block.line,
                block.info
            );
            *counts.entry(if is_rust { "rust".to_owned() } else { block.info.clone() }).or_default() += 1;
            rust += usize::from(is_rust);
            ran += usize::from(is_rust && !words.contains(&"no_run"));
            let include = format!("#[doc = include_str!(\"../../{path}\")]");
            // The page of an example is the documentation of its crate.
            let is_of_example = path.strip_suffix("/README.md").filter(|_| path.starts_with("examples/"));
            let is_of_example = is_of_example.is_some_and(|crate_| {
                read(format!("{crate_}/src/lib.rs")).starts_with("#![doc = include_str!(\"../README.md\")]")
            });
            let is_included = is_of_tutorial
                || is_of_example
                || path.starts_with("apisession/")
                || compiled.contains(&include);
            assert!(!is_rust || is_included, "{path}, line {}: add the page to tests/src/lib.rs", block.line);
        }
    }
    println!(
        "{rust} snippets of Rust, all compiled, {} of them `no_run`, none ignored; others: {counts:?}",
        rust - ran
    );
    assert!(rust > 60, "{counts:?}");
}

/// The snippets of Python are not run, since what they need is not here. They are at least Python.
#[test]
fn snippets_of_python_can_be_parsed() {
    let mut sources = Vec::new();
    for page in pages("book/src") {
        for block in cut(&read(&page)).0.into_iter().filter(|block| block.info == "python") {
            sources.push(format!(
                "compile({:?}, {:?}, 'exec')",
                block.lines.join("\n"),
                page.display().to_string()
            ));
        }
    }
    let Ok(output) = std::process::Command::new("python3").args(["-c", &sources.join("\n")]).output() else {
        println!("SKIPPED: python3 is not installed; {} snippets of Python were not parsed", sources.len());
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    println!("{} snippets of Python can be parsed", sources.len());
}

/// The page of the crate has the code of the README, which is compiled, and no link that leads nowhere outside of the repository.
#[test]
fn the_page_of_the_crate_has_the_code_of_the_readme() {
    let (page, readme) = (read("apisession/README.md"), read("README.md"));
    let of_readme: Vec<_> = cut(&readme).0.into_iter().map(|block| block.lines).collect();
    let (blocks, outside) = cut(&page);
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        assert!(of_readme.contains(&block.lines), "line {}", block.line);
    }
    for crate_ in ["apisession", "apisession-derive"] {
        let page = read(format!("{crate_}/README.md"));
        let relative = page.split("](").skip(1).find(|target| !target.starts_with("https://"));
        assert!(relative.is_none(), "{relative:?}");
    }
    assert!(outside.iter().any(|(_, line)| readme.contains(line) && line.starts_with("**Declare")));
}
