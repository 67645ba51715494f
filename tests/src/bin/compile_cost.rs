//! Measures what a declaration costs its author and its users in compile time.
//!
//! `cargo run -p apisession-tests --bin compile_cost` writes crates into `target/compile_cost`, compiles each alone, again and again
//! in turn, and prints the least and the median wall time of each, cargo included. `-- --rounds 3` makes it faster, and
//! `-- --only large` checks one crate once, for a profiler or for `/usr/bin/time -v`; with `--release` it builds the crate so.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const TYPES: usize = 20;
const FILES: usize = 10;

const MODEL: &str =
    "{ pub id: u64, pub name: String, pub tags: Vec<String>, pub note: Option<String>, pub count: i32 }";

fn main() -> std::io::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let after = |name: &str| arguments.iter().skip_while(|argument| *argument != name).nth(1);
    let rounds = after("--rounds").map_or(9, |rounds| rounds.parse().expect("a number of rounds"));
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are in the workspace").to_owned();
    let project = Project { folder: root.join("target/compile_cost") };
    let crates = crates();
    project.write(&root, &crates)?;
    if let Some(only) = after("--only") {
        let release = arguments.iter().any(|argument| argument == "--release");
        let command: &[&str] = if release { &["build", "--release"] } else { &["check"] };
        project.cargo(&[command, &["-p", "bare"]].concat());
        println!("{only}: {:.3} s", project.time(only, command));
        return Ok(());
    }
    project.cargo(&["build", "--release", "-p", "user"]);
    project.cargo(&["check"]);
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); crates.len()];
    for _ in 0..rounds {
        for (krate, times) in crates.iter().zip(&mut times) {
            times.push(project.time(krate.name, &["check"]));
        }
    }
    let mut user = Vec::new();
    for _ in 0..rounds {
        user.push(project.time("user", &["build", "--release"]));
    }
    report(&crates, &mut times, &mut user);
    Ok(())
}

fn report(crates: &[Crate], times: &mut [Vec<f64>], user: &mut [f64]) {
    for times in times.iter_mut().chain([&mut user.to_vec()]) {
        times.sort_by(f64::total_cmp);
    }
    user.sort_by(f64::total_cmp);
    println!("{:<48}{:>9}{:>9}", "cargo check", "least, s", "median");
    for (krate, times) in crates.iter().zip(times.iter()) {
        println!("{:<48}{:>9.3}{:>9.3}", krate.about, times[0], middle(times));
    }
    println!("{:<48}{:>9.3}{:>9.3}", "release, a user of 20 operations", user[0], middle(user));
    let of = |name: &str| &times[crates.iter().position(|krate| krate.name == name).expect("a crate")];
    let between = |more: &str, less: &str| [of(more)[0] - of(less)[0], middle(of(more)) - middle(of(less))];
    let each = |what: &str, [least, median]: [f64; 2], count: usize| {
        let per = 1_000.0 / count as f64;
        println!("{what:<48}{:>9.2}{:>9.2}", least * per, median * per);
    };
    println!("\n{:<48}{:>9}{:>9}", "added", "least", "median");
    let [least, median] = between("sdk", "bare");
    println!("{:<48}{least:>9.3}{median:>9.3}", "200 operations, s");
    each("a session, ms", between("session", "bare"), 1);
    each("an endpoint, ms", between("endpoints", "session"), 200);
    each("an operation without setters, ms", between("plain", "few_endpoints"), 300);
    each("an operation with three setters, ms", between("setters", "few_endpoints"), 200);
    each("of that, the type with the setters, ms", between("setters", "required"), 200);
    let (thousand, two_hundred) = (between("setters_1000", "bare"), between("setters", "bare"));
    println!(
        "{:<48}{:>9.2}{:>9.2}",
        "1,000 operations with setters, times 200",
        thousand[0] / two_hundred[0],
        thousand[1] / two_hundred[1]
    );
    let [least, median] = between("endpoints_1000", "bare");
    println!("{:<48}{least:>9.3}{median:>9.3}", "1,000 endpoints, s");
    let [least, median] = between("large", "models");
    println!("{:<48}{least:>9.3}{median:>9.3}", "1,000 operations among 1,000 models, s");
}

