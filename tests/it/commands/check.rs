//! `check`: all environments of the project, unless one is named.

use serde_json::{Value, json};

use super::{Said, Shell};
use crate::support::Stage;

/// A mistake in the section of one environment, by what it is found by.
const MISTAKES: [(&str, &str, &str, &str); 3] = [
    ("target: shop_dev", "traget: shop_dev", "dev", "did you mean `target`?"),
    ("target: shop\n", "traget: shop\n", "prod", "did you mean `target`?"),
    ("/mnt/lake/shop/prod/orders", "mnt/orders", "prod", "relative-storage"),
];

#[test]
fn without_an_environment_every_target_is_checked_and_named() {
    let stage = Stage::new();
    let shell = Shell::offline(&stage);
    let right = shell.run("check").ended(0).told(&["checked in `dev`, `prod`: 2 workflows checked, no errors"]);
    for line in right.stdout.lines().filter(|line| line.contains("shop-")) {
        assert!(line.ends_with("in `dev`, `prod`"), "{line}");
    }
    for (from, to, environment, words) in MISTAKES {
        let stage = Stage::new();
        stage.repo.replace("workflows/orders.yml", from, to);
        let shell = Shell::offline(&stage);
        for line in ["check", "check workflows/orders.yml", "check --changed-since HEAD"] {
            shell.run(line).ended(3).told(&[words, "failed in `dev`, `prod`: exit code 3", "1 error found"]);
        }
        for named in ["dev", "prod"] {
            let said = shell.run(&format!("check --environment {named}"));
            let said = said.ended(if named == environment { 3 } else { 0 });
            assert!(said.all().contains(&format!(" in `{named}`: ")), "{said:?}");
        }
        let report = shell.run("check --output json").ended(3).json();
        assert_eq!((&report["environments"], &report["environment"]), (&json!(["dev", "prod"]), &Value::Null));
        assert_eq!(report["findings"][0]["severity"], "error", "{report}");
    }
}

#[test]
fn a_spec_of_any_target_can_be_checked_and_a_project_needs_no_default() {
    let stage = Stage::new();
    stage.repo.replace("dltflow.yml", "    default: true\n", "");
    let items = "tasks: {items: [{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]}";
    stage.repo.write("workflows/nightly.yml", format!("prod: {{workflows: [{{name: nightly, {items}}}]}}"));
    let shell = Shell::offline(&stage);
    shell.run("check workflows/nightly.yml").ended(0).told(&["1 workflow checked", "nightly", "in `prod`"]);
    shell.run("check").ended(0).told(&["3 workflows checked"]);
    shell.run("check --environment dev workflows/nightly.yml").ended(2).told(&["has no environment `dev`"]);
    let report = shell.run("check --output json").ended(0).json();
    let rows = report["workflows"].as_array().unwrap();
    let found: Vec<(&str, usize)> =
        rows.iter().map(|row| (row["name"].as_str().unwrap(), row["environments"].as_array().unwrap().len())).collect();
    assert_eq!(found, [("shop-orders", 2), ("shop-returns", 2), ("nightly", 1)]);
    assert_eq!(report["reproduce"], json!(["dltflow", "check"]));
}

#[test]
fn the_check_of_a_preview_finds_what_its_deployment_would() {
    let stage = Stage::new();
    stage.repo.replace("conf/orders.json", "\"dlt\": {", "\"dlt\": {\n    \"name\": \"raw.orders\",");
    let shell = Shell::offline(&stage);
    shell.run("check").ended(0);
    let fixed = |said: Said| {
        said.ended(3).told(&["preview-fixed-place", "--pull-request 42", "failed in `dev`, preview `pr42`"])
    };
    fixed(shell.run("check --pull-request 42"));
    fixed(shell.run("check --environment dev --pull-request 42 --changed-since HEAD"));
}
