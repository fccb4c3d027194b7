//! Exchanges with the GitHub side, kept for a check against the description that GitHub publishes of its API.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::{Body, to_bytes};
use axum::response::Response;
use serde_json::{Map, Value};

use crate::call::MAX_BODY;
use crate::stamp::now_ms;
use crate::transcript::{headers, readable};

/// Names the folder; if it is not set, nothing is kept.
const FOLDER: &str = "SANDBOX_RECORD";

/// Writes exchanges to a file of its own in the folder that `SANDBOX_RECORD` names, a line of JSON each.
///
/// | field | meaning |
/// | --- | --- |
/// | `base_path` | what the server has before every route |
/// | `method`, `path`, `query` | the request, as it came |
/// | `headers` | by name in lower case, without the credential |
/// | `body` | JSON, else text; null if there is none |
/// | `ordered` | whether a test ordered the answer, so that it proves nothing about the service |
/// | `status`, `answer_headers`, `answer` | missing if no answer was given |
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    /// Made with the first line.
    file: OnceLock<Option<File>>,
}

/// One exchange, written when it is dropped: an answer may be cut off at any point.
#[derive(Debug)]
pub struct Exchange<'a> {
    recorder: &'a Recorder,
    fields: Map<String, Value>,
}

impl Recorder {
    /// The recorder that the environment asks for.
    pub fn from_environment() -> Option<Self> {
        Some(Self { folder: std::env::var_os(FOLDER)?.into(), file: OnceLock::new() })
    }

    /// A request for `target` (path and query) of a server whose routes begin with `base_path`. `headers` are by name in
    /// lower case, without the credential.
    pub fn request(
        &self,
        base_path: &str,
        (method, target): (&str, &str),
        headers: Map<String, Value>,
        body: Value,
    ) -> Exchange<'_> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let texts = [("base_path", base_path), ("method", method), ("path", path), ("query", query)];
        let mut fields: Map<_, _> = texts.map(|(name, text)| (name.to_owned(), text.into())).into_iter().collect();
        let values = [("headers", headers.into()), ("body", body), ("ordered", false.into())];
        fields.extend(values.map(|(name, value)| (name.to_owned(), value)));
        Exchange { recorder: self, fields }
    }

    fn write(&self, line: &Value) {
        // A line is one write to a file of our own, so that those of several threads never mix. One
        // that cannot be written is missing, which the reader notices.
        let file = self.file.get_or_init(|| create(&self.folder).ok());
        if let Some(mut file) = file.as_ref() {
            drop(file.write_all(format!("{line}\n").as_bytes()));
        }
    }
}

/// A file that no other process and no other recorder of this one has.
fn create(folder: &PathBuf) -> std::io::Result<File> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    std::fs::create_dir_all(folder)?;
    let name = format!("{}-{}-{}.jsonl", std::process::id(), now_ms(), NEXT.fetch_add(1, Ordering::Relaxed));
    OpenOptions::new().append(true).create_new(true).open(folder.join(name))
}

impl Exchange<'_> {
    /// Marks the answer as one that a test ordered.
    pub fn ordered(&mut self) {
        self.fields.insert("ordered".into(), true.into());
    }

    /// Notes the answer and gives it back.
    pub(crate) async fn answered(&mut self, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
        self.fields.insert("status".into(), parts.status.as_u16().into());
        self.fields.insert("answer_headers".into(), headers(&parts.headers).into());
        self.fields.insert("answer".into(), readable(&body));
        Response::from_parts(parts, Body::from(body))
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        self.recorder.write(&Value::Object(std::mem::take(&mut self.fields)));
    }
}
