//! `destroy`: takes away what carries the marks of what was named, and nothing else.

use serde_json::{Value, json};

use super::{Shell, names, pipeline, remark, writes};
use crate::support::Stage;

const INDIVIDUAL: &str = "destroy --environment dev --as-individual";
const SHARED: &str = "destroy --environment dev --deployment-file workflows/orders.yml";

/// The example's two workflows stand, shared and as the user's own.
fn both() -> Stage {
    let stage = Stage::new();
    for flags in ["", "--as-individual"] {
        for spec in ["orders.yml", "returns.json"] {
            let line = format!("deploy --deployment-file workflows/{spec} --environment dev {flags}");
            Shell::of(&stage).run(&line).ended(0);
        }
    }
    stage.requests();
    stage
}

const SHARED_NAMES: [&str; 2] = ["shop-orders", "shop-returns"];

#[test]
fn an_individual_deployment_goes_with_its_folder_and_the_shared_one_stays() {
    let stage = both();
    let report = Shell::of(&stage).run(&format!("{INDIVIDUAL} --output json")).ended(0).json();
    assert_eq!((&report["result"], &report["counts"]["destroyed"]), (&json!("destroyed"), &json!(2)));
    assert_eq!(names(&stage), SHARED_NAMES);
    let objects = stage.objects();
    assert!(objects.iter().any(|path| path.starts_with("/Shared/.dltflow/shop/dev/")), "{objects:?}");
    assert!(!objects.iter().any(|path| path.contains("octocat")), "{objects:?}");
    Shell::of(&stage).run(INDIVIDUAL).ended(0).told(&["there was no pipeline to destroy"]);
}

#[test]
fn what_cannot_be_seen_is_told_and_keeps_its_folder() {
    let stage = both();
    let id = pipeline(&stage, "[dev_octocat] shop-orders")["pipeline_id"].as_str().unwrap().to_owned();
    let path = format!("/api/2.0/pipelines/{id}");
    stage.control("POST", "faults", &json!({"method": "GET", "path": path, "status": 403}));
    Shell::of(&stage).run(INDIVIDUAL).ended(5).told(&["cannot be read with this token", "1 blocked, 1 destroyed"]);
    assert!(stage.objects().iter().any(|path| path.contains("octocat")), "{:?}", stage.objects());
    Shell::of(&stage).run(INDIVIDUAL).ended(0).told(&["1 destroyed"]);
    assert!(!stage.objects().iter().any(|path| path.contains("octocat")), "{:?}", stage.objects());
}

#[test]
fn a_pull_request_is_not_another_whose_number_begins_the_same() {
    let stage = Stage::new();
    for number in [1, 11] {
        let branch = format!("change-{number}");
        stage.repo.branch("main").branch(&branch);
        stage
            .repo
            .replace("workflows/orders.yml", "max_workers: 2", &format!("max_workers: 2{number}"))
            .commit(&branch);
        stage.run(&stage.on_pull_request("opened", number, &branch)).ended(0, "deployed");
    }
    assert_eq!(names(&stage), ["[dev_octocat_pr11] shop-orders", "[dev_octocat_pr1] shop-orders"]);
    stage.repo.branch("main");
    Shell::of(&stage)
        .run("destroy --environment dev --pull-request 1 --yes")
        .ended(0)
        .told(&["preview `pr1`", "1 destroyed"]);
    assert_eq!(names(&stage), ["[dev_octocat_pr11] shop-orders"]);
    let objects = stage.objects();
    assert!(objects.iter().any(|path| path.contains("/pr11_")), "{objects:?}");
    assert!(!objects.iter().any(|path| path.contains("/pr1_")), "{objects:?}");
}

#[test]
fn shared_pipelines_go_by_their_spec_and_only_when_it_is_confirmed() {
    let stage = both();
    let shell = Shell::of(&stage);
    shell.run(SHARED).ended(2).told(&["--yes"]);
    assert_eq!(stage.requests(), Vec::<String>::new());
    shell
        .run(&format!("{SHARED} --yes"))
        .ended(0)
        .told(&["1 pipeline destroyed", "storage `/mnt/lake/shop/dev/orders`"]);
    assert_eq!(names(&stage), ["[dev_octocat] shop-orders", "[dev_octocat] shop-returns", "shop-returns"]);
}

#[test]
fn tables_of_a_shared_pipeline_stay_unless_the_flag_drops_them() {
    let spec = "workflows/ships.yml";
    let line = format!("--environment dev --deployment-file {spec}");
    for (flag, tables, left) in [("", "tables kept", 1), ("--drop-tables", "tables dropped", 0)] {
        let stage = Stage::new();
        let items = "tasks: {items: [{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]}";
        let text = format!("dev: {{workflows: [{{name: ships, catalog: main, schema: port, {items}}}]}}");
        stage.repo.write(spec, text).commit("ships");
        let shell = Shell::of(&stage);
        shell.run(&format!("deploy {line}")).ended(0);
        let tables_of_it = json!({"tables": {"ships": pipeline(&stage, "ships")["pipeline_id"]}});
        stage.control("PUT", "databricks/schemas/main.port", &tables_of_it);
        let said = shell.run(&format!("destroy {line} --yes {flag}")).ended(0).told(&["1 pipeline destroyed", tables]);
        assert!(said.all().contains(&format!("--yes {flag}").trim_end().to_owned()), "{}", said.stderr);
        let schema = &stage.sandbox.state()["databricks"]["schemas"][0];
        assert_eq!(schema["tables"].as_object().unwrap().len(), left, "{flag}");
    }
    let stage = Stage::new();
    Shell::of(&stage).run("destroy --environment dev --as-individual --drop-tables").ended(2);
}

