//! Folders: one for the files of a run, and the one in which a project keeps what its runs made.

use std::fs::{DirBuilder, File};
use std::io::{self, Cursor, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use super::Machine;
use crate::diagnostic::{Context, Error, Kind, Result};

/// Folder of a project, beside its `dltflow.yml`, for what runs on this machine leave behind.
const STATE: &str = ".dltflow";

/// A folder of one run that nobody else can enter; it goes with the value.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new one, among the temporary files.
    pub fn new(machine: &Machine) -> Result<Self> {
        let name = format!("dltflow-{:016x}", getrandom::u64().unwrap_or_default());
        let path = machine.temporary().join(name);
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.or_kind(Kind::Input, format!("cannot make the folder `{}`", path.display()))?;
        Ok(Self(path))
    }

    /// Unpacks a wheel of ours and gives the folder in which its modules lie.
    pub fn unpack(&self, wheel: &[u8]) -> Result<PathBuf> {
        let folder = self.0.join("code");
        let unpacked = ZipArchive::new(Cursor::new(wheel)).and_then(|mut wheel| wheel.extract(&folder));
        unpacked.or_kind(Kind::Internal, format!("cannot unpack the wheel into `{}`", folder.display()))?;
        Ok(folder)
    }

    /// Writes a file and gives its path.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.0.join(name);
        write_new(&path, bytes).or_kind(Kind::Internal, format!("cannot write `{}`", path.display()))?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The folder in which the project at `project` keeps what its runs made; git never sees it.
///
/// # Errors
/// Kind `Input` where it cannot be made, or is a link: what is made here is to stay here.
pub fn state(project: &Path) -> Result<PathBuf> {
    let folder = project.join(STATE);
    if folder.is_symlink() {
        return Err(Error::input(format!("`{}` is a symbolic link", folder.display()))
            .hint("remove it, or name another folder with `--folder`"));
    }
    let ignore = folder.join(".gitignore");
    let made = std::fs::create_dir_all(&folder).and_then(|()| match write_new(&ignore, b"*\n") {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    });
    made.or_kind(Kind::Input, format!("cannot make the folder `{}`", folder.display()))?;
    Ok(folder)
}

/// Writes a file that must not be there.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    File::create_new(path)?.write_all(bytes)
}

/// Bytes of all files below `folder`; what cannot be read counts for nothing.
pub(super) fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?)));
    sizes.map(|(path, found)| if found.is_dir() { size(&path) } else { found.len() }).sum()
}
