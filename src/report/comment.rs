//! The report as the one comment on a pull request.
//!
//! The first line is hidden: a key that says whose comment it is, and a digest of what stands. The second, hidden too,
//! remembers the last runs. The page follows.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::page::{Limits, page};
use super::{Report, Row, Status, Verdict, history};

/// A comment may have 65,536 characters; counted here in bytes, of which no character has fewer than one.
const COMMENT: Limits = Limits { bytes: 60_000, rows: 100, elsewhere: "the step summary" };

/// What a key spells as it is; neither `--` nor `>` can be among it.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.');
/// A longer name is known by its hash, in bytes.
const LONGEST_NAME: usize = 100;

/// A comment to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// What the body of this comment begins with, today and in every later run; see [`comment_key`].
    pub key: String,
    /// The whole text, at most 60,000 characters.
    pub body: String,
}

/// What the body of the comment for this environment and project begins with, up to and including the blank that
/// ends the key: no other key begins so.
pub fn comment_key(report: &Report) -> String {
    let name = |text: &str| {
        let name = utf8_percent_encode(text, PLAIN).to_string();
        if name.len() <= LONGEST_NAME { name } else { format!("sha256.{}", hash(text)) }
    };
    let environment = report.environment.as_deref().unwrap_or_default();
    format!("<!-- dltflow:{}:{} ", name(environment), name(&report.project.identity))
}

/// The comment for `report`; `previous` is the body that it replaces, of which only the history is kept.
pub fn comment(report: &Report, previous: Option<&str>) -> Comment {
    let key = comment_key(report);
    let ours = previous.filter(|body| body.starts_with(&key));
    let runs = history::continued(report, ours.and_then(|body| body.lines().nth(1)));
    let hidden = format!("{key}digest={} -->\n{}\n", digest(report), history::written(&runs));
    let limits = Limits { bytes: COMMENT.bytes.saturating_sub(hidden.len()), ..COMMENT };
    let body = hidden + &page(report, &runs[1..], limits);
    Comment { key, body }
}

/// Whether the comment with `body` says already what `report` would: this run wrote nothing, and what stands is the
/// same. Commit, run and time alone are no reason to edit a comment.
pub fn is_current(body: &str, report: &Report) -> bool {
    let first = body.lines().next().unwrap_or_default();
    !report.wrote() && first == format!("{}digest={} -->", comment_key(report), digest(report))
}

/// Hash of what stands and what is wrong, whatever run found it.
fn digest(report: &Report) -> String {
    let (result, reason) = match report.result {
        Verdict::Deployed | Verdict::Unchanged => ("stands", None),
        result => (result.word(), report.reason),
    };
    let findings = report.findings.iter().map(|located| {
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
    // What is gone stands no more, and what it left behind was told when it went.
    let notes = if report.result == Verdict::Destroyed { &[] } else { report.notes.as_slice() };
    let standing = json!({
        "result": result,
        "reason": reason,
        "preview": report.preview,
        "workflows": report.workflows.iter().filter(|row| !row.is_gone()).map(standing).collect::<Value>(),
        "findings": findings.collect::<Value>(),
        "notes": notes,
        "error": report.error,
        "permission": report.permission,
    });
    hash(&standing.to_string())
}

/// What stands of one workflow: of what is done no more than that, of what is not also what is to be done.
fn standing(row: &Row) -> Value {
    let open = (row.status != Status::Done).then(|| json!([row.change, row.fields, row.restarts, row.error]));
    json!([row.name, row.spec, row.pipeline_id, row.pipeline_name, row.url, row.status.word(), open])
}

/// The first 64 bits of SHA-256 as hex.
fn hash(text: &str) -> String {
    let bits = Sha256::digest(text).iter().take(8).fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    format!("{bits:016x}")
}
