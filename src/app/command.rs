//! The face towards people: the commands that are not the action.

use std::path::{Path, PathBuf};

use crate::cli::{Command, Common, Output, To};
use crate::clock::{Deadline, Stop};
use crate::databricks::Identity;
use crate::diagnostic::{Context, Error, Kind, Result};
use crate::env::{self, Env};
use crate::fs::{self, Checkout};
use crate::http::Http;
use crate::project::Project;
use crate::report;
use crate::route::{Destination, Identity as Whose, Preview, Purpose, Scope};
use crate::secret::Redactor;
use crate::settings::Settings;
use crate::source::RepoPath;

use super::files::PROJECT_FILE;
use super::local::Local;
use super::sink::{self, Progress};
use super::{Job, Order, Ordered, Trigger, World, action, default_target, refused, run, target};

/// Runs a command and gives the exit code; the report goes to stderr as text, or to stdout as JSON.
pub async fn command(command: &Command, env: &Env, stop: Stop) -> u8 {
    let settings = Settings::from_environment(env);
    let redactor = Redactor::new(settings.iter().flat_map(Settings::secrets));
    sink::start_log(&redactor, progress(command));
    let prepared = settings.and_then(|settings| prepare(command, env, settings, stop));
    let mut finished = match &prepared {
        Ok((job, world)) => run(job, world).await,
        Err(error) => refused(report::Run::default(), error),
    };
    finished.redact(&redactor);
    match common(command).map(|common| common.output) {
        Some(Output::Json) => sink::print(&report::json(&finished.report)),
        _ => sink::tell(&redactor.redact(&report::text(&finished.report, &finished.sources))),
    }
    finished.exit_code
}

/// Where an order leads.
pub(super) fn destination(order: &Order, project: &Project, me: Option<&Identity>) -> Result<Destination> {
    let target = match &order.environment {
        Some(name) => target(project, name)?,
        None => default_target(project)?,
    };
    let identity = match (order.whose, me) {
        (Ordered::Individual, Some(me)) => Whose::Preview(Preview::individual(&me.short_name(), project)),
        (Ordered::PullRequest(number), _) => Whose::Preview(Preview::of_number(number, project)),
        _ => Whose::Shared,
    };
    let scope = if order.since.is_some() { Scope::Changed } else { Scope::All("it was asked for".to_owned()) };
    Ok(Destination {
        environment: target.name.clone(),
        identity,
        purpose: order.purpose,
        scope,
        why: "it was asked for".to_owned(),
    })
}

fn prepare(command: &Command, env: &Env, settings: Settings, stop: Stop) -> Result<(Job, World)> {
    let (mut order, settings, common) = order(command, settings)?;
    let ground = Ground::find(&common.working_directory)?;
    if let Command::RunLocal(run) = command {
        order.local = Some(Local::of(run, &ground.root.join(ground.here.as_str()), env));
    }
    let workflows = settings.workflows.iter().map(|text| ground.below_project(text)).collect::<Result<_>>()?;
    let settings = Settings { workflows, ..settings };
    let http = Http::new(action::client(env)?, Deadline::after(settings.timeout), stop.clone());
    let job = Job {
        checkout: Checkout::open(&ground.root)?,
        folder: ground.project,
        repository: None,
        run: report::Run { started: Some(sink::started()), ..report::Run::default() },
        run_id: None,
        trigger: Trigger::Order(order),
        settings,
    };
    Ok((job, World { http, stop, github: None }))
}

/// Where a command is started, and the project that it is about.
struct Ground {
    /// The checkout, as the file system names it.
    root: PathBuf,
    /// Folder of `dltflow.yml`: the one that the command is started in, or the nearest above it.
    project: RepoPath,
    /// Folder that the command is started in.
    here: RepoPath,
}

impl Ground {
    fn find(working_directory: &str) -> Result<Self> {
        let started = env::current_folder().or_kind(Kind::Input, "cannot tell which folder this is")?;
        let here = fs::resolve(&started.join(working_directory))
            .or_kind(Kind::Input, format!("cannot open the folder `{working_directory}`"))?;
        let project = fs::nearest_with(PROJECT_FILE, &here).ok_or_else(|| {
            Error::input(format!("there is no `{PROJECT_FILE}` in `{}` or above it", here.display()))
                .hint("go to the project's folder, or name it with `--working-directory`")
        })?;
        let root = fs::checkout_root(&project);
        Ok(Self { project: below(&project, &root)?, here: below(&here, &root)?, root })
    }

