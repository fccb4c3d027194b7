//! When a request is sent again: by what it does, within the run's deadline, at the pace the service asks for.

use std::time::Duration;

use crate::clock::{Deadline, Stop};

use super::throttle::Throttle;
use super::{Failure, Idempotency, Reply, Request};

const ATTEMPTS: u32 = 6;
/// A 429 says that the service lives and has done nothing: among many pipelines one may get it often before its turn.
const THROTTLED_ATTEMPTS: u32 = 12;
/// A host that refuses connections is rarely back within seconds; a typo in its name never is.
const CONNECT_ATTEMPTS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(400);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The client of one run: its deadline, its wish to stop, and how many requests may be under way.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    deadline: Deadline,
    stop: Stop,
    throttle: Throttle,
}

impl Http {
    /// A run's use of `client`.
    pub fn new(client: reqwest::Client, deadline: Deadline, stop: Stop) -> Self {
        Self { client, deadline, stop, throttle: Throttle::default() }
    }

    /// The client itself, for a library that makes its requests on its own and sends them through [`Http::repeat`].
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends `request`, again where [`Idempotency`] and the service's answer allow it, and gives the last reply.
    ///
    /// # Errors
    /// [`Failure`] where no reply came; a reply of any status is no error here.
    pub async fn send(&self, request: &Request) -> Result<Reply, Failure> {
        let name = format!("{} {}", request.method, request.url.path());
        self.repeat(request.idempotency, &name, || request.send(&self.client)).await
    }

    /// The same for whatever `send` sends, told as `name` in the log.
    pub async fn repeat<F>(&self, idempotency: Idempotency, name: &str, send: impl Fn() -> F) -> Result<Reply, Failure>
    where
        F: Future<Output = Result<Reply, Failure>>,
    {
        let mut attempt = 1;
        loop {
            let outcome = self.attempt(idempotency, name, send()).await;
            let Some(pause) = pause_before_repeat(idempotency, &outcome, attempt) else { return outcome };
            tracing::debug!(attempt, ?pause, "{name} is sent again");
            if pause > self.deadline.left() {
                return outcome;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = self.stop.asked() => return outcome,
            }
            attempt += 1;
        }
    }

    /// Waits, but not beyond the end of a run that was asked to stop.
    pub async fn pause(&self, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.stop.over() => {}
        }
    }

    async fn attempt<F>(&self, idempotency: Idempotency, name: &str, sending: F) -> Result<Reply, Failure>
    where
        F: Future<Output = Result<Reply, Failure>>,
    {
        let permit = self.throttle.enter().await;
        // Asked only here: the signal may have come while this waited for its place.
        if self.stop.signal().is_some() && idempotency != Idempotency::Read {
            permit.leave(false);
            return Err(Failure::Stopped);
        }
        tracing::debug!("{name}");
        let outcome = tokio::select! {
            biased;
            () = self.stop.over() => Err(Failure::CutOff),
            () = tokio::time::sleep(self.deadline.left()) => Err(Failure::Deadline),
            outcome = sending => outcome,
        };
        permit.leave(outcome.as_ref().is_ok_and(|reply| reply.status == 429));
        outcome
    }
}

/// How long to wait before the next try; `None` where this outcome is the last word.
fn pause_before_repeat(idempotency: Idempotency, outcome: &Result<Reply, Failure>, attempt: u32) -> Option<Duration> {
    let may_repeat = idempotency != Idempotency::Once;
    let (repeat, attempts) = match outcome {
        Ok(reply) if reply.status == 429 => (true, THROTTLED_ATTEMPTS),
        Ok(reply) => (may_repeat && matches!(reply.status, 408 | 500 | 502..=504), ATTEMPTS),
        Err(Failure::Connect { .. }) => (true, CONNECT_ATTEMPTS),
        Err(Failure::Lost { .. }) => (may_repeat, ATTEMPTS),
        Err(Failure::TooLarge { .. } | Failure::Deadline | Failure::Stopped | Failure::CutOff) => (false, 0),
    };
    let asked = outcome.as_ref().ok().and_then(Reply::retry_after);
    (repeat && attempt < attempts).then(|| asked.unwrap_or_default() + jitter(attempt))
}

/// A random part of a pause that doubles with each try, so that clients who failed together do not return together.
fn jitter(attempt: u32) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << attempt.min(10)).min(LONGEST_PAUSE);
    let part = getrandom::u32().unwrap_or(u32::MAX / 2);
    longest.mul_f64(f64::from(part) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue};

    use super::{Failure, Idempotency, Reply, pause_before_repeat};

    fn reply(status: u16) -> Reply {
        Reply { status, headers: HeaderMap::new(), body: Vec::new() }
    }

    fn lost() -> Failure {
        Failure::Lost { host: String::new(), cause: String::new() }
    }

    #[test]
    fn what_could_be_done_twice_is_sent_again_only_where_it_surely_was_not_done() {
        let refused = Failure::Connect { host: String::new(), cause: String::new() };
        for (outcome, read, once) in [
            (Ok(reply(200)), false, false),
            (Ok(reply(404)), false, false),
            (Ok(reply(429)), true, true),
            (Ok(reply(502)), true, false),
            (Ok(reply(503)), true, false),
            (Err(lost()), true, false),
            (Err(refused), true, true),
            (Err(Failure::TooLarge { host: String::new() }), false, false),
        ] {
            let again = |idempotency| pause_before_repeat(idempotency, &outcome, 1).is_some();
            assert_eq!((again(Idempotency::Read), again(Idempotency::Once)), (read, once), "{outcome:?}");
        }
    }

    #[test]
    fn the_service_says_how_long_to_wait() {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", HeaderValue::from_static("7"));
        let outcome = Ok(Reply { status: 429, headers, body: Vec::new() });
        let pause = pause_before_repeat(Idempotency::Once, &outcome, 1).unwrap();
        assert!((7.0..8.0).contains(&pause.as_secs_f64()), "{pause:?}");
        assert!(pause_before_repeat(Idempotency::Once, &outcome, 6).is_some(), "busy is not broken");
        assert_eq!(pause_before_repeat(Idempotency::Read, &outcome, 12), None);
        assert_eq!(pause_before_repeat(Idempotency::Read, &Err(lost()), 6), None);
    }
}
