//! The folders of `apisession/src` import downward only. ARCHITECTURE.md holds the list of layers, and the cycles of files that are
//! allowed inside of a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// The names that `use` imports into a module, and the paths that they stand for; `None` for those of other crates.
type Names = Vec<(String, Option<Vec<String>>)>;

/// Files by their module path, such as `send::prepare`; that of a folder is its `mod.rs`.
type Sources = BTreeMap<Vec<String>, String>;

/// The crate, as far as its imports are concerned.
#[derive(Default)]
struct Crate {
    modules: BTreeSet<Vec<String>>,
    names: BTreeMap<Vec<String>, Names>,
    /// The modules of exported macros, which are named from the root.
    macros: BTreeMap<String, Vec<String>>,
    /// Every path that a module names, absolute.
    paths: Vec<(Vec<String>, Vec<String>)>,
}

impl Crate {
    fn read(sources: &Sources) -> Self {
        let mut found = Self { modules: sources.keys().cloned().collect(), ..Self::default() };
        for (module, text) in sources {
            let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{}: {error}", module.join("::")));
            Reader { module, found: &mut found, reexports: false }.visit_file(&file);
        }
        found
    }

    /// The module in which the item behind a path is defined, re-exports followed.
    fn resolve(&self, path: &[String]) -> Option<Vec<String>> {
        let mut path = path.to_vec();
        // A chain of re-exports is short.
        for _ in 0..16 {
            let length = (0..=path.len()).rev().find(|length| self.modules.contains(&path[..*length]))?;
            let (module, rest) = path.split_at(length);
            let Some(item) = rest.first() else { return Some(module.to_vec()) };
            let target = self.names.get(module).and_then(|names| names.iter().find(|(name, _)| name == item));
            match target {
                Some((_, target)) => path = [target.as_ref()?, &rest[1..]].concat(),
                None if module.is_empty() => return self.macros.get(item).cloned(),
                None => return Some(module.to_vec()),
            }
        }
        None
    }

    /// Which module imports from which.
    fn imports(&self) -> BTreeSet<(Vec<String>, Vec<String>)> {
        let resolved = self.paths.iter().filter_map(|(from, path)| Some((from.clone(), self.resolve(path)?)));
        resolved.filter(|(from, to)| from != to).collect()
    }
}

/// Collects the paths of one file.
struct Reader<'a> {
    module: &'a [String],
    found: &'a mut Crate,
    /// Whether what is read re-exports a name: then the module does not need it itself.
    reexports: bool,
}

impl Reader<'_> {
    /// An absolute path, if the path begins with `crate`, `self` or `super`.
    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let supers = path.iter().take_while(|segment| *segment == "super").count();
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([self.module, &path[1..]].concat()),
            "super" => {
                let parent = &self.module[..self.module.len().checked_sub(supers)?];
                Some([parent, &path[supers..]].concat())
            }
            _ => None,
        }
    }

    fn add(&mut self, path: &[String]) -> Option<Vec<String>> {
        let path = self.absolute(path)?;
        let is_face = self.reexports && path.starts_with(self.module) && path.len() > self.module.len() + 1;
        if !is_face {
            self.found.paths.push((self.module.to_vec(), path.clone()));
        }
        Some(path)
    }

    fn add_use(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add_use(&with(&path.ident), &path.tree),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_use(before, tree)),
            syn::UseTree::Glob(_) => drop(self.add(before)),
            syn::UseTree::Name(name) if name.ident == "self" => {
                self.import(before, before.last().cloned().unwrap_or_default());
            }
            syn::UseTree::Name(name) => self.import(&with(&name.ident), name.ident.to_string()),
            syn::UseTree::Rename(rename) => self.import(&with(&rename.ident), rename.rename.to_string()),
        }
    }

    fn import(&mut self, path: &[String], name: String) {
        let path = self.add(path);
        self.found.names.entry(self.module.to_vec()).or_default().push((name, path));
    }

    /// The paths in the tokens of a macro, `$crate::…` among them.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    let starts = matches!(ident.to_string().as_str(), "crate" | "self" | "super");
                    if starts && path.last().is_none_or(|last| last != ":") {
                        self.end_path(&mut path);
                    }
                    path.push(ident.to_string());
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => path.push(":".to_owned()),
                TokenTree::Group(group) => {
                    self.end_path(&mut path);
                    self.add_tokens(group.stream());
                }
                _ => self.end_path(&mut path),
            }
        }
        self.end_path(&mut path);
    }

    fn end_path(&mut self, path: &mut Vec<String>) {
        // `crate`, `:`, `:`, `send`, …
        let segments: Vec<_> = std::mem::take(path);
        let is_path = segments.get(1).is_some_and(|colon| colon == ":");
        let segments: Vec<_> = segments.into_iter().filter(|segment| segment != ":").collect();
        if is_path {
            self.add(&segments);
        }
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.reexports = !matches!(item.vis, syn::Visibility::Inherited);
        self.add_use(&[], &item.tree);
        self.reexports = false;
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            self.add(&segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.add_tokens(mac.tokens.clone());
        visit::visit_macro(self, mac);
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        let is_exported = item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"));
        if let (true, Some(name)) = (is_exported, &item.ident) {
            self.found.macros.insert(name.to_string(), self.module.to_vec());
        }
        visit::visit_item_macro(self, item);
    }
}

