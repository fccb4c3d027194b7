//! The difference between a desired and an existing pipeline, field by field.
//!
//! What a workspace shows is not what was sent: fields are filled in, respelled or left out. So only what is written is
//! compared, a map by the keys that are written, and values as the service may spell them ([`Spelling`]). The rest of what
//! exists is told apart: it is the service's own, or set by somebody.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

use super::spelling::{self, Items, Spelling, says_nothing};
use crate::pipeline::Settings;

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldChange {
    /// Where: `clusters[0].autoscale.max_workers`. A place in a list is that of the desired one; a cluster that only exists
    /// is named by its label.
    pub path: String,
    /// Its value in the workspace; `None` if it is not set.
    pub from: Option<Value>,
    /// Its desired value; `None` if it is not set.
    pub to: Option<Value>,
}

impl FieldChange {
    /// Whether the pipeline gets another identity to run as.
    pub fn is_of_identity(&self) -> bool {
        self.path == super::run_as::PATH
    }
}

/// A desired and an existing pipeline side by side.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Differences {
    /// The fields that are written and differ, ordered by path.
    pub(super) differing: Vec<FieldChange>,
    /// The fields that exist and are not written.
    pub(super) unwritten: Vec<FieldChange>,
}

/// Compares `desired` with `observed`, the settings of the pipeline `id`.
pub(super) fn diff(desired: &Settings, observed: &Settings, id: &str) -> Differences {
    let spelling = Spelling { unity: desired.catalog().is_some() };
    let [desired, observed] = [desired, observed].map(|settings| settings.comparable().into_returned(id).to_value());
    let mut walk = FieldWalk { spelling, found: Differences::default() };
    walk.value(&Place::default(), Some(&desired), Some(&observed));
    walk.found
}

/// A place in settings.
#[derive(Default)]
struct Place {
    /// As it is shown: `clusters[0].label`.
    path: String,
    /// Whatever the places in lists: `clusters[].label`.
    field: String,
}

impl Place {
    fn key(&self, key: &str) -> Self {
        let join = |text: &str| if text.is_empty() { key.to_owned() } else { format!("{text}.{key}") };
        Self { path: join(&self.path), field: join(&self.field) }
    }

    fn item(&self, name: impl std::fmt::Display) -> Self {
        Self { path: format!("{}[{name}]", self.path), field: format!("{}[]", self.field) }
    }

    fn change(&self, from: Option<&Value>, to: Option<&Value>) -> FieldChange {
        FieldChange { path: self.path.clone(), from: from.cloned(), to: to.cloned() }
    }
}

struct FieldWalk {
    spelling: Spelling,
    found: Differences,
}

impl FieldWalk {
    fn value(&mut self, at: &Place, desired: Option<&Value>, is: Option<&Value>) {
        match (desired, is) {
            (None, Some(is)) if !says_nothing(is) => self.found.unwritten.push(at.change(Some(is), None)),
            (None, _) => {}
            (Some(Value::Object(desired)), None | Some(Value::Null)) => self.map(at, desired, &Map::new()),
            (Some(Value::Object(desired)), Some(Value::Object(is))) => self.map(at, desired, is),
            (Some(Value::Array(desired)), Some(Value::Array(is))) => self.list(at, desired, is),
            (Some(desired), is) if self.spelling.same(&at.field, desired, is) => {}
            (desired, is) => self.found.differing.push(at.change(is, desired)),
        }
    }

