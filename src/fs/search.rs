//! Where something is in the checkout, without reading a file.

use std::collections::VecDeque;

use rustix::fs::{Dir, FileType, OFlags};

use unicode_normalization::UnicodeNormalization as _;

use super::{Checkout, ReadError, kind};
use crate::source::{RepoPath, is_hidden};

/// Limit of entries in a search.
const MAX_ENTRIES: usize = 100_000;
/// What a repository has in its root: a folder, or a file where it is a worktree or submodule of another.
pub(super) const GIT: &str = ".git";
/// Limit of such a file, which has one line.
pub(super) const GIT_FILE_LIMIT: usize = 8 << 10;

/// The result of a search.
#[derive(Debug, Default)]
pub struct Search {
    /// Regular files of the name, sorted.
    pub found: Vec<RepoPath>,
    /// Whether every folder could be looked into.
    pub complete: bool,
}

impl Checkout {
    /// The nearest folder from `folder` upward that is the root of a repository.
    pub fn repository(&self, folder: &RepoPath) -> Option<RepoPath> {
        self.repositories(folder).next()
    }

    /// The same, or where that is a submodule, the root of the repository that names the commit it is at.
    pub fn superproject(&self, folder: &RepoPath) -> Option<RepoPath> {
        self.repositories(folder).find(|root| !self.is_submodule(root))
    }

    /// The folders from `folder` upward that are roots of repositories.
    fn repositories(&self, folder: &RepoPath) -> impl Iterator<Item = RepoPath> {
        std::iter::successors(Some(folder.clone()), RepoPath::parent).filter(|folder| {
            let git = folder.join(GIT).map(|path| self.open_beneath(&path, OFlags::PATH));
            matches!(git, Ok(Ok(_) | Err(ReadError::Link)))
        })
    }

    /// A submodule and a worktree have a file that says where git keeps them: in `modules` or `worktrees` of a repository.
    fn is_submodule(&self, root: &RepoPath) -> bool {
        let file = root.join(GIT).ok().and_then(|path| self.read_text(&path, GIT_FILE_LIMIT).ok());
        let kept = file.as_ref().and_then(|file| file.text.strip_prefix("gitdir:"));
        let mut folders = kept.into_iter().flat_map(|kept| kept.trim().rsplit('/'));
        folders.find(|folder| ["modules", "worktrees"].contains(folder)) == Some("modules")
    }

    /// The files called `name` in `folder` and below it, without what is hidden and without other repositories; links are not
    /// followed. Upper folders come first, until too many entries were seen.
    pub fn search(&self, folder: &RepoPath, name: &str) -> Search {
        self.search_within(folder, name, MAX_ENTRIES)
    }

    fn search_within(&self, folder: &RepoPath, name: &str, most: usize) -> Search {
        let mut search = Search { found: Vec::new(), complete: true };
        let mut folders = VecDeque::from([folder.clone()]);
        let mut entries = 0;
        while let Some(next) = folders.pop_front() {
            let Ok(listed) = self.entries(&next, most - entries) else {
                search.complete = false;
                continue;
            };
            entries += listed.len();
            if next != *folder && listed.iter().any(|(name, _)| name == GIT) {
                continue;
            }
            for (entry, kind) in listed.into_iter().filter(|(entry, _)| !is_hidden(entry.as_bytes())) {
                let Ok(path) = next.join(&entry) else { continue };
                match kind {
                    FileType::Directory => folders.push_back(path),
                    FileType::RegularFile if entry == name => search.found.push(path),
                    _ => {}
                }
            }
        }
        search.found.sort();
        search
    }

    /// The path that exists and differs from `path` in its Unicode form only.
    pub fn other_form(&self, path: &RepoPath) -> Option<RepoPath> {
        if path.as_str().is_ascii() {
            return None;
        }
        let mut at = RepoPath::root();
        for part in path.parts() {
            let same = at.join(part).ok()?;
            if self.exists(&same) {
                at = same;
                continue;
            }
            let entries = self.entries(&at, MAX_ENTRIES).ok()?;
            let (name, _) = entries.into_iter().find(|(name, _)| name.nfc().eq(part.nfc()))?;
            at = at.join(&name).ok()?;
        }
        (at != *path).then_some(at)
    }

