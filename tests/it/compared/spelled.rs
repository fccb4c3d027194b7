//! What is one value to the service: names of Unity Catalog in any case, places with and without a prefix.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{fields, open, pipeline, preview, row, shared, stage, writes};
use crate::support::Stage;

/// What was sent to create pipelines and schemas.
fn created(stage: &Stage, path: &str) -> Vec<Value> {
    let entries = stage.asked("databricks").into_iter();
    entries
        .filter(|entry| entry["method"] == "POST" && entry["path"] == path)
        .map(|entry| entry["body"].clone())
        .collect()
}

#[test]
fn a_catalog_in_capitals_does_not_restart_a_continuous_pipeline() {
    let stage = stage();
    stage.run(&shared(&stage)).ended(0, "deployed");
    assert_eq!(pipeline(&stage, "unity")["spec"]["catalog"], "main");
    stage.run(&shared(&stage)).ended(0, "unchanged");
    let unity = pipeline(&stage, "unity");
    assert_eq!((&unity["edits"], &unity["restarts"]), (&json!(0), &json!(0)));
    // Another case in the spec is an edit, as something else was written; nothing differs in it.
    stage.repo.replace("workflows/harbour.yml", "catalog: Main", "catalog: MAIN").commit("louder");
    let ran = stage.run(&shared(&stage));
    assert_eq!(fields(row(ran.ended(0, "deployed"), "unity")), ["code, configuration or spec of the workflow"]);
}

#[test]
fn edition_channel_and_mode_are_sent_as_the_service_keeps_them() {
    let stage = stage();
    let ran = stage.run(&shared(&stage));
    let findings = ran.ended(0, "deployed").report["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["rule"] != "dash-in-target"), "a dash is fine on Unity Catalog");
    let sent = created(&stage, "/api/2.0/pipelines");
    let hive = sent.iter().find(|body| body["name"] == "hive").unwrap();
    assert_eq!((&hive["edition"], &hive["channel"]), (&json!("PRO"), &json!("PREVIEW")));
    assert_eq!(hive["clusters"][0]["autoscale"]["mode"], "ENHANCED");
}

#[test]
fn the_schemas_of_a_preview_are_made_and_found_and_dropped_in_lower_case() {
    let stage = stage();
    open(&stage);
    stage.run(&preview(&stage)).ended(0, "deployed");
    let made = created(&stage, "/api/2.1/unity-catalog/schemas");
    assert_eq!(made.len(), 2);
    let name = |body: &Value| {
        let [catalog, name] = ["catalog_name", "name"].map(|field| body[field].as_str().unwrap());
        assert_eq!((catalog, name), ("main", name.to_lowercase().as_str()));
        format!("/api/2.1/unity-catalog/schemas/{catalog}.{name}")
    };
    let made: BTreeSet<String> = made.iter().map(name).collect();
    stage.run(&stage.on_pull_request("closed", 42, "change")).ended(0, "destroyed");
    let asked: Vec<String> = stage.requests().into_iter().filter(|request| request.contains("/schemas/")).collect();
    for method in ["GET", "DELETE"] {
        let paths = asked.iter().filter_map(|request| request.strip_prefix(&format!("{method} ")));
        assert_eq!(paths.map(str::to_owned).collect::<BTreeSet<_>>(), made, "{asked:#?}");
    }
    assert_eq!(stage.sandbox.state()["databricks"]["schemas"], json!([]));
}

#[test]
fn a_storage_in_another_spelling_is_not_another_storage() {
    for storage in ["dbfs:/mnt/lake/Harbour/", "/mnt/lake/Harbour", "dbfs:/mnt/lake/Harbour"] {
        let stage = stage();
        stage.run(&shared(&stage)).ended(0, "deployed");
        stage
            .repo
            .replace("workflows/harbour.yml", "storage: /mnt/lake/Harbour/", &format!("storage: {storage}"))
            .commit("same");
        let ran = stage.run(shared(&stage).input("mode", "plan"));
        assert_eq!(
            fields(row(ran.ended(0, "planned"), "hive")),
            ["code, configuration or spec of the workflow"],
            "{storage}"
        );
    }
    let stage = stage();
    stage.run(&shared(&stage)).ended(0, "deployed");
    stage
        .repo
        .replace("workflows/harbour.yml", "storage: /mnt/lake/Harbour/", "storage: /mnt/lake/harbour/")
        .commit("another");
    let ran = stage.run(&shared(&stage));
    assert!(ran.ended(4, "failed").stderr.contains("`storage` cannot be changed"), "{}", ran.stderr);
}

/// A wheel in a folder with a space is installed by its URL, in which it has to be found to be kept.
#[test]
fn a_workflow_of_which_nothing_changed_keeps_its_wheel_in_a_folder_of_any_name() {
    for root in ["/Shared/.dltflow/shop", "/Shared/the harbour's code (new)"] {
        let stage = stage();
        stage.repo.replace("dltflow.yml", "/Shared/.dltflow/shop", &format!("\"{root}\"")).commit("root");
        stage.run(&shared(&stage)).ended(0, "deployed");
        let held = ["unity", "serverless"].map(|workflow| pipeline(&stage, workflow));
        stage.repo.replace("conf/orders.json", "\"orders\"", "\"all_orders\"").commit("rename");
        writes(&stage);
        let ran = stage.run(&shared(&stage));
        assert_eq!(
            (ran.ended(0, "deployed").output("updated"), ran.output("unchanged")),
            ("1", "2"),
            "{root}: {}",
            ran.stderr
        );
        assert_eq!(["unity", "serverless"].map(|workflow| pipeline(&stage, workflow)), held, "{root}");
    }
}
