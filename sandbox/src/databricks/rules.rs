//! What a pipeline's fields must satisfy together.

use serde_json::{Map, Value};

use super::replies::invalid;
use crate::call::Reply;

type Fields = Map<String, Value>;

/// Each gives the message of its refusal. The messages are ours; the conditions are the API description's.
const RULES: &[fn(&Fields) -> Option<String>] = &[
    name_is_given,
    catalog_excludes_storage,
    schema_excludes_target,
    target_is_one_name,
    storage_is_absolute,
    serverless_excludes_clusters,
    a_library_is_of_one_kind,
    globs_stand_alone,
    tags_are_few,
    ingestion_stands_alone,
    one_identity_runs,
    restart_window_has_an_hour,
    autoscale_grows,
    parameters_are_short,
];

/// Most tags of a pipeline.
const MAX_TAGS: usize = 25;
/// Most characters of `parameters` as JSON.
const MAX_PARAMETERS: usize = 10_000;

/// Checks a create or edit request whose types are right.
pub(super) fn check(fields: &Fields) -> Result<(), Reply> {
    RULES.iter().find_map(|rule| rule(fields)).map_or(Ok(()), |message| Err(invalid(message)))
}

/// That a name is required is unverified: the wire format makes every field optional.
fn name_is_given(fields: &Fields) -> Option<String> {
    let missing = fields.get("name").and_then(Value::as_str).is_none_or(str::is_empty);
    missing.then(|| "Pipeline name must not be empty.".into())
}

fn catalog_excludes_storage(fields: &Fields) -> Option<String> {
    both(fields, "catalog", "storage")
}

fn schema_excludes_target(fields: &Fields) -> Option<String> {
    both(fields, "schema", "target")
}

fn both(fields: &Fields, one: &str, other: &str) -> Option<String> {
    let given = fields.contains_key(one) && fields.contains_key(other);
    given.then(|| format!("Cannot set both '{one}' and '{other}' on a pipeline."))
}

fn target_is_one_name(fields: &Fields) -> Option<String> {
    let target = fields.get("target")?.as_str()?;
    target.contains('.').then(|| {
        format!("CreatePipeline target_schema_name '{target}' is not a valid name: it must be a single identifier.")
    })
}

fn storage_is_absolute(fields: &Fields) -> Option<String> {
    let storage = fields.get("storage")?.as_str()?;
    let absolute = storage.starts_with('/') || storage.split_once(":/").is_some_and(|(scheme, _)| !scheme.is_empty());
    (!absolute).then(|| format!("Storage location '{storage}' must be an absolute path."))
}

fn serverless_excludes_clusters(fields: &Fields) -> Option<String> {
    let serverless = fields.get("serverless") == Some(&Value::Bool(true));
    let clusters = fields.get("clusters").and_then(Value::as_array).is_some_and(|clusters| !clusters.is_empty());
    (serverless && clusters).then(|| "You cannot provide cluster settings when using serverless compute.".into())
}

fn a_library_is_of_one_kind(fields: &Fields) -> Option<String> {
    let libraries = fields.get("libraries")?.as_array()?;
    let bad = libraries.iter().position(|library| library.as_object().is_none_or(|kinds| kinds.len() != 1))?;
    Some(format!("libraries[{bad}] must set exactly one of notebook, file, glob, jar, maven, whl."))
}

fn globs_stand_alone(fields: &Fields) -> Option<String> {
    let libraries = fields.get("libraries")?.as_array()?;
    let any = |kind: &str| libraries.iter().any(|library| library.get(kind).is_some());
    (any("glob") && (any("notebook") || any("file")))
        .then(|| "Glob libraries cannot be combined with notebook or file libraries.".into())
}

fn tags_are_few(fields: &Fields) -> Option<String> {
    let tags = fields.get("tags")?.as_object()?.len();
    (tags > MAX_TAGS).then(|| format!("A pipeline can have at most {MAX_TAGS} tags, not {tags}."))
}

fn ingestion_stands_alone(fields: &Fields) -> Option<String> {
    fields.get("ingestion_definition")?;
    let other = ["libraries", "schema", "target", "catalog"].into_iter().find(|other| fields.contains_key(*other))?;
    Some(format!("'ingestion_definition' cannot be combined with '{other}'."))
}

fn one_identity_runs(fields: &Fields) -> Option<String> {
    let identities = fields.get("run_as")?.as_object()?.len();
    (identities != 1).then(|| "'run_as' must name exactly one user or service principal.".into())
}

fn restart_window_has_an_hour(fields: &Fields) -> Option<String> {
    let hour = fields.get("restart_window")?.get("start_hour").and_then(Value::as_i64);
    hour.is_none_or(|hour| !(0..24).contains(&hour))
        .then(|| "'restart_window.start_hour' must be between 0 and 23.".into())
}

fn autoscale_grows(fields: &Fields) -> Option<String> {
    let clusters = fields.get("clusters")?.as_array()?;
    clusters.iter().enumerate().find_map(|(index, cluster)| {
        let autoscale = cluster.get("autoscale")?;
        let workers = |name: &str| autoscale.get(name).and_then(Value::as_i64);
        let grows = matches!((workers("min_workers"), workers("max_workers")), (Some(min), Some(max)) if max > min);
        if cluster.get("num_workers").is_some() {
            return Some(format!("clusters[{index}] cannot set both 'num_workers' and 'autoscale'."));
        }
        (!grows).then(|| format!("clusters[{index}].autoscale: 'max_workers' must be greater than 'min_workers'."))
    })
}

fn parameters_are_short(fields: &Fields) -> Option<String> {
    let length = fields.get("parameters")?.to_string().chars().count();
    (length > MAX_PARAMETERS).then(|| format!("'parameters' must not exceed {MAX_PARAMETERS} characters as JSON."))
}
