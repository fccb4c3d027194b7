//! The report as the one comment on its pull request.

use crate::github::{self, Client};
use crate::report::{self, Note, Report, Verdict};

/// Updates the comment and returns its URL; a failure becomes a note of the report.
pub(super) async fn upsert(
    client: &Client,
    number: u64,
    report: &mut Report,
    clean: impl Fn(String) -> String,
) -> Option<String> {
    // A comment belongs to an environment: without one, a later run would not find it. An outdated run must not overwrite
    // what the newest one reported.
    report.environment.as_ref().filter(|_| report.result != Verdict::Skipped)?;
    let key = report::comment_key(report);
    let write = |previous: Option<&str>| {
        let pointless = report.notes.iter().any(|note| note.code == report::NO_ENVIRONMENT);
        let tells = pointless || !report.workflows.is_empty() || report.result == Verdict::Failed;
        let worthwhile = previous.is_some() || tells;
        let current = previous.is_some_and(|body| report::is_current(body, report));
        (worthwhile && !current).then(|| clean(report::comment(report, previous).body))
    };
    match github::comment::upsert(client, number, &key, write).await {
        Ok(outcome) => outcome.url().map(str::to_owned),
        Err(error) => {
            let message = format!("the comment could not be written: {}", error.describe());
            report.permission = error.missing_permission().map(str::to_owned);
            report.notes.push(Note::new("comment", message));
            None
        }
    }
}
