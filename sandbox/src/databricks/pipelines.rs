//! Create, get, edit and delete of pipelines.

use serde_json::{Map, Value, json};

use super::pipeline::{Deletion, Pipeline};
use super::replies::{done, error, invalid};
use super::request::{read_flag, read_object};
use super::state::Databricks;
use super::{fields, rules};
use crate::call::{Answer, Call, Reply};
use crate::settings::Behaviour;

/// `POST /api/2.0/pipelines`.
pub(super) fn create(databricks: &mut Databricks, behaviour: &Behaviour, call: &Call) -> Answer {
    let request = read_object(call)?;
    fields::check_create(&request)?;
    rules::check(&request)?;
    refuse_taken_name(databricks, behaviour, &request, "")?;
    let dry_run = request.get("dry_run") == Some(&Value::Bool(true));
    let mut pipeline = Pipeline::create(request, &behaviour.user, &mut databricks.ids);
    if dry_run {
        return Ok(Reply::json(200, &json!({"effective_settings": pipeline.shown_spec()})));
    }
    pipeline.unlisted = behaviour.list_lag;
    let answer = Reply::json(200, &json!({"pipeline_id": pipeline.id}));
    databricks.pipelines.insert(pipeline.id.clone(), pipeline);
    Ok(answer)
}

/// `GET /api/2.0/pipelines/{id}`. What it shows of one whose deletion goes on is unverified.
pub(super) fn get(databricks: &mut Databricks, behaviour: &Behaviour, call: &Call) -> Answer {
    let pipeline = find(databricks, behaviour, call)?;
    let mut shown = pipeline.details();
    behaviour.dressing.iter().for_each(|dressing| dressing.dress(&mut shown));
    for (place, value) in &behaviour.keeps {
        shown.pointer_mut(place).into_iter().for_each(|kept| kept.clone_from(value));
    }
    let answer = Reply::json(200, &shown);
    if pipeline.state == "STOPPING" {
        pipeline.stopping = pipeline.stopping.saturating_sub(1);
        if pipeline.stopping == 0 {
            pipeline.end_update("CANCELED");
        }
    }
    databricks.look_at_deletion(call.parameter("id"));
    Ok(answer)
}

/// `PUT /api/2.0/pipelines/{id}`: a full replacement. It is accepted while an update runs, and not while its deletion goes
/// on (both unverified).
pub(super) fn edit(databricks: &mut Databricks, behaviour: &Behaviour, call: &Call) -> Answer {
    let request = read_object(call)?;
    fields::check_edit(&request)?;
    rules::check(&request)?;
    let pipeline = find(databricks, behaviour, call)?;
    let id = pipeline.id.clone();
    if pipeline.deletion.is_some() {
        return Err(missing(&id));
    }
    if let Some(expected) = request.get("expected_last_modified").and_then(Value::as_u64)
        && pipeline.last_modified > expected
    {
        // The API documents a "conflict" without naming a code.
        let message =
            format!("Pipeline {id} was modified at {} after the expected time {expected}.", pipeline.last_modified);
        return Err(error(409, "RESOURCE_CONFLICT", message));
    }
    if pipeline.storage(&pipeline.spec) != pipeline.storage(&request) {
        return Err(invalid("Modifying the storage location of a pipeline is not supported."));
    }
    refuse_taken_name(databricks, behaviour, &request, &id)?;
    if let Some(pipeline) = databricks.pipelines.get_mut(&id) {
        pipeline.edit(request, &mut databricks.ids);
    }
    Ok(done())
}

/// `DELETE /api/2.0/pipelines/{id}`, also of a running one. `cascade` says whether its tables go with it, by default they
/// do (the API's reference). Those of the Hive metastore never do, and wishing for it is refused
/// (terraform-provider-databricks#5600). What was deleted is seen for a while, and so are its tables (unverified).
pub(super) fn delete(databricks: &mut Databricks, behaviour: &Behaviour, call: &Call) -> Answer {
    let cascade = read_flag(call, "cascade")?;
    read_flag(call, "force")?;
    let pipeline = find(databricks, behaviour, call)?;
    let in_unity_catalog = pipeline.spec.contains_key("catalog");
    if cascade == Some(true) && !in_unity_catalog {
        return Err(invalid("Cannot set the cascade parameter to true for HMS pipelines."));
    }
    let cascade = in_unity_catalog && cascade.unwrap_or(true);
    pipeline.begin_deletion(Deletion { looks: behaviour.delete_lag, cascade });
    let id = pipeline.id.clone();
    databricks.end_deletion(&id);
    Ok(done())
}

/// The pipeline of the path.
///
/// # Errors
/// 404 in the documented words; 403 for one that the caller may not see (code and status unverified).
pub(super) fn find<'a>(
    databricks: &'a mut Databricks,
    behaviour: &Behaviour,
    call: &Call,
) -> Result<&'a mut Pipeline, Reply> {
    let id = call.parameter("id");
    let user = &behaviour.user.user_name;
    match databricks.pipelines.get_mut(id) {
        None => Err(missing(id)),
        Some(pipeline) if pipeline.hidden => {
            Err(error(403, "PERMISSION_DENIED", format!("User {user} does not have View permission on pipeline {id}.")))
        }
        Some(pipeline) => Ok(pipeline),
    }
}

fn missing(id: &str) -> Reply {
    error(404, "RESOURCE_DOES_NOT_EXIST", format!("The specified pipeline {id} was not found."))
}

/// Names are compared as they are, and hidden pipelines count. The message is the service's (databricks/cli#5261); which
/// status and code it comes with is unverified.
fn refuse_taken_name(
    databricks: &Databricks,
    behaviour: &Behaviour,
    fields: &Map<String, Value>,
    own_id: &str,
) -> Result<(), Reply> {
    let name = fields.get("name").and_then(Value::as_str).unwrap_or_default();
    let allowed = fields.get("allow_duplicate_names") == Some(&Value::Bool(true));
    let mut others = databricks.pipelines.values().filter(|other| other.id != own_id);
    if allowed || !others.any(|other| other.text("name") == Some(name)) {
        return Ok(());
    }
    let message = format!(
        "The pipeline name '{name}' is already used by another pipeline. \
         This check can be skipped by setting `allow_duplicate_names = true` in the request."
    );
    let code = if behaviour.taken_name_status == 400 { "INVALID_PARAMETER_VALUE" } else { "RESOURCE_CONFLICT" };
    Err(error(behaviour.taken_name_status, code, message))
}
