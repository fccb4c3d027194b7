//! The comment of a pull request over its life: what it shows after each run.

use serde_json::json;

use crate::support::{Ran, Stage};

const ORDERS: &str = "[dev_octocat_pr42] shop-orders";

/// A pull request whose preview of the orders stands.
fn deployed() -> Stage {
    let stage = Stage::new();
    stage.repo.branch("bigger").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    run(&stage, |_| {}).ended(0, "deployed");
    stage
}

/// Runs for what the branch is now.
fn run(stage: &Stage, change: impl Fn(&mut crate::support::Runner)) -> Ran {
    let mut runner = stage.on_pull_request("synchronize", 42, "bigger");
    let number = stage.comments(42).iter().map(|comment| comment["body"].as_str().unwrap().len()).sum::<usize>();
    runner.set("GITHUB_RUN_ID", &(200 + number).to_string());
    change(&mut runner);
    stage.run(&runner)
}

/// What people see of the one comment.
fn shown(stage: &Stage) -> String {
    let comments = stage.comments(42);
    assert_eq!(comments.len(), 1, "{comments:?}");
    comments[0]["body"].as_str().unwrap().split_inclusive('\n').skip(2).collect()
}

/// The link to the pipeline of the orders, as the comment has it.
fn link(stage: &Stage) -> String {
    let id = stage.pipelines()[0]["pipeline_id"].as_str().unwrap().to_owned();
    format!("[open]({}/pipelines/{id}?w=1234567890123456)", stage.sandbox.databricks_url())
}

const CLEAN_UP: &str =
    "<details><summary>Clean up</summary>\n\n```sh\ndltflow destroy --environment dev --pull-request 42\n";

#[test]
fn after_a_run_that_came_to_nothing_the_comment_shows_what_stands() {
    let refused = json!({"method": "GET", "path": "/api/2.0/preview/scim/v2/Me", "action": "respond", "status": 401});
    let breaks: fn(&Stage) =
        |stage| _ = stage.repo.replace("workflows/orders.yml", "target: shop_dev", "traget: shop_dev").commit("broken");
    let says_more: fn(&Stage) = |stage| _ = stage.repo.write("shop/more.py", "# more\n").commit("more");
    let cases = [
        ("the spec is broken", breaks, "auto", None, 3),
        ("the token is refused", says_more, "auto", Some(refused), 6),
        ("it is only checked", says_more, "check", None, 0),
        ("it is only checked, and broken", breaks, "check", None, 3),
    ];
    for (case, change, mode, fault, code) in cases {
        let stage = deployed();
        let link = link(&stage);
        change(&stage);
        for _ in 0..2 {
            if let Some(fault) = &fault {
                stage.control("POST", "faults", fault);
            }
            let ran = run(&stage, |runner| _ = runner.input("mode", mode));
            assert_eq!(ran.code, code, "{case}: {}", ran.stderr);
            let shown = shown(&stage);
            assert!(shown.contains(&format!("| `{ORDERS}` | {link} |\n")), "{case}:\n{shown}");
            assert!(shown.contains(CLEAN_UP), "{case}:\n{shown}");
        }
    }
}

#[test]
fn what_an_earlier_run_deployed_is_shown_once() {
    let stage = deployed();
    let link = link(&stage);
    stage.repo.replace("workflows/orders.yml", "shop_dev", "shop_x").commit("elsewhere");
    let fault = json!({"method": "PUT", "path": "/api/2.0/pipelines/*", "action": "respond", "status": 400});
    stage.control("POST", "faults", &fault);
    run(&stage, |_| {});
    let shown = shown(&stage);
    assert_eq!((shown.matches(&link).count(), shown.contains("still deployed")), (1, false), "{shown}");
}

#[test]
fn a_preview_whose_last_pipeline_went_says_so_and_has_nothing_to_clean_up() {
    let stage = deployed();
    stage.repo.replace("workflows/orders.yml", "max_workers: 4", "max_workers: 2").commit("reverted");
    run(&stage, |_| {}).ended(0, "deployed");
    let gone = shown(&stage);
    assert!(gone.starts_with("### 🧹 dltflow · `dev` · no pipeline left\n"), "{gone}");
    assert!(!gone.contains("Clean up") && !gone.contains("[open]"), "{gone}");
    stage.repo.replace("workflows/orders.yml", "target: shop_dev", "traget: shop_dev").commit("broken");
    run(&stage, |_| {}).ended(3, "failed");
    let broken = shown(&stage);
    assert!(!broken.contains("Clean up") && !broken.contains("still deployed"), "{broken}");
}

#[test]
fn what_is_left_of_several_pipelines_is_no_empty_preview() {
    let stage = deployed();
    stage.repo.replace("conf/returns.json", "\"dlt\"", " \"dlt\"").commit("returns, too");
    run(&stage, |_| {}).ended(0, "deployed");
    stage.repo.git(&["checkout", "--quiet", "main", "--", "conf/returns.json"]);
    stage.repo.commit("without returns");
    run(&stage, |_| {}).ended(0, "deployed");
    let shown = shown(&stage);
    assert!(shown.starts_with("### ✅ dltflow · `dev` · deployed\n") && shown.contains(CLEAN_UP), "{shown}");
}

#[test]
fn the_boxes_are_folded_and_say_only_what_can_be_done() {
    let stage = Stage::new();
    stage
        .repo
        .branch("bigger")
        .replace("workflows/orders.yml", "target: shop_dev", "traget: shop_dev")
        .commit("broken");
    let ran = run(&stage, |_| {});
    ran.ended(3, "failed");
    let reproduce = "<details><summary>Reproduce</summary>\n\n```sh\n\
                     dltflow plan --environment dev --pull-request 42 --changed-since origin/main\n```\n\n</details>\n";
    for text in [&shown(&stage), &ran.summary] {
        assert!(text.contains(reproduce) && !text.contains("Clean up"), "nothing was made:\n{text}");
    }
    assert!(!ran.stderr.contains("to clean up"), "{}", ran.stderr);
}

#[test]
fn findings_about_other_workflows_are_counted_and_the_log_lists_them() {
    let stage = Stage::new();
    let items = "tasks: {items: [{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]}";
    for number in 0..34 {
        let workflow = format!("{{name: other-{number}, target: a-b, {items}}}");
        stage.repo.write(&format!("workflows/other{number}.yml"), format!("dev: {{workflows: [{workflow}]}}\n"));
    }
    stage.repo.commit("others");
    stage
        .repo
        .branch("bigger")
        .replace("workflows/orders.yml", "target: shop_dev", "target: shop-dev")
        .commit("bigger");
    let ran = run(&stage, |_| {});
    ran.ended(0, "deployed");
    for text in [&shown(&stage), &ran.summary] {
        assert!(text.contains("Diagnostics: errors 0, warnings 1"), "{text}");
        assert!(text.contains("34 findings are about what this run does not deploy: the log lists them.\n"), "{text}");
        assert!(text.contains("`workflows/orders.yml:") && !text.contains("workflows/other"), "{text}");
    }
    assert_eq!(ran.stderr.matches("warning[dash-in-target]").count(), 35);
    assert_eq!(ran.report["findings"].as_array().unwrap().iter().filter(|it| it["elsewhere"] == true).count(), 34);
    assert!(ran.stdout.contains("::warning file=workflows/orders.yml"), "what counts comes first:\n{}", ran.stdout);
}