fn middle(times: &[f64]) -> f64 {
    times[times.len() / 2]
}

struct Crate {
    name: &'static str,
    about: &'static str,
    /// Modules beside `lib.rs`, and their text; that of `lib.rs` has no name.
    files: Vec<(String, String)>,
}

impl Crate {
    fn new(name: &'static str, about: &'static str, source: String) -> Self {
        Self { name, about, files: vec![("lib".to_owned(), source)] }
    }
}

fn crates() -> Vec<Crate> {
    let bare = types(TYPES);
    let with = |source: String| format!("{bare}{source}");
    vec![
        Crate::new("bare", "20 models", bare.clone()),
        Crate::new("session", "and a session", with(sdk(0, 0, |_, _| String::new()))),
        Crate::new("few_endpoints", "and 20 endpoints", with(sdk(20, 0, |_, _| String::new()))),
        Crate::new("endpoints", "and 200 endpoints", with(sdk(200, 0, |_, _| String::new()))),
        Crate::new("endpoints_1000", "and 1,000 endpoints", with(sdk(1_000, 0, |_, _| String::new()))),
        Crate::new("plain", "20 endpoints, 300 operations without setters", with(sdk(20, 300, get))),
        Crate::new(
            "required",
            "20 endpoints, 200 operations with three arguments",
            with(sdk(20, 200, required)),
        ),
        Crate::new("setters", "20 endpoints, 200 operations with three setters", with(sdk(20, 200, list))),
        Crate::new(
            "setters_1000",
            "20 endpoints, 1,000 operations with three setters",
            with(sdk(20, 1_000, list)),
        ),
        Crate::new("sdk", "20 endpoints, 200 operations, 50 with setters", with(sdk(20, 200, mixed))),
        models(),
        large(),
    ]
}

/// 1,000 models in ten files, without operations.
fn models() -> Crate {
    let mut files: Vec<_> = (0..FILES).map(|file| (format!("m{file}"), models_of(file))).collect();
    files.push(("lib".to_owned(), (0..FILES).map(|file| format!("pub mod m{file};\n")).collect()));
    Crate { name: "models", about: "1,000 models in ten files", files }
}

/// The models of one file.
fn models_of(file: usize) -> String {
    let mut source = String::from("use serde::{Deserialize, Serialize};\n");
    for n in (0..1_000).filter(|n| n % FILES == file) {
        let _ = writeln!(source, "#[derive(Debug, Clone, Serialize, Deserialize)]\npub struct T{n} {MODEL}");
    }
    source
}

/// 1,000 operations and 1,000 models in ten files, as a generator writes them.
fn large() -> Crate {
    let mut lib = String::from("use apisession::prelude::*;\n");
    let mut fields = String::new();
    let mut files = Vec::new();
    for file in 0..FILES {
        let mut source = format!("{}use apisession::prelude::*;\n", models_of(file));
        for endpoint in (0..100).filter(|n| n % FILES == file) {
            let _ = writeln!(
                source,
                "/// Things.\n#[endpoint(path = \"/e{endpoint}\")]\npub struct E{endpoint};"
            );
            let _ = writeln!(source, "#[endpoint]\nimpl E{endpoint} {{");
            for k in 0..10 {
                let n = (endpoint + 100 * k) / FILES * FILES + file;
                source.push_str(&mixed(n, k + endpoint * 10));
            }
            source.push_str("}\n");
            let _ = writeln!(fields, "#[endpoint] e{endpoint}: m{file}::E{endpoint},");
        }
        let _ = writeln!(lib, "pub mod m{file};");
        files.push((format!("m{file}"), source));
    }
    let _ = writeln!(
        lib,
        "#[derive(Clone, APISession)]\n#[session(base_url = \"https://x.test\")]\npub struct Acme {{\nsession: Session,\n{fields}}}"
    );
    files.push(("lib".to_owned(), lib));
    Crate { name: "large", about: "and 1,000 operations", files }
}

