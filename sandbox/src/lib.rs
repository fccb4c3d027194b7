//! A stand-in for the parts of the Databricks and GitHub REST APIs that dltflow uses.
//!
//! Two servers listen on loopback and share one state. What they answer comes from the services' published
//! descriptions and client sources, never from what our own client happens to send; where a behaviour could not be
//! confirmed, the function that decides it notes that. Beside the two APIs both ports serve a control API under
//! `/_sandbox/` (see [`Sandbox::control`]) for faults, latency, the request log and the state.
//!
//! It is for tests and the demo: nothing is kept on disk, and no TLS is spoken.

mod call;
mod control;
mod databricks;
mod dressing;
mod exchange;
mod faults;
mod github;
mod ids;
mod log;
mod record;
mod refusal;
mod routing;
mod service;
mod settings;
mod shared;
mod stamp;
mod state;
mod transcript;
mod wire;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use serde_json::Value;
use tokio::runtime::Runtime;

pub use crate::dressing::Dressing;
pub use crate::record::{Exchange, Recorder};
use crate::service::Service;
pub use crate::settings::{Author, Behaviour, Permission, Settings, Token, User};
use crate::shared::Shared;

/// Both servers, running until this value is dropped.
#[derive(Debug)]
pub struct Sandbox {
    runtime: Option<Runtime>,
    shared: Arc<Shared>,
    databricks_url: String,
    github_url: String,
}

impl Sandbox {
    /// Binds both ports on 127.0.0.1 and serves them from threads of their own.
    pub fn start(settings: Settings) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let databricks = bind(settings.databricks_port)?;
        let github = bind(settings.github_port)?;
        let databricks_url = format!("http://{}", databricks.local_addr()?);
        let base_path = settings.github_base_path.clone();
        let github_url = format!("http://{}{base_path}", github.local_addr()?);
        let shared = Arc::new(Shared::new(settings));
        serve(&runtime, databricks, complete(Service::Databricks, databricks::routes::routes(), &shared))?;
        serve(&runtime, github, complete(Service::GitHub, github::routes::routes(&base_path), &shared))?;
        Ok(Self { runtime: Some(runtime), shared, databricks_url, github_url })
    }

    /// The workspace's host, such as `http://127.0.0.1:41234`.
    pub fn databricks_url(&self) -> &str {
        &self.databricks_url
    }

    /// The root of the GitHub API, with its base path if there is one.
    pub fn github_url(&self) -> &str {
        &self.github_url
    }

    /// Does what the control API does on `/_sandbox/<path>`, without HTTP.
    ///
    /// | call | effect |
    /// | --- | --- |
    /// | `GET log`, `DELETE log` | the requests so far; forget them |
    /// | `GET state` | everything that the two services hold |
    /// | `POST faults`, `GET faults`, `DELETE faults` | add one fault (or a list), show what is left, remove all |
    /// | `PUT settings`, `GET settings` | change some fields of [`Behaviour`], show all |
    /// | `POST reset` | back to the start |
    /// | `PUT databricks/pipelines/{id}` | edit behind the client's back: `state`, `health`, `hidden`, `creator_user_name`, `run_as`, `spec` (merged; null removes) |
    /// | `PUT databricks/objects/{path}` | `modified_at` of a file, in milliseconds since 1970 |
    /// | `PUT databricks/schemas/{catalog.schema}` | `tables`: those that are in it, by name, with the id of the pipeline that writes them or null; makes the schema if it is missing |
    /// | `PUT github/permissions` | what the token may do, `{"pull-requests": "read", …}`; names left out stay |
    /// | `PUT github/repositories/{owner}/{name}` | `id`, `path` (a git repository on disk), `private`, `default_branch` |
    /// | `PUT github/repositories/{owner}/{name}/pulls/{number}` | some or all fields of a pull request |
    /// | `POST github/repositories/{owner}/{name}/issues/{number}/comments` | `body`, `author` (`login`, `id`, `type`, `app`): a comment by anyone |
    ///
    /// A fault is an object with any of these fields; at most one hits a request, the first that matches:
    ///
    /// | field | default | meaning |
    /// | --- | --- | --- |
    /// | `service`, `method`, `path` | any | `databricks` or `github`; a method; a glob whose `*` also crosses `/` |
    /// | `times`, `skip` | 1, 0 | how many requests it hits, after letting how many pass |
    /// | `when` | `before` | `after`: the request takes effect and only its answer is lost |
    /// | `action` | `respond` | `drop` the connection, `hang`, or `delay` the real answer |
    /// | `status`, `body`, `content_type`, `retry_after` | 503, the service's usual | the answer; a text body is sent as it is |
    /// | `delay_ms` | 0 | milliseconds before any of it |
    ///
    /// # Errors
    /// The message that the HTTP form answers with 400 or 404.
    pub fn control(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let method = Method::from_bytes(method.as_bytes()).map_err(|e| e.to_string())?;
        control::apply(&self.shared, &method, path, body).map_err(|refusal| refusal.message)
    }

    /// The request log, oldest first: the array that `GET /_sandbox/log` answers. `arrived` is the time in milliseconds
    /// since 1970, `millis` how long the answer took.
    pub fn log(&self) -> Value {
        self.shared.lock().log.to_json()
    }

    /// The state of both services: the object that `GET /_sandbox/state` answers.
    pub fn state(&self) -> Value {
        self.shared.lock().to_json()
    }
}

impl Drop for Sandbox {
    /// Stops both servers without waiting for requests in flight (some may hang on purpose).
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn bind(port: u16) -> io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// A service's routes with their log and faults, and the control API beside them.
fn complete(service: Service, routes: Router<Arc<Shared>>, shared: &Arc<Shared>) -> Router {
    exchange::observed(service, routes, shared).merge(control::router()).with_state(Arc::clone(shared))
}

fn serve(runtime: &Runtime, listener: TcpListener, router: Router) -> io::Result<()> {
    let _entered = runtime.enter();
    let listener = wire::Cuttable(tokio::net::TcpListener::from_std(listener)?);
    let service = router.into_make_service_with_connect_info::<wire::Cut>();
    runtime.spawn(async move { axum::serve(listener, service).await });
    Ok(())
}
