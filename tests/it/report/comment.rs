//! The one comment: found by its key, edited only if the state changed.

use dltflow::report::{Change, Failure, Report, Row, Status, Verdict, comment, comment_key, is_current};

use super::samples::{complete, everywhere, hostile, partial, project, report, row};

fn unchanged() -> Report {
    let mut report = complete();
    report.result = Verdict::Unchanged;
    report.sentence = String::from("everything stands already");
    report.run.commit = Some("f".repeat(40));
    report.run.url = Some("https://github.com/octocat/samples/actions/runs/8".to_owned());
    report.run.started = Some("2026-03-02T12:00:00Z".to_owned());
    for row in &mut report.workflows {
        row.change = Change::Unchanged;
        row.fields.clear();
        (row.restarts, row.drift) = (false, false);
        row.reasons = vec!["all workflows are looked at".to_owned()];
    }
    report
}

#[test]
fn a_second_run_that_wrote_nothing_leaves_the_comment_alone() {
    let first = comment(&complete(), None);
    assert!(is_current(&first.body, &unchanged()));
    assert!(!is_current(&first.body, &complete()), "a run that wrote something is reported");
    assert!(is_current(&first.body.replace('\n', "\r\n"), &unchanged()));
    let again = comment(&partial(), None);
    let nothing_written = |mut report: Report| {
        report.workflows[0].change = Change::Unchanged;
        report
    };
    assert!(is_current(&again.body, &nothing_written(partial())));
}

#[test]
fn any_other_state_is_reported() {
    let body = comment(&complete(), None).body;
    let changes: &[fn(&mut Report)] = &[
        |report| report.result = Verdict::Failed,
        |report| report.workflows[0].pipeline_id = None,
        |report| report.workflows[0].url = Some("https://other.example.com/pipelines/1".to_owned()),
        |report| report.workflows[0].status = Status::Failed,
        |report| report.workflows.truncate(2),
        |report| report.workflows.push(row("new", Change::Unchanged, Status::Done)),
        |report| report.findings = partial_findings(),
        |report| report.notes = partial().notes,
        |report| report.error = partial().error,
        |report| report.permission = partial().permission,
        |report| report.environment = Some("prod".to_owned()),
        |report| report.project.identity = "other".to_owned(),
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut report = unchanged();
        change(&mut report);
        assert!(!is_current(&body, &report), "change {index}");
    }
}

fn partial_findings() -> Vec<dltflow::diagnostic::Located> {
    super::samples::findings([super::samples::misspelt(dltflow::diagnostic::Severity::Warning)])
}

#[test]
fn the_same_failure_with_another_message_is_reported() {
    let failed = |message: &str| {
        let error = Failure { message: message.to_owned(), hints: Vec::new(), ..Failure::default() };
        let row = Row { error: Some(error), ..row("orders", Change::Create, Status::Failed) };
        report(Verdict::Failed, "not deployed", vec![row])
    };
    let body = comment(&failed("a"), None).body;
    assert!(is_current(&body, &failed("a")));
    assert!(!is_current(&body, &failed("b")));
}

#[test]
fn a_key_is_of_one_environment_and_project_and_cannot_end_the_comment() {
    let key = |environment: &str, identity: &str| {
        let mut report = complete();
        report.environment = Some(environment.to_owned());
        report.project.identity = identity.to_owned();
        let comment = comment(&report, None);
        assert_eq!(comment.key, comment_key(&report));
        assert!(comment.body.starts_with(&comment.key));
        assert!(!comment.key[4..].contains("--") && !comment.key.contains(['>', '\n']));
        comment.key
    };
    assert_eq!(key("dev", "5f0c-1"), "<!-- dltflow:dev:5f0c%2D1 ");
    let long = "é".repeat(200);
    let keys = [("dev", "a"), ("dev", "ab"), ("de", "v:a"), ("dev:a", ""), ("--> x", "a"), (&long, "a"), ("a", &long)];
    let keys = keys.map(|(environment, identity)| key(environment, identity));
    for (index, one) in keys.iter().enumerate() {
        assert!(
            keys.iter().skip(index + 1).all(|other| !one.starts_with(other) && !other.starts_with(one)),
            "{keys:?}"
        );
    }
}

