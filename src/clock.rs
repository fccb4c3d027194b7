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

/// How long requests that are under way may go on, all together, once the run was asked to stop: the runner sends the next
/// signal after 7.5 s and kills 2.5 s later.
const GRACE: Duration = Duration::from_secs(4);

/// Utters the wish to stop.
#[derive(Debug)]
pub struct Stopper(watch::Sender<Option<(u8, Instant)>>);

impl Stopper {
    /// Asks the run to stop, as that signal did. Whoever asks again, as the runner does before it kills, changes nothing:
    /// the grace runs from the first time.
    pub fn ask(&self, signal: u8) {
        self.0.send_if_modified(|asked| {
            let first = asked.is_none();
            asked.get_or_insert((signal, Instant::now()));
            first
        });
    }
}

/// The wish to stop, as everything that waits or writes sees it.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Option<(u8, Instant)>>);

impl Stop {
    /// A wish that nobody has yet, and who may utter it.
    pub fn channel() -> (Stopper, Self) {
        let (sender, receiver) = watch::channel(None);
        (Stopper(sender), Self(receiver))
    }

    /// The signal that asked, if one did.
    pub fn signal(&self) -> Option<u8> {
        self.0.borrow().map(|(signal, _)| signal)
    }

    /// Returns once the run was asked to stop.
    pub async fn asked(&self) -> Instant {
        let mut receiver = self.0.clone();
        let asked = receiver.wait_for(Option::is_some).await.ok().and_then(|asked| *asked);
        match asked {
            Some((_, at)) => at,
            None => std::future::pending().await,
        }
    }

    /// Returns once the run was asked to stop and the grace for requests under way is over.
    pub async fn over(&self) {
        let over = self.asked().await + GRACE;
        tokio::time::sleep_until(over.into()).await;
    }
}
