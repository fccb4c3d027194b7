//! The face towards GitHub: a step of a workflow.

use std::path::Path;
use std::time::Duration;

use crate::clock::{Deadline, Stop};
use crate::diagnostic::{Context, Error, Kind, Result};
use crate::env::{self, Env};
use crate::event::{Event, Origin, Runner};
use crate::fs::{self, Checkout};
use crate::github::Client;
use crate::http::{self, Http};
use crate::report;
use crate::secret::Redactor;
use crate::settings::Settings;
use crate::source::RepoPath;

use super::sink::{self, Progress};
use super::{Job, Trigger, World, refused, run};

/// GitHub's payloads are at most 25 MB.
const PAYLOAD_LIMIT: u64 = 32 << 20;
/// After the run's time is up, the pull request is still told so.
const TO_TELL: Duration = Duration::from_secs(30);
/// Most that is read of `SSL_CERT_FILE`.
const ROOTS_LIMIT: u64 = 4 << 20;

/// Runs as a step and gives the exit code: reads inputs and event, runs the sequence, leaves report and outputs.
pub async fn action(env: &Env, stop: Stop) -> u8 {
    let settings = Settings::from_inputs(env);
    let redactor = Redactor::new(settings.iter().flat_map(Settings::secrets));
    sink::mask(settings.iter().flat_map(Settings::secrets));
    let debug = env.get(env::RUNNER_DEBUG) == Some("1");
    sink::start_log(&redactor, if debug { Progress::Requests } else { Progress::Steps });
    let prepared = settings.and_then(|settings| prepare(env, settings, stop));
    let (mut finished, pull) = match &prepared {
        Ok((job, world)) => (run(job, world).await, pull_request(job, world)),
        Err(error) => {
            let event = env.get(env::GITHUB_EVENT_NAME).map(str::to_owned);
            (refused(report::Run { event, ..report::Run::default() }, error), None)
        }
    };
    finished.redact(&redactor);
    sink::deliver(env, &mut finished.report, &finished.sources, pull, &redactor).await;
    finished.exit_code
}

fn prepare(env: &Env, settings: Settings, stop: Stop) -> Result<(Job, World)> {
    let runner = runner(env);
    let event = event(env, &runner)?;
    let workspace = env
        .get(env::GITHUB_WORKSPACE)
        .ok_or_else(|| Error::input("`GITHUB_WORKSPACE` is not set: is this a step of a workflow?"))?;
    let folder = RepoPath::parse(&settings.working_directory).map_err(|bad| {
        Error::input(format!("`working-directory` {bad}"))
            .hint("name the folder of `dltflow.yml`, relative to the checkout")
    })?;
    let client = client(env)?;
    let http = Http::new(client.clone(), Deadline::after(settings.timeout), stop.clone());
    let to_github = Http::new(client, Deadline::after(settings.timeout + TO_TELL), stop.clone());
    let api = env.get(env::GITHUB_API_URL).unwrap_or("https://api.github.com");
    let github = settings
        .github_token
        .clone()
        .map(|token| Client::new(to_github, api, &runner.repository, token))
        .transpose()?;
    let job = Job {
        checkout: Checkout::open(Path::new(workspace))?,
        folder,
        repository: Some(runner.repository_id.clone()).filter(|id| !id.is_empty()),
        run: facts(env, &runner, &event),
        run_id: Some(runner.run_id.clone()).filter(|id| !id.is_empty()),
        trigger: Trigger::Event(event),
        settings,
    };
    Ok((job, World { http, stop, github }))
}

/// The one HTTP client, with the certificate authorities that the environment adds.
pub(super) fn client(env: &Env) -> Result<reqwest::Client> {
    let roots = env.get(env::SSL_CERT_FILE).map(|path| {
        fs::read_named(Path::new(path), ROOTS_LIMIT)
            .or_kind(Kind::Input, format!("cannot read `SSL_CERT_FILE` (`{path}`)"))
    });
    http::client(roots.transpose()?.as_deref())
}

fn event(env: &Env, runner: &Runner) -> Result<Event> {
    let missing = |name: &str| {
        Error::input(format!("`{name}` is not set: is this a step of a workflow?"))
            .hint("elsewhere than in GitHub Actions use `dltflow check`, `dltflow plan` or `dltflow deploy-py-dlt`")
    };
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

fn facts(env: &Env, runner: &Runner, event: &Event) -> report::Run {
    let known = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    report::Run {
        repository: known(&runner.repository),
        commit: event.head().map(ToString::to_string),
        event: env.get(env::GITHUB_EVENT_NAME).map(str::to_owned),
        actor: known(&runner.actor),
        url: known(&runner.repository).and(known(&runner.run_id)).map(|_| runner.run_url()),
        started: Some(sink::started()),
    }
}

/// The pull request that is told the result; a fork's token cannot write there, so nothing is tried.
fn pull_request<'a>(job: &Job, world: &'a World) -> Option<(&'a Client, u64)> {
    let Trigger::Event(event) = &job.trigger else { return None };
    let pull = event.pull_request().filter(|pull| job.settings.comment && pull.origin == Origin::Repository)?;
    Some((world.github.as_ref()?, pull.number))
}
