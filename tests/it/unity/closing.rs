//! Closing again finishes what an earlier closing left, and touches nothing of another.

use serde_json::{Value, json};

use super::{AIRPORT, ARRIVALS, HARBOUR, close, deployed, notes, nothing_left, opened, schemas, with};
use crate::support::Stage;

const SCHEMA: &str = "*/unity-catalog/schemas/*";

/// What may go wrong once the pipelines are gone.
fn faults() -> Vec<Value> {
    vec![
        json!({"method": "GET", "path": SCHEMA, "status": 403}),
        json!({"method": "DELETE", "path": SCHEMA, "status": 403}),
        json!({"method": "DELETE", "path": SCHEMA, "status": 501}),
        json!({"method": "DELETE", "path": SCHEMA, "status": 503, "times": 99}),
        json!({"path": "/api/2.0/workspace/delete", "status": 403}),
        json!({"path": "/api/2.0/workspace/delete", "status": 403, "skip": 1}),
    ]
}

/// Closes while `fault` is there, and again once it is not.
#[track_caller]
fn twice(stage: &Stage, fault: &Value, case: &str) {
    stage.control("POST", "faults", fault);
    let ran = stage.run(stage.on_pull_request("closed", 42, "harbour").input("timeout", "8s"));
    assert_eq!((ran.code, ran.output("result"), stage.pipelines().len()), (5, "failed", 0), "{case}: {}", ran.stderr);
    stage.control("DELETE", "faults", &Value::Null);
    let ran = close(stage);
    assert_eq!((ran.code, ran.output("result")), (0, "destroyed"), "{case}: {}", ran.stderr);
    nothing_left(stage, case);
}

#[test]
fn a_second_closing_finishes_what_the_first_one_left() {
    for fault in faults() {
        let stage = opened();
        deployed(&stage);
        twice(&stage, &fault, &fault.to_string());
    }
}

#[test]
fn what_an_earlier_build_made_is_noted_before_its_pipeline_goes() {
    for case in ["no notes", "no folder"] {
        let stage = opened();
        deployed(&stage);
        let made = notes(&stage);
        let folder = made[0].rsplit_once('/').unwrap().0.to_owned();
        let lost = if case == "no notes" { made } else { vec![folder] };
        for path in lost {
            stage.remove_by_hand(&path);
        }
        assert_eq!(notes(&stage), Vec::<String>::new());
        twice(&stage, &faults()[1], case);
    }
}

#[test]
fn a_second_closing_of_what_is_gone_writes_nothing() {
    let stage = opened();
    deployed(&stage);
    close(&stage).ended(0, "destroyed");
    stage.requests();
    let ran = close(&stage);
    ran.ended(0, "destroyed");
    assert!(stage.requests().iter().all(|request| request.starts_with("GET ")));
    assert!(ran.summary.contains("there was no pipeline to destroy"), "{}", ran.summary);
}

#[test]
fn what_is_left_of_a_preview_is_told_when_it_goes() {
    let stage = opened();
    stage.control(
        "POST",
        "faults",
        &json!({"method": "POST", "path": "/api/2.0/pipelines", "status": 400, "times": 2}),
    );
    stage.run(&stage.on_pull_request("opened", 42, "harbour")).ended(5, "failed");
    let ran = close(&stage);
    ran.ended(0, "destroyed");
    assert!(ran.summary.contains("what was left of it is destroyed: 1 schema"), "{}", ran.summary);
}

