//! Errors of requests to a workspace.

use std::time::Duration;

use serde_json::Value;

use crate::diagnostic::{Error, Kind, truncate};
use crate::http::{Ended, Reply, TransportError, is_final};

/// The kind of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 401: the token is not valid, or no longer.
    Unauthenticated,
    /// 403: the owner of the token lacks a permission.
    Forbidden,
    /// 404: it does not exist, or cannot be seen.
    Missing,
    /// 409, or a 400 that says the same: the name is taken, or it was changed meanwhile.
    Conflict,
    /// A web page instead of JSON, or no identity, at sign-in: the address is not that of a workspace.
    NotAnApi,
    /// The same from one route of a workspace that answered before, or a reply that the route does not exist.
    NoRoute,
    /// The request itself was refused.
    Rejected,
    /// The service failed, or stayed too busy.
    Service,
}

/// A reply that is not a success.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The service answered.
    #[error("{}", describe(*status, code, message))]
    Answer {
        /// The kind of refusal.
        refusal: Refusal,
        /// HTTP status.
        status: u16,
        /// `error_code`, may be empty.
        code: String,
        /// The message of the service, truncated.
        message: String,
        /// The pause that the service asked for.
        retry_after: Option<Duration>,
    },
    /// The request was not sent, as there is no token for it.
    #[error("no token: {0}")]
    NoToken(Box<ApiError>),
    /// No answer came.
    #[error(transparent)]
    None(#[from] TransportError),
}

const PAGE: &str = "a web page came back instead of JSON";
const REDIRECT: &str = "a redirect came back, which is not followed";
const LONGEST_MESSAGE: usize = 600;
/// What privileges of Unity Catalog begin with, and those of one word.
const PRIVILEGES: [&str; 8] = ["CREATE", "EXECUTE", "MANAGE", "MODIFY", "READ", "SELECT", "USE", "WRITE"];
/// Levels of permissions on objects of a workspace, as its messages write them.
const LEVELS: [&str; 6] = ["Edit", "Manage", "Read", "Run", "View", "Write"];
/// Bytes of the body of an error that are read.
const LONGEST_BODY: usize = 64 << 10;

fn describe(status: u16, code: &str, message: &str) -> String {
    let code = if code.is_empty() { String::new() } else { format!(" `{code}`") };
    if message.is_empty() { format!("HTTP {status}{code}") } else { format!("{message} (HTTP {status}{code})") }
}

impl ApiError {
    /// Reads the error out of the reply of `route`: JSON with `error_code`, SCIM's JSON, `CODE: text`, a web page, or
    /// nothing.
    pub(super) fn of(reply: &Reply, route: &str) -> Self {
        let start = &reply.body[..reply.body.len().min(LONGEST_BODY)];
        let (code, message) = read_body(&String::from_utf8_lossy(start));
        let may_pass = matches!(reply.status, 429 | 500..) && !is_final(reply.status);
        let page = is_page(reply).then_some(if (300..400).contains(&reply.status) { REDIRECT } else { PAGE });
        let page = page.filter(|_| !may_pass);
        let refusal = match reply.status {
            401 => Refusal::Unauthenticated,
            // How the service answers expired and mistyped tokens, instead of with 401.
            403 if message.contains("nvalid access token") => Refusal::Unauthenticated,
            403 => Refusal::Forbidden,
            _ if page.is_some() => Refusal::NoRoute,
            404 if code == "ENDPOINT_NOT_FOUND" => Refusal::NoRoute,
            405 | 501 => Refusal::NoRoute,
            404 => Refusal::Missing,
            409 => Refusal::Conflict,
            400 if is_conflict(&code, &message) => Refusal::Conflict,
            400 if code.ends_with("DOES_NOT_EXIST") => Refusal::Missing,
            status if is_final(status) => Refusal::Rejected,
            408 | 429 | 500.. => Refusal::Service,
            _ => Refusal::Rejected,
        };
        let message = page.map_or(message, str::to_owned);
        let message = match refusal {
            Refusal::NoRoute if message.is_empty() => format!("`{route}` is not served"),
            Refusal::NoRoute => format!("`{route}` is not served: {message}"),
            _ => message,
        };
        Self::Answer { refusal, status: reply.status, code, message, retry_after: reply.retry_after() }
    }

    /// The error of a successful reply without the documented shape.
    pub(super) fn shape(reply: &Reply, what: &str) -> Self {
        Self::Answer {
            refusal: Refusal::Rejected,
            status: reply.status,
            code: String::new(),
            message: format!("the reply does not have the shape that the API documents: {what}"),
            retry_after: None,
        }
    }

    /// The same error of a request that every workspace answers: what says that there is no such route, or answers
    /// something else, is none.
    pub(super) fn of_every_workspace(self) -> Self {
        match self {
            Self::Answer { refusal, status, code, message, retry_after }
                if refusal == Refusal::NoRoute || matches!(status, 200..300 | 404 | 410) =>
            {
                Self::Answer { refusal: Refusal::NotAnApi, status, code, message, retry_after }
            }
            other => other,
        }
    }

