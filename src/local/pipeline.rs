//! The run itself: `python -m dltflow run` with the driver that would be deployed.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::Machine;
use super::process::command;
use crate::clock::Stop;
use crate::diagnostic::Result;

/// Most errors that are kept.
const MOST_ERRORS: usize = 20;

/// What to run, and where.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The interpreter.
    pub python: &'a Path,
    /// Folder of the modules of the project, and of the authoring runtime.
    pub code: &'a Path,
    /// Folder in `code` of the files that are no modules.
    pub data: &'a str,
    /// The generated notebook.
    pub driver: &'a Path,
    /// `sdp` or `spark`.
    pub engine: &'a str,
    /// Where tables are kept.
    pub tables: &'a Path,
    /// The folder in which relative paths begin.
    pub project: &'a Path,
}

/// How it ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// The report as it was printed; empty where there is none.
    pub report: Vec<u8>,
    /// What it called errors, without that word.
    pub errors: Vec<String>,
}

/// Runs the driver; what it says on the way is told as it comes.
///
/// # Errors
/// Where Python cannot be started, or the run is asked to stop.
pub async fn run(machine: &Machine, run: &Run<'_>, stop: &Stop) -> Result<Ended> {
    let bin = run.python.parent().map_or_else(PathBuf::new, Path::to_owned);
    let program = command(run.python, &|name| !is_foreign(name))
        .args(["-m", "dltflow", "run", "--output", "json", "--engine", run.engine, "--driver"])
        .arg(run.driver)
        .arg("--folder")
        .arg(run.tables)
        .env("PATH", machine.path_after(&bin))
        .env("PYTHONPATH", machine.python_path_after(run.code))
        .env("PYSPARK_PYTHON", run.python)
        .env("PYSPARK_DRIVER_PYTHON", run.python)
        // The modules are those of the release, not those that lie where it is started.
        .env("PYTHONSAFEPATH", "1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUNBUFFERED", "1")
        .folder(run.project);
    let errors = RefCell::new(Vec::new());
    let listen = |line: &str| {
        let line = run.as_in_project(line);
        match line.strip_prefix("error: ") {
            Some(error) if errors.borrow().len() < MOST_ERRORS => errors.borrow_mut().push(error.to_owned()),
            _ => tracing::info!("{line}"),
        }
    };
    let ended = program.run(stop, &listen).await?;
    Ok(Ended { code: ended.status.code(), report: ended.stdout, errors: errors.into_inner() })
}

impl Run<'_> {
    /// A line that names files as the project does, not as they were unpacked.
    fn as_in_project(&self, line: &str) -> String {
        let code = format!("{}/", self.code.display());
        line.replace(&format!("{code}{}/", self.data), "").replace(&code, "")
    }
}

/// Variables that lead elsewhere: to another Spark, another Python, or packages that nobody installs here.
fn is_foreign(name: &str) -> bool {
    name.starts_with("PIP_")
        || name.starts_with("UV_")
        || ["SPARK_HOME", "SPARK_REMOTE", "SPARK_TESTING", "PYTHONHOME", "VIRTUAL_ENV"].contains(&name)
}
