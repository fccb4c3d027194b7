//! A workflow on this machine: what a deployment would ship, unpacked and run on real Spark.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::{Engine, RunLocal};
use crate::desired::{Place, Run};
use crate::diagnostic::{Context, Error, Kind, Result, nearest};
use crate::env::Env;
use crate::local::{self, Ended, Machine, Scratch, Wanted, Wheel};
use crate::release::{self, DATA, Packages, Release, Unit};
use crate::report::{LocalRun, Status, Verdict};
use crate::source::hash;
use crate::spec::Workflow;

use super::Stage;
use super::draft::Draft;
use super::select::{self, Selection};

/// What was asked for.
pub(super) struct Local {
    workflow: Option<String>,
    engine: Engine,
    /// Folder for tables, absolute.
    folder: Option<PathBuf>,
    python: Option<PathBuf>,
    machine: Machine,
}

impl Local {
    /// What the flags say; their paths begin in the folder `here`.
    pub(super) fn of(run: &RunLocal, here: &Path, env: &Env) -> Self {
        let is_path = |python: &PathBuf| python.components().count() > 1;
        let python = run.python.as_ref().map(|path| if is_path(path) { here.join(path) } else { path.clone() });
        Self {
            workflow: run.workflow.clone(),
            engine: run.engine,
            folder: run.folder.as_ref().map(|folder| here.join(folder)),
            python,
            machine: Machine::of(env),
        }
    }

    /// The same for a person who wants it again.
    fn command(&self, workflow: &str, environment: &str) -> Vec<String> {
        let words = ["dltflow", "run-local", "--workflow", workflow, "--engine", self.engine.word()];
        words.into_iter().chain(["--environment", environment]).map(str::to_owned).collect()
    }
}

/// Checks the workflow, and runs it with Spark.
pub(super) async fn run(stage: &Stage<'_>, local: &Local, draft: &mut Draft) -> Result<()> {
    let (workflow, release) = prepare(stage, local, draft).await?;
    let unit = release.units.first().ok_or_else(|| Error::new(Kind::Internal, "the release has no workflow"))?;
    let stop = &stage.world.stop;
    local.machine.needs_java(local.python.is_none(), stop).await?;
    let project = stage.job.checkout.path().join(stage.project.folder.as_str());
    let tables = match &local.folder {
        Some(folder) => folder.clone(),
        None => local::state(&project)?.join("local").join(folder_name(&unit.workflow)).join(local.engine.word()),
    };
    let python = match &local.python {
        Some(python) => local::given(&local.machine, python, stop).await?,
        None => environment(stage, local, &workflow, &release, unit).await?,
    };
    let scratch = Scratch::new(&local.machine)?;
    let code = scratch.unpack(&release.wheel.bytes)?;
    let driver = scratch.write("driver.py", &unit.notebook.bytes)?;
    let run = local::Run {
        python: &python,
        code: &code,
        data: DATA,
        driver: &driver,
        engine: local.engine.word(),
        tables: &tables,
        project: &project,
    };
    tracing::info!("running `{}` on {}", unit.workflow, local.engine.title());
    conclude(&local::run(&local.machine, &run, stop).await?, &tables, draft)
}

/// Finds the workflow, checks it, and makes the release that a deployment of it would.
async fn prepare(stage: &Stage<'_>, local: &Local, draft: &mut Draft) -> Result<(Workflow, Release)> {
    let selection = select::select(stage, None, draft).await?;
    let (selection, missing) = narrowed(selection, local.workflow.as_deref(), stage);
    let validated = select::validate(stage, &selection, draft)?;
    draft.selected(&selection.workflows, &selection.affected, Status::Skipped);
    let Some(workflow) = validated.first().filter(|_| missing.is_none()) else {
        return Err(missing.unwrap_or_else(|| Error::new(Kind::Internal, "nothing was selected")));
    };
    let workflow = workflow.get().clone();
    draft.report.reproduce = Some(local.command(&workflow.name.value, &stage.destination.environment));
    let (owner, run, identity) = (stage.owner(), Run { commit: None, run: None }, &stage.destination.identity);
    let template = &stage.job.settings.preview_name;
    let place = Place { target: stage.target, identity, owner: &owner, template, run: &run };
    let folder = place.folder(&stage.target.artifact_root(stage.project));
    let release = release::build(stage.project, &validated, &selection.files, &folder)?;
    Ok((workflow, release))
}

/// The selection of the one workflow that is meant, the others among those that cannot fail the run; all of several that
/// share the name, which a rule tells. Where none is meant, why.
fn narrowed(mut selection: Selection, wanted: Option<&str>, stage: &Stage<'_>) -> (Selection, Option<Error>) {
    let (environment, workflows) = (&stage.destination.environment, &stage.project.workflows);
    let names: Vec<String> = selection.workflows.iter().map(|workflow| workflow.name.value.clone()).collect();
    let is_only = |name: &str| names.iter().all(|other| other == name);
    let is_meant = |name: &str| wanted.map_or_else(|| is_only(name), |wanted| wanted == name);
    let missing = (!names.iter().any(|name| is_meant(name))).then(|| unknown(&names, wanted, environment));
    let (mut meant, mut affected) = (Vec::new(), Vec::new());
    for (workflow, why) in selection.workflows.into_iter().zip(selection.affected) {
        if is_meant(&workflow.name.value) {
            meant.push(workflow);
            affected.push(why);
        } else {
            selection.others.push(workflow);
        }
    }
    (selection.workflows, selection.affected) = (meant, affected);
    if missing.is_none() {
        selection.forgive_other_specs(workflows);
    }
    (selection, missing)
}

