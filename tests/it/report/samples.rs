//! One set of reports that every renderer has to handle.

use dltflow::diagnostic::{Diagnostic, Diagnostics, Rule, Severity};
use dltflow::report::{
    Change, Failure, Field, Note, ProjectInfo, Report, Row, RunError, RunInfo, Status, TableFate, Verdict,
    WorkspaceInfo,
};
use dltflow::source::{RepoPath, Source, Sources, Span};
use serde_json::json;

/// The text that findings of the samples point into.
pub(super) const SPEC: &str = "dev:\n  workflows:\n    - name: orders\n      storrage: /mnt/x\n";

pub(super) fn path(text: &str) -> RepoPath {
    RepoPath::parse(text).unwrap()
}

pub(super) fn sources() -> Sources {
    let mut sources = Sources::default();
    sources.insert(Source { path: path("workflows/orders.yml"), text: SPEC.to_owned() });
    sources
}

pub(super) fn project() -> ProjectInfo {
    ProjectInfo { name: "samples".to_owned(), identity: "5f0c".to_owned(), folder: None }
}

pub(super) fn run() -> RunInfo {
    RunInfo {
        repository: Some("octocat/samples".to_owned()),
        commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        event: Some("pull_request".to_owned()),
        actor: Some("octocat".to_owned()),
        url: Some("https://github.com/octocat/samples/actions/runs/7".to_owned()),
        started: Some("2026-03-01T12:00:00Z".to_owned()),
    }
}

/// A workflow `name` with an existing pipeline.
pub(super) fn row(name: &str, change: Change, status: Status) -> Row {
    Row {
        pipeline_name: format!("[dev_octocat_pr42] {name}"),
        pipeline_id: Some(format!("id-{name}")),
        url: Some(format!("https://dbc.example.com/pipelines/id-{name}?w=1")),
        reasons: vec![format!("its spec `workflows/{name}.yml` changed")],
        ..Row::new(name, format!("workflows/{name}.yml"), change, status)
    }
}

/// A report on pull request 42 in `dev`.
pub(super) fn report(result: Verdict, sentence: &str, workflows: Vec<Row>) -> Report {
    Report {
        environment: Some("dev".to_owned()),
        preview: Some("pr42".to_owned()),
        run: run(),
        workflows,
        ..Report::new(result, sentence, project())
    }
}

pub(super) fn findings(list: impl IntoIterator<Item = Diagnostic>) -> Vec<dltflow::diagnostic::Located> {
    let mut all = Diagnostics::default();
    all.extend(list);
    all.located(&sources())
}

/// The misspelt key in [`SPEC`].
pub(super) fn misspelt(severity: Severity) -> Diagnostic {
    let at = SPEC.find("storrage").unwrap();
    let span = Span::new(at, at + "storrage".len());
    Diagnostic::new(
        Rule::UnknownField,
        severity,
        &path("workflows/orders.yml"),
        span,
        "`storrage` is no field of a pipeline",
    )
    .help("did you mean `storage`?")
}

pub(super) fn complete() -> Report {
    let restarted = Row {
        fields: vec![Field::new("continuous", Some(&json!(false)), Some(&json!(true)))],
        restarts: true,
        drift: true,
        ..row("clicks", Change::Update, Status::Done)
    };
    Report {
        clean_up: Some(["dltflow", "destroy", "--environment", "dev"].map(str::to_owned).to_vec()),
        ..report(
            Verdict::Deployed,
            "all pipelines stand as their specs say",
            vec![row("orders", Change::Create, Status::Done), restarted, row("users", Change::Unchanged, Status::Done)],
        )
    }
}

pub(super) fn partial() -> Report {
    let error = Failure {
        message: "the service refused the pipeline: `INVALID_PARAMETER_VALUE`: no such node type".to_owned(),
        hints: vec!["name a node type that the workspace offers".to_owned()],
        ..Failure::default()
    };
    Report {
        reason: Some("service-error"),
        error: Some(RunError {
            kind: "partial",
            exit_code: 5,
            message: "1 of 2 workflows failed".to_owned(),
            hints: vec!["push again once it is mended".to_owned()],
        }),
        permission: Some("permissions: {contents: read, pull-requests: write}".to_owned()),
        notes: vec![Note::new("comment-forbidden", "the comment could not be written")],
        ..report(
            Verdict::Failed,
            "some workflows are not deployed",
            vec![
                row("orders", Change::Create, Status::Done),
                Row { error: Some(error), url: None, ..row("clicks", Change::Create, Status::Failed) },
                row("users", Change::None, Status::Skipped),
            ],
        )
    }
}

