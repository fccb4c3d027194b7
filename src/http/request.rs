//! Requests, replies and transport errors as values.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, Url};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::secret::Secret;

/// The largest reply that is read.
const MAX_BYTES: usize = 32 << 20;

/// Whether a request may be repeated if its outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// A read: repeating it changes nothing, and it may still be sent after a stop was requested.
    Read,
    /// An idempotent write (`PUT`, an overwriting upload).
    Write,
    /// A write that must not happen twice: repeated only if the first attempt certainly had no effect.
    Once,
}

/// One HTTP request.
#[derive(Clone, Debug)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// URL, including the query.
    pub url: Url,
    /// The bearer token.
    pub token: Option<Secret>,
    /// A header beside the usual ones.
    pub header: Option<(&'static str, String)>,
    /// Content type and bytes.
    pub body: Option<(&'static str, Vec<u8>)>,
    /// Whether it may be repeated.
    pub idempotency: Idempotency,
}

/// A complete reply, whatever its status.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Reply {
    /// Reads the complete reply of `url`, up to a limit.
    pub async fn read(mut response: reqwest::Response, url: &Url) -> Result<Self, TransportError> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| TransportError::of(url, &error))? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_BYTES {
                return Err(TransportError::TooLarge { host: host(url) });
            }
        }
        Ok(Self { status, headers, body })
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `Retry-After`: seconds, or a date, which counts from the `Date` of the reply in case this machine's clock is off
    /// (RFC 9110, section 10.2.3).
    pub fn retry_after(&self) -> Option<Duration> {
        let asked = self.header("retry-after")?.trim();
        let date = |text: &str| OffsetDateTime::parse(text, &Rfc2822).ok();
        let until = || Some((date(asked)? - date(self.header("date")?)?).try_into().unwrap_or_default());
        asked.parse().ok().map(Duration::from_secs).or_else(until)
    }
}

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// No connection: the service has not received the request.
    #[error("cannot connect to `{host}`: {cause}")]
    Connect {
        /// Host and port.
        host: String,
        /// The innermost cause.
        cause: String,
    },
    /// The connection was lost before the reply was complete: the service may have carried out the request.
    #[error("lost the connection to `{host}` before the reply was complete: {cause}")]
    Lost {
        /// Host and port.
        host: String,
        /// The innermost cause.
        cause: String,
    },
    /// The reply is too large, and would be again: the service has carried out the request.
    #[error("the reply of `{host}` is larger than {MAX_BYTES} bytes")]
    TooLarge {
        /// Host and port.
        host: String,
    },
    /// The deadline of the run has passed.
    #[error("the run exceeded its time limit")]
    Deadline,
    /// The run was stopped before this request was sent.
    #[error("the run was stopped")]
    Stopped,
    /// The run was stopped while this request was in flight: the service may have carried it out.
    #[error("the run was stopped before the reply arrived")]
    CutOff,
}

impl Request {
    /// Sends it once.
    pub(super) async fn send(&self, client: &reqwest::Client) -> Result<Reply, TransportError> {
        let mut builder = client.request(self.method.clone(), self.url.clone());
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token.expose());
        }
        if let Some((name, value)) = &self.header {
            builder = builder.header(*name, value);
        }
        if let Some((content_type, body)) = &self.body {
            builder = builder.header("content-type", *content_type).body(body.clone());
        }
        let response = builder.send().await.map_err(|error| TransportError::of(&self.url, &error))?;
        Reply::read(response, &self.url).await
    }
}

impl TransportError {
    /// Classifies an error of a request to `url`.
    pub fn of(url: &Url, error: &reqwest::Error) -> Self {
        let mut cause: &dyn std::error::Error = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        let (host, cause) = (host(url), cause.to_string());
        if error.is_connect() { Self::Connect { host, cause } } else { Self::Lost { host, cause } }
    }
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
