use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

use super::{ApiError, Refusal, Reply};

fn error(status: u16, kind: &'static str, body: &str) -> ApiError {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    ApiError::of(&Reply { status, headers, body: body.as_bytes().to_vec() }, "GET /x")
}

#[test]
fn every_shape_of_error_body_is_read() {
    let json = "application/json";
    for (status, kind, body, refusal, text) in [
        (
            400,
            json,
            r#"{"error_code":"INVALID_PARAMETER_VALUE","message":"no"}"#,
            Refusal::Rejected,
            "no (HTTP 400 `INVALID_PARAMETER_VALUE`)",
        ),
        (
            400,
            json,
            r#"{"error_code":"RESOURCE_ALREADY_EXISTS","message":"x"}"#,
            Refusal::Conflict,
            "x (HTTP 400 `RESOURCE_ALREADY_EXISTS`)",
        ),
        (
            400,
            json,
            r#"{"error_code":"","message":"/x already exists."}"#,
            Refusal::Conflict,
            "/x already exists. (HTTP 400)",
        ),
        (
            403,
            json,
            r#"{"error_code":"PERMISSION_DENIED","message":"m"}"#,
            Refusal::Forbidden,
            "m (HTTP 403 `PERMISSION_DENIED`)",
        ),
        (
            403,
            json,
            r#"{"error_code":"403","message":"Invalid access token."}"#,
            Refusal::Unauthenticated,
            "Invalid access token. (HTTP 403 `403`)",
        ),
        (404, json, r#"{"detail":"gone","status":"404"}"#, Refusal::Missing, "gone (HTTP 404)"),
        (
            503,
            "text/plain",
            "TEMPORARILY_UNAVAILABLE: later",
            Refusal::Service,
            "later (HTTP 503 `TEMPORARILY_UNAVAILABLE`)",
        ),
        (502, "text/html", "<html>", Refusal::Service, "<html> (HTTP 502)"),
    ] {
        let error = error(status, kind, body);
        assert_eq!((error.refusal(), error.to_string().as_str()), (Some(refusal), text));
    }
}

#[test]
fn a_page_or_a_route_that_is_not_there_names_the_route() {
    let json = "application/json";
    for (status, kind, body, refusal, text) in [
        (
            200,
            "text/html",
            "<html>login",
            Refusal::NoRoute,
            "`GET /x` is not served: a web page came back instead of JSON (HTTP 200)",
        ),
        (
            302,
            "text/plain",
            "",
            Refusal::NoRoute,
            "`GET /x` is not served: a redirect came back, which is not followed (HTTP 302)",
        ),
        (
            404,
            json,
            r#"{"error_code":"ENDPOINT_NOT_FOUND","message":"no API"}"#,
            Refusal::NoRoute,
            "`GET /x` is not served: no API (HTTP 404 `ENDPOINT_NOT_FOUND`)",
        ),
        (405, "text/plain", "", Refusal::NoRoute, "`GET /x` is not served (HTTP 405)"),
        (501, json, r#"{"message":"not yet"}"#, Refusal::NoRoute, "`GET /x` is not served: not yet (HTTP 501)"),
        (505, json, r#"{"message":"version"}"#, Refusal::Rejected, "version (HTTP 505)"),
        (403, "text/html", "<html>", Refusal::Forbidden, "a web page came back instead of JSON (HTTP 403)"),
    ] {
        let error = error(status, kind, body);
        assert_eq!((error.refusal(), error.to_string().as_str()), (Some(refusal), text));
    }
}

#[test]
fn a_400_is_a_conflict_where_code_or_message_say_so() {
    for (code, message, refusal) in [
        ("INVALID_PARAMETER_VALUE", "The pipeline name 'x' is already used by another pipeline.", Refusal::Conflict),
        ("RESOURCE_CONFLICT", "modified since", Refusal::Conflict),
        ("RESOURCE_ALREADY_EXISTS", "x", Refusal::Conflict),
        ("", "/x already exists.", Refusal::Conflict),
        ("INVALID_PARAMETER_VALUE", "the port is already used by another cluster", Refusal::Rejected),
    ] {
        let body = format!(r#"{{"error_code":"{code}","message":"{message}"}}"#);
        assert_eq!(error(400, "application/json", &body).refusal(), Some(refusal), "{code} {message}");
    }
}

#[test]
fn a_permission_is_called_named_only_where_one_is() {
    for (message, named) in [
        ("User u does not have View permission on pipeline p.", true),
        ("User u does not have View/Run permission on pipeline p.", true),
        ("User u does not have Manage permissions on the folder.", true),
        ("User does not have CREATE TABLE on Schema 'main.x'.", true),
        ("User does not have USE CATALOG on Catalog 'main'.", true),
        ("CAN_MANAGE is required.", true),
        ("User does not have permission for this operation.", false),
        ("you may not", false),
        ("Source IP address 192.0.2.1 is blocked by the IP access list of this workspace.", false),
        ("View is not a permission that you have used.", false),
        ("", false),
    ] {
        assert_eq!(super::names_permission(message), named, "{message}");
    }
}
