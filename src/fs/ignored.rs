//! What git ignores: patterns of `.gitignore` and `.git/info/exclude`, except for what it tracks all the same.
//!
//! Patterns of a user's own configuration are not read: what is shipped would depend on the machine.

use std::cell::OnceCell;
use std::rc::Rc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::index::Index;
use super::{Checkout, read_named};
use crate::source::RepoPath;

/// Limit of a file of patterns.
const PATTERNS_LIMIT: usize = 1 << 20;
/// Limit of an index: a million entries.
const INDEX_LIMIT: usize = 256 << 20;

/// What a repository in the checkout tracks, read when it matters.
struct Tracked {
    root: RepoPath,
    /// Where it keeps its own files, if in the checkout.
    git: Option<RepoPath>,
    index: OnceCell<Index>,
}

impl Tracked {
    fn at(checkout: &Checkout, root: RepoPath) -> Self {
        Self { git: git_folder(checkout, &root), root, index: OnceCell::new() }
    }

    fn index(&self, checkout: &Checkout) -> &Index {
        self.index.get_or_init(|| Index::parse(&self.read_index(checkout).unwrap_or_default()))
    }

    fn read_index(&self, checkout: &Checkout) -> Option<Vec<u8>> {
        if let Some(git) = &self.git {
            return checkout.read(&git.join("index").ok()?, INDEX_LIMIT).ok();
        }
        // A worktree has its index with its repository, elsewhere on the machine.
        let folder = named_folder(checkout, &self.root)?;
        read_named(&std::path::Path::new(&folder).join("index"), INDEX_LIMIT as u64).ok()
    }
}

impl Checkout {
    /// What git tracks in the repository at `root`.
    pub fn index(&self, root: &RepoPath) -> Index {
        let repository = Tracked::at(self, root.clone());
        repository.index(self);
        repository.index.into_inner().unwrap_or_default()
    }
}

/// The folder that `.git` is, or names: a submodule's is in the repository around it.
fn git_folder(checkout: &Checkout, root: &RepoPath) -> Option<RepoPath> {
    match named_folder(checkout, root) {
        Some(named) => root.join(&named).ok(),
        None => root.join(super::search::GIT).ok(),
    }
}

fn named_folder(checkout: &Checkout, root: &RepoPath) -> Option<String> {
    let file = checkout.read_text(&root.join(super::search::GIT).ok()?, super::search::GIT_FILE_LIMIT).ok()?;
    Some(file.text.strip_prefix("gitdir:")?.trim().to_owned())
}

/// A folder with the patterns that hold in it.
pub(super) struct Level {
    folder: RepoPath,
    patterns: Gitignore,
    /// Whether everything in it is ignored that is not tracked.
    ignored: bool,
    above: Option<Rc<Self>>,
    repository: Rc<Tracked>,
}

impl Level {
    /// The patterns that hold in `folder`, from the root of its repository on.
    pub(super) fn of(checkout: &Checkout, folder: &RepoPath) -> Rc<Self> {
        let root = checkout.repository(folder).unwrap_or_default();
        let mut level = Self::at_root(checkout, root.clone());
        for part in folder.below(&root).unwrap_or_default().split('/').filter(|part| !part.is_empty()) {
            let Ok(next) = level.folder.join(part) else { break };
            level = level.below(checkout, next);
        }
        level
    }

    fn at_root(checkout: &Checkout, root: RepoPath) -> Rc<Self> {
        let repository = Rc::new(Tracked::at(checkout, root.clone()));
        let exclude = repository.git.as_ref().and_then(|git| git.join("info/exclude").ok());
        let files = [exclude, root.join(".gitignore").ok()];
        let patterns = patterns(checkout, files.into_iter().flatten());
        Rc::new(Self { folder: root, patterns, ignored: false, above: None, repository })
    }

    /// The patterns that hold in `folder`, which is in this one; another repository has its own.
    pub(super) fn below(self: &Rc<Self>, checkout: &Checkout, folder: RepoPath) -> Rc<Self> {
        if folder.join(super::search::GIT).is_ok_and(|git| checkout.exists(&git)) {
            return Self::at_root(checkout, folder);
        }
        let ignored = self.is_matched(&folder, true);
        // git does not look for patterns in a folder that is ignored.
        let own = folder.join(".gitignore").ok().filter(|_| !ignored);
        let patterns = patterns(checkout, own);
        Rc::new(Self {
            folder,
            patterns,
            ignored,
            above: Some(Rc::clone(self)),
            repository: Rc::clone(&self.repository),
        })
    }

    /// Whether git ignores the file at `path`, which is in this folder.
    pub(super) fn ignores(&self, checkout: &Checkout, path: &RepoPath) -> bool {
        self.is_matched(path, false) && !self.tracked(checkout, path, Index::tracks)
    }

    /// Whether it ignores all of this folder.
    pub(super) fn is_ignored(&self, checkout: &Checkout) -> bool {
        self.ignored && !self.tracked(checkout, &self.folder, Index::tracks_below)
    }

    fn is_matched(&self, path: &RepoPath, is_folder: bool) -> bool {
        if self.ignored {
            return true;
        }
        let mut level = Some(self);
        while let Some(here) = level {
            match here.patterns.matched(path.below(&here.folder).unwrap_or_default(), is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => level = here.above.as_deref(),
            }
        }
        false
    }

    fn tracked(&self, checkout: &Checkout, path: &RepoPath, by: fn(&Index, &str) -> bool) -> bool {
        path.below(&self.repository.root).is_some_and(|below| by(self.repository.index(checkout), below))
    }
}

/// The patterns of `files`, of which the last counts most; lines that are none are left out.
fn patterns(checkout: &Checkout, files: impl IntoIterator<Item = RepoPath>) -> Gitignore {
    let mut builder = GitignoreBuilder::new("");
    for file in files {
        let bytes = checkout.read(&file, PATTERNS_LIMIT).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        for line in text.strip_prefix('\u{feff}').unwrap_or(&text).lines() {
            let _ = builder.add_line(None, line);
        }
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}
