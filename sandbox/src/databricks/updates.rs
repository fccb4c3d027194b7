//! Updates (runs) of a pipeline. One that was started runs until it is stopped or the control API ends it.

use serde_json::{Map, Value, json};

use super::fields;
use super::pipeline::{Pipeline, Update};
use super::pipelines::find;
use super::replies::{done, error};
use super::request::read_object;
use super::state::Databricks;
use crate::call::{Answer, Call, Reply};
use crate::settings::Behaviour;

/// `POST /api/2.0/pipelines/{id}/updates`. Refused while another update is active; the status is unverified.
pub(super) fn start(databricks: &mut Databricks, behaviour: &Behaviour, call: &Call) -> Answer {
    let request = read_object(call)?;
    fields::check_start(&request)?;
    let pipeline = find(databricks, behaviour, call)?;
    let id = pipeline.id.clone();
    if let Some(active) = pipeline.updates.iter().find(|update| update.is_active()) {
        let message = format!("An active update {} already exists for pipeline '{id}'.", active.id);
        return Err(error(409, "RESOURCE_CONFLICT", message));
    }
    let cause = request.get("cause").and_then(Value::as_str).unwrap_or("API_CALL").to_owned();
    let update =
        databricks.pipelines.get_mut(&id).map(|pipeline| pipeline.begin_update(&mut databricks.ids, &cause, request));
    Ok(Reply::json(200, &json!({"update_id": update})))
}

/// `POST /api/2.0/pipelines/{id}/stop`: asynchronous, and nothing when no update is active.
pub(super) fn stop(databricks: &mut Databricks, behaviour: &Behaviour, call: &Call) -> Answer {
    let lag = behaviour.stop_lag;
    let pipeline = find(databricks, behaviour, call)?;
    let Some(active) = pipeline.updates.iter_mut().find(|update| update.is_active()) else { return Ok(done()) };
    if lag == 0 {
        pipeline.end_update("CANCELED");
    } else {
        active.state = "STOPPING";
        pipeline.state = "STOPPING".into();
        pipeline.stopping = lag;
    }
    Ok(done())
}

/// `GET /api/2.0/pipelines/{id}/updates`, newest first. All are on one page.
pub(super) fn list(databricks: &mut Databricks, behaviour: &Behaviour, call: &Call) -> Answer {
    let pipeline = find(databricks, behaviour, call)?;
    let updates: Vec<Value> = pipeline.updates.iter().map(|update| info(pipeline, update)).collect();
    Ok(Reply::json(200, &json!({"updates": updates})))
}

/// `GET /api/2.0/pipelines/{id}/updates/{update}`.
pub(super) fn get(databricks: &mut Databricks, behaviour: &Behaviour, call: &Call) -> Answer {
    let pipeline = find(databricks, behaviour, call)?;
    let id = call.parameter("update");
    match pipeline.updates.iter().find(|update| update.id == id) {
        Some(update) => Ok(Reply::json(200, &json!({"update": info(pipeline, update)}))),
        None => Err(error(404, "RESOURCE_DOES_NOT_EXIST", format!("The specified update {id} was not found."))),
    }
}

/// The settings are shown as they are now, not as they were when the update began.
fn info(pipeline: &Pipeline, update: &Update) -> Value {
    let mut info: Map<String, Value> = update.request.clone();
    info.insert("update_id".into(), update.id.clone().into());
    info.insert("pipeline_id".into(), pipeline.id.clone().into());
    info.insert("state".into(), update.state.into());
    info.insert("cause".into(), update.cause.clone().into());
    info.insert("creation_time".into(), update.created.into());
    info.insert("config".into(), pipeline.shown_spec().into());
    info.into()
}
