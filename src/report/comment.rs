//! The report as the one comment on a pull request.
//!
//! The first line is hidden: a key that identifies the comment, and a digest of what it reports. The second, hidden too,
//! keeps the history of runs. The page follows.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::history::StandingPipeline;
use super::page::{Before, Limits, page};
use super::{Report, Row, Status, Verdict, history};
use crate::diagnostic::Located;

/// GitHub allows 65,536 characters in a comment; counting bytes stays below that.
const COMMENT: Limits = Limits { bytes: 60_000, rows: 100, elsewhere: "the step summary" };

/// Characters that a key keeps unencoded; they can form neither `--` nor `>`.
const UNENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.');
/// A name of more bytes is replaced by its hash.
const MAX_NAME: usize = 100;

/// A comment to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// What the body begins with, in this and every later run; see [`comment_key`].
    pub key: String,
    /// The whole text, at most 60,000 characters.
    pub body: String,
}

/// What the body of the comment for this environment and project begins with. It ends with a space, so that no key is
/// a prefix of another. A folder tells projects of one name apart; that of the root is left out.
pub fn comment_key(report: &Report) -> String {
    let name = |text: &str| {
        let name = utf8_percent_encode(text, UNENCODED).to_string();
        if name.len() <= MAX_NAME { name } else { format!("sha256.{}", hash(text)) }
    };
    let environment = report.environment.as_deref().unwrap_or_default();
    let folder = report.project.folder.as_deref().filter(|folder| *folder != ".");
    let folder = folder.map(|folder| format!(":{}", name(folder))).unwrap_or_default();
    format!("<!-- dltflow:{}:{}{folder} ", name(environment), name(&report.project.identity))
}

/// The comment for `report`; only the history is kept of `previous`, the body that it replaces.
pub fn comment(report: &Report, previous: Option<&str>) -> Comment {
    let key = comment_key(report);
    let ours = previous.filter(|body| body.starts_with(&key));
    let runs = history::continued(report, ours.and_then(|body| body.lines().nth(1)));
    let hidden = format!("{key}digest={} -->\n{}\n", digest(report), history::encode(&runs));
    let standing: Vec<&StandingPipeline> = runs[0].standing.iter().filter(|pipeline| !pipeline.is_in(report)).collect();
    let limits = Limits { bytes: COMMENT.bytes.saturating_sub(hidden.len()), ..COMMENT };
    let body = hidden + &page(report, Before { runs: &runs[1..], standing: &standing }, limits);
    Comment { key, body }
}

/// Whether the comment with `body` is up to date: this run wrote nothing, and its report has the same digest. Commit,
/// run and time alone are not a reason to edit a comment.
pub fn is_current(body: &str, report: &Report) -> bool {
    let first = body.lines().next().unwrap_or_default();
    !report.wrote() && first == format!("{}digest={} -->", comment_key(report), digest(report))
}

/// Hash of the state of the workflows and of all problems, independent of the run.
fn digest(report: &Report) -> String {
    let (result, reason) = match report.result {
        Verdict::Deployed | Verdict::Unchanged => ("up-to-date", None),
        result => (result.word(), report.reason),
    };
    let (elsewhere, findings): (Vec<&Located>, Vec<&Located>) =
        report.findings.iter().partition(|located| located.finding.elsewhere);
    let findings = findings.into_iter().map(|located| {
        let (finding, place) = (&located.finding, located.place);
        let place = place.map(|place| (place.line, place.column));
        json!([
            finding.rule.code(),
            finding.severity.word(),
            finding.message,
            finding.at.path.as_str(),
            place,
            finding.help
        ])
    });
    // What a destroyed pipeline left behind was reported by the run that destroyed it.
    let notes = if report.result == Verdict::Destroyed { &[] } else { report.notes.as_slice() };
    let state = json!({
        "result": result,
        "reason": reason,
        "preview": report.preview,
        "workflows": report.workflows.iter().filter(|row| !row.is_gone()).map(workflow).collect::<Value>(),
        "findings": findings.collect::<Value>(),
        "elsewhere": elsewhere.len(),
        "notes": notes,
        "error": report.error,
        "permission": report.permission,
    });
    hash(&state.to_string())
}

/// The state of one workflow; what is still to do counts unless it is done.
fn workflow(row: &Row) -> Value {
    let pending = (row.status != Status::Done).then(|| json!([row.change, row.fields, row.restarts, row.error]));
    json!([row.name, row.spec, row.pipeline_id, row.pipeline_name, row.url, row.status.word(), pending])
}

/// The first 64 bits of SHA-256 as hex.
fn hash(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..8])
}
