//! Shell: files. Those of the checkout are opened beneath its root without following links; those of the runner are
//! appended to. In a checkout only `init` writes.
#![expect(clippy::disallowed_methods, reason = "the one place that opens files")]

mod create;
mod ignored;
mod index;
mod search;
mod walk;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, DirEntry, FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2, statat};
use rustix::io::Errno;

use crate::diagnostic::{ErrorContext as _, Kind, Result};
use crate::source::{RepoPath, Source, is_lfs_pointer};

pub use create::Present;
pub use index::Index;
pub use search::Search;
pub use walk::Walk;

/// Limit of entries in a walk.
const MAX_FILES: usize = 20_000;

/// Why a file of the checkout could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It does not exist.
    #[error("does not exist")]
    Missing,
    /// It, or a parent folder, is a symbolic link.
    #[error("is a symbolic link or behind one; links are not followed")]
    Link,
    /// It is a folder, a device or a pipe.
    #[error("is not a regular file")]
    NotAFile,
    /// It is larger than `limit` bytes.
    #[error("is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// It is not UTF-8 text.
    #[error("is not UTF-8 text (byte {offset})")]
    NotText {
        /// Offset of the first invalid byte.
        offset: usize,
    },
    /// Its content was not fetched.
    #[error("is a Git LFS pointer, not the file itself")]
    Pointer,
    /// The folder contains more files than a release can.
    #[error("contains more than {MAX_FILES} files")]
    TooMany,
    /// The folder contains a name that a [`RepoPath`] cannot represent.
    #[error("contains `{0}`, a name with a backslash, with control characters or not in UTF-8")]
    Name(String),
    /// Any other error.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

impl From<Errno> for ReadError {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::NOENT | Errno::NOTDIR => Self::Missing,
            Errno::LOOP | Errno::XDEV => Self::Link,
            // Sockets, and devices without a driver, cannot be opened.
            Errno::NXIO | Errno::NODEV => Self::NotAFile,
            errno => Self::Io(errno.into()),
        }
    }
}

/// The checkout: a root folder beneath which files are opened.
#[derive(Debug)]
pub struct Checkout {
    root: OwnedFd,
    path: PathBuf,
}

impl Checkout {
    /// Opens the folder `path`.
    pub fn open(path: &Path) -> Result<Self> {
        let root = File::open(path).or_kind(Kind::Input, format!("cannot open the checkout `{}`", path.display()))?;
        Ok(Self { root: root.into(), path: path.to_owned() })
    }

    /// The checkout that its folder `folder` is.
    pub fn beneath(&self, folder: &RepoPath) -> Result<Self, ReadError> {
        let root = self.open_beneath(folder, OFlags::RDONLY | OFlags::DIRECTORY)?;
        Ok(Self { root, path: self.path.join(folder.as_str()) })
    }

