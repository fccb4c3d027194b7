//! A person who works in the workspace, past dltflow.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::{DATABRICKS_TOKEN, Stage};

impl Stage {
    /// Sends a request to the workspace; it must succeed.
    #[track_caller]
    pub(crate) fn by_hand(&self, method: &str, path: &str, body: &Value) -> Value {
        let address = self.sandbox.databricks_url().trim_start_matches("http://").to_owned();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(&address).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {DATABRICKS_TOKEN}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.starts_with("HTTP/1.1 200"), "{method} {path}: {reply}");
        let (_, text) = reply.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(text).unwrap_or_default()
    }

    /// Deletes a pipeline.
    #[track_caller]
    pub(crate) fn delete_by_hand(&self, name: &str) {
        let id = self.id_of(name);
        self.by_hand("DELETE", &format!("/api/2.0/pipelines/{id}"), &Value::Null);
    }

    /// Writes a file.
    #[track_caller]
    pub(crate) fn write_by_hand(&self, path: &str, text: &str) {
        let body = json!({"path": path, "format": "RAW", "overwrite": true, "content": BASE64_STANDARD.encode(text)});
        self.by_hand("POST", "/api/2.0/workspace/import", &body);
    }

    /// Deletes an object, or a folder with all that is in it.
    #[track_caller]
    pub(crate) fn remove_by_hand(&self, path: &str) {
        self.by_hand("POST", "/api/2.0/workspace/delete", &json!({"path": path, "recursive": true}));
    }

    /// Edits a pipeline: fields of its settings, where null removes one.
    #[track_caller]
    pub(crate) fn edit_by_hand(&self, name: &str, fields: &Value) {
        let id = self.id_of(name);
        self.control("PUT", &format!("databricks/pipelines/{id}"), &json!({"spec": fields}));
    }

    /// The id of the only pipeline of that name.
    #[track_caller]
    pub(crate) fn id_of(&self, name: &str) -> String {
        let found: Vec<Value> = self.pipelines().into_iter().filter(|found| found["spec"]["name"] == name).collect();
        let [pipeline] = &found[..] else { panic!("{} pipelines are called `{name}`", found.len()) };
        pipeline["pipeline_id"].as_str().unwrap().to_owned()
    }
}