    fn map(&mut self, at: &Place, desired: &Map<String, Value>, is: &Map<String, Value>) {
        for key in desired.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
            let replaces = || spelling::replaces(&at.field, key, |other| desired.contains_key(other));
            match (desired.get(key), is.get(key)) {
                (None, is) if replaces() => self.item(&at.key(key), None, is),
                (desired, is) => self.value(&at.key(key), desired, is),
            }
        }
    }

    fn list(&mut self, at: &Place, desired: &[Value], is: &[Value]) {
        match spelling::items(&at.field) {
            Items::Ordered => {
                for index in 0..desired.len().max(is.len()) {
                    self.item(&at.item(index), desired.get(index), is.get(index));
                }
            }
            Items::Set => self.set(at, desired, is),
            Items::Labelled => self.labelled(at, desired, is),
        }
    }

    /// Something of which nothing is the service's own: what exists and is not written differs.
    fn item(&mut self, at: &Place, desired: Option<&Value>, is: Option<&Value>) {
        match (desired, is) {
            (Some(_), Some(_)) => self.value(at, desired, is),
            (Some(only), None) | (None, Some(only)) if !says_nothing(only) => {
                self.found.differing.push(at.change(is, desired));
            }
            _ => {}
        }
    }

    /// What has no equal on the other side is compared in its order.
    fn set(&mut self, at: &Place, desired: &[Value], is: &[Value]) {
        let item = at.item("");
        let key = |one: &Value| self.spelling.key(&item.field, one);
        let keys = [desired, is].map(|items| items.iter().filter_map(key).collect::<BTreeSet<_>>());
        let exists = |one: &Value| match key(one) {
            Some(key) => keys[1].contains(&key),
            None => is.iter().any(|is| self.alike(&item, one, is)),
        };
        let is_desired = |is: &Value| match key(is) {
            Some(key) => keys[0].contains(&key),
            None => desired.iter().any(|one| self.alike(&item, one, is)),
        };
        let missing: Vec<_> = desired.iter().enumerate().filter(|(_, one)| !exists(one)).collect();
        let mut others = is.iter().filter(|is| !is_desired(is)).collect::<Vec<_>>().into_iter();
        for (index, one) in missing {
            self.item(&at.item(index), Some(one), others.next());
        }
        for (index, is) in others.enumerate() {
            self.item(&at.item(desired.len() + index), None, Some(is));
        }
    }

    /// Whether what is written of `desired` is as it is written.
    fn alike(&self, at: &Place, desired: &Value, is: &Value) -> bool {
        let mut walk = Self { spelling: self.spelling, found: Differences::default() };
        walk.value(at, Some(desired), Some(is));
        walk.found.differing.is_empty()
    }

    fn labelled(&mut self, at: &Place, desired: &[Value], is: &[Value]) {
        let mut left: Vec<&Value> = is.iter().collect();
        for (index, cluster) in desired.iter().enumerate() {
            let label = spelling::label(cluster);
            let found = left.iter().position(|other| spelling::label(other) == label);
            let found = found.map(|found| left.remove(found));
            self.item(&at.item(index), Some(cluster), found);
        }
        let unlisted = left.into_iter().filter(|cluster| !says_nothing(cluster));
        let unlisted = unlisted.map(|cluster| at.item(spelling::label(cluster)).change(Some(cluster), None));
        self.found.unwritten.extend(unlisted);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::diff;

    /// Paths of what is written and differs, and of what is not written.
    fn paths(desired: &Value, observed: &Value) -> [Vec<String>; 2] {
        let [desired, observed] = [desired, observed].map(|side| serde_json::from_value(side.clone()).unwrap());
        let found = diff(&desired, &observed, "p");
        [found.differing, found.unwritten].map(|changes| changes.into_iter().map(|change| change.path).collect())
    }

    fn changed(desired: &Value, observed: &Value) -> Vec<String> {
        let [changed, _] = paths(desired, observed);
        changed
    }

    #[test]
    fn what_is_not_written_differs_in_nothing() {
        let desired = json!({
            "name": "n", "continuous": false, "run_as": {"user_name": "x"}, "allow_duplicate_names": false,
            "clusters": [{"label": "default", "num_workers": 1, "apply_policy_default_values": true}],
            "event_log": {"name": "l"}, "filters": {}, "libraries": [{"notebook": {"path": "/Shared/n"}}],
            "configuration": {"a": "1", "dltflow.commit": "new", "dltflow.closure": "c"},
        });
        let observed = json!({
            "id": "p", "name": "n", "channel": "CURRENT", "pipeline_type": "WORKSPACE", "storage": "dbfs:/pipelines/p",
            "clusters": [{"label": "default", "num_workers": 1, "node_type_id": "i3"}, {"label": "maintenance"}],
            "event_log": {"name": "l", "catalog": "c"}, "photon": false, "notifications": [], "trigger": {"manual": {}},
            "libraries": [{"notebook": {"path": "/Workspace/Shared/n"}}], "tags": {"team": "a"}, "filters": null,
            "configuration": {"a": "1", "b": "2", "dltflow.commit": "old", "dltflow.run": "9", "dltflow.closure": "c"},
        });
        let unwritten = [
            "channel",
            "clusters[0].node_type_id",
            "clusters[maintenance]",
            "configuration.b",
            "event_log.catalog",
            "pipeline_type",
            "tags",
        ];
        assert_eq!(paths(&desired, &observed), [vec![], unwritten.map(str::to_owned).to_vec()]);
    }

    #[test]
    fn one_value_in_two_spellings_is_no_difference() {
        let unity = |field: &str, value: &str| json!({"catalog": "main", field: value});
        for (one, other) in [
            (json!({"catalog": "Main", "channel": "preview"}), json!({"catalog": "main", "channel": "PREVIEW"})),
            (unity("schema", "Harbour"), unity("schema", "harbour")),
            (unity("target", "Harbour"), unity("target", "harbour")),
            (json!({"edition": "ADVANCED"}), json!({})),
            (json!({"storage": "/mnt/x/"}), json!({"storage": "dbfs:/mnt/x"})),
            (json!({"storage": "abfss://c@a/x"}), json!({"storage": "abfss://c@a/x/"})),
            (json!({"root_path": "/Workspace/Shared/x"}), json!({"root_path": "/Shared/x/"})),
            (json!({"notifications": [{"alerts": ["a", "b"]}]}), json!({"notifications": [{"alerts": ["b", "a"]}]})),
            (
                json!({"clusters": [{"num_workers": 2}]}),
                json!({"clusters": [{"label": "default", "num_workers": "2"}]}),
            ),
            (json!({"clusters": [{"num_workers": 2}]}), json!({"clusters": [{"num_workers": 2.0}]})),
            (json!({"clusters": [{"num_workers": 0}]}), json!({"clusters": [{}]})),
            (json!({"serverless": true}), json!({"serverless": "true"})),
            (json!({"tags": {"a": "1", "b": ""}}), json!({"tags": {"a": 1}})),
        ] {
            for (desired, observed) in [(&one, &other), (&other, &one)] {
                assert_eq!(changed(desired, observed), Vec::<String>::new(), "{desired} from {observed}");
            }
        }
    }

    #[test]
    fn every_written_field_that_differs_is_named() {
        let script = |path: &str| json!({"workspace": {"destination": path}});
        let scripts = |paths: &[&str]| json!({"clusters": [{"init_scripts": paths.iter().map(|path| script(path)).collect::<Vec<_>>()}]});
        let alerts = |alerts: Value| json!({"notifications": [{"alerts": alerts, "email_recipients": ["a"]}]});
        let notebook = |path: &str| json!({"libraries": [{"notebook": {"path": path}}]});
        for (desired, observed, expected) in [
            (json!({"photon": true}), json!({}), &["photon"][..]),
            (json!({"photon": false}), json!({"photon": true}), &["photon"]),
            (json!({"target": "T"}), json!({"target": "t"}), &["target"]),
            (json!({"tags": {"a": "1", "b": "2"}}), json!({"tags": {"a": "2"}}), &["tags.a", "tags.b"]),
            (json!({"configuration": {"x": "1"}}), json!({"configuration": {"x": "1.0"}}), &["configuration.x"]),
            (notebook("/Shared/a"), notebook("/Shared/A"), &["libraries[0].notebook.path"]),
            (alerts(json!(["a", "b"])), alerts(json!(["b", "c"])), &["notifications[0].alerts[0]"]),
            (alerts(json!(["a"])), alerts(json!(["a", "b"])), &["notifications[0].alerts[1]"]),
            (json!({"notifications": []}), alerts(json!(["a"])), &["notifications[0]"]),
            (
                scripts(&["/a", "/b"]),
                scripts(&["/b", "/a"]),
                &[
                    "clusters[0].init_scripts[0].workspace.destination",
                    "clusters[0].init_scripts[1].workspace.destination",
                ],
            ),
            (scripts(&["/a"]), scripts(&["/a", "/b"]), &["clusters[0].init_scripts[1]"]),
            (
                json!({"trigger": {"manual": {}}}),
                json!({"trigger": {"cron": {"timezone_id": "UTC"}}}),
                &["trigger.cron"],
            ),
        ] {
            assert_eq!(changed(&desired, &observed), expected, "{desired} from {observed}");
        }
    }

    #[test]
    fn clusters_are_told_apart_by_their_label_and_have_one_size() {
        let [default, updates] = ["default", "updates"].map(|label| json!({"label": label, "num_workers": 1}));
        let ranged = json!({"label": "updates", "autoscale": {"min_workers": 1, "max_workers": 4}});
        let clusters = |clusters: &[&Value]| json!({"clusters": clusters});
        for (desired, observed, expected) in [
            (vec![&default, &updates], vec![&updates, &default], &[][..]),
            (vec![&default, &updates], vec![&default], &["clusters[1]"]),
            (vec![&default], vec![&updates, &default], &[]),
            (vec![&updates], vec![&ranged], &["clusters[0].autoscale", "clusters[0].num_workers"]),
            (
                vec![&ranged],
                vec![&updates],
                &["clusters[0].autoscale.max_workers", "clusters[0].autoscale.min_workers", "clusters[0].num_workers"],
            ),
        ] {
            let [desired, observed] = [desired, observed].map(|side| clusters(&side));
            assert_eq!(changed(&desired, &observed), expected, "{desired} from {observed}");
        }
        let several = json!({"clusters": [{"label": "gateway"}, {"label": "gateway", "num_workers": 3}]});
        assert_eq!(changed(&several, &json!({"clusters": [{"label": "gateway"}]})), ["clusters[1]"]);
    }

    #[test]
    fn a_storage_that_nobody_wrote_is_the_default_of_a_hive_pipeline_and_none_on_unity_catalog() {
        let [hive, uc] = [json!({"target": "t"}), json!({"catalog": "c", "target": "t"})];
        let [chosen, custom] =
            ["p", "custom"].map(|name| json!({"target": "t", "storage": format!("dbfs:/pipelines/{name}")}));
        let shown = json!({"catalog": "c", "target": "t", "storage": "dbfs:/pipelines/p"});
        for (desired, observed, expected) in [
            (&hive, &chosen, &[][..]),
            (&hive, &hive, &[]),
            (&uc, &uc, &[]),
            (&uc, &shown, &[]),
            (&custom, &custom, &[]),
            (&uc, &chosen, &["catalog"]),
            (&hive, &uc, &["storage"]),
            (&hive, &custom, &["storage"]),
            (&custom, &chosen, &["storage"]),
        ] {
            assert_eq!(changed(desired, observed), expected, "{desired} from {observed}");
        }
        assert_eq!(paths(&uc, &chosen)[1], ["storage"]);
        assert_eq!(paths(&hive, &uc)[1], ["catalog"]);
    }
}
