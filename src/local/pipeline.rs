//! The run itself: `python -m dltflow run` with the driver that would be deployed.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::Machine;
use super::process::command;
use crate::clock::Stop;
use crate::diagnostic::Result;

/// Limit of errors that are kept.
const MAX_ERRORS: usize = 20;

/// One invocation of the authoring runtime.
#[derive(Clone, Copy, Debug)]
pub struct Invocation<'a> {
    /// The interpreter.
    pub python: &'a Path,
    /// Folder with the modules of the project and the authoring runtime.
    pub code: &'a Path,
    /// Folders in `code` with other files, and how the project names them.
    pub data: &'a [(String, String)],
    /// The generated notebook.
    pub driver: &'a Path,
    /// `sdp` or `spark`.
    pub engine: &'a str,
    /// Folder of the tables.
    pub tables: &'a Path,
    /// Working directory, the base of relative paths.
    pub project: &'a Path,
}

/// The outcome of an [`Invocation`].
#[derive(Clone, Debug)]
pub struct RunOutput {
    /// Its exit code; `None` if it was ended by a signal.
    pub code: Option<i32>,
    /// The report on standard output; empty if there is none.
    pub report: Vec<u8>,
    /// Its error messages, without the prefix `error: `.
    pub errors: Vec<String>,
}

/// Runs the driver and logs its output as it arrives.
///
/// # Errors
/// If Python cannot be started, or the run is stopped.
pub async fn run(machine: &Machine, run: &Invocation<'_>, stop: &Stop) -> Result<RunOutput> {
    let bin = run.python.parent().map_or_else(PathBuf::new, Path::to_owned);
    let program = command(run.python, &|name| !is_foreign(name))
        .args(["-m", "dltflow", "run", "--output", "json", "--engine", run.engine, "--driver"])
        .arg(run.driver)
        .arg("--folder")
        .arg(run.tables)
        .env("PATH", machine.path_with(&bin))
        .env("PYTHONPATH", machine.python_path_with(run.code))
        .env("PYSPARK_PYTHON", run.python)
        .env("PYSPARK_DRIVER_PYTHON", run.python)
        // Modules come from the release, not from the working directory.
        .env("PYTHONSAFEPATH", "1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUNBUFFERED", "1")
        .folder(run.project);
    let errors = RefCell::new(Vec::new());
    let on_line = |line: &str| {
        let line = run.with_project_paths(line);
        match line.strip_prefix("error: ") {
            Some(error) if errors.borrow().len() < MAX_ERRORS => errors.borrow_mut().push(error.to_owned()),
            _ => tracing::info!("{line}"),
        }
    };
    let ended = program.run(stop, &on_line).await?;
    Ok(RunOutput { code: ended.status.code(), report: ended.stdout, errors: errors.into_inner() })
}

impl Invocation<'_> {
    /// Replaces paths of unpacked files in `line` by those in the project.
    fn with_project_paths(&self, line: &str) -> String {
        let code = format!("{}/", self.code.display());
        let named = |line: String, (folder, name): &(String, String)| line.replace(&format!("{code}{folder}/"), name);
        self.data.iter().fold(line.to_owned(), named).replace(&code, "")
    }
}

/// Variables that would select another Spark or Python, or that configure installers.
fn is_foreign(name: &str) -> bool {
    name.starts_with("PIP_")
        || name.starts_with("UV_")
        || ["SPARK_HOME", "SPARK_REMOTE", "SPARK_TESTING", "PYTHONHOME", "VIRTUAL_ENV"].contains(&name)
}
