//! The Databricks workspace: pipelines, workspace objects, the caller.

mod identity;
mod listing;
mod objects;
mod pipeline;
mod pipelines;
mod rules;
mod schema;
mod tree;
mod unity;
mod updates;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodFilter, MethodRouter};
use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::control::Refusal;
use crate::ids::Ids;
use crate::service::{Handler, Service, Shared, on, serve};
use crate::settings::User;
use crate::state::State;
use pipeline::Pipeline;
use tree::Tree;
use unity::Schemas;

/// All that the workspace holds.
#[derive(Debug)]
pub(crate) struct Databricks {
    /// By id.
    pipelines: BTreeMap<String, Pipeline>,
    schemas: Schemas,
    tree: Tree,
    ids: Ids,
}

impl Databricks {
    pub(crate) fn new(user: &User) -> Self {
        let mut ids = Ids::default();
        let tree = Tree::new(&user.user_name, &mut ids);
        Self { pipelines: BTreeMap::new(), schemas: Schemas::default(), tree, ids }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "pipelines": self.pipelines.values().map(Pipeline::to_json).collect::<Vec<_>>(),
            "objects": self.tree.to_json(),
            "schemas": self.schemas.to_json(),
        })
    }

    /// Edits a pipeline as somebody else would: no check, but `last_modified` moves when the spec does.
    pub(crate) fn tamper(&mut self, id: &str, changes: &Value) -> Result<(), Refusal> {
        let pipeline = self.pipelines.get_mut(id).ok_or_else(|| Refusal::missing(format!("no pipeline `{id}`")))?;
        pipeline.tamper(changes, &mut self.ids).map_err(Refusal::bad)
    }

    /// Gives a schema tables, making it where it is missing.
    pub(crate) fn tamper_schema(&mut self, name: &str, changes: &Value) -> Result<(), Refusal> {
        self.schemas.tamper(name, changes)
    }
}

pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    const GET: MethodFilter = MethodFilter::GET;
    const POST: MethodFilter = MethodFilter::POST;
    let pipeline = route(GET, pipelines::get)
        .merge(route(MethodFilter::PUT, pipelines::edit))
        .merge(route(MethodFilter::DELETE, pipelines::delete));
    let routes = Router::new()
        .route("/api/2.0/pipelines", route(POST, pipelines::create).merge(route(GET, listing::list)))
        .route("/api/2.0/pipelines/{id}", pipeline)
        .route("/api/2.0/pipelines/{id}/updates", route(POST, updates::start).merge(route(GET, updates::list)))
        .route("/api/2.0/pipelines/{id}/updates/{update}", route(GET, updates::get))
        .route("/api/2.0/pipelines/{id}/stop", route(POST, updates::stop))
        .route("/api/2.0/workspace/import", route(POST, objects::import))
        .route("/api/2.0/workspace/export", route(GET, objects::export))
        .route("/api/2.0/workspace/mkdirs", route(POST, objects::mkdirs))
        .route("/api/2.0/workspace/delete", route(POST, objects::delete))
        .route("/api/2.0/workspace/list", route(GET, objects::list))
        .route("/api/2.0/workspace/get-status", route(GET, objects::get_status))
        .route("/api/2.0/workspace-files/import-file/{path}", route(POST, objects::import_file))
        .route("/api/2.0/workspace-files/{*path}", route(GET, objects::read_file))
        .route("/api/2.1/unity-catalog/schemas", route(POST, unity::create))
        .route(
            "/api/2.1/unity-catalog/schemas/{name}",
            route(GET, unity::get).merge(route(MethodFilter::DELETE, unity::delete)),
        )
        .route("/api/2.0/preview/scim/v2/Me", route(GET, identity::me))
        .route("/.well-known/databricks-config", on(GET, identity::discovery))
        .route("/pipelines/{id}", on(GET, identity::page))
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_route);
    serve(Service::Databricks, routes, shared)
}

fn route(method: MethodFilter, handler: Handler) -> MethodRouter<Arc<Shared>> {
    on(method, move |state, call| {
        admit(state, call)?;
        handler(state, call)
    })
}

async fn unknown_route(request: axum::extract::Request) -> axum::response::Response {
    let path = request.uri().path().trim_start_matches("/api");
    error(404, "ENDPOINT_NOT_FOUND", format!("No API found for '{} {path}'", request.method())).into_response()
}

/// The texts follow what workspaces answer; that a missing token is 401 and a wrong one 403 is unverified.
fn admit(state: &State, call: &Call) -> Result<(), Reply> {
    match call.token() {
        None => {
            Err(error(401, "UNAUTHENTICATED", "Credential was not sent or was of an unsupported type for this API."))
        }
        Some(token) if state.behaviour.databricks_tokens.iter().any(|known| known == token) => Ok(()),
        Some(_) => Err(error(403, "PERMISSION_DENIED", "Invalid access token.")),
    }
}

/// 429 above the configured rate. The code and text are those seen in the wild; no `Retry-After` is documented.
pub(crate) fn throttle(state: &mut State) -> Option<Reply> {
    let most = state.behaviour.requests_per_second? as usize;
    if state.log.last_second(Service::Databricks) < most {
        return None;
    }
    let reply = usual_error(429);
    Some(match state.behaviour.retry_after {
        Some(seconds) => reply.with("retry-after", seconds.to_string()),
        None => reply,
    })
}

/// An error in the shape of the workspace APIs.
fn error(status: u16, code: &str, message: impl AsRef<str>) -> Reply {
    Reply::json(status, &json!({"error_code": code, "message": message.as_ref()}))
}

fn invalid(message: impl AsRef<str>) -> Reply {
    error(400, "INVALID_PARAMETER_VALUE", message)
}

/// The error codes that go with a status, after the mapping of the official SDKs.
pub(crate) fn usual_error(status: u16) -> Reply {
    let (code, message) = match status {
        400 => ("INVALID_PARAMETER_VALUE", "The request is invalid."),
        401 => ("UNAUTHENTICATED", "Credential was not sent or was of an unsupported type for this API."),
        403 => ("PERMISSION_DENIED", "User does not have permission for this operation."),
        404 => ("RESOURCE_DOES_NOT_EXIST", "The resource does not exist."),
        409 => ("RESOURCE_CONFLICT", "The resource was changed by another request."),
        429 => ("REQUEST_LIMIT_EXCEEDED", "Too many requests. Current request has to be retried."),
        503 => ("TEMPORARILY_UNAVAILABLE", "The service is temporarily unavailable."),
        504 => ("DEADLINE_EXCEEDED", "The deadline of the request was exceeded."),
        _ => ("INTERNAL_ERROR", "An internal error occurred."),
    };
    error(status, code, message)
}

/// The JSON object of a request's body.
///
/// # Errors
/// `MALFORMED_REQUEST` for anything else. An empty body counts as `{}`.
fn read_object(call: &Call) -> Result<serde_json::Map<String, Value>, Reply> {
    let malformed = |why: String| error(400, "MALFORMED_REQUEST", format!("Could not parse request object: {why}"));
    if call.body.is_empty() {
        return Ok(serde_json::Map::new());
    }
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(fields)) => Ok(fields.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        Ok(_) => Err(malformed("Expected 'START_OBJECT'".into())),
        Err(e) => Err(malformed(e.to_string())),
    }
}

/// A query parameter that is `true` or `false`.
fn read_flag(call: &Call, name: &str) -> Result<Option<bool>, Reply> {
    match call.query(name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(other) => Err(invalid(format!("`{name}` must be true or false, not '{other}'."))),
    }
}

fn done() -> Reply {
    Reply::json(200, &json!({}))
}
