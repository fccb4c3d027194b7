//! Faults that tests set up: what goes wrong, on which request, before or after it took effect.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Reply;
use crate::service::Service;

/// One fault. The first fields select requests; the rest is what the client sees.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// `databricks` or `github`; any service when it is left out.
    service: Option<Service>,
    /// HTTP method; any when it is left out.
    method: Option<String>,
    /// Glob on the decoded path: `*` matches any run of characters, also across `/`.
    #[serde(default = "any")]
    path: String,
    #[serde(default)]
    when: When,
    /// How many requests it still hits.
    #[serde(default = "once")]
    times: u32,
    /// How many matching requests it lets through first.
    #[serde(default)]
    skip: u32,
    #[serde(default)]
    action: Action,
    #[serde(default = "unavailable")]
    status: u16,
    /// JSON, or a string that is sent as it is. Left out, it is the service's usual body for that status.
    body: Option<Value>,
    content_type: Option<String>,
    /// Seconds or an HTTP date.
    retry_after: Option<Value>,
    /// Milliseconds by which the answer is delayed, whatever it is.
    #[serde(default)]
    delay_ms: u64,
}

/// On which side of the request's effect a fault hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum When {
    /// The request has no effect.
    #[default]
    Before,
    /// The request takes effect, and only its answer is lost.
    After,
}

/// What a fault does to the exchange.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// Answers with `status` and `body`.
    #[default]
    Respond,
    /// Closes the connection without an answer.
    Drop,
    /// Never answers.
    Hang,
    /// Answers as usual, only after `delay_ms`.
    Delay,
}

impl Fault {
    pub(crate) fn action(&self) -> Action {
        self.action
    }

    pub(crate) fn when(&self) -> When {
        self.when
    }

    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// Whether the request is kept from its handler.
    pub(crate) fn prevents_the_effect(&self) -> bool {
        self.when == When::Before && self.action != Action::Delay
    }

    /// The answer of [`Action::Respond`]; `usual` makes the service's own body for a status.
    pub(crate) fn reply(&self, usual: impl FnOnce(u16) -> Reply) -> Reply {
        let reply = match &self.body {
            Some(Value::String(text)) => Reply::text(self.status, "text/html; charset=utf-8", text.clone()),
            Some(value) => Reply::json(self.status, value),
            None => usual(self.status),
        };
        let mut reply = reply;
        if let Some(kind) = &self.content_type {
            reply.headers = vec![("content-type", kind.clone())];
        }
        match &self.retry_after {
            Some(Value::String(text)) => reply.with("retry-after", text.clone()),
            Some(value) => reply.with("retry-after", value.to_string()),
            None => reply,
        }
    }

    fn hits(&self, service: Service, method: &str, path: &str) -> bool {
        self.service.is_none_or(|expected| expected == service)
            && self.method.as_ref().is_none_or(|expected| expected == "*" || expected.eq_ignore_ascii_case(method))
            && glob_matches(self.path.as_bytes(), path.as_bytes())
    }
}

/// The faults that are left, in the order in which they were given.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn to_json(&self) -> Value {
        serde_json::to_value(&self.0).unwrap_or_default()
    }

    /// The first fault that hits this request, counted down and removed with its last hit. There is at most one a
    /// request.
    pub(crate) fn take(&mut self, service: Service, method: &str, path: &str) -> Option<Fault> {
        for index in 0..self.0.len() {
            let fault = &mut self.0[index];
            if fault.times == 0 || !fault.hits(service, method, path) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            fault.times -= 1;
            let taken = fault.clone();
            self.0.retain(|fault| fault.times > 0);
            return Some(taken);
        }
        None
    }
}

fn any() -> String {
    "*".into()
}

fn once() -> u32 {
    1
}

fn unavailable() -> u16 {
    503
}

fn glob_matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skipped| glob_matches(rest, &text[skipped..])),
        Some((literal, rest)) => text.first() == Some(literal) && glob_matches(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(values: Value) -> Faults {
        Faults(serde_json::from_value(values).unwrap())
    }

    #[test]
    fn a_glob_crosses_slashes_and_is_anchored_at_both_ends() {
        let cases = [
            ("*", "/x", true),
            ("/a/*/c", "/a/b/b/c", true),
            ("/a", "/ab", false),
            ("a*", "/a", false),
            ("/a*b*c", "/a-b-c", true),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(glob_matches(pattern.as_bytes(), path.as_bytes()), expected, "{pattern} on {path}");
        }
    }

    #[test]
    fn a_fault_skips_then_hits_as_often_as_it_says_and_is_gone() {
        let mut left = faults(json!([{"method": "put", "path": "/p/*", "skip": 1, "times": 2}]));
        let mut hit = |method: &str, path: &str| left.take(Service::Databricks, method, path).is_some();
        assert_eq!(
            [
                hit("PUT", "/p/1"),
                hit("PUT", "/p/1"),
                hit("POST", "/p/1"),
                hit("PUT", "/q"),
                hit("PUT", "/p/2"),
                hit("PUT", "/p/2")
            ],
            [false, true, false, false, true, false]
        );
        assert_eq!(left.to_json(), json!([]));
    }

    #[test]
    fn the_first_fault_of_the_service_is_taken_and_knows_its_side_of_the_effect() {
        let mut left = faults(json!([{"service": "github", "when": "after"}, {"action": "delay"}, {}]));
        let mut prevents = || left.take(Service::Databricks, "GET", "/").map(|fault| fault.prevents_the_effect());
        assert_eq!([prevents(), prevents(), prevents()], [Some(false), Some(true), None]);
        let taken = left.take(Service::GitHub, "GET", "/");
        assert_eq!(taken.map(|fault| (fault.when(), fault.prevents_the_effect())), Some((When::After, false)));
    }
}
