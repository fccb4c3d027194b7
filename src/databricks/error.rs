//! Errors of requests to a workspace.

use std::time::Duration;

use serde_json::Value;

use crate::diagnostic::{Error, Kind, truncate};
use crate::http::{Ended, Reply, TransportError};

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
    /// A web page instead of JSON, or no identity: the address is not that of a workspace.
    NotAnApi,
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
    /// Reads the error out of a reply: JSON with `error_code`, SCIM's JSON, `CODE: text`, a web page, or nothing.
    pub(super) fn of(reply: &Reply) -> Self {
        let start = &reply.body[..reply.body.len().min(LONGEST_BODY)];
        let (code, message) = read_body(&String::from_utf8_lossy(start));
        let is_page = is_page(reply) && !matches!(reply.status, 429 | 500..);
        let refusal = match reply.status {
            401 => Refusal::Unauthenticated,
            // How the service answers expired and mistyped tokens, instead of with 401.
            403 if message.contains("nvalid access token") => Refusal::Unauthenticated,
            403 => Refusal::Forbidden,
            _ if is_page => Refusal::NotAnApi,
            404 => Refusal::Missing,
            409 => Refusal::Conflict,
            400 if is_conflict(&code, &message) => Refusal::Conflict,
            400 if code.ends_with("DOES_NOT_EXIST") => Refusal::Missing,
            408 | 429 | 500.. => Refusal::Service,
            _ => Refusal::Rejected,
        };
        let message = match reply.status {
            300..400 => "a redirect came back, which is not followed".to_owned(),
            _ if is_page => "a web page came back instead of JSON".to_owned(),
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
            Self::Answer { status: status @ (200..300 | 404 | 405 | 410), code, message, retry_after, .. } => {
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
            Self::Answer { status, .. } => matches!(status, 200..300 | 408 | 500..),
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
mod tests {
    use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

    use super::{ApiError, Refusal, Reply};

    fn error(status: u16, kind: &'static str, body: &str) -> ApiError {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        ApiError::of(&Reply { status, headers, body: body.as_bytes().to_vec() })
    }

    #[test]
    fn every_shape_of_error_body_is_read() {
        let json = "application/json";
        for (status, kind, body, refusal, text) in [
            (
                400,
                json,
                r#"{"error_code":"INVALID_PARAMETER_VALUE","message":"no"}"#,
                Refusal::Rejected,
                "no (HTTP 400 `INVALID_PARAMETER_VALUE`)",
            ),
            (
                400,
                json,
                r#"{"error_code":"RESOURCE_ALREADY_EXISTS","message":"x"}"#,
                Refusal::Conflict,
                "x (HTTP 400 `RESOURCE_ALREADY_EXISTS`)",
            ),
            (
                400,
                json,
                r#"{"error_code":"","message":"/x already exists."}"#,
                Refusal::Conflict,
                "/x already exists. (HTTP 400)",
            ),
            (
                403,
                json,
                r#"{"error_code":"PERMISSION_DENIED","message":"m"}"#,
                Refusal::Forbidden,
                "m (HTTP 403 `PERMISSION_DENIED`)",
            ),
            (
                403,
                json,
                r#"{"error_code":"403","message":"Invalid access token."}"#,
                Refusal::Unauthenticated,
                "Invalid access token. (HTTP 403 `403`)",
            ),
            (404, json, r#"{"detail":"gone","status":"404"}"#, Refusal::Missing, "gone (HTTP 404)"),
            (
                503,
                "text/plain",
                "TEMPORARILY_UNAVAILABLE: later",
                Refusal::Service,
                "later (HTTP 503 `TEMPORARILY_UNAVAILABLE`)",
            ),
            (200, "text/html", "<html>login", Refusal::NotAnApi, "a web page came back instead of JSON (HTTP 200)"),
            (302, "text/plain", "", Refusal::NotAnApi, "a redirect came back, which is not followed (HTTP 302)"),
            (502, "text/html", "<html>", Refusal::Service, "<html> (HTTP 502)"),
        ] {
            let error = error(status, kind, body);
            assert_eq!((error.refusal(), error.to_string().as_str()), (Some(refusal), text));
        }
    }

    #[test]
    fn a_400_is_a_conflict_where_code_or_message_say_so() {
        for (code, message, refusal) in [
            (
                "INVALID_PARAMETER_VALUE",
                "The pipeline name 'x' is already used by another pipeline.",
                Refusal::Conflict,
            ),
            ("RESOURCE_CONFLICT", "modified since", Refusal::Conflict),
            ("RESOURCE_ALREADY_EXISTS", "x", Refusal::Conflict),
            ("", "/x already exists.", Refusal::Conflict),
            ("INVALID_PARAMETER_VALUE", "the port is already used by another cluster", Refusal::Rejected),
        ] {
            let body = format!(r#"{{"error_code":"{code}","message":"{message}"}}"#);
            assert_eq!(error(400, "application/json", &body).refusal(), Some(refusal), "{code} {message}");
        }
    }

    #[test]
    fn a_permission_is_called_named_only_where_one_is() {
        for (message, named) in [
            ("User u does not have View permission on pipeline p.", true),
            ("User u does not have View/Run permission on pipeline p.", true),
            ("User u does not have Manage permissions on the folder.", true),
            ("User does not have CREATE TABLE on Schema 'main.x'.", true),
            ("User does not have USE CATALOG on Catalog 'main'.", true),
            ("CAN_MANAGE is required.", true),
            ("User does not have permission for this operation.", false),
            ("you may not", false),
            ("Source IP address 192.0.2.1 is blocked by the IP access list of this workspace.", false),
            ("View is not a permission that you have used.", false),
            ("", false),
        ] {
            assert_eq!(super::names_permission(message), named, "{message}");
        }
    }
}