#[test]
fn the_last_ten_runs_are_kept_and_forgeries_are_not() {
    let mut body = String::new();
    for number in 0..12 {
        let mut report = complete();
        report.run.url = Some(format!("https://github.com/octocat/samples/actions/runs/{number}"));
        body = comment(&report, Some(&body)).body;
    }
    assert_eq!(body.matches("- deployed · `0123456` · `2026-03-01T12:00:00Z` · [run](").count(), 9, "{body}");
    assert!(body.contains("runs/10)") && body.contains("runs/2)") && !body.contains("runs/1)"), "{body}");
    let same = comment(&complete(), Some(&comment(&complete(), None).body)).body;
    assert!(!same.contains("Earlier runs"), "a run is not before itself");

    let first = body.lines().next().unwrap().to_owned();
    for (line, expected) in [
        (r#"<!-- dltflow-history:1 [{"r":"planned"}] -->"#, Some("- planned\n")),
        (
            r#"<!-- dltflow-history:1 [{"r":"planned","c":"@octocat","t":"@1","u":"https://evil@x"}] -->"#,
            Some("- planned\n"),
        ),
        (r#"<!-- dltflow-history:1 [{"r":"**approved**"}] -->"#, None),
        (r#"<!-- dltflow-history:1 [{"r":"planned","x":1}] -->"#, None),
        (r#"<!-- dltflow-history:2 [{"r":"planned"}] -->"#, None),
        ("<!-- dltflow-history:1 {{ -->", None),
    ] {
        let body = comment(&complete(), Some(&format!("{first}\n{line}\n"))).body;
        assert_eq!(body.contains("Earlier runs"), expected.is_some(), "{line}");
        assert!(expected.is_none_or(|expected| body.contains(expected)), "{body}");
    }
}

#[test]
fn what_stands_is_kept_for_runs_that_do_not_get_to_it_and_forgeries_are_not() {
    let failed = || Report { workflows: Vec::new(), ..partial() };
    let first = comment(&complete(), None).body;
    let mut body = first.clone();
    for _ in 0..2 {
        body = comment(&failed(), Some(&body)).body;
        assert!(body.contains("| still deployed by an earlier run | link |\n|---|---|\n"), "{body}");
        assert!(body.contains("| [open](https://dbc.example.com/pipelines/id-users?w=1) |\n"), "{body}");
    }
    let gone = Report { workflows: Vec::new(), ..complete() };
    assert!(!comment(&gone, Some(&first)).body.contains("still deployed"), "a run that came to its end knows");
    let after = comment(&gone, Some(&first)).body;
    assert!(!comment(&failed(), Some(&after)).body.contains("still deployed"));

    let key = first.lines().next().unwrap();
    let long = "x".repeat(300);
    for (pipeline, is_shown) in [
        (r#"{"n":"orders","u":"https://dbc.example.com/pipelines/1"}"#.to_owned(), true),
        (r#"{"n":"@octocat <b> | x","u":"https://dbc.example.com/pipelines/1"}"#.to_owned(), true),
        (r#"{"n":"orders","u":"javascript:alert(1)"}"#.to_owned(), false),
        (r#"{"n":"orders","u":"https://evil@x"}"#.to_owned(), false),
        (format!(r#"{{"n":"{long}","u":"https://dbc.example.com/pipelines/1"}}"#), false),
        (r#"{"n":"orders"}"#.to_owned(), false),
    ] {
        let line = format!(r#"<!-- dltflow-history:1 [{{"r":"deployed","p":[{pipeline}]}}] -->"#);
        let body = comment(&failed(), Some(&format!("{key}\n{line}\n"))).body;
        assert_eq!(body.contains("still deployed"), is_shown, "{pipeline}\n{body}");
        assert!(!body.contains("| @octocat") && !body.contains("| <b>"), "{body}");
    }
}

#[test]
fn many_pipelines_that_stand_fit_into_the_comment() {
    let mut report = complete();
    report.workflows = (0..2_000)
        .map(|number| Row {
            url: Some(format!("https://dbc.example.com/pipelines/{number}")),
            ..row(&format!("w{number}"), Change::Create, Status::Done)
        })
        .collect();
    let mut body = comment(&report, None).body;
    for _ in 0..3 {
        body = comment(&Report { workflows: Vec::new(), ..partial() }, Some(&body)).body;
        assert!(body.len() <= 60_000 && body.contains("still deployed"), "{}", body.len());
    }
}

#[test]
fn hidden_lines_end_where_we_end_them() {
    let mut report = everywhere(&hostile("--> <!--"));
    report.run.url = Some("https://github.com/octo--cat/samples/actions/runs/7".to_owned());
    let body = comment(&report, Some(&comment(&report, None).body)).body;
    for line in body.lines().take(2) {
        assert!(line.starts_with("<!-- dltflow") && line.ends_with(" -->"), "{line}");
        assert_eq!(line.matches("--").count(), 2, "{line}");
        assert_eq!(line.matches('>').count(), 1, "{line}");
    }
}

#[test]
fn after_closing_the_same_comment_says_destroyed() {
    let before = comment(&complete(), None);
    let gone = report(Verdict::Destroyed, "the preview is gone", vec![row("orders", Change::Destroy, Status::Done)]);
    let after = comment(&gone, Some(&before.body));
    assert_eq!(after.key, before.key);
    assert!(after.body.contains("### 🧹 dltflow · `dev` · destroyed\n"), "{}", after.body);
    assert!(after.body.contains("| destroy | ✅ done |  |\n"), "a pipeline that is gone has no link: {}", after.body);
    let mut again = report(Verdict::Destroyed, "no pipeline was there", vec![]);
    assert!(is_current(&after.body, &again), "closing twice says nothing new");
    again.error = partial().error;
    assert!(!is_current(&after.body, &again));
    let skipped = Report::new(Verdict::Skipped, "nothing to do", project());
    assert_eq!(comment_key(&skipped), "<!-- dltflow::5f0c ");
}
