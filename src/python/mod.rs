//! Python files as modules: the name under which a file of the project is imported, and whether Python takes it.
//!
//! Pure; files are named and read, and never run.

mod classes;
mod roots;
mod syntax;

pub use roots::ImportRoots;
pub use syntax::{PythonFile, read_all};

use crate::source::RepoPath;

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

#[cfg(test)]
mod tests {
    use super::{Module, RepoPath};

    #[test]
    fn a_module_is_named_by_its_path_below_its_root() {
        let path = |text: &str| RepoPath::parse(text).unwrap_or_default();
        for (root, file, name) in [
            ("", "samples/pipelines/simple-pipeline.py", "samples.pipelines.simple-pipeline"),
            ("src", "src/shop/orders/daily.py", "shop.orders.daily"),
            ("data/src", "data/src/shop/__init__.py", "shop"),
            ("", "orders.py", "orders"),
        ] {
            assert_eq!(Module::below(path(root), &path(file)).name, name);
        }
    }
}
