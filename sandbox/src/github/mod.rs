//! The GitHub API. Routes follow.

use std::sync::Arc;

use axum::Router;
use serde_json::{Value, json};

use crate::call::Reply;
use crate::control::Refusal;
use crate::service::{Service, Shared, serve};
use crate::state::State;

#[derive(Debug, Default)]
pub(crate) struct GitHub {}

impl GitHub {
    pub(crate) fn to_json(&self) -> Value {
        json!({})
    }
    pub(crate) fn register(&mut self, _o: &str, _n: &str, _b: &Value) -> Result<(), Refusal> {
        Ok(())
    }
    pub(crate) fn set_pull(&mut self, _o: &str, _n: &str, _k: u64, _b: &Value) -> Result<(), Refusal> {
        Ok(())
    }
    pub(crate) fn comment_as_anyone(&mut self, _o: &str, _n: &str, _k: u64, _b: &Value) -> Result<Value, Refusal> {
        Ok(json!({}))
    }
}
pub(crate) fn router(shared: &Arc<Shared>, _base: &str) -> Router {
    serve(Service::GitHub, Router::new(), shared)
}
pub(crate) fn usual_error(status: u16) -> Reply {
    Reply::empty(status)
}
pub(crate) fn throttle(_: &mut State) -> Option<Reply> {
    None
}
