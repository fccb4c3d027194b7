//! A create in doubt is looked up; a name that is taken is told as what it is.

use serde_json::{Value, json};

use super::{NAME, PIPELINES, at_once, count, fault, id, only, opened, preview, told};

#[test]
fn a_name_that_is_taken_is_told_as_that_whatever_its_status() {
    for status in [400, 409] {
        let stage = opened();
        stage.control("PUT", "settings", &json!({"taken_name_status": status}));
        stage.run(&preview(&stage)).ended(0, "deployed");
        // It is there, and is not listed when the plan is made.
        let path = json!({"method": "GET", "path": PIPELINES, "status": 200, "body": {}});
        fault(&stage, &path);
        stage.run(&preview(&stage)).ended(0, "deployed");
        only(&stage);
        stage.control("PUT", &format!("databricks/pipelines/{}", id(&stage)), &json!({"hidden": true}));
        stage.control("DELETE", "log", &Value::Null);
        let ran = stage.run(&preview(&stage));
        ran.ended(4, "failed");
        assert!(told(&ran).contains("taken by a pipeline that this token cannot see"), "{}", ran.stderr);
        // The plan's, one for a deletion that goes on, and the look at who has the name: no reply was lost.
        assert_eq!(count(&stage, "GET", PIPELINES), 1 + 1 + 4, "it is not waited for long");
    }
}

#[test]
fn a_name_that_is_taken_by_somebody_else_is_told_with_the_id() {
    let stage = opened();
    let made = stage.by_hand("POST", PIPELINES, &json!({"name": NAME, "catalog": "main"}));
    fault(&stage, &json!({"method": "GET", "path": PIPELINES, "status": 200, "body": {}}));
    let ran = stage.run(&preview(&stage));
    ran.ended(5, "failed");
    let id = made["pipeline_id"].as_str().unwrap();
    assert!(told(&ran).contains(&format!("is taken by the pipeline `{id}`")), "{}", ran.stderr);
}

#[test]
fn a_create_whose_reply_was_lost_is_found_however_long_the_list_lags() {
    let lost = [
        (json!({"action": "drop"}), 409),
        (json!({"status": 504}), 400),
        (json!({"status": 200, "body": {"pipeline": "which"}}), 409),
    ];
    at_once(&lost, |(lost, status)| {
        let stage = opened();
        stage.control("PUT", "settings", &json!({"list_lag": 8, "taken_name_status": status}));
        let mut lost = lost.clone();
        for (field, value) in [("method", "POST"), ("path", PIPELINES), ("when", "after")] {
            lost[field] = value.into();
        }
        fault(&stage, &lost);
        let ran = stage.run(&preview(&stage));
        assert_eq!((ran.ended(0, "deployed").output("created"), count(&stage, "POST", PIPELINES)), ("1", 2), "{lost}");
        only(&stage);
    });
}

#[test]
fn a_create_whose_reply_was_lost_and_which_is_not_listed_in_time_is_not_told_as_undone() {
    let stage = opened();
    stage.control("PUT", "settings", &json!({"list_lag": 99}));
    fault(&stage, &json!({"method": "POST", "path": PIPELINES, "action": "drop", "when": "after"}));
    let ran = stage.run(preview(&stage).input("timeout", "6s"));
    ran.ended(5, "failed");
    let told = told(&ran);
    assert!(told.contains("whether it was done") && told.contains("lost the connection"), "{told}");
    assert!(!told.contains("cannot see"), "{told}");
    only(&stage);
}
