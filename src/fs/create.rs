//! New files and folders beneath the root of a checkout.

use std::fs::File;
use std::io::Write;

use rustix::fs::{FileType, Mode, OFlags, fstat, mkdirat, openat, renameat};
use rustix::io::Errno;

use super::{Checkout, ReadError};
use crate::source::RepoPath;

/// What lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Present {
    /// A folder.
    Folder,
    /// A regular file.
    File,
    /// A device, a pipe or a socket.
    Other,
}

impl Checkout {
    /// What lies at `path`; `None` for nothing.
    ///
    /// # Errors
    /// [`ReadError::Link`] if it, or a folder above it, is a link.
    pub fn present(&self, path: &RepoPath) -> Result<Option<Present>, ReadError> {
        let found = match self.open_beneath(path, OFlags::PATH) {
            Err(ReadError::Missing) => return Ok(None),
            found => fstat(&found?)?,
        };
        Ok(Some(match FileType::from_raw_mode(found.st_mode) {
            FileType::Directory => Present::Folder,
            FileType::RegularFile => Present::File,
            _ => Present::Other,
        }))
    }

    /// Creates a folder and those above it; one that exists is left as it is.
    pub fn create_folder(&self, path: &RepoPath) -> Result<(), ReadError> {
        let Some(parent) = path.parent() else { return Ok(()) };
        self.create_folder(&parent)?;
        let above = self.open_beneath(&parent, OFlags::PATH | OFlags::DIRECTORY)?;
        match mkdirat(above, path.file_name(), Mode::from_raw_mode(0o777)) {
            Err(Errno::EXIST) | Ok(()) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Writes a file with the folders above it, completely or not at all; one that exists is replaced.
    pub fn write(&self, path: &RepoPath, text: &str) -> Result<(), ReadError> {
        let parent = path.parent().unwrap_or_default();
        self.create_folder(&parent)?;
        let folder = self.open_beneath(&parent, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let (name, unfinished) = (path.file_name(), format!(".{}.unfinished", path.file_name()));
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(&folder, &unfinished, flags, Mode::from_raw_mode(0o666))?;
        File::from(file).write_all(text.as_bytes())?;
        Ok(renameat(&folder, &unfinished, &folder, name)?)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::{Checkout, Present, ReadError, RepoPath};

    #[test]
    fn files_are_written_beneath_the_root_and_through_no_link() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let checkout = Checkout::open(folder.path()).unwrap();
        let path = |text: &str| RepoPath::parse(text).unwrap();
        checkout.write(&path("a/b/file"), "1").unwrap();
        checkout.write(&path("a/b/file"), "2").unwrap();
        assert_eq!(checkout.read(&path("a/b/file"), 10).unwrap(), b"2");
        symlink(outside.path(), folder.path().join("out")).unwrap();
        symlink(outside.path().join("new"), folder.path().join("dangling")).unwrap();
        for name in ["out/file", "out/folder/file", "a/b/file/below"] {
            assert!(checkout.write(&path(name), "x").is_err(), "{name}");
        }
        assert!(matches!(checkout.present(&path("out")), Err(ReadError::Link)));
        assert!(matches!(checkout.present(&path("dangling")), Err(ReadError::Link)));
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
        for (name, expected) in [
            ("a", Some(Present::Folder)),
            ("a/b/file", Some(Present::File)),
            ("a/c", None),
            ("", Some(Present::Folder)),
        ] {
            assert_eq!(checkout.present(&path(name)).unwrap(), expected, "{name}");
        }
    }
}
