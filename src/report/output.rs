//! The report as outputs of the action: lines for the file at `GITHUB_OUTPUT`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::json;

use super::{Report, Row, escape};
use crate::diagnostic::{Error, Kind, Result};

/// Size limit of each of the two JSON outputs, in characters. The outputs of a job may have 1 MB in total, in UTF-16
/// (GitHub docs).
const MAX_JSON: usize = 200_000;
/// Size limit of the other outputs, in characters.
const MAX_TEXT: usize = 1_000;

/// Where the report was delivered to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Delivered<'a> {
    /// URL of the comment, if there is one.
    pub comment_url: Option<&'a str>,
    /// Path of the JSON report, relative to `runner.temp`.
    pub report_path: Option<&'a str>,
}

/// All outputs, each between two lines of `delimiter`, which must be random; values are on one line.
///
/// A list over its limit loses the reasons first, then workflows from its end; the JSON report has them all.
///
/// # Errors
/// [`Kind::Internal`] if `delimiter` is empty or occurs in a value.
pub fn outputs(report: &Report, delivered: Delivered<'_>, delimiter: &str) -> Result<String> {
    let counts = report.counts();
    let values = [
        ("result", report.result.word().to_owned()),
        ("reason", report.reason.unwrap_or_default().to_owned()),
        ("environment", single_line(report.environment.as_deref())),
        ("workflows", workflows(&report.workflows)),
        ("pipeline-urls", urls(&report.workflows)),
        ("created", counts.created.to_string()),
        ("updated", counts.updated.to_string()),
        ("unchanged", counts.unchanged.to_string()),
        ("destroyed", counts.destroyed.to_string()),
        ("failed", counts.failed.to_string()),
        ("comment-url", single_line(delivered.comment_url)),
        ("report-path", single_line(delivered.report_path)),
    ];
    let mut out = String::new();
    for (name, value) in values {
        if delimiter.is_empty() || value.contains(delimiter) || name.contains(delimiter) {
            return Err(Error::new(
                Kind::Internal,
                format!("the delimiter of the output `{name}` occurs in its value"),
            ));
        }
        _ = writeln!(out, "{name}<<{delimiter}\n{value}\n{delimiter}");
    }
    Ok(out)
}

/// A text on one line.
fn single_line(text: Option<&str>) -> String {
    escape::line(&escape::truncate(text.unwrap_or_default(), MAX_TEXT))
}

fn workflows(rows: &[Row]) -> String {
    let entry = |row: &Row, reasons: &[String]| {
        json!({
            "name": row.name,
            "spec": row.spec,
            "pipeline_id": row.pipeline_id,
            "pipeline_name": row.pipeline_name,
            "change": row.change.word(),
            "status": row.status.word(),
            "url": row.url,
            "reasons": reasons,
        })
    };
    let full: Vec<String> = rows.iter().map(|row| compact(&entry(row, &row.reasons))).collect();
    if full.iter().map(|entry| entry.len() + 1).sum::<usize>() < MAX_JSON {
        return format!("[{}]", full.join(","));
    }
    let mut room = MAX_JSON;
    let short = rows.iter().map(|row| compact(&entry(row, &[])));
    let kept = short.map_while(|entry| {
        room = room.checked_sub(entry.len() + 1)?;
        Some(entry)
    });
    format!("[{}]", kept.collect::<Vec<_>>().join(","))
}

/// Workflow → URL of its pipeline, unless that was deleted.
fn urls(rows: &[Row]) -> String {
    let mut room = MAX_JSON;
    let mut urls = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.is_gone()) {
        let Some(url) = &row.url else { continue };
        let needs = compact(&row.name).len() + compact(url).len() + 2;
        let Some(left) = room.checked_sub(needs) else { break };
        room = left;
        urls.insert(&row.name, url);
    }
    compact(&urls)
}

fn compact(value: &impl Serialize) -> String {
    escape::ascii(&serde_json::to_string(value).unwrap_or_default())
}
