//! What fails, and how the step says so.

use std::net::TcpListener;

use serde_json::json;

use super::{Image, opened, preview};
use crate::support::{Runner, Stage};

type Case = (&'static str, fn(&Stage) -> Runner, i32, &'static [&'static str]);

/// What goes wrong, the exit code, and words of the log.
const CASES: [Case; 9] = [
    ("a finding", finding, 3, &["workflows/orders.yml:", "did you mean `target`?"]),
    ("an input", |stage| with(stage, |run| _ = run.input("mode", "deply")), 2, &["`mode`", "`deploy`"]),
    ("no event", no_event, 2, &["payload", "`GITHUB_EVENT_PATH`", "/github/workflow/event.json"]),
    ("no token", |stage| with(stage, |run| _ = run.unset("DATABRICKS_TOKEN")), 2, &["no token", "`DATABRICKS_TOKEN`"]),
    ("a wrong token", wrong_token, 6, &["check that `DATABRICKS_TOKEN` is a token of this workspace"]),
    ("a refused pipeline", |stage| refused(stage, 403), 6, &["cannot create", "belongs to `octocat@github.com`"]),
    ("one pipeline of two", |stage| refused(stage, 400), 5, &["1 of 2 pipelines failed"]),
    ("no workspace there", offline, 4, &["cannot connect to `127.0.0.1:", "`HTTPS_PROXY`", "`SSL_CERT_FILE`"]),
    ("nobody there", all_offline, 4, &["cannot connect to `127.0.0.1:", "`GITHUB_API_URL`"]),
];

fn with(stage: &Stage, change: impl Fn(&mut Runner)) -> Runner {
    let mut runner = preview(stage);
    change(&mut runner);
    runner
}

fn finding(stage: &Stage) -> Runner {
    stage.repo.replace("workflows/orders.yml", "target: shop_dev", "targets: shop_dev").commit("a slip");
    preview(stage)
}

fn no_event(stage: &Stage) -> Runner {
    with(stage, |runner| std::fs::remove_file(runner.file("workflow/event.json")).unwrap())
}

fn wrong_token(stage: &Stage) -> Runner {
    with(stage, |runner| _ = runner.set("DATABRICKS_TOKEN", "dapiWr0ngCanary4b1d7e9f2c6a8350e1d7"))
}

/// A push of both workflows; every pipeline is refused, or one.
fn refused(stage: &Stage, status: u16) -> Runner {
    let times = if status == 403 { 9 } else { 1 };
    let fault = json!({"method": "POST", "path": "/api/2.0/pipelines", "status": status, "times": times});
    stage.control("POST", "faults", &fault);
    stage.on_push("refs/heads/main", None)
}

/// An address at which nobody listens.
fn nobody() -> String {
    format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap())
}

fn offline(stage: &Stage) -> Runner {
    with(stage, |runner| _ = runner.set("DATABRICKS_HOST", &nobody()))
}

fn all_offline(stage: &Stage) -> Runner {
    with(stage, |runner| _ = runner.set("DATABRICKS_HOST", &nobody()).set("GITHUB_API_URL", &nobody()))
}

#[test]
fn what_fails_is_told_in_the_log_the_summary_and_the_outputs() {
    let Some(image) = Image::given() else { return };
    for (what, happen, code, words) in CASES {
        let stage = opened();
        let ran = image.run(&stage, &mut happen(&stage));
        ran.ended(code, "failed");
        for word in words {
            assert!(ran.stderr.contains(word), "{what}: `{word}` is not in:\n{}", ran.stderr);
        }
        assert!(ran.summary.contains("failed"), "{what}: {}", ran.summary);
        assert!(ran.commands.iter().any(|command| command.name == "error"), "{what}: {}", ran.stdout);
        assert_eq!(stage.pipelines().len(), usize::from(code == 5), "{what}");
    }
}

#[test]
fn the_check_of_a_fork_needs_no_workspace() {
    let Some(image) = Image::given() else { return };
    let stage = opened();
    let mut runner = offline(&stage);
    runner.payload("/pull_request/head/repo/full_name", json!("hubot/shop"));
    image.run(&stage, &mut runner).ended(0, "checked");
    assert_eq!(stage.requests(), Vec::<String>::new());
}
