//! The parts of a request that several operations of the workspace read.

use serde_json::{Map, Value};

use super::replies::{error, invalid};
use crate::call::{Call, Reply};

/// The JSON object of a request's body.
///
/// # Errors
/// `MALFORMED_REQUEST` for anything else. An empty body counts as `{}`.
pub(super) fn read_object(call: &Call) -> Result<Map<String, Value>, Reply> {
    let malformed = |why: String| error(400, "MALFORMED_REQUEST", format!("Could not parse request object: {why}"));
    if call.body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(fields)) => Ok(fields.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        Ok(_) => Err(malformed("Expected 'START_OBJECT'".into())),
        Err(e) => Err(malformed(e.to_string())),
    }
}

/// A query parameter that is `true` or `false`.
pub(super) fn read_flag(call: &Call, name: &str) -> Result<Option<bool>, Reply> {
    match call.query(name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(other) => Err(invalid(format!("`{name}` must be true or false, not '{other}'."))),
    }
}
