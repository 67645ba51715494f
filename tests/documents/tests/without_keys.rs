//! The figures are those of the macros: if a key is removed from their table, fewer operations are declared.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// A grammar in `apisession-derive/src/keys.rs`, one of its keys, and an operation that needs the key.
fn rows() -> [(&'static str, &'static str, Value); 7] {
    let object = json!({"type": "object"});
    let query = |style: &str| {
        let texts = json!({"type": "array", "items": {"type": "string"}});
        let schema = if style == "deepObject" { &object } else { &texts };
        json!({"parameters": [{"name": "p", "in": "query", "style": style, "explode": false, "schema": schema}]})
    };
    let in_json = |place: &str| json!({"parameters": [{"name": "p", "in": place, "content": {"application/json": {"schema": object}}}]});
    let body =
        |media: &str| json!({"requestBody": {"content": {media: {"schema": {"properties": {"a": object}}}}}});
    [
        ("QUERY", "nested", query("deepObject")),
        ("QUERY", "list", query("pipeDelimited")),
        ("QUERY", "json", in_json("query")),
        ("HEADER", "json", in_json("header")),
        ("JSON", "content_type", body("application/merge-patch+json")),
        ("PART", "json", body("multipart/form-data")),
        ("OPERATION", "base_url", json!({"servers": [{"url": "https://upload.api.test"}]})),
    ]
}

#[test]
fn an_operation_is_not_declared_without_the_key_that_it_needs() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("tests/documents");
    for file in ["Cargo.toml", "Cargo.lock", "sources.txt", "src", "macros"] {
        copied(&here.join(file), &copy.join(file));
    }
    let derive = folder.path().join("apisession-derive/src");
    copied(&here.join("../../apisession-derive/src"), &derive);
    let paths =
        rows().into_iter().map(|(grammar, key, post)| (format!("/{grammar}/{key}"), json!({"post": post})));
    let document = json!({"openapi": "3.1.0", "paths": paths.collect::<serde_json::Map<_, _>>()});
    let file = folder.path().join("document.json");
    fs::write(&file, document.to_string()).expect("a file");

    let all = findings(&copy, &file);
    assert!(all.contains("| document | 7 | 7 | 0 | 100.00 |"), "{all}");

    let keys = derive.join("keys.rs");
    let mut text = fs::read_to_string(&keys).expect("the table of keys");
    rows().iter().for_each(|(grammar, key, _)| text = without(&text, grammar, key));
    fs::write(&keys, text).expect("the table of keys");
    let none = findings(&copy, &file);
    assert!(none.contains("| document | 7 | 0 | 0 | 0.00 |"), "{none}");
    for (grammar, key, _) in rows() {
        let line = none.lines().find(|line| line.contains(&format!("/{grammar}/{key}: unknown `")));
        assert!(line.is_some_and(|line| line.contains(&format!("key `{key}`"))), "{grammar} {key}\n{none}");
    }
}

/// Removes a key from the table of a grammar.
fn without(text: &str, grammar: &str, key: &str) -> String {
    let start = text.find(&format!("const {grammar}: Grammar")).expect(grammar);
    let end = start + text[start..].find(';').expect("the end of the constant");
    let key = format!("\"{key}\"");
    let list = &text[start..end];
    assert!(list.contains(&key), "{grammar} has no {key}");
    let list = list.replace(&format!("{key},"), "").replace(&format!(", {key}"), "").replace(&key, "");
    format!("{}{list}{}", &text[..start], &text[end..])
}

/// What the program in the folder prints about a document.
fn findings(program: &Path, document: &Path) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--offline", "--"])
        .arg(document)
        .current_dir(program)
        // Where the dependencies are built already.
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder"))
        .output()
        .expect("cargo runs");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn copied(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            copied(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(from, to).expect("a file");
    }
}