fn types(count: usize) -> String {
    let mut source = String::from("use serde::{Deserialize, Serialize};\n");
    for n in 0..count {
        let _ = writeln!(source, "#[derive(Debug, Clone, Serialize, Deserialize)]\npub struct T{n} {MODEL}");
    }
    source
}

/// A session with endpoints, among which operations are divided.
fn sdk(endpoints: usize, operations: usize, operation: fn(usize, usize) -> String) -> String {
    let mut source = String::from("use apisession::prelude::*;\n");
    for n in 0..endpoints {
        let _ =
            writeln!(source, "#[endpoint(path = \"/e{n}\")]\npub struct E{n};\n#[endpoint]\nimpl E{n} {{");
        for k in (n..operations).step_by(endpoints) {
            source.push_str(&operation(n % TYPES, k));
        }
        source.push_str("}\n");
    }
    if operations == 0 && endpoints == 0 {
        source.push_str("pub type Waits = Call<()>;\n");
    }
    source.push_str("#[derive(Clone, APISession)]\n#[session(base_url = \"https://x.test\")]\npub struct Acme {\nsession: Session,\n");
    for n in 0..endpoints {
        let _ = writeln!(source, "#[endpoint] e{n}: E{n},");
    }
    source.push_str("}\n");
    source
}

fn get(n: usize, k: usize) -> String {
    format!("#[get(\"/g{k}/{{id}}\")] pub fn get_{k}(&self, id: u64) -> Call<T{n}>;\n")
}

fn list(n: usize, k: usize) -> String {
    format!(
        "#[get(\"/l{k}\")] pub fn list_{k}(&self, since: Option<&str>, limit: Option<u32>, open: Option<bool>) -> \
         Call<Vec<T{n}>>;\n"
    )
}

/// The same without setters.
fn required(n: usize, k: usize) -> String {
    format!(
        "#[get(\"/l{k}\")] pub fn list_{k}(&self, #[query] since: &str, #[query] limit: u32, #[query] open: bool) -> \
         Call<Vec<T{n}>>;\n"
    )
}

/// Two of four fetch, one lists, one creates.
fn mixed(n: usize, k: usize) -> String {
    match kind(k) {
        0 | 1 => get(n, k),
        2 => list(n, k),
        _ => format!("#[post(\"/c{k}\")] pub fn create_{k}(&self, new: &T{n}) -> Call<T{n}>;\n"),
    }
}

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

struct Project {
    folder: PathBuf,
}

impl Project {
    fn write(&self, root: &Path, crates: &[Crate]) -> std::io::Result<()> {
        let names: Vec<_> = crates.iter().map(|krate| krate.name).chain(["user"]).collect();
        self.file("Cargo.toml", &format!("[workspace]\nresolver = \"3\"\nmembers = {names:?}\n"))?;
        fs::copy(root.join("Cargo.lock"), self.folder.join("Cargo.lock"))?;
        let serde = "serde = { version = \"1\", features = [\"derive\"] }\n";
        let framework =
            format!("apisession = {{ path = {:?}, default-features = false }}\n", root.join("apisession"));
        for krate in crates {
            self.krate(krate.name, &format!("{serde}{framework}"), &krate.files)?;
        }
        let files = [("lib".to_owned(), user())];
        self.krate("user", &format!("{framework}sdk = {{ path = \"../sdk\" }}\n"), &files)
    }

    fn krate(&self, name: &str, dependencies: &str, files: &[(String, String)]) -> std::io::Result<()> {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}"
        );
        self.file(&format!("{name}/Cargo.toml"), &manifest)?;
        files.iter().try_for_each(|(file, source)| self.file(&format!("{name}/src/{file}.rs"), source))
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
