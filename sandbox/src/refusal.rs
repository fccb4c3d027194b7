//! Why the control API refuses a call, and how it lays changes over what is there.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A control call that was not understood.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn bad(message: impl std::fmt::Display) -> Self {
        Self { status: 400, message: message.to_string() }
    }

    pub(crate) fn missing(message: impl std::fmt::Display) -> Self {
        Self { status: 404, message: message.to_string() }
    }
}

/// The value with the fields of `changes` laid over it.
pub(crate) fn merged<T: Serialize + DeserializeOwned>(value: &T, changes: &Value) -> Result<T, Refusal> {
    let mut fields = serde_json::to_value(value).map_err(Refusal::bad)?;
    match (fields.as_object_mut(), changes.as_object()) {
        (Some(fields), Some(changes)) => fields.extend(changes.clone()),
        _ => return Err(Refusal::bad("expected a JSON object")),
    }
    serde_json::from_value(fields).map_err(Refusal::bad)
}
