//! How many requests may be under way at once: fewer after a 429, one more after a while without.

use std::sync::{Arc, Mutex};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const MOST: usize = 16;
const AT_FIRST: usize = 8;
const GOOD_REPLIES_FOR_ONE_MORE: usize = 10;

/// A bound on requests under way that follows the service's complaints.
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

/// The right to have one request under way.
pub(super) struct Permit {
    permit: Option<OwnedSemaphorePermit>,
    throttle: Throttle,
}

impl Default for Throttle {
    fn default() -> Self {
        let state = State { allowed: AT_FIRST, good: 0 };
        Self { permits: Arc::new(Semaphore::new(AT_FIRST)), state: Arc::new(Mutex::new(state)) }
    }
}

impl Throttle {
    /// Waits for a free place.
    pub(super) async fn enter(&self) -> Permit {
        // The semaphore is never closed, so there is always a permit to come.
        Permit { permit: Arc::clone(&self.permits).acquire_owned().await.ok(), throttle: self.clone() }
    }
}

impl Permit {
    /// Gives the place back, for good where the service `complained` and others are left.
    pub(super) fn leave(self, complained: bool) {
        let Ok(mut state) = self.throttle.state.lock() else { return };
        if complained {
            state.good = 0;
            if state.allowed > 1 {
                state.allowed -= 1;
                self.permit.into_iter().for_each(OwnedSemaphorePermit::forget);
            }
            return;
        }
        state.good += 1;
        if state.good >= GOOD_REPLIES_FOR_ONE_MORE && state.allowed < MOST {
            *state = State { allowed: state.allowed + 1, good: 0 };
            self.throttle.permits.add_permits(1);
        }
    }
}