#[test]
fn two_environments_of_one_pull_request_share_a_folder_and_not_what_is_noted_in_it() {
    let stage = with(HARBOUR, AIRPORT);
    let run = |action: &str, environment: &str, result: &str| {
        let mut runner = stage.on_pull_request(action, 42, "harbour");
        stage.run(runner.input("environment", environment)).ended(0, result);
    };
    run("opened", "dev", "deployed");
    run("opened", "prod", "deployed");
    assert_eq!(notes(&stage).len(), 4);
    // Their pipelines are gone: the notes alone keep what is the other's.
    for pipeline in stage.pipelines() {
        stage.delete_by_hand(pipeline["spec"]["name"].as_str().unwrap());
    }
    run("closed", "dev", "destroyed");
    let (left, wheels) = (notes(&stage), stage.objects().iter().filter(|path| path.contains(".whl")).count());
    assert!(left.len() == 2 && wheels > 0, "{left:?} {:?}", stage.objects());
    run("closed", "prod", "destroyed");
    nothing_left(&stage, "both");
}

#[test]
fn a_note_only_says_where_to_look() {
    let stage = opened();
    deployed(&stage);
    let note = notes(&stage).remove(0);
    let folder = note.rsplit_once('/').unwrap().0;
    stage.control("PUT", "databricks/schemas/main.people", &json!({"tables": {}}));
    let said = said(&stage, &note);
    for (name, key, value) in [
        ("made-1.json", "schema", json!({"catalog": "main", "name": "people"})),
        ("made-2.json", "preview", json!("pr7")),
        ("made-3.json", "repository", json!("7")),
        ("made-4.json", "environment", json!("prod")),
        ("made-5.json", "project", json!("warehouse")),
    ] {
        let mut said = said.clone();
        said[key] = value;
        stage.write_by_hand(&format!("{folder}/{name}"), &said.to_string());
    }
    close(&stage).ended(0, "destroyed");
    assert_eq!(schemas(&stage), ["main.people"], "whatever a note says, it does not carry our mark");
    let left: Vec<String> = ["2", "3", "4"].map(|number| format!("{folder}/made-{number}.json")).to_vec();
    let kept = notes(&stage);
    assert!(left.iter().all(|path| kept.contains(path)), "notes of others keep the folder: {kept:?}");
    assert!(!kept.contains(&note) && !kept.contains(&format!("{folder}/made-1.json")), "{kept:?}");
}

/// What a note says.
fn said(stage: &Stage, path: &str) -> Value {
    let workspace = stage.sandbox.state();
    let objects = workspace["databricks"]["objects"].as_array().unwrap();
    let note = objects.iter().find(|object| object["path"] == path).unwrap();
    match &note["content"] {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        content => content.clone(),
    }
}

#[test]
fn a_note_that_cannot_be_understood_keeps_the_folder_and_is_told() {
    for text in ["", "{}", "{\"volume\": {\"name\": \"x\"}}", "[", "\u{0}"] {
        let stage = opened();
        deployed(&stage);
        let folder = notes(&stage).remove(0).rsplit_once('/').unwrap().0.to_owned();
        stage.write_by_hand(&format!("{folder}/made-newer.json"), text);
        let ran = close(&stage);
        ran.ended(0, "destroyed");
        let left: Vec<String> = stage.objects().into_iter().filter(|path| path.contains("made-")).collect();
        assert_eq!((left, schemas(&stage)), (vec![format!("{folder}/made-newer.json")], vec![]), "{text}");
        let told = ran.report["notes"].to_string();
        assert!(told.contains("made-newer.json") && told.contains("delete the folder by hand"), "{told}");
        stage.remove_by_hand(&format!("{folder}/made-newer.json"));
        close(&stage).ended(0, "destroyed");
        nothing_left(&stage, text);
    }
}

#[test]
fn a_pipeline_that_cannot_be_seen_keeps_the_schemas_that_it_may_write_to() {
    let stage = opened();
    deployed(&stage);
    stage.delete_by_hand("[dev_octocat_pr42] departures");
    let path = format!("/api/2.0/pipelines/{}", stage.id_of(ARRIVALS));
    stage.control("POST", "faults", &json!({"method": "GET", "path": path, "status": 403}));
    assert_ne!(close(&stage).code, 0);
    assert_eq!((schemas(&stage).len(), notes(&stage).len()), (1, 1));
    close(&stage).ended(0, "destroyed");
    nothing_left(&stage, "seen again");
}