/// Which names there are, where none of them is the one that is `wanted`.
fn unknown(names: &[String], wanted: Option<&str>, environment: &str) -> Error {
    let all = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let (message, hint) = match wanted {
        _ if names.is_empty() => {
            (format!("no spec has a workflow for `{environment}`"), "name another with `--environment`".to_owned())
        }
        Some(wanted) => (format!("`{wanted}` is no workflow of `{environment}`"), format!("its workflows are {all}")),
        None => (format!("`{environment}` has several workflows"), format!("name one with `--workflow`: {all}")),
    };
    let near = wanted.and_then(|wanted| nearest(wanted, names.iter().map(String::as_str)));
    let near = near.map(|near| format!("did you mean `{near}`?"));
    near.into_iter().chain([hint]).fold(Error::input(message), Error::hint)
}

/// The interpreter of an environment with what the workflow needs.
async fn environment(
    stage: &Stage<'_>,
    local: &Local,
    workflow: &Workflow,
    release: &Release,
    unit: &Unit,
) -> Result<PathBuf> {
    let Packages { mut indexes, mut requirements, .. } = unit.packages.clone();
    let own = workflow.settings.get("environment").and_then(|environment| environment.get("dependencies"));
    for line in own.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::trim) {
        match line.strip_prefix("--extra-index-url") {
            Some(index) => indexes.push(index.trim_start_matches(['=', ' ']).to_owned()),
            None => requirements.push(line.to_owned()),
        }
    }
    let elsewhere = |line: &&String| line.starts_with(['/', '-']) || line.starts_with("file:");
    if let Some(line) = requirements.iter().find(elsewhere) {
        return Err(Error::input(format!("`{line}`, which `{}` depends on, is on the workspace alone", unit.workflow))
            .hint("make an environment that has it, and pyspark, by hand, and name its interpreter with `--python`"));
    }
    let wheels = release.local_wheels_of(unit).map(|wheel| Wheel { name: &wheel.name, bytes: &wheel.bytes }).collect();
    let wanted = Wanted { indexes: &indexes, requirements: &requirements, wheels };
    local::environment(&local.machine, &wanted, &stage.world.stop).await
}

/// The end of the run as Python tells it.
fn conclude(ended: &Ended, tables: &Path, draft: &mut Draft) -> Result<()> {
    if !ended.report.is_empty() {
        let run = LocalRun::decode(&ended.report).or_kind(Kind::Internal, "the report of the run is not understood")?;
        draft.report.local = Some(run);
    }
    let verdict = verdict(ended, draft.report.local.as_ref(), tables);
    let status = if verdict.is_ok() { Status::Done } else { Status::Failed };
    draft.report.workflows.iter_mut().for_each(|row| row.status = status);
    let count = draft.report.local.as_ref().map_or(0, |made| made.datasets.len());
    draft.verdict(Verdict::Ran, format!("{count} {} made", if count == 1 { "dataset" } else { "datasets" }));
    verdict
}

/// What the exit code says, as far as there is a report to it.
fn verdict(ended: &Ended, made: Option<&LocalRun>, tables: &Path) -> Result<()> {
    let refused = made.map_or(0, |made| made.failed.len());
    let log = format!("see `{}`", tables.join("spark.log").display());
    Err(match ended.code {
        Some(0) if made.is_some() => return Ok(()),
        Some(3) if refused > 0 => {
            let (noun, verb) = if refused == 1 { ("expectation", "stops") } else { ("expectations", "stop") };
            Error::new(Kind::Invalid, format!("{refused} {noun} with the action `fail` {verb} the run"))
        }
        Some(0 | 3) => told(Kind::Internal, ended, "the run ended without a report").hint(log),
        Some(2) => told(Kind::Input, ended, "the pipeline cannot run as it is configured"),
        Some(code) => told(Kind::Internal, ended, &format!("the run failed (exit code {code})")).hint(log),
        None => told(Kind::Internal, ended, "the run was killed").hint("was there enough memory?").hint(log),
    })
}

/// What Python called an error, all of it; else a sentence of ours.
fn told(kind: Kind, ended: &Ended, otherwise: &str) -> Error {
    match ended.errors.split_first() {
        Some((first, more)) => {
            more.iter().fold(Error::new(kind, first.clone()), |error, more| error.hint(more.clone()))
        }
        None => Error::new(kind, otherwise.to_owned()).hint("what was said stands above"),
    }
}

/// The workflow's name as one part of a path; one that is not its own gets a hash, so that no two names share a folder.
fn folder_name(workflow: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = workflow.chars().take(80).map(|c| if safe(c) { c } else { '_' }).collect();
    if name == workflow && !name.starts_with('.') {
        return name;
    }
    format!("{}-{}", name.trim_start_matches('.'), &hash(workflow)[..8])
}