    /// Path of the checkout, for programs that are started in it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content of a regular file of at most `limit` bytes.
    pub fn read(&self, path: &RepoPath, limit: usize) -> Result<Vec<u8>, ReadError> {
        let file = self.open_beneath(path, OFlags::RDONLY | OFlags::NONBLOCK)?;
        if FileType::from_raw_mode(fstat(&file)?.st_mode) != FileType::RegularFile {
            return Err(ReadError::NotAFile);
        }
        let mut bytes = Vec::new();
        File::from(file).take(limit as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > limit { Err(ReadError::TooLarge { limit }) } else { Ok(bytes) }
    }

    /// The text of a regular file of at most `limit` bytes.
    pub fn read_text(&self, path: &RepoPath, limit: usize) -> Result<Source, ReadError> {
        let bytes = self.read(path, limit)?;
        if is_lfs_pointer(&bytes) {
            return Err(ReadError::Pointer);
        }
        let text = String::from_utf8(bytes)
            .map_err(|error| ReadError::NotText { offset: error.utf8_error().valid_up_to() })?;
        Ok(Source { path: path.clone(), text })
    }

    /// Whether `path` exists, as a file or otherwise.
    pub fn exists(&self, path: &RepoPath) -> bool {
        self.open_beneath(path, OFlags::PATH).is_ok()
    }

    fn open_beneath(&self, path: &RepoPath, flags: OFlags) -> Result<OwnedFd, ReadError> {
        let name = if path.is_root() { "." } else { path.as_str() };
        let flags = flags | OFlags::CLOEXEC;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        match openat2(&self.root, name, flags, Mode::empty(), resolve) {
            Err(Errno::NOSYS | Errno::PERM) => self.open_stepwise(path, flags),
            opened => Ok(opened?),
        }
    }

    /// The same without `openat2`, which kernels and sandboxes may lack: folder by folder, without following links.
    fn open_stepwise(&self, path: &RepoPath, flags: OFlags) -> Result<OwnedFd, ReadError> {
        let step = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut at = openat(&self.root, ".", step, Mode::empty())?;
        let mut parts = path.parts().peekable();
        while let Some(part) = parts.next() {
            let is_last = parts.peek().is_none();
            let flags = if is_last { flags | OFlags::NOFOLLOW } else { step };
            at = openat(&at, part, flags, Mode::empty()).map_err(|errno| link_at(&at, part).unwrap_or(errno.into()))?;
            // With `O_PATH`, a link is opened itself.
            if FileType::from_raw_mode(fstat(&at)?.st_mode) == FileType::Symlink {
                return Err(ReadError::Link);
            }
        }
        if path.is_root() { Ok(openat(&at, ".", flags, Mode::empty())?) } else { Ok(at) }
    }
}

/// [`ReadError::Link`] if the entry `name` is a link; opening it as a folder reports only that it is not one.
fn link_at(folder: &OwnedFd, name: &str) -> Option<ReadError> {
    let entry = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    (FileType::from_raw_mode(entry.st_mode) == FileType::Symlink).then_some(ReadError::Link)
}

/// The type of an entry; some file systems do not include it in listings.
fn kind(folder: &OwnedFd, entry: &DirEntry) -> Result<FileType, ReadError> {
    match entry.file_type() {
        FileType::Unknown => {
            let entry = statat(folder, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW)?;
            Ok(FileType::from_raw_mode(entry.st_mode))
        }
        known => Ok(known),
    }
}

/// Reads a file named by the runner or the user, such as the event's payload; at most `limit` bytes.
pub fn read_named(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Appends to one of the runner's command files.
pub fn append(path: &Path, text: &str) -> std::io::Result<()> {
    File::options().append(true).create(true).open(path)?.write_all(text.as_bytes())
}

/// Writes a new file that later steps can read and remove: they run as another user, so it gets the owner of its folder.
pub fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o644).open(path)?;
    let folder = path.parent().map(Path::metadata).transpose()?;
    if let Some(folder) = folder {
        // Without root privileges this fails, and the file keeps its owner.
        drop(fchown(&file, Some(folder.uid()), Some(folder.gid())));
    }
    file.write_all(text.as_bytes())
}

/// The nearest folder from `from` upward that contains `.git`, else `from` itself.
pub fn checkout_root(from: &Path) -> PathBuf {
    from.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(from).to_owned()
}

/// The nearest folder from `from` upward that contains `name`, within the checkout.
pub fn nearest_with(name: &str, from: &Path) -> Option<PathBuf> {
    let contains = |folder: &&Path| folder.join(name).symlink_metadata().is_ok();
    for folder in from.ancestors() {
        if contains(&folder) {
            return Some(folder.to_owned());
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// The canonical path of `folder`.
pub fn resolve(folder: &Path) -> std::io::Result<PathBuf> {
    std::fs::canonicalize(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::{Checkout, OFlags, ReadError, RepoPath};

    fn outcome<T>(opened: &Result<T, ReadError>) -> &'static str {
        match opened {
            Ok(_) => "open",
            Err(ReadError::Missing) => "missing",
            Err(ReadError::Link) => "link",
            Err(ReadError::NotAFile) => "not a file",
            Err(_) => "other",
        }
    }

    #[test]
    fn files_are_opened_without_following_links_with_and_without_openat2() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("a/b")).unwrap();
        std::fs::write(at("a/b/file"), "x").unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        for (link, to) in [
            ("to-file", "a/b/file"),
            ("to-folder", "a"),
            ("a/up", ".."),
            ("out", "/etc"),
            ("dangling", "x"),
            ("loop", "loop"),
        ] {
            symlink(to, at(link)).unwrap();
        }
        let checkout = Checkout::open(folder.path()).unwrap();
        let (read, name) = (OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, OFlags::PATH | OFlags::CLOEXEC);
        for (path, reading, naming) in [
            ("", "open", "open"),
            ("a", "open", "open"),
            ("a/b/file", "open", "open"),
            ("a/b/none", "missing", "missing"),
            ("none/file", "missing", "missing"),
            ("a/b/file/below", "missing", "missing"),
            ("socket", "not a file", "open"),
            ("to-file", "link", "link"),
            ("to-folder", "link", "link"),
            ("to-folder/b/file", "link", "link"),
            ("a/up/a/b/file", "link", "link"),
            ("out/passwd", "link", "link"),
            ("dangling", "link", "link"),
            ("dangling/file", "link", "link"),
            ("loop", "link", "link"),
            ("loop/file", "link", "link"),
        ] {
            let repo_path = RepoPath::parse(path).unwrap();
            for (flags, expected) in [(read, reading), (name, naming)] {
                assert_eq!(outcome(&checkout.open_beneath(&repo_path, flags)), expected, "{path}");
                assert_eq!(outcome(&checkout.open_stepwise(&repo_path, flags)), expected, "{path}, step by step");
            }
        }
    }
}
