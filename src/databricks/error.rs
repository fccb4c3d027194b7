//! What a workspace answers when it does not do what was asked.

use serde_json::Value;

use crate::diagnostic::{Error, Kind, truncate};
use crate::http::{Failure, Reply};

/// What sort of refusal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// 401: the token is none, or no longer one.
    Unauthenticated,
    /// 403: the token's owner may not.
    Forbidden,
    /// 404: it is not there, or cannot be seen.
    Missing,
    /// 409, or an "already exists": something else stands there, or it changed meanwhile.
    Conflict,
    /// A web page instead of JSON: the address is not that of a workspace.
    NotAnApi,
    /// The request itself was refused.
    Rejected,
    /// The service failed, or was too busy to the end.
    Service,
}

/// A reply that is no success.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The service answered.
    #[error("{}", describe(*status, code, message))]
    Answer {
        /// The sort of refusal.
        trouble: Trouble,
        /// HTTP status.
        status: u16,
        /// `error_code`, may be empty.
        code: String,
        /// The service's own words, cut to a sane length.
        message: String,
    },
    /// No answer came.
    #[error(transparent)]
    None(#[from] Failure),
}

const LONGEST_MESSAGE: usize = 600;
/// Bytes of an error's body that are looked at; what is longer explains nothing.
const LONGEST_BODY: usize = 64 << 10;

fn describe(status: u16, code: &str, message: &str) -> String {
    let code = if code.is_empty() { String::new() } else { format!(" `{code}`") };
    if message.is_empty() { format!("HTTP {status}{code}") } else { format!("{message} (HTTP {status}{code})") }
}

impl ApiError {
    /// Reads the error out of a reply: JSON with `error_code`, SCIM's JSON, `CODE: text`, a web page, or nothing.
    pub(super) fn of(reply: &Reply) -> Self {
        let said = &reply.body[..reply.body.len().min(LONGEST_BODY)];
        let (code, message) = read_body(&String::from_utf8_lossy(said));
        let is_page = is_page(reply) && !matches!(reply.status, 429 | 500..);
        let trouble = match reply.status {
            401 => Trouble::Unauthenticated,
            // So are expired and mistyped tokens told, where 401 would be the word.
            403 if message.contains("nvalid access token") => Trouble::Unauthenticated,
            403 => Trouble::Forbidden,
            _ if is_page => Trouble::NotAnApi,
            404 => Trouble::Missing,
            409 => Trouble::Conflict,
            400 if code.ends_with("ALREADY_EXISTS") || message.contains("already exists") => Trouble::Conflict,
            400 if code.ends_with("DOES_NOT_EXIST") => Trouble::Missing,
            408 | 429 | 500.. => Trouble::Service,
            _ => Trouble::Rejected,
        };
        let message = match reply.status {
            300..400 => "a redirect came back, which is not followed".to_owned(),
            _ if is_page => "a web page came back instead of JSON".to_owned(),
            _ => message,
        };
        Self::Answer { trouble, status: reply.status, code, message }
    }

    /// The sort of refusal, where the service answered.
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Answer { trouble, .. } => Some(*trouble),
            Self::None(_) => None,
        }
    }

    /// Whether it was not asked, or not to the end, because the run was asked to stop.
    pub fn is_stop(&self) -> bool {
        matches!(self, Self::None(Failure::Stopped | Failure::CutOff))
    }

    /// Whether the service may have done what was asked although it said otherwise, nothing, or what cannot be read.
    pub fn may_be_done(&self) -> bool {
        match self {
            Self::Answer { status, .. } => matches!(status, 200..300 | 408 | 500..),
            Self::None(Failure::Connect { .. } | Failure::Stopped) => false,
            Self::None(_) => true,
        }
    }

    /// Whether the same request may fare better the next time.
    pub fn may_pass(&self) -> bool {
        matches!(self.trouble(), None | Some(Trouble::Service))
    }

    /// The error of a run that cannot go on for it; `doing` completes "cannot …".
    pub fn ending_run(self, doing: &str) -> Error {
        let kind = match self.trouble() {
            Some(Trouble::Unauthenticated | Trouble::Forbidden | Trouble::NotAnApi) => Kind::Refused,
            _ => Kind::Failed,
        };
        let hint = self.hint();
        let error =
            Error { kind, cause: anyhow::Error::new(self).context(format!("cannot {doing}")), hints: Vec::new() };
        hint.into_iter().fold(error, Error::hint)
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self.trouble() {
            Some(Trouble::Unauthenticated) => {
                "check that `DATABRICKS_TOKEN` is a token of this workspace and has not expired"
            }
            Some(Trouble::Forbidden) => "give the token's owner the permission named above, or use another principal",
            Some(Trouble::NotAnApi) => "check `DATABRICKS_HOST`: it must be the address of a workspace, without a path",
            Some(Trouble::Service) => "the service is busy or failing: run this again",
            None if matches!(self, Self::None(Failure::Connect { .. })) => {
                "check `DATABRICKS_HOST`, and that this machine may reach it (`HTTPS_PROXY`, `SSL_CERT_FILE`)"
            }
            None if matches!(self, Self::None(Failure::Deadline)) => "raise the `timeout` input, or run this again",
            _ => return None,
        })
    }
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

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn cut(text: &str) -> String {
    truncate(text.trim(), LONGEST_MESSAGE).into_owned()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

    use super::{ApiError, Reply, Trouble};

    fn error(status: u16, kind: &'static str, body: &str) -> ApiError {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        ApiError::of(&Reply { status, headers, body: body.as_bytes().to_vec() })
    }

    #[test]
    fn every_shape_of_error_body_is_read() {
        let json = "application/json";
        for (status, kind, body, trouble, text) in [
            (
                400,
                json,
                r#"{"error_code":"INVALID_PARAMETER_VALUE","message":"no"}"#,
                Trouble::Rejected,
                "no (HTTP 400 `INVALID_PARAMETER_VALUE`)",
            ),
            (
                400,
                json,
                r#"{"error_code":"RESOURCE_ALREADY_EXISTS","message":"x"}"#,
                Trouble::Conflict,
                "x (HTTP 400 `RESOURCE_ALREADY_EXISTS`)",
            ),
            (
                400,
                json,
                r#"{"error_code":"","message":"/x already exists."}"#,
                Trouble::Conflict,
                "/x already exists. (HTTP 400)",
            ),
            (
                403,
                json,
                r#"{"error_code":"PERMISSION_DENIED","message":"m"}"#,
                Trouble::Forbidden,
                "m (HTTP 403 `PERMISSION_DENIED`)",
            ),
            (
                403,
                json,
                r#"{"error_code":"403","message":"Invalid access token."}"#,
                Trouble::Unauthenticated,
                "Invalid access token. (HTTP 403 `403`)",
            ),
            (404, json, r#"{"detail":"gone","status":"404"}"#, Trouble::Missing, "gone (HTTP 404)"),
            (
                503,
                "text/plain",
                "TEMPORARILY_UNAVAILABLE: later",
                Trouble::Service,
                "later (HTTP 503 `TEMPORARILY_UNAVAILABLE`)",
            ),
            (200, "text/html", "<html>login", Trouble::NotAnApi, "a web page came back instead of JSON (HTTP 200)"),
            (302, "text/plain", "", Trouble::NotAnApi, "a redirect came back, which is not followed (HTTP 302)"),
            (502, "text/html", "<html>", Trouble::Service, "<html> (HTTP 502)"),
        ] {
            let error = error(status, kind, body);
            assert_eq!((error.trouble(), error.to_string().as_str()), (Some(trouble), text));
        }
    }
}
