//! What becomes of the tables of shared pipelines is told before it happens and after.

use serde_json::{Value, json};

use super::{Said, Shell, names, pipeline, writes};
use crate::support::Stage;

const SPEC: &str = "workflows/ships.yml";
const OF_SPEC: &str = "--environment dev --deployment-file workflows/ships.yml";
const UNITY: &str = "catalog: main, schema: port";
/// A flag, what it makes of tables, how that is told before, and how many tables are left.
const FLAGS: [(&str, &str, &str, usize); 2] =
    [("", "kept", "keeps its tables", 1), ("--drop-tables", "dropped", "drops its tables", 0)];

fn write(stage: &Stage, name: &str, place: &str) {
    let items = "tasks: {items: [{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]}";
    stage.repo.write(SPEC, format!("dev: {{workflows: [{{name: {name}, {place}, {items}}}]}}")).commit(name);
}

/// A pipeline on Unity Catalog that has a table.
fn deployed() -> Stage {
    let stage = Stage::new();
    write(&stage, "ships", UNITY);
    Shell::of(&stage).run(&format!("deploy-py-dlt {OF_SPEC}")).ended(0);
    let tables = json!({"tables": {"ships": pipeline(&stage, "ships")["pipeline_id"]}});
    stage.control("PUT", "databricks/schemas/main.port", &tables);
    stage.requests();
    stage
}

/// How many tables there are.
fn tables(stage: &Stage) -> usize {
    stage.sandbox.state()["databricks"]["schemas"][0]["tables"].as_object().unwrap().len()
}

/// What a report in JSON says of the tables of `ships`: in its row, and in the plan.
#[track_caller]
fn reported(said: &Said) -> [Value; 2] {
    let report = said.json();
    let rows = report["workflows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["pipeline_name"] == "ships").unwrap_or_else(|| panic!("{report}"));
    let steps = report["plan"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["name"] == "ships" && step["resource"] == "pipeline").unwrap();
    [row["tables"].clone(), step["removal"]["tables"].clone()]
}

#[test]
fn a_destruction_tells_before_it_deletes_and_after_what_becomes_of_tables() {
    for (flag, fate, effect, left) in FLAGS {
        let stage = deployed();
        let line = format!("destroy {OF_SPEC} --yes {flag}");
        let refuse = json!({"method": "DELETE", "path": "/api/2.0/pipelines/*", "status": 403});
        stage.control("POST", "faults", &refuse);
        let refused = Shell::of(&stage).run(&format!("{line} --output json")).ended(6);
        assert_eq!((reported(&refused), tables(&stage)), ([json!(fate), json!(fate)], 1), "{flag}");
        let said = Shell::of(&stage).run(&format!("{line} --verbose")).ended(0);
        let place = |words: &str| said.stderr.find(words).unwrap_or_else(|| panic!("{words}: {}", said.stderr));
        assert!(place(&format!("destroying `ships`, which {effect}")) < place("DELETE"), "{}", said.stderr);
        assert!(said.stdout.contains(&format!("(tables {fate})")), "{}", said.stdout);
        assert_eq!(tables(&stage), left, "{flag}");
    }
}

#[test]
fn a_plan_tells_what_becomes_of_tables_and_the_deployment_does_just_that() {
    let rename = |stage: &Stage| write(stage, "boats", UNITY);
    let move_to_hive = |stage: &Stage| write(stage, "ships", "target: port");
    let changes: [fn(&Stage); 2] = [rename, move_to_hive];
    for (change, way) in changes.into_iter().zip(["--prune destroy", "--allow-recreate"]) {
        for (flag, fate, _, left) in FLAGS {
            let stage = deployed();
            change(&stage);
            let shell = Shell::of(&stage);
            let plan = format!("plan {OF_SPEC} {way} {flag}");
            shell.run(&plan).ended(0).told(&[&format!("(tables {fate})")]);
            let planned = shell.run(&format!("{plan} --output json")).ended(0);
            assert_eq!((reported(&planned), writes(&stage)), ([json!(fate), json!(fate)], vec![]), "{way} {flag}");
            assert_eq!((tables(&stage), names(&stage)), (1, vec!["ships".to_owned()]), "{way} {flag}");
            let done = shell.run(&format!("deploy-py-dlt {OF_SPEC} {way} {flag} --output json")).ended(0);
            assert_eq!((reported(&done), tables(&stage)), ([json!(fate), json!(fate)], left), "{way} {flag}");
        }
    }
}

#[test]
fn tables_of_previews_are_not_asked_about() {
    let stage = Stage::new();
    for line in ["plan --environment dev --as-individual", "plan --environment dev --pull-request 1"] {
        Shell::of(&stage).run(&format!("{line} --drop-tables")).ended(2).told(&["--drop-tables"]);
    }
    let line = "deploy-py-dlt --environment dev --deployment-file workflows/orders.yml --as-individual --drop-tables";
    Shell::of(&stage).run(line).ended(2).told(&["--drop-tables"]);
    assert_eq!(stage.requests(), Vec::<String>::new());
}