/// The layers of ARCHITECTURE.md, from the bottom up, and the cycles of files that it names.
struct Rules {
    layers: BTreeMap<String, usize>,
    cycles: BTreeSet<BTreeSet<String>>,
}

impl Rules {
    fn read(text: &str) -> Self {
        let list = |mark: &str| {
            let list = text.split(&format!("<!-- {mark} -->")).nth(1).unwrap_or_default();
            list.trim_start()
                .lines()
                .take_while(|line| !line.trim().is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let quoted = |line: &str| line.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        let layers = list("layers").into_iter().enumerate().flat_map(|(level, line)| {
            quoted(&line).into_iter().map(move |folder| (folder, level)).collect::<Vec<_>>()
        });
        let layers = layers.collect();
        let cycles = list("cycles").iter().map(|line| quoted(line).into_iter().collect()).collect();
        Self { layers, cycles }
    }

    /// The folders, their files, the imports between folders, and what breaks the rules.
    fn check(&self, found: &Crate) -> (usize, usize, usize, Vec<String>) {
        let imports = found.imports();
        let mut broken = Vec::new();
        let mut arrows = BTreeSet::new();
        for (from, to) in &imports {
            // Files beside the folders, such as `lib.rs`, are above all of them.
            let (Some(folder), to_folder) = (from.first(), to.first()) else { continue };
            let Some(own) = self.layers.get(folder) else {
                if found.modules.iter().any(|module| module.len() > 1 && module[0] == *folder) {
                    broken.push(format!("{folder}/ is on no layer"));
                }
                continue;
            };
            match to_folder.map(|to| (to, self.layers.get(to))) {
                Some((to, _)) if to == folder => {}
                Some((to, Some(other))) if other < own => {
                    arrows.insert((folder.clone(), to.clone()));
                }
                _ => broken.push(format!("{} looks up to {}", from.join("::"), to.join("::"))),
            }
        }
        for cycle in cycles(&imports) {
            if !self.cycles.contains(&cycle) {
                broken.push(format!("a cycle of files: {cycle:?}"));
            }
        }
        for named in &self.cycles {
            if !cycles(&imports).contains(named) {
                broken.push(format!("ARCHITECTURE.md names a cycle of files that there is not: {named:?}"));
            }
        }
        let folders: BTreeSet<_> =
            found.modules.iter().filter(|module| module.len() > 1).map(|module| &module[0]).collect();
        (folders.len(), found.modules.len(), arrows.len(), broken)
    }
}

/// The sets of files that import each other, directly or not.
fn cycles(imports: &BTreeSet<(Vec<String>, Vec<String>)>) -> BTreeSet<BTreeSet<String>> {
    let mut reach: BTreeMap<&Vec<String>, BTreeSet<&Vec<String>>> = BTreeMap::new();
    for (from, to) in imports {
        reach.entry(from).or_default().insert(to);
    }
    loop {
        let before: usize = reach.values().map(BTreeSet::len).sum();
        let next: Vec<_> = reach
            .iter()
            .map(|(from, to)| {
                (*from, to.iter().filter_map(|to| reach.get(to)).flatten().copied().collect::<Vec<_>>())
            })
            .collect();
        for (from, more) in next {
            reach.entry(from).or_default().extend(more);
        }
        if reach.values().map(BTreeSet::len).sum::<usize>() == before {
            break;
        }
    }
    let together = |a: &Vec<String>| {
        let all = reach
            .get(a)
            .into_iter()
            .flatten()
            .filter(|b| reach.get(**b).is_some_and(|back| back.contains(a)));
        all.map(|module| module.join("::")).chain([a.join("::")]).collect::<BTreeSet<_>>()
    };
    reach.keys().map(|module| together(module)).filter(|cycle| cycle.len() > 1).collect()
}

fn sources(folder: &Path, module: &[String], sources_of: &mut Sources) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let inner = [module, std::slice::from_ref(&name)].concat();
        if path.is_dir() {
            sources(&path, &inner, sources_of);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let is_face = matches!(name.as_str(), "mod" | "lib");
            sources_of
                .insert(if is_face { module.to_vec() } else { inner }, fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn folders_import_downward_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let rules = Rules::read(&fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap());
    let mut all = Sources::new();
    sources(&root.join("apisession/src"), &[], &mut all);
    let (folders, files, imports, broken) = rules.check(&Crate::read(&all));
    for (level, folder) in rules.layers.iter().map(|(folder, level)| (level, folder)).collect::<BTreeSet<_>>()
    {
        println!("{:>2} {folder}", level + 1);
    }
    println!(
        "{folders} folders, {files} files, {imports} imports between folders, {} upward or circular",
        broken.len()
    );
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert_eq!(folders, rules.layers.len(), "each folder is on a layer, and each layer has its folders");
}

/// Whether the test above would see it.
#[test]
fn an_import_that_looks_up_is_found_in_every_form() {
    let rules = Rules::read("<!-- layers -->\n1. `low`\n2. `high`\n\n<!-- cycles -->\n\n");
    let check = |low: &str, root: &str| {
        let files = [
            (vec![], root.to_owned()),
            (vec!["low"], low.to_owned()),
            (vec!["low", "leaf"], String::new()),
            (vec!["high"], "pub use self::item::Thing;".to_owned()),
            (
                vec!["high", "item"],
                "pub struct Thing; #[macro_export] macro_rules! __made { () => {} }".to_owned(),
            ),
        ];
        let files = files.map(|(module, text)| (module.into_iter().map(str::to_owned).collect(), text));
        rules.check(&Crate::read(&files.into_iter().collect())).3
    };
    assert_eq!(check("use self::leaf; use std::fmt;", "pub use crate::high::Thing;"), [""; 0]);
    let rows = [
        ("use crate::high::Thing;", ""),
        ("use crate::{low::leaf, high::{self, Thing}};", ""),
        ("use super::high::Thing;", ""),
        ("pub use crate::high::Thing as Other;", ""),
        ("use crate::Thing;", "pub use crate::high::Thing;"),
        ("use crate::*; fn f() -> crate::Renamed {}", "pub use crate::high::Thing as Renamed;"),
        ("fn f(_: &crate::high::item::Thing) {}", ""),
        ("fn f() { let _ = vec![crate::high::Thing]; }", ""),
        ("crate::__made!();", ""),
        ("macro_rules! m { () => { $crate::high::Thing } }", ""),
    ];
    for (low, root) in rows {
        let broken = check(low, root);
        assert!(broken.iter().any(|line| line.contains("looks up to high")), "{low}: {broken:?}");
    }
    // A test of a leaf may use what it likes.
    assert_eq!(check("#[cfg(test)] mod tests { use crate::high::Thing; }", ""), [""; 0]);
}
