//! `run-local`: runs a workflow on this machine, from the release that would be deployed, on real Spark.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::app::context::Context;
use crate::app::record::{Conclusion, Record};
use crate::app::steps::select::{self, Selection};
use crate::app::steps::validate::{self, Valid};
use crate::app::subject::Subject;
use crate::cli::{self, Engine};
use crate::diagnostic::{Error, ErrorContext as _, Kind, Result, nearest};
use crate::local::{self, Machine, Requirements, RunOutput, Scratch, Wheel};
use crate::release::{self, DATA, OUTSIDE, Packages, Release, Unit};
use crate::report::LocalReport;
use crate::source::{RepoPath, hash};
use crate::spec::Workflow;

/// Run a workflow on this machine.
pub(in crate::app) struct RunLocal {
    pub(in crate::app) subject: Arc<Subject>,
    /// The workflow; optional if the environment has only one.
    pub(in crate::app) workflow: Option<String>,
    pub(in crate::app) engine: Engine,
    /// Folder for tables, as it was typed.
    pub(in crate::app) folder: Option<PathBuf>,
    /// Interpreter, as it was typed.
    pub(in crate::app) python: Option<PathBuf>,
    /// The folder in which paths that were typed begin.
    pub(in crate::app) here: PathBuf,
    pub(in crate::app) machine: Machine,
}

impl RunLocal {
    /// The task that the flags `run` ask for.
    pub(in crate::app) fn of(run: &cli::RunLocalArgs, subject: Arc<Subject>, here: PathBuf, machine: Machine) -> Self {
        let (workflow, folder, python) = (run.workflow.clone(), run.folder.clone(), run.python.clone());
        Self { subject, workflow, engine: run.engine, folder, python, here, machine }
    }

    /// The flags that ask for the same.
    pub(super) fn typed(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut option = |name: &str, value: Option<String>| {
            words.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
        };
        let text = |path: &PathBuf| path.to_string_lossy().into_owned();
        option("--workflow", self.workflow.clone());
        option("--engine", Some(self.engine.word().to_owned()));
        option("--folder", self.folder.as_ref().map(text));
        option("--python", self.python.as_ref().map(text));
        words
    }

    /// Checks the workflow, and runs it with Spark.
    pub(super) async fn run(&self, context: &Context, record: &mut Record) -> Result<()> {
        let (workflow, release, unit) = self.prepare(context, record).await?;
        let stop = &context.stop;
        self.machine.needs_java(self.python.is_none(), stop).await?;
        let project = self.subject.checkout.path().join(self.subject.project.folder.as_str());
        let tables = match &self.folder {
            Some(folder) => self.here.join(folder),
            None => local::state(&project)?.join("local").join(folder_name(&unit.workflow)).join(self.engine.word()),
        };
        let python = match &self.python {
            Some(python) => local::interpreter(&self.machine, &self.interpreter(python), stop).await?,
            None => self.environment(context, &workflow, &release, &unit).await?,
        };
        let scratch = Scratch::new(&self.machine)?;
        let code = scratch.unpack(&release.wheel.bytes)?;
        let driver = scratch.write("driver.py", &unit.notebook.bytes)?;
        let run = local::Invocation {
            python: &python,
            code: &code,
            data: &data_folders(&self.subject.project.folder),
            driver: &driver,
            engine: self.engine.word(),
            tables: &tables,
            project: &project,
        };
        tracing::info!("running `{}` on {}", unit.workflow, self.engine.title());
        conclude(&local::run(&self.machine, &run, stop).await?, &tables, record)
    }

    /// A name is looked up on `PATH`; a path begins where it was typed.
    fn interpreter(&self, python: &Path) -> PathBuf {
        if python.components().count() > 1 { self.here.join(python) } else { python.to_owned() }
    }

    /// Finds the workflow, checks it, and makes the release that a deployment of it would.
    async fn prepare(&self, context: &Context, record: &mut Record) -> Result<(Workflow, Release, Unit)> {
        let subject = &self.subject;
        let selection = select::select(context, subject, None, record).await?;
        let names: Vec<String> = selection.workflows.iter().map(|workflow| workflow.name.value.clone()).collect();
        let only = |name: &str| names.iter().all(|other| other == name);
        let meant = |name: &str| self.workflow.as_ref().map_or_else(|| only(name), |requested| requested == name);
        let environment = &subject.destination.environment;
        if !names.iter().any(|name| meant(name)) {
            let unknown = unknown(&names, self.workflow.as_deref(), environment);
            validate::validate(context, subject, &selection, record).await?;
            record.selected(&selection.workflows, &selection.affected);
            return Err(unknown);
        }
        let selection = Arc::new(selection.narrowed(meant, &subject.project.workflows));
        let Valid { selected: validated, .. } = validate::validate(context, subject, &selection, record).await?;
        record.selected(&selection.workflows, &selection.affected);
        let workflow = validated.first().map(|workflow| workflow.get().clone());
        let (on, chosen, folder) = (Arc::clone(subject), Arc::clone(&selection), subject.folder());
        let pack = move || release::build(&on.project, &validated, &chosen.codebase, &folder);
        let release = context.compute("packing the release", pack).await??;
        match workflow.zip(release.units.first().cloned()) {
            Some((workflow, unit)) => Ok((workflow, release, unit)),
            None => Err(unknown(&names, self.workflow.as_deref(), environment)),
        }
    }

