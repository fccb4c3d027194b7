//! The special situations: events that look like another, code that is a stranger's, names that pass for others.
//! Each is played by the real program in the example project: pull requests and `main` go to `dev`, tags `v*` to `prod`.

use serde_json::{Value, json};

use crate::support::{Ran, Runner, Stage, tally};

/// A test for each situation: how it comes about, and what the run says.
macro_rules! situations {
    ($($name:ident: $come_about:expr => $wanted:literal;)+) => {
        const SITUATIONS: &[&str] = &[$(stringify!($name)),+];
        $(#[test] fn $name() { assert_eq!(play(&stage(), $come_about), $wanted); })+
    };
}

const MAIN: &str = "refs/heads/main";
const NUMBER: u64 = 42;

/// `main`, and a branch `change` that gives the orders another cluster.
fn stage() -> Stage {
    let stage = Stage::new();
    stage.repo.branch("change").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    stage.repo.branch("main");
    stage
}

/// Runs the step and checks that nobody was asked who had no say in it.
fn play(stage: &Stage, come_about: impl FnOnce(&Stage) -> Runner) -> String {
    let runner = come_about(stage);
    stage.control("DELETE", "log", &Value::Null);
    let ran = stage.run(&runner);
    let log = stage.sandbox.log();
    let asked = |service: &str| log.as_array().unwrap().iter().filter(|entry| entry["service"] == service).count();
    match ran.output("result") {
        "skipped" | "failed" => assert_eq!((asked("github"), asked("databricks")), (0, 0), "{log:#}"),
        "checked" => {
            assert_eq!(asked("databricks"), 0, "{log:#}");
            assert!(log.as_array().unwrap().iter().all(|entry| entry["method"] == "GET"), "{log:#}");
        }
        _ => {}
    }
    told(stage, &ran)
}

/// `result: reason`, or `result environment: pipelines that stand`.
fn told(stage: &Stage, ran: &Ran) -> String {
    let result = ran.output("result");
    assert_eq!(ran.code, if result == "failed" { 2 } else { 0 }, "{}", ran.stderr);
    match result {
        "skipped" => format!("skipped: {}", ran.output("reason")),
        "failed" => format!("failed: {}", ran.report["error"]["message"].as_str().unwrap()),
        _ => format!("{result} {}: {}", ran.output("environment"), standing(stage)),
    }
}

fn standing(stage: &Stage) -> String {
    let name = |pipeline: &Value| pipeline["spec"]["name"].as_str().unwrap().to_owned();
    let mut names: Vec<String> = stage.pipelines().iter().map(name).collect();
    names.sort();
    names.join(", ")
}

/// Pull request 42 from `change`, whose head is checked out, with other fields in its payload.
fn pull(stage: &Stage, action: &str, fields: &[(&str, Value)]) -> Runner {
    let mut runner = stage.on_pull_request(action, NUMBER, "change");
    for (pointer, value) in fields {
        runner.payload(pointer, value.clone());
    }
    runner
}

/// The same as `pull_request_target`: the run stands on the default branch.
fn target(stage: &Stage, action: &str, fields: &[(&str, Value)]) -> Runner {
    let mut runner = pull(stage, action, fields);
    runner.set("GITHUB_EVENT_NAME", "pull_request_target");
    runner.set("GITHUB_REF", MAIN).set("GITHUB_SHA", &stage.repo.rev("main"));
    runner
}

fn head_in(full_name: &str) -> [(&'static str, Value); 1] {
    [("/pull_request/head/repo/full_name", json!(full_name))]
}

fn fork_is_gone() -> [(&'static str, Value); 1] {
    [("/pull_request/head/repo", Value::Null)]
}

fn opened_by(login: &str) -> [(&'static str, Value); 1] {
    [("/pull_request/user/login", json!(login))]
}

/// An event whose run stands on the default branch, which is mapped.
fn on_main(event: &'static str, payload: Value) -> impl FnOnce(&Stage) -> Runner {
    move |stage| stage.on(event, &payload, MAIN, &stage.repo.rev("main"))
}

/// A push of a new branch or tag, made on `main` and given by its full ref.
fn pushed(reference: &'static str) -> impl FnOnce(&Stage) -> Runner {
    move |stage| {
        stage.repo.git(&["update-ref", reference, "main"]);
        stage.on_push(reference, None)
    }
}

/// The deletion of a ref: the run stands on the default branch.
fn deleted(reference: &'static str) -> impl FnOnce(&Stage) -> Runner {
    let (before, zeros) = ("1".repeat(40), "0".repeat(40));
    on_main("push", json!({"ref": reference, "before": before, "after": zeros, "deleted": true, "head_commit": null}))
}

fn mapped(come_about: impl FnOnce(&Stage) -> Runner, lines: &'static str) -> impl FnOnce(&Stage) -> Runner {
    move |stage| {
        let mut runner = come_about(stage);
        runner.input("environments", lines);
        runner
    }
}

fn dispatched(reference: &'static str) -> impl FnOnce(&Stage) -> Runner {
    move |stage| {
        stage.repo.git(&["update-ref", reference, "main"]);
        stage.on("workflow_dispatch", &json!({"ref": reference, "inputs": {}}), reference, &stage.repo.rev("main"))
    }
}

fn workflow_run(event: &str, head: &str, pulls: &Value) -> impl FnOnce(&Stage) -> Runner {
    let run = json!({"event": event, "head_branch": "change", "head_sha": "2".repeat(40), "pull_requests": pulls,
                     "conclusion": "success", "head_repository": {"full_name": head, "fork": head != "octo-org/shop"}});
    on_main("workflow_run", json!({"action": "completed", "workflow_run": run}))
}

fn comment(issue: &Value) -> impl FnOnce(&Stage) -> Runner {
    let comment = json!({"body": "/deploy prod", "author_association": "NONE", "user": {"login": "hubot"}});
    on_main("issue_comment", json!({"action": "created", "issue": issue, "comment": comment}))
}

/// What whoever may send such an event could write into it.
fn hostile() -> Value {
    json!({"action": "deploy\n::set-output name=environment::prod", "branch": "v1.0.0",
           "client_payload": {"ref": "refs/tags/v1.0.0", "environment": "prod", "mode": "deploy",
                              "text": "\n::add-path::/tmp\n##[command]id\n$(id)`id`${{ secrets.TOKEN }}"}})
}

situations! {
    target_of_an_own_branch:
        |stage| target(stage, "opened", &[]) => "deployed dev: [dev_octocat_pr42] shop-orders";
    target_of_an_own_branch_whose_head_is_checked_out_by_its_id:
        |stage| {
            let runner = target(stage, "opened", &[]);
            stage.repo.git(&["checkout", "--quiet", "--detach"]);
            runner
        }
        => "deployed dev: [dev_octocat_pr42] shop-orders";
    target_of_an_own_branch_with_the_base_checked_out:
        |stage| {
            let mut runner = target(stage, "opened", &[]);
            stage.repo.branch("main");
            runner.input("comment", "never");
            runner
        }
        => "failed: the branch `main` is checked out, not pull request #42";
    target_of_an_own_branch_that_is_closed:
        |stage| {
            let runner = target(stage, "closed", &[]);
            stage.repo.branch("main");
            runner
        }
        => "destroyed dev: ";
    target_of_a_fork_whose_head_is_checked_out:
        |stage| target(stage, "opened", &head_in("hubot/shop"))
        => "failed: pull request #42 is from a fork: `pull_request_target` would run its code with the permissions of this repository";
    target_of_a_fork_with_the_base_checked_out:
        |stage| {
            let runner = target(stage, "synchronize", &head_in("hubot/shop"));
            stage.repo.branch("main");
            runner
        }
        => "failed: pull request #42 is from a fork: `pull_request_target` would run its code with the permissions of this repository";
    target_of_a_fork_that_is_gone:
        |stage| target(stage, "reopened", &fork_is_gone())
        => "failed: pull request #42 is from a fork: `pull_request_target` would run its code with the permissions of this repository";
    target_of_a_fork_with_a_label:
        |stage| target(stage, "labeled", &head_in("hubot/shop")) => "skipped: action-not-handled";
    target_of_a_fork_that_is_closed:
        |stage| target(stage, "closed", &head_in("hubot/shop")) => "skipped: no-preview";
    target_of_dependabot:
        |stage| target(stage, "opened", &opened_by("dependabot[bot]")) => "checked dev: ";
    fork_that_is_gone:
        |stage| pull(stage, "synchronize", &fork_is_gone()) => "checked dev: ";
    fork_that_is_gone_and_closed:
        |stage| pull(stage, "closed", &fork_is_gone()) => "skipped: no-preview";
    fork_of_the_same_owner:
        |stage| pull(stage, "opened", &head_in("octo-org/shop-copy")) => "checked dev: ";
    fork_with_a_base_branch_and_a_head_branch_that_are_mapped:
        |stage| mapped(
            |stage| pull(stage, "opened", &[
                ("/pull_request/base/ref", json!("v1.0.0")),
                ("/pull_request/head/ref", json!("main")),
                ("/pull_request/head/repo/full_name", json!("hubot/shop")),
            ]),
            "main: prod\nv*: prod\ntag:*: prod\nrefs/**: prod",
        )(stage)
        => "checked dev: ";
    fork_that_is_closed:
        |stage| pull(stage, "closed", &head_in("hubot/shop")) => "skipped: no-preview";
    own_branch_of_a_repository_that_is_a_fork:
        |stage| pull(stage, "opened", &[
            ("/repository/fork", json!(true)),
            ("/pull_request/head/repo/fork", json!(true)),
            ("/pull_request/base/repo/fork", json!(true)),
        ])
        => "deployed dev: [dev_octocat_pr42] shop-orders";
    own_branch_that_is_a_draft:
        |stage| pull(stage, "opened", &[("/pull_request/draft", json!(true))])
        => "deployed dev: [dev_octocat_pr42] shop-orders";
    own_branch_named_like_a_mapped_one:
        |stage| mapped(|stage| pull(stage, "opened", &[("/pull_request/head/ref", json!("main"))]), "main: prod")(stage)
        => "deployed dev: [dev_octocat_pr42] shop-orders";
    dependabot_started_the_run_of_somebody_else:
        |stage| {
            let mut runner = pull(stage, "synchronize", &[]);
            runner.set("GITHUB_ACTOR", "dependabot[bot]");
            runner
        }
        => "checked dev: ";
    somebody_else_started_the_run_of_dependabot:
        |stage| pull(stage, "synchronize", &opened_by("dependabot[bot]")) => "checked dev: ";
    dependabot_is_done:
        |stage| pull(stage, "closed", &opened_by("dependabot[bot]")) => "skipped: no-preview";
    merge_group_into_a_branch_without_a_rule:
        |stage| {
            let sha = stage.repo.rev("main");
            let group = json!({"base_ref": "refs/heads/old", "base_sha": sha, "head_sha": sha, "head_ref": MAIN});
            stage.on("merge_group", &json!({"action": "checks_requested", "merge_group": group}), MAIN, &sha)
        }
        => "skipped: no-rule";
    schedule_on_a_branch_without_a_rule:
        |stage| mapped(on_main("schedule", json!({"schedule": "0 4 * * *"})), "tag:*: prod")(stage) => "skipped: no-rule";
    comment_on_an_issue:
        |stage| comment(&json!({"number": NUMBER}))(stage) => "skipped: event-not-handled";
    comment_on_a_pull_request:
        |stage| comment(&json!({"number": NUMBER, "pull_request": {"url": "https://api.github.com/"}}))(stage)
        => "skipped: event-not-handled";
    workflow_run_of_a_push:
        |stage| workflow_run("push", "octo-org/shop", &json!([]))(stage) => "skipped: event-not-handled";
    workflow_run_of_a_pull_request:
        |stage| workflow_run("pull_request", "octo-org/shop", &json!([{"number": NUMBER}]))(stage)
        => "skipped: event-not-handled";
    workflow_run_of_a_fork_whose_pull_requests_are_empty:
        |stage| workflow_run("pull_request", "hubot/shop", &json!([]))(stage) => "skipped: event-not-handled";
    repository_dispatch_with_a_hostile_payload:
        |stage| on_main("repository_dispatch", hostile())(stage) => "skipped: event-not-handled";
    dispatch_on_a_tag:
        |stage| dispatched("refs/tags/v1.0.0")(stage) => "deployed prod: shop-orders, shop-returns";
    dispatch_on_a_branch_named_like_a_tag:
        |stage| dispatched("refs/heads/v1.0.0")(stage) => "skipped: no-rule";
    create_of_a_tag:
        |stage| on_main("create", json!({"ref": "v1.0.0", "ref_type": "tag"}))(stage) => "skipped: event-not-handled";
    delete_of_a_branch:
        |stage| on_main("delete", json!({"ref": "main", "ref_type": "branch"}))(stage) => "skipped: event-not-handled";
    branch_called_as_a_version:
        |stage| pushed("refs/heads/v1.2.3")(stage) => "skipped: no-rule";
    branch_called_as_the_full_ref_of_a_tag:
        |stage| pushed("refs/heads/refs/tags/v1")(stage) => "skipped: no-rule";
    branch_called_as_the_full_ref_of_a_branch:
        |stage| pushed("refs/heads/refs/heads/main")(stage) => "skipped: no-rule";
    branch_called_as_a_full_ref_that_is_mapped:
        |stage| mapped(pushed("refs/heads/refs/tags/v1"), "refs/tags/*: prod\ntag:*: prod\nmain: dev")(stage)
        => "skipped: no-rule";
    tag_called_main:
        |stage| pushed("refs/tags/main")(stage) => "skipped: no-rule";
    tag_beside_a_branch_of_its_name:
        |stage| {
            stage.repo.git(&["update-ref", "refs/heads/v1.0.0", "change"]);
            pushed("refs/tags/v1.0.0")(stage)
        }
        => "deployed prod: shop-orders, shop-returns";
    branch_beside_a_tag_of_its_name:
        |stage| {
            stage.repo.git(&["update-ref", "refs/tags/v1.0.0", "main"]);
            pushed("refs/heads/v1.0.0")(stage)
        }
        => "skipped: no-rule";
    first_push_of_a_branch:
        |stage| mapped(pushed("refs/heads/feature/a"), "feature/*: dev")(stage)
        => "deployed dev: shop-orders, shop-returns";
    branch_that_is_mapped_is_deleted:
        |stage| mapped(deleted("refs/heads/gone"), "**: dev")(stage) => "skipped: branch-deleted";
    tag_that_is_mapped_is_deleted:
        |stage| deleted("refs/tags/v1.0.0")(stage) => "skipped: tag-deleted";
    several_lines_match_and_the_first_counts:
        |stage| mapped(pushed(MAIN), "m*: prod\nmain: dev\n**: dev")(stage) => "deployed prod: shop-orders, shop-returns";
    short_names_say_otherwise:
        |stage| {
            let mut runner = pushed("refs/heads/other")(stage);
            let short = [("GITHUB_REF_NAME", "main"), ("GITHUB_HEAD_REF", "main"), ("GITHUB_BASE_REF", "main")];
            for (name, value) in short {
                runner.set(name, value);
            }
            runner
        }
        => "skipped: no-rule";
}

/// Situations that take more than one run.
const STORIES: [fn(); 4] = [
    a_release_deploys_when_it_is_published_and_at_no_other_time,
    an_annotated_tag_deploys_the_commit_that_it_names,
    a_merge_takes_the_preview_away_although_the_run_stands_on_the_base_branch,
    a_force_push_deploys_what_stands_there_now,
];

#[test]
fn a_release_deploys_when_it_is_published_and_at_no_other_time() {
    let released = |action: &str, prerelease: bool, draft: bool| {
        let stage = stage();
        let release =
            json!({"tag_name": "v1.0.0", "target_commitish": "main", "prerelease": prerelease, "draft": draft});
        stage.repo.git(&["tag", "v1.0.0"]);
        let payload = json!({"action": action, "release": release});
        play(&stage, |stage| stage.on("release", &payload, "refs/tags/v1.0.0", &stage.repo.rev("v1.0.0")))
    };
    for prerelease in [false, true] {
        assert_eq!(released("published", prerelease, false), "deployed prod: shop-orders, shop-returns");
    }
    for action in ["created", "edited", "deleted", "unpublished", "prereleased", "released"] {
        assert_eq!(
            released(action, action == "prereleased", action == "created"),
            "skipped: event-not-handled",
            "{action}"
        );
    }
}

#[test]
fn an_annotated_tag_deploys_the_commit_that_it_names() {
    let stage = stage();
    stage.repo.git(&["tag", "--annotate", "--message", "first", "v1.0.0"]);
    let (object, commit) = (stage.repo.rev("refs/tags/v1.0.0"), stage.repo.rev("main"));
    assert_ne!(object, commit);
    let run = |stage: &Stage| {
        let mut runner = stage.on_push("refs/tags/v1.0.0", None);
        runner.payload("/after", json!(object));
        runner
    };
    assert_eq!(play(&stage, run), "deployed prod: shop-orders, shop-returns");
    assert_eq!(stage.pipelines()[0]["spec"]["configuration"]["dltflow.commit"], commit.as_str());
}

#[test]
fn a_merge_takes_the_preview_away_although_the_run_stands_on_the_base_branch() {
    let stage = stage();
    play(&stage, |stage| pull(stage, "opened", &[]));
    assert_eq!(standing(&stage), "[dev_octocat_pr42] shop-orders");
    let merged = |stage: &Stage| {
        let mut runner = pull(stage, "closed", &[("/pull_request/merged", json!(true))]);
        stage.repo.branch("main").git(&["merge", "--quiet", "--no-ff", "change"]);
        runner.payload("/pull_request/merge_commit_sha", json!(stage.repo.head()));
        runner.set("GITHUB_REF", MAIN).set("GITHUB_SHA", &stage.repo.head());
        runner
    };
    assert_eq!(play(&stage, merged), "destroyed dev: ");
}

#[test]
fn a_force_push_deploys_what_stands_there_now() {
    let stage = stage();
    let lost = stage.repo.replace("workflows/orders.yml", "max_workers: 2", "max_workers: 8").commit("lost");
    play(&stage, pushed(MAIN));
    stage.repo.git(&["reset", "--quiet", "--hard", "change"]);
    let forced = |before: &str, mode: &'static str| {
        let before = before.to_owned();
        move |stage: &Stage| {
            let mut runner = stage.on_push(MAIN, Some(&before));
            runner.payload("/forced", json!(true)).input("mode", mode);
            runner
        }
    };
    for before in [&lost, &"d".repeat(40)] {
        assert_eq!(play(&stage, forced(before, "check")), "checked dev: shop-orders, shop-returns");
    }
    assert_eq!(play(&stage, forced(&lost, "auto")), "deployed dev: shop-orders, shop-returns");
    let workers = |pipeline: &Value| pipeline["spec"]["clusters"][0]["autoscale"]["max_workers"].clone();
    assert!(stage.pipelines().iter().any(|pipeline| workers(pipeline) == 4));
    assert!(!stage.pipelines().iter().any(|pipeline| workers(pipeline) == 8));
    let count = SITUATIONS.len() + STORIES.len();
    tally("situations", &format!("{count} special situations of events, each a whole run of the program"));
}
