//! The deletion of a pipeline goes on in the background, and its tables are there until it is over.

use serde_json::{Value, json};

use super::{HARBOUR, close, deployed, nothing_left, opened, schemas, with};
use crate::support::{Ran, Runner, Stage};

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
    with_tables(&stage, 20);
    let own = schemas(&stage).remove(0);
    let ran = stage.run(stage.on_pull_request("closed", 42, "harbour").input("timeout", "8s"));
    ran.ended(0, "destroyed");
    let left = format!("the schema `{own}` of the preview is left");
    assert!(ran.summary.contains(&left) && ran.summary.contains("is not empty"), "{}", ran.summary);
    assert_eq!(schemas(&stage), [own]);
    assert!(stage.objects().iter().any(|path| path.contains("/made-")), "what is left is found again");
    close(&stage).ended(0, "destroyed");
    nothing_left(&stage, "closed again");
}

/// What closing cannot wait for is the sweep's, as it says.
#[test]
fn a_schema_that_is_left_names_what_drops_it_and_a_sweep_does() {
    for (case, mine) in [("the deletion goes on", false), ("something else is in it", true)] {
        let stage = opened();
        deployed(&stage);
        let own = schemas(&stage).remove(0);
        let holds =
            |tables: Value| stage.control("PUT", &format!("databricks/schemas/{own}"), &json!({"tables": tables}));
        if mine {
            holds(json!({"mine": null}));
        } else {
            with_tables(&stage, 20);
        }
        let ran = stage.run(stage.on_pull_request("closed", 42, "harbour").input("timeout", "8s"));
        ran.ended(0, "destroyed");
        names_the_sweep(&ran, &own);
        let listed = stage.run(&sweep(&stage));
        let to_delete = json!(["to delete", "schema", own]);
        assert!(swept(listed.ended(0, "listed")).contains(&to_delete), "{case}: {:?}", swept(&listed));
        assert_eq!(schemas(&stage), [own.as_str()], "{case}");
        if mine {
            // It is not forced either.
            let ran = stage.run(sweep(&stage).input("confirm", "true").input("timeout", "8s"));
            assert_eq!(schemas(&stage), [own.as_str()], "{case}: {}", ran.stderr);
            holds(json!({}));
        }
        stage.run(sweep(&stage).input("confirm", "true")).ended(0, "destroyed");
        nothing_left(&stage, case);
    }
}

#[track_caller]
fn names_the_sweep(ran: &Ran, schema: &str) {
    let notes = ran.report["notes"].as_array().unwrap();
    let left: Vec<&str> = notes.iter().filter(|note| note["code"] == "schema-left").map(message).collect();
    let [left] = left[..] else { panic!("{notes:?}") };
    assert!(left.starts_with(&format!("the schema `{schema}` of the preview is left: ")), "{left}");
    assert!(left.ends_with("once it is empty, destroying the preview again or a sweep drops it"), "{left}");
    assert!(ran.stderr.contains("a sweep drops it") && ran.summary.contains("a sweep drops it"), "{}", ran.stderr);
}

fn message(note: &Value) -> &str {
    note["message"].as_str().unwrap()
}

fn sweep(stage: &Stage) -> Runner {
    let main = "refs/heads/main";
    let mut runner = stage.on("schedule", &json!({"schedule": "0 4 * * *"}), main, &stage.repo.rev(main));
    runner.input("mode", "sweep");
    runner
}

/// Fate, kind and name of each thing that a sweep found.
fn swept(ran: &Ran) -> Vec<Value> {
    let things = ran.report["sweep"].as_array().unwrap().iter();
    things.map(|thing| json!([thing["fate"], thing["kind"], thing["name"]])).collect()
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
