//! Previews on Unity Catalog: a schema of their own that comes and goes with them.

use serde_json::json;

use crate::support::{Repo, Stage};

const SPEC: &str = "
dev:
  workflows:
    - name: arrivals
      catalog: main
      schema: harbour
      serverless: true
      tasks:
        items: [{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]
    - name: departures
      catalog: main
      schema: harbour
      serverless: true
      tasks:
        items: [{python_file: shop/pipelines/returns.py, parameters: [--conf, conf/returns.json]}]
";

/// A pull request that adds two pipelines of one schema.
fn opened() -> Stage {
    let stage = Stage::with(Repo::of("examples/shop"));
    stage.repo.branch("harbour").write("workflows/harbour.yml", SPEC).commit("harbour");
    stage
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
    stage.requests();
    stage.run(&run).ended(0, "unchanged");
    assert!(stage.requests().iter().all(|request| request.starts_with("GET ")), "a second run asks for no schema");
    stage.run(&stage.on_pull_request("closed", 42, "harbour")).ended(0, "destroyed");
    assert_eq!((schemas(&stage).len(), stage.pipelines().len()), (0, 0));
}

#[test]
fn a_schema_that_is_not_empty_or_not_ours_stays() {
    let stage = opened();
    stage.run(&stage.on_pull_request("opened", 42, "harbour")).ended(0, "deployed");
    let own = schemas(&stage).remove(0);
    stage.control("PUT", &format!("databricks/schemas/{own}"), &json!({"tables": {"mine": null}}));
    let ran = stage.run(stage.on_pull_request("closed", 42, "harbour").input("timeout", "2s"));
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
