//! Shell: files. Those of the checkout are opened beneath it and through no link; those of the runner are appended to.
#![expect(clippy::disallowed_methods, reason = "the one place that opens files")]

use std::ffi::CStr;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, DirEntry, FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2, statat};
use rustix::io::Errno;

use crate::diagnostic::{Context, Kind, Result};
use crate::source::{RepoPath, Source};

/// Largest number of entries that a walk takes in before it gives up.
const MOST_FILES: usize = 20_000;
/// Characters of a name that a message quotes.
const LONGEST_NAME: usize = 100;

/// Why a file of the checkout could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Nothing is there.
    #[error("does not exist")]
    Missing,
    /// It, or a folder on the way to it, is a link.
    #[error("is a symbolic link, or lies behind one; links are not followed")]
    Link,
    /// A folder, a device, a pipe.
    #[error("is not a regular file")]
    NotAFile,
    /// Larger than `limit` bytes.
    #[error("is larger than {limit} bytes")]
    TooLarge {
        /// The most that is read.
        limit: usize,
    },
    /// Its bytes are no UTF-8 text.
    #[error("is not UTF-8 text (byte {offset})")]
    NotText {
        /// First byte that does not belong.
        offset: usize,
    },
    /// The folder holds more files than a release can.
    #[error("holds more than {MOST_FILES} files")]
    TooMany,
    /// A name in the folder that no [`RepoPath`] has.
    #[error("holds `{0}`, a name with a backslash, with control characters or not in UTF-8")]
    Name(String),
    /// Anything else.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

impl From<Errno> for ReadError {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::NOENT | Errno::NOTDIR => Self::Missing,
            Errno::LOOP | Errno::XDEV => Self::Link,
            // A socket, and a device that no driver answers for, cannot even be opened.
            Errno::NXIO | Errno::NODEV => Self::NotAFile,
            errno => Self::Io(errno.into()),
        }
    }
}

/// What a walk found.
#[derive(Debug, Default)]
pub struct Walk {
    /// Regular files.
    pub files: Vec<RepoPath>,
    /// What is left out, and why: links, whatever they lead to; pipes, sockets and devices; of a name that no path can
    /// have, its folder.
    pub left_out: Vec<(RepoPath, ReadError)>,
}

