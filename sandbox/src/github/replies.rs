//! The answers that several operations share.

use serde_json::{Value, json};

use crate::call::Reply;

/// Where refusals point that concern no single operation.
const DOCUMENTATION: &str = "https://docs.github.com/rest";

/// An error in the shape of the REST API.
pub(super) fn error(status: u16, message: &str) -> Reply {
    refusal(status, json!({"message": message}))
}

/// The refusal with the address of its operation's page if it has no better one.
pub(super) fn about(mut refusal: Reply, page: &str) -> Reply {
    let mut body: Value = serde_json::from_slice(&refusal.body).unwrap_or_default();
    if body["documentation_url"] == DOCUMENTATION {
        body["documentation_url"] = format!("{DOCUMENTATION}/{page}").into();
        refusal.body = body.to_string().into_bytes();
    }
    refusal
}

/// An error whose body has more than a message.
pub(super) fn refusal(status: u16, mut body: Value) -> Reply {
    if body["documentation_url"].is_null() {
        body["documentation_url"] = DOCUMENTATION.into();
    }
    body["status"] = status.to_string().into();
    Reply::json(status, &body)
}

pub(super) fn not_found() -> Reply {
    error(404, "Not Found")
}

/// The usual body of an error status, for faults that name none. Proxies in front of the API answer HTML.
pub(crate) fn usual_error(status: u16) -> Reply {
    let message = match status {
        401 => "Bad credentials",
        403 => "Resource not accessible by integration",
        404 => "Not Found",
        422 => "Validation Failed",
        429 => "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        502..=504 => {
            let page = "<!doctype html>\n<title>Unicorn!</title>\n<p>This page is taking too long to load.</p>\n";
            return Reply::text(status, "text/html; charset=utf-8", page);
        }
        _ => "Server Error",
    };
    error(status, message)
}
