//! Messages as the log, the records and the state show them.

use axum::http::HeaderMap;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

/// Header names are lower case; a repeated one keeps its last value; a credential is replaced by its scheme.
pub(crate) fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let show = |name: &str, value: &[u8]| {
        let text = String::from_utf8_lossy(value);
        if name == "authorization" {
            format!("{} …", text.split(' ').next().unwrap_or_default())
        } else {
            text.into_owned()
        }
    };
    headers.iter().map(|(name, value)| (name.to_string(), show(name.as_str(), value.as_bytes()).into())).collect()
}

/// JSON as JSON, other text as a string, anything else as `{"base64": …}`; nothing as null.
pub(crate) fn readable(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body).unwrap_or_else(|_| match std::str::from_utf8(body) {
        Ok(text) => text.into(),
        Err(_) => json!({"base64": BASE64_STANDARD.encode(body)}),
    })
}
