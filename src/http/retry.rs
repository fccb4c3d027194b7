//! Retries: by the idempotency of a request, within the deadline of the run, at the pace the service asks for.

use std::time::Duration;

use crate::clock::{Deadline, Stop};

use super::throttle::Throttle;
use super::{Idempotency, Reply, Request, TransportError};

const MAX_ATTEMPTS: u32 = 6;
/// A 429 means that the service works and has done nothing; with many pipelines a request may get several.
const MAX_THROTTLED_ATTEMPTS: u32 = 12;
/// A host that refuses connections rarely recovers within seconds; a typo in its name never does.
const MAX_CONNECT_ATTEMPTS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(400);
const MAX_PAUSE: Duration = Duration::from_secs(20);

/// The HTTP client of one run, with its deadline, its stop signal and its limit of concurrent requests.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    deadline: Deadline,
    stop: Stop,
    throttle: Throttle,
}

impl Http {
    /// Wraps `client` for one run.
    pub fn new(client: reqwest::Client, deadline: Deadline, stop: Stop) -> Self {
        Self { client, deadline, stop, throttle: Throttle::default() }
    }

    /// The client itself, for a library that builds its own requests and sends them through [`Http::repeat`].
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends `request`, retries it as [`Idempotency`] and the reply allow, and returns the last reply.
    ///
    /// # Errors
    /// [`TransportError`] if there is no reply; a reply of any status is not an error here.
    pub async fn send(&self, request: &Request) -> Result<Reply, TransportError> {
        let name = format!("{} {}", request.method, request.url.path());
        self.repeat(request.idempotency, &name, || request.send(&self.client)).await
    }

    /// The same for a request that `send` sends; the log calls it `name`.
    pub async fn repeat<F>(
        &self,
        idempotency: Idempotency,
        name: &str,
        send: impl Fn() -> F,
    ) -> Result<Reply, TransportError>
    where
        F: Future<Output = Result<Reply, TransportError>>,
    {
        let mut attempt = 1;
        loop {
            let outcome = self.attempt(idempotency, name, send()).await;
            let Some(pause) = pause_before_repeat(idempotency, &outcome, attempt) else { return outcome };
            tracing::debug!(attempt, ?pause, "retrying {name}");
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

    /// Waits, but not beyond the grace period of a run that was stopped.
    pub async fn pause(&self, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.stop.over() => {}
        }
    }

    /// The outcome of `work`, but not beyond the deadline, nor beyond the end of a run that was asked to stop.
    pub async fn bounded<T>(&self, work: impl Future<Output = T>) -> Result<T, TransportError> {
        tokio::select! {
            biased;
            () = self.stop.over() => Err(TransportError::CutOff),
            () = tokio::time::sleep(self.deadline.left()) => Err(TransportError::Deadline),
            outcome = work => Ok(outcome),
        }
    }

    async fn attempt<F>(&self, idempotency: Idempotency, name: &str, sending: F) -> Result<Reply, TransportError>
    where
        F: Future<Output = Result<Reply, TransportError>>,
    {
        let permit = self.throttle.enter().await;
        // Checked after waiting for the permit, as the signal may have arrived meanwhile.
        if self.stop.signal().is_some() && idempotency != Idempotency::Read {
            permit.leave(false);
            return Err(TransportError::Stopped);
        }
        tracing::debug!("{name}");
        let outcome = self.bounded(sending).await.flatten();
        permit.leave(outcome.as_ref().is_ok_and(|reply| reply.status == 429));
        outcome
    }
}

/// The pause before the next attempt; `None` if this outcome is final.
fn pause_before_repeat(
    idempotency: Idempotency,
    outcome: &Result<Reply, TransportError>,
    attempt: u32,
) -> Option<Duration> {
    let may_repeat = idempotency != Idempotency::Once;
    let (repeat, attempts) = match outcome {
        Ok(reply) if reply.status == 429 => (true, MAX_THROTTLED_ATTEMPTS),
        Ok(reply) => (may_repeat && matches!(reply.status, 408 | 500 | 502..=504), MAX_ATTEMPTS),
        Err(TransportError::Connect { .. }) => (true, MAX_CONNECT_ATTEMPTS),
        Err(TransportError::Lost { .. }) => (may_repeat, MAX_ATTEMPTS),
        Err(
            TransportError::TooLarge { .. }
            | TransportError::Deadline
            | TransportError::Stopped
            | TransportError::CutOff,
        ) => (false, 0),
    };
    let retry_after = outcome.as_ref().ok().and_then(Reply::retry_after);
    (repeat && attempt < attempts).then(|| retry_after.unwrap_or_default() + jitter(attempt))
}

/// A random part of a pause that doubles with each attempt (full jitter), so that clients do not retry in step.
fn jitter(attempt: u32) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << attempt.min(10)).min(MAX_PAUSE);
    let part = getrandom::u32().unwrap_or(u32::MAX / 2);
    longest.mul_f64(f64::from(part) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue};

    use super::{Idempotency, Reply, TransportError, pause_before_repeat};

    fn reply(status: u16) -> Reply {
        Reply { status, headers: HeaderMap::new(), body: Vec::new() }
    }

    fn lost() -> TransportError {
        TransportError::Lost { host: String::new(), cause: String::new() }
    }

    #[test]
    fn a_write_that_must_not_happen_twice_is_retried_only_if_it_had_no_effect() {
        let refused = TransportError::Connect { host: String::new(), cause: String::new() };
        for (outcome, read, once) in [
            (Ok(reply(200)), false, false),
            (Ok(reply(404)), false, false),
            (Ok(reply(429)), true, true),
            (Ok(reply(502)), true, false),
            (Ok(reply(503)), true, false),
            (Err(lost()), true, false),
            (Err(refused), true, true),
            (Err(TransportError::TooLarge { host: String::new() }), false, false),
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
        assert!(pause_before_repeat(Idempotency::Once, &outcome, 6).is_some(), "a busy service is not a broken one");
        assert_eq!(pause_before_repeat(Idempotency::Read, &outcome, 12), None);
        assert_eq!(pause_before_repeat(Idempotency::Read, &Err(lost()), 6), None);
    }
}
