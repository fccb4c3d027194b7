//! Shell: time, and the wish to stop.
#![expect(clippy::disallowed_methods, reason = "the one place that asks for the time")]

use std::time::{Duration, Instant, SystemTime};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;

/// The present in UTC as RFC 3339, whole seconds: `2026-03-01T12:00:00Z`.
pub fn now() -> String {
    let now = OffsetDateTime::from(SystemTime::now());
    now.replace_nanosecond(0).ok().and_then(|now| now.format(&Rfc3339).ok()).unwrap_or_default()
}

/// When a run has to be over.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// `limit` from now.
    pub fn after(limit: Duration) -> Self {
        Self(Instant::now() + limit)
    }

    /// What is left; zero once it has passed.
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// How long a request that is under way may go on once the run was asked to stop: the runner kills it after 7.5 s.
const GRACE: Duration = Duration::from_secs(4);

/// The wish to stop, as everything that waits or writes sees it.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Option<u8>>);

impl Stop {
    /// A wish and the sender that utters it; the value is the signal's number.
    pub fn channel() -> (watch::Sender<Option<u8>>, Self) {
        let (sender, receiver) = watch::channel(None);
        (sender, Self(receiver))
    }

    /// The signal that asked, if one did.
    pub fn signal(&self) -> Option<u8> {
        *self.0.borrow()
    }

    /// Returns once the run was asked to stop.
    pub async fn asked(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Returns once the run was asked to stop and the grace for requests under way is over.
    pub async fn over(&self) {
        self.asked().await;
        tokio::time::sleep(GRACE).await;
    }
}
