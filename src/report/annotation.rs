//! The report as workflow commands, within the runner's limits.

use std::fmt::Write as _;

use super::{Report, Row, Verdict, escape};
use crate::diagnostic::{Located, Severity};

/// A step shows so many annotations of each level (actions/runner source).
const EACH: usize = 10;
/// The runner cuts a message here, in characters (actions/runner source).
const MESSAGE: usize = 4096;
const TITLE: usize = 200;
const FILE: usize = 1000;

/// Errors, warnings and notices as workflow commands, one a line: at most ten a level, of which the last says how many
/// more there are.
pub fn annotations(report: &Report) -> String {
    let mut out = String::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let all = level(report, severity);
        let command = if severity == Severity::Note { "notice" } else { severity.word() };
        let shown = if all.len() > EACH { EACH - 1 } else { all.len() };
        for (properties, message) in &all[..shown] {
            let separator = if properties.is_empty() { "" } else { " " };
            let message = escape::message(message, MESSAGE);
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

/// All of one level: what ended the run and the failed workflows first, then the findings.
fn level(report: &Report, severity: Severity) -> Vec<Annotation> {
    let mut all = Vec::new();
    if severity == Severity::Error {
        all.extend(report.workflows.iter().filter_map(failed));
        all.extend(report.error.iter().map(|error| plain("dltflow", &told(&error.message, &error.hints))));
    }
    if severity == Severity::Warning {
        all.extend(report.notes.iter().map(|note| plain(note.code, &note.message)));
    }
    if severity == Severity::Note && report.result == Verdict::Skipped {
        all.push(plain("skipped", &report.sentence));
    }
    all.extend(report.findings.iter().filter(|located| located.finding.severity == severity).map(found));
    all
}

fn plain(title: &str, message: &str) -> Annotation {
    (vec![named("title", title, TITLE)], message.to_owned())
}

fn failed(row: &Row) -> Option<Annotation> {
    let error = row.error.as_ref()?;
    let message = format!("`{}`: {}", escape::line(&row.pipeline_name), told(&error.message, &error.hints));
    Some((vec![named("file", &row.spec, FILE), named("title", row.status.word(), TITLE)], message))
}

fn found(located: &Located) -> Annotation {
    let finding = &located.finding;
    let mut properties = vec![named("file", finding.at.path.as_str(), FILE)];
    if let Some(place) = located.place {
        properties.extend([format!("line={}", place.line), format!("endLine={}", place.end_line)]);
        if place.line == place.end_line {
            properties.extend([format!("col={}", place.column), format!("endColumn={}", place.end_column)]);
        }
    }
    properties.push(named("title", finding.rule.code(), TITLE));
    (properties, told(&finding.message, &finding.help))
}

fn told<'a>(message: &str, hints: impl IntoIterator<Item = &'a String>) -> String {
    hints.into_iter().fold(message.to_owned(), |told, hint| format!("{told}\nhint: {hint}"))
}

fn named(name: &str, value: &str, limit: usize) -> String {
    format!("{name}={}", escape::property(value, limit))
}
