//! The Python environment for Spark: created once for each set of packages, and cached.
//!
//! Its folder is named after the packages. The file `complete` in it is written last: an environment without it is
//! created anew. A lock beside it is held meanwhile.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::folder::{size, write_new};
use super::machine::Machine;
use super::process::{Program, command};
use crate::clock::Stop;
use crate::diagnostic::{Error, ErrorContext as _, Kind, Result};
use crate::source::hash;

/// The packages of every environment.
pub const PACKAGES: [&str; 2] = ["pyspark[pipelines]==4.3.0", "pandas<3"];
/// Its size without the packages of a workflow.
const APPROXIMATE_SIZE: &str = "about 900 MB";
/// The minimum for Spark 4.3.
const MIN_PYTHON: (u32, u32) = (3, 11);
/// Names of the interpreter, in order of preference.
const PYTHONS: [&str; 5] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];

/// What an environment needs in addition to [`PACKAGES`].
#[derive(Clone, Debug, Default)]
pub struct Requirements<'a> {
    /// Extra package indexes.
    pub indexes: &'a [String],
    /// Requirement specifiers without options and comments.
    pub packages: &'a [String],
    /// Wheels to install.
    pub wheels: Vec<Wheel<'a>>,
}

/// A wheel file.
#[derive(Clone, Copy, Debug)]
pub struct Wheel<'a> {
    /// Its file name.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
}

impl Requirements<'_> {
    /// The name of the environment, a hash of these.
    fn key(&self) -> String {
        let mut text = String::from("environment1");
        let wheels = self.wheels.iter().map(|wheel| hash(wheel.bytes));
        let packages = self.specifiers().map(str::to_owned);
        let parts = packages.chain(["wheels".to_owned()]).chain(wheels).chain(["indexes".to_owned()]);
        for part in parts.chain(self.indexes.iter().cloned()) {
            text.extend([&part.len().to_string(), ":", &part]);
        }
        hash(text)[..12].to_owned()
    }

    fn specifiers(&self) -> impl Iterator<Item = &str> {
        PACKAGES.into_iter().chain(self.packages.iter().map(String::as_str))
    }
}

/// The interpreter `python`, a path or a name on `PATH`, checked for pyspark.
///
/// # Errors
/// Kind `Input` if it cannot be started, or has no pyspark.
pub async fn interpreter(machine: &Machine, python: &Path, stop: &Stop) -> Result<PathBuf> {
    let is_name = python.parent().is_none_or(|folder| folder.as_os_str().is_empty());
    let named = python.to_str().filter(|_| is_name).and_then(|name| machine.program(name));
    let python = named.unwrap_or_else(|| python.to_owned());
    let check = command(&python, &|_| true).args(["-c", "import pyspark"]);
    let last_line = std::cell::RefCell::new(String::new());
    let ended = check.run(stop, &|line| line.clone_into(&mut last_line.borrow_mut())).await?;
    if ended.status.success() {
        return Ok(python);
    }
    let (shown, packages) = (python.display(), PACKAGES.map(|package| format!("'{package}'")).join(" "));
    Err(Error::input(format!("`{shown}` cannot import pyspark: {}", last_line.into_inner()))
        .hint(format!("run `{shown} -m pip install {packages}`, or omit `--python`")))
}

/// The interpreter of an environment with `requirements`, which is created unless it is cached.
///
/// # Errors
/// Kind `Input` if there is neither uv nor a suitable Python, or the requirements cannot be installed.
pub async fn environment(machine: &Machine, requirements: &Requirements<'_>, stop: &Stop) -> Result<PathBuf> {
    let all = machine.environments()?;
    let environment = VirtualEnv { folder: all.join(requirements.key()) };
    if environment.is_complete() {
        return Ok(environment.python());
    }
    let installer = Installer::find(machine, stop).await?;
    let context = || format!("cannot create an environment in `{}`", all.display());
    std::fs::create_dir_all(&all).or_kind(Kind::Input, context())?;
    let _lock = lock(&environment.folder.with_extension("lock"), stop).await?;
    // Another run may have created it while this one waited for the lock.
    if !environment.is_complete() {
        let installation = Installation { environment: &environment, requirements, installer: &installer, stop };
        if let Err(error) = installation.run().await {
            environment.clear().or_kind(Kind::Input, context())?;
            return Err(error);
        }
    }
    Ok(environment.python())
}

/// An environment on disk.
struct VirtualEnv {
    folder: PathBuf,
}

impl VirtualEnv {
    fn venv(&self) -> PathBuf {
        self.folder.join("venv")
    }

    fn python(&self) -> PathBuf {
        self.venv().join("bin/python")
    }

    fn marker(&self) -> PathBuf {
        self.folder.join("complete")
    }

    /// Whether it was fully installed, and the Python that it is based on still exists.
    fn is_complete(&self) -> bool {
        self.marker().is_file() && self.python().is_file()
    }

    fn clear(&self) -> std::io::Result<()> {
        if self.folder.exists() { std::fs::remove_dir_all(&self.folder) } else { Ok(()) }
    }
}

/// Locks the file at `path`, until the value is dropped.
async fn lock(path: &Path, stop: &Stop) -> Result<File> {
    const PAUSE: Duration = Duration::from_millis(100);
    let context = || format!("cannot lock `{}`", path.display());
    let file = File::create(path).or_kind(Kind::Input, context())?;
    let mut is_waiting = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error).or_kind(Kind::Input, context()),
            Err(TryLockError::WouldBlock) if !is_waiting => {
                tracing::info!("waiting for another run that creates the same Python environment");
                is_waiting = true;
            }
            Err(TryLockError::WouldBlock) => {}
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stop.asked() => return Err(Error::new(Kind::Internal, "stopped while waiting for the environment")),
        }
    }
}

