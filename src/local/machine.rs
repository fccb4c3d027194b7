//! What is on this machine: programs, Java, and where things may be put.

use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::process;
use crate::clock::Stop;
use crate::diagnostic::{Error, Result};
use crate::env::{self, Env};

/// Spark 4 asks for it.
const OLDEST_JAVA: u32 = 17;

/// The machine that a run is on.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    path: String,
    java_home: Option<PathBuf>,
    cache: Option<PathBuf>,
    temporary: PathBuf,
    python_path: Option<String>,
}

impl Machine {
    /// As the environment describes it.
    pub fn of(env: &Env) -> Self {
        let absolute = |name| env.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        Self {
            path: env.get(env::PATH).unwrap_or_default().to_owned(),
            java_home: env.get(env::JAVA_HOME).map(PathBuf::from),
            // A relative one is to be ignored (XDG Base Directory Specification).
            cache: absolute(env::XDG_CACHE_HOME).or_else(|| Some(absolute(env::HOME)?.join(".cache"))),
            temporary: absolute(env::TMPDIR).unwrap_or_else(|| "/tmp".into()),
            python_path: env.get(env::PYTHONPATH).map(str::to_owned),
        }
    }

    /// The program of that name, where `PATH` has it.
    pub(super) fn program(&self, name: &str) -> Option<PathBuf> {
        let folders = self.path.split(':').filter(|folder| !folder.is_empty());
        folders.map(|folder| Path::new(folder).join(name)).find(|program| is_program(program))
    }

    /// `PATH` with a folder before all others.
    pub(super) fn path_after(&self, folder: &Path) -> String {
        [&folder.to_string_lossy(), self.path.as_str()].join(":")
    }

    /// `PYTHONPATH` with a folder before all others.
    pub(super) fn python_path_after(&self, folder: &Path) -> String {
        let folder = folder.to_string_lossy().into_owned();
        self.python_path.as_ref().map_or(folder.clone(), |path| format!("{folder}:{path}"))
    }

    /// Folder for temporary files.
    pub(super) fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Folder of the environments that were made here.
    pub(super) fn environments(&self) -> Result<PathBuf> {
        let cache = self.cache.as_ref().ok_or_else(|| {
            Error::input("there is no place for a Python environment: neither `XDG_CACHE_HOME` nor `HOME` is set")
                .hint("set one of them, or name an interpreter that has pyspark with `--python`")
        })?;
        Ok(cache.join("dltflow/environments"))
    }

    /// Makes sure of the Java that Spark will start, `new` where it has to be one that the newest Spark takes.
    ///
    /// # Errors
    /// Kind `Input` where there is none, or one that is too old.
    pub async fn needs_java(&self, new: bool, stop: &Stop) -> Result<()> {
        let java = self.java()?;
        let asked = process::command(&java, &|_| true).arg("-version").said(stop).await?;
        let Some(version) = java_version(&asked).filter(|version| new && *version < OLDEST_JAVA) else { return Ok(()) };
        Err(Error::input(format!("`{}` is Java {version}, and Spark needs {OLDEST_JAVA} or newer", java.display()))
            .hint(INSTALL_JAVA))
    }

    /// What Spark's own scripts would start.
    fn java(&self) -> Result<PathBuf> {
        let found = match &self.java_home {
            Some(home) => Some(home.join("bin/java")).filter(|java| is_program(java)),
            None => self.program("java"),
        };
        found.ok_or_else(|| {
            let where_to = match &self.java_home {
                Some(home) => format!("there is no `bin/java` in `{}`, which `JAVA_HOME` names", home.display()),
                None => "there is no `java` on `PATH`, and `JAVA_HOME` is not set".to_owned(),
            };
            Error::input(format!("{where_to}: Spark runs on Java, {OLDEST_JAVA} or newer")).hint(INSTALL_JAVA)
        })
    }
}

const INSTALL_JAVA: &str =
    "install Java 17 or newer (on Debian `openjdk-17-jre-headless`), or set `JAVA_HOME` to the folder of one";

fn is_program(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

/// The first number of `version "17.0.13"`; of `version "1.8.0_412"` the second, as the older ones count.
fn java_version(said: &str) -> Option<u32> {
    let (_, rest) = said.split_once("version \"")?;
    let mut numbers = rest.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    match numbers.next()?.ok()? {
        1 => numbers.next()?.ok(),
        version => Some(version),
    }
}

#[cfg(test)]
mod tests {
    use super::java_version;

    #[test]
    fn the_version_of_java_is_read_from_its_first_line() {
        for (said, version) in [
            ("openjdk version \"17.0.13\" 2024-10-15\nOpenJDK Runtime Environment", Some(17)),
            ("java version \"1.8.0_412\"", Some(8)),
            ("Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version \"21-ea\" 2023-09-19", Some(21)),
            ("java: not found", None),
            ("", None),
        ] {
            assert_eq!(java_version(said), version, "{said}");
        }
    }
}
