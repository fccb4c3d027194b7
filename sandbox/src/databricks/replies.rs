//! The answers that several operations of the workspace share.

use serde_json::json;

use crate::call::Reply;

/// An error in the shape of the workspace APIs.
pub(super) fn error(status: u16, code: &str, message: impl AsRef<str>) -> Reply {
    Reply::json(status, &json!({"error_code": code, "message": message.as_ref()}))
}

pub(super) fn invalid(message: impl AsRef<str>) -> Reply {
    error(400, "INVALID_PARAMETER_VALUE", message)
}

/// The error codes that go with a status, after the mapping of the official SDKs.
pub(crate) fn usual_error(status: u16) -> Reply {
    let (code, message) = match status {
        400 => ("INVALID_PARAMETER_VALUE", "The request is invalid."),
        401 => ("UNAUTHENTICATED", "Credential was not sent or was of an unsupported type for this API."),
        403 => ("PERMISSION_DENIED", "User does not have permission for this operation."),
        404 => ("RESOURCE_DOES_NOT_EXIST", "The resource does not exist."),
        409 => ("RESOURCE_CONFLICT", "The resource was changed by another request."),
        429 => ("REQUEST_LIMIT_EXCEEDED", "Too many requests. Current request has to be retried."),
        503 => ("TEMPORARILY_UNAVAILABLE", "The service is temporarily unavailable."),
        504 => ("DEADLINE_EXCEEDED", "The deadline of the request was exceeded."),
        _ => ("INTERNAL_ERROR", "An internal error occurred."),
    };
    error(status, code, message)
}

/// The empty object of an operation that has nothing to show.
pub(super) fn done() -> Reply {
    Reply::json(200, &json!({}))
}
