//! The GitHub API over repositories that lie on disk: comments, pull requests, comparisons, references.

mod comments;
mod commits;
mod diff;
mod git;
mod mention;
mod paging;
mod pulls;
mod refs;
mod repository;
mod users;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodFilter, MethodRouter};
use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::control::Refusal;
use crate::ids::Ids;
use crate::service::{Handler, Service, Shared, on, serve};
use crate::settings::Author;
use crate::stamp::now_ms;
use crate::state::State;
use repository::Repository;

/// Length of a rate limit's window.
const HOUR_MS: u64 = 3_600_000;

/// All that the service holds.
#[derive(Debug, Default)]
pub(crate) struct GitHub {
    /// By `owner/name` in lower case.
    repositories: BTreeMap<String, Repository>,
    ids: Ids,
    /// Requests in the window that ends at `window_end` (milliseconds since 1970).
    used: u32,
    window_end: u64,
}

impl GitHub {
    pub(crate) fn to_json(&self) -> Value {
        let shown = self.repositories.values().map(|repository| (repository.full_name(), repository.to_json()));
        json!({"repositories": shown.collect::<serde_json::Map<_, _>>()})
    }

    /// Registers a repository, or changes some of its fields.
    pub(crate) fn register(&mut self, owner: &str, name: &str, fields: &Value) -> Result<(), Refusal> {
        let known = self.repositories.entry(key(owner, name));
        let repository = known.or_insert_with(|| Repository::new(owner, name, self.ids.rising()));
        repository.settings = crate::control::merged(&repository.settings, fields)?;
        Ok(())
    }

    /// Opens a pull request, or changes some of its fields.
    pub(crate) fn set_pull(&mut self, owner: &str, name: &str, number: u64, fields: &Value) -> Result<(), Refusal> {
        let id = self.ids.rising();
        self.registered(owner, name)?.set_pull(number, id, fields)
    }

    /// Adds a comment in somebody else's name, without permission checks.
    pub(crate) fn comment_as_anyone(
        &mut self,
        owner: &str,
        name: &str,
        number: u64,
        fields: &Value,
    ) -> Result<Value, Refusal> {
        let author: Author = crate::control::merged(&Author::default(), &fields["author"])?;
        let body = fields["body"].as_str().ok_or_else(|| Refusal::bad("`body` is wanted"))?;
        let id = self.ids.rising();
        self.registered(owner, name)?.add_comment(id, number, author, body);
        Ok(json!({"id": id}))
    }

    fn registered(&mut self, owner: &str, name: &str) -> Result<&mut Repository, Refusal> {
        self.repositories
            .get_mut(&key(owner, name))
            .ok_or_else(|| Refusal::missing(format!("no repository `{owner}/{name}`")))
    }
}

pub(crate) fn router(shared: &Arc<Shared>, base_path: &str) -> Router {
    let user = route(MethodFilter::GET, "users/users#get-the-authenticated-user", users::user);
    let mut routes = Router::new().route("/user", user);
    // Links between pages name a repository by its number, so both forms lead to the same routes.
    for prefix in ["/repos/{owner}/{repo}", "/repositories/{repository_id}"] {
        routes = routes.nest(prefix, repository_routes());
    }
    let routes = if base_path.is_empty() { routes } else { Router::new().nest(base_path, routes) };
    serve(Service::GitHub, routes.fallback(unknown_route).method_not_allowed_fallback(unknown_route), shared)
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
fn route(method: MethodFilter, page: &'static str, handler: Handler) -> MethodRouter<Arc<Shared>> {
    on(method, move |state, call| {
        let answer = admit(state, call).and_then(|()| handler(state, call).map_err(|refusal| refusal.about(page)));
        let (Ok(reply) | Err(reply)) = answer;
        Ok(with_limits(reply, state))
    })
}

async fn unknown_route() -> axum::response::Response {
    not_found().into_response()
}

/// A token that is sent must be known; without one, public repositories can be read.
fn admit(state: &State, call: &Call) -> Result<(), Reply> {
    match call.token() {
        Some(token) if !state.behaviour.github_tokens.iter().any(|known| known == token) => {
            Err(error(401, "Bad credentials"))
        }
        _ => Ok(()),
    }
}

/// Counts a request, and refuses it when the hour's budget is spent.
pub(crate) fn throttle(state: &mut State) -> Option<Reply> {
    let now = now_ms();
    let github = &mut state.github;
    if now >= github.window_end {
        (github.used, github.window_end) = (0, now + HOUR_MS);
    }
    github.used += 1;
    let spent = github.used > state.behaviour.github_rate_limit;
    spent.then(|| with_limits(error(403, "API rate limit exceeded for installation."), state))
}

fn with_limits(reply: Reply, state: &State) -> Reply {
    let (limit, used) = (state.behaviour.github_rate_limit, state.github.used);
    reply
        .with("x-ratelimit-limit", limit.to_string())
        .with("x-ratelimit-remaining", limit.saturating_sub(used).to_string())
        .with("x-ratelimit-used", used.min(limit).to_string())
        .with("x-ratelimit-reset", state.github.window_end.div_ceil(1000).to_string())
        .with("x-ratelimit-resource", "core")
        .with("x-github-media-type", "github.v3; format=json")
}

/// An error in the shape of the REST API.
fn error(status: u16, message: &str) -> Reply {
    refusal(status, json!({"message": message}))
}

/// Where refusals point that are about no operation.
const DOCUMENTATION: &str = "https://docs.github.com/rest";

impl Reply {
    /// The refusal with the address of its operation's page, where it has no better one.
    fn about(mut self, page: &str) -> Self {
        let mut body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        if body["documentation_url"] == DOCUMENTATION {
            body["documentation_url"] = format!("{DOCUMENTATION}/{page}").into();
            self.body = body.to_string().into_bytes();
        }
        self
    }
}

fn refusal(status: u16, mut body: Value) -> Reply {
    if body["documentation_url"].is_null() {
        body["documentation_url"] = DOCUMENTATION.into();
    }
    body["status"] = status.to_string().into();
    Reply::json(status, &body)
}

fn not_found() -> Reply {
    error(404, "Not Found")
}

/// The usual body of an error status, for faults that name none. What stands before the API answers HTML.
pub(crate) fn usual_error(status: u16) -> Reply {
    let message = match status {
        401 => "Bad credentials",
        403 => "Resource not accessible by integration",
        404 => "Not Found",
        422 => "Validation Failed",
        429 => "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        502..=504 => {
            let page = "<!doctype html>\n<title>Unicorn!</title>\n<p>This page is taking too long to load.</p>\n";
            return Reply::text(status, "text/html; charset=utf-8", page);
        }
        _ => "Server Error",
    };
    error(status, message)
}

fn key(owner: &str, name: &str) -> String {
    format!("{owner}/{name}").to_lowercase()
}
