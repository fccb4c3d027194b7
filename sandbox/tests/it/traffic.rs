//! Faults, limits, latency, the log and the control API.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{get, send, send_as, start, try_send};

const PIPELINES: &str = "/api/2.0/pipelines";

fn listed(url: &str) -> usize {
    get(url, PIPELINES).json()["statuses"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_fault_hits_before_or_after_the_effect_and_answers_or_cuts_or_hangs() {
    let cases = [
        (json!({"status": 500}), Some(500), 0),
        (json!({"when": "after", "status": 500}), Some(500), 1),
        (json!({"action": "drop"}), None, 0),
        (json!({"when": "after", "action": "drop"}), None, 1),
        (json!({"action": "hang"}), None, 0),
        (json!({"when": "after", "action": "hang"}), None, 1),
        (json!({"action": "delay", "delay_ms": 50}), Some(200), 1),
    ];
    for (mut fault, status, made) in cases {
        let sandbox = start();
        let url = sandbox.databricks_url();
        fault["method"] = "POST".into();
        sandbox.control("POST", "faults", &fault).unwrap();
        let answer = try_send(url, "POST", PIPELINES, Some(&json!({"name": "x"})));
        assert_eq!(answer.map(|answer| answer.status), status, "{fault}");
        assert_eq!(listed(url), made, "{fault}");
        assert_eq!(sandbox.control("GET", "faults", &Value::Null).unwrap(), json!([]), "{fault}");
    }
}

#[test]
fn a_fault_decides_what_the_client_reads() {
    let sandbox = start();
    let (url, github) = (sandbox.databricks_url(), sandbox.github_url());
    let faults = json!([
        {"service": "databricks", "status": 429, "retry_after": 7},
        {"service": "databricks", "status": 200, "body": "<html>log in</html>"},
        {"service": "databricks", "status": 400, "body": {"error_code": 12}, "content_type": "text/plain"},
        {"service": "github", "status": 403},
        {"service": "github", "status": 502, "retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"},
    ]);
    sandbox.control("POST", "faults", &faults).unwrap();
    let answer = get(url, PIPELINES);
    assert_eq!((answer.status, answer.header("retry-after")), (429, "7"));
    assert_eq!(answer.json()["error_code"], "REQUEST_LIMIT_EXCEEDED");
    let answer = get(url, PIPELINES);
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
    let answer = get(url, PIPELINES);
    assert_eq!((answer.json(), answer.header("content-type")), (json!({"error_code": 12}), "text/plain"));
    assert_eq!(get(github, "/user").json()["message"], "Resource not accessible by integration");
    assert_eq!(get(github, "/user").header("retry-after"), "Wed, 21 Oct 2026 07:28:00 GMT");
    assert_eq!(get(url, PIPELINES).status, 200);
}

#[test]
fn requests_above_the_rate_are_throttled_without_effect() {
    let sandbox = start();
    let url = sandbox.databricks_url();
    sandbox.control("PUT", "settings", &json!({"requests_per_second": 2, "retry_after": 1})).unwrap();
    let create = |name: &str| send(url, "POST", PIPELINES, Some(&json!({"name": name})));
    let answers = [create("a"), create("b"), create("c")];
    assert_eq!(answers.each_ref().map(|answer| answer.status), [200, 200, 429]);
    assert_eq!(answers[2].header("retry-after"), "1");
    sandbox.control("PUT", "settings", &json!({"requests_per_second": null})).unwrap();
    assert_eq!(listed(url), 2);
}

#[test]
fn latency_holds_each_request() {
    let sandbox = start();
    sandbox.control("PUT", "settings", &json!({"latency_ms": 120})).unwrap();
    let begun = Instant::now();
    get(sandbox.databricks_url(), PIPELINES);
    assert!(begun.elapsed() >= Duration::from_millis(120));
    assert!(sandbox.log()[0]["millis"].as_u64().unwrap() >= 120);
}

#[test]
fn the_log_shows_each_request_but_no_token_and_no_control_call() {
    let sandbox = start();
    let url = sandbox.databricks_url();
    send(url, "POST", PIPELINES, Some(&json!({"name": "x"})));
    get(url, "/api/2.0/workspace/list?path=%2FShared&x=a+b");
    get(url, "/_sandbox/log");
    sandbox.control("POST", "faults", &json!({"action": "drop"})).unwrap();
    try_send(url, "GET", "/api/2.0/workspace-files/a%2Fb", None);
    let log = sandbox.log();
    assert_eq!(get(url, "/_sandbox/log").json(), log);
    let [create, list, read] = log.as_array().unwrap().as_slice() else { panic!("{log}") };
    assert_eq!(
        (&create["method"], &create["body"], &create["status"]),
        (&json!("POST"), &json!({"name": "x"}), &json!(200))
    );
    assert_eq!(create["headers"]["authorization"], "Bearer …");
    assert_eq!(
        (&list["path"], &list["query"]),
        (&json!("/api/2.0/workspace/list"), &json!({"path": "/Shared", "x": "a b"}))
    );
    assert_eq!(
        (&read["path"], &read["raw_path"]),
        (&json!("/api/2.0/workspace-files/a/b"), &json!("/api/2.0/workspace-files/a%2Fb"))
    );
    assert_eq!((&read["status"], &read["fault"]), (&Value::Null, &json!("before")));
    assert!(!log.to_string().contains("sandbox-token"));
    sandbox.control("DELETE", "log", &Value::Null).unwrap();
    assert_eq!(sandbox.log(), json!([]));
}

#[test]
fn reset_returns_to_the_start() {
    let sandbox = start();
    let before = sandbox.state();
    send(sandbox.databricks_url(), "POST", PIPELINES, Some(&json!({"name": "x"})));
    sandbox.control("PUT", "settings", &json!({"list_lag": 3})).unwrap();
    assert_eq!(send(sandbox.github_url(), "POST", "/_sandbox/reset", None).status, 200);
    assert_eq!((sandbox.state(), sandbox.log()), (before, json!([])));
}

#[test]
fn an_unknown_control_call_is_refused() {
    let sandbox = start();
    let cases = [
        ("PUT", "settings", json!({"latency": 1}), 400),
        ("POST", "faults", json!({"path": "*", "state": 500}), 400),
        ("PUT", "databricks/pipelines/none", json!({}), 404),
        ("PUT", "github/repositories/octocat/none/pulls/1", json!({}), 404),
        ("GET", "nothing", Value::Null, 404),
    ];
    for (method, path, body, status) in cases {
        assert!(sandbox.control(method, path, &body).is_err(), "{path}");
        assert_eq!(
            send_as(sandbox.databricks_url(), None, method, &format!("/_sandbox/{path}"), Some(&body)).unwrap().status,
            status,
            "{path}"
        );
    }
}
