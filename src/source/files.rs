//! Files of the checkout with their content, and what is known of paths that are none.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::RepoPath;

/// Why a path that was looked for is not among the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absent {
    /// It exists and is not read, as the text says: "is a symbolic link".
    Withheld(String),
    /// It is a folder in which git ignores everything, or that is empty.
    Empty,
    /// There is another path that differs in its Unicode form only.
    OtherForm(RepoPath),
    /// It exists, and nothing names it as it would have to be named.
    Unnamed,
    /// It is in the index of git, and a sparse checkout leaves it out.
    NotCheckedOut,
}

/// Files of the checkout with their content, from which a release is built; clones share the content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    contents: BTreeMap<RepoPath, Arc<Vec<u8>>>,
    absent: BTreeMap<RepoPath, Absent>,
}

impl Files {
    /// Adds a file, replacing an earlier one with the same path.
    pub fn insert(&mut self, path: RepoPath, bytes: Vec<u8>) {
        self.contents.insert(path, Arc::new(bytes));
    }

    /// Notes why there is no file at `path`.
    pub fn note(&mut self, path: RepoPath, why: Absent) {
        self.absent.insert(path, why);
    }

    /// Why there is no file at `path`, if that is known.
    pub fn absent(&self, path: &RepoPath) -> Option<&Absent> {
        self.absent.get(path)
    }

    /// Adds all of `others`.
    pub fn merge(&mut self, others: Self) {
        self.contents.extend(others.contents);
        self.absent.extend(others.absent);
    }

    /// The bytes of `path`.
    pub fn get(&self, path: &RepoPath) -> Option<&[u8]> {
        self.contents.get(path).map(|bytes| bytes.as_slice())
    }

    /// All of them, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&RepoPath, &[u8])> {
        self.contents.iter().map(|(path, bytes)| (path, bytes.as_slice()))
    }

    /// Whether `path` is one of the files.
    pub fn contains(&self, path: &RepoPath) -> bool {
        self.contents.contains_key(path)
    }

    /// The files inside `folder`, ordered by path; a file that is called so itself is the first.
    pub fn below<'a>(&'a self, folder: &'a RepoPath) -> impl Iterator<Item = (&'a RepoPath, &'a [u8])> {
        let itself = self.contents.get_key_value(folder);
        let inside = self.contents.range(folder.before_content()..).take_while(|(path, _)| path.is_within(folder));
        itself.into_iter().chain(inside).map(|(path, bytes)| (path, bytes.as_slice()))
    }

    /// Whether there is a file inside `folder`.
    pub fn has_folder(&self, folder: &RepoPath) -> bool {
        self.below(folder).any(|(path, _)| path != folder)
    }
}

#[cfg(test)]
mod tests {
    use super::{Files, RepoPath};

    #[test]
    fn files_of_a_folder_are_those_inside_it_and_not_of_its_namesakes() {
        let path = |text: &str| RepoPath::parse(text).unwrap();
        let mut files = Files::default();
        for file in ["a", "conf", "conf-x/a", "conf.yml", "conf/a", "conf/b/c", "conf0", "z"] {
            files.insert(path(file), Vec::new());
        }
        let below = |folder: &str| files.below(&path(folder)).map(|(path, _)| path.to_string()).collect::<Vec<_>>();
        assert_eq!(below("conf"), ["conf", "conf/a", "conf/b/c"]);
        assert_eq!(below("conf/b"), ["conf/b/c"]);
        assert_eq!(below("").len(), 8);
        assert_eq!(
            ["conf", "conf/b", "a", ""].map(|folder| files.has_folder(&path(folder))),
            [true, true, false, true]
        );
    }
}
