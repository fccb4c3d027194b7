//! The face towards GitHub: a step of a workflow.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::app::context::{Context, Face, end};
use crate::app::deliver::log::{self, Verbosity};
use crate::app::deliver::{self, terminal};
use crate::app::record::{self, Conclusion, Record};
use crate::app::steps::confirm::Answer;
use crate::app::steps::files;
use crate::app::steps::freshness::{self, Freshness};
use crate::app::steps::projects::Neighbours;
use crate::app::steps::sign_in::sign_in;
use crate::app::subject::{Subject, Trigger, Typed};
use crate::app::tasks::{Check, Deploy, Destroy, How, Plan, Sweep, Task};
use crate::clock::{self, Deadline, Stop};
use crate::diagnostic::{Error, ErrorContext as _, Kind, Result};
use crate::env::{self, Env};
use crate::event::{Event, Head, Origin, PullRequest, PullRequestAction, Push, Ref, Runner};
use crate::fs::{self, Checkout};
use crate::github::{Client, Pull};
use crate::http::Http;
use crate::inputs::Inputs;
use crate::pipeline::Adopt;
use crate::pipeline::ownership::{Owner, Provenance};
use crate::project::Project;
use crate::report;
use crate::route::{AsIndividual, Destination, Grant, Identity, Mode, Purpose, Route, Scope, requested_target, route};
use crate::secret::Secrets;
use crate::source::RepoPath;

use super::client::client;
use super::working_tree::WorkingTree;

/// GitHub's payloads are at most 25 MB.
const PAYLOAD_LIMIT: u64 = 32 << 20;
/// After the run's time is up, the pull request still gets to know.
const TO_REPORT: Duration = Duration::from_secs(30);

/// Runs as a step and gives the exit code: reads inputs and event, runs the task, leaves report and outputs.
pub async fn action(env: &Env, stop: Stop) -> u8 {
    let secrets = Secrets::masked_by(terminal::mask);
    let redactor = secrets.redactor();
    let inputs = Inputs::read(env, &secrets);
    let debug = env.get(env::RUNNER_DEBUG) == Some("1");
    log::start(&redactor, if debug { Verbosity::Requests } else { Verbosity::Steps });
    let (prepared, mut ended) = match inputs.and_then(|inputs| ActionStep::prepare(env, inputs, &stop)) {
        Ok(prepared) => (Some(prepared), Ok(())),
        Err(error) => (None, Err(error)),
    };
    let mut record = Record::of(prepared.as_ref().map_or_else(|| unprepared(env), |prepared| prepared.facts(env)));
    if let Some(prepared) = &prepared {
        ended = prepared.run(&mut record).await;
    }
    let ended = end(ended, &stop);
    let mut finished = record::finish(record, ended.as_ref().map(drop), &redactor);
    let pull = prepared.as_ref().and_then(ActionStep::pull_request_to_report);
    deliver::to_github(env, &mut finished, pull, &redactor).await;
    finished.exit_code
}

/// A step whose inputs and event were read.
struct ActionStep {
    inputs: Inputs,
    runner: Runner,
    event: Event,
    /// Folder of `dltflow.yml`.
    folder: RepoPath,
    workspace: String,
    context: Context,
}

impl ActionStep {
    fn prepare(env: &Env, inputs: Inputs, stop: &Stop) -> Result<Self> {
        let runner = runner(env);
        let event = event(env, &runner)?;
        let workspace = env
            .get(env::GITHUB_WORKSPACE)
            .ok_or_else(|| Error::input("`GITHUB_WORKSPACE` is not set: is this a step of a workflow?"))?;
        let folder = RepoPath::parse(&inputs.working_directory).map_err(|bad| {
            Error::input(format!("`working-directory` {bad}"))
                .hint("name the folder of `dltflow.yml`, relative to the checkout")
        })?;
        let client = client(env, Face::Action)?;
        let http = Http::new(client.clone(), Deadline::after(inputs.timeout), stop.clone());
        let to_github = Http::new(client, Deadline::after(inputs.timeout + TO_REPORT), stop.clone());
        let api = env.get(env::GITHUB_API_URL).unwrap_or("https://api.github.com");
        let github = inputs
            .github_token
            .clone()
            .map(|token| Client::new(to_github, api, &runner.repository, token))
            .transpose()?;
        let connection = inputs.connection.clone();
        let context = Context { face: Face::Action, http, stop: stop.clone(), github, connection };
        Ok(Self { inputs, runner, event, folder, workspace: workspace.to_owned(), context })
    }

