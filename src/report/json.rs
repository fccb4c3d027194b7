//! The report as JSON: the public schema.

use serde::{Serialize, Serializer};

use super::{Counts, Report, SCHEMA, escape};
use crate::diagnostic::{Label, Located};

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    counts: Counts,
    #[serde(flatten)]
    report: &'a Report,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'static str,
    severity: &'static str,
    message: &'a str,
    path: &'a str,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    help: Option<&'a str>,
    elsewhere: bool,
    related: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Related<'a> {
    path: &'a str,
    text: &'a str,
}

/// The report as indented ASCII JSON with a trailing line break: [`Report`]'s fields, `schema` ([`SCHEMA`]) and
/// `counts` ([`Counts`]). Lines and columns count from 1.
pub fn json(report: &Report) -> String {
    let document = Document { schema: SCHEMA, counts: report.counts(), report };
    // A report always serializes: its keys are strings, and it is written to memory.
    let json = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{}\n", escape::ascii(&json))
}

/// The findings in the form of the schema.
pub(super) fn findings<S: Serializer>(findings: &[Located], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(Finding::new))
}

impl<'a> Finding<'a> {
    fn new(located: &'a Located) -> Self {
        let Located { finding, place } = located;
        let related = |label: &'a Label| Related { path: label.path.as_str(), text: &label.text };
        Self {
            rule: finding.rule.code(),
            severity: finding.severity.word(),
            message: &finding.message,
            path: finding.at.path.as_str(),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            end_line: place.map(|place| place.end_line),
            end_column: place.map(|place| place.end_column),
            help: finding.help.as_deref(),
            elsewhere: finding.elsewhere,
            related: finding.related.iter().map(related).collect(),
        }
    }
}
