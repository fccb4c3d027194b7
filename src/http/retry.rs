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
    pub(super) deadline: Deadline,
    pub(super) stop: Stop,
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
        let mut attempts = self.attempts();
        loop {
            let outcome = self.attempt(idempotency, name, send()).await;
            if !is_repeated(idempotency, &outcome) || !attempts.pause(Ended::of(&outcome)).await {
                return outcome;
            }
            tracing::debug!("retrying {name}");
        }
    }

    /// The attempts of a request that whoever sends it repeats by itself, as it looks in between whether it was done.
    pub fn attempts(&self) -> Attempts<'_> {
        Attempts { http: self, made: 0 }
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

/// How an attempt ended, as far as the next one depends on it.
#[derive(Clone, Copy, Debug)]
pub enum Ended<'a> {
    /// The service answered.
    Answered {
        /// HTTP status.
        status: u16,
        /// The pause that it asked for.
        retry_after: Option<Duration>,
    },
    /// No answer came.
    Unanswered(&'a TransportError),
}

impl<'a> Ended<'a> {
    fn of(outcome: &'a Result<Reply, TransportError>) -> Self {
        match outcome {
            Ok(reply) => Self::Answered { status: reply.status, retry_after: reply.retry_after() },
            Err(error) => Self::Unanswered(error),
        }
    }

    /// How often a request is sent at most.
    fn most(self) -> u32 {
        match self {
            Self::Answered { status: 429, .. } => MAX_THROTTLED_ATTEMPTS,
            Self::Answered { .. } | Self::Unanswered(TransportError::Lost { .. }) => MAX_ATTEMPTS,
            Self::Unanswered(TransportError::Connect { .. }) => MAX_CONNECT_ATTEMPTS,
            Self::Unanswered(
                TransportError::TooLarge { .. }
                | TransportError::Deadline
                | TransportError::Stopped
                | TransportError::CutOff,
            ) => 0,
        }
    }

    /// The pause after attempt number `made`; `None` if it was the last.
    fn pause(self, made: u32) -> Option<Duration> {
        let asked = if let Self::Answered { retry_after, .. } = self { retry_after } else { None };
        (made < self.most()).then(|| asked.unwrap_or_default().saturating_add(jitter(made)))
    }
}

/// The attempts of one request, and the pauses between them.
#[derive(Debug)]
pub struct Attempts<'h> {
    http: &'h Http,
    made: u32,
}

impl Attempts<'_> {
    /// Waits before the next attempt, after one that `ended` so. False if there is to be none: it was the last, the pause
    /// would outlast the deadline, or the run was asked to stop.
    pub async fn pause(&mut self, ended: Ended<'_>) -> bool {
        self.made += 1;
        let Some(pause) = ended.pause(self.made).filter(|pause| *pause <= self.http.deadline.left()) else {
            return false;
        };
        tracing::debug!(attempt = self.made, ?pause, "waiting before the next attempt");
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            _ = self.http.stop.asked() => false,
        }
    }
}

/// Whether a request is sent again after this outcome, by what it may do twice.
fn is_repeated(idempotency: Idempotency, outcome: &Result<Reply, TransportError>) -> bool {
    let may_happen_twice = idempotency != Idempotency::Once;
    match outcome {
        Ok(reply) => reply.status == 429 || may_happen_twice && matches!(reply.status, 408 | 500 | 502..=504),
        Err(TransportError::Connect { .. }) => true,
        Err(_) => may_happen_twice,
    }
}

/// Whether an error of the server's says that nothing was done, and that a repeat would end in the same way: what is not
/// implemented, and what it cannot or will not do (RFC 9110, and those of its registry).
pub fn is_final(status: u16) -> bool {
    matches!(status, 501 | 505..=511)
}