    /// Names in UTF-8 in a folder, at most `limit`, and their types.
    fn entries(&self, folder: &RepoPath, limit: usize) -> Result<Vec<(String, FileType)>, ReadError> {
        let directory = self.open_beneath(folder, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let mut entries = Vec::new();
        for entry in Dir::read_from(&directory)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            if matches!(name, "." | "..") {
                continue;
            }
            if entries.len() == limit {
                return Err(ReadError::TooMany);
            }
            entries.push((name.to_owned(), kind(&directory, &entry)?));
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::{Checkout, RepoPath};

    #[test]
    fn a_search_stays_in_its_repository_and_out_of_what_is_hidden() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        for path in [
            ".git/HEAD",
            "b/a/wanted",
            "a/wanted",
            "a/other",
            ".hidden/wanted",
            "a/.tox/wanted",
            "a/__pycache__/wanted",
            "submodule/.git",
            "submodule/wanted",
            "clone/.git/HEAD",
            "clone/deep/wanted",
            "a/wanted.d/wanted",
        ] {
            write(path);
        }
        symlink("a", folder.path().join("link")).unwrap();
        symlink("a/wanted", folder.path().join("b/wanted")).unwrap();
        let checkout = Checkout::open(folder.path()).unwrap();
        let path = |text: &str| RepoPath::parse(text).unwrap();
        let names = |from: &str| {
            let search = checkout.search(&path(from), "wanted");
            assert!(search.complete);
            search.found.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(names(""), ["a/wanted", "a/wanted.d/wanted", "b/a/wanted"]);
        assert_eq!(names("clone"), ["clone/deep/wanted"]);
        assert!(!checkout.search(&path("none"), "wanted").complete);
        for (from, root) in [("a/wanted.d", ""), ("submodule", "submodule"), ("clone/deep", "clone"), ("", "")] {
            assert_eq!(checkout.repository(&path(from)), Some(path(root)), "{from}");
        }
        std::fs::remove_dir_all(folder.path().join(".git")).unwrap();
        assert_eq!(checkout.repository(&path("a")), None);
    }

    #[test]
    fn a_submodule_belongs_to_the_repository_above_and_a_worktree_is_one_itself() {
        let folder = tempfile::tempdir().unwrap();
        for (path, git) in [
            ("clone", None),
            ("clone/libs/module", Some("gitdir: ../../.git/modules/libs/module\n")),
            ("clone/libs/module/inner", Some("gitdir: ../../../.git/modules/libs/module/modules/inner\n")),
            ("tree", Some("gitdir: /home/octocat/shop/.git/worktrees/tree\n")),
            ("tree/module", Some("gitdir: /home/octocat/shop/.git/worktrees/tree/modules/module\n")),
            ("module-tree", Some("gitdir: /home/octocat/shop/.git/modules/module/worktrees/module-tree\n")),
            ("apart", Some("gitdir: /home/octocat/shop.git\n")),
            ("odd", Some("modules")),
            ("alone", Some("gitdir: /gone/.git/modules/alone\n")),
        ] {
            let git_path = folder.path().join(path).join(".git");
            std::fs::create_dir_all(git_path.parent().unwrap()).unwrap();
            match git {
                Some(text) => std::fs::write(git_path, text).unwrap(),
                None => std::fs::create_dir(git_path).unwrap(),
            }
        }
        let checkout = Checkout::open(folder.path()).unwrap();
        for (from, root) in [
            ("clone/teams/a", Some("clone")),
            ("clone/libs/module/a", Some("clone")),
            ("clone/libs/module/inner/b", Some("clone")),
            ("tree/a", Some("tree")),
            ("tree/module", Some("tree")),
            ("module-tree", Some("module-tree")),
            ("apart", Some("apart")),
            ("odd", Some("odd")),
            ("alone", None),
            ("none", None),
        ] {
            let path = |text| RepoPath::parse(text).unwrap();
            assert_eq!(checkout.superproject(&path(from)), root.map(path), "{from}");
        }
    }

    #[test]
    fn a_search_ends_after_so_many_entries_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("deep")).unwrap();
        for name in ["one", "two", "wanted", "deep/wanted"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let checkout = Checkout::open(folder.path()).unwrap();
        let found = |most| {
            let search = checkout.search_within(&RepoPath::root(), "wanted", most);
            (search.found.len(), search.complete)
        };
        assert_eq!((found(5), found(4), found(3)), ((2, true), (1, false), (0, false)));
    }
}