    async fn run(&self, record: &mut Record) -> Result<()> {
        let WorkingTree { checkout, project: folder, unrelated } =
            WorkingTree::open(Path::new(&self.workspace), &self.folder, &self.event, &self.runner)?;
        let project = files::project(&checkout, &folder, &self.folder.to_string(), self.context.face, record)
            .map_err(|error| self.left_over(error))?;
        let project = Arc::new(project);
        record.project(&project);
        let mut destination = match self.route(&project, record).await? {
            Route::Skip { reason, why } => {
                record.conclude(Conclusion::Skipped { reason, why });
                return Ok(());
            }
            Route::Go(destination) => destination,
        };
        if !self.adopts(&destination).is_empty() && destination.scope == Scope::Changed {
            destination.scope = Scope::All("`adopt` looks at every workflow".to_owned());
        }
        record.destination(&destination.environment, &destination.identity);
        tracing::info!("{}", destination.why);
        self.note_missing_token(&destination, record);
        let mut live = None;
        if destination.purpose != Purpose::Destroy {
            freshness::is_checked_out(&checkout, &self.event)?;
            live = self.live_pull().await;
        }
        if let Some((pull, live)) = self.event.pull_request().zip(live.as_ref())
            && let Some((reason, why)) = freshness::outdated_at_start(pull, live, Freshness::Newest)
        {
            record.conclude(Conclusion::Skipped { reason, why });
            return Ok(());
        }
        let (checkout, neighbours) = Neighbours::find(&self.context, checkout, &project).await?;
        if destination.purpose != Purpose::Destroy {
            neighbours.apart_from(&project)?;
        }
        self.task((checkout, project, neighbours), destination, (live, unrelated))?.run(&self.context, record).await
    }

    fn task(
        &self,
        (checkout, project, neighbours): (Checkout, Arc<Project>, Neighbours),
        destination: Destination,
        (live, unrelated): (Option<Result<Pull, crate::github::Error>>, Option<String>),
    ) -> Result<Task> {
        let grant = destination.grant();
        let inputs = &self.inputs;
        let repository = known(&self.runner.repository_id);
        let subject = Arc::new(Subject {
            checkout,
            target: requested_target(Some(&destination.environment), &project)?.clone(),
            owner: Owner {
                repository,
                others: neighbours.all(),
                adopts: self.adopts(&destination).to_vec(),
                ..Subject::owner_of(&project, &destination)
            },
            // Whoever repeats it on a laptop starts in the repository.
            typed: Typed { working_directory: project.folder.to_string(), files: inputs.workflows.clone() },
            project,
            destination,
            trigger: Trigger::Event { event: Box::new(self.event.clone()), live, unrelated },
            globs: inputs.workflows.clone(),
            template: inputs.preview_name.clone(),
            fail_on: inputs.fail_on,
            run: Provenance { commit: self.event.head().map(ToString::to_string), run: known(&self.runner.run_id) },
        });
        let allowed = inputs.allowed;
        Ok(match grant {
            Grant::Check => Task::Check(Check { subject }),
            Grant::Plan => Task::Plan(Plan { subject, allowed }),
            Grant::Deploy(permit) => Task::Deploy(Deploy { subject, permit, allowed }),
            Grant::Sweep(permit) => Task::Sweep(Sweep { subject, permit }),
            Grant::Destroy(permit) => {
                let how = How { permit, closed: self.is_closed(), allowed, answer: Answer::Given };
                Task::Destroy(Destroy { subject, how })
            }
        })
    }

    /// What a deployment to `destination` takes over: never that of a pull request, whose author nobody has approved yet.
    fn adopts(&self, destination: &Destination) -> &[Adopt] {
        let may = destination.identity == Identity::Shared && self.event.pull_request().is_none();
        if may { &self.inputs.adopt } else { &[] }
    }

    /// Where the event leads. Where the user's name takes part in that, the workspace has to be asked first.
    async fn route(&self, project: &Project, record: &mut Record) -> Result<Route> {
        let mut options = self.inputs.route.clone();
        if options.as_individual == AsIndividual::Always && self.event.pull_request().is_none() {
            let target = requested_target(options.environment.as_deref(), project)?;
            options.user = Some(sign_in(&self.context, target, record).await?.me.short_name());
        }
        route(&self.event, project, &options)
    }

    /// The pull request whose changes a run is about, as it is now; `None` where it is about none, or nobody can be asked.
    async fn live_pull(&self) -> Option<Result<Pull, crate::github::Error>> {
        let (pull, github) = self.event.pull_request().zip(self.context.github.as_ref())?;
        Some(github.pull(pull.number).await)
    }

