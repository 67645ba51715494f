//! Writes a program that makes the requests of some operations, and compares them with the document.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use crate::declare::declare;
use crate::document::{Document, Operation, Parameter};
use crate::ident::Names;
use crate::shape::Shape;
use crate::{judge, stubs};

/// How the program compares a request.
const MAIN: &str = r#"
/// Nothing is sent.
fn transport() -> apisession::transport::Memory {
    apisession::transport::Memory::new(|_| async { Ok(Response::new(apisession::http::StatusCode::OK)) })
}

fn check(at: &str, request: apisession::Result<apisession::Request>, method: &str, url: &str, pairs: &[(&str, &str)]) -> bool {
    let request = match request {
        Ok(request) => request,
        Err(error) => {
            println!("{at}: {}", error.report());
            return false;
        }
    };
    let expected = apisession::Url::parse(url).expect("the document has a URL");
    let sent: Vec<_> = request.url.query_pairs().collect();
    let is_sent = |(name, value): &&(&str, &str)| sent.iter().any(|(other, text)| other == name && text == value);
    let is_right = request.method.as_str() == method
        && (request.url.origin(), request.url.path()) == (expected.origin(), expected.path())
        && pairs.iter().all(|pair| is_sent(&pair));
    if !is_right {
        println!("{at}: {} {} instead of {method} {url} {pairs:?}", request.method, request.url);
    }
    is_right
}
"#;

/// Writes the program into a folder, for a number of operations that the seed picks. It depends on the framework at the path.
///
/// # Errors
///
/// Fails if the folder can't be written.
pub fn write(
    documents: &[(&str, Document)],
    count: u64,
    seed: u64,
    folder: &Path,
    framework: &Path,
) -> io::Result<()> {
    let operations: Vec<Vec<Operation>> =
        documents.iter().map(|(_, document)| document.operations()).collect();
    let all = operations.iter().flatten().count().max(1);
    let mut state = seed;
    let mut picked: Vec<usize> = (0..count).map(|_| next(&mut state) % all).collect();
    picked.sort_unstable();
    picked.dedup();
    let mut modules = String::new();
    let mut calls = String::new();
    let mut first = 0;
    for ((name, document), operations) in documents.iter().zip(&operations) {
        let mine = picked.iter().filter(|index| (first..first + operations.len()).contains(index));
        let mine: Vec<_> = mine.map(|index| &operations[index - first]).collect();
        first += operations.len();
        let module = format!("{}_api", name.replace('-', "_"));
        let (text, checks) = of_document(&module, name, document, &mine);
        modules += &format!("pub mod {module} {{\nuse crate::*;\n{text}}}\n\n");
        calls += &checks;
    }
    let main = format!(
        "{}{MAIN}\nfn main() {{\n    let mut right = Vec::new();\n{calls}    let wrong = right.iter().filter(|is_right| !**is_right).count();\n    \
         println!(\"{{}} requests, {{wrong}} of them not as the document has them\", right.len());\n    \
         std::process::exit(i32::from(wrong != 0));\n}}\n\n{modules}",
        stubs::LIB
    );
    stubs::manifest(folder, framework)?;
    fs::write(folder.join("src/main.rs"), main)
}

/// A small generator of numbers, whose sequence is the same in all versions.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap_or_default()
}

/// Returns the declarations of some operations, and the code that checks their requests.
fn of_document(module: &str, name: &str, document: &Document, operations: &[&Operation]) -> (String, String) {
    let mut names = Names::default();
    let (mut items, mut enums) = (String::new(), std::collections::BTreeMap::new());
    let base_url = document.base_url();
    let variables = base_url.matches('{').map(|_| "String::from(\"a\")").collect::<Vec<_>>().join(", ");
    let mut checks = format!(
        "    let api = {module}::Api::builder({variables}).transport(transport()).build().expect(\"a session\");\n"
    );
    for operation in operations {
        let at = format!("{} {}", operation.method, operation.path);
        let ident = names.give(operation.id.as_deref().unwrap_or(&at));
        // What is left to a fn of the author has no request that could be compared.
        let Ok(declaration) = declare(document, operation, &ident) else { continue };
        if !declaration.by_hand.is_empty() || !judge::mistakes(&declaration).is_empty() {
            continue;
        }
        let arguments: Vec<_> = declaration.required.iter().map(|ty| sample(ty)).collect();
        let pairs: Vec<_> = operation.parameters.iter().filter_map(pair).collect();
        let url = url(operation, &base_url);
        let _ = writeln!(
            checks,
            "    right.push(check({:?}, api.e0().{ident}({}).build(), {:?}, {url:?}, &{pairs:?}));",
            format!("{name}: {at}"),
            arguments.join(", "),
            operation.method,
        );
        enums.extend(declaration.enums.into_iter().map(|named| (named.name, named.text)));
        items += &declaration.item;
    }
    let enums: String = enums.into_values().collect();
    let session = stubs::session(&base_url, "    #[endpoint]\n    e0: E0,\n");
    (
        format!("{enums}\n#[endpoint]\npub struct E0;\n\n#[endpoint]\nimpl E0 {{\n{items}}}\n\n{session}"),
        checks,
    )
}

/// An argument of a type that a declaration has.
fn sample(ty: &str) -> &'static str {
    match ty {
        "i64" => "1",
        "f64" => "1.5",
        "bool" => "true",
        "&[&str]" => "&[\"a\", \"b\"]",
        "&[i64]" => "&[1, 2]",
        "&[f64]" => "&[1.5]",
        "&[bool]" => "&[true]",
        "&Value" => "&serde_json::json!({\"a\": \"b\"})",
        "&Model" => "&Model { value: String::new() }",
        "&AnyParts" => "&AnyParts",
        "Body" => "Body::from(\"a\")",
        "Part" => "Part::text(\"a\")",
        "Vec<Part>" => "vec![Part::text(\"a\")]",
        _ => "\"a\"",
    }
}

/// The text of the argument of a parameter, if it is a scalar.
fn text(shape: &Shape) -> Option<&'static str> {
    match shape {
        Shape::Integer => Some("1"),
        Shape::Number => Some("1.5"),
        Shape::Boolean => Some("true"),
        shape => shape.is_scalar().then_some("a"),
    }
}

/// A required pair of the query, as the document has it.
fn pair(parameter: &Parameter) -> Option<(&str, &'static str)> {
    let is_sent = parameter.place == "query" && parameter.is_required && parameter.media.is_none();
    Some((parameter.name.as_str(), text(&parameter.shape).filter(|_| is_sent)?))
}

/// The URL with the samples in it, as the document has it.
fn url(operation: &Operation, base_url: &str) -> String {
    let path = operation.path.split(['#', '?']).next().unwrap_or_default();
    let mut url = format!("{}{path}", operation.server.as_deref().unwrap_or(base_url));
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place == "path") {
        let value = text(&parameter.shape).unwrap_or("a,b");
        url = url.replace(&format!("{{{}}}", parameter.name), value);
    }
    // A variable of the URL, and a placeholder that the document doesn't describe.
    while let Some((before, (_, after))) =
        url.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        url = format!("{before}a{after}");
    }
    url
}
