//! What this machine has: programs, Java, and folders for caches and temporary files.

use std::path::{Path, PathBuf};

use super::process;
use crate::clock::Stop;
use crate::diagnostic::{Error, Result};
use crate::env::{self, Env};

/// The minimum for Spark 4.
const MIN_JAVA: u32 = 17;

/// The machine of a local run.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    path: String,
    java_home: Option<PathBuf>,
    cache: Option<PathBuf>,
    temporary: PathBuf,
    python_path: Option<String>,
}

impl Machine {
    /// As described by the environment variables.
    pub fn of(env: &Env) -> Self {
        let absolute = |name| env.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        Self {
            path: env.get(env::PATH).unwrap_or_default().to_owned(),
            java_home: env.get(env::JAVA_HOME).map(PathBuf::from),
            // Relative paths are to be ignored (XDG Base Directory Specification).
            cache: absolute(env::XDG_CACHE_HOME).or_else(|| Some(absolute(env::HOME)?.join(".cache"))),
            temporary: absolute(env::TMPDIR).unwrap_or_else(|| "/tmp".into()),
            python_path: env.get(env::PYTHONPATH).map(str::to_owned),
        }
    }

    /// The program of that name on `PATH`, of which empty entries are ignored: they stand for the current folder.
    pub(super) fn program(&self, name: &str) -> Option<PathBuf> {
        let folders = std::env::split_paths(&self.path).filter(|folder| !folder.as_os_str().is_empty());
        let path = std::env::join_paths(folders).ok()?;
        which::which_in_global(name, Some(path)).ok()?.next()
    }

    /// `PATH` with `folder` prepended.
    pub(super) fn path_with(&self, folder: &Path) -> String {
        [&folder.to_string_lossy(), self.path.as_str()].join(":")
    }

    /// `PYTHONPATH` with `folder` prepended.
    pub(super) fn python_path_with(&self, folder: &Path) -> String {
        let folder = folder.to_string_lossy().into_owned();
        self.python_path.as_ref().map_or(folder.clone(), |path| format!("{folder}:{path}"))
    }

    /// Folder for temporary files.
    pub(super) fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Folder of the cached Python environments.
    pub(super) fn environments(&self) -> Result<PathBuf> {
        let cache = self.cache.as_ref().ok_or_else(|| {
            Error::input("no folder for the Python environment: neither `XDG_CACHE_HOME` nor `HOME` is set")
                .hint("set one of them, or pass an interpreter that has pyspark with `--python`")
        })?;
        Ok(cache.join("dltflow/environments"))
    }

    /// Checks that there is a Java for Spark, `recent` if it must be one that Spark 4 supports.
    ///
    /// # Errors
    /// Kind `Input` if there is none, or if it is too old.
    pub async fn needs_java(&self, recent: bool, stop: &Stop) -> Result<()> {
        let java = self.java()?;
        let printed = process::command(&java, &|_| true).arg("-version").output(stop).await?;
        let Some(version) = java_version(&printed).filter(|version| recent && *version < MIN_JAVA) else {
            return Ok(());
        };
        Err(Error::input(format!("`{}` is Java {version}, but Spark needs {MIN_JAVA} or newer", java.display()))
            .hint(INSTALL_JAVA))
    }

    /// The Java that Spark's scripts would start.
    fn java(&self) -> Result<PathBuf> {
        let found = match &self.java_home {
            Some(home) => which::which_in(home.join("bin/java"), None::<&str>, ".").ok(),
            None => self.program("java"),
        };
        found.ok_or_else(|| {
            let problem = match &self.java_home {
                Some(home) => format!("`JAVA_HOME` is `{}`, which has no `bin/java`", home.display()),
                None => "`java` is not on `PATH`, and `JAVA_HOME` is not set".to_owned(),
            };
            Error::input(format!("{problem}: Spark needs Java {MIN_JAVA} or newer")).hint(INSTALL_JAVA)
        })
    }
}

const INSTALL_JAVA: &str =
    "install Java 17 or newer (on Debian `openjdk-17-jre-headless`), or set `JAVA_HOME` to its folder";

/// The major version in `version "17.0.13"`; up to Java 8, `version "1.8.0_412"`, it is the second number.
fn java_version(printed: &str) -> Option<u32> {
    let (_, rest) = printed.split_once("version \"")?;
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
        for (printed, version) in [
            ("openjdk version \"17.0.13\" 2024-10-15\nOpenJDK Runtime Environment", Some(17)),
            ("java version \"1.8.0_412\"", Some(8)),
            ("Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version \"21-ea\" 2023-09-19", Some(21)),
            ("java: not found", None),
            ("", None),
        ] {
            assert_eq!(java_version(printed), version, "{printed}");
        }
    }
}
