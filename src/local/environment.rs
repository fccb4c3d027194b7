//! The Python environment that Spark lives in: made once for each set of packages, and used again.
//!
//! It lies in a folder named after what is installed, whose file `complete` is written last: one without it was given
//! up half-way and is made anew. Whoever makes it holds a lock beside it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::folder::{size, write_new};
use super::machine::Machine;
use super::process::{Program, command};
use crate::clock::Stop;
use crate::diagnostic::{Context, Error, Kind, Result};
use crate::source::hash;

/// What every environment has.
pub const PACKAGES: [&str; 2] = ["pyspark[pipelines]==4.3.0", "pandas<3"];
/// What it takes on disk without a workflow's own packages.
const ABOUT: &str = "about 900 MB";
/// The oldest Python that Spark 4.3 runs on.
const OLDEST_PYTHON: (u32, u32) = (3, 11);
/// Where one may be found, the user's own first.
const PYTHONS: [&str; 5] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];

/// What an environment is to hold beside [`PACKAGES`].
#[derive(Clone, Debug, Default)]
pub struct Wanted<'a> {
    /// Indexes to look at beside the usual one.
    pub indexes: &'a [String],
    /// Requirements, each no option and no comment.
    pub requirements: &'a [String],
    /// Wheels.
    pub wheels: Vec<Wheel<'a>>,
}

/// A wheel to install.
#[derive(Clone, Copy, Debug)]
pub struct Wheel<'a> {
    /// Its file name.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
}

impl Wanted<'_> {
    /// The name of the environment that holds this.
    fn key(&self) -> String {
        let mut text = String::from("environment1");
        let wheels = self.wheels.iter().map(|wheel| hash(wheel.bytes));
        let packages = self.packages().map(str::to_owned);
        let parts = packages.chain(["wheels".to_owned()]).chain(wheels).chain(["indexes".to_owned()]);
        for part in parts.chain(self.indexes.iter().cloned()) {
            text.extend([&part.len().to_string(), ":", &part]);
        }
        hash(text)[..12].to_owned()
    }

    fn packages(&self) -> impl Iterator<Item = &str> {
        PACKAGES.into_iter().chain(self.requirements.iter().map(String::as_str))
    }
}

/// The interpreter that somebody named, made sure that Spark can be imported there.
///
/// # Errors
/// Kind `Input` where it cannot be started, or has no pyspark.
pub async fn given(machine: &Machine, python: &Path, stop: &Stop) -> Result<PathBuf> {
    let is_name = python.parent().is_none_or(|folder| folder.as_os_str().is_empty());
    let named = python.to_str().filter(|_| is_name).and_then(|name| machine.program(name));
    let python = named.unwrap_or_else(|| python.to_owned());
    let tried = command(&python, &|_| true).args(["-c", "import pyspark"]);
    let heard = std::cell::RefCell::new(String::new());
    let ended = tried.run(stop, &|line| line.clone_into(&mut heard.borrow_mut())).await?;
    if ended.status.success() {
        return Ok(python);
    }
    let (shown, packages) = (python.display(), PACKAGES.map(|package| format!("'{package}'")).join(" "));
    Err(Error::input(format!("`{shown}` cannot import pyspark: {}", heard.into_inner()))
        .hint(format!("run `{shown} -m pip install {packages}`, or leave `--python` out")))
}

/// The interpreter of an environment that holds what is `wanted`: of one that is there, else of one that is made now.
///
/// # Errors
/// Kind `Input` where there is neither uv nor a Python to make it with, or what is wanted cannot be installed.
pub async fn environment(machine: &Machine, wanted: &Wanted<'_>, stop: &Stop) -> Result<PathBuf> {
    let all = machine.environments()?;
    let place = Place { folder: all.join(wanted.key()) };
    if place.is_complete() {
        return Ok(place.python());
    }
    let installer = Installer::find(machine, stop).await?;
    let cannot = || format!("cannot make an environment in `{}`", all.display());
    std::fs::create_dir_all(&all).or_kind(Kind::Input, cannot())?;
    let _lock = locked(&place.folder.with_extension("lock"), stop).await?;
    // Whoever held the lock may have made it.
    if !place.is_complete() {
        let making = Making { place: &place, wanted, installer: &installer, stop };
        if let Err(error) = making.all().await {
            place.clear().or_kind(Kind::Input, cannot())?;
            return Err(error);
        }
    }
    Ok(place.python())
}

/// Where an environment lies.
struct Place {
    folder: PathBuf,
}

impl Place {
    fn venv(&self) -> PathBuf {
        self.folder.join("venv")
    }

    fn python(&self) -> PathBuf {
        self.venv().join("bin/python")
    }

    fn mark(&self) -> PathBuf {
        self.folder.join("complete")
    }

    /// Whether all of it was installed, and the Python that it was made of is still there.
    fn is_complete(&self) -> bool {
        self.mark().is_file() && self.python().is_file()
    }

    fn clear(&self) -> std::io::Result<()> {
        if self.folder.exists() { std::fs::remove_dir_all(&self.folder) } else { Ok(()) }
    }
}

/// The lock at `path`, which ends with the value.
async fn locked(path: &Path, stop: &Stop) -> Result<File> {
    const PAUSE: Duration = Duration::from_millis(100);
    let cannot = || format!("cannot lock `{}`", path.display());
    let file = File::create(path).or_kind(Kind::Input, cannot())?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error).or_kind(Kind::Input, cannot()),
            Err(TryLockError::WouldBlock) if !told => {
                tracing::info!("another run makes the same Python environment: waiting for it");
                told = true;
            }
            Err(TryLockError::WouldBlock) => {}
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stop.asked() => return Err(Error::new(Kind::Internal, "stopped while waiting for the environment")),
        }
    }
}

