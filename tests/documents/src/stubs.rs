//! Writes all declarations as a crate, which the compiler can check.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use crate::declare::{Declaration, declare};
use crate::document::Document;
use crate::ident::Names;

/// The operations of one impl. A document can have ten thousand.
const IN_AN_IMPL: usize = 500;

/// What the declarations name, in place of the models of an SDK.
pub(crate) const LIB: &str = r#"//! The declarations of public API descriptions, without their models.
#![allow(missing_docs, non_camel_case_types, deprecated, clippy::all)]

pub use apisession::prelude::*;
pub use apisession::Xml;
pub use serde_json::Value;

/// A model in XML.
#[derive(Debug, serde::Deserialize, serde::Serialize)]
pub struct Model {
    pub value: String,
}

/// A multipart body whose parts the document doesn't name.
pub struct AnyParts;

impl Multipart for AnyParts {
    fn add_to(&self, _: &mut apisession::Parts) {}
}

/// In place of a fn that converts a value.
pub fn by_hand(value: &Value) -> String {
    value.to_string()
}
"#;

/// A crate of stubs.
#[derive(Default)]
pub struct Stubs {
    modules: Vec<(String, String)>,
    count: usize,
}

impl Stubs {
    /// The number of declarations.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Adds the operations of a document whose declarations are accepted.
    pub fn add(&mut self, name: &str, document: &Document, accepted: &dyn Fn(&Declaration) -> bool) {
        let mut names = Names::default();
        let mut items = Vec::new();
        let mut enums = BTreeMap::new();
        for operation in document.operations() {
            let text = format!("{} {}", operation.method, operation.path);
            let name = names.give(operation.id.as_deref().unwrap_or(&text));
            let declaration =
                declare(document, &operation, &name).ok().filter(|declaration| accepted(declaration));
            let Some(declaration) = declaration else { continue };
            enums.extend(declaration.enums.into_iter().map(|named| (named.name, named.text)));
            items.push(declaration.item);
        }
        let mut text = String::from("use crate::*;\n\n");
        enums.values().for_each(|named| text += &format!("{named}\n"));
        let mut fields = String::new();
        for (index, items) in items.chunks(IN_AN_IMPL).enumerate() {
            let _ = write!(
                text,
                "#[endpoint]\npub struct E{index};\n\n#[endpoint]\nimpl E{index} {{\n{}}}\n\n",
                items.join("\n")
            );
            let _ = writeln!(fields, "    #[endpoint]\n    e{index}: E{index},");
        }
        text += &session(&document.base_url(), &fields);
        self.modules.push((format!("{}_api", name.replace('-', "_")), text));
        self.count += items.len();
    }

    /// Writes the crate into a folder. It depends on the framework at the path.
    ///
    /// # Errors
    ///
    /// Fails if the folder can't be written.
    pub fn write(&self, folder: &Path, framework: &Path) -> io::Result<()> {
        manifest(folder, framework)?;
        let modules: String = self.modules.iter().map(|(name, _)| format!("pub mod {name};\n")).collect();
        fs::write(folder.join("src/lib.rs"), format!("{LIB}\n{modules}"))?;
        self.modules
            .iter()
            .try_for_each(|(name, text)| fs::write(folder.join(format!("src/{name}.rs")), text))
    }
}

/// Writes the manifest of a crate that depends on the framework at the path.
pub(crate) fn manifest(folder: &Path, framework: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"stubs\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n\n[dependencies]\n\
         apisession = {{ path = {framework:?}, default-features = false, features = [\"xml\"] }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest)
}

/// Returns the session of a document. A variable of its URL is a field.
#[must_use]
pub fn session(base_url: &str, endpoints: &str) -> String {
    let mut names = Names::default();
    let mut pieces = base_url.split('{');
    let mut url = pieces.next().unwrap_or_default().to_owned();
    let mut fields = String::new();
    for piece in pieces {
        let (variable, rest) = piece.split_once('}').unwrap_or((piece, ""));
        let ident = names.give(variable);
        let _ = write!(url, "{{{ident}}}{rest}");
        let _ = writeln!(fields, "    {ident}: String,");
    }
    format!(
        "#[derive(Clone, APISession)]\n#[session(base_url = {url:?})]\npub struct Api {{\n    session: Session,\n{endpoints}{fields}}}\n"
    )
}
