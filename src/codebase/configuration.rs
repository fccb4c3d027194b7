//! The configurations of items, each decoded once.

use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::Codebase;
use super::item::is_checked;
use crate::config::{self, Config};
use crate::source::{RepoPath, is_lfs_pointer};
use crate::spec::{Item, Workflow};

impl Codebase {
    pub(super) fn add_configuration(&mut self, item: &Item) {
        let Some(path) = self.item(item).configuration else { return };
        // An empty file has no content to check, or was too large to read in a run that releases nothing. A pointer has a
        // finding of its own.
        let has_content = |bytes: &&[u8]| !bytes.is_empty() && !is_lfs_pointer(bytes);
        let Some(bytes) = self.files.get(&path).filter(has_content) else { return };
        if let Entry::Vacant(vacant) = self.configurations.entry(path) {
            let config = config::decode_bytes(vacant.key(), bytes);
            vacant.insert(Arc::new(config));
        }
    }

    /// The existing YAML and JSON configurations of `workflow`, each once, sorted by path.
    pub fn configurations<'c>(&'c self, workflow: &Workflow) -> Vec<(&'c RepoPath, &'c Config)> {
        let mut found = self.all_configurations(workflow);
        found.retain(|(path, _)| is_checked(path));
        found
    }

    /// The existing configurations of `workflow`, whatever their extension, each once, sorted by path.
    pub fn all_configurations<'c>(&'c self, workflow: &Workflow) -> Vec<(&'c RepoPath, &'c Config)> {
        let named = workflow.items.iter().filter_map(|item| self.item(item).configuration);
        let known = named.filter_map(|path| self.configurations.get_key_value(&path));
        let mut found: Vec<_> = known.map(|(path, config)| (path, &**config)).collect();
        found.sort_by_key(|(path, _)| *path);
        found.dedup_by_key(|(path, _)| *path);
        found
    }

    /// The configuration at `path`, if it exists and is that of an item.
    pub fn configuration(&self, path: &RepoPath) -> Option<&Config> {
        self.configurations.get(path).map(|config| &**config)
    }
}
