//! The GitHub client: octocrab's requests over the shared HTTP client and its retries.

use std::sync::Arc;
use std::time::Duration;

use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::service::middleware::reqwest_connector::ReqwestConnector;
use octocrab::{AuthState, Octocrab, OctocrabBuilder};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Error;
use super::error::{Call, rate_limit};
use crate::diagnostic;
use crate::http::{Attempts, Http, Idempotency, Reply, TransportError};
use crate::secret::Secret;

/// A rate limit that lasts longer is an error at once: no deployment should wait an hour.
const MAX_WAIT: Duration = Duration::from_mins(1);
/// The largest page that the API supports.
const PER_PAGE: usize = 100;
/// Limit of pages, should a server always name a next one.
const MAX_PAGES: usize = 100;

/// A client for one repository on GitHub.
#[derive(Clone, Debug)]
pub struct Client {
    octocrab: Octocrab,
    http: Http,
    /// URL of the repository, without a trailing slash.
    base: Url,
    /// URL of the API, without a trailing slash.
    api: Url,
    token: Secret,
}

impl Client {
    /// A client for `repository` (`owner/name`) on the server with the API at `api_url`, as in `GITHUB_API_URL`: with a
    /// path on GitHub Enterprise Server. Must be called in a tokio runtime, where octocrab starts a task.
    ///
    /// # Errors
    /// Kind `Input` for an invalid URL or one that would send the token unencrypted, and for an invalid name.
    pub fn new(http: Http, api_url: &str, repository: &str, token: Secret) -> diagnostic::Result<Self> {
        let api = self::api_url(api_url).ok_or_else(|| {
            diagnostic::Error::input(format!("`GITHUB_API_URL` is `{api_url}`: expected an https URL"))
        })?;
        let base = repository_url(&api, repository).ok_or_else(|| {
            diagnostic::Error::input(format!("`GITHUB_REPOSITORY` is `{repository}`: expected `owner/name`"))
        })?;
        let octocrab = octocrab(&http, &token)?;
        Ok(Self { octocrab, http, base, api, token })
    }

    /// `GET` below the repository; `path` starts with a slash and is percent-encoded.
    pub(super) async fn get<T: DeserializeOwned>(&self, call: Call, path: &str) -> Result<T, Error> {
        let reply = self.send(call, Method::GET, &format!("{}{path}", self.base), None).await?;
        decode(call, &reply)
    }

    /// `GET` below the root of the API.
    pub(super) async fn get_global<T: DeserializeOwned>(&self, call: Call, path: &str) -> Result<T, Error> {
        let address = format!("{}{path}", self.api.as_str().trim_end_matches('/'));
        decode(call, &self.send(call, Method::GET, &address, None).await?)
    }

    /// All pages of a list, in the order of the API.
    pub(super) async fn list<T: DeserializeOwned>(&self, call: Call, path: &str) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        for page in 1..=MAX_PAGES {
            let address = format!("{}{path}?per_page={PER_PAGE}&page={page}", self.base);
            let reply = self.send(call, Method::GET, &address, None).await?;
            let items: Vec<T> = decode(call, &reply)?;
            let full = items.len() == PER_PAGE;
            all.extend(items);
            // URLs in `Link` are not requested, so that the token is sent to no other host.
            let more = reply.header("link").map_or(full, |link| link.contains(r#"rel="next""#));
            if !more {
                break;
            }
        }
        Ok(all)
    }

    /// See [`Http::attempts`].
    pub(super) fn attempts(&self) -> Attempts<'_> {
        self.http.attempts()
    }

    /// See [`Http::pause`].
    pub(super) async fn pause(&self, pause: Duration) {
        self.http.pause(pause).await;
    }

