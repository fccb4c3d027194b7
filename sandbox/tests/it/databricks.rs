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

#[test]
fn a_host_of_several_workspaces_shows_a_page_to_whoever_names_none() {
    let sandbox = start();
    let url = sandbox.databricks_url();
    let id = create(url, &json!({"name": "x"}));
    sandbox.control("PUT", "settings", &json!({"serves_several": true})).unwrap();
    for path in [PIPELINES, "/api/2.0/preview/scim/v2/Me", "/pipelines/x"] {
        let page = get(url, path);
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
        assert!(String::from_utf8(page.body).unwrap().contains("Choose a workspace"), "{path}");
    }
    for (query, title) in [("?w=1234567890123456", "x"), ("?o=1234567890123456", "x"), ("?w=1", "Choose a workspace")] {
        let page = String::from_utf8(get(url, &format!("/pipelines/{id}{query}")).body).unwrap();
        assert!(page.contains(&format!("<h1>{title}</h1>")), "{query}: {page}");
    }
    let config = get(url, "/.well-known/databricks-config").json();
    assert_eq!((&config["host_type"], &config["workspace_id"]), (&json!("unified"), &Value::Null));
}

const SCHEMAS: &str = "/api/2.1/unity-catalog/schemas";

/// A pipeline on Unity Catalog with one table, in a schema where somebody else has one, too.
fn with_tables(sandbox: &sandbox::Sandbox) -> String {
    let id = create(sandbox.databricks_url(), &json!({"name": "x", "catalog": "main", "schema": "s"}));
    let tables = json!({"tables": {"orders": id, "mine": null}});
    sandbox.control("PUT", "databricks/schemas/main.s", &tables).unwrap();
    id
}

fn tables(sandbox: &sandbox::Sandbox) -> Vec<String> {
    let tables = sandbox.state()["databricks"]["schemas"][0]["tables"].clone();
    tables.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn tables_go_with_their_pipeline_unless_the_deletion_says_otherwise() {
    let both = vec!["mine".to_owned(), "orders".to_owned()];
    for (query, left) in [("", &both[..1]), ("?cascade=true", &both[..1]), ("?cascade=false", &both)] {
        let sandbox = start();
        let id = with_tables(&sandbox);
        assert_eq!(send(sandbox.databricks_url(), "DELETE", &format!("{PIPELINES}/{id}{query}"), None).status, 200);
        assert_eq!(tables(&sandbox), left, "{query}");
    }
    let sandbox = start();
    let url = sandbox.databricks_url();
    let hive = create(url, &json!({"name": "x", "target": "s"}));
    let tables_of_hive = json!({"tables": {"orders": hive}});
    sandbox.control("PUT", "databricks/schemas/hive_metastore.s", &tables_of_hive).unwrap();
    let delete = |query: &str| send(url, "DELETE", &format!("{PIPELINES}/{hive}{query}"), None).status;
    assert_eq!((delete("?cascade=true"), delete(""), tables(&sandbox)), (400, 200, vec!["orders".to_owned()]));
}

#[test]
fn a_deletion_goes_on_for_as_many_looks_as_the_lag_says() {
    let sandbox = start();
    let url = sandbox.databricks_url();
    sandbox.control("PUT", "settings", &json!({"delete_lag": 2})).unwrap();
    let id = with_tables(&sandbox);
    let path = format!("{PIPELINES}/{id}");
    assert_eq!(send(url, "DELETE", &path, None).status, 200);
    let again = json!({"name": "x"});
    assert_eq!(send(url, "POST", PIPELINES, Some(&again)).status, 409, "its name is taken meanwhile");
    assert_eq!(send(url, "PUT", &path, Some(&again)).status, 404);
    assert_eq!(get(url, &path).json()["state"], "DELETED");
    assert_eq!(tables(&sandbox), ["mine", "orders"]);
    let refused = send(url, "DELETE", &format!("{SCHEMAS}/main.s"), None);
    assert!(refused.status == 400 && refused.json()["message"].as_str().unwrap().contains("is not empty"));
    assert_eq!((get(url, &path).status, tables(&sandbox)), (404, vec!["mine".to_owned()]));
}

#[test]
fn schemas_are_kept_in_lower_case_and_get_properties_of_the_service() {
    let sandbox = start();
    let url = sandbox.databricks_url();
    let made =
        send(url, "POST", SCHEMAS, Some(&json!({"catalog_name": "Main", "name": "Shop", "properties": {"a": "b"}})));
    let got = get(url, &format!("{SCHEMAS}/MAIN.Shop")).json();
    assert_eq!((made.json()["full_name"].clone(), got["catalog_name"].clone()), (json!("main.shop"), json!("main")));
    assert_eq!(made.json()["properties"], json!({"a": "b"}));
    let added = |key: &&String| key.starts_with("unity.catalog.managed.");
    assert!(got["properties"].as_object().unwrap().keys().any(|key| added(&key)), "{got}");
    assert_eq!(got["properties"]["a"], "b");
}
