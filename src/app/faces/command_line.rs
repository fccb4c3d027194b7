//! The face towards people: the commands that are not the action.

use std::sync::Arc;

use crate::app::context::{Context, Face, end};
use crate::app::deliver::log::{self, Verbosity};
use crate::app::deliver::{self, terminal};
use crate::app::record::{self, Record};
use crate::app::steps::confirm::{self, Answer};
use crate::app::steps::files;
use crate::app::steps::projects::Neighbours;
use crate::app::steps::sign_in::sign_in;
use crate::app::subject::{Subject, Trigger, Typed};
use crate::app::tasks::{Check, Deploy, Destroy, How, Plan, RunLocal, Status, Sweep, Task};
use crate::cli::{ToArgs, WorkflowCommand};
use crate::clock::{self, Deadline, Stop};
use crate::desired::Template;
use crate::diagnostic::{Result, Severity};
use crate::env::{self, Env};
use crate::fs::Checkout;
use crate::http::Http;
use crate::inputs::{Connection, TIMEOUT};
use crate::local::Machine;
use crate::pipeline::Adopt;
use crate::pipeline::ownership::{Owner, Provenance};
use crate::plan::Allowed;
use crate::project::Project;
use crate::report;
use crate::route::{Destination, Grant, Purpose, RouteRequest, Whose, requested, requested_target};
use crate::secret::Secrets;

use super::client::client;
use super::place::StartingPoint;

/// Runs a command and gives the exit code: what was asked for goes to stdout, diagnostics and progress to stderr.
pub async fn command_line(command: &WorkflowCommand, env: &Env, stop: Stop) -> u8 {
    let secrets = Secrets::default();
    let redactor = secrets.redactor();
    log::start(&redactor, progress(command));
    let mut record = Record::of(report::RunInfo { started: Some(clock::now()), ..report::RunInfo::default() });
    let ended = run(command, env, &secrets, &stop, &mut record).await;
    let ended = end(ended, &stop);
    let finished = record::finish(record, ended.as_ref().map(drop), &redactor);
    let colors = terminal::colors(command.common().color, env);
    deliver::to_terminal(&finished, command.common().output, colors, &redactor);
    finished.exit_code
}

/// How much is shown on the way: of a local run all, as it takes its time and runs what somebody is writing.
fn progress(command: &WorkflowCommand) -> Verbosity {
    let common = command.common();
    match command {
        WorkflowCommand::RunLocal(_) if !common.verbose => Verbosity::Steps,
        _ => Verbosity::of_command(common.output, common.verbose),
    }
}

async fn run(command: &WorkflowCommand, env: &Env, secrets: &Secrets, stop: &Stop, record: &mut Record) -> Result<()> {
    let connection = Connection::of_environment(env, secrets)?;
    let start = StartingPoint::find(&command.common().working_directory)?;
    let asked = Asked::of(command);
    let answer = answer(command)?;
    let http = Http::new(client(env, Face::CommandLine)?, Deadline::after(asked.timeout), stop.clone());
    let context = Context { face: Face::CommandLine, http, stop: stop.clone(), github: None, connection };
    let checkout = Checkout::open(&start.root)?;
    let project =
        Arc::new(files::project(&checkout, &start.project, &command.common().working_directory, context.face, record)?);
    record.project(&project);
    let destination = asked.destination(&context, &project, record).await?;
    let grant = destination.grant();
    let globs = asked.files.iter().map(|text| start.below_project(text)).collect::<Result<_>>()?;
    let working_directory = command.common().working_directory.clone();
    let (checkout, neighbours) = Neighbours::find(&context, checkout, &project).await?;
    if destination.purpose != Purpose::Destroy {
        neighbours.apart_from(&project)?;
    }
    let everywhere = asked.is_about_all();
    let subject = Arc::new(Subject {
        checkout,
        target: requested_target(Some(&destination.environment), &project)?.clone(),
        owner: Owner {
            repository: repository(env, &destination),
            others: neighbours.all(),
            adopts: asked.adopt,
            ..Subject::owner_of(&project, &destination)
        },
        project,
        destination,
        trigger: Trigger::CommandLine { since: asked.since, everywhere },
        globs,
        typed: Typed { working_directory, files: asked.files },
        template: asked.template,
        fail_on: Severity::Error,
        run: Provenance::default(),
    });
    let task = match (command, grant) {
        (WorkflowCommand::RunLocal(flags), _) => {
            Task::RunLocal(Box::new(RunLocal::of(flags, subject, start.here(), Machine::of(env))))
        }
        (WorkflowCommand::Status(flags), _) => Task::Status(Status { subject, environment: flags.environment.clone() }),
        (_, Grant::Sweep(permit)) => Task::Sweep(Sweep { subject, permit }),
        (_, Grant::Check) => Task::Check(Check { subject }),
        (_, Grant::Plan) => Task::Plan(Plan { subject, allowed: asked.allowed }),
        (_, Grant::Deploy(permit)) => Task::Deploy(Deploy { subject, permit, allowed: asked.allowed }),
        (_, Grant::Destroy(permit)) => {
            Task::Destroy(Destroy { subject, how: How { permit, closed: false, allowed: asked.allowed, answer } })
        }
    };
    task.run(&context, record).await
}

