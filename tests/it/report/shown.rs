//! What people and programs read, word for word.

use dltflow::diagnostic::{Diagnostic, Error, Kind, Rule, Severity};
use dltflow::report::{Delivered, RunError, annotations, comment, json, outputs, text};
use dltflow::source::{Source, Sources, Span};

use super::samples::{all, complete, findings, misspelt, partial, path, report, sources};

/// Compares with a file below `want/`; with `BLESS` set, writes it instead.
fn assert_golden(file: &str, shown: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/report/want").join(file);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, shown).unwrap();
    }
    assert_eq!(shown, std::fs::read_to_string(&path).unwrap(), "{shown}");
}

#[test]
fn the_comment_of_a_deployment() {
    let body = comment(&complete(), None).body;
    let visible: String = body.split_inclusive('\n').skip(2).collect();
    assert_golden("comment.md", &visible);
}

#[test]
fn the_comment_of_a_failure() {
    let body = comment(&partial(), None).body;
    let visible: String = body.split_inclusive('\n').skip(2).collect();
    assert_golden("failure.md", &visible);
}

#[test]
fn the_text_of_a_failure() {
    let mut report = partial();
    report.findings = findings([misspelt(Severity::Error)]);
    let shown = text(&report, &sources());
    assert_golden("failure.txt", &shown);
}

#[test]
fn excerpts_survive_invalid_locations() {
    let mut sources = Sources::default();
    let long = format!("{}é\u{1b}[31m::x\n", "a: é\n".repeat(40)) + &"y".repeat(5_000);
    sources.insert(Source { path: path("a.yml"), text: long.clone() });
    let mut list = dltflow::diagnostic::Diagnostics::default();
    for (start, end) in [
        (0, 0),
        (3, 4),
        (4, 9_999),
        (long.len(), long.len() + 9),
        (99_999, 3),
        (usize::MAX, usize::MAX),
        (2_500, 2_501),
        (10, 5),
    ] {
        list.push(Diagnostic::new(
            Rule::UnknownField,
            Severity::Note,
            &path("a.yml"),
            Span::new(start, end),
            format!("at {start}"),
        ));
    }
    list.push(Diagnostic::new(Rule::UnknownField, Severity::Note, &path("gone.yml"), None, "no text"));
    let found = list.located(&sources);
    let report = dltflow::report::Report { findings: found, ..complete() };
    let shown = text(&report, &sources);
    assert_eq!(shown.matches("note[unknown-field]").count(), 9, "{shown}");
    assert!(!shown.contains('\u{1b}') && shown.contains("--> gone.yml\n"), "{shown}");
    assert!(shown.contains("--> a.yml:42:"), "a place in a line too long to show is named: {shown}");
}

#[test]
fn annotations_name_columns_only_within_a_line() {
    let over_lines = Diagnostic::new(
        Rule::UnknownField,
        Severity::Warning,
        &path("workflows/orders.yml"),
        Span::new(0, 20),
        "two lines",
    );
    let list = findings([misspelt(Severity::Error), over_lines]);
    let report = dltflow::report::Report { findings: list, ..complete() };
    let expected = "::error file=workflows/orders.yml,line=4,endLine=4,col=7,endColumn=15,title=unknown-field::`storrage` is no \
                  field of a pipeline%0Ahint: did you mean `storage`?\n\
                  ::warning file=workflows/orders.yml,line=1,endLine=3,title=unknown-field::two lines\n";
    assert_eq!(annotations(&report), expected);
}

#[test]
fn outputs_are_those_of_the_contract() {
    let delivered = Delivered { comment_url: Some("https://github.com/c/1"), report_path: Some("dltflow/report.json") };
    let file = outputs(&complete(), delivered, "delimiter").unwrap();
    let outputs = crate::support::parse_outputs(&file).unwrap();
    for (name, expected) in [
        ("result", "deployed"),
        ("reason", ""),
        ("environment", "dev"),
        ("created", "1"),
        ("updated", "1"),
        ("unchanged", "1"),
        ("destroyed", "0"),
        ("failed", "0"),
        ("comment-url", "https://github.com/c/1"),
        ("report-path", "dltflow/report.json"),
    ] {
        assert_eq!(outputs[name], expected, "{name}");
    }
    let list: serde_json::Value = serde_json::from_str(&outputs["workflows"]).unwrap();
    assert_eq!(list[1]["name"], "clicks");
    let urls: serde_json::Value = serde_json::from_str(&outputs["pipeline-urls"]).unwrap();
    assert_eq!(urls["users"], "https://dbc.example.com/pipelines/id-users?w=1");
}

#[test]
fn json_is_ascii_and_complete() {
    for (name, report) in all() {
        let shown = json(&report);
        assert!(shown.is_ascii(), "{name}");
        let value: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(value["schema"], 1);
        assert_eq!(value["result"], report.result.word());
        assert_eq!(value["workflows"].as_array().unwrap().len(), report.workflows.len());
        assert_eq!(value["findings"].as_array().unwrap().len(), report.findings.len());
    }
    let mut report = partial();
    report.findings = findings([misspelt(Severity::Error)]);
    let value: serde_json::Value = serde_json::from_str(&json(&report)).unwrap();
    assert_eq!(value["counts"]["failed"], 1);
    assert_eq!(value["findings"][0]["line"], 4);
    assert_eq!(value["findings"][0]["path"], "workflows/orders.yml");
    assert_eq!(value["workflows"][1]["error"]["hints"][0], "name a node type that the workspace offers");
}

#[test]
fn an_error_keeps_its_exit_code() {
    for (kind, word, code) in [
        (Kind::Internal, "internal", 1),
        (Kind::Input, "input", 2),
        (Kind::Invalid, "invalid", 3),
        (Kind::Failed, "failed", 4),
        (Kind::Partial, "partial", 5),
        (Kind::Refused, "refused", 6),
        (Kind::Stopped(15), "stopped", 143),
    ] {
        let error = RunError::from(&Error::new(kind, "no").hint("do"));
        assert_eq!((error.kind, error.exit_code, error.hints), (word, code, vec!["do".to_owned()]));
    }
    let empty = report(dltflow::report::Verdict::Planned, "", Vec::new());
    assert_eq!(text(&empty, &sources()), "planned in `dev`, preview `pr42`: \n");
}