/// A random part of a pause that doubles with each attempt (full jitter), so that clients do not retry in step.
fn jitter(attempt: u32) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << attempt.min(10)).min(MAX_PAUSE);
    let part = getrandom::u32().unwrap_or(u32::MAX / 2);
    longest.mul_f64(f64::from(part) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{Ended, Idempotency, Reply, TransportError, is_repeated};

    fn reply(status: u16) -> Reply {
        Reply { status, headers: HeaderMap::new(), body: Vec::new() }
    }

    fn lost() -> TransportError {
        TransportError::Lost { host: String::new(), cause: String::new() }
    }

    fn refused() -> TransportError {
        TransportError::Connect { host: String::new(), cause: String::new() }
    }

    #[test]
    fn a_write_that_must_not_happen_twice_is_retried_only_if_it_had_no_effect() {
        for (outcome, read, once) in [
            (Ok(reply(200)), false, false),
            (Ok(reply(404)), false, false),
            (Ok(reply(429)), true, true),
            (Ok(reply(501)), false, false),
            (Ok(reply(505)), false, false),
            (Ok(reply(502)), true, false),
            (Ok(reply(503)), true, false),
            (Err(lost()), true, false),
            (Err(refused()), true, true),
        ] {
            let again = |idempotency| is_repeated(idempotency, &outcome);
            assert_eq!((again(Idempotency::Read), again(Idempotency::Once)), (read, once), "{outcome:?}");
        }
    }

    #[test]
    fn a_request_is_sent_as_often_as_its_failure_may_pass() {
        let answered = |status| Ended::Answered { status, retry_after: None };
        for (ended, most) in [
            (answered(429), 12),
            (answered(503), 6),
            (answered(409), 6),
            (Ended::Unanswered(&lost()), 6),
            (Ended::Unanswered(&refused()), 3),
            (Ended::Unanswered(&TransportError::TooLarge { host: String::new() }), 0),
            (Ended::Unanswered(&TransportError::Deadline), 0),
            (Ended::Unanswered(&TransportError::Stopped), 0),
            (Ended::Unanswered(&TransportError::CutOff), 0),
        ] {
            let attempts = (1..20).take_while(|made| ended.pause(*made).is_some()).count();
            assert_eq!(attempts + usize::from(most > 0), most, "{ended:?}");
        }
    }

    #[test]
    fn pauses_double_at_random_and_are_never_shorter_than_the_service_asks() {
        for (made, longest) in [(1, 0.8), (2, 1.6), (3, 3.2), (5, 12.8), (9, 20.0)] {
            for (asked, least) in [(None, 0.0), (Some(Duration::from_secs(7)), 7.0)] {
                let pauses = (0..200).map(|_| Ended::Answered { status: 429, retry_after: asked }.pause(made).unwrap());
                let pauses: Vec<f64> = pauses.map(|pause| pause.as_secs_f64() - least).collect();
                assert!(pauses.iter().all(|pause| (0.0..=longest).contains(pause)), "{made}: {pauses:?}");
                let quarters = |part: f64| pauses.iter().filter(|pause| **pause > longest * part).count();
                assert!(quarters(0.75) > 0 && quarters(0.25) < pauses.len(), "full jitter, {made}: {pauses:?}");
            }
        }
        let forever = Ended::Answered { status: 503, retry_after: Some(Duration::MAX) };
        assert_eq!(forever.pause(1), Some(Duration::MAX));
    }

    #[test]
    fn a_pause_is_asked_for_in_seconds_or_as_a_date_by_the_clock_of_the_service() {
        let date = "Wed, 21 Oct 2026 07:28:00 GMT";
        for (value, now, seconds) in [
            ("7", None, Some(7)),
            (" 0 ", None, Some(0)),
            ("Wed, 21 Oct 2026 07:28:09 GMT", Some(date), Some(9)),
            ("Wed, 21 Oct 2026 07:27:00 GMT", Some(date), Some(0)),
            ("Wed, 21 Oct 2026 07:28:09 GMT", None, None),
            ("soon", Some(date), None),
            ("-1", Some(date), None),
        ] {
            let headers = [("retry-after", Some(value)), ("date", now)].into_iter();
            let headers = headers
                .filter_map(|(name, value)| Some((HeaderName::from_static(name), HeaderValue::from_static(value?))));
            let reply = Reply { headers: headers.collect(), ..reply(503) };
            assert_eq!(reply.retry_after(), seconds.map(Duration::from_secs), "{value} at {now:?}");
        }
    }
}