    /// `POST`, which is sent once, or `PATCH`, which may be repeated.
    pub(super) async fn write<T: DeserializeOwned>(
        &self,
        call: Call,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<T, Error> {
        let reply = self.send(call, method, &format!("{}{path}", self.base), Some(body)).await?;
        decode(call, &reply)
    }

    async fn send(&self, call: Call, method: Method, address: &str, body: Option<&Value>) -> Result<Reply, Error> {
        let idempotency = match method {
            Method::GET => Idempotency::Read,
            Method::PATCH => Idempotency::Write,
            _ => Idempotency::Once,
        };
        let name = format!("{method} {address}");
        let sent = self.http.repeat(idempotency, &name, || self.attempt(&method, address, body)).await;
        let mut reply = sent.map_err(|error| Error::transport(call, error))?;
        if (200..300).contains(&reply.status) {
            return Ok(reply);
        }
        let body = String::from_utf8_lossy(&reply.body).replace(self.token.expose(), "***");
        reply.body = body.into_bytes();
        Err(Error::of(call, &reply))
    }

    async fn attempt(&self, method: &Method, address: &str, body: Option<&Value>) -> Result<Reply, TransportError> {
        let sent = match *method {
            Method::GET => self.octocrab._get(address).await,
            Method::PATCH => self.octocrab._patch(address, body).await,
            _ => self.octocrab._post(address, body).await,
        };
        let response = sent.map_err(|error| self.transport_error(&error))?;
        Reply::read(response.map(reqwest::Body::wrap).into(), &self.api).await.map(normalize_rate_limit)
    }

    /// The transport error inside octocrab's.
    fn transport_error(&self, error: &octocrab::Error) -> TransportError {
        let mut cause: &(dyn std::error::Error + 'static) = error;
        loop {
            if let Some(error) = cause.downcast_ref::<reqwest::Error>() {
                return TransportError::of(&self.api, error);
            }
            let Some(inner) = cause.source() else {
                let host = self.api.host_str().unwrap_or_default().to_owned();
                return TransportError::Lost { host, cause: cause.to_string() };
            };
            cause = inner;
        }
    }
}

/// octocrab's own builders add a second user agent and do not mark the token as sensitive, so its layers are assembled
/// here. Its `retry` feature is off: it would post a comment up to four times.
fn octocrab(http: &Http, token: &Secret) -> diagnostic::Result<Octocrab> {
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose()))
        .map_err(|_| diagnostic::Error::input("`github-token` contains characters that are not valid in a header"))?;
    bearer.set_sensitive(true);
    let json = HeaderValue::from_static("application/vnd.github+json");
    let headers = ExtraHeadersLayer::new(Arc::new(vec![(AUTHORIZATION, bearer), (ACCEPT, json)]));
    let service = OctocrabBuilder::new_empty().with_service(ReqwestConnector::new(http.client().clone()));
    let Ok(octocrab) = service.with_layer(&headers).with_auth(AuthState::None).build();
    Ok(octocrab)
}

/// GitHub reports rate limits as 403 or 429. This makes it 429 with `Retry-After`, which [`Http`] obeys, if waiting is
/// worth it, else 403.
fn normalize_rate_limit(mut reply: Reply) -> Reply {
    if let Some(wait) = rate_limit(&reply) {
        reply.status = if wait <= MAX_WAIT { 429 } else { 403 };
        reply.headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs()));
    }
    reply
}

fn decode<T: DeserializeOwned>(call: Call, reply: &Reply) -> Result<T, Error> {
    serde_json::from_slice(&reply.body).map_err(|error| Error::shape(call, &error.to_string()))
}

/// An https URL; plain http on loopback only.
fn api_url(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim().trim_end_matches('/')).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']);
    let loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    (plain && (url.scheme() == "https" || url.scheme() == "http" && loopback)).then_some(url)
}

fn repository_url(api: &Url, repository: &str) -> Option<Url> {
    let fits = |part: &str| {
        let known = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        known && !part.is_empty() && part != "." && part != ".."
    };
    let (owner, name) = repository.split_once('/').filter(|(owner, name)| fits(owner) && fits(name))?;
    let mut url = api.clone();
    url.path_segments_mut().ok()?.pop_if_empty().extend(["repos", owner, name]);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::{api_url, repository_url};

    #[test]
    fn the_url_of_a_repository_is_below_that_of_the_api() {
        for (api, repository, expected) in [
            ("https://api.github.com", "octocat/shop", Some("https://api.github.com/repos/octocat/shop")),
            ("https://ghe.local/api/v3/", "octocat/a.b", Some("https://ghe.local/api/v3/repos/octocat/a.b")),
            ("http://127.0.0.1:9/x", "octocat/shop", Some("http://127.0.0.1:9/x/repos/octocat/shop")),
            ("http://[::1]:9", "octocat/shop", Some("http://[::1]:9/repos/octocat/shop")),
            ("http://api.github.com", "octocat/shop", None),
            ("http://localhost.evil.test", "octocat/shop", None),
            ("https://user@api.github.com", "octocat/shop", None),
            ("api.github.com", "octocat/shop", None),
            ("https://api.github.com", "octocat", None),
            ("https://api.github.com", "octocat/..", None),
            ("https://api.github.com", "octocat/shop/../../user", None),
        ] {
            let found = api_url(api).and_then(|api| repository_url(&api, repository));
            assert_eq!(found.as_ref().map(reqwest::Url::as_str), expected, "{api} {repository}");
        }
    }
}
