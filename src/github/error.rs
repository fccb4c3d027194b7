//! Errors of requests to GitHub.

use std::time::Duration;

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::diagnostic::{self, Kind, truncate};
use crate::http::{Ended, Reply, TransportError, is_final};

/// A failed request to GitHub.
#[derive(Debug, thiserror::Error)]
#[error("cannot {}: {cause}", .call.doing)]
pub struct Error {
    call: Call,
    cause: Cause,
}

/// A call as errors describe it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// Completes "cannot …".
    pub(super) doing: &'static str,
    /// The line that the job's `permissions:` needs for it.
    pub(super) permission: &'static str,
}

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("{message} (HTTP {status})")]
    Answer { status: u16, message: String, limited: bool, retry_after: Option<Duration> },
    #[error("the reply does not match the documented API: {0}")]
    Shape(String),
    #[error(transparent)]
    Transport(TransportError),
}

const MAX_MESSAGE: usize = 300;

// GitHub answers 403 for many reasons (locked conversations, single sign-on, IP allow lists); only the message
// distinguishes them.
const JOB_TOKEN_REFUSED: &str = "not accessible by integration";
const PERSONAL_TOKEN_REFUSED: &str = "not accessible by personal access token";
const LOCKED: &str = "is locked";

#[derive(Deserialize)]
struct ErrorReply {
    message: Option<String>,
}

impl Error {
    pub(super) fn of(call: Call, reply: &Reply) -> Self {
        let (status, limited) = (reply.status, rate_limit(reply).is_some());
        let cause = Cause::Answer { status, message: message(reply), limited, retry_after: reply.retry_after() };
        Self { call, cause }
    }

    pub(super) fn shape(call: Call, what: &str) -> Self {
        Self { call, cause: Cause::Shape(what.to_owned()) }
    }

    pub(super) fn transport(call: Call, error: TransportError) -> Self {
        Self { call, cause: Cause::Transport(error) }
    }

    /// The HTTP status, if GitHub replied with an error.
    pub fn status(&self) -> Option<u16> {
        match self.cause {
            Cause::Answer { status, .. } => Some(status),
            Cause::Shape(_) | Cause::Transport(_) => None,
        }
    }

    /// Whether it does not exist, or is not visible to the token.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }

    /// Whether a rate limit was reached.
    pub fn is_rate_limit(&self) -> bool {
        matches!(self.cause, Cause::Answer { limited: true, .. })
    }

    /// Whether the token was refused, for whatever reason; in private repositories GitHub also answers 404.
    pub fn is_refusal(&self) -> bool {
        matches!(self.status(), Some(403 | 404)) && !self.is_rate_limit()
    }

    /// The line that is missing in the job's `permissions:`, such as `pull-requests: write`; `None` if GitHub refuses
    /// for another reason, or the token is not the job's.
    pub fn missing_permission(&self) -> Option<&'static str> {
        let missing = self.status() == Some(404) || self.message_contains(JOB_TOKEN_REFUSED);
        (missing && self.is_refusal()).then_some(self.call.permission)
    }

    fn message_contains(&self, words: &str) -> bool {
        matches!(&self.cause, Cause::Answer { message, .. } if message.contains(words))
    }

    /// Whether GitHub may have carried out the request in spite of the error.
    pub fn may_be_done(&self) -> bool {
        match &self.cause {
            Cause::Answer { status, .. } => matches!(status, 408 | 500..) && !is_final(*status),
            Cause::Shape(_) => true,
            Cause::Transport(error) => matches!(error, TransportError::Lost { .. } | TransportError::TooLarge { .. }),
        }
    }

    /// How the request ended, for whoever repeats it by itself.
    pub(super) fn ended(&self) -> Ended<'_> {
        match &self.cause {
            Cause::Answer { status, retry_after, .. } => Ended::Answered { status: *status, retry_after: *retry_after },
            // Only what GitHub reports as done is read.
            Cause::Shape(_) => Ended::Answered { status: 200, retry_after: None },
            Cause::Transport(error) => Ended::Unanswered(error),
        }
    }

    /// The error and its hint, if there is one, in one line.
    pub fn describe(&self) -> String {
        let hint = self.hint().map(|hint| format!("; {hint}"));
        format!("{self}{}", hint.unwrap_or_default())
    }

    /// What to do about it, if that is known.
    pub fn hint(&self) -> Option<String> {
        if let Some(line) = self.missing_permission() {
            return Some(format!("add `{line}` to the job's `permissions:`"));
        }
        if self.message_contains(PERSONAL_TOKEN_REFUSED) {
            return Some(format!("give the token in `github-token` the permission `{}`", self.call.permission));
        }
        Some(match (self.status(), &self.cause) {
            (Some(401), _) => "check that `github-token` is valid for this server and has not expired".to_owned(),
            (Some(300..=399), _) => {
                "redirects are not followed, to protect the token: correct `GITHUB_API_URL`, or the name of a renamed \
                 repository"
                    .to_owned()
            }
            (_, Cause::Transport(TransportError::Connect { .. })) => {
                "check that this machine can reach `GITHUB_API_URL` (`HTTPS_PROXY`, `SSL_CERT_FILE`)".to_owned()
            }
            _ if self.is_rate_limit() => "run this again later: all jobs share the limit of the token".to_owned(),
            (Some(403), _) if self.message_contains(LOCKED) => {
                "unlock the conversation of the pull request, or set `comment: never`".to_owned()
            }
            _ => return None,
        })
    }
}

