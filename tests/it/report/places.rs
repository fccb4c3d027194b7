//! Every field of a report that a text from outside can be in, one at a time.

use std::collections::BTreeSet;

use dltflow::diagnostic::{Diagnostic, Rule, Severity};
use dltflow::report::{Field, Report, WorkspaceInfo, json};
use dltflow::source::{RepoPath, Source, Sources, Span};
use serde_json::{Value, json};

use super::samples::{everywhere, findings, misspelt, partial, path};

/// Puts a text into one field.
pub(super) type Put = fn(&mut Report, &str);

/// The fields, and beside them all at once.
pub(super) const PLACES: &[(&str, Put)] = &[
    ("sentence", |report, text| (report.error, report.sentence) = (None, text.to_owned())),
    ("environment", |report, text| report.environment = Some(text.to_owned())),
    ("environments", |report, text| report.environments = vec![text.to_owned()]),
    ("workspace", |report, text| {
        report.workspace = Some(WorkspaceInfo { host: text.to_owned(), user: text.to_owned() });
    }),
    ("workflow's environments", |report, text| report.workflows[0].environments = vec![text.to_owned()]),
    ("way to clean up what stands", |report, text| {
        (report.clean_up, report.removal) = (None, Some(vec!["dltflow".to_owned(), text.to_owned()]));
    }),
    ("preview", |report, text| report.preview = Some(text.to_owned())),
    ("project's name", |report, text| text.clone_into(&mut report.project.name)),
    ("project's identity", |report, text| text.clone_into(&mut report.project.identity)),
    ("project's folder", |report, text| report.project.folder = Some(text.to_owned())),
    ("repository", |report, text| report.run.repository = Some(text.to_owned())),
    ("commit", |report, text| report.run.commit = Some(text.to_owned())),
    ("event", |report, text| report.run.event = Some(text.to_owned())),
    ("actor", |report, text| report.run.actor = Some(text.to_owned())),
    ("address of the run", |report, text| report.run.url = Some(text.to_owned())),
    ("time", |report, text| report.run.started = Some(text.to_owned())),
    ("workflow's name", |report, text| text.clone_into(&mut report.workflows[0].name)),
    ("spec", |report, text| text.clone_into(&mut report.workflows[0].spec)),
    ("pipeline's id", |report, text| report.workflows[0].pipeline_id = Some(text.to_owned())),
    ("pipeline's name", |report, text| text.clone_into(&mut report.workflows[1].pipeline_name)),
    ("address of the pipeline", |report, text| report.workflows[0].url = Some(text.to_owned())),
    ("reason", |report, text| report.workflows[0].reasons = vec![text.to_owned(); 2]),
    ("field", |report, text| report.workflows[0].fields = vec![Field::new(text, None, None)]),
    ("field with values", |report, text| report.workflows[0].fields = vec![Field::new(text, None, Some(&json!(1)))]),
    ("value there", |report, text| report.workflows[0].fields = vec![Field::new("storage", Some(&json!(text)), None)]),
    ("value in the spec", |report, text| {
        report.workflows[0].fields = vec![Field::new("clusters", None, Some(&json!([{text: [text]}])))];
    }),
    ("failure", |report, text| text.clone_into(&mut report.workflows[1].error.as_mut().unwrap().message)),
    ("failure's hint", |report, text| report.workflows[1].error.as_mut().unwrap().hints = vec![text.to_owned()]),
    ("finding", |report, text| change_finding(report, |finding| text.clone_into(&mut finding.message))),
    ("finding's help", |report, text| change_finding(report, |finding| finding.help = Some(text.to_owned()))),
    ("finding's label", |report, text| change_finding(report, |finding| text.clone_into(&mut finding.at.text))),
    ("finding's other label", |report, text| {
        change_finding(report, |finding| *finding = finding.clone().related(&path("other.yml"), None, text));
    }),
    ("finding's file", |report, text| change_finding(report, |finding| finding.at.path = file(text))),
    ("finding's other file", |report, text| {
        change_finding(report, |finding| *finding = finding.clone().related(&file(text), None, "here"));
    }),
    ("note", |report, text| text.clone_into(&mut report.notes[0].message)),
    ("address of the note", |report, text| report.notes[0].url = Some(text.to_owned())),
    ("error", |report, text| text.clone_into(&mut report.error.as_mut().unwrap().message)),
    ("error's hint", |report, text| report.error.as_mut().unwrap().hints = vec![text.to_owned()]),
    ("way to reproduce", |report, text| report.reproduce = Some(vec!["dltflow".to_owned(), text.to_owned()])),
    ("way to clean up", |report, text| report.clean_up = Some(vec!["dltflow".to_owned(), text.to_owned()])),
    ("permission", |report, text| report.permission = Some(text.to_owned())),
    ("all at once", |report, text| *report = everywhere(text)),
];

/// A report with `text` in one place.
pub(super) fn placed(put: Put, text: &str) -> Report {
    let mut report = partial();
    report.findings = findings([misspelt(Severity::Error)]);
    put(&mut report, text);
    report
}

/// The file of the findings in the samples, with `text` at their location.
pub(super) fn quoted(text: &str) -> (Report, Sources) {
    let mut sources = Sources::default();
    let whole = format!("dev:\n  x: {text}\ny\n");
    let spec = path("workflows/orders.yml");
    let at =
        |start| Diagnostic::new(Rule::UnknownField, Severity::Error, &spec, Span::new(start, start + text.len()), "no");
    let list = [at(10), at(10 + text.len() / 2)];
    sources.insert(Source { path: spec.clone(), text: whole });
    (Report { findings: findings(list), ..partial() }, sources)
}

fn change_finding(report: &mut Report, change: impl FnOnce(&mut Diagnostic)) {
    change(&mut report.findings[0].finding);
}

/// A file named as much like `text` as a path of a checkout can be.
fn file(text: &str) -> RepoPath {
    let name: String = text.chars().map(|c| if c.is_control() || "/\\".contains(c) { '_' } else { c }).collect();
    RepoPath::parse(&format!("workflows/{name}.yml")).unwrap_or_default()
}

#[test]
fn no_field_is_forgotten() {
    let mark = "mark of the test";
    let found = |report: &Report| pointers(&serde_json::from_str(&json(report)).unwrap(), mark, "");
    let single = PLACES.iter().filter(|(name, _)| *name != "all at once");
    let placed: BTreeSet<String> = single.flat_map(|(_, put)| found(&placed(*put, mark))).collect();
    let all = found(&everywhere(mark));
    assert_eq!(all.difference(&placed).collect::<Vec<_>>(), Vec::<&String>::new());
}

/// Where `mark` is in a JSON value; all items of a list are one place.
fn pointers(value: &Value, mark: &str, at: &str) -> BTreeSet<String> {
    match value {
        Value::String(text) if text.contains(mark) => BTreeSet::from([at.to_owned()]),
        Value::Array(items) => items.iter().flat_map(|item| pointers(item, mark, &format!("{at}/*"))).collect(),
        Value::Object(fields) => {
            fields.iter().flat_map(|(key, value)| pointers(value, mark, &format!("{at}/{key}"))).collect()
        }
        _ => BTreeSet::new(),
    }
}
