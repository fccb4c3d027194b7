//! From a route to its handler.

use std::sync::Arc;

use axum::extract::{RawPathParams, Request, State as Carried};
use axum::routing::{MethodFilter, MethodRouter};

use crate::call::{Answer, Call, Reply};
use crate::settings::Behaviour;
use crate::shared::Shared;
use crate::state::State;

/// What answers a route: a plain function of its own service's state, how the sandbox behaves, and the request.
pub(crate) type Handler<S> = fn(&mut S, &Behaviour, &Call) -> Answer;

/// A route of one method. Its handler runs on a thread that may block, and has the state to itself.
pub(crate) fn on<F>(method: MethodFilter, answer: F) -> MethodRouter<Arc<Shared>>
where
    F: Fn(&mut State, &Call) -> Answer + Copy + Send + Sync + 'static,
{
    let respond = move |Carried(shared): Carried<Arc<Shared>>, parameters: RawPathParams, request: Request| async move {
        let call = match Call::read(&parameters, request).await {
            Ok(call) => call,
            Err(message) => return Reply::text(400, "text/plain", message).into_response(),
        };
        let answered = tokio::task::spawn_blocking(move || answer(&mut shared.lock(), &call)).await;
        match answered {
            Ok(Ok(reply) | Err(reply)) => reply.into_response(),
            Err(failure) => Reply::text(500, "text/plain", failure.to_string()).into_response(),
        }
    };
    axum::routing::on(method, respond)
}