    /// The kind of refusal, if the service answered.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Answer { refusal, .. } => Some(*refusal),
            Self::NoToken(error) => error.refusal(),
            Self::None(_) => None,
        }
    }

    /// The words of the service, empty without any.
    fn words(&self) -> &str {
        match self {
            Self::Answer { message, .. } => message,
            Self::NoToken(error) => error.words(),
            Self::None(_) => "",
        }
    }

    /// Whether the request was not sent, or given up, because the run was asked to stop.
    pub fn is_stop(&self) -> bool {
        match self {
            Self::Answer { .. } => false,
            Self::NoToken(error) => error.is_stop(),
            Self::None(failure) => matches!(failure, TransportError::Stopped | TransportError::CutOff),
        }
    }

    /// Whether the request may have taken effect, although its reply is an error, unreadable or missing.
    pub fn may_be_done(&self) -> bool {
        match self {
            Self::Answer { status, .. } => matches!(status, 200..300 | 408 | 500..) && !is_final(*status),
            Self::NoToken(_) | Self::None(TransportError::Connect { .. } | TransportError::Stopped) => false,
            Self::None(_) => true,
        }
    }

    /// How the request ended, for whoever repeats it by itself.
    pub fn ended(&self) -> Ended<'_> {
        match self {
            Self::Answer { status, retry_after, .. } => Ended::Answered { status: *status, retry_after: *retry_after },
            Self::NoToken(error) => error.ended(),
            Self::None(error) => Ended::Unanswered(error),
        }
    }

    /// Whether a schema was not dropped as something is in it. The words are the service's own
    /// (terraform-provider-databricks#3659), the code is not known.
    pub fn is_not_empty(&self) -> bool {
        matches!(self, Self::Answer { status: 400 | 409, message, .. } if message.contains("is not empty"))
    }

    /// What it means for a run: credentials or permission were refused, or something else failed.
    pub fn kind(&self) -> Kind {
        match self.refusal() {
            Some(Refusal::Unauthenticated | Refusal::Forbidden | Refusal::NotAnApi) => Kind::Refused,
            _ => Kind::Failed,
        }
    }

    /// The error of a run that cannot continue; `doing` completes "cannot …".
    pub fn ending_run(self, doing: &str) -> Error {
        let (kind, hint) = (self.kind(), self.hint());
        let error =
            Error { kind, cause: anyhow::Error::new(self).context(format!("cannot {doing}")), hints: Vec::new() };
        hint.into_iter().fold(error, Error::hint)
    }

    /// What to do about it, if known.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self.refusal() {
            Some(Refusal::Unauthenticated) => {
                "check that `DATABRICKS_TOKEN` is a token of this workspace and has not expired"
            }
            Some(Refusal::Forbidden) if names_permission(self.words()) => {
                "give the token's owner the permission named above, or use another principal"
            }
            Some(Refusal::Forbidden) => {
                "ask an admin of the workspace to allow this to the token's owner, or use another principal"
            }
            Some(Refusal::NotAnApi) => {
                "check `DATABRICKS_HOST`: it must be the address of a workspace, not that of an account or of another \
                 page, and without a path"
            }
            Some(Refusal::NoRoute) => {
                "the workspace answered before, so it, or a proxy before it, lacks this route alone: ask who runs them"
            }
            Some(Refusal::Service) => "the service is busy or failing: run this again",
            None if matches!(self, Self::None(TransportError::Connect { .. })) => {
                "check `DATABRICKS_HOST`, and that this machine may reach it (`HTTPS_PROXY`, `SSL_CERT_FILE`)"
            }
            None if matches!(self, Self::None(TransportError::Deadline)) => {
                "allow more time with `timeout`, or run this again"
            }
            _ => return None,
        })
    }
}

/// Whether the words of a 400 are those of a conflict. A taken name was seen with 400 as well as 409 (test servers of the
/// official CLI); what its message says is the service's own (databricks/cli#5261).
fn is_conflict(code: &str, message: &str) -> bool {
    let codes = ["ALREADY_EXISTS", "RESOURCE_CONFLICT"];
    let words = ["already exists", "already used by another pipeline"];
    codes.iter().any(|end| code.ends_with(end)) || words.iter().any(|words| message.contains(words))
}

/// Whether this is a page for people, or a redirect to one.
pub(super) fn is_page(reply: &Reply) -> bool {
    let html = reply.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    html || reply.body.trim_ascii_start().starts_with(b"<") || (300..400).contains(&reply.status)
}

fn read_body(text: &str) -> (String, String) {
    if let Ok(Value::Object(body)) = serde_json::from_str(text) {
        let field = |names: &[&str]| names.iter().find_map(|name| body.get(*name)).map(plain).unwrap_or_default();
        return (cut(&field(&["error_code"])), cut(&field(&["message", "detail", "error"])));
    }
    match text
        .split_once(": ")
        .filter(|(code, _)| !code.is_empty() && code.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
    {
        Some((code, message)) => (code.to_owned(), cut(message)),
        None => (String::new(), cut(text)),
    }
}

/// Whether a refusal says which permission is missing: a privilege or a level in capitals (`CREATE TABLE`, `CAN_VIEW`), or
/// a level in a sentence (`View permission`).
fn names_permission(message: &str) -> bool {
    let words: Vec<&str> = message.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let in_sentence = |pair: &[&str]| LEVELS.contains(&pair[0]) && pair[1].starts_with("permission");
    words.iter().any(|word| PRIVILEGES.contains(word) || word.starts_with("CAN_")) || words.windows(2).any(in_sentence)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn cut(text: &str) -> String {
    truncate(text.trim(), LONGEST_MESSAGE).into_owned()
}

#[cfg(test)]
mod tests;
