//! The Databricks side where the SDK does not look.

use serde_json::{Value, json};

use crate::client::{get, send, send_as, start};

const PIPELINES: &str = "/api/2.0/pipelines";

fn create(url: &str, body: &Value) -> String {
    send(url, "POST", PIPELINES, Some(body)).json()["pipeline_id"].as_str().unwrap().to_owned()
}

#[test]
fn an_edit_behind_the_client_moves_the_time_and_an_active_state_has_an_update() {
    let sandbox = start();
    let url = sandbox.databricks_url();
    let id = create(url, &json!({"name": "x", "development": true}));
    let seen = || get(url, &format!("{PIPELINES}/{id}")).json();
    let before = seen();
    let changes = json!({"spec": {"development": null, "photon": true}, "state": "RUNNING"});
    sandbox.control("PUT", &format!("databricks/pipelines/{id}"), &changes).unwrap();
    let after = seen();
    assert!(after["last_modified"].as_u64() > before["last_modified"].as_u64());
    assert_eq!((&after["spec"]["development"], &after["spec"]["photon"]), (&Value::Null, &json!(true)));
    assert_eq!((&after["state"], &after["latest_updates"][0]["state"]), (&json!("RUNNING"), &json!("RUNNING")));
    sandbox.control("PUT", &format!("databricks/pipelines/{id}"), &json!({"state": "IDLE"})).unwrap();
    assert_eq!(seen()["latest_updates"][0]["state"], "COMPLETED");
}

#[test]
fn a_stop_takes_as_many_looks_as_the_lag_says() {
    let sandbox = start();
    let url = sandbox.databricks_url();
    sandbox.control("PUT", "settings", &json!({"stop_lag": 2})).unwrap();
    let id = create(url, &json!({"name": "x", "continuous": true}));
    send(url, "POST", &format!("{PIPELINES}/{id}/stop"), None);
    let state = || get(url, &format!("{PIPELINES}/{id}")).json()["state"].as_str().unwrap().to_owned();
    assert_eq!([state(), state(), state()], ["STOPPING", "STOPPING", "IDLE"]);
}

#[test]
fn the_page_behind_a_link_shows_the_escaped_name_without_a_token() {
    let sandbox = start();
    let url = sandbox.databricks_url();
    let id = create(url, &json!({"name": "<b>x"}));
    let page = send_as(url, None, "GET", &format!("/pipelines/{id}?w=1"), None).unwrap();
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(String::from_utf8(page.body).unwrap().contains("<h1>&lt;b&gt;x</h1>"));
    assert_eq!(send_as(url, None, "GET", "/pipelines/none", None).unwrap().status, 404);
}

#[test]
fn a_path_that_is_not_one_encoded_segment_is_not_an_import() {
    let sandbox = start();
    let url = sandbox.databricks_url();
    let import =
        |path: &str| send(url, "POST", &format!("/api/2.0/workspace-files/import-file/{path}"), Some(&json!(1))).status;
    assert_eq!([import("Shared%2Fa.txt"), import("Shared/b.txt"), import("Shared%2F..%2Fc.txt")], [200, 404, 400]);
    assert_eq!(get(url, "/api/2.0/workspace-files/Workspace%2FShared%2Fa.txt").body, b"1");
    let objects = &sandbox.state()["databricks"]["objects"];
    let file = objects.as_array().unwrap().iter().find(|object| object["object_type"] == "FILE").unwrap();
    assert_eq!((&file["path"], &file["content"]), (&json!("/Shared/a.txt"), &json!(1)));
}

#[test]
fn discovery_needs_no_token_and_names_the_workspace() {
    let sandbox = start();
    let config = send_as(sandbox.databricks_url(), None, "GET", "/.well-known/databricks-config", None).unwrap().json();
    assert_eq!(config["workspace_id"], "1234567890123456");
    assert_eq!(config["oidc_endpoint"], format!("{}/oidc", sandbox.databricks_url()));
}