    /// What the run cannot know or say, as nothing lets it ask GitHub.
    fn note_missing_token(&self, destination: &Destination, record: &mut Record) {
        if self.context.github.is_some() {
            return;
        }
        let pull = self.event.pull_request();
        let is_branch = matches!(
            &self.event,
            Event::Push(Push { reference: Ref::Branch(_), .. })
                | Event::Dispatch(Head { reference: Ref::Branch(_), .. })
        );
        let writes = destination.purpose == Purpose::Deploy;
        let lacks = [
            (destination.scope == Scope::Changed && destination.purpose != Purpose::Destroy)
                .then_some("what changed is not known, so every workflow is looked at"),
            (writes && (pull.is_some() || is_branch)).then_some("nothing shows whether a newer commit was pushed"),
            (pull.is_some() && destination.purpose == Purpose::Destroy)
                .then_some("nothing shows whether the pull request is open again"),
            (self.inputs.comment && pull.is_some_and(|pull| pull.origin == Origin::Repository))
                .then_some("the pull request gets no comment"),
        ];
        let lacks: Vec<&str> = lacks.into_iter().flatten().collect();
        if !lacks.is_empty() {
            let message =
                format!("there is no `github-token`: {}; its default is the token of the job", lacks.join("; "));
            record.note("no-github-token", message);
        }
    }

    /// Whether the run is about a pull request that was closed; the input `mode` alone may destroy an open one's preview.
    fn is_closed(&self) -> bool {
        let closed = |pull: &PullRequest| matches!(pull.action, PullRequestAction::Closed { .. });
        self.inputs.route.mode != Mode::Destroy || self.event.pull_request().is_some_and(closed)
    }

    /// Without a project nothing says what a pull request that was closed leaves behind; whoever reads that has to know
    /// how to delete it.
    fn left_over(&self, error: Error) -> Error {
        match self.event.pull_request() {
            Some(PullRequest {
                action: PullRequestAction::Closed { .. }, origin: Origin::Repository, number, ..
            }) => error.hint(format!(
                "what pull request #{number} deployed is still there: go to a commit whose `{}` is valid and run \
                 `dltflow destroy --environment <target> --pull-request {number}`",
                files::PROJECT_FILE
            )),
            _ => error,
        }
    }

    fn facts(&self, env: &Env) -> report::RunInfo {
        let runner = &self.runner;
        report::RunInfo {
            repository: known(&runner.repository),
            commit: self.event.head().map(ToString::to_string),
            event: env.get(env::GITHUB_EVENT_NAME).map(str::to_owned),
            actor: known(&runner.actor),
            url: known(&runner.repository).and(known(&runner.run_id)).map(|_| runner.run_url()),
            started: Some(clock::now()),
        }
    }

    /// The pull request that gets the report; a fork's token cannot write there, so nothing is tried.
    fn pull_request_to_report(&self) -> Option<(&Client, u64)> {
        let pull = self.event.pull_request().filter(|pull| self.inputs.comment && pull.origin == Origin::Repository)?;
        Some((self.context.github.as_ref()?, pull.number))
    }
}

/// What is known of a run that could not begin.
fn unprepared(env: &Env) -> report::RunInfo {
    report::RunInfo { event: env.get(env::GITHUB_EVENT_NAME).map(str::to_owned), ..report::RunInfo::default() }
}

fn known(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

fn event(env: &Env, runner: &Runner) -> Result<Event> {
    let missing = |name: &str| {
        Error::input(format!("`{name}` is not set: is this a step of a workflow?"))
            .hint("outside GitHub Actions use `dltflow check`, `dltflow plan` or `dltflow deploy`")
    };
    tracing::debug!("reading the event");
    let name = env.get(env::GITHUB_EVENT_NAME).ok_or_else(|| missing(env::GITHUB_EVENT_NAME))?;
    let path = env.get(env::GITHUB_EVENT_PATH).ok_or_else(|| missing(env::GITHUB_EVENT_PATH))?;
    let payload = fs::read_named(Path::new(path), PAYLOAD_LIMIT)
        .or_kind(Kind::Input, format!("cannot read the event's payload `{path}` (`GITHUB_EVENT_PATH`)"))
        .map_err(|error| {
            error.hint("inside GitHub Actions the runner writes it; elsewhere write one, or use another command")
        })?;
    Event::parse(name, &payload, runner)
}

fn runner(env: &Env) -> Runner {
    let text = |name: &str| env.get(name).unwrap_or_default().to_owned();
    Runner {
        ref_: text(env::GITHUB_REF),
        ref_type: text(env::GITHUB_REF_TYPE),
        sha: text(env::GITHUB_SHA),
        repository: text(env::GITHUB_REPOSITORY),
        repository_id: text(env::GITHUB_REPOSITORY_ID),
        actor: text(env::GITHUB_ACTOR),
        run_id: text(env::GITHUB_RUN_ID),
        run_attempt: text(env::GITHUB_RUN_ATTEMPT),
        server_url: env.get(env::GITHUB_SERVER_URL).unwrap_or("https://github.com").to_owned(),
    }
}
