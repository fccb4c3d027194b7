//! Folders: a temporary one for the files of a run, and the one where a project keeps the results of its runs.

use std::fs::Permissions;
use std::io::{self, Cursor, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use zip::ZipArchive;

use super::Machine;
use crate::diagnostic::{Error, ErrorContext as _, Kind, Result};

/// Folder beside `dltflow.yml` for the results of local runs.
const STATE: &str = ".dltflow";

/// A temporary folder that only its owner can enter; it is deleted with the value.
#[derive(Debug)]
pub struct Scratch(TempDir);

impl Scratch {
    /// Creates one in the folder for temporary files.
    pub fn new(machine: &Machine) -> Result<Self> {
        let parent = machine.temporary();
        let mut folder = tempfile::Builder::new();
        let folder = folder.prefix("dltflow-").permissions(Permissions::from_mode(0o700)).tempdir_in(parent);
        folder.map(Self).or_kind(Kind::Input, format!("cannot create a folder in `{}`", parent.display()))
    }

    /// Unpacks a wheel built here and returns the folder of its modules.
    pub fn unpack(&self, wheel: &[u8]) -> Result<PathBuf> {
        let folder = self.0.path().join("code");
        let unpacked = ZipArchive::new(Cursor::new(wheel)).and_then(|mut wheel| wheel.extract(&folder));
        unpacked.or_kind(Kind::Internal, format!("cannot unpack the wheel into `{}`", folder.display()))?;
        Ok(folder)
    }

    /// Writes a file and returns its path.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.0.path().join(name);
        write_new(&path, bytes).or_kind(Kind::Internal, format!("cannot write `{}`", path.display()))?;
        Ok(path)
    }
}

/// Whether the file at `path` says anything.
pub fn has_text(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

/// The folder where the project at `project` keeps the results of its runs; git ignores it.
///
/// # Errors
/// Kind `Input` if it cannot be created, or is a link, which could lead out of the project.
pub fn state(project: &Path) -> Result<PathBuf> {
    let folder = project.join(STATE);
    if folder.is_symlink() {
        return Err(Error::input(format!("`{}` is a symbolic link", folder.display()))
            .hint("remove it, or name another folder with `--folder`"));
    }
    let ignore = folder.join(".gitignore");
    let created = std::fs::create_dir_all(&folder).and_then(|()| match write_new(&ignore, b"*\n") {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    });
    created.or_kind(Kind::Input, format!("cannot create the folder `{}`", folder.display()))?;
    Ok(folder)
}

/// Writes a file that must not exist yet, atomically: it is there with its whole content, or not at all.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new();
    let mut file = file.permissions(Permissions::from_mode(0o666)).tempfile_in(path.parent().unwrap_or(path))?;
    file.write_all(bytes)?;
    file.persist_noclobber(path)?;
    Ok(())
}

/// Total size of the files below `folder`; what cannot be read is not counted.
pub(super) fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?)));
    sizes.map(|(path, found)| if found.is_dir() { size(&path) } else { found.len() }).sum()
}
