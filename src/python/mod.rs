//! Python files as modules: the name under which a file of the project is imported.
//!
//! Pure; files are named and never run.

mod classes;

use crate::source::{Files, RepoPath};

pub use classes::PipelineClass;

/// How a Python file is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The folder that has to be on `sys.path`: in a release, the root of the wheel.
    pub root: RepoPath,
    /// The dotted name. It need not be an identifier: `importlib.import_module` takes hyphens.
    pub name: String,
}

impl Module {
    /// The module of `file`, a Python file of the project in `folder` (the one that holds `dltflow.yml`).
    pub fn of(file: &RepoPath, folder: &RepoPath, files: &Files) -> Self {
        let root = file.parent().map(|parent| import_root(&parent, folder, files));
        Self::below(root.unwrap_or_default(), file)
    }

    /// The module of `file` where `root` is on `sys.path`; `a/b/__init__.py` is the module `a.b`.
    pub fn below(root: RepoPath, file: &RepoPath) -> Self {
        let below = file.below(&root).unwrap_or(file.as_str());
        let stem = below.strip_suffix(".py").unwrap_or(below);
        let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
        Self { name: stem.replace('/', "."), root }
    }

    /// The first part of the dotted name: which must not shadow another package on the cluster.
    pub fn top_level(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }
}

/// The folder that has to be on `sys.path` to import the files in `parent`, a folder of the project in `folder`: the parent
/// of the topmost package that contains them, else the project's folder.
pub fn import_root(parent: &RepoPath, folder: &RepoPath, files: &Files) -> RepoPath {
    let is_package = |path: &RepoPath| path.join("__init__.py").is_ok_and(|init| files.contains(&init));
    let mut root = folder.clone();
    let mut next = Some(parent.clone());
    while let Some(parent) = next.filter(|parent| parent.is_within(folder) && parent != folder) {
        next = parent.parent();
        if is_package(&parent) {
            root = next.clone().unwrap_or_default();
        }
    }
    root
}

#[cfg(test)]
mod tests {
    use super::{Files, Module, RepoPath};

    #[test]
    fn a_module_is_named_from_the_parent_of_its_topmost_package() {
        let path = |text: &str| RepoPath::parse(text).unwrap_or_default();
        for (present, folder, file, root, name) in [
            (&[][..], "", "samples/pipelines/simple-pipeline.py", "", "samples.pipelines.simple-pipeline"),
            (&["src/shop/__init__.py"], "", "src/shop/orders/daily.py", "src", "shop.orders.daily"),
            (&["data/src/shop/__init__.py"], "data", "data/src/shop/__init__.py", "data/src", "shop"),
            (&["__init__.py"], "", "orders.py", "", "orders"),
            (&["data/x/__init__.py"], "data", "data/y/z.py", "data", "y.z"),
        ] {
            let mut files = Files::default();
            present.iter().chain([&file]).for_each(|text| files.insert(path(text), Vec::new()));
            let expected = Module { root: path(root), name: name.to_owned() };
            assert_eq!(Module::of(&path(file), &path(folder), &files), expected, "{file}");
        }
    }
}
