//! The checkout, read once: project, specs and files → one [`Codebase`] that later stages query.
//!
//! Pure: [`to_read`] lists what has to be read, `app` reads it, and [`Codebase::new`] builds the value. Each file is held
//! once and each configuration is decoded once. What counts as code, and which paths a parameter names, is decided here
//! and nowhere else.

mod configuration;
mod item;
mod layout;
mod similar;
mod to_read;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use layout::Layout;

use crate::config::Config;
use crate::project::Project;
use crate::python::{self, ImportRoots, Module, PythonFile};
use crate::source::{Absent, Files, RepoPath, Source, is_lfs_pointer};
use crate::spec::Workflow;

pub use item::{CONFIG_FLAGS, ItemFiles, NamedPath, Parameter, PathKind, meant, referenced, written};
pub use to_read::{Folder, ToRead, to_read};

/// The files of a project and what is known about them.
///
/// It owns its data, so it can be shared between threads; clones share contents and configurations.
#[derive(Clone, Debug)]
pub struct Codebase {
    layout: Layout,
    files: Files,
    roots: ImportRoots,
    python: Arc<BTreeMap<RepoPath, PythonFile>>,
    modules: BTreeMap<RepoPath, Module>,
    configurations: BTreeMap<RepoPath, Arc<Config>>,
    pointers: BTreeSet<RepoPath>,
}

impl Codebase {
    /// Builds the codebase of `project` from the `files` that [`to_read`] lists for the same `workflows`.
    pub fn new<'w>(project: &Project, files: Files, workflows: impl IntoIterator<Item = &'w Workflow>) -> Self {
        let layout = Layout::of(project);
        let mut codebase = Self {
            roots: layout.roots(&files),
            python: Arc::default(),
            layout,
            files,
            modules: BTreeMap::new(),
            configurations: BTreeMap::new(),
            pointers: BTreeSet::new(),
        };
        let code = codebase.code().filter(|(path, _)| path.extension() == "py");
        let read = python::read_all(code);
        codebase.python = Arc::new(read);
        let shipped = codebase.code().chain(codebase.conf());
        let pointers = shipped.filter(|(_, bytes)| is_lfs_pointer(bytes)).map(|(path, _)| path.clone());
        codebase.pointers = pointers.collect();
        let code = codebase.code().map(|(path, _)| path).filter(|path| path.extension() == "py").cloned();
        for file in code.collect::<Vec<_>>() {
            codebase.add_module(&file);
        }
        codebase.add_items(workflows);
        codebase
    }

    /// The same with further `files`, those that [`to_read`] lists for further `workflows`.
    ///
    /// What a release carries is decided by the files of the workflows in it, so those of other environments are not added
    /// to the codebase that it is made of.
    #[must_use]
    pub fn with<'w>(&self, files: Files, workflows: impl IntoIterator<Item = &'w Workflow>) -> Self {
        let mut codebase = self.clone();
        codebase.files.merge(files);
        codebase.add_items(workflows);
        codebase
    }

    fn add_items<'w>(&mut self, workflows: impl IntoIterator<Item = &'w Workflow>) {
        for item in workflows.into_iter().flat_map(|workflow| &workflow.items) {
            self.add_module(&item.python_file.value);
            self.add_configuration(item);
        }
    }

    fn add_module(&mut self, file: &RepoPath) {
        if !self.modules.contains_key(file) {
            let module = self.module_of(file);
            self.modules.insert(file.clone(), module);
        }
    }

    /// All files.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Whether `path` is a file of the codebase.
    pub fn contains(&self, path: &RepoPath) -> bool {
        self.files.contains(path)
    }

    /// The content of the file at `path`.
    pub fn get(&self, path: &RepoPath) -> Option<&[u8]> {
        self.files.get(path)
    }

    /// Why `path`, which was looked for, is not a file of the codebase, if that is known.
    pub fn absent(&self, path: &RepoPath) -> Option<&Absent> {
        self.files.absent(path)
    }

    /// Whether there is a Git LFS pointer at `path` instead of the file.
    pub fn is_pointer(&self, path: &RepoPath) -> bool {
        self.files.get(path).is_some_and(is_lfs_pointer)
    }

    /// The files in the folders of code and configuration of which there is a Git LFS pointer only, sorted.
    pub fn pointers(&self) -> impl Iterator<Item = &RepoPath> {
        self.pointers.iter()
    }

    /// The file at `path` as text; `None` if it does not exist or is not UTF-8.
    pub fn source(&self, path: &RepoPath) -> Option<Source> {
        let text = std::str::from_utf8(self.files.get(path)?).ok()?.to_owned();
        Some(Source { path: path.clone(), text })
    }

    /// The module of the Python file `file`, which need not exist.
    pub fn module(&self, file: &RepoPath) -> Module {
        self.modules.get(file).cloned().unwrap_or_else(|| self.module_of(file))
    }

    /// The Python files of the code folder, as far as they were read.
    pub fn python(&self) -> &BTreeMap<RepoPath, PythonFile> {
        &self.python
    }

    /// The name in a release of a `module` that Python imports where it is started in the folder of `dltflow.yml`, if that is
    /// another one, and the release has nothing of that name.
    pub fn released_as(&self, module: &str) -> Option<String> {
        let below = module.replace('.', "/");
        let there = self.layout.folder.join(&below).ok()?;
        let file = self.python_below(&there)?;
        let root = self.import_root(file);
        if root == self.layout.folder || self.roots.iter().any(|root| self.is_importable(root, &below)) {
            return None;
        }
        // The root itself is no module.
        there.below(&root).filter(|name| !name.is_empty()).map(|name| name.replace('/', "."))
    }

    fn is_importable(&self, root: &RepoPath, below: &str) -> bool {
        root.join(below).is_ok_and(|path| self.python_below(&path).is_some())
    }

    /// A Python file of the code that is the module at `path`, or is in its folder.
    fn python_below(&self, path: &RepoPath) -> Option<&RepoPath> {
        let file = RepoPath::parse(&format!("{path}.py")).ok();
        let file = file.and_then(|file| self.python.get_key_value(&file)).map(|(file, _)| file);
        file.or_else(|| {
            self.python
                .range(path.clone()..)
                .map(|(file, _)| file)
                .take_while(|file| file.as_str().starts_with(path.as_str()))
                .find(|file| file.is_within(path))
        })
    }

    /// The modules in the code folder and those that items name, by file.
    pub fn modules(&self) -> &BTreeMap<RepoPath, Module> {
        &self.modules
    }

    fn module_of(&self, file: &RepoPath) -> Module {
        Module::below(self.import_root(file), file)
    }

    /// The folder that has to be on `sys.path` to import `file`; in a release, paths of code are relative to it.
    pub fn import_root(&self, file: &RepoPath) -> RepoPath {
        self.roots.root(&file.parent().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
