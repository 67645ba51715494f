//! What a declaration costs its author and its users in compile time.
//!
//! `cargo run -p apisession-tests --bin compile_cost` writes three crates into `target/compile_cost`: bare
//! types, the same types with 200 operations, and a user that calls 20 of them. It compiles each alone,
//! again and again in turn, and prints the least and the median wall time of each, cargo included.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const ROUNDS: usize = 9;
const TYPES: usize = 20;
const OPERATIONS: usize = 200;

fn main() -> std::io::Result<()> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are in the workspace").to_owned();
    let project = Project { folder: root.join("target/compile_cost") };
    project.write(&root)?;
    project.cargo(&["build", "--release"]);
    project.cargo(&["check"]);

    let mut bare = Vec::new();
    let mut sdk = Vec::new();
    let mut user = Vec::new();
    for _ in 0..ROUNDS {
        bare.push(project.time("bare", &["check"]));
        sdk.push(project.time("sdk", &["check"]));
    }
    // The user's time is without that of the crates below it.
    project.cargo(&["build", "--release"]);
    for _ in 0..ROUNDS {
        user.push(project.time("user", &["build", "--release"]));
    }
    report("check, the types alone", &mut bare);
    report(&format!("check, with {OPERATIONS} operations"), &mut sdk);
    println!(
        "added by the operations          least {:.3} s, median {:.3} s",
        sdk[0] - bare[0],
        middle(&sdk) - middle(&bare)
    );
    report("release, a user of 20", &mut user);
    Ok(())
}

fn report(what: &str, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    println!("{what:<33}least {:.3} s, median {:.3} s", times[0], middle(times));
}

fn middle(times: &[f64]) -> f64 {
    times[times.len() / 2]
}

struct Project {
    folder: PathBuf,
}

impl Project {
    fn write(&self, root: &Path) -> std::io::Result<()> {
        let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"bare\", \"sdk\", \"user\"]\n";
        self.file("Cargo.toml", workspace)?;
        fs::copy(root.join("Cargo.lock"), self.folder.join("Cargo.lock"))?;
        let serde = "serde = { version = \"1\", features = [\"derive\"] }\n";
        let framework =
            format!("apisession = {{ path = {:?}, default-features = false }}\n", root.join("apisession"));
        self.krate("bare", serde, &types())?;
        self.krate("sdk", &format!("{serde}{framework}"), &format!("{}{}", types(), operations()))?;
        self.krate("user", &format!("{framework}sdk = {{ path = \"../sdk\" }}\n"), &user())
    }

    fn krate(&self, name: &str, dependencies: &str, source: &str) -> std::io::Result<()> {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}"
        );
        self.file(&format!("{name}/Cargo.toml"), &manifest)?;
        self.file(&format!("{name}/src/lib.rs"), source)
    }

    fn file(&self, path: &str, text: &str) -> std::io::Result<()> {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder"))?;
        fs::write(path, text)
    }

    /// Compiles one crate, whose dependencies are compiled already.
    fn time(&self, krate: &str, command: &[&str]) -> f64 {
        let source = self.folder.join(krate).join("src/lib.rs");
        let now = std::time::SystemTime::now();
        let touched = fs::File::options().append(true).open(&source).and_then(|file| file.set_modified(now));
        touched.expect("the crate was just written");
        let start = Instant::now();
        self.cargo(&[command, &["-p", krate]].concat());
        start.elapsed().as_secs_f64()
    }

    fn cargo(&self, arguments: &[&str]) {
        let status = Command::new(env!("CARGO"))
            .args(arguments)
            .arg("--offline")
            .current_dir(&self.folder)
            .env("CARGO_INCREMENTAL", "0")
            .env_remove("CARGO_TARGET_DIR")
            .stderr(Stdio::null())
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "cargo {arguments:?} failed in {}",
            self.folder.display()
        );
    }
}

fn types() -> String {
    let mut source = String::from("use serde::{Deserialize, Serialize};\n");
    for n in 0..TYPES {
        let _ = writeln!(
            source,
            "#[derive(Debug, Clone, Serialize, Deserialize)]\npub struct T{n} {{ pub id: u64, pub name: String, \
             pub tags: Vec<String>, pub note: Option<String>, pub count: i32 }}"
        );
    }
    source
}

/// 100 that fetch, 50 that list with three optional parameters, 50 that create.
fn operations() -> String {
    let mut source = String::from("use apisession::prelude::*;\n");
    for n in 0..TYPES {
        let _ =
            writeln!(source, "#[endpoint(path = \"/e{n}\")]\npub struct E{n};\n#[endpoint]\nimpl E{n} {{");
        for k in (n..OPERATIONS).step_by(TYPES) {
            let _ = match kind(k) {
                0 | 1 => {
                    writeln!(source, "#[get(\"/g{k}/{{id}}\")] pub fn get_{k}(&self, id: u64) -> Call<T{n}>;")
                }
                2 => writeln!(
                    source,
                    "#[get(\"/l{k}\")] pub fn list_{k}(&self, since: Option<&str>, limit: Option<u32>, \
                     open: Option<bool>) -> Call<Vec<T{n}>>;"
                ),
                _ => {
                    writeln!(source, "#[post(\"/c{k}\")] pub fn create_{k}(&self, new: &T{n}) -> Call<T{n}>;")
                }
            };
        }
        source.push_str("}\n");
    }
    source.push_str("#[derive(Clone, APISession)]\n#[session(base_url = \"https://x.test\")]\npub struct Acme {\nsession: Session,\n");
    for n in 0..TYPES {
        let _ = writeln!(source, "#[endpoint] e{n}: E{n},");
    }
    source.push_str("}\n");
    source
}

/// Two of four fetch, one lists, one creates; among the first `TYPES` and in each endpoint alike.
fn kind(operation: usize) -> usize {
    (operation / TYPES + operation) % 4
}

/// Calls 20: 10 that fetch, 5 that list, 5 that create.
fn user() -> String {
    let mut source = String::from(
        "use sdk::*;\npub async fn all(api: &Acme) -> apisession::Result<u64> {\nlet mut sum = 0;\n",
    );
    for n in 0..TYPES {
        let _ = match kind(n) {
            0 | 1 => writeln!(source, "let one = api.e{n}().get_{n}({n}).await?; sum += one.id;"),
            2 => writeln!(
                source,
                "let all = api.e{n}().list_{n}().since(\"2026\").limit({n}).await?; sum += all.len() as u64;"
            ),
            _ => writeln!(
                source,
                "let new = T{n} {{ id: {n}, name: String::new(), tags: vec![], note: None, count: 1 }};\n\
                 let made = api.e{n}().create_{n}(&new).await?; sum += made.id;"
            ),
        };
    }
    source.push_str("Ok(sum)\n}\n");
    source
}