/// What creates an environment.
enum Installer {
    /// `uv`, which finds or downloads a Python by itself.
    Uv(PathBuf),
    /// A Python with `venv`, which brings `pip`.
    Python(PathBuf),
}

impl Installer {
    async fn find(machine: &Machine, stop: &Stop) -> Result<Self> {
        if let Some(uv) = machine.program("uv") {
            return Ok(Self::Uv(uv));
        }
        let mut old = Vec::new();
        for python in PYTHONS.iter().filter_map(|name| machine.program(name)) {
            let script = "import sys; print('version', *sys.version_info[:2])";
            let output = command(&python, &|_| true).args(["-c", script]).output(stop).await?;
            match python_version(&output) {
                Some(version) if version >= MIN_PYTHON => return Ok(Self::Python(python)),
                Some((major, minor)) => old.push(format!("`{}` is {major}.{minor}", python.display())),
                None => {}
            }
        }
        let found = if old.is_empty() { "none found on `PATH`".to_owned() } else { old.join(", ") };
        let (major, minor) = MIN_PYTHON;
        Err(Error::input(format!("Spark needs Python {major}.{minor} or newer: {found}"))
            .hint("install uv, which brings its own Python (https://docs.astral.sh/uv), or a newer Python")
            .hint("or pass an interpreter that has pyspark with `--python`"))
    }

    fn name(&self) -> String {
        match self {
            Self::Uv(_) => "uv".to_owned(),
            Self::Python(python) => format!("pip of `{}`", python.display()),
        }
    }
}

fn python_version(output: &str) -> Option<(u32, u32)> {
    let version = output.lines().find_map(|line| line.strip_prefix("version "))?;
    let (major, minor) = version.split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// The installation of an environment.
struct Installation<'a> {
    environment: &'a VirtualEnv,
    requirements: &'a Requirements<'a>,
    installer: &'a Installer,
    stop: &'a Stop,
}

impl Installation<'_> {
    async fn run(&self) -> Result<()> {
        let folder = self.environment.folder.display();
        let context = || format!("cannot write to `{folder}`");
        let packages = self.requirements.specifiers().chain(self.requirements.wheels.iter().map(|wheel| wheel.name));
        let packages = packages.collect::<Vec<_>>().join(", ");
        tracing::info!("creating a Python environment with {}: {packages}", self.installer.name());
        tracing::info!("it takes {APPROXIMATE_SIZE} in `{folder}` and is cached for later runs");
        self.environment.clear().or_kind(Kind::Input, context())?;
        let wheels = self.write_wheels().or_kind(Kind::Input, context())?;
        self.step(self.venv(), "create").await?;
        self.step(self.install(&wheels), "install the packages of").await?;
        let bytes = size(&self.environment.folder);
        write_new(&self.environment.marker(), format!("{packages}\n{bytes} bytes\n").as_bytes())
            .or_kind(Kind::Input, context())?;
        tracing::info!("created the Python environment: {} MB", bytes.div_ceil(1_000_000));
        Ok(())
    }

    /// Writes the wheels as files, under the names that installers require.
    fn write_wheels(&self) -> std::io::Result<Vec<PathBuf>> {
        let folder = self.environment.folder.join("wheels");
        std::fs::create_dir_all(&folder)?;
        let write = |wheel: &Wheel<'_>| {
            let path = folder.join(wheel.name);
            write_new(&path, wheel.bytes).map(|()| path)
        };
        self.requirements.wheels.iter().map(write).collect()
    }

    fn venv(&self) -> Program {
        match self.installer {
            Installer::Uv(uv) => {
                let (major, minor) = MIN_PYTHON;
                self.program(uv).args(["venv", "--python"]).arg(format!(">={major}.{minor}"))
            }
            Installer::Python(python) => self.program(python).args(["-m", "venv"]),
        }
        .arg(self.environment.venv())
    }

    fn install(&self, wheels: &[PathBuf]) -> Program {
        let python = self.environment.python();
        let program = match self.installer {
            Installer::Uv(uv) => self.program(uv).args(["pip", "install", "--python"]).arg(&python),
            Installer::Python(_) => {
                let options = ["--disable-pip-version-check", "--no-input", "--progress-bar=off"];
                self.program(&python).args(["-m", "pip", "install"]).args(options)
            }
        };
        // Each value from a spec is one argument, and after `--` none is taken as an option.
        let indexes = self.requirements.indexes.iter().map(|index| format!("--extra-index-url={index}"));
        program.args(indexes).arg("--").args(self.requirements.specifiers()).args(wheels)
    }

    /// A program isolated from other Python environments and from the project.
    fn program(&self, program: &Path) -> Program {
        command(program, &|name| !["PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"].contains(&name))
            .folder(&self.environment.folder)
    }

    async fn step(&self, program: Program, doing: &str) -> Result<()> {
        let ended = program.stream(self.stop, &|line| tracing::info!("  {line}")).await?;
        if ended.success() {
            return Ok(());
        }
        let name = self.installer.name();
        Err(Error::input(format!("{name} failed to {doing} the Python environment ({ended})"))
            .hint("see its output above; the incomplete environment was deleted")
            .hint("or pass an interpreter that has pyspark with `--python`"))
    }
}
