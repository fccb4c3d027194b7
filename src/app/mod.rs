//! The sequence: the one place that knows all stages and the order they come in.

mod action;
mod apply;
mod bug;
mod command;
mod commands;
mod desk;
mod draft;
mod files;
mod head;
mod local;
mod memory;
mod retire;
mod select;
mod ship;
mod sink;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::iter;

use crate::clock::Stop;
use crate::databricks::Identity;
use crate::desired::Owner;
use crate::diagnostic::{Error, Kind, Result};
use crate::event::{Action, Event, Origin, PullRequest};
use crate::fs::Checkout;
use crate::github;
use crate::http::Http;
use crate::project::{Project, Target};
use crate::report::{self, Report, Status, Verdict};
use crate::route::{self, Destination, Identity as Whose, Purpose, Route, route};
use crate::secret::Redactor;
use crate::settings::Settings;
use crate::source::{RepoPath, Source, Sources};

use desk::Desk;
use draft::Draft;

pub use action::action;
pub use bug::tell_of_bugs;
pub use command::command;

/// What a run is about.
struct Job {
    settings: Settings,
    checkout: Checkout,
    /// Folder of `dltflow.yml`.
    folder: RepoPath,
    trigger: Trigger,
    /// Numeric id of the repository, where it is known.
    repository: Option<String>,
    run: report::Run,
    run_id: Option<String>,
}

impl Job {
    /// Whether the input `mode` alone takes a preview down, whose pull request may well be open.
    fn destroys_by_mode(&self) -> bool {
        let Trigger::Event(event) = &self.trigger else { return false };
        let closed = event.pull_request().is_some_and(|pull| matches!(pull.action, Action::Closed { .. }));
        self.settings.route.mode == route::Mode::Destroy && !closed
    }
}

/// Why it runs.
enum Trigger {
    /// Something happened on GitHub.
    Event(Event),
    /// Somebody asked on the command line.
    Order(Order),
}

/// What was asked on the command line.
struct Order {
    purpose: Purpose,
    /// The default target where it is not given.
    environment: Option<String>,
    whose: Ordered,
    /// Only what changed since this revision.
    since: Option<String>,
    /// What to run on this machine once it is checked.
    local: Option<local::Local>,
}

/// Whose pipelines were asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ordered {
    Shared,
    Individual,
    PullRequest(u64),
}

/// The outside world of a run.
struct World {
    http: Http,
    stop: Stop,
    /// GitHub, in the action only.
    github: Option<github::Client>,
}

/// A run that is over.
struct Finished {
    report: Report,
    sources: Sources,
    exit_code: u8,
}

impl Finished {
    /// Takes secrets out of all that is told, before anything of it is cut: half a secret would not be known.
    fn redact(&mut self, redactor: &Redactor) {
        let labels = self
            .report
            .findings
            .iter()
            .flat_map(|located| iter::once(&located.finding.at).chain(&located.finding.related));
        for path in labels.map(|label| &label.path).collect::<BTreeSet<_>>() {
            let Some(source) = self.sources.get(path) else { continue };
            if let Cow::Owned(text) = redactor.cover(&source.text) {
                self.sources.insert(Source { path: path.clone(), text });
            }
        }
        self.report.redact(redactor);
    }
}

/// Runs the sequence to its end and tells what is known then, also where a stage failed.
async fn run(job: &Job, world: &World) -> Finished {
    let mut draft = Draft::new(job.run.clone());
    let ended = sequence(job, world, &mut draft).await;
    let ended = match world.stop.signal() {
        Some(signal) if ended.is_err() => Err(Error::new(Kind::Stopped(signal), "the run was asked to stop")
            .hint("run it again: what is missing is made good")),
        _ => ended,
    };
    draft.finish(ended.as_ref().map(drop))
}

/// A run that never began.
fn refused(run: report::Run, error: &Error) -> Finished {
    Draft::new(run).finish(Err(error))
}

async fn sequence(job: &Job, world: &World, draft: &mut Draft) -> Result<()> {
    let project = files::project(&job.checkout, &job.folder, &mut draft.sources, &mut draft.findings)
        .map_err(|error| left_standing(job, error))?;
    draft.report.project = report::Project { name: project.name.clone(), identity: project.identity().to_owned() };
    let mut desk = None;
    if needs_user(job) {
        desk = Some(Desk::open(&world.http, &job.settings, target_for_user(job, &project)?).await?);
    }
    let destination = match destination(job, &project, desk.as_ref().map(|desk| &desk.me))? {
        Route::Skip { reason, why } => {
            draft.skip(reason, why);
            return Ok(());
        }
        Route::Go(destination) => destination,
    };
    draft.destination(&destination);
    if matches!(job.trigger, Trigger::Event(_)) {
        tracing::info!("{}", destination.why);
    }
    head::is_checked_out(job, destination.purpose)?;
    let live = head::live_pull(job, world, destination.purpose).await;
    if let Some((reason, why)) = head::outdated_at_start(job, live.as_ref(), destination.purpose) {
        draft.skip(reason, why);
        return Ok(());
    }
    let target = target(&project, &destination.environment)?;
    if desk.is_none() && destination.purpose != Purpose::Check {
        desk = Some(Desk::open(&world.http, &job.settings, target).await?);
    }
    let stage = Stage { job, world, project: &project, target, destination: &destination, live: live.as_ref() };
    match (destination.purpose, desk) {
        (Purpose::Check, _) => match &job.trigger {
            Trigger::Order(Order { local: Some(local), .. }) => local::run(&stage, local, draft).await,
            _ => check(&stage, draft).await,
        },
        (Purpose::Destroy, Some(desk)) => retire::retire(&stage, &desk, draft).await,
        (_, Some(desk)) => ship::ship(&stage, &desk, draft).await,
        (_, None) => Err(Error::new(Kind::Internal, "no workspace was opened")),
    }
}

