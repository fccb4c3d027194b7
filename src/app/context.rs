//! The outside world of a run, and the only way for a long computation to go on without it.

use crate::clock::Stop;
use crate::diagnostic::{Error, Kind, Result};
use crate::github;
use crate::http::Http;
use crate::inputs::Connection;

/// What a run reaches the outside world by.
pub(super) struct Context {
    /// Who asked: the words of its messages are those that this face knows.
    pub(super) face: Face,
    /// Requests to the workspace.
    pub(super) http: Http,
    /// The wish to stop.
    pub(super) stop: Stop,
    /// GitHub, in the action only.
    pub(super) github: Option<github::Client>,
    /// Address and credentials of the workspace, as they were given.
    pub(super) connection: Connection,
}

/// Through which of its faces the program was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// A step of a GitHub workflow.
    Action,
    /// A terminal, or another CI.
    CommandLine,
}

impl Context {
    /// Runs a stage that computes on a thread of its own, and gives up on it once the run is asked to stop; one that was
    /// asked before begins no stage.
    pub(super) async fn compute<T: Send + 'static>(
        &self,
        stage: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        // A signal that came while nothing was awaited is heard here.
        if self.stop.signal().is_some() {
            return Err(stopped(&self.stop));
        }
        tracing::debug!("{stage}");
        tokio::select! {
            biased;
            _ = self.stop.asked() => Err(stopped(&self.stop)),
            done = tokio::task::spawn_blocking(work) => match done {
                Ok(value) => Ok(value),
                Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
            },
        }
    }
}

/// How a run ended: one that failed after it was asked to stop, failed for that.
pub(super) fn end(ended: Result<()>, stop: &Stop) -> Result<()> {
    match ended {
        Err(_) if stop.signal().is_some() => Err(stopped(stop)),
        ended => ended,
    }
}

fn stopped(stop: &Stop) -> Error {
    Error::new(Kind::Stopped(stop.signal().unwrap_or_default()), "the run was asked to stop")
        .hint("run it again: the next run completes what is missing")
}
