//! A pipeline as the service shows it: what is always so, and the ways that are ordered.

use std::collections::BTreeSet;

use sandbox::{Dressing, Sandbox};
use serde_json::{Value, json};

use crate::client::{get, send, start};

const PIPELINES: &str = "/api/2.0/pipelines";

/// Pipelines that together have all that is dressed: Hive, Unity Catalog, and that without compute of its own.
fn pipelines() -> [Value; 3] {
    let recipients = json!({"email_recipients": ["Mona@github.com", "hubot@github.com"], "alerts": ["on-update-failure", "on-flow-failure"]});
    let updates = json!({"label": "updates", "num_workers": 0, "enable_local_disk_encryption": false, "ssh_public_keys": ["a", "b"],
        "spark_conf": {"x": "true"}, "cluster_log_conf": {"dbfs": {"destination": "/logs"}}});
    let hive = json!({
        "name": "hive", "storage": "/mnt/x/", "target": "t", "edition": "ADVANCED", "channel": "CURRENT", "tags": {"a": "1"},
        "clusters": [{"label": "default", "autoscale": {"min_workers": 1, "max_workers": 2, "mode": "ENHANCED"}}, updates],
        "notifications": [recipients, {"email_recipients": ["octocat@github.com"], "alerts": ["on-flow-failure"]}],
        "filters": {"include": ["a", "b"]}, "restart_window": {"start_hour": 3, "days_of_week": ["MONDAY", "FRIDAY"]},
        "libraries": [{"notebook": {"path": "/Shared/n"}}, {"notebook": {"path": "/Workspace/Shared/m"}}],
        "continuous": false, "photon": true, "root_path": "/Shared", "configuration": {"empty": ""},
    });
    let unity = json!({
        "name": "unity", "catalog": "Main", "schema": "Harbour", "clusters": [{"autoscale": {"min_workers": 1, "max_workers": 2}}],
        "run_as": {"user_name": "Hubot@github.com"}, "event_log": {"name": "Log"},
    });
    let dependencies = ["/Workspace/Shared/a.whl", "b==1"];
    let serverless = json!({"name": "serverless", "storage": "dbfs:/x", "serverless": true, "environment": {"dependencies": dependencies}});
    [hive, unity, serverless]
}

fn set(sandbox: &Sandbox, settings: &Value) {
    sandbox.control("PUT", "settings", settings).unwrap();
}

fn create(url: &str, body: &Value) -> String {
    send(url, "POST", PIPELINES, Some(body)).json()["pipeline_id"].as_str().unwrap().to_owned()
}

#[test]
fn every_way_changes_an_answer_and_nothing_that_is_stored() {
    let sandbox = start();
    let url = sandbox.databricks_url();
    let ids = pipelines().map(|body| create(url, &body));
    let shown = || ids.each_ref().map(|id| get(url, &format!("{PIPELINES}/{id}")).json());
    let (plain, held) = (shown(), sandbox.state()["databricks"].clone());
    let mut names = BTreeSet::new();
    for dressing in Dressing::all() {
        assert!(names.insert(dressing.name()) && !dressing.source().is_empty(), "{dressing:?}");
        set(&sandbox, &json!({"dressing": [dressing]}));
        assert_ne!(shown(), plain, "{dressing:?}");
    }
    assert_eq!(sandbox.state()["databricks"], held);
    assert!(sandbox.control("PUT", "settings", &json!({"dressing": ["none-of-them"]})).is_err());
    set(&sandbox, &json!({"dressing": []}));
    assert_eq!(shown(), plain);
}

#[test]
fn a_value_that_the_service_keeps_is_shown_whatever_was_sent() {
    let sandbox = start();
    let url = sandbox.databricks_url();
    set(&sandbox, &json!({"keeps": {"/spec/target": "kept", "/spec/schema": "kept"}}));
    let id = create(url, &pipelines()[0]);
    let spec = get(url, &format!("{PIPELINES}/{id}")).json()["spec"].clone();
    assert_eq!((&spec["target"], &spec["schema"]), (&json!("kept"), &Value::Null));
}

#[test]
fn catalog_edition_and_channel_are_kept_in_the_services_case_and_schemas_as_sent() {
    let sandbox = start();
    let url = sandbox.databricks_url();
    let id = create(
        url,
        &json!({"name": "x", "catalog": "Main", "schema": "Harbour", "edition": "pro", "channel": "preview"}),
    );
    let spec = get(url, &format!("{PIPELINES}/{id}")).json()["spec"].clone();
    let shown = ["catalog", "schema", "edition", "channel"].map(|field| spec[field].as_str().unwrap().to_owned());
    assert_eq!(shown, ["main", "Harbour", "PRO", "PREVIEW"]);
}

#[test]
fn an_identity_is_shown_where_it_was_set_and_stays_until_another_is() {
    let sandbox = start();
    let url = sandbox.databricks_url();
    let id = create(url, &json!({"name": "x"}));
    let path = format!("{PIPELINES}/{id}");
    let shown = || {
        let answer = get(url, &path).json();
        (answer["run_as"].clone(), answer["run_as_user_name"].as_str().unwrap().to_owned())
    };
    let edit = |body: &Value| assert_eq!(send(url, "PUT", &path, Some(body)).status, 200);
    assert_eq!(shown(), (Value::Null, "octocat@github.com".to_owned()));
    let hubot = json!({"user_name": "hubot@github.com"});
    edit(&json!({"name": "x", "run_as": hubot}));
    assert_eq!(shown(), (hubot.clone(), "hubot@github.com".to_owned()));
    edit(&json!({"name": "x"}));
    assert_eq!(shown(), (hubot, "hubot@github.com".to_owned()));
    let robot = json!({"service_principal_name": "6a1f0000-0000-4000-8000-000000000001"});
    sandbox.control("PUT", &format!("databricks/pipelines/{id}"), &json!({"run_as": robot})).unwrap();
    assert_eq!(shown().0, robot);
}
