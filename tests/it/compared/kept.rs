//! Where the service keeps a value of its own, whatever is sent, that costs one edit and is told once.

use serde_json::{Value, json};

use super::{notes, open, pipeline, preview, row, set, shared, stage, tamper, writes};
use crate::support::{Ran, Runner, Stage};

/// What the service shows at a place of the workflow `hive`, and the path and both values as they are reported.
const KEPT: &[(&str, &str, [&str; 3])] = &[
    ("/spec/tags/team", "platform", ["`tags.team`", "`\"platform\"`", "`\"lake\"`"]),
    (
        "/spec/clusters/0/node_type_id",
        "Standard_D4ds_v5",
        ["`clusters[0].node_type_id`", "`\"Standard_D4ds_v5\"`", "`\"Standard_DS3_v2\"`"],
    ),
    (
        "/spec/clusters/0/init_scripts/1/volumes/destination",
        "/Volumes/a/b/moved.sh",
        [
            "`clusters[0].init_scripts[1].volumes.destination`",
            "`\"/Volumes/a/b/moved.sh\"`",
            "`\"/Volumes/a/b/two.sh\"`",
        ],
    ),
];

fn keep(stage: &Stage, place: &str, value: &str) {
    set(stage, &json!({"keeps": {place: value}}));
}

/// What the only record says is kept.
fn recorded(stage: &Stage) -> Value {
    let held = stage.sandbox.state();
    let objects = held["databricks"]["objects"].as_array().unwrap();
    let is_record = |object: &&Value| object["path"].as_str().unwrap().contains("/deployed-");
    objects.iter().find(is_record).map_or(Value::Null, |record| record["content"]["kept"].clone())
}

fn edits(stage: &Stage) -> u64 {
    pipeline(stage, "hive")["edits"].as_u64().unwrap()
}

#[track_caller]
fn is_told(ran: &Ran, words: &[&str]) {
    let told = notes(ran, "value-kept");
    let [told] = &told[..] else { panic!("{told:?} {}", ran.report) };
    assert!(words.iter().all(|word| told.contains(word)) && told.contains("`workflows/harbour.yml`"), "{told}");
}

/// Deploys, lets the service keep a value, and sees one edit.
fn is_edited_once(runner: impl Fn(&Stage) -> Runner, begin: fn(&Stage)) {
    for (place, value, words) in KEPT {
        let stage = stage();
        begin(&stage);
        stage.run(&runner(&stage)).ended(0, "deployed");
        keep(&stage, place, value);
        let ran = stage.run(&runner(&stage));
        is_told(ran.ended(0, "deployed"), words);
        assert_eq!((row(&ran, "hive")["drift"] == true, edits(&stage)), (true, 1), "{place}");
        for _ in 0..2 {
            writes(&stage);
            let ran = stage.run(&runner(&stage));
            assert_eq!((ran.ended(0, "unchanged").code, writes(&stage), edits(&stage)), (0, vec![], 1), "{place}");
            assert_eq!(notes(&ran, "value-kept"), Vec::<String>::new());
        }
    }
}

#[test]
fn a_value_that_the_service_keeps_is_edited_once_in_shared_pipelines() {
    is_edited_once(shared, |_| {});
}

#[test]
fn a_value_that_the_service_keeps_is_edited_once_in_previews() {
    is_edited_once(preview, open);
}

