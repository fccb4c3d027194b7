//! The way of a request: log, latency, faults, handler, faults, log.

use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, RawPathParams, Request, State as Carried};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use crate::call::{Answer, Call, MAX_BODY, Reply};
use crate::faults::{Action, Fault};
use crate::log::{headers, readable};
use crate::record::Recorder;
use crate::settings::Settings;
use crate::state::State;
use crate::wire::Cut;
use crate::{control, databricks, github};

/// Which of the two APIs a request went to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Service {
    /// The Databricks workspace.
    Databricks,
    /// The GitHub API.
    GitHub,
}

impl Service {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Databricks => "databricks",
            Self::GitHub => "github",
        }
    }

    /// The usual body of an error status, for faults that name none.
    pub(crate) fn error(self, status: u16) -> Reply {
        match self {
            Self::Databricks => databricks::usual_error(status),
            Self::GitHub => github::usual_error(status),
        }
    }

    /// The answer to a request over the service's own limit, if this one is.
    fn throttle(self, state: &mut State) -> Option<Reply> {
        match self {
            Self::Databricks => databricks::throttle(state),
            Self::GitHub => github::throttle(state),
        }
    }
}

/// The state as the servers share it.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    settings: Settings,
    recorder: Option<Recorder>,
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> Self {
        let state = Mutex::new(State::new(settings.behaviour.clone()));
        Self { state, settings, recorder: Recorder::from_environment() }
    }

    /// A handler that panicked leaves the state as it was: there is nothing to be saved from it here.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state as it was at the start.
    pub(crate) fn fresh(&self) -> State {
        State::new(self.settings.behaviour.clone())
    }
}

/// What answers a route: a plain function of the state and the request.
pub(crate) type Handler = fn(&mut State, &Call) -> Answer;

/// A route of one method. Its handler runs where it may block, and has the state to itself.
pub(crate) fn on<H>(method: MethodFilter, handler: H) -> MethodRouter<Arc<Shared>>
where
    H: Fn(&mut State, &Call) -> Answer + Copy + Send + Sync + 'static,
{
    let answer = move |Carried(shared): Carried<Arc<Shared>>, parameters: RawPathParams, request: Request| async move {
        let call = match Call::read(&parameters, request).await {
            Ok(call) => call,
            Err(message) => return Reply::text(400, "text/plain", message).into_response(),
        };
        let answered = tokio::task::spawn_blocking(move || handler(&mut shared.lock(), &call)).await;
        match answered {
            Ok(Ok(reply) | Err(reply)) => reply.into_response(),
            Err(failure) => Reply::text(500, "text/plain", failure.to_string()).into_response(),
        }
    };
    axum::routing::on(method, answer)
}

/// A service's routes with their log and faults, and the control API beside them.
pub(crate) fn serve(service: Service, routes: Router<Arc<Shared>>, shared: &Arc<Shared>) -> Router {
    // Forms have a lower bound of their own unless it is lifted; `MAX_BODY` holds for all bodies.
    let observed =
        routes.layer(DefaultBodyLimit::disable()).layer(from_fn_with_state((service, Arc::clone(shared)), exchange));
    observed.merge(control::router()).with_state(Arc::clone(shared))
}

async fn exchange(
    Carried((service, shared)): Carried<(Service, Arc<Shared>)>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let Arrival { id, latency, throttled, fault } = arrive(&mut shared.lock(), service, &parts, &body);
    let mut recorded = shared.recorder.as_ref().filter(|_| service == Service::GitHub).map(|recorder| {
        // A proxy may pass on the whole address.
        let target = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let line = (parts.method.as_str(), target);
        recorder.request(&shared.settings.github_base_path, line, headers(&parts.headers), readable(&body))
    });
    tokio::time::sleep(latency).await;
    let request = Request::from_parts(parts, Body::from(body));
    let effect = async {
        match throttled {
            Some(reply) => reply.into_response(),
            None => next.run(request).await,
        }
    };
    if let (Some(recorded), Some(_)) = (&mut recorded, &fault) {
        recorded.ordered();
    }
    let response = match &fault {
        None => Some(effect.await),
        Some(fault) if fault.prevents_the_effect() => inflict(fault, service, None).await,
        Some(fault) => inflict(fault, service, Some(effect.await)).await,
    };
    let response = match (&mut recorded, response) {
        (Some(recorded), Some(response)) => Some(recorded.answered(response).await),
        (_, response) => response,
    };
    shared.lock().log.finish(id, response.as_ref().map(|response| response.status().as_u16()));
    response.unwrap_or_else(|| {
        cut.throw();
        Response::default()
    })
}

/// What is settled about a request when it arrives.
struct Arrival {
    /// Its number in the log.
    id: u64,
    latency: Duration,
    throttled: Option<Reply>,
    fault: Option<Fault>,
}

fn arrive(state: &mut State, service: Service, parts: &Parts, body: &[u8]) -> Arrival {
    let throttled = service.throttle(state);
    let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy();
    let fault = if throttled.is_some() { None } else { state.faults.take(service, parts.method.as_str(), &path) };
    let id = state.log.begin(service, parts, body, fault.as_ref().map(Fault::when));
    Arrival { id, latency: Duration::from_millis(state.behaviour.latency_ms), throttled, fault }
}

/// What the client gets under a fault; `None` cuts the connection.
async fn inflict(fault: &Fault, service: Service, real: Option<Response>) -> Option<Response> {
    tokio::time::sleep(fault.delay()).await;
    match fault.action() {
        Action::Respond => Some(fault.reply(service).into_response()),
        Action::Drop => None,
        Action::Hang => pending().await,
        Action::Delay => real,
    }
}
