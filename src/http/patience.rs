//! Looking again and again at what takes a while.

use std::time::Duration;

use super::Http;
use crate::clock::Deadline;

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// The pauses between looks: they double, and end with a limit, with the time of the run, or when it is asked to stop.
#[derive(Debug)]
pub struct Patience<'h> {
    http: &'h Http,
    until: Deadline,
    pause: Duration,
}

impl Http {
    /// Pauses of `limit` in all.
    pub fn patience(&self, limit: Duration) -> Patience<'_> {
        Patience { http: self, until: Deadline::after(limit.min(self.deadline.left())), pause: FIRST_PAUSE }
    }
}

impl Patience<'_> {
    /// Waits before the next look; false if there is to be none.
    pub async fn pause(&mut self) -> bool {
        let pause = self.pause;
        self.pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        if pause > self.until.left() {
            return false;
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            _ = self.http.stop.asked() => false,
        }
    }
}
