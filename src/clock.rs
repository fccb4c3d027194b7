//! Shell: time, and the stop signal.
#![expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]

use std::time::{Duration, Instant, SystemTime};

use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime};
use tokio::sync::watch;

/// The current time in UTC as RFC 3339, whole seconds: `2026-03-01T12:00:00Z`.
pub fn now() -> String {
    let now = OffsetDateTime::from(SystemTime::now());
    now.replace_nanosecond(0).ok().and_then(|now| now.format(&Rfc3339).ok()).unwrap_or_default()
}

/// The day now, in UTC.
pub fn today() -> Date {
    OffsetDateTime::from(SystemTime::now()).date()
}

/// The time now, in seconds since 1970.
pub fn unix_time() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The time now, to measure how long something takes.
pub fn instant() -> Instant {
    Instant::now()
}

/// The deadline of a run.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// `limit` from now.
    pub fn after(limit: Duration) -> Self {
        Self(Instant::now() + limit)
    }

    /// The remaining time; zero once it has passed.
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// How long requests in flight may take after a stop was requested: the runner sends the next signal after 7.5 s and
/// kills 2.5 s later.
const GRACE: Duration = Duration::from_secs(4);

/// Requests the stop of a run.
#[derive(Debug)]
pub struct Stopper(watch::Sender<Option<(u8, Instant)>>);

impl Stopper {
    /// Requests a stop because of `signal`. Later requests change nothing: the grace period starts with the first.
    pub fn ask(&self, signal: u8) {
        self.0.send_if_modified(|asked| {
            let first = asked.is_none();
            asked.get_or_insert((signal, Instant::now()));
            first
        });
    }
}

/// The stop signal, for everything that waits or writes.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Option<(u8, Instant)>>);

impl Stop {
    /// A stop signal that is not set yet, and its sender.
    pub fn channel() -> (Stopper, Self) {
        let (sender, receiver) = watch::channel(None);
        (Stopper(sender), Self(receiver))
    }

    /// The signal that requested the stop, if any.
    pub fn signal(&self) -> Option<u8> {
        self.0.borrow().map(|(signal, _)| signal)
    }

    /// Returns once a stop was requested, with the time of the request.
    pub async fn asked(&self) -> Instant {
        let mut receiver = self.0.clone();
        let asked = receiver.wait_for(Option::is_some).await.ok().and_then(|asked| *asked);
        match asked {
            Some((_, at)) => at,
            None => std::future::pending().await,
        }
    }

    /// Returns once a stop was requested and the grace period is over.
    pub async fn over(&self) {
        let over = self.asked().await + GRACE;
        tokio::time::sleep_until(over.into()).await;
    }
}
