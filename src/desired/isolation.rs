//! A preview writes to nothing of the shared pipeline, and does nothing on its own.

use serde_json::{Map, Value};

use crate::pipeline::Settings;
use crate::pipeline::ownership::OwnershipKey;
use crate::project::PreviewRules;
use crate::route::Preview;

/// Makes settings those of a preview: places of its own, and no powers.
pub(super) fn isolate(settings: &mut Settings, preview: &Preview, rules: &PreviewRules) {
    settings.make_passive();
    if let Some(identity) = &rules.run_as {
        settings.set_run_as(identity.clone());
    }
    override_clusters(settings, &rules.clusters);
    if rules.isolate {
        own_places(settings, &preview.suffix);
    }
}

fn own_places(settings: &mut Settings, suffix: &str) {
    let mut shared = None;
    for name in settings.schema_names_mut() {
        let own = format!("{name}_{suffix}");
        shared = Some(std::mem::replace(name, own));
    }
    if let Some(shared) = shared {
        settings.own(OwnershipKey::BaseSchema, &shared);
    }
    if let Some(storage) = settings.storage_mut() {
        *storage = own_storage(storage, suffix);
    }
    if let Some(name) = settings.event_log_name_mut() {
        *name = format!("{name}_{suffix}");
    }
}

/// A folder beside `storage`; in it if it is the root of its file system, whose name must not change.
fn own_storage(storage: &str, suffix: &str) -> String {
    let storage = storage.trim_end_matches('/');
    let path = match storage.split_once("://") {
        Some((_, place)) => place.split_once('/').map_or("", |(_, path)| path),
        None => storage.split_once(':').map_or(storage, |(_, path)| path),
    };
    let join = if path.is_empty() { '/' } else { '_' };
    format!("{storage}{join}{suffix}")
}

fn override_clusters(settings: &mut Settings, fields: &Map<String, Value>) {
    for cluster in settings.clusters_mut() {
        // A fixed size and a range exclude each other; the override decides which of them stays.
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

    use super::{OwnershipKey, Preview, PreviewRules, Settings, isolate, own_storage};

    fn isolated(settings: &Value, rules: &PreviewRules) -> Value {
        let preview = Preview { user: "octocat_pr42".into(), key: "pr42".into(), suffix: "pr42_ab12".into() };
        let mut settings: Settings = serde_json::from_value(settings.clone()).unwrap();
        isolate(&mut settings, &preview, rules);
        settings.to_value()
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
        let expected = json!({
            "target": "dltflow-samples_pr42_ab12", "storage": "/mnt/x/simple_pr42_ab12",
            "event_log": {"name": "log_pr42_ab12"}, "edition": "PRO", "development": true,
            "configuration": {(OwnershipKey::BaseSchema.text()): "dltflow-samples"},
        });
        assert_eq!(isolated(&shared, &rules()), expected);
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
        let expected =
            json!({"schema": "s", "development": true, "clusters": [{"label": "default", "num_workers": 1}]});
        assert_eq!(isolated(&shared, &rules), expected);
    }
}
