//! The limit of concurrent requests: lower after a 429, higher after a while without.

use std::sync::{Arc, Mutex};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const MAX: usize = 16;
const INITIAL: usize = 8;
const GOOD_REPLIES_PER_INCREASE: usize = 10;

/// A limit of concurrent requests that adapts to the service.
#[derive(Clone, Debug)]
pub(super) struct Throttle {
    permits: Arc<Semaphore>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    allowed: usize,
    good: usize,
}

/// The right to send one request.
pub(super) struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    throttle: Throttle,
}

impl Default for Throttle {
    fn default() -> Self {
        let state = State { allowed: INITIAL, good: 0 };
        Self { permits: Arc::new(Semaphore::new(INITIAL)), state: Arc::new(Mutex::new(state)) }
    }
}

impl Throttle {
    /// Waits for a permit.
    pub(super) async fn enter(&self) -> Slot {
        // The semaphore is never closed, so this never fails.
        Slot { permit: Arc::clone(&self.permits).acquire_owned().await.ok(), throttle: self.clone() }
    }
}

impl Slot {
    /// Returns the permit; if the service `throttled` the request, the limit is lowered instead.
    pub(super) fn leave(self, throttled: bool) {
        let Ok(mut state) = self.throttle.state.lock() else { return };
        if throttled {
            state.good = 0;
            if state.allowed > 1 {
                state.allowed -= 1;
                self.permit.into_iter().for_each(OwnedSemaphorePermit::forget);
            }
            return;
        }
        state.good += 1;
        if state.good >= GOOD_REPLIES_PER_INCREASE && state.allowed < MAX {
            *state = State { allowed: state.allowed + 1, good: 0 };
            self.throttle.permits.add_permits(1);
        }
    }
}