/// Without a project nothing says what a pull request that was closed leaves behind; whoever reads that has to know how to
/// make it go.
fn left_standing(job: &Job, error: Error) -> Error {
    let Trigger::Event(event) = &job.trigger else { return error };
    match event.pull_request() {
        Some(PullRequest { action: Action::Closed { .. }, origin: Origin::Repository, number, .. }) => {
            error.hint(format!(
                "what pull request #{number} deployed still stands: go to a commit whose `{}` is valid and run \
                 `dltflow destroy --environment <target> --pull-request {number}`",
                files::PROJECT_FILE
            ))
        }
        _ => error,
    }
}

/// What the stages of a run share.
struct Stage<'a> {
    job: &'a Job,
    world: &'a World,
    project: &'a Project,
    target: &'a Target,
    destination: &'a Destination,
    /// The pull request as it was when the run began, or why it could not be read.
    live: Option<&'a Result<github::Pull, github::Error>>,
}

impl Stage<'_> {
    /// Whose the pipelines of this run are, as their marks say.
    fn owner(&self) -> Owner {
        let preview = match &self.destination.identity {
            Whose::Shared => None,
            Whose::Preview(preview) => Some(preview.key.clone()),
        };
        Owner {
            project: self.project.identity().to_owned(),
            environment: self.destination.environment.clone(),
            preview,
            repository: self.job.repository.clone(),
        }
    }
}

/// Looks at the files alone; nobody is asked for anything but the list of changed files.
async fn check(stage: &Stage<'_>, draft: &mut Draft) -> Result<()> {
    let selection = select::select(stage, None, draft).await?;
    let validated = select::validate(stage, &selection, draft)?;
    draft.selected(&selection.workflows, &selection.affected, Status::Done);
    let count = validated.len();
    draft.verdict(
        Verdict::Checked,
        format!("{count} {} checked, none in the way", if count == 1 { "workflow" } else { "workflows" }),
    );
    Ok(())
}

fn destination(job: &Job, project: &Project, me: Option<&Identity>) -> Result<Route> {
    match &job.trigger {
        Trigger::Event(event) => {
            let user = me.map(Identity::short_name);
            route(event, project, &route::Options { user, ..job.settings.route.clone() })
        }
        Trigger::Order(order) => command::destination(order, project, me).map(Route::Go),
    }
}

/// Whether the user's name takes part in the route, so that the workspace has to be asked first.
fn needs_user(job: &Job) -> bool {
    match &job.trigger {
        Trigger::Order(order) => order.whose == Ordered::Individual,
        Trigger::Event(event) => {
            job.settings.route.as_individual == route::AsIndividual::Always && event.pull_request().is_none()
        }
    }
}

fn target_for_user<'a>(job: &Job, project: &'a Project) -> Result<&'a Target> {
    let named = match &job.trigger {
        Trigger::Order(order) => order.environment.as_deref(),
        Trigger::Event(_) => job.settings.route.environment.as_deref(),
    };
    named.map_or_else(|| default_target(project), |name| target(project, name))
}

/// The target of that name.
fn target<'a>(project: &'a Project, name: &str) -> Result<&'a Target> {
    project.target(name).ok_or_else(|| {
        Error::input(format!("`{name}` is no target of `{}`", project.file))
            .hint(format!("its targets are {}", names(project)))
    })
}

fn names(project: &Project) -> String {
    let names: Vec<String> = project.targets.iter().map(|target| format!("`{}`", target.name)).collect();
    names.join(", ")
}

/// The target with `default: true`, or the only one.
fn default_target(project: &Project) -> Result<&Target> {
    let only = if let [target] = project.targets.as_slice() { Some(target) } else { None };
    project.targets.iter().find(|target| target.default).or(only).ok_or_else(|| {
        Error::input(format!("`{}` has several targets and none is the default", project.file))
            .hint(format!("name the environment ({}), or set `default: true` on one of them", names(project)))
    })
}