#[test]
fn a_kept_value_counts_again_once_either_side_is_another() {
    let stage = stage();
    stage.run(&shared(&stage)).ended(0, "deployed");
    keep(&stage, "/spec/tags/team", "platform");
    stage.run(&shared(&stage)).ended(0, "deployed");
    // Somebody sets a third value.
    set(&stage, &json!({"keeps": {}}));
    tamper(&stage, "hive", &json!({"tags": {"team": "sea", "cost": "7", "blank": ""}}));
    let ran = stage.run(&shared(&stage));
    assert_eq!((row(ran.ended(0, "deployed"), "hive")["drift"] == true, notes(&ran, "value-kept").len()), (true, 0));
    assert_eq!(pipeline(&stage, "hive")["stored"]["tags"]["team"], "lake");
    // The spec asks for another one, which the service does not keep either.
    keep(&stage, "/spec/tags/team", "platform");
    stage.repo.replace("workflows/harbour.yml", "{team: lake, cost", "{team: shore, cost").commit("shore");
    stage.run(&shared(&stage)).ended(0, "deployed");
    let ran = stage.run(&shared(&stage));
    is_told(ran.ended(0, "deployed"), &["`tags.team`", "`\"platform\"`", "`\"shore\"`"]);
    stage.run(&shared(&stage)).ended(0, "unchanged");
}

#[test]
fn what_is_kept_survives_deployments_of_other_changes() {
    let stage = stage();
    stage.run(&shared(&stage)).ended(0, "deployed");
    keep(&stage, "/spec/tags/team", "platform");
    stage.run(&shared(&stage)).ended(0, "deployed");
    let kept = recorded(&stage);
    assert_eq!(kept, json!({"hive": {"tags.team": {"wanted": "lake", "is": "platform"}}}));
    stage.repo.replace("workflows/harbour.yml", "max_workers: 3", "max_workers: 4").commit("bigger");
    let ran = stage.run(&shared(&stage));
    assert_eq!((row(ran.ended(0, "deployed"), "hive")["drift"] == true, recorded(&stage)), (false, kept));
    writes(&stage);
    stage.run(&shared(&stage)).ended(0, "unchanged");
    assert_eq!(writes(&stage), Vec::<String>::new());
}

/// A look after the edit that shows what was before it says nothing of what the service keeps.
#[test]
fn a_stale_look_after_an_edit_is_no_value_that_is_kept() {
    let stage = stage();
    stage.run(&shared(&stage)).ended(0, "deployed");
    let restored = pipeline(&stage, "hive")["stored"].clone();
    tamper(&stage, "hive", &json!({"photon": false}));
    let before = pipeline(&stage, "hive");
    let path = format!("/api/2.0/pipelines/{}", before["pipeline_id"].as_str().unwrap());
    stage.control("POST", "faults", &json!({"method": "GET", "path": path, "status": 200, "body": before, "skip": 1}));
    let ran = stage.run(&shared(&stage));
    assert_eq!((notes(ran.ended(0, "deployed"), "value-kept").len(), recorded(&stage)), (0, json!({})));
    assert_eq!(pipeline(&stage, "hive")["stored"], restored);
    tamper(&stage, "hive", &json!({"photon": false}));
    assert_eq!(row(stage.run(&shared(&stage)).ended(0, "deployed"), "hive").clone()["drift"], json!(true));
}

#[test]
fn what_is_kept_is_told_also_if_it_cannot_be_recorded_or_looked_at() {
    let stage = stage();
    open(&stage);
    stage.run(&preview(&stage)).ended(0, "deployed");
    keep(&stage, "/spec/tags/team", "platform");
    let refused =
        json!({"method": "POST", "path": "/api/2.0/workspace-files/import-file/*", "status": 400, "times": 1});
    stage.control("POST", "faults", &refused);
    let ran = stage.run(&preview(&stage));
    is_told(ran.ended(0, "deployed"), &["`tags.team`"]);
    assert!(notes(&ran, "record-not-written")[0].contains("the next run edits it again"), "{}", ran.report);
    // Without a second look nothing is known of it, and the deployment is what it was.
    let path = format!("/api/2.0/pipelines/{}", pipeline(&stage, "hive")["pipeline_id"].as_str().unwrap());
    stage.control("POST", "faults", &json!({"method": "GET", "path": path, "status": 400, "skip": 1, "times": 1}));
    assert_eq!(notes(stage.run(&preview(&stage)).ended(0, "deployed"), "value-kept").len(), 0);
}