/// The repository of the checkout, which only a job of GitHub Actions knows: what another one deployed is not destroyed.
fn repository(env: &Env, destination: &Destination) -> Option<String> {
    let id = env.get(env::GITHUB_REPOSITORY_ID).filter(|_| destination.purpose == Purpose::Destroy);
    id.map(str::to_owned)
}

/// The answer to whether to destroy what is named, as far as it is known before the workspace is asked.
fn answer(command: &WorkflowCommand) -> Result<Answer> {
    match command {
        WorkflowCommand::Destroy(destroy) if destroy.yes => Ok(Answer::Given),
        WorkflowCommand::Destroy(_) if terminal::is_interactive() => Ok(Answer::ToAsk),
        WorkflowCommand::Destroy(destroy) if destroy.deployment_file.is_some() => Err(confirm::unanswered()),
        _ => Ok(Answer::Missing),
    }
}

/// What the flags ask for.
struct Asked {
    purpose: Purpose,
    environment: Option<String>,
    identity: AskedIdentity,
    since: Option<String>,
    /// Spec files and globs of them, as they were typed.
    files: Vec<String>,
    template: Template,
    timeout: std::time::Duration,
    allowed: Allowed,
    adopt: Vec<Adopt>,
    /// Whether it is about all environments unless one is named.
    anywhere: bool,
}

/// Whose pipelines are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AskedIdentity {
    Shared,
    Individual,
    PullRequest(u64),
}

impl AskedIdentity {
    fn of(as_individual: bool, pull_request: Option<u64>) -> Self {
        match pull_request {
            Some(number) => Self::PullRequest(number),
            None if as_individual => Self::Individual,
            None => Self::Shared,
        }
    }
}

impl Asked {
    fn of(command: &WorkflowCommand) -> Self {
        match command {
            WorkflowCommand::Check(check) => {
                let asked = Self::new(Purpose::Check, check.environment.clone());
                let identity = AskedIdentity::of(false, check.pull_request);
                let (since, files) = (check.changed.changed_since.clone(), check.workflows.clone());
                Self { identity, since, files, anywhere: check.pull_request.is_none(), ..asked }
            }
            WorkflowCommand::RunLocal(run) => Self::new(Purpose::Check, run.environment.clone()),
            WorkflowCommand::Plan(plan) => {
                let identity = AskedIdentity::of(plan.to.as_individual, plan.pull_request);
                Self::deployment(Purpose::Plan, identity, plan.deployment_file.clone(), &plan.to)
            }
            WorkflowCommand::Deploy(deploy) => {
                let identity = AskedIdentity::of(deploy.to.as_individual, None);
                Self::deployment(Purpose::Deploy, identity, vec![deploy.deployment_file.clone()], &deploy.to)
            }
            WorkflowCommand::Sweep(sweep) => {
                let purpose = Purpose::Sweep { confirmed: sweep.yes };
                Self { timeout: sweep.timeout, ..Self::new(purpose, sweep.environment.clone()) }
            }
            WorkflowCommand::Status(status) => {
                let asked = Self::new(Purpose::Plan, status.environment.clone());
                Self { timeout: status.timeout, anywhere: true, ..asked }
            }
            WorkflowCommand::Destroy(destroy) => Self {
                identity: AskedIdentity::of(destroy.as_individual, destroy.pull_request),
                files: destroy.deployment_file.iter().cloned().collect(),
                timeout: destroy.timeout,
                allowed: Allowed { drop_tables: destroy.drop_tables, ..Allowed::default() },
                ..Self::new(Purpose::Destroy, Some(destroy.environment.clone()))
            },
        }
    }

    fn new(purpose: Purpose, environment: Option<String>) -> Self {
        Self {
            purpose,
            environment,
            identity: AskedIdentity::Shared,
            since: None,
            files: Vec::new(),
            template: Template::default(),
            timeout: TIMEOUT,
            allowed: Allowed::default(),
            adopt: Vec::new(),
            anywhere: false,
        }
    }

    fn deployment(purpose: Purpose, identity: AskedIdentity, files: Vec<String>, to: &ToArgs) -> Self {
        Self {
            identity,
            since: to.changed.changed_since.clone(),
            files,
            template: to.preview_name.clone(),
            timeout: to.timeout,
            allowed: Allowed { recreate: to.allow_recreate, prune: to.prune, drop_tables: to.drop_tables },
            adopt: to.adopt.clone(),
            ..Self::new(purpose, Some(to.environment.clone()))
        }
    }

    fn is_about_all(&self) -> bool {
        self.anywhere && self.environment.is_none()
    }

    /// Where it leads; for an individual deployment the workspace is asked whose token it is.
    async fn destination(&self, context: &Context, project: &Project, record: &mut Record) -> Result<Destination> {
        let whose = match self.identity {
            AskedIdentity::Shared => Whose::Shared,
            AskedIdentity::PullRequest(number) => Whose::PullRequest(number),
            AskedIdentity::Individual => {
                let target = requested_target(self.environment.as_deref(), project)?;
                Whose::Individual(sign_in(context, target, record).await?.me.short_name())
            }
        };
        let first = project.targets.first().filter(|_| self.is_about_all()).map(|target| target.name.clone());
        let environment = self.environment.clone().or(first);
        requested(&RouteRequest { purpose: self.purpose, environment, whose, changed: self.since.is_some() }, project)
    }
}