    /// A path or glob as it was typed, relative to the project's folder.
    fn below_project(&self, typed: &str) -> Result<String> {
        let path = match Path::new(typed) {
            path if path.is_absolute() => below(&resolved(path), &self.root)?,
            _ => self.here.join(typed).map_err(|bad| Error::input(format!("the spec file `{typed}` {bad}")))?,
        };
        path.below(&self.project).map(str::to_owned).ok_or_else(|| {
            Error::input(format!("the spec file `{typed}` lies outside the project's folder `{}`", self.project))
        })
    }
}

/// The path with the links of its folder resolved; itself it may be one, or nothing.
fn resolved(path: &Path) -> PathBuf {
    let folder = path.parent().and_then(|folder| fs::resolve(folder).ok());
    folder.zip(path.file_name()).map_or_else(|| path.to_owned(), |(folder, name)| folder.join(name))
}

fn below(path: &Path, root: &Path) -> Result<RepoPath> {
    let outside = || Error::input(format!("`{}` lies outside the checkout `{}`", path.display(), root.display()));
    let text = path.strip_prefix(root).map_err(|_| outside())?.to_str();
    let text = text.ok_or_else(|| Error::input(format!("the path `{}` is not UTF-8", path.display())))?;
    RepoPath::parse(text).map_err(|bad| Error::input(format!("the path `{text}` {bad}")))
}

/// How much is told on the way: of a local run all, as it takes its time and runs what somebody is writing.
fn progress(command: &Command) -> Progress {
    match (command, common(command)) {
        (_, None) => Progress::Quiet,
        (Command::RunLocal(_), Some(common)) if !common.verbose => Progress::Steps,
        (_, Some(common)) => Progress::of_command(common.output, common.verbose),
    }
}

fn common(command: &Command) -> Option<&Common> {
    match command {
        Command::Action => None,
        Command::Check(check) => Some(&check.common),
        Command::RunLocal(run) => Some(&run.common),
        Command::Plan(plan) => Some(&plan.to.common),
        Command::DeployPyDlt(deploy) => Some(&deploy.to.common),
        Command::Destroy(destroy) => Some(&destroy.common),
    }
}

/// What the flags ask for.
fn order(command: &Command, settings: Settings) -> Result<(Order, Settings, &Common)> {
    let common = common(command).ok_or_else(|| Error::new(Kind::Internal, "the action is no order"))?;
    let (order, settings) = match command {
        Command::Check(check) => {
            let order = Order {
                purpose: Purpose::Check,
                environment: check.environment.clone(),
                whose: Ordered::Shared,
                since: check.changed.changed_since.clone(),
                local: None,
            };
            (order, Settings { workflows: check.workflows.clone(), ..settings })
        }
        Command::RunLocal(run) => {
            let environment = run.environment.clone();
            let (purpose, whose) = (Purpose::Check, Ordered::Shared);
            (Order { purpose, environment, whose, since: None, local: None }, settings)
        }
        Command::Plan(plan) => deployment(Purpose::Plan, plan.deployment_file.as_ref(), &plan.to, settings),
        Command::DeployPyDlt(deploy) => {
            deployment(Purpose::Deploy, Some(&deploy.deployment_file), &deploy.to, settings)
        }
        Command::Destroy(destroy) => {
            let whose = match destroy.pull_request {
                Some(number) => Ordered::PullRequest(number),
                None if destroy.as_individual => Ordered::Individual,
                None => Ordered::Shared,
            };
            let environment = Some(destroy.environment.clone());
            let order = Order { purpose: Purpose::Destroy, environment, whose, since: None, local: None };
            let workflows = destroy.deployment_file.iter().cloned().collect();
            (order, Settings { workflows, timeout: destroy.timeout, ..settings })
        }
        Command::Action => return Err(Error::new(Kind::Internal, "the action is no order")),
    };
    Ok((order, settings, common))
}

fn deployment(purpose: Purpose, file: Option<&String>, to: &To, settings: Settings) -> (Order, Settings) {
    let whose = if to.as_individual { Ordered::Individual } else { Ordered::Shared };
    let (environment, since) = (Some(to.environment.clone()), to.changed.changed_since.clone());
    let order = Order { purpose, environment, whose, since, local: None };
    let settings = Settings {
        workflows: file.into_iter().cloned().collect(),
        preview_name: to.preview_name.clone(),
        timeout: to.timeout,
        allow_recreate: to.allow_recreate,
        ..settings
    };
    (order, settings)
}