/// What makes an environment.
enum Installer {
    /// `uv`, which finds a Python by itself, or fetches one.
    Uv(PathBuf),
    /// A Python with `venv`, and the `pip` that this brings.
    Python(PathBuf),
}

impl Installer {
    async fn find(machine: &Machine, stop: &Stop) -> Result<Self> {
        if let Some(uv) = machine.program("uv") {
            return Ok(Self::Uv(uv));
        }
        let mut old = Vec::new();
        for python in PYTHONS.iter().filter_map(|name| machine.program(name)) {
            let ask = "import sys; print('version', *sys.version_info[:2])";
            let said = command(&python, &|_| true).args(["-c", ask]).said(stop).await?;
            match python_version(&said) {
                Some(version) if version >= OLDEST_PYTHON => return Ok(Self::Python(python)),
                Some((major, minor)) => old.push(format!("`{}` is {major}.{minor}", python.display())),
                None => {}
            }
        }
        let found = if old.is_empty() { "there is none on `PATH`".to_owned() } else { old.join(", ") };
        let (major, minor) = OLDEST_PYTHON;
        Err(Error::input(format!("Spark needs Python {major}.{minor} or newer: {found}"))
            .hint("install uv, which brings its own Python (https://docs.astral.sh/uv), or a newer Python")
            .hint("or name an interpreter that has pyspark with `--python`"))
    }

    fn name(&self) -> String {
        match self {
            Self::Uv(_) => "uv".to_owned(),
            Self::Python(python) => format!("pip of `{}`", python.display()),
        }
    }
}

fn python_version(said: &str) -> Option<(u32, u32)> {
    let version = said.lines().find_map(|line| line.strip_prefix("version "))?;
    let (major, minor) = version.split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// An environment that is being made.
struct Making<'a> {
    place: &'a Place,
    wanted: &'a Wanted<'a>,
    installer: &'a Installer,
    stop: &'a Stop,
}

impl Making<'_> {
    async fn all(&self) -> Result<()> {
        let folder = self.place.folder.display();
        let written = || format!("cannot write into `{folder}`");
        let packages = self.wanted.packages().chain(self.wanted.wheels.iter().map(|wheel| wheel.name));
        let packages = packages.collect::<Vec<_>>().join(", ");
        tracing::info!("making a Python environment with {}: {packages}", self.installer.name());
        tracing::info!("it takes {ABOUT} in `{folder}` and is used again by later runs");
        self.place.clear().or_kind(Kind::Input, written())?;
        let wheels = self.write_wheels().or_kind(Kind::Input, written())?;
        self.step(self.venv(), "make").await?;
        self.step(self.install(&wheels), "install the packages of").await?;
        let bytes = size(&self.place.folder);
        write_new(&self.place.mark(), format!("{packages}\n{bytes} bytes\n").as_bytes())
            .or_kind(Kind::Input, written())?;
        tracing::info!("the Python environment is made: {} MB", bytes.div_ceil(1_000_000));
        Ok(())
    }

    /// The wheels as files, under the names that an installer reads.
    fn write_wheels(&self) -> std::io::Result<Vec<PathBuf>> {
        let folder = self.place.folder.join("wheels");
        std::fs::create_dir_all(&folder)?;
        let write = |wheel: &Wheel<'_>| {
            let path = folder.join(wheel.name);
            write_new(&path, wheel.bytes).map(|()| path)
        };
        self.wanted.wheels.iter().map(write).collect()
    }

    fn venv(&self) -> Program {
        match self.installer {
            Installer::Uv(uv) => {
                let (major, minor) = OLDEST_PYTHON;
                self.program(uv).args(["venv", "--python"]).arg(format!(">={major}.{minor}"))
            }
            Installer::Python(python) => self.program(python).args(["-m", "venv"]),
        }
        .arg(self.place.venv())
    }

    fn install(&self, wheels: &[PathBuf]) -> Program {
        let python = self.place.python();
        let program = match self.installer {
            Installer::Uv(uv) => self.program(uv).args(["pip", "install", "--python"]).arg(&python),
            Installer::Python(_) => {
                let options = ["--disable-pip-version-check", "--no-input", "--progress-bar=off"];
                self.program(&python).args(["-m", "pip", "install"]).args(options)
            }
        };
        // What comes from a spec is one argument each, and after `--` none of them is an option.
        let indexes = self.wanted.indexes.iter().map(|index| format!("--extra-index-url={index}"));
        program.args(indexes).arg("--").args(self.wanted.packages()).args(wheels)
    }

    /// A program that sees neither other Python environments nor a project.
    fn program(&self, program: &Path) -> Program {
        command(program, &|name| !["PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"].contains(&name))
            .folder(&self.place.folder)
    }

    async fn step(&self, program: Program, doing: &str) -> Result<()> {
        let ended = program.tell(self.stop, &|line| tracing::info!("  {line}")).await?;
        if ended.success() {
            return Ok(());
        }
        let name = self.installer.name();
        Err(Error::input(format!("{name} could not {doing} the Python environment ({ended})"))
            .hint("what it said stands above; nothing of the environment is kept")
            .hint("or name an interpreter that has pyspark with `--python`"))
    }
}
