//! What both servers share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::record::Recorder;
use crate::settings::Settings;
use crate::state::State;

/// The state behind its lock, and what does not change while the sandbox runs.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    pub(crate) settings: Settings,
    pub(crate) recorder: Option<Recorder>,
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> Self {
        let state = Mutex::new(State::new(settings.behaviour.clone()));
        Self { state, settings, recorder: Recorder::from_environment() }
    }

    /// The state stays usable after a handler panicked: it holds nothing worth protecting.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state as it was at the start.
    pub(crate) fn fresh(&self) -> State {
        State::new(self.settings.behaviour.clone())
    }
}
