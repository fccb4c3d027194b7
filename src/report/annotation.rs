//! The report as workflow commands, within the runner's limits.

use std::fmt::Write as _;

use super::{Note, Report, Row, Verdict, escape};
use crate::diagnostic::{Located, Severity};

/// Annotations of each level that a step shows (actions/runner source).
const PER_LEVEL: usize = 10;
/// The runner truncates messages at this many characters (actions/runner source).
const MAX_MESSAGE: usize = 4096;
const MAX_TITLE: usize = 200;
const MAX_PATH: usize = 1000;

/// Errors, warnings and notices as workflow commands, one per line: at most ten per level, the last of which counts
/// those that are left out.
pub fn annotations(report: &Report) -> String {
    let mut out = String::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let all = level(report, severity);
        let command = if severity == Severity::Note { "notice" } else { severity.word() };
        let shown = if all.len() > PER_LEVEL { PER_LEVEL - 1 } else { all.len() };
        for (properties, message) in &all[..shown] {
            let separator = if properties.is_empty() { "" } else { " " };
            let message = escape::message(message, MAX_MESSAGE);
            _ = writeln!(out, "::{command}{separator}{}::{message}", properties.join(","));
        }
        if shown < all.len() {
            let more = all.len() - shown;
            _ = writeln!(out, "::{command} title=dltflow::and {more} more: see the step summary");
        }
    }
    out
}

type Annotation = (Vec<String>, String);

/// All annotations of one level: the failed workflows and the error that ended the run first, then the findings.
fn level(report: &Report, severity: Severity) -> Vec<Annotation> {
    let mut all = Vec::new();
    if severity == Severity::Error {
        all.extend(report.workflows.iter().filter_map(failure));
        all.extend(report.error.iter().map(|error| plain("dltflow", &with_hints(&error.message, &error.hints))));
    }
    if severity == Severity::Warning {
        all.extend(report.notes.iter().map(|note| plain(note.code, &with_url(note))));
    }
    if severity == Severity::Note && report.result == Verdict::Skipped {
        all.push(plain("skipped", &report.sentence));
    }
    let mut findings: Vec<&Located> =
        report.findings.iter().filter(|located| located.finding.severity == severity).collect();
    findings.sort_by_key(|located| located.finding.elsewhere);
    all.extend(findings.into_iter().map(finding));
    all
}

fn plain(title: &str, message: &str) -> Annotation {
    (vec![property("title", title, MAX_TITLE)], message.to_owned())
}

fn failure(row: &Row) -> Option<Annotation> {
    let error = row.error.as_ref()?;
    let message = format!("`{}`: {}", escape::line(&row.pipeline_name), with_hints(&error.message, &error.hints));
    Some((vec![property("file", &row.spec, MAX_PATH), property("title", row.status.word(), MAX_TITLE)], message))
}

fn finding(located: &Located) -> Annotation {
    let finding = &located.finding;
    let mut properties = vec![property("file", finding.at.path.as_str(), MAX_PATH)];
    if let Some(place) = located.place {
        properties.extend([format!("line={}", place.line), format!("endLine={}", place.end_line)]);
        if place.line == place.end_line {
            properties.extend([format!("col={}", place.column), format!("endColumn={}", place.end_column)]);
        }
    }
    properties.push(property("title", finding.rule.code(), MAX_TITLE));
    (properties, with_hints(&finding.message, &finding.help))
}

fn with_url(note: &Note) -> String {
    note.url.iter().fold(note.message.clone(), |text, url| format!("{text}\n{url}"))
}

fn with_hints<'a>(message: &str, hints: impl IntoIterator<Item = &'a String>) -> String {
    hints.into_iter().fold(message.to_owned(), |text, hint| format!("{text}\nhint: {hint}"))
}

fn property(name: &str, value: &str, limit: usize) -> String {
    format!("{name}={}", escape::property(value, limit))
}
