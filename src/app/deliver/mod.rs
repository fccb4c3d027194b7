//! Where a report goes: the log, the runner's files, the pull request, the terminal.

mod comment;
pub(super) mod log;
mod pace;
mod runner;
pub(super) mod terminal;

use crate::cli::OutputFormat;
use crate::env::Env;
use crate::github::Client;
use crate::report::{self, Colors};
use crate::secret::Redactor;

use super::record::Finished;

/// The report of a command: as text, each passage on its stream, or as JSON on standard output.
pub(super) fn to_terminal(
    Finished { report, sources, .. }: &Finished,
    output: OutputFormat,
    colors: Colors,
    redactor: &Redactor,
) {
    match output {
        OutputFormat::Json => terminal::output(&report::json(report)),
        OutputFormat::Text => terminal::show(&report::passages(report, sources, colors), redactor),
    }
}

/// Everything that a step leaves: comment, summary, annotations, the JSON file, outputs. A failure of one is reported and
/// does not affect the others.
pub(super) async fn to_github(
    env: &Env,
    Finished { report, sources, .. }: &mut Finished,
    pull: Option<(&Client, u64)>,
    redactor: &Redactor,
) {
    // The report is clean; once more over whole texts, for what only their renderers put side by side. JSON and outputs
    // are made of single values, and would not survive it.
    let clean = |text: String| redactor.redact(&text).into_owned();
    let mut comment_url = None;
    if let Some((client, number)) = pull {
        comment_url = comment::upsert(client, number, report, clean).await.map(clean);
        report.redact(redactor);
    }
    let report_path = runner::write_json(env, report);
    terminal::output(&clean(report::annotations(report)));
    terminal::error(&clean(report::text(report, sources)));
    let delivered = report::Delivered { comment_url: comment_url.as_deref(), report_path: report_path.as_deref() };
    for warning in runner::write(env, report, delivered, clean) {
        terminal::error(&clean(warning));
    }
}