    /// The interpreter of an environment with what the workflow needs.
    async fn environment(
        &self,
        context: &Context,
        workflow: &Workflow,
        release: &Release,
        unit: &Unit,
    ) -> Result<PathBuf> {
        let Packages { mut indexes, mut requirements, .. } = unit.packages.clone();
        for line in workflow.settings.dependencies().iter().filter_map(Value::as_str).map(str::trim) {
            match line.strip_prefix("--extra-index-url") {
                Some(index) => indexes.push(index.trim_start_matches(['=', ' ']).to_owned()),
                None => requirements.push(line.to_owned()),
            }
        }
        let elsewhere = |line: &&String| {
            let place = line.split_once('@').map_or(line.as_str(), |(_, url)| url.trim_start());
            line.starts_with(['/', '-']) || line.starts_with("file:") || place.starts_with("file:")
        };
        if let Some(line) = requirements.iter().find(elsewhere) {
            return Err(Error::input(format!(
                "`{line}`, a dependency of `{}`, exists in the workspace only",
                unit.workflow
            ))
            .hint(
                "create an environment that has it, and pyspark, yourself, and name its interpreter with `--python`",
            ));
        }
        let wheels =
            release.local_wheels_of(unit).map(|wheel| Wheel { name: &wheel.name, bytes: &wheel.bytes }).collect();
        let needed = Requirements { indexes: &indexes, packages: &requirements, wheels };
        local::environment(&self.machine, &needed, &context.stop).await
    }
}

impl Selection {
    /// The workflows that are `meant`, the others among those that cannot fail the run, as cannot what is wrong with other
    /// files in the `folder` of specs; all of several that share a name, which a rule reports.
    fn narrowed(&self, meant: impl Fn(&str) -> bool, folder: &RepoPath) -> Self {
        let mut narrowed = self.clone();
        narrowed.retain(|workflow| meant(&workflow.name.value));
        narrowed.forgive_other_specs(folder);
        narrowed
    }
}

/// The folders of a wheel with what is no code, and how specs of the project in `folder` name them.
fn data_folders(folder: &RepoPath) -> Vec<(String, String)> {
    let outside = (1..=folder.parts().count()).map(|up| (format!("{OUTSIDE}/{up}"), "../".repeat(up)));
    [(DATA.to_owned(), String::new())].into_iter().chain(outside).collect()
}

/// An error with the existing names, if none of them is the one that is meant.
fn unknown(names: &[String], meant: Option<&str>, environment: &str) -> Error {
    let all = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let (message, hint) = match meant {
        _ if names.is_empty() => {
            (format!("no spec has a workflow for `{environment}`"), "name another one with `--environment`".to_owned())
        }
        Some(meant) => (format!("`{meant}` is not a workflow of `{environment}`"), format!("its workflows are {all}")),
        None => (format!("`{environment}` has several workflows"), format!("name one with `--workflow`: {all}")),
    };
    let near = meant.and_then(|meant| nearest(meant, names.iter().map(String::as_str)));
    let near = near.map(|near| format!("did you mean `{near}`?"));
    near.into_iter().chain([hint]).fold(Error::input(message), Error::hint)
}

/// The end of the run as Python reports it.
fn conclude(ended: &RunOutput, tables: &Path, record: &mut Record) -> Result<()> {
    let mut made = None;
    if !ended.report.is_empty() {
        made = Some(LocalReport::decode(&ended.report).or_kind(Kind::Internal, "cannot read the report of the run")?);
    }
    let verdict = verdict(ended, made.as_ref(), tables);
    record.conclude(Conclusion::Ran { made, succeeded: verdict.is_ok() });
    verdict
}

/// What the exit code says, as far as there is a report to it.
fn verdict(ended: &RunOutput, made: Option<&LocalReport>, tables: &Path) -> Result<()> {
    let failed = made.map_or(0, |made| made.failed.len());
    // What Python reports says itself where to read on.
    let log = tables.join("spark.log");
    let log = (ended.errors.is_empty() && local::has_text(&log)).then(|| format!("see `{}`", log.display()));
    let with_log = |error: Error| log.into_iter().fold(error, Error::hint);
    Err(match ended.code {
        Some(0) if made.is_some() => return Ok(()),
        Some(3) if failed > 0 => {
            let (noun, verb) = if failed == 1 { ("expectation", "stops") } else { ("expectations", "stop") };
            Error::new(Kind::Invalid, format!("{failed} {noun} with the action `fail` {verb} the run"))
        }
        Some(0 | 3) => with_log(error(Kind::Internal, ended, "the run ended without a report")),
        Some(2) => error(Kind::Input, ended, "the pipeline cannot run as it is configured"),
        Some(code) => with_log(error(Kind::Internal, ended, &format!("the run failed (exit code {code})"))),
        None => with_log(error(Kind::Internal, ended, "the run was killed").hint("was there enough memory?")),
    })
}

/// The errors that Python reported; else a sentence of ours.
fn error(kind: Kind, ended: &RunOutput, otherwise: &str) -> Error {
    match ended.errors.split_first() {
        Some((first, more)) => {
            more.iter().fold(Error::new(kind, first.clone()), |error, more| error.hint(more.clone()))
        }
        None => Error::new(kind, otherwise.to_owned()).hint("see the output above"),
    }
}

/// The workflow's name as one part of a path; one that is changed for that gets a hash, so that no two names share a folder.
fn folder_name(workflow: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = workflow.chars().take(80).map(|c| if safe(c) { c } else { '_' }).collect();
    if name == workflow && !name.starts_with('.') {
        return name;
    }
    format!("{}-{}", name.trim_start_matches('.'), &hash(workflow)[..8])
}
