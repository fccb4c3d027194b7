//! A preview owns nothing of the shared pipeline's, and can do nothing on its own.

use serde_json::{Map, Value, json};

use crate::project::PreviewRules;
use crate::route::Preview;

use super::marks::mark;

/// Where a preview finds the shared schema, for reads of upstream tables.
const BASE_SCHEMA: &str = "dltflow.base_schema";

/// Powers that a preview does not have.
const POWERS: [&str; 4] = ["continuous", "trigger", "notifications", "restart_window"];

/// Makes settings those of a preview: places of its own, and no powers.
pub(super) fn isolate(settings: &mut Map<String, Value>, preview: &Preview, rules: &PreviewRules) {
    for power in POWERS {
        settings.remove(power);
    }
    settings.insert("development".to_owned(), json!(true));
    if let Some(identity) = &rules.run_as {
        settings.insert("run_as".to_owned(), identity.clone());
    }
    override_clusters(settings, &rules.clusters);
    if rules.isolate {
        own_places(settings, &preview.suffix);
    }
}

fn own_places(settings: &mut Map<String, Value>, suffix: &str) {
    for key in ["schema", "target"] {
        let given = settings.get(key).and_then(Value::as_str).filter(|name| !name.is_empty());
        if let Some(shared) = given.map(str::to_owned) {
            settings.insert(key.to_owned(), json!(format!("{shared}_{suffix}")));
            mark(settings, BASE_SCHEMA, &shared);
        }
    }
    if let Some(Value::String(storage)) = settings.get_mut("storage") {
        *storage = own_storage(storage, suffix);
    }
    if let Some(Value::String(name)) = settings.get_mut("event_log").and_then(|log| log.get_mut("name")) {
        *name = format!("{name}_{suffix}");
    }
}

/// A folder beside `storage`; in it where it is the root of its file system, whose name must not change.
fn own_storage(storage: &str, suffix: &str) -> String {
    let storage = storage.trim_end_matches('/');
    let path = match storage.split_once("://") {
        Some((_, place)) => place.split_once('/').map_or("", |(_, path)| path),
        None => storage.split_once(':').map_or(storage, |(_, path)| path),
    };
    let join = if path.is_empty() { '/' } else { '_' };
    format!("{storage}{join}{suffix}")
}

fn override_clusters(settings: &mut Map<String, Value>, fields: &Map<String, Value>) {
    let Some(Value::Array(clusters)) = settings.get_mut("clusters") else { return };
    for cluster in clusters.iter_mut().filter_map(Value::as_object_mut) {
        // A fixed size and a range exclude each other; the override decides which of them is left.
        for (given, dropped) in [("num_workers", "autoscale"), ("autoscale", "num_workers")] {
            if fields.contains_key(given) {
                cluster.remove(dropped);
            }
        }
        cluster.extend(fields.clone());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Preview, PreviewRules, isolate, own_storage};

    fn isolated(settings: &Value, rules: &PreviewRules) -> Value {
        let preview = Preview { user: "octocat_pr42".into(), key: "pr42".into(), suffix: "pr42_ab12".into() };
        let mut settings = settings.as_object().unwrap().clone();
        isolate(&mut settings, &preview, rules);
        Value::Object(settings)
    }

    fn rules() -> PreviewRules {
        PreviewRules { isolate: true, allow: Vec::new(), run_as: None, clusters: Map::new() }
    }

    #[test]
    fn a_preview_owns_its_places_and_has_no_powers() {
        let shared = json!({
            "target": "dltflow-samples", "storage": "/mnt/x/simple/", "event_log": {"name": "log"},
            "continuous": true, "trigger": {"manual": {}}, "notifications": [], "restart_window": {}, "edition": "PRO",
        });
        let wanted = json!({
            "target": "dltflow-samples_pr42_ab12", "storage": "/mnt/x/simple_pr42_ab12",
            "event_log": {"name": "log_pr42_ab12"}, "edition": "PRO", "development": true,
            "configuration": {"dltflow.base_schema": "dltflow-samples"},
        });
        assert_eq!(isolated(&shared, &rules()), wanted);
    }

    #[test]
    fn a_storage_of_its_own_lies_in_the_same_file_system() {
        for (shared, own) in [
            ("/mnt/x//", "/mnt/x_s"),
            ("dbfs:/x", "dbfs:/x_s"),
            ("abfss://c@a.dfs.core.windows.net/x/y", "abfss://c@a.dfs.core.windows.net/x/y_s"),
            ("abfss://c@a.dfs.core.windows.net/", "abfss://c@a.dfs.core.windows.net/s"),
            ("s3://bucket", "s3://bucket/s"),
            ("dbfs:/", "dbfs:/s"),
            ("/", "/s"),
        ] {
            assert_eq!(own_storage(shared, "s"), own);
        }
        assert_eq!(isolated(&json!({"target": ""}), &rules()), json!({"target": "", "development": true}));
    }

    #[test]
    fn a_target_may_share_places_and_shrink_clusters() {
        let rules = PreviewRules {
            isolate: false,
            clusters: json!({"num_workers": 1}).as_object().unwrap().clone(),
            ..rules()
        };
        let shared = json!({"schema": "s", "clusters": [{"label": "default", "autoscale": {"max_workers": 9}}]});
        let wanted = json!({"schema": "s", "development": true, "clusters": [{"label": "default", "num_workers": 1}]});
        assert_eq!(isolated(&shared, &rules), wanted);
    }
}
