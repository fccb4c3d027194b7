//! GitHub Enterprise Server: its API has a path, and its pages are on another address.

use serde_json::{Value, json};

use crate::support::{Repo, Runner, Stage};

const BASE_PATH: &str = "/api/v3";
const SERVER: &str = "https://github.example.com";

fn stage() -> Stage {
    let stage = Stage::at(Repo::of("examples/shop"), BASE_PATH);
    stage.repo.branch("bigger").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    stage.repo.branch("main");
    stage
}

/// Runs a step and gives what was asked of GitHub; all of it has to be below the path.
fn run(stage: &Stage, mut runner: Runner, result: &str) -> Vec<String> {
    stage.asked("github");
    let ran = stage.run(runner.set("GITHUB_SERVER_URL", SERVER));
    ran.ended(0, result);
    assert!(ran.summary.contains(&format!("[run]({SERVER}/octo-org/shop/actions/runs/101)")), "{}", ran.summary);
    let below = |entry: &Value| {
        let [method, path] = ["method", "path"].map(|field| entry[field].as_str().unwrap().to_owned());
        let below = path.strip_prefix(BASE_PATH).filter(|path| path.starts_with("/repos/") || *path == "/user");
        format!("{method} {}", below.unwrap_or_else(|| panic!("{path} is not below {BASE_PATH}")))
    };
    stage.asked("github").iter().map(below).collect()
}

#[test]
fn a_pull_request_lives_and_goes_below_the_path_of_the_api() {
    let stage = stage();
    for number in 0..150 {
        let comment =
            json!({"body": format!("words {number}"), "author": {"login": "octocat", "id": 1, "type": "User"}});
        stage.control("POST", "github/repositories/octo-org/shop/issues/42/comments", &comment);
    }
    let pages = "GET /repos/octo-org/shop/issues/42/comments";
    for (action, result, write) in [
        ("opened", "deployed", "POST /repos/octo-org/shop/issues/42/comments"),
        ("synchronize", "deployed", "PATCH /repos/octo-org/shop/issues/comments/"),
        ("closed", "destroyed", "PATCH /repos/octo-org/shop/issues/comments/"),
    ] {
        if action == "synchronize" {
            stage.repo.branch("bigger").replace("workflows/orders.yml", "max_workers: 4", "max_workers: 6");
            stage.repo.commit("bigger still");
        }
        let asked = run(&stage, stage.on_pull_request(action, 42, "bigger"), result);
        assert_eq!(asked.iter().filter(|line| *line == pages).count(), 2, "both pages are read: {asked:#?}");
        assert!(asked.last().unwrap().starts_with(write), "{asked:#?}");
    }
    let comments = stage.comments(42);
    let ours: Vec<&Value> = comments.iter().filter(|comment| comment["user"] == "github-actions[bot]").collect();
    let [comment] = &ours[..] else { panic!("one comment: {ours:#?}") };
    let body = comment["body"].as_str().unwrap();
    assert!(body.contains(&format!("[run]({SERVER}/octo-org/shop/actions/runs/101)")), "{body}");
    assert!(!body.contains(stage.sandbox.github_url()), "an address of the API is in the comment:\n{body}");
}

#[test]
fn a_push_is_compared_below_the_path_of_the_api() {
    let stage = stage();
    let first = stage.repo.head();
    run(&stage, stage.on_push("refs/heads/main", None), "deployed");
    stage.repo.git(&["merge", "--quiet", "--ff-only", "bigger"]);
    let asked = run(&stage, stage.on_push("refs/heads/main", Some(&first)), "deployed");
    let compared = format!("GET /repos/octo-org/shop/compare/{first}...{}", stage.repo.head());
    assert_eq!(asked, [compared.as_str(), "GET /repos/octo-org/shop/git/ref/heads/main"]);
}
