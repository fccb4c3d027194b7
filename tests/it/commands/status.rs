//! `dltflow status`: what is deployed, whose it is, and how old; nothing is written.

use serde_json::{Value, json};

use super::{Shell, names, writes};
use crate::support::Stage;

/// A workspace with the shared pipelines of `dev`, a preview, and a pipeline of somebody else.
fn deployed() -> Stage {
    let stage = Stage::new();
    stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
    stage.repo.branch("bigger").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    stage.run(&stage.on_pull_request("opened", 42, "bigger")).ended(0, "deployed");
    stage.repo.branch("main");
    stage.by_hand("POST", "/api/2.0/pipelines", &json!({"name": "a person's", "libraries": []}));
    stage
}

/// Those that were found: environment, preview, number of pipelines.
fn found(report: &Value) -> Vec<(String, Option<String>, usize)> {
    let deployments = report["deployments"].as_array().unwrap().iter();
    let one = |deployment: &Value| {
        let preview = deployment["preview"].as_str().map(str::to_owned);
        let pipelines = deployment["pipelines"].as_array().unwrap().len();
        (deployment["environment"].as_str().unwrap().to_owned(), preview, pipelines)
    };
    deployments.map(one).collect()
}

#[test]
fn environments_and_previews_are_shown_with_owner_age_and_last_deployment() {
    let stage = deployed();
    let head = stage.repo.rev("bigger");
    stage.requests();
    let report = Shell::of(&stage).run("status --output json").ended(0).json();
    assert_eq!(writes(&stage), Vec::<String>::new());
    let shared = names(&stage).iter().filter(|name| name.starts_with("shop-")).count();
    let preview = Some("pr42".to_owned());
    let expected = [("dev".to_owned(), None, shared), ("dev".to_owned(), preview, 1), ("prod".to_owned(), None, 0)];
    assert_eq!(found(&report), expected);
    let preview = &report["deployments"][1];
    for (field, value) in [
        ("pull_request", json!(42)),
        ("repository", json!("4242")),
        ("commit", json!(head)),
        ("run", json!("101")),
        ("creators", json!(["octocat@github.com"])),
    ] {
        assert_eq!(preview[field], value, "{field}");
    }
    assert!(preview["age"].as_u64().unwrap() < 600 && preview["oldest"].as_u64() >= preview["age"].as_u64());
    let pipeline = &preview["pipelines"][0];
    assert_eq!(pipeline["name"], "[dev_octocat_pr42] shop-orders");
    assert!(pipeline["url"].as_str().unwrap().contains(pipeline["id"].as_str().unwrap()));
    Shell::of(&stage).run("status").ended(0).told(&[
        "dev: 2 pipelines",
        "dev, preview pr42: 1 pipeline",
        "pull request  #42",
        "created by    octocat@github.com",
        "prod: 0 pipelines",
        "3 deployments found",
    ]);
}

#[test]
fn one_environment_is_shown_if_it_is_named() {
    let stage = deployed();
    let report = Shell::of(&stage).run("status --environment prod --output json").ended(0).json();
    assert_eq!(found(&report), [("prod".to_owned(), None, 0)]);
    Shell::of(&stage).run("status --environment staging").ended(2).told(&["`staging` is not a target"]);
}

#[test]
fn a_target_in_another_workspace_is_named_and_not_looked_at() {
    let stage = deployed();
    let text = stage.repo.read("dltflow.yml");
    let text = text.replace(
        "mode: production\n    workspace:\n",
        "mode: production\n    workspace:\n      host: https://elsewhere.example.com\n",
    );
    stage.repo.write("dltflow.yml", text);
    let report = Shell::of(&stage).run("status --output json").ended(0).json();
    let prod = &report["deployments"][2];
    assert_eq!((&prod["environment"], prod["pipelines"].as_array().unwrap().len()), (&json!("prod"), 0));
    assert!(prod["not_looked_at"].as_str().unwrap().contains("elsewhere.example.com"), "{prod}");
    Shell::of(&stage)
        .run("status")
        .ended(0)
        .told(&["prod: not looked at, as it is in `https://elsewhere.example.com`"]);
}

#[test]
fn the_variable_names_the_workspace_of_a_host_that_serves_several() {
    let stage = Stage::new();
    stage.control("PUT", "settings", &json!({"serves_several": true}));
    let shell = Shell::of(&stage);
    let status = |id: &str| {
        let mut command = shell.command(env!("CARGO_BIN_EXE_dltflow"));
        shell.said(command.arg("status").env("DATABRICKS_WORKSPACE_ID", id))
    };
    status("1234567890123456").ended(0).told(&["dev: 0 pipelines"]);
    shell.run("status").ended(6).told(&["web page", "set the environment variable `DATABRICKS_WORKSPACE_ID`"]);
    // What only the project names is looked at, the first of several.
    let host = stage.sandbox.databricks_url();
    let text = stage.repo.read("dltflow.yml").replace(
        "  prod:\n    mode: production\n    workspace:\n",
        &format!("  prod:\n    mode: production\n    workspace:\n      host: {host}/?o=7\n"),
    );
    stage.repo.write(
        "dltflow.yml",
        text.replacen("      root_path", &format!("      host: {host}/?o=1234567890123456\n      root_path"), 1),
    );
    shell
        .run("status")
        .ended(0)
        .told(&["dev: 0 pipelines", "/?o=7`, and `dltflow.yml` names the workspace `1234567890123456`"]);
}
