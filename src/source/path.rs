//! Paths inside the checkout.

use std::fmt;

use serde::Serialize;

/// A path relative to the root of the checkout: `/`-separated, without `.`, `..`, empty parts, backslashes or NUL.
///
/// The empty path is the root itself. Links are refused by `fs` when it opens a path.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RepoPath(String);

/// Why a text is not a [`RepoPath`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    /// It starts at the root of a file system or drive.
    #[error("is absolute: write it relative to the checkout")]
    Absolute,
    /// A `..` would leave the checkout.
    #[error("leaves the checkout")]
    Outside,
    /// NUL, another control character, or a backslash.
    #[error("contains a backslash or a control character")]
    Character,
}

impl RepoPath {
    /// The root of the checkout.
    pub fn root() -> Self {
        Self::default()
    }

    /// Parses and normalizes a path: `.` and repeated slashes are dropped, `a/../b` becomes `b`.
    ///
    /// # Errors
    /// [`BadPath`] if it is absolute, leaves the checkout, or contains unsupported characters.
    pub fn parse(text: &str) -> Result<Self, BadPath> {
        Self::root().join(text)
    }

    /// The path `text` relative to this folder; see [`RepoPath::parse`].
    pub fn join(&self, text: &str) -> Result<Self, BadPath> {
        if text.starts_with('/') || matches!(text.as_bytes(), [drive, b':', b'/', ..] if drive.is_ascii_alphabetic()) {
            return Err(BadPath::Absolute);
        }
        if text.contains(|c: char| c == '\\' || c.is_control()) {
            return Err(BadPath::Character);
        }
        let mut parts: Vec<&str> = self.parts().collect();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or(BadPath::Outside)?;
                }
                name => parts.push(name),
            }
        }
        Ok(Self(parts.join("/")))
    }

    /// The path as text, empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the root of the checkout.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The components of the path; none for the root.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// The last name, `""` for the root.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// What follows the last dot of the file name, or `""`.
    pub fn extension(&self) -> &str {
        match self.file_name().rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => extension,
            _ => "",
        }
    }

    /// The parent folder; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        Some(Self(self.0.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()))
    }

    /// The rest of the path below `folder`, or `None` if it is not in it (a folder is in itself).
    pub fn below(&self, folder: &Self) -> Option<&str> {
        if folder.is_root() {
            return Some(&self.0);
        }
        match self.0.strip_prefix(&folder.0)? {
            "" => Some(""),
            rest => rest.strip_prefix('/'),
        }
    }

    /// What comes before everything inside this folder in the order of paths, and after everything else before that.
    pub(super) fn before_content(&self) -> Self {
        if self.is_root() { Self::root() } else { Self(format!("{}/", self.0)) }
    }

    /// The path as it is written from `folder`: how many folders up, and the rest.
    pub fn from(&self, folder: &Self) -> (usize, &str) {
        let mut upwards = std::iter::successors(Some(folder.clone()), Self::parent).enumerate();
        upwards.find_map(|(up, folder)| Some((up, self.below(&folder)?))).unwrap_or((0, &self.0))
    }

    /// Whether it is in git's own folder of a repository.
    pub fn is_of_git(&self) -> bool {
        self.parts().any(|part| part.eq_ignore_ascii_case(".git"))
    }

    /// Whether this path is `folder` or in it.
    pub fn is_within(&self, folder: &Self) -> bool {
        self.below(folder).is_some()
    }
}

/// Whether an entry of that name is git's own or a cache: a folder that is shipped does not bring it along.
pub fn is_incidental(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 8] = [
        b".git",
        b".gitattributes",
        b".gitignore",
        b".gitkeep",
        b".gitmodules",
        b"__pycache__",
        b".ipynb_checkpoints",
        b".DS_Store",
    ];
    NAMES.contains(&name) || name.ends_with(b".pyc") || name.ends_with(b".pyo")
}

/// Whether an entry of that name is hidden or one of Python's caches: nobody means to deploy it.
pub fn is_hidden(name: &[u8]) -> bool {
    name.starts_with(b".") || name == b"__pycache__"
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::{BadPath, RepoPath};

    #[test]
    fn paths_stay_inside_the_checkout() {
        for (text, expected) in [
            ("a/b.py", Ok("a/b.py")),
            ("./a//b/", Ok("a/b")),
            ("a/../b", Ok("b")),
            (".", Ok("")),
            ("..", Err(BadPath::Outside)),
            ("a/../../b", Err(BadPath::Outside)),
            ("/etc/passwd", Err(BadPath::Absolute)),
            ("c:/x", Err(BadPath::Absolute)),
            ("a:b.yml", Ok("a:b.yml")),
            ("a\\b", Err(BadPath::Character)),
            ("a\0b", Err(BadPath::Character)),
        ] {
            assert_eq!(RepoPath::parse(text).map(|p| p.as_str().to_owned()), expected.map(str::to_owned), "{text:?}");
        }
    }

    #[test]
    fn a_folder_is_not_a_prefix_of_its_namesake() {
        let path = |text: &str| RepoPath::parse(text).unwrap_or_default();
        assert_eq!(path("conf/a.json").below(&path("conf")), Some("a.json"));
        assert_eq!(path("config/a.json").below(&path("conf")), None);
        assert_eq!(path("conf").below(&path("conf")), Some(""));
        assert_eq!(path("conf").below(&RepoPath::root()), Some("conf"));
        for (text, folder, expected) in [
            ("conf/a", "", (0, "conf/a")),
            ("teams/shop/conf/a", "teams/shop", (0, "conf/a")),
            ("teams/conf/a", "teams/shop", (1, "conf/a")),
            ("conf/a", "teams/shop", (2, "conf/a")),
            ("teams/shops/a", "teams/shop", (1, "shops/a")),
        ] {
            assert_eq!(path(text).from(&path(folder)), expected, "{text} from {folder}");
        }
    }
}
