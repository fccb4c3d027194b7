//! The folder from which Python imports a file: the import root, which a release has on `sys.path`.
//!
//! One rule for a whole code folder, so that what is importable in the checkout has the same name in a release:
//!
//! 1. what `pyproject.toml` says (`package-dir`, `packages.find`, Poetry's `from`, Hatch's `packages` and `sources`);
//! 2. a code folder that is inside a package is imported from beside the topmost package;
//! 3. a code folder with packages in it is the import root itself, as is a folder `src` below it that has packages;
//! 4. any other is imported from the folder of `dltflow.yml`, as Python does that is started there.

use std::collections::BTreeSet;

use crate::source::{Files, RepoPath};

/// Import roots of a code folder.
#[derive(Clone, Debug, Default)]
pub struct ImportRoots {
    /// The folder of `dltflow.yml`.
    folder: RepoPath,
    /// Folders that hold importable modules, the deepest first.
    roots: Vec<RepoPath>,
}

impl ImportRoots {
    /// Those of the folder `code` of the project in `folder`.
    pub fn of(folder: &RepoPath, code: &RepoPath, files: &Files) -> Self {
        let declared = declared(folder, files);
        let mut roots: Vec<RepoPath> = declared.into_iter().filter(|root| related(root, code)).collect();
        if roots.is_empty() {
            roots = guessed(folder, code, files);
        }
        roots.sort_by_key(|root| std::cmp::Reverse(root.as_str().len()));
        Self { folder: folder.clone(), roots }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &RepoPath> {
        self.roots.iter()
    }

    /// The import root of the files in `parent`.
    pub fn root(&self, parent: &RepoPath) -> RepoPath {
        let root = self.roots.iter().find(|root| parent.is_within(root));
        root.unwrap_or(&self.folder).clone()
    }
}

/// Whether one of the two is inside the other.
fn related(root: &RepoPath, code: &RepoPath) -> bool {
    code.is_within(root) || root.is_within(code)
}

fn guessed(folder: &RepoPath, code: &RepoPath, files: &Files) -> Vec<RepoPath> {
    let packages: BTreeSet<RepoPath> = files
        .below(code)
        .filter(|(file, _)| file.file_name() == "__init__.py")
        .filter_map(|(file, _)| file.parent())
        .collect();
    if let Some(outer) = outer_package(folder, code, files) {
        return vec![outer.parent().unwrap_or_default()];
    }
    let is_inside = |root: &RepoPath| packages.iter().any(|package| package != root && package.is_within(root));
    let mut roots = Vec::new();
    if code != folder && is_inside(code) {
        roots.push(code.clone());
    }
    // The layout with `src`, somewhere below the code folder.
    for package in &packages {
        let mut above = package.parent();
        while let Some(parent) = above.filter(|parent| parent.is_within(code) && parent != code) {
            let is_src = parent.file_name() == "src" && !packages.contains(&parent);
            if is_src && !roots.contains(&parent) && outer_package(folder, &parent, files).is_none() {
                roots.push(parent.clone());
            }
            above = parent.parent();
        }
    }
    roots
}

/// The topmost package that `code` is, or is in.
fn outer_package(folder: &RepoPath, code: &RepoPath, files: &Files) -> Option<RepoPath> {
    let is_package = |path: &RepoPath| path.join("__init__.py").is_ok_and(|init| files.contains(&init));
    let mut outer = None;
    let mut next = Some(code.clone());
    while let Some(path) = next.filter(|path| path.is_within(folder) && path != folder) {
        next = path.parent();
        if is_package(&path) {
            outer = Some(path);
        }
    }
    outer
}

/// The folders that `pyproject.toml` names.
fn declared(folder: &RepoPath, files: &Files) -> Vec<RepoPath> {
    let text = folder.join("pyproject.toml").ok().and_then(|path| std::str::from_utf8(files.get(&path)?).ok());
    let Some(table) = text.and_then(|text| text.parse::<toml::Table>().ok()) else { return Vec::new() };
    let at = |keys: &[&str]| {
        let (first, rest) = keys.split_first()?;
        rest.iter().try_fold(table.get(*first)?, |value, key| value.get(*key))
    };
    let texts = |value: Option<&toml::Value>| -> Vec<String> {
        match value {
            Some(toml::Value::String(text)) => vec![text.clone()],
            Some(toml::Value::Array(items)) => {
                items.iter().filter_map(|item| Some(item.as_str()?.to_owned())).collect()
            }
            _ => Vec::new(),
        }
    };
    let mut named = texts(at(&["tool", "setuptools", "package-dir", ""]));
    named.extend(texts(at(&["tool", "setuptools", "packages", "find", "where"])));
    let poetry = at(&["tool", "poetry", "packages"]).and_then(toml::Value::as_array);
    named.extend(poetry.into_iter().flatten().filter_map(|package| Some(package.get("from")?.as_str()?.to_owned())));
    let hatch = texts(at(&["tool", "hatch", "build", "targets", "wheel", "packages"]));
    named.extend(hatch.iter().filter_map(|package| Some(package.trim_end_matches('/').rsplit_once('/')?.0.to_owned())));
    named.extend(texts(at(&["tool", "hatch", "build", "targets", "wheel", "sources"])));
    named.iter().filter_map(|name| folder.join(name).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::ImportRoots;
    use crate::source::{Files, RepoPath};

    #[test]
    fn a_code_folder_has_one_import_root() {
        let path = |text: &str| RepoPath::parse(text).unwrap_or_default();
        for (present, folder, code, file, root) in [
            (&["samples/pipelines/a.py"][..], "", "samples", "samples/pipelines/a.py", ""),
            (&["src/acme/orders/__init__.py"], "", "src", "src/acme/orders/__init__.py", "src"),
            (&["src/shop/__init__.py", "src/helpers.py"], "", "src", "src/helpers.py", "src"),
            (&["src/shop/__init__.py", "src/other/x.py"], "", "src", "src/other/x.py", "src"),
            (&["data/src/shop/__init__.py"], "data", "data/src", "data/src/shop/a.py", "data/src"),
            (&["shop/__init__.py", "shop/a.py"], "", "shop", "shop/a.py", ""),
            (&["src/__init__.py", "src/a/__init__.py"], "", "src", "src/a/b.py", ""),
            (&["lib/src/shop/__init__.py"], "", "lib/src", "lib/src/shop/a.py", "lib/src"),
            (&["src/shop/__init__.py", "jobs/a.py"], "", "", "src/shop/a.py", "src"),
            (&["src/shop/__init__.py", "jobs/a.py"], "", "", "jobs/a.py", ""),
            (&["shop/__init__.py", "shop/src/x/__init__.py"], "", "", "shop/src/x/a.py", ""),
            (&["code/python/shop/__init__.py", "code/a.py"], "", "code", "code/a.py", "code"),
        ] {
            let mut files = Files::default();
            present.iter().chain([&file]).for_each(|text| files.insert(path(text), Vec::new()));
            let roots = ImportRoots::of(&path(folder), &path(code), &files);
            assert_eq!(roots.root(&path(file).parent().unwrap()), path(root), "{present:?} {file}");
        }
    }

    #[test]
    fn pyproject_decides_where_it_says() {
        let path = |text: &str| RepoPath::parse(text).unwrap_or_default();
        for (pyproject, root) in [
            ("[tool.setuptools.package-dir]\n\"\" = \"code/python\"\n", "code/python"),
            ("[tool.setuptools.packages.find]\nwhere = [\"code/python\"]\n", "code/python"),
            ("[[tool.poetry.packages]]\ninclude = \"shop\"\nfrom = \"code/python\"\n", "code/python"),
            ("[tool.hatch.build.targets.wheel]\npackages = [\"code/python/shop\"]\n", "code/python"),
            ("[tool.setuptools.packages.find]\nwhere = [\"elsewhere\"]\n", "code"),
            ("[tool.setuptools.packages.find]\nwhere = [\".\"]\n", ""),
            ("not toml", "code"),
        ] {
            let mut files = Files::default();
            files.insert(path("pyproject.toml"), pyproject.as_bytes().to_vec());
            files.insert(path("code/python/shop/__init__.py"), Vec::new());
            let roots = ImportRoots::of(&path(""), &path("code"), &files);
            assert_eq!(roots.root(&path("code/python/shop")), path(root), "{pyproject}");
        }
    }
}
