//! The deletion of a pipeline goes on in the background, and its tables are there until it is over.

use serde_json::{Value, json};

use super::{HARBOUR, close, deployed, nothing_left, opened, schemas, with};
use crate::support::Stage;

/// Gives each pipeline of the preview a table in its schema, and deletions a lag.
fn with_tables(stage: &Stage, lag: u32) {
    let own = schemas(stage).remove(0);
    let ids: Vec<Value> = stage.pipelines().iter().map(|pipeline| pipeline["pipeline_id"].clone()).collect();
    let tables: serde_json::Map<String, Value> =
        ids.into_iter().enumerate().map(|(index, id)| (format!("table{index}"), id)).collect();
    stage.control("PUT", &format!("databricks/schemas/{own}"), &json!({"tables": tables}));
    stage.control("PUT", "settings", &json!({"delete_lag": lag}));
}

#[test]
fn a_schema_is_dropped_once_the_deletion_of_its_pipelines_is_over() {
    for lag in [1, 2, 4] {
        let stage = opened();
        deployed(&stage);
        with_tables(&stage, lag);
        stage.requests();
        close(&stage).ended(0, "destroyed");
        nothing_left(&stage, &format!("lag {lag}"));
        let requests = stage.requests();
        let last = |what: &str| requests.iter().rposition(|request| request.starts_with(what)).unwrap();
        assert!(last("DELETE /api/2.0/pipelines") < last("DELETE /api/2.1/unity-catalog"), "{requests:#?}");
    }
}

#[test]
fn a_schema_that_does_not_become_empty_is_named_and_goes_when_it_is_closed_again() {
    let stage = opened();
    deployed(&stage);
    with_tables(&stage, 10);
    let own = schemas(&stage).remove(0);
    let ran = stage.run(stage.on_pull_request("closed", 42, "harbour").input("timeout", "2s"));
    ran.ended(0, "destroyed");
    let left = format!("the schema `{own}` of the preview is left");
    assert!(ran.summary.contains(&left) && ran.summary.contains("is not empty"), "{}", ran.summary);
    assert_eq!(schemas(&stage), [own]);
    assert!(stage.objects().iter().any(|path| path.contains("/made-")), "what is left is found again");
    close(&stage).ended(0, "destroyed");
    nothing_left(&stage, "closed again");
}

#[test]
fn a_preview_that_is_opened_again_while_its_deletion_goes_on_is_made_anew() {
    for (case, schema) in [("unity", HARBOUR), ("hive", "target: harbour")] {
        let stage = with(schema, schema);
        deployed(&stage);
        stage.control("PUT", "settings", &json!({"delete_lag": 5}));
        let before: Vec<Value> = stage.pipelines().iter().map(|pipeline| pipeline["pipeline_id"].clone()).collect();
        for id in &before {
            stage.by_hand("DELETE", &format!("/api/2.0/pipelines/{}", id.as_str().unwrap()), &Value::Null);
        }
        let ran = stage.run(&stage.on_pull_request("reopened", 42, "harbour"));
        assert_eq!((ran.code, ran.output("created")), (0, "2"), "{case}: {}", ran.stderr);
        assert!(stage.pipelines().iter().all(|pipeline| !before.contains(&pipeline["pipeline_id"])), "{case}");
        assert_eq!(stage.pipelines().len(), 2, "{case}");
    }
}

#[test]
fn a_name_whose_pipeline_does_not_go_is_told_as_that() {
    let stage = opened();
    deployed(&stage);
    stage.control("PUT", "settings", &json!({"delete_lag": 1000}));
    stage.delete_by_hand(super::ARRIVALS);
    let ran = stage.run(stage.on_pull_request("reopened", 42, "harbour").input("timeout", "8s"));
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("is taken by a pipeline whose deletion goes on"), "{}", ran.stderr);
}
