//! The request log.

use std::collections::BTreeMap;
use std::time::Instant;

use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::call::read_query;
use crate::faults::When;
use crate::service::Service;
use crate::stamp::now_ms;
use crate::transcript::{headers, readable};

/// The requests in the order in which they arrived. One that is still unanswered has no status.
#[derive(Debug, Default)]
pub(crate) struct Log {
    next: u64,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    id: u64,
    arrived: Instant,
    fields: Map<String, Value>,
}

impl Log {
    /// Notes a request on arrival; the returned number is for [`Log::finish`].
    pub(crate) fn begin(&mut self, service: Service, request: &Parts, body: &[u8], fault: Option<When>) -> u64 {
        self.next += 1;
        let path = request.uri.path();
        let fields = json!({
            "service": service.name(),
            "method": request.method.as_str(),
            "path": percent_decode_str(path).decode_utf8_lossy(),
            "raw_path": path,
            "query": read_query(request.uri.query().unwrap_or_default()).into_iter().collect::<BTreeMap<_, _>>(),
            "status": null,
            "fault": fault,
            "headers": headers(&request.headers),
            "body": readable(body),
            "arrived": now_ms(),
            "millis": null,
        });
        let Value::Object(fields) = fields else { return self.next };
        self.entries.push(Entry { id: self.next, arrived: Instant::now(), fields });
        self.next
    }

    /// Completes an entry; does nothing when the log was cleared meanwhile. `status` is `None` for a cut connection.
    pub(crate) fn finish(&mut self, id: u64, status: Option<u16>) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) {
            let millis = u64::try_from(entry.arrived.elapsed().as_millis()).unwrap_or(u64::MAX);
            entry.fields.insert("status".into(), json!(status));
            entry.fields.insert("millis".into(), json!(millis));
        }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(crate) fn to_json(&self) -> Value {
        self.entries.iter().map(|entry| Value::Object(entry.fields.clone())).collect()
    }

    /// How many requests to this service arrived within the last second.
    pub(crate) fn last_second(&self, service: Service) -> usize {
        let recent = self.entries.iter().rev().take_while(|entry| entry.arrived.elapsed().as_secs() < 1);
        recent.filter(|entry| entry.fields["service"] == service.name()).count()
    }
}