impl From<Error> for diagnostic::Error {
    fn from(error: Error) -> Self {
        let kind = if matches!(error.status(), Some(401 | 403 | 404)) { Kind::Refused } else { Kind::Failed };
        let hints = error.hint().into_iter().collect();
        Self { kind, cause: error.into(), hints }
    }
}

fn message(reply: &Reply) -> String {
    match serde_json::from_slice(&reply.body) {
        Ok(ErrorReply { message: Some(message) }) => truncate(&message, MAX_MESSAGE).into_owned(),
        Ok(ErrorReply { message: None }) => "no reason given".to_owned(),
        Err(error) if error.is_data() => "no reason given".to_owned(),
        Err(_) if reply.body.is_empty() => "the reply is empty".to_owned(),
        Err(_) => "the reply is not JSON".to_owned(),
    }
}

/// How long to wait, if this reply reports a rate limit: `Retry-After`, else until `x-ratelimit-reset`, else a minute
/// (GitHub docs, rate limits for the REST API).
pub(super) fn rate_limit(reply: &Reply) -> Option<Duration> {
    if !matches!(reply.status, 403 | 429) {
        return None;
    }
    let number = |name: &str| reply.header(name)?.trim().parse::<i64>().ok();
    let until_reset = || {
        // By the server's clock, in case this machine's is off.
        let now = OffsetDateTime::parse(reply.header("date")?, &Rfc2822).ok()?.unix_timestamp();
        u64::try_from(number("x-ratelimit-reset")?.saturating_sub(now)).ok().map(Duration::from_secs)
    };
    let spent = number("x-ratelimit-remaining") == Some(0);
    let secondary = message(reply).contains("secondary rate limit");
    let minute = Duration::from_mins(1);
    match reply.retry_after() {
        Some(wait) => Some(wait),
        None if spent => Some(until_reset().unwrap_or(minute)),
        None => (secondary || reply.status == 429).then_some(minute),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{Call, Error, Reply, rate_limit};

    fn reply(status: u16, headers: &[(&'static str, &'static str)], message: &str) -> Reply {
        let pairs = headers.iter().map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v)));
        let body = serde_json::json!({ "message": message }).to_string().into_bytes();
        Reply { status, headers: pairs.collect::<HeaderMap>(), body }
    }

    #[test]
    fn a_rate_limit_is_recognized_in_all_its_forms() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let reset = ("x-ratelimit-reset", "784111790");
        let spent = ("x-ratelimit-remaining", "0");
        for (reply, seconds) in [
            (reply(403, &[], "Resource not accessible by integration"), None),
            (reply(404, &[("retry-after", "3")], "Not Found"), None),
            (reply(403, &[("retry-after", "3")], ""), Some(3)),
            (reply(403, &[("retry-after", "3"), spent, date, reset], ""), Some(3)),
            (reply(403, &[spent, date, reset], ""), Some(13)),
            (reply(403, &[spent, reset], ""), Some(60)),
            (reply(403, &[("x-ratelimit-remaining", "7"), date, reset], ""), None),
            (reply(403, &[], "You have exceeded a secondary rate limit."), Some(60)),
            (reply(429, &[], ""), Some(60)),
        ] {
            assert_eq!(rate_limit(&reply), seconds.map(Duration::from_secs), "{reply:?}");
        }
    }

    #[test]
    fn a_refusal_has_a_hint_for_its_reason() {
        let call = Call { doing: "list comments", permission: "pull-requests: read" };
        let job = "add `pull-requests: read` to the job's `permissions:`";
        let person = "give the token in `github-token` the permission `pull-requests: read`";
        let unlock = "unlock the conversation of the pull request, or set `comment: never`";
        let token = "check that `github-token` is valid for this server and has not expired";
        for (status, message, hint) in [
            (403, "Resource not accessible by integration", Some(job)),
            (404, "Not Found", Some(job)),
            (403, "Resource not accessible by personal access token", Some(person)),
            (403, "Unable to create comment because issue is locked.", Some(unlock)),
            (403, "Resource protected by organization SAML enforcement.", None),
            (401, "Bad credentials", Some(token)),
            (410, "This issue was deleted", None),
            (422, "Validation Failed", None),
            (500, "Server Error", None),
        ] {
            let error = Error::of(call, &reply(status, &[], message));
            assert_eq!(error.hint().as_deref(), hint, "{status} {message}");
            assert_eq!(error.missing_permission(), (hint == Some(job)).then_some("pull-requests: read"), "{message}");
            assert_eq!(error.to_string(), format!("cannot list comments: {message} (HTTP {status})"));
        }
        let limited = Error::of(call, &reply(403, &[("retry-after", "3")], "no"));
        assert!(limited.is_rate_limit() && !limited.is_refusal());
    }
}
