//! The difference between a desired and an existing pipeline, field by field.
//!
//! What a workspace returns is not what was sent: some fields never return, some return with defaults filled in.
//! (Databricks Pipelines API, and what its own command-line tool ignores when it compares.)

use serde::Serialize;
use serde_json::{Map, Value};

use crate::pipeline::Settings;

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldChange {
    /// Where: `clusters[0].autoscale.max_workers`.
    pub path: String,
    /// Its value in the workspace; `None` if it is not set.
    pub from: Option<Value>,
    /// Its desired value; `None` if it is not set.
    pub to: Option<Value>,
}

/// Fields of settings that cannot be changed once a pipeline exists.
pub(super) const IMMUTABLE: [&str; 8] = [
    "storage",
    "ingestion_definition.connection_name",
    "ingestion_definition.ingestion_gateway_id",
    "ingestion_definition.ingest_from_uc_foreign_catalog",
    "gateway_definition.connection_id",
    "gateway_definition.connection_name",
    "gateway_definition.gateway_storage_catalog",
    "gateway_definition.gateway_storage_schema",
];

/// The fields in which `observed`, the settings of the pipeline `id`, differs from `desired`, ordered by path.
pub(super) fn diff(desired: &Settings, observed: &Settings, id: &str) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let sides = [desired, observed].map(|settings| settings.comparable().into_returned(id).to_value());
    compare("", Some(&sides[0]), Some(&sides[1]), &mut changes);
    changes
}

fn compare(path: &str, desired: Option<&Value>, observed: Option<&Value>, changes: &mut Vec<FieldChange>) {
    let empty = Map::new();
    match (desired, observed) {
        (Some(Value::Object(desired)), None) if !desired.is_empty() => compare_maps(path, desired, &empty, changes),
        (Some(Value::Object(desired)), Some(Value::Object(is))) => compare_maps(path, desired, is, changes),
        (Some(Value::Array(desired)), Some(Value::Array(is))) => {
            for index in 0..desired.len().max(is.len()) {
                compare(&format!("{path}[{index}]"), desired.get(index), is.get(index), changes);
            }
        }
        (Some(desired), Some(is)) if same(desired, is) => {}
        (None, Some(is)) if filled_in(path, is) => {}
        (Some(desired), None) if means_nothing(path, desired) => {}
        (None, None) => {}
        (desired, is) => changes.push(FieldChange { path: path.to_owned(), from: is.cloned(), to: desired.cloned() }),
    }
}

fn compare_maps(
    path: &str,
    desired: &Map<String, Value>,
    observed: &Map<String, Value>,
    changes: &mut Vec<FieldChange>,
) {
    let mut keys: Vec<&String> = desired.keys().chain(observed.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        compare(&inner, desired.get(key), observed.get(key), changes);
    }
}

/// Equal up to the two spellings of one workspace path and of one number.
fn same(desired: &Value, observed: &Value) -> bool {
    match (desired, observed) {
        (Value::String(desired), Value::String(is)) => {
            let bare = |path: &str| path.strip_prefix("/Workspace/").map(|rest| format!("/{rest}"));
            desired == is || bare(desired).as_deref() == Some(is) || bare(is).as_deref() == Some(desired)
        }
        (Value::Number(desired), Value::Number(is)) => desired.as_f64() == is.as_f64(),
        (desired, is) => desired == is,
    }
}

/// Whether a field that nobody asked for is one that the service fills in by itself.
fn filled_in(path: &str, value: &Value) -> bool {
    let in_cluster = path.strip_prefix("clusters[").and_then(|rest| rest.split_once("].")).map(|(_, field)| field);
    let of_cluster =
        matches!(in_cluster, Some("node_type_id" | "driver_node_type_id" | "enable_local_disk_encryption"));
    let of_event_log = matches!(path, "event_log.catalog" | "event_log.schema");
    of_cluster || of_event_log || means_nothing(path, value)
}

/// Whether a value says no more than its absence.
fn means_nothing(path: &str, value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::String(text) => matches!((path, text.as_str()), ("channel", "CURRENT") | ("edition", "ADVANCED")),
        _ => path.ends_with(".apply_policy_default_values"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::diff;

    fn paths(desired: &Value, observed: &Value) -> Vec<String> {
        let [desired, observed] = [desired, observed].map(|side| serde_json::from_value(side.clone()).unwrap());
        let changes = diff(&desired, &observed, "p");
        changes.into_iter().map(|change| change.path).collect()
    }

    #[test]
    fn what_the_service_fills_in_or_withholds_is_not_a_difference() {
        let desired = json!({
            "name": "n", "continuous": false, "run_as": {"user_name": "x"}, "allow_duplicate_names": false,
            "clusters": [{"label": "default", "num_workers": 1}], "event_log": {"name": "l"}, "filters": {},
            "libraries": [{"notebook": {"path": "/Shared/n"}}],
            "configuration": {"a": "1", "dltflow.commit": "new", "dltflow.closure": "c"},
        });
        let observed = json!({
            "id": "p", "name": "n", "channel": "CURRENT", "edition": "ADVANCED", "storage": "dbfs:/pipelines/p",
            "clusters": [{"label": "default", "num_workers": 1, "node_type_id": "i3", "enable_local_disk_encryption": false}],
            "event_log": {"name": "l", "catalog": "c", "schema": "s"}, "photon": false, "development": false,
            "libraries": [{"notebook": {"path": "/Workspace/Shared/n"}}],
            "configuration": {"a": "1", "dltflow.commit": "old", "dltflow.run": "9", "dltflow.closure": "c"},
        });
        assert_eq!(paths(&desired, &observed), Vec::<String>::new());
    }

    #[test]
    fn every_field_that_differs_is_named() {
        let desired =
            json!({"photon": true, "clusters": [{"autoscale": {"max_workers": 4}}], "tags": {"a": "1"}, "schema": "s"});
        let observed =
            json!({"clusters": [{"autoscale": {"max_workers": 2}}, {"label": "x"}], "serverless": true, "schema": "t"});
        let expected = ["clusters[0].autoscale.max_workers", "clusters[1]", "photon", "schema", "serverless", "tags.a"];
        assert_eq!(paths(&desired, &observed), expected);
    }

    #[test]
    fn a_storage_that_nobody_wrote_is_the_default_of_a_hive_pipeline_and_none_on_unity_catalog() {
        let [hive, uc] = [json!({"target": "t"}), json!({"catalog": "c", "target": "t"})];
        let [chosen, custom] =
            ["p", "custom"].map(|name| json!({"target": "t", "storage": format!("dbfs:/pipelines/{name}")}));
        for (desired, observed, expected) in [
            (&hive, &chosen, &[][..]),
            (&hive, &hive, &[]),
            (&uc, &uc, &[]),
            (&custom, &custom, &[]),
            (&uc, &chosen, &["catalog", "storage"]),
            (&hive, &uc, &["catalog", "storage"]),
            (&hive, &custom, &["storage"]),
            (&custom, &chosen, &["storage"]),
        ] {
            assert_eq!(paths(desired, observed), expected, "{desired} from {observed}");
        }
    }
}
