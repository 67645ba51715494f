//! Writes the modules of `apisession-derive` as modules of this crate. They are the same files: nothing is copied.

use std::path::Path;
use std::{env, fs};

fn main() {
    let here = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let derive =
        Path::new(&here).join("../../../apisession-derive/src").canonicalize().expect("the derive is there");
    println!("cargo::rerun-if-changed={}", derive.display());
    let root = fs::read_to_string(derive.join("lib.rs")).expect("the derive has a lib.rs");
    let names = root.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let modules = names.map(|name| {
        let files = [derive.join(format!("{name}.rs")), derive.join(name).join("mod.rs")];
        let file = files.iter().find(|file| file.exists()).expect("the module has a file");
        format!("#[path = {file:?}]\nmod {name};\n")
    });
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("modules.rs");
    fs::write(out, modules.collect::<String>()).expect("the folder can be written");
}
