//! The layer rule, read from the sources: a module uses only what stands before it, the services never see each other,
//! and only the stages that touch the outside world are asynchronous.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The modules in the order of the way: the ground, the shells, the way, the face.
const ORDER: [&str; 5] = [
    "source diagnostic secret host pipeline yaml schema ref_filter quartz",
    "clock signals env fs git http databricks github local",
    "event project route change spec config python codebase impact rules",
    "release desired observe plan deploy report",
    "inputs scaffold cli app",
];

fn position(name: &str) -> Option<usize> {
    ORDER.iter().flat_map(|line| line.split(' ')).position(|module| module == name)
}

/// Within the ground and the shells: who may use whom beside what the order alone would allow.
const GROUND: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("secret", &[]),
    ("host", &[]),
    ("pipeline", &["source"]),
    ("diagnostic", &["source"]),
    ("yaml", &["diagnostic", "source"]),
    ("schema", &["diagnostic", "source", "yaml"]),
    ("ref_filter", &[]),
    ("quartz", &["diagnostic"]),
    ("clock", &[]),
    ("signals", &["clock", "diagnostic"]),
    ("env", &["diagnostic", "secret", "source"]),
    ("fs", &["diagnostic", "source"]),
    ("git", &["diagnostic", "source"]),
    ("http", &["clock", "diagnostic", "secret"]),
    ("databricks", &["diagnostic", "host", "http", "pipeline", "secret"]),
    ("github", &["clock", "diagnostic", "http", "secret", "source"]),
    ("local", &["clock", "diagnostic", "env", "secret", "source"]),
];

/// Stages and faces that touch the outside world, and through what.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("change", &["git", "github"]),
    ("observe", &["databricks"]),
    ("deploy", &["clock", "databricks"]),
    ("inputs", &["env"]),
    ("app", &["clock", "databricks", "env", "fs", "git", "github", "http", "local"]),
    ("cli", &["env"]),
];

const SHELLS: &[&str] = &["clock", "signals", "env", "fs", "git", "http", "databricks", "github", "local"];

pub(crate) fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Top-level module → the code of all its files, without comments and inline tests.
fn modules() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut modules = BTreeMap::<String, String>::new();
    for file in files {
        let below = file.strip_prefix(&root).unwrap();
        let name = below.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        // What a module tests is beside its code, or in a file of its own.
        let code = text.split("#[cfg(test)]").next().filter(|_| !file.ends_with("tests.rs")).unwrap_or_default();
        let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        modules.entry(name).or_default().push_str(&code.collect::<Vec<_>>().join("\n"));
    }
    modules
}

/// The top-level modules that `code` names after `crate::`, also inside braces.
fn imports(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(group) => found.extend(group.split('}').next().unwrap().split(',').map(|part| word(part.trim()))),
            None => _ = found.insert(word(after)),
        }
    }
    found.remove("");
    found
}

fn allowed(module: &str, import: &str) -> bool {
    let listed = |table: &[(&str, &[&str])]| {
        table.iter().find(|(name, _)| *name == module).map(|(_, uses)| uses.contains(&import))
    };
    if let Some(allowed) = listed(GROUND) {
        return allowed;
    }
    if SHELLS.contains(&import) {
        return listed(OUTSIDE).unwrap_or(false);
    }
    position(import) < position(module)
}

#[test]
fn every_module_has_its_place_in_the_order() {
    for name in modules().keys().filter(|name| !["lib", "main"].contains(&name.as_str())) {
        assert!(position(name).is_some(), "`{name}` has no place in the order of the way");
    }
}

#[test]
fn a_module_uses_only_what_stands_before_it() {
    let mut wrong = Vec::new();
    for (name, code) in modules().iter().filter(|(name, _)| !["lib", "main"].contains(&name.as_str())) {
        let uses = imports(code).into_iter().filter(|import| import != name && !allowed(name, import));
        wrong.extend(uses.map(|import| format!("`{name}` uses `{import}`")));
    }
    assert!(wrong.is_empty(), "against the order: {}", wrong.join(", "));
}

/// `dltflow.` begins a name of a file, of Python, or of an ownership key; those are spelled in `pipeline` alone.
#[test]
fn only_pipeline_spells_ownership_keys() {
    let mut wrong = Vec::new();
    for (name, code) in modules().iter().filter(|(name, _)| *name != "pipeline") {
        for (at, _) in code.match_indices("dltflow.") {
            let (before, after) = (&code[..at], &code[at + "dltflow.".len()..]);
            let in_text = before.ends_with(['"', '`']) || before.ends_with("configuration.");
            let other = ["yml", "shipped", "launch"].iter().any(|known| after.starts_with(known));
            if in_text && !other {
                wrong.push(format!("`{name}`: dltflow.{}", after.lines().next().unwrap_or_default()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_stages_that_touch_the_outside_are_asynchronous() {
    let outside = ["change", "observe", "deploy", "app", "cli", "main"];
    for (name, code) in modules() {
        let may = SHELLS.contains(&name.as_str()) || outside.contains(&name.as_str());
        assert!(may || !code.contains("async fn"), "`{name}` is pure and has an `async fn`");
    }
}

#[test]
fn no_file_grows_past_four_hundred_lines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests", "sandbox"] {
        sources(&root.join(folder), &mut files);
    }
    for file in files {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 400, "{} has {lines} lines: it is two things", file.display());
    }
}

/// Names that two types of the crate have, and why.
const NAMED_TWICE: [(&str, &str); 2] =
    [("Error", "that of a module, named by its path"), ("Plan", "the task `plan`, as it is typed, and what it makes")];

#[test]
fn no_two_types_have_one_name() {
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for line in modules().values().flat_map(|code| code.lines()) {
        let code = line.strip_prefix("pub").map_or(line, |rest| rest.split_once(' ').unwrap_or_default().1);
        let code = code.strip_prefix("crate::app) ").unwrap_or(code);
        let Some((kind, rest)) = code.split_once(' ') else { continue };
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        if ["struct", "enum", "trait", "type"].contains(&kind) && !seen.insert(name.clone()) {
            twice.insert(name);
        }
    }
    assert_eq!(twice, NAMED_TWICE.map(|(name, _)| name.to_owned()).into());
}
