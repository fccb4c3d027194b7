//! No two source files import one another, directly or around others.

mod imports;

use std::collections::BTreeSet;
use std::path::Path;

use self::imports::{Imports, imports};

/// Where no circle may be: the root of a crate, what its binary calls it, and the folder below the root that must be
/// free of circles (empty for all of it). Circles that lead out of the folder and back count. One more is one more entry.
const FOLDERS: &[(&str, &str, &str)] = &[("src", "dltflow", "app"), ("sandbox/src", "sandbox", "")];

/// The groups of files that import one another.
fn circles(imports: &Imports) -> BTreeSet<Vec<&str>> {
    let all: Vec<(&str, BTreeSet<&str>)> =
        imports.keys().map(|file| (file.as_str(), reachable(file, imports))).collect();
    let around = |(file, reached): &(&str, BTreeSet<&str>)| -> Vec<&str> {
        let back = all.iter().filter(|(other, from)| reached.contains(other) && from.contains(file));
        back.map(|(other, _)| *other).collect()
    };
    all.iter().map(around).filter(|circle| !circle.is_empty()).collect()
}

/// All that a file imports, directly or not.
fn reachable<'a>(file: &str, imports: &'a Imports) -> BTreeSet<&'a str> {
    let targets = |file: &str| imports.get(file).into_iter().flatten().map(String::as_str);
    let mut reached = BTreeSet::new();
    let mut next: Vec<&str> = targets(file).collect();
    while let Some(file) = next.pop() {
        if reached.insert(file) {
            next.extend(targets(file));
        }
    }
    reached
}

/// One circle for people: its files, each with what it imports of the others.
fn describe(circle: &[&str], imports: &Imports) -> String {
    let lines = circle.iter().map(|file| {
        let others: Vec<&str> =
            imports[*file].iter().map(String::as_str).filter(|target| circle.contains(target)).collect();
        format!("  {file} imports {}\n", others.join(", "))
    });
    format!("these files import one another:\n{}", lines.collect::<String>())
}

/// What is wrong within `folder`, by circle.
fn complaints(imports: &Imports, folder: &str) -> Vec<String> {
    let inside = |circle: &Vec<&str>| circle.iter().any(|file| Path::new(file).starts_with(folder));
    circles(imports).iter().filter(|circle| inside(circle)).map(|circle| describe(circle, imports)).collect()
}

fn imports_of(root: &str, name: &str) -> Imports {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let mut paths = Vec::new();
    crate::architecture::sources(&root, &mut paths);
    let below = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    let files: Vec<(String, String)> =
        paths.iter().map(|path| (below(path), std::fs::read_to_string(path).unwrap())).collect();
    imports(name, files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
}

#[test]
fn no_files_import_one_another() {
    let mut found = Vec::new();
    for (root, name, folder) in FOLDERS {
        let imports = imports_of(root, name);
        let files: Vec<&String> = imports.keys().filter(|file| Path::new(file).starts_with(folder)).collect();
        let without: Vec<_> = files.iter().filter(|file| imports[**file].is_empty()).collect();
        assert!(without.len() * 2 < files.len(), "the imports of {root}/{folder} were not found: {without:?}");
        found.extend(complaints(&imports, folder).into_iter().map(|circle| format!("in {root}, {circle}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The circles of a made-up crate, each as its files.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    circles(&imports("made_up", files.iter().copied())).iter().map(|circle| circle.join(" ")).collect()
}

#[test]
fn two_files_that_import_one_another_are_a_circle_however_the_path_is_written() {
    for back in [
        "use crate::a::A;",
        "use super::a;",
        "use super::super::b::super_of_nothing; use crate::{c::{self, C}, a::{A as Other}};",
        "fn f() -> u8 { super::a::A::new() }",
        "fn f() { println!(\"{}\", crate::a::A); }",
        "use super::*; fn f(a: a::A) {}",
        "use super::a as other; mod inner { fn f() { super::other::A; } }",
        "mod inner { use super::super::a::A; }",
    ] {
        let files = [
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b::B; struct A;"),
            ("b.rs", back),
            ("c.rs", "struct C;"),
        ];
        assert_eq!(found(&files), ["a.rs b.rs"], "{back}");
    }
}

#[test]
fn a_circle_around_several_files_is_found_and_its_neighbours_are_not_in_it() {
    let files = [
        ("lib.rs", "mod deep; mod top; pub use top::Top;"),
        ("main.rs", "use made_up::Top;"),
        ("deep/mod.rs", "mod one; mod two;"),
        ("deep/one.rs", "use super::two::Two; struct One;"),
        ("deep/two.rs", "struct Two(crate::top::Top);"),
        ("top.rs", "use crate::deep::one::One; pub struct Top;"),
    ];
    assert_eq!(found(&files), ["deep/one.rs deep/two.rs top.rs"]);
    let imports = imports("made_up", files);
    assert_eq!(imports["main.rs"], BTreeSet::from(["top.rs".to_owned()]));
    let [complaint] = complaints(&imports, "deep").try_into().unwrap();
    assert!(complaint.contains("deep/one.rs imports deep/two.rs\n"), "{complaint}");
    assert_eq!(complaints(&imports, "elsewhere"), [] as [String; 0]);
}

#[test]
fn a_name_that_a_parent_defines_makes_a_circle_and_one_that_it_passes_on_does_not() {
    let child = ("parent/child.rs", "use super::Name; pub(super) struct Child;");
    let sibling = ("parent/sibling.rs", "pub struct Name; pub struct Glob;");
    let defines = "mod child; mod sibling; use child::Child; pub struct Name;";
    assert_eq!(found(&[("parent/mod.rs", defines), child, sibling]), ["parent/child.rs parent/mod.rs"]);
    for passes_on in
        ["pub use sibling::Name;", "pub use self::sibling::*;", "use sibling::Name as Other; use Other as Name;"]
    {
        let parent = format!("mod child; mod sibling; use child::Child; {passes_on}");
        assert_eq!(found(&[("parent/mod.rs", &parent), child, sibling]), [] as [&str; 0], "{passes_on}");
    }
}

#[test]
fn what_is_no_import_makes_no_circle() {
    let b = r##"
        // use crate::a::A;
        /* crate::a::A */
        //! [`crate::a::A`]
        pub(in crate::a) struct B;
        pub(crate) const TEXT: &str = r#"crate::a::A"#;
        fn f<'a>(x: &'a str) { std::a::b(x); serde::a::A; Self::a; }
        #[cfg(test)] use crate::a::{A};
        #[cfg(test)] fn helper() { crate::a::A }
        #[cfg(all(test, unix))] mod inline { use crate::a::A; }
        #[cfg(test)] mod tests;
        #[cfg(not(test))] use crate::c::C;
    "##;
    let files = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", b),
        ("b/tests.rs", "use crate::a::A; use super::B;"),
        ("c.rs", "struct C;"),
    ];
    assert_eq!(found(&files), [] as [&str; 0]);
    let imports = imports("made_up", files);
    assert_eq!(imports["b.rs"], BTreeSet::from(["c.rs".to_owned()]));
    assert!(!imports.contains_key("b/tests.rs"));
}