/// The checkout: a folder whose files are opened beneath it.
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

    /// Where the checkout lies, for programs that are handed it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes of a regular file, at most `limit`.
    pub fn read(&self, path: &RepoPath, limit: usize) -> Result<Vec<u8>, ReadError> {
        let file = self.open_beneath(path, OFlags::RDONLY | OFlags::NONBLOCK)?;
        if FileType::from_raw_mode(fstat(&file)?.st_mode) != FileType::RegularFile {
            return Err(ReadError::NotAFile);
        }
        let mut bytes = Vec::new();
        File::from(file).take(limit as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > limit { Err(ReadError::TooLarge { limit }) } else { Ok(bytes) }
    }

    /// The text of a regular file, at most `limit` bytes.
    pub fn read_text(&self, path: &RepoPath, limit: usize) -> Result<Source, ReadError> {
        let text = String::from_utf8(self.read(path, limit)?)
            .map_err(|error| ReadError::NotText { offset: error.utf8_error().valid_up_to() })?;
        Ok(Source { path: path.clone(), text })
    }

    /// Whether `path` is there, whatever it is.
    pub fn exists(&self, path: &RepoPath) -> bool {
        self.open_beneath(path, OFlags::PATH).is_ok()
    }

    /// The files inside `folder`, ordered; hidden ones and Python's caches are left out, and no link is followed.
    ///
    /// A folder that does not exist holds none.
    pub fn walk(&self, folder: &RepoPath) -> Result<Walk, ReadError> {
        let mut walk = Walk::default();
        let mut folders = vec![folder.clone()];
        let mut entries = 0;
        while let Some(folder) = folders.pop() {
            let directory = match self.open_beneath(&folder, OFlags::RDONLY | OFlags::DIRECTORY) {
                Err(ReadError::Missing) => continue,
                directory => directory?,
            };
            for entry in Dir::read_from(&directory)? {
                let entry = entry?;
                if is_hidden(entry.file_name()) {
                    continue;
                }
                entries += 1;
                if entries > MOST_FILES {
                    return Err(ReadError::TooMany);
                }
                let Some(path) = entry.file_name().to_str().ok().and_then(|name| folder.join(name).ok()) else {
                    walk.left_out.push((folder.clone(), ReadError::Name(quoted(entry.file_name()))));
                    continue;
                };
                match kind(&directory, &entry)? {
                    FileType::Directory => folders.push(path),
                    FileType::RegularFile => walk.files.push(path),
                    FileType::Symlink => walk.left_out.push((path, ReadError::Link)),
                    _ => walk.left_out.push((path, ReadError::NotAFile)),
                }
            }
        }
        walk.files.sort();
        walk.left_out.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(walk)
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

    /// The same where the kernel, or a sandbox around it, has no `openat2`: folder by folder, following no link.
    fn open_stepwise(&self, path: &RepoPath, flags: OFlags) -> Result<OwnedFd, ReadError> {
        let step = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut at = openat(&self.root, ".", step, Mode::empty())?;
        let mut parts = path.parts().peekable();
        while let Some(part) = parts.next() {
            let is_last = parts.peek().is_none();
            let flags = if is_last { flags | OFlags::NOFOLLOW } else { step };
            at = openat(&at, part, flags, Mode::empty()).map_err(|errno| link_at(&at, part).unwrap_or(errno.into()))?;
            // A link that is only named (`O_PATH`) opens as the link itself.
            if FileType::from_raw_mode(fstat(&at)?.st_mode) == FileType::Symlink {
                return Err(ReadError::Link);
            }
        }
        if path.is_root() { Ok(openat(&at, ".", flags, Mode::empty())?) } else { Ok(at) }
    }
}

/// [`ReadError::Link`], where the entry `name` is one: asked for as a folder it is only told to be none.
fn link_at(folder: &OwnedFd, name: &str) -> Option<ReadError> {
    let entry = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    (FileType::from_raw_mode(entry.st_mode) == FileType::Symlink).then_some(ReadError::Link)
}

/// Hidden files and Python's caches, which nobody means to deploy.
fn is_hidden(name: &CStr) -> bool {
    name.to_bytes().starts_with(b".") || name.to_bytes() == b"__pycache__"
}

/// A name as a message can quote it, what cannot be seen by its code.
fn quoted(name: &CStr) -> String {
    let name = name.to_string_lossy();
    name.chars().take(LONGEST_NAME).flat_map(char::escape_debug).collect()
}

/// What an entry is; some file systems do not say so in the listing.
fn kind(folder: &OwnedFd, entry: &DirEntry) -> Result<FileType, ReadError> {
    match entry.file_type() {
        FileType::Unknown => {
            let entry = statat(folder, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW)?;
            Ok(FileType::from_raw_mode(entry.st_mode))
        }
        known => Ok(known),
    }
}

/// Reads a file that the runner or the user named, such as the event's payload; at most `limit` bytes.
pub fn read_named(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Appends to one of the runner's command files.
pub fn append(path: &Path, text: &str) -> std::io::Result<()> {
    File::options().append(true).create(true).open(path)?.write_all(text.as_bytes())
}

/// Writes a new file that later steps can read and remove, which run as another user: it belongs to whom its folder does.
pub fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o644).open(path)?;
    let folder = path.parent().map(Path::metadata).transpose()?;
    if let Some(folder) = folder {
        // Who is not root can only write into a folder of others what stays theirs.
        drop(fchown(&file, Some(folder.uid()), Some(folder.gid())));
    }
    file.write_all(text.as_bytes())
}

/// The nearest folder from `from` upward that holds a `.git`, else `from` itself.
pub fn checkout_root(from: &Path) -> PathBuf {
    from.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(from).to_owned()
}

/// The nearest folder that holds a file `name`: `from`, else one above it, not beyond the checkout.
pub fn nearest_with(name: &str, from: &Path) -> Option<PathBuf> {
    let holds = |folder: &&Path| folder.join(name).symlink_metadata().is_ok();
    for folder in from.ancestors() {
        if holds(&folder) {
            return Some(folder.to_owned());
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// The folder as an absolute path with all links resolved.
pub fn resolve(folder: &Path) -> std::io::Result<PathBuf> {
    std::fs::canonicalize(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::{Checkout, OFlags, ReadError, RepoPath};

    fn told<T>(opened: &Result<T, ReadError>) -> &'static str {
        match opened {
            Ok(_) => "open",
            Err(ReadError::Missing) => "missing",
            Err(ReadError::Link) => "link",
            Err(ReadError::NotAFile) => "not a file",
            Err(_) => "other",
        }
    }

    #[test]
    fn with_and_without_openat2_the_same_is_opened_and_no_link_followed() {
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
            let place = RepoPath::parse(path).unwrap();
            for (flags, wanted) in [(read, reading), (name, naming)] {
                assert_eq!(told(&checkout.open_beneath(&place, flags)), wanted, "{path}");
                assert_eq!(told(&checkout.open_stepwise(&place, flags)), wanted, "{path}, step by step");
            }
        }
    }
}
