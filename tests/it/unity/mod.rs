//! Previews on Unity Catalog: a schema of their own that comes and goes with them, and what becomes of tables.

mod background;
mod closing;
mod made;
mod tables;

use serde_json::json;

use crate::support::{Ran, Repo, Stage};

const FILE: &str = "workflows/harbour.yml";

/// A spec of two workflows with those schemas.
fn spec(arrivals: &str, departures: &str) -> String {
    let workflow = |name: &str, schema: &str, file: &str| {
        format!(
            "    - {{name: {name}, {schema}, serverless: true, tasks: {{items: [{{python_file: shop/pipelines/{file}.py, \
             parameters: [--conf, conf/{file}.json]}}]}}}}\n"
        )
    };
    let (arrivals, departures) =
        (workflow("arrivals", arrivals, "orders"), workflow("departures", departures, "returns"));
    format!("dev: &dev\n  workflows:\n{arrivals}{departures}prod: *dev\n")
}

const HARBOUR: &str = "catalog: main, schema: harbour";
const AIRPORT: &str = "catalog: main, schema: airport";
const ARRIVALS: &str = "[dev_octocat_pr42] arrivals";

/// A pull request that adds two pipelines with those schemas.
fn with(arrivals: &str, departures: &str) -> Stage {
    let stage = Stage::with(Repo::of("examples/shop"));
    stage.repo.branch("harbour").write(FILE, spec(arrivals, departures)).commit("harbour");
    stage
}

/// A pull request that adds two pipelines of one schema.
fn opened() -> Stage {
    with(HARBOUR, HARBOUR)
}

/// The preview of that pull request stands.
fn deployed(stage: &Stage) -> Ran {
    let ran = stage.run(&stage.on_pull_request("opened", 42, "harbour"));
    ran.ended(0, "deployed");
    ran
}

fn close(stage: &Stage) -> Ran {
    stage.run(&stage.on_pull_request("closed", 42, "harbour"))
}

/// Asserts that nothing of the pull request is left: no pipeline, no schema, no folder.
#[track_caller]
fn nothing_left(stage: &Stage, case: &str) {
    let of_preview = |path: &String| path.contains("pr42");
    let objects: Vec<String> = stage.objects().into_iter().filter(of_preview).collect();
    assert_eq!((stage.pipelines(), schemas(stage), objects), (vec![], vec![], vec![]), "{case}");
}

/// Paths of the notes of what previews made.
fn notes(stage: &Stage) -> Vec<String> {
    stage.objects().into_iter().filter(|path| path.contains("/made-")).collect()
}

fn schemas(stage: &Stage) -> Vec<String> {
    let held = stage.sandbox.state();
    let schemas = held["databricks"]["schemas"].as_array().unwrap().iter();
    schemas.map(|schema| schema["full_name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_preview_has_one_schema_of_its_own_which_goes_with_its_last_pipeline() {
    let stage = opened();
    let run = stage.on_pull_request("opened", 42, "harbour");
    stage.run(&run).ended(0, "deployed");
    let spec = &stage.pipelines()[0]["spec"];
    let own = spec["schema"].as_str().unwrap().to_owned();
    assert!(own.starts_with("harbour_pr42_"), "{own}");
    assert_eq!(spec["configuration"]["dltflow.base_schema"], "harbour");
    assert!(spec["environment"]["dependencies"][0].as_str().unwrap().contains("/previews/pr42_"));
    assert_eq!(schemas(&stage), [format!("main.{own}")]);
    assert_eq!(notes(&stage).len(), 1, "both pipelines have one schema");
    let requests = stage.requests();
    let place = |what: &str| requests.iter().position(|request| request.contains(what)).unwrap();
    assert!(place("made-") < place("/unity-catalog/schemas"), "it is noted before it is made: {requests:#?}");
    stage.run(&run).ended(0, "unchanged");
    assert!(stage.requests().iter().all(|request| request.starts_with("GET ")), "a second run asks for no schema");
    stage.run(&stage.on_pull_request("closed", 42, "harbour")).ended(0, "destroyed");
    nothing_left(&stage, "closed");
}

#[test]
fn a_schema_that_is_not_empty_or_not_ours_stays() {
    let stage = opened();
    stage.run(&stage.on_pull_request("opened", 42, "harbour")).ended(0, "deployed");
    let own = schemas(&stage).remove(0);
    stage.control("PUT", &format!("databricks/schemas/{own}"), &json!({"tables": {"mine": null}}));
    let ran = stage.run(stage.on_pull_request("closed", 42, "harbour").input("timeout", "8s"));
    ran.ended(0, "destroyed");
    assert_eq!(schemas(&stage), std::slice::from_ref(&own));
    assert!(ran.summary.contains("of the preview is left"), "{}", ran.summary);
    // Made anew while the schema is there already: it still carries our mark, and goes once it is empty.
    stage.run(&stage.on_pull_request("reopened", 42, "harbour")).ended(0, "deployed");
    stage.control("PUT", &format!("databricks/schemas/{own}"), &json!({"tables": {}}));
    stage.run(&stage.on_pull_request("closed", 42, "harbour")).ended(0, "destroyed");
    assert_eq!(schemas(&stage), Vec::<String>::new());
    // One that somebody else made is never dropped.
    stage.control("PUT", &format!("databricks/schemas/{own}"), &json!({"tables": {}}));
    stage.run(&stage.on_pull_request("reopened", 42, "harbour")).ended(0, "deployed");
    stage.run(&stage.on_pull_request("closed", 42, "harbour")).ended(0, "destroyed");
    assert_eq!(schemas(&stage), [own]);
}

#[test]
fn names_are_those_that_unity_catalog_keeps() {
    let stage = with("catalog: Main, schema: Harbour", "catalog: main, target: HARBOUR");
    deployed(&stage);
    let made = schemas(&stage);
    assert!(made.len() == 1 && made[0].starts_with("main.harbour_pr42_"), "{made:?}");
    assert_eq!(notes(&stage).len(), 1);
    close(&stage).ended(0, "destroyed");
    nothing_left(&stage, "closed");
}

#[test]
fn shared_places_are_neither_noted_nor_dropped() {
    let stage = opened();
    stage.repo.replace("dltflow.yml", "  dev:", "  dev:\n    preview: {isolate: false}").commit("shared places");
    stage.control("PUT", "databricks/schemas/main.harbour", &json!({"tables": {}}));
    deployed(&stage);
    assert_eq!((notes(&stage), schemas(&stage)), (vec![], vec!["main.harbour".to_owned()]));
    close(&stage).ended(0, "destroyed");
    assert_eq!((stage.pipelines().len(), schemas(&stage)), (0, vec!["main.harbour".to_owned()]));
}
