//! The control API, `/_sandbox/…` on both ports. Its calls are not in the request log.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State as Carried};
use axum::http::Method;
use axum::response::Response;
use axum::routing::any;
use serde_json::{Value, json};

use crate::call::Reply;
use crate::faults::Fault;
use crate::refusal::{Refusal, merged};
use crate::shared::Shared;
use crate::state::State;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/_sandbox/{*path}", any(answer))
}

async fn answer(
    Carried(shared): Carried<Arc<Shared>>,
    method: Method,
    Path(path): Path<String>,
    body: Bytes,
) -> Response {
    let body = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&body).map_err(Refusal::bad) };
    let done = body.and_then(|body| apply(&shared, &method, &path, &body));
    match done {
        Ok(value) => Reply::json(200, &value).into_response(),
        Err(refusal) => Reply::json(refusal.status, &json!({"message": refusal.message})).into_response(),
    }
}

/// Does one control call; [`crate::Sandbox::control`] lists them.
pub(crate) fn apply(shared: &Shared, method: &Method, path: &str, body: &Value) -> Result<Value, Refusal> {
    let mut state = shared.lock();
    let state = &mut *state;
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (method.as_str(), segments.as_slice()) {
        ("GET", ["log"]) => return Ok(state.log.to_json()),
        ("DELETE", ["log"]) => state.log.clear(),
        ("GET", ["state"]) => return Ok(state.to_json()),
        ("GET", ["faults"]) => return Ok(state.faults.to_json()),
        ("POST", ["faults"]) => add_faults(state, body)?,
        ("POST", ["reset"]) => *state = shared.fresh(),
        ("DELETE", ["faults"]) => state.faults.clear(),
        ("GET", ["settings"]) => return serde_json::to_value(&state.behaviour).map_err(Refusal::bad),
        ("PUT", ["settings"]) => state.behaviour = merged(&state.behaviour, body)?,
        ("PUT", ["databricks", "pipelines", id]) => state.databricks.tamper(id, body)?,
        ("PUT", ["databricks", "objects", path @ ..]) => {
            state.databricks.tamper_object(&format!("/{}", path.join("/")), body)?;
        }
        ("PUT", ["databricks", "schemas", name]) => state.databricks.tamper_schema(name, body)?,
        ("PUT", ["github", "permissions"]) => {
            state.behaviour.permissions = merged(&state.behaviour.permissions, body)?;
        }
        ("PUT", ["github", "repositories", owner, name]) => state.github.register(owner, name, body)?,
        ("PUT", ["github", "repositories", owner, name, "pulls", number]) => {
            state.github.set_pull(owner, name, read_number(number)?, body)?;
        }
        ("POST", ["github", "repositories", owner, name, "issues", number, "comments"]) => {
            return state.github.comment_as_anyone(owner, name, read_number(number)?, body);
        }
        _ => return Err(Refusal::missing(format!("unknown control call `{method} {path}`"))),
    }
    Ok(json!({}))
}

fn add_faults(state: &mut State, body: &Value) -> Result<(), Refusal> {
    let one = |value: &Value| serde_json::from_value::<Fault>(value.clone()).map_err(Refusal::bad);
    let faults = match body {
        Value::Array(values) => values.iter().map(one).collect::<Result<Vec<_>, _>>()?,
        value => vec![one(value)?],
    };
    for fault in faults {
        state.faults.add(fault);
    }
    Ok(())
}

fn read_number(text: &str) -> Result<u64, Refusal> {
    text.parse().map_err(|_| Refusal::bad(format!("`{text}` is not a number")))
}