#[test]
fn what_is_not_ours_stays_whatever_its_name() {
    let foreign = [
        ("", Value::Null),
        ("dltflow.project", json!("warehouse")),
        ("dltflow.environment", json!("prod")),
        ("dltflow.preview", json!("pr7")),
        ("dltflow.name", json!("copied by hand")),
    ];
    for (mark, value) in foreign {
        let stage = both();
        for name in ["shop-orders", "[dev_octocat] shop-orders"] {
            remark(&stage, name, mark, &value);
        }
        let before = names(&stage);
        Shell::of(&stage).run(&format!("{SHARED} --yes")).ended(0);
        assert_eq!((writes(&stage), names(&stage)), (Vec::new(), before), "{mark} {value}");
        Shell::of(&stage).run(INDIVIDUAL).ended(0).told(&["1 destroyed"]);
        assert_eq!(names(&stage), ["[dev_octocat] shop-orders", "shop-orders", "shop-returns"], "{mark} {value}");
    }
}

#[test]
fn one_form_is_asked_for_and_not_two() {
    let stage = Stage::new();
    for flags in ["", "--yes", "--as-individual --pull-request 1", "--as-individual --deployment-file x --yes"] {
        Shell::of(&stage).run(&format!("destroy --environment dev {flags}")).ended(2).told(&["--as-individual"]);
    }
    assert_eq!(stage.requests(), Vec::<String>::new());
}

#[test]
fn what_has_the_name_and_is_not_ours_is_named_and_stays() {
    for (key, why) in [("", "dltflow has not made it"), ("dltflow.project", "its `dltflow.project` is `bank`")] {
        let stage = both();
        remark(&stage, "shop-orders", key, &if key.is_empty() { Value::Null } else { json!("bank") });
        let said = Shell::of(&stage).run(&format!("{SHARED} --yes")).ended(0);
        said.told(&["`shop-orders` was left, as it is not this project's", why]);
        assert!(names(&stage).contains(&"shop-orders".to_owned()));
    }
}

const PREVIEW: &str = "destroy --environment dev --pull-request 42";

/// What is typed at the question, and how the command ends.
#[test]
fn a_terminal_shows_what_goes_and_asks() {
    let cases = [
        ("y\n", 0, true),
        ("n\n", 2, false),
        ("\n", 2, false),
        ("deploy --environment dev\n", 2, false),
        ("maybe\n", 2, false),
    ];
    for (typed, code, goes) in cases {
        let stage = both();
        let said = Shell::of(&stage).answering(SHARED, typed).ended(code);
        let said =
            said.told(&["this is destroyed in `dev`:", "  - pipeline `shop-orders` (tables kept)", "Destroy it?"]);
        assert_eq!(names(&stage).contains(&"shop-orders".to_owned()), !goes, "`{typed}`: {said:?}");
        assert_eq!(writes(&stage).is_empty(), !goes, "`{typed}`: {said:?}");
        assert!(goes || said.all().contains("not confirmed: nothing was destroyed"), "`{typed}`: {said:?}");
    }
    let stage = both();
    for line in [&format!("{SHARED} --yes"), INDIVIDUAL, INDIVIDUAL] {
        let said = Shell::of(&stage).answering(line, "").ended(0);
        assert!(!said.all().contains("Destroy it?"), "{line}: {said:?}");
    }
}

#[test]
fn the_preview_of_a_repository_that_is_not_known_to_be_this_one_is_asked_about() {
    let opened = || {
        let stage = Stage::new();
        stage
            .repo
            .branch("bigger")
            .replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4")
            .commit("bigger");
        stage.run(&stage.on_pull_request("opened", 42, "bigger")).ended(0, "deployed");
        stage.requests();
        stage
    };
    let stage = opened();
    Shell::of(&stage).run(PREVIEW).ended(2).told(&["has to be confirmed", "add `--yes`", "destroy    planned"]);
    assert_eq!((writes(&stage), names(&stage).len()), (Vec::new(), 1));
    let said = Shell::of(&stage).answering(PREVIEW, "n\n").ended(2);
    said.told(&["  - pipeline `[dev_octocat_pr42] shop-orders`", "  - folder `/Shared/.dltflow/shop/previews/pr42_"]);
    assert_eq!((writes(&stage), names(&stage).len()), (Vec::new(), 1));
    let said = Shell::of(&stage).run(&format!("{PREVIEW} --yes")).ended(0).told(&["1 destroyed"]);
    assert!(said.stdout.contains(&format!("to reproduce: dltflow {PREVIEW} --yes\n")), "{said:?}");
    assert_eq!((names(&stage), stage.objects().iter().any(|path| path.contains("pr42"))), (Vec::new(), false));
    Shell::of(&stage).run(PREVIEW).ended(0).told(&["there was no pipeline to destroy"]);
}

#[test]
fn a_job_knows_its_repository_and_destroys_no_preview_of_another_one() {
    for (id, destroyed) in [("4242", 1), ("4243", 0)] {
        let stage = Stage::new();
        stage
            .repo
            .branch("bigger")
            .replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4")
            .commit("bigger");
        stage.run(&stage.on_pull_request("opened", 42, "bigger")).ended(0, "deployed");
        let shell = Shell::of(&stage);
        let mut command = shell.command(env!("CARGO_BIN_EXE_dltflow"));
        command.args(["destroy", "--environment", "dev", "--pull-request", "42", "--output", "json"]);
        let said = shell.said(command.env("GITHUB_REPOSITORY_ID", id)).ended(0);
        assert_eq!(said.json()["counts"]["destroyed"], destroyed, "{id}");
        assert_eq!(names(&stage).len(), 1 - destroyed, "{id}");
    }
}
