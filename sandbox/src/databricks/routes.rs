//! The routes of the workspace's API.

use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodFilter, MethodRouter};

use super::replies::error;
use super::state::Databricks;
use super::{identity, listing, objects, pipelines, unity, updates};
use crate::call::{Call, Reply};
use crate::routing::{Handler, on};
use crate::settings::Behaviour;
use crate::shared::Shared;

/// Every route of the workspace.
pub(crate) fn routes() -> Router<Arc<Shared>> {
    const GET: MethodFilter = MethodFilter::GET;
    const POST: MethodFilter = MethodFilter::POST;
    let pipeline = route(GET, pipelines::get)
        .merge(route(MethodFilter::PUT, pipelines::edit))
        .merge(route(MethodFilter::DELETE, pipelines::delete));
    Router::new()
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
        .route("/.well-known/databricks-config", public(GET, identity::discovery))
        .route("/pipelines/{id}", public(GET, identity::page))
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_route)
}

fn route(method: MethodFilter, handler: Handler<Databricks>) -> MethodRouter<Arc<Shared>> {
    on(method, move |state, call| {
        identity::named(&state.behaviour, call.header("x-databricks-workspace-id"))?;
        admit(&state.behaviour, call)?;
        handler(&mut state.databricks, &state.behaviour, call)
    })
}

/// A route that asks for no token.
fn public(method: MethodFilter, handler: Handler<Databricks>) -> MethodRouter<Arc<Shared>> {
    on(method, move |state, call| handler(&mut state.databricks, &state.behaviour, call))
}

async fn unknown_route(request: axum::extract::Request) -> axum::response::Response {
    let path = request.uri().path().trim_start_matches("/api");
    error(404, "ENDPOINT_NOT_FOUND", format!("No API found for '{} {path}'", request.method())).into_response()
}

/// The texts follow what workspaces answer; that a missing token is 401 and a wrong one 403 is unverified.
fn admit(behaviour: &Behaviour, call: &Call) -> Result<(), Reply> {
    match call.token() {
        None => {
            Err(error(401, "UNAUTHENTICATED", "Credential was not sent or was of an unsupported type for this API."))
        }
        Some(token) if behaviour.databricks_tokens.iter().any(|known| known == token) => Ok(()),
        Some(_) => Err(error(403, "PERMISSION_DENIED", "Invalid access token.")),
    }
}
