//! What is one value, though the service spells it otherwise than the spec.
//!
//! Letter case of catalogs, editions, channels and modes is not told apart by the Terraform provider
//! (`EqualFoldDiffSuppress`, and databricks/cli#6747), and Unity Catalog keeps names in lower case. `/Workspace/x` and `/x`
//! are one object of a workspace, `dbfs:/x` and `/x` one of DBFS. That lists without an order return in another one, and
//! numbers and booleans as texts, is unverified.

use serde_json::Value;

use super::FieldChange;

/// How the items of two lists correspond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Items {
    /// By their place.
    Ordered,
    /// By their value.
    Set,
    /// By their `label`.
    Labelled,
}

/// How a text is compared.
enum Text {
    Exact,
    AnyCase,
    Path,
}

/// Lists without an order; clusters are told apart by their label.
const SETS: [&str; 9] = [
    "clusters[].ssh_public_keys",
    "environment.dependencies",
    "filters.exclude",
    "filters.include",
    "libraries",
    "notifications",
    "notifications[].alerts",
    "notifications[].email_recipients",
    "restart_window.days_of_week",
];
/// Fields below which every text is a path, or nothing that could be taken for one.
const PATHS: [&str; 3] = ["clusters[].cluster_log_conf.", "clusters[].init_scripts[].", "libraries[]."];
/// Fields of which the service takes one: another one is a change, and no value of its own.
const ALTERNATIVES: [(&str, [&str; 2]); 2] =
    [("clusters[]", ["num_workers", "autoscale"]), ("trigger", ["cron", "manual"])];
/// What the service fills in where nothing is written (databricks/cli, `backend_defaults` of pipelines; JSON view of the
/// web interface).
const FILLED_IN: [&str; 9] = [
    "clusters[].driver_node_type_id",
    "clusters[].enable_local_disk_encryption",
    "clusters[].label",
    "clusters[].node_type_id",
    "configuration.spark.sql.ansi.enabled",
    "data_sampling",
    "event_log.catalog",
    "event_log.schema",
    "pipeline_type",
];
/// The label of a cluster without one.
const DEFAULT_LABEL: &str = "default";
/// The path of the cluster that the service may add for its own work.
const MAINTENANCE: &str = "clusters[maintenance]";

/// How the fields of one pipeline are compared. A field is named by its path, with `[]` for the items of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spelling {
    /// Whether it is a pipeline of Unity Catalog, where names have no letter case.
    pub(super) unity: bool,
}

impl Spelling {
    /// Whether a field that is written as `desired` has that value where the service shows `is`.
    pub(super) fn same(self, field: &str, desired: &Value, is: Option<&Value>) -> bool {
        let Some(is) = is.filter(|is| !says_nothing(is)) else {
            return says_nothing(desired) || is_default(field, desired);
        };
        if let (Value::Number(number), Value::String(text)) | (Value::String(text), Value::Number(number)) =
            (desired, is)
        {
            return number.as_f64() == text.parse().ok();
        }
        match (self.key(field, desired), self.key(field, is)) {
            (Some(desired), Some(is)) => desired == is,
            _ => desired == is,
        }
    }

    /// The text that all spellings of a scalar have in common; `None` for maps and lists.
    pub(super) fn key(self, field: &str, value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(match self.text(field) {
                Text::Exact => text.clone(),
                Text::AnyCase => text.to_lowercase(),
                Text::Path => bare_path(text),
            }),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Number(number) => {
                let whole = number.as_f64().filter(|_| number.is_f64()).map(|number| number.to_string());
                Some(whole.unwrap_or_else(|| number.to_string()))
            }
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn text(self, field: &str) -> Text {
        match field {
            "catalog"
            | "channel"
            | "clusters[].autoscale.mode"
            | "clusters[].label"
            | "edition"
            | "notifications[].alerts[]"
            | "notifications[].email_recipients[]"
            | "restart_window.days_of_week[]" => Text::AnyCase,
            "event_log.catalog" | "event_log.name" | "event_log.schema" | "schema" | "target" if self.unity => {
                Text::AnyCase
            }
            "environment.dependencies[]" | "root_path" | "storage" => Text::Path,
            _ if field.starts_with("run_as.") => Text::AnyCase,
            _ if PATHS.iter().any(|place| field.starts_with(place)) => Text::Path,
            _ => Text::Exact,
        }
    }
}

/// How the items of a list correspond to those of another.
pub(super) fn items(field: &str) -> Items {
    match field {
        "clusters" => Items::Labelled,
        _ if SETS.contains(&field) => Items::Set,
        _ => Items::Ordered,
    }
}

/// The label by which a cluster is told apart.
pub(super) fn label(cluster: &Value) -> String {
    let label = cluster.get("label").and_then(Value::as_str).filter(|label| !label.is_empty());
    label.unwrap_or(DEFAULT_LABEL).to_lowercase()
}

/// Whether `key` of the map `field` stands for what another key of `written` says.
pub(super) fn replaces(field: &str, key: &str, written: impl Fn(&str) -> bool) -> bool {
    let group = ALTERNATIVES.iter().find(|(map, keys)| *map == field && keys.contains(&key));
    group.is_some_and(|(_, keys)| keys.iter().any(|other| *other != key && written(other)))
}

/// Whether a field that is not written is one that the service is known to fill in.
pub(super) fn is_filled_in(change: &FieldChange) -> bool {
    let field = field(&change.path);
    let is_default = change.from.as_ref().is_some_and(|value| is_default(&field, value));
    is_default || FILLED_IN.contains(&field.as_str()) || change.path == MAINTENANCE
}

/// The field at a path: without the places in lists.
fn field(path: &str) -> String {
    let mut parts = path.split('[');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |field, part| field + "[]" + part.split_once(']').map_or("", |(_, rest)| rest))
}

/// Whether a value is what a missing one stands for.
fn is_default(field: &str, value: &Value) -> bool {
    let default = match field {
        "channel" => "CURRENT",
        "clusters[].label" => DEFAULT_LABEL,
        "edition" => "ADVANCED",
        _ => return false,
    };
    value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(default))
}

/// Whether a value says no more than its absence.
pub(super) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(says_nothing),
        Value::Object(fields) => fields.values().all(says_nothing),
    }
}

/// A path without `dbfs:` or `/Workspace` in front and without slashes at its end.
fn bare_path(text: &str) -> String {
    let below = |prefix: &str, text: &'_ str| text.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    let text = if below("dbfs:", text) { &text["dbfs:".len()..] } else { text };
    let text = if below("/Workspace", text) { &text["/Workspace".len()..] } else { text };
    if text.starts_with('/') { format!("/{}", text.trim_matches('/')) } else { text.trim_end_matches('/').to_owned() }
}