pub(super) fn many_findings() -> Report {
    let one = |index| {
        Diagnostic::new(
            Rule::UnknownValue,
            Severity::Error,
            &path(&format!("f{index:05}.yml")),
            Span::new(0, 1),
            format!("mistake {index}"),
        )
    };
    Report { findings: findings((0..10_000).map(one)), ..report(Verdict::Failed, "the specs are invalid", Vec::new()) }
}

/// Text that tries everything, with `seed` in it.
pub(super) fn hostile(seed: &str) -> String {
    format!(
        "{seed}`` @octocat #1 <!-- <b>x</b> </details> [a](https://evil.example) ![i](x) |\\| www.evil.example \
         \n::set-output name=result::deployed\n##[error]x\r\n```\n| a |\n---\n# h\n\u{202e}\u{200b}\u{1b}[31m --> ${{{{ x }}}} {seed}"
    )
}

/// A report in which every text is `text`.
pub(super) fn everywhere(text: &str) -> Report {
    let some = || Some(text.to_owned());
    let failure = Failure { message: text.to_owned(), hints: vec![text.to_owned()], ..Failure::default() };
    let value = json!({ text: text });
    let rows = Change::ALL.iter().zip(Status::ALL.iter().cycle());
    let rows = rows.map(|(&change, &status)| Row {
        name: text.to_owned(),
        spec: text.to_owned(),
        pipeline_id: some(),
        pipeline_name: text.to_owned(),
        change,
        status,
        url: some(),
        reasons: vec![text.to_owned()],
        fields: vec![Field::new(text, None, Some(&value))],
        restarts: true,
        drift: true,
        changes_identity: true,
        tables: Some(TableFate::Kept),
        environments: vec![text.to_owned()],
        error: (status == Status::Failed).then(|| failure.clone()),
    });
    let finding = misspelt(Severity::Error).help(text).related(&path("other.yml"), None, text);
    Report {
        reason: Some("hostile"),
        sentence: text.to_owned(),
        environment: some(),
        environments: vec![text.to_owned()],
        preview: some(),
        workspace: Some(WorkspaceInfo { host: text.to_owned(), user: text.to_owned() }),
        run: RunInfo { repository: some(), commit: some(), event: some(), actor: some(), url: some(), started: some() },
        findings: findings([Diagnostic { message: text.to_owned(), ..finding }]),
        notes: vec![Note { url: Some(text.to_owned()), ..Note::new("hostile", text) }],
        error: Some(RunError {
            kind: "internal",
            exit_code: 1,
            message: text.to_owned(),
            hints: vec![text.to_owned()],
        }),
        reproduce: Some(vec!["dltflow".to_owned(), text.to_owned()]),
        clean_up: Some(vec!["dltflow".to_owned(), text.to_owned()]),
        removal: Some(vec!["dltflow".to_owned(), text.to_owned()]),
        permission: some(),
        workflows: rows.collect(),
        ..Report::new(
            Verdict::Failed,
            text,
            ProjectInfo { name: text.to_owned(), identity: text.to_owned(), folder: Some(text.to_owned()) },
        )
    }
}

/// All samples by name.
pub(super) fn all() -> Vec<(&'static str, Report)> {
    let planned = Row {
        fields: vec![Field::new("configuration.token", Some(&json!("old")), Some(&json!("{{secrets/scope/key}}")))],
        ..row("orders", Change::Update, Status::Planned)
    };
    let skipped =
        Report { reason: Some("no-rule"), ..Report::new(Verdict::Skipped, "no rule names `main`", project()) };
    let findings_only = |severity| findings([misspelt(severity)]);
    vec![
        ("empty", Report::new(Verdict::Unchanged, "", project())),
        ("skipped", skipped),
        (
            "warnings",
            Report {
                findings: findings_only(Severity::Warning),
                ..report(Verdict::Checked, "1 workflow is right", vec![])
            },
        ),
        (
            "invalid",
            Report {
                findings: findings_only(Severity::Error),
                ..report(Verdict::Failed, "the specs are invalid", vec![])
            },
        ),
        ("planned", report(Verdict::Planned, "1 workflow would change", vec![planned])),
        ("complete", complete()),
        ("partial", partial()),
        (
            "destroyed",
            report(Verdict::Destroyed, "the preview is gone", vec![row("orders", Change::Destroy, Status::Done)]),
        ),
        ("many", many_findings()),
        ("hostile", everywhere(&hostile("x"))),
    ]
}
