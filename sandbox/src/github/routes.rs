//! The routes of the API, each with its page of the REST documentation.

use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodFilter, MethodRouter};

use super::limits::with_limits;
use super::replies::{about, error, not_found};
use super::state::GitHub;
use super::{comments, commits, pulls, refs, users};
use crate::call::{Call, Reply};
use crate::routing::{Handler, on};
use crate::settings::Behaviour;
use crate::shared::Shared;

/// Every route of the API, below `base_path`.
pub(crate) fn routes(base_path: &str) -> Router<Arc<Shared>> {
    let user = route(MethodFilter::GET, "users/users#get-the-authenticated-user", users::user);
    let mut routes = Router::new().route("/user", user);
    // Links between pages name a repository by its number, so both forms lead to the same routes.
    for prefix in ["/repos/{owner}/{repo}", "/repositories/{repository_id}"] {
        routes = routes.nest(prefix, repository_routes());
    }
    let routes = if base_path.is_empty() { routes } else { Router::new().nest(base_path, routes) };
    routes.fallback(unknown_route).method_not_allowed_fallback(unknown_route)
}

fn repository_routes() -> Router<Arc<Shared>> {
    const GET: MethodFilter = MethodFilter::GET;
    let comments = route(GET, "issues/comments#list-issue-comments", comments::list).merge(route(
        MethodFilter::POST,
        "issues/comments#create-an-issue-comment",
        comments::create,
    ));
    let comment = route(GET, "issues/comments#get-an-issue-comment", comments::get)
        .merge(route(MethodFilter::PATCH, "issues/comments#update-an-issue-comment", comments::edit))
        .merge(route(MethodFilter::DELETE, "issues/comments#delete-an-issue-comment", comments::delete));
    Router::new()
        .route("/issues/{number}/comments", comments)
        .route("/issues/comments/{id}", comment)
        .route("/pulls/{number}", route(GET, "pulls/pulls#get-a-pull-request", pulls::get))
        .route("/pulls/{number}/files", route(GET, "pulls/pulls#list-pull-requests-files", pulls::files))
        .route("/compare/{*basehead}", route(GET, "commits/commits#compare-two-commits", commits::compare))
        .route("/commits/{*ref}", route(GET, "commits/commits#get-a-commit", commits::get))
        .route("/git/ref/{*ref}", route(GET, "git/refs#get-a-reference", refs::get))
}

/// A route whose refusals point at its `page` of the REST documentation.
fn route(method: MethodFilter, page: &'static str, handler: Handler<GitHub>) -> MethodRouter<Arc<Shared>> {
    on(method, move |state, call| {
        let (github, behaviour) = (&mut state.github, &state.behaviour);
        let answer = admit(behaviour, call)
            .and_then(|()| handler(github, behaviour, call).map_err(|refusal| about(refusal, page)));
        let (Ok(reply) | Err(reply)) = answer;
        Ok(with_limits(reply, github, behaviour))
    })
}

async fn unknown_route() -> axum::response::Response {
    not_found().into_response()
}

/// A token that is sent must be known; without one, public repositories can be read.
fn admit(behaviour: &Behaviour, call: &Call) -> Result<(), Reply> {
    match call.token() {
        Some(token) if !behaviour.github_tokens.iter().any(|known| known == token) => {
            Err(error(401, "Bad credentials"))
        }
        _ => Ok(()),
    }
}
