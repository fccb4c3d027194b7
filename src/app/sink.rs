//! Where a report goes: the log, the runner's files, the pull request, the terminal.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use crate::cli::Output;
use crate::clock;
use crate::diagnostic::{Error, Result};
use crate::env::{self, Env};
use crate::fs;
use crate::github::{self, Client};
use crate::report::{self, Delivered, Note, Report, Verdict, escape};
use crate::secret::{Redactor, Secret};
use crate::source::Sources;

/// Tells the runner what to mask, before anything else is printed.
pub(super) fn mask<'a>(secrets: impl Iterator<Item = &'a Secret>) {
    for secret in secrets {
        // A secret is one line of ASCII: the percent sign is all that means something else in a command.
        print(&format!("::add-mask::{}\n", secret.expose().replace('%', "%25")));
    }
}

/// Writes to the output of the program: workflow commands and JSON.
pub(super) fn print(text: &str) {
    // A reader that went away is no reason to fail a deployment.
    drop(io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()));
}

/// Writes for people.
pub(super) fn tell(text: &str) {
    drop(io::stderr().write_all(text.as_bytes()));
}

/// Everything a step leaves behind: comment, summary, annotations, the JSON file, outputs. Each is tried; what fails is
/// told and takes nothing else with it.
pub(super) async fn deliver(
    env: &Env,
    report: &mut Report,
    sources: &Sources,
    pull: Option<(&Client, u64)>,
    redactor: &Redactor,
) {
    // The report is clean; once more over whole texts, for what only their renderers put side by side. JSON and outputs
    // are made of single values, and would not survive it.
    let clean = |text: String| redactor.redact(&text).into_owned();
    let mut comment_url = None;
    if let Some((client, number)) = pull {
        comment_url = comment(client, number, report, clean).await.map(clean);
        report.redact(redactor);
    }
    let report_path = write_json(env, report);
    print(&clean(report::annotations(report)));
    tell(&clean(report::text(report, sources)));
    for (name, text) in [
        (env::GITHUB_STEP_SUMMARY, Ok(clean(report::summary(report)))),
        (env::GITHUB_OUTPUT, outputs(report, comment_url.as_deref(), report_path.as_deref())),
    ] {
        let written = text.and_then(|text| append(env, name, &text));
        if let Err(error) = written {
            tell(&clean(format!("warning: {}\n", escape::log(&error.message()))));
        }
    }
}

/// Brings the comment up to date and gives its address; what keeps it from that becomes a note of the report.
async fn comment(
    client: &Client,
    number: u64,
    report: &mut Report,
    clean: impl Fn(String) -> String,
) -> Option<String> {
    // A comment belongs to an environment: one without would never be found again by the run that makes good. What an
    // outdated run has to say is not to cover what the newest one said.
    report.environment.as_ref().filter(|_| report.result != Verdict::Skipped)?;
    let key = report::comment_key(report);
    let write = |previous: Option<&str>| {
        let worth_saying = previous.is_some() || !report.workflows.is_empty() || report.result == Verdict::Failed;
        let said = previous.is_some_and(|body| report::is_current(body, report));
        (worth_saying && !said).then(|| clean(report::comment(report, previous).body))
    };
    match github::comment::upsert(client, number, &key, write).await {
        Ok(outcome) => outcome.url().map(str::to_owned),
        Err(error) => {
            let message = format!("the comment could not be written: {}", error.describe());
            report.permission = error.missing_permission().map(str::to_owned);
            report.notes.push(Note { code: "comment", message });
            None
        }
    }
}

/// Writes the JSON report below the runner's folder for temporary files and gives its name there.
fn write_json(env: &Env, report: &mut Report) -> Option<String> {
    let folder = env.get(env::RUNNER_TEMP)?;
    let name = format!("dltflow-{:016x}.json", getrandom::u64().unwrap_or_default());
    match fs::write_new(&Path::new(folder).join(&name), &report::json(report)) {
        Ok(()) => Some(name),
        Err(error) => {
            report
                .notes
                .push(Note { code: "report-path", message: format!("the JSON report could not be written: {error}") });
            None
        }
    }
}

fn outputs(report: &Report, comment_url: Option<&str>, report_path: Option<&str>) -> Result<String> {
    let delimiter =
        format!("dltflow_{:016x}{:016x}", getrandom::u64().unwrap_or_default(), getrandom::u64().unwrap_or_default());
    report::outputs(report, Delivered { comment_url, report_path }, &delimiter)
}

fn append(env: &Env, variable: &str, text: &str) -> Result<()> {
    let Some(path) = env.get(variable) else { return Ok(()) };
    fs::append(Path::new(path), text).map_err(|error| Error::input(format!("`{variable}`: {error}")))
}

/// When the run began, for its report.
pub(super) fn started() -> String {
    clock::now()
}

/// The log: progress for people on stderr, each line without a secret and without anything the runner would obey.
#[derive(Clone)]
pub(super) struct Log(Redactor);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        io::stderr().write_all(escape::log(&self.0.redact(&text)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// How much of a run is told while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// What needs attention only.
    Quiet,
    /// What is being done.
    Steps,
    /// Each request as well.
    Requests,
}

impl Progress {
    /// What people want to see: steps where somebody watches, nothing where the output is for a program or a file.
    pub(super) fn of_command(output: Output, verbose: bool) -> Self {
        match output {
            _ if verbose => Self::Requests,
            Output::Text if io::stderr().is_terminal() => Self::Steps,
            Output::Text | Output::Json => Self::Quiet,
        }
    }
}

/// Starts the log, one plain line an event.
pub(super) fn start_log(redactor: &Redactor, progress: Progress) {
    let log = Log(redactor.clone());
    let level = match progress {
        Progress::Quiet => tracing::Level::WARN,
        Progress::Steps => tracing::Level::INFO,
        Progress::Requests => tracing::Level::DEBUG,
    };
    let builder = tracing_subscriber::fmt().with_max_level(level).without_time().with_target(false).with_level(false);
    // A second start, as in tests of the library, keeps the first log.
    drop(builder.with_ansi(false).with_writer(move || log.clone()).try_init());
}
