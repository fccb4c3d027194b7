//! Each kind of event once.

use serde_json::{Value, json};

use super::{Image, opened, preview};
use crate::support::{Runner, Stage};

type Case = (&'static str, fn(&Stage) -> Runner, (i32, &'static str), &'static str);

/// What happened, and what comes of it: exit code, result, and the environment or the reason.
const CASES: [Case; 18] = [
    ("push to a branch with a rule", |stage| stage.on_push("refs/heads/main", None), (0, "deployed"), "dev"),
    ("push to another branch", |stage| stage.on_push("refs/heads/bigger", None), (0, "skipped"), "no-rule"),
    ("deleted branch", deleted, (0, "skipped"), "branch-deleted"),
    ("pushed tag", tagged, (0, "deployed"), "prod"),
    ("opened pull request", preview, (0, "deployed"), "dev"),
    ("pushed pull request", |stage| pulled(stage, "synchronize"), (0, "deployed"), "dev"),
    ("closed pull request", |stage| pulled(stage, "closed"), (0, "destroyed"), "dev"),
    ("labeled pull request", |stage| pulled(stage, "labeled"), (0, "skipped"), "action-not-handled"),
    ("pull request of a fork", |stage| fork(stage, "opened"), (0, "checked"), "dev"),
    ("closed pull request of a fork", |stage| fork(stage, "closed"), (0, "skipped"), "no-preview"),
    ("pull request of Dependabot", dependabot, (0, "checked"), "dev"),
    ("privileged run for a fork", privileged, (2, "failed"), "input"),
    ("merge group", merge_group, (0, "planned"), "dev"),
    ("schedule", |stage| on_main(stage, "schedule"), (0, "planned"), "dev"),
    ("dispatch", |stage| on_main(stage, "workflow_dispatch"), (0, "deployed"), "dev"),
    ("published release", |stage| released(stage, "published"), (0, "deployed"), "prod"),
    ("drafted release", |stage| released(stage, "created"), (0, "skipped"), "event-not-handled"),
    ("event that nobody knows", |stage| on_main(stage, "an_event_of_next_year"), (0, "skipped"), "event-not-handled"),
];

fn pulled(stage: &Stage, action: &str) -> Runner {
    stage.on_pull_request(action, 42, "bigger")
}

/// A fork's run gets no secrets, and the branch is not in this repository.
fn fork(stage: &Stage, action: &str) -> Runner {
    let mut runner = pulled(stage, action);
    runner.payload("/pull_request/head/repo/full_name", json!("hubot/shop"));
    runner.unset("DATABRICKS_HOST").unset("DATABRICKS_TOKEN");
    runner
}

fn dependabot(stage: &Stage) -> Runner {
    let mut runner = preview(stage);
    runner.payload("/pull_request/user/login", json!("dependabot[bot]"));
    runner.set("GITHUB_ACTOR", "dependabot[bot]").unset("DATABRICKS_HOST").unset("DATABRICKS_TOKEN");
    runner
}

fn privileged(stage: &Stage) -> Runner {
    let mut runner = preview(stage);
    runner.payload("/pull_request/head/repo/full_name", json!("hubot/shop"));
    runner.set("GITHUB_EVENT_NAME", "pull_request_target");
    runner
}

fn deleted(stage: &Stage) -> Runner {
    let mut runner = stage.on_push("refs/heads/main", None);
    runner.payload("/deleted", json!(true)).payload("/after", json!("0".repeat(40)));
    runner
}

fn tagged(stage: &Stage) -> Runner {
    stage.repo.git(&["tag", "--annotate", "--message", "first", "v1.0.0", "main"]);
    stage.on_push("refs/tags/v1.0.0", None)
}

fn released(stage: &Stage, action: &str) -> Runner {
    stage.repo.git(&["tag", "v1.0.0", "main"]);
    let payload = json!({"action": action, "release": {"tag_name": "v1.0.0"}});
    stage.on("release", &payload, "refs/tags/v1.0.0", &stage.repo.rev("main"))
}

fn merge_group(stage: &Stage) -> Runner {
    let (head, base) = (stage.repo.rev("bigger"), stage.repo.rev("main"));
    let full = "refs/heads/gh-readonly-queue/main/pr-42";
    let group = json!({"head_sha": head, "head_ref": full, "base_sha": base, "base_ref": "refs/heads/main"});
    stage.on("merge_group", &json!({"action": "checks_requested", "merge_group": group}), full, &head)
}

fn on_main(stage: &Stage, event: &str) -> Runner {
    stage.on(event, &json!({}), "refs/heads/main", &stage.repo.rev("main"))
}

#[test]
fn each_kind_of_event_ends_as_it_should() {
    let Some(image) = Image::given() else { return };
    for (what, happen, (code, result), told) in CASES {
        let stage = opened();
        let mut runner = happen(&stage);
        let ran = image.run_watched(&stage, &mut runner);
        ran.ended(code, result);
        let error = ran.report["error"]["kind"].as_str().unwrap_or_default();
        assert!([ran.output("environment"), ran.output("reason"), error].contains(&told), "{what}: {}", ran.report);
        let deployed = stage.pipelines();
        assert_eq!(deployed.is_empty(), result != "deployed", "{what}: {deployed:?}");
    }
}

#[test]
fn each_mode_does_what_it_says() {
    let Some(image) = Image::given() else { return };
    let stage = opened();
    let names = |stage: &Stage| stage.pipelines().iter().map(|it| it["spec"]["name"].clone()).collect::<Vec<Value>>();
    for (mode, result, standing) in [
        ("check", "checked", None),
        ("plan", "planned", None),
        ("auto", "deployed", Some("[dev_octocat_pr42] shop-orders")),
        ("deploy", "unchanged", Some("[dev_octocat_pr42] shop-orders")),
        ("destroy", "destroyed", None),
    ] {
        let ran = image.run(&stage, preview(&stage).input("mode", mode));
        ran.ended(0, result);
        assert_eq!(names(&stage), standing.into_iter().collect::<Vec<_>>(), "{mode}");
    }
}
