//! The command that a report gives to reproduce it, run: it does the same.

use serde_json::{Value, json};

use super::Shell;
use crate::support::Stage;

/// The command of a report, without the program's name.
fn reproduce(report: &Value) -> String {
    let words: Vec<&str> = report["reproduce"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(words[0], "dltflow");
    words[1..].join(" ")
}

/// The workflows that a report is about, and the names of their pipelines.
fn workflows(report: &Value) -> Vec<[Value; 2]> {
    let rows = report["workflows"].as_array().unwrap().iter();
    rows.map(|row| [row["name"].clone(), row["pipeline_name"].clone()]).collect()
}

#[test]
fn a_pull_request_is_reproduced_with_its_preview_and_what_it_changed() {
    let stage = Stage::new();
    stage.repo.branch("change").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("change");
    let ran = stage.run(&stage.on_pull_request("opened", 42, "change"));
    ran.ended(0, "deployed");
    // As `actions/checkout` leaves it; main has moved on since.
    stage.repo.branch("main");
    stage.repo.replace("workflows/returns.json", "returns.json", "orders.json").commit("meanwhile");
    stage.repo.git(&["update-ref", "refs/remotes/origin/main", "main"]);
    stage.repo.branch("change");
    let line = reproduce(&ran.report);
    assert_eq!(line, "plan --environment dev --pull-request 42 --changed-since origin/main");
    let report = Shell::of(&stage).run(&format!("{line} --output json")).ended(0).json();
    assert_eq!(workflows(&report), workflows(&ran.report));
    assert_eq!((&report["result"], &report["counts"]["unchanged"]), (&json!("planned"), &json!(1)), "{report}");
    assert_eq!(report["preview"], "pr42");
}

#[test]
fn a_command_is_reproduced_with_all_that_it_was_given() {
    let stage = Stage::new();
    stage.repo.replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4");
    for line in [
        "check --environment dev workflows/orders.yml workflows/r*.json",
        "check --environment dev --changed-since HEAD",
        "check --working-directory shop --environment dev",
        "plan --environment dev --deployment-file workflows/orders.yml --deployment-file workflows/returns.json",
        "plan --environment dev --as-individual --preview-name {user}-{name} --allow-recreate",
        "plan --environment dev --pull-request 7 --changed-since HEAD",
        "deploy --environment dev --deployment-file workflows/orders.yml --as-individual",
        "destroy --environment dev --as-individual",
        "destroy --environment dev --pull-request 7",
    ] {
        let run = |line: &str| Shell::of(&stage).run(&format!("{line} --output json")).ended(0).json();
        let first = run(line);
        let again = reproduce(&first);
        let given = line.split_whitespace().all(|word| again.split_whitespace().any(|other| other == word));
        assert!(given, "{line}\n{again}");
        let second = run(&again);
        assert_eq!(reproduce(&second), again, "{line}");
        let destroys = line.starts_with("destroy");
        assert!(destroys || workflows(&first) == workflows(&second), "{line}\n{first}\n{second}");
    }
}
