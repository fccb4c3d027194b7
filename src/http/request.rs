//! Requests and what comes of them, as values.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, Url};

use crate::secret::Secret;

/// Most that is read of a reply.
const MOST_BYTES: usize = 32 << 20;

/// Whether a request may be sent again when its fate is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// A read: repeats change nothing, and a run that is asked to stop may still send it.
    Read,
    /// A write that gives the same state however often it is sent (`PUT`, an overwriting upload).
    Write,
    /// A write whose repeat could do it twice: sent again only where the first surely did nothing.
    Once,
}

/// One request of JSON or bytes.
#[derive(Clone, Debug)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Whole address, query included.
    pub url: Url,
    /// The bearer token.
    pub token: Option<Secret>,
    /// Content type and bytes.
    pub body: Option<(&'static str, Vec<u8>)>,
    /// What may happen when its fate is unknown.
    pub idempotency: Idempotency,
}

/// A whole reply, whatever its status.
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
    /// Reads the whole reply of `url`, within a bound.
    pub async fn read(mut response: reqwest::Response, url: &Url) -> Result<Self, Failure> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| Failure::of(url, &error))? {
            body.extend_from_slice(&chunk);
            if body.len() > MOST_BYTES {
                return Err(Failure::TooLarge { host: host(url) });
            }
        }
        Ok(Self { status, headers, body })
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `Retry-After` in seconds, where the service sent one.
    pub fn retry_after(&self) -> Option<Duration> {
        self.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
    }
}

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No connection: the service has not seen the request.
    #[error("cannot connect to `{host}`: {cause}")]
    Connect {
        /// Host and port.
        host: String,
        /// The innermost cause.
        cause: String,
    },
    /// The connection broke before the reply was whole: the service may have done what was asked.
    #[error("the connection to `{host}` broke before the reply was whole: {cause}")]
    Lost {
        /// Host and port.
        host: String,
        /// The innermost cause.
        cause: String,
    },
    /// The reply has more bytes than are read, as it will have the next time: the service has done what was asked.
    #[error("the reply of `{host}` is larger than {MOST_BYTES} bytes")]
    TooLarge {
        /// Host and port.
        host: String,
    },
    /// The run's time is up.
    #[error("the time limit of the run has passed")]
    Deadline,
    /// The run was asked to stop before this request was sent.
    #[error("the run was asked to stop")]
    Stopped,
    /// The run was asked to stop while this request was under way, and did not wait longer: it may have been done.
    #[error("the run was asked to stop before the reply came")]
    CutOff,
}

impl Request {
    /// Sends it once.
    pub(super) async fn send(&self, client: &reqwest::Client) -> Result<Reply, Failure> {
        let mut builder = client.request(self.method.clone(), self.url.clone());
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token.expose());
        }
        if let Some((content_type, body)) = &self.body {
            builder = builder.header("content-type", *content_type).body(body.clone());
        }
        let response = builder.send().await.map_err(|error| Failure::of(&self.url, &error))?;
        Reply::read(response, &self.url).await
    }
}

impl Failure {
    /// What went wrong on the way to or from `url`.
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
