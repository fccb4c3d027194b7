//! The path of a request: log, latency, faults, handler, faults, log.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State as Carried};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use percent_encoding::percent_decode_str;

use crate::call::{MAX_BODY, Reply};
use crate::faults::{Action, Fault};
use crate::service::Service;
use crate::shared::Shared;
use crate::state::State;
use crate::transcript::{headers, readable};
use crate::wire::Cut;
use crate::{databricks, github};

/// A service's routes with their log and faults.
pub(crate) fn observed(service: Service, routes: Router<Arc<Shared>>, shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    // Forms have a lower bound of their own unless it is lifted; `MAX_BODY` holds for all bodies.
    routes.layer(DefaultBodyLimit::disable()).layer(from_fn_with_state((service, Arc::clone(shared)), exchange))
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
    let throttled = throttle(service, state);
    let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy();
    let fault = if throttled.is_some() { None } else { state.faults.take(service, parts.method.as_str(), &path) };
    let id = state.log.begin(service, parts, body, fault.as_ref().map(Fault::when));
    Arrival { id, latency: Duration::from_millis(state.behaviour.latency_ms), throttled, fault }
}

/// What the client gets under a fault; `None` cuts the connection.
async fn inflict(fault: &Fault, service: Service, real: Option<Response>) -> Option<Response> {
    tokio::time::sleep(fault.delay()).await;
    match fault.action() {
        Action::Respond => Some(fault.reply(|status| usual_error(service, status)).into_response()),
        Action::Drop => None,
        Action::Hang => pending().await,
        Action::Delay => real,
    }
}

/// The answer to a request over the service's own limit, if this one is.
fn throttle(service: Service, state: &mut State) -> Option<Reply> {
    match service {
        Service::Databricks => databricks::limits::throttle(state.log.last_second(service), &state.behaviour),
        Service::GitHub => github::limits::throttle(&mut state.github, &state.behaviour),
    }
}

/// The usual body of an error status, for faults that name none.
fn usual_error(service: Service, status: u16) -> Reply {
    match service {
        Service::Databricks => databricks::replies::usual_error(status),
        Service::GitHub => github::replies::usual_error(status),
    }
}
