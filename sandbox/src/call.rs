//! A request as the handlers see it, and what they answer.

use std::collections::HashMap;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, OriginalUri, RawPathParams, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;

/// Largest request body, far above what either service takes, so that their own limits can answer.
pub(crate) const MAX_BODY: usize = 64 << 20;

/// One request, read whole.
#[derive(Debug, Default)]
pub(crate) struct Call {
    parameters: HashMap<String, String>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    /// Path as it came, percent-encoded.
    pub(crate) raw_path: String,
    /// The body; empty for a form with parts.
    pub(crate) body: Bytes,
    /// The parts of a `multipart/form-data` body by name.
    pub(crate) parts: Option<HashMap<String, Bytes>>,
}

impl Call {
    /// # Errors
    /// A message when the body breaks off, is too long, or is not a form although its type is one.
    pub(crate) async fn read(parameters: &RawPathParams, request: Request) -> Result<Self, String> {
        let mut call = Self {
            parameters: parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            query: read_query(request.uri().query().unwrap_or_default()),
            headers: request.headers().clone(),
            raw_path: original_path(&request),
            ..Self::default()
        };
        if call.header("content-type").starts_with("multipart/form-data") {
            call.parts = Some(read_parts(request).await?);
        } else {
            call.body = axum::body::to_bytes(request.into_body(), MAX_BODY).await.map_err(|e| e.to_string())?;
        }
        Ok(call)
    }

    /// A piece of the path by its name in the route, decoded; empty when the route has none of that name.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// First value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a repeated query parameter.
    pub(crate) fn queries<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A header's text; empty when it is missing or not ASCII.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The credential of an `Authorization: Bearer …` (or GitHub's `token …`) header.
    pub(crate) fn token(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization").split_once(' ')?;
        ["bearer", "token"].contains(&scheme.to_ascii_lowercase().as_str()).then_some(token.trim())
    }

    /// Scheme and authority that the client used.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.header("host"))
    }

    /// All query parameters but those named, in their order.
    pub(crate) fn query_without(&self, names: &[&str]) -> Vec<(String, String)> {
        self.query.iter().filter(|(key, _)| !names.contains(&key.as_str())).cloned().collect()
    }
}

/// The path as it came, also where the route is nested.
fn original_path(request: &Request) -> String {
    let original = request.extensions().get::<OriginalUri>();
    original.map_or(request.uri(), |original| &original.0).path().to_owned()
}

/// Pairs of a query string, `+` and percent escapes decoded.
pub(crate) fn read_query(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

async fn read_parts(request: Request) -> Result<HashMap<String, Bytes>, String> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|e| e.to_string())?;
    let mut parts = HashMap::new();
    while let Some(field) = form.next_field().await.map_err(|e| e.to_string())? {
        let name = field.name().unwrap_or_default().to_owned();
        parts.insert(name, field.bytes().await.map_err(|e| e.to_string())?);
    }
    Ok(parts)
}

/// An answer. Handlers return it on both arms, so that `?` leaves early with a refusal.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// What a handler returns.
pub(crate) type Answer = Result<Reply, Reply>;

impl Reply {
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", value.to_string())
    }

    pub(crate) fn text(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().append(HeaderName::from_static(name), value);
            }
        }
        if response.headers().get(header::CONTENT_TYPE).is_none_or(HeaderValue::is_empty) {
            response.headers_mut().remove(header::CONTENT_TYPE);
        }
        response
    }
}
