//! The fields of a pipeline and their types, as the Pipelines API describes them.

use serde_json::{Map, Value};

use super::replies::{error, invalid};
use crate::call::Reply;

/// The JSON type of a field.
#[derive(Debug)]
enum Shape {
    Bool,
    Int,
    Text,
    /// One of these texts, in any case: `edition` and `channel` are compared so by the Terraform provider.
    Choice(&'static [&'static str]),
    List(&'static Shape),
    /// Text by text.
    TextMap,
    Object(&'static [Field]),
    /// An object whose inside is not modelled.
    Open,
}

type Field = (&'static str, Shape);

use Shape::{Bool, Choice, Int, List, Object, Open, Text, TextMap};

const TEXTS: Shape = List(&Text);

/// Fields that create and edit share.
const SPEC: &[Field] = &[
    ("name", Text),
    ("id", Text),
    ("allow_duplicate_names", Bool),
    ("libraries", List(&Object(LIBRARY))),
    ("root_path", Text),
    ("configuration", TextMap),
    ("parameters", TextMap),
    ("catalog", Text),
    ("schema", Text),
    ("target", Text),
    ("storage", Text),
    ("serverless", Bool),
    ("serverless_compute_id", Text),
    ("clusters", List(&Object(CLUSTER))),
    ("environment", Object(&[("dependencies", TEXTS), ("environment_version", Text)])),
    ("channel", Choice(&["CURRENT", "PREVIEW"])),
    ("edition", Choice(&["CORE", "PRO", "ADVANCED"])),
    ("photon", Bool),
    ("continuous", Bool),
    ("development", Bool),
    ("trigger", Object(&[("cron", Object(CRON)), ("manual", Open)])),
    ("restart_window", Object(&[("start_hour", Int), ("days_of_week", List(&Choice(DAYS))), ("time_zone_id", Text)])),
    ("notifications", List(&Object(&[("email_recipients", TEXTS), ("alerts", List(&Choice(ALERTS)))]))),
    ("event_log", Object(&[("name", Text), ("catalog", Text), ("schema", Text)])),
    ("filters", Object(&[("include", TEXTS), ("exclude", TEXTS)])),
    ("tags", TextMap),
    ("run_as", Object(&[("user_name", Text), ("service_principal_name", Text), ("group_name", Text)])),
    ("budget_policy_id", Text),
    ("usage_policy_id", Text),
    ("deployment", Object(DEPLOYMENT)),
    ("ingestion_definition", Open),
    ("gateway_definition", Open),
    // The API's description names it for create; the official SDK sends it on edit too.
    ("parent_path", Text),
];

/// Fields of create alone.
const CREATE: &[Field] = &[("dry_run", Bool)];

/// Fields of edit alone.
const EDIT: &[Field] = &[("pipeline_id", Text), ("expected_last_modified", Int)];

/// Fields of a request to start an update.
const START: &[Field] = &[
    ("cause", Text),
    ("development", Bool),
    ("full_refresh", Bool),
    ("full_refresh_selection", TEXTS),
    ("full_refresh_selection_by_path", TEXTS),
    ("refresh_selection", TEXTS),
    ("refresh_selection_by_path", TEXTS),
    ("reset_checkpoint_selection", TEXTS),
    ("replace_where_overrides", List(&Open)),
    ("rewind_spec", Open),
    ("parameters", TextMap),
    ("validate_only", Bool),
];

const LIBRARY: &[Field] = &[
    ("notebook", Object(&[("path", Text)])),
    ("file", Object(&[("path", Text)])),
    ("glob", Object(&[("include", Text)])),
    ("jar", Text),
    ("maven", Object(&[("coordinates", Text), ("repo", Text), ("exclusions", TEXTS)])),
    ("whl", Text),
];

const CLUSTER: &[Field] = &[
    ("label", Text),
    ("num_workers", Int),
    ("autoscale", Object(&[("min_workers", Int), ("max_workers", Int), ("mode", Choice(&["ENHANCED", "LEGACY"]))])),
    ("node_type_id", Text),
    ("driver_node_type_id", Text),
    ("instance_pool_id", Text),
    ("driver_instance_pool_id", Text),
    ("policy_id", Text),
    ("apply_policy_default_values", Bool),
    ("spark_conf", TextMap),
    ("spark_env_vars", TextMap),
    ("custom_tags", TextMap),
    ("init_scripts", List(&Open)),
    ("cluster_log_conf", Open),
    ("aws_attributes", Open),
    ("azure_attributes", Open),
    ("gcp_attributes", Open),
    ("enable_local_disk_encryption", Bool),
    ("ssh_public_keys", TEXTS),
];

const CRON: &[Field] = &[("quartz_cron_schedule", Text), ("timezone_id", Text)];
const DEPLOYMENT: &[Field] =
    &[("kind", Choice(&["BUNDLE"])), ("metadata_file_path", Text), ("deployment_id", Text), ("version_id", Text)];
const DAYS: &[&str] = &["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
const ALERTS: &[&str] = &["on-update-success", "on-update-failure", "on-update-fatal-failure", "on-flow-failure"];

/// Checks the types of a create request.
pub(super) fn check_create(fields: &Map<String, Value>) -> Result<(), Reply> {
    check_request(fields, &[SPEC, CREATE])
}

/// Checks the types of an edit request.
pub(super) fn check_edit(fields: &Map<String, Value>) -> Result<(), Reply> {
    check_request(fields, &[SPEC, EDIT])
}

/// Checks the types of a request to start an update.
pub(super) fn check_start(fields: &Map<String, Value>) -> Result<(), Reply> {
    check_request(fields, &[START])
}

/// That an unknown field is refused, and that text is not read as a boolean or number, is unverified: it is the
/// strict reading of the API's description.
fn check_request(fields: &Map<String, Value>, known: &[&'static [Field]]) -> Result<(), Reply> {
    for (name, value) in fields {
        let field = known.iter().flat_map(|group| group.iter()).find(|(known, _)| known == name);
        let (_, shape) = field.ok_or_else(|| unknown(name))?;
        check(name, value, shape)?;
    }
    Ok(())
}

fn check(at: &str, value: &Value, shape: &Shape) -> Result<(), Reply> {
    let fits = match (shape, value) {
        (_, Value::Null) | (Bool, Value::Bool(_)) | (Text, Value::String(_)) | (Open, Value::Object(_)) => true,
        (Int, Value::Number(number)) => number.is_i64(),
        (Choice(choices), Value::String(text)) => return check_choice(at, text, choices),
        (List(item), Value::Array(items)) => {
            return items
                .iter()
                .enumerate()
                .try_for_each(|(index, value)| check(&format!("{at}[{index}]"), value, item));
        }
        (TextMap, Value::Object(entries)) => {
            return entries.iter().try_for_each(|(key, value)| check(&format!("{at}.{key}"), value, &Text));
        }
        (Object(fields), Value::Object(entries)) => {
            return entries.iter().try_for_each(|(key, value)| {
                let at = format!("{at}.{key}");
                let (_, shape) = fields.iter().find(|(known, _)| known == key).ok_or_else(|| unknown(&at))?;
                check(&at, value, shape)
            });
        }
        _ => false,
    };
    if fits { Ok(()) } else { Err(mistyped(at, value, shape)) }
}

fn check_choice(at: &str, text: &str, choices: &[&str]) -> Result<(), Reply> {
    if choices.iter().any(|choice| choice.eq_ignore_ascii_case(text)) {
        return Ok(());
    }
    Err(invalid(format!("'{text}' is not a valid value for '{at}'. Must be one of: {}.", choices.join(", "))))
}

fn unknown(at: &str) -> Reply {
    invalid(format!("Could not parse request object: unknown field '{at}'."))
}

fn mistyped(at: &str, value: &Value, shape: &Shape) -> Reply {
    let expected = match shape {
        Bool => "VALUE_TRUE' or 'VALUE_FALSE",
        Int => "VALUE_NUMBER_INT",
        Text | Choice(_) => "VALUE_STRING",
        List(_) => "START_ARRAY",
        TextMap | Object(_) | Open => "START_OBJECT",
    };
    let found = match value {
        Value::Null => "VALUE_NULL",
        Value::Bool(_) => "VALUE_BOOLEAN",
        Value::Number(_) => "VALUE_NUMBER",
        Value::String(_) => "VALUE_STRING",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    };
    error(
        400,
        "MALFORMED_REQUEST",
        format!("Could not parse request object: Expected '{expected}' not '{found}' at '{at}'."),
    )
}
