//! Workspace files: one listing of a folder, uploads, one read, deletes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::{Idempotency, Reply};

use super::client::segment;
use super::{ApiError, Refusal, Workspace};

/// What an object of the workspace is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// A notebook; its name has no extension.
    Notebook,
    /// A plain file.
    File,
    /// A folder.
    Folder,
    /// Something else.
    Other,
}

/// An object of a listed folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Last name of its path.
    pub name: String,
    /// What it is.
    pub kind: ObjectKind,
    /// When it was last written, in milliseconds since 1970; files alone have a time.
    pub modified: Option<i64>,
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    objects: Vec<ObjectInfo>,
}

#[derive(Deserialize)]
struct ObjectInfo {
    path: String,
    #[serde(default)]
    object_type: String,
    modified_at: Option<i64>,
}

impl From<ObjectInfo> for Object {
    fn from(info: ObjectInfo) -> Self {
        let kind = match info.object_type.as_str() {
            "NOTEBOOK" => ObjectKind::Notebook,
            "FILE" => ObjectKind::File,
            "DIRECTORY" => ObjectKind::Folder,
            _ => ObjectKind::Other,
        };
        let name = info.path.rsplit('/').next().unwrap_or_default().to_owned();
        Self { name, kind, modified: info.modified_at }
    }
}

/// Paths are absolute and without `/Workspace`, as the API takes them.
impl Workspace {
    /// The objects of a folder, one level; `None` if the folder is missing or cannot be read, which look the same.
    pub async fn list_folder(&self, path: &str) -> Result<Option<Vec<Object>>, ApiError> {
        match self.get::<Listing>("/api/2.0/workspace/list", &[("path", path)]).await {
            Ok(listing) => Ok(Some(listing.objects.into_iter().map(Object::from).collect())),
            Err(error) if error.refusal() == Some(Refusal::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates a folder and those above it; one that exists is fine.
    pub async fn make_folder(&self, path: &str) -> Result<(), ApiError> {
        self.post("/api/2.0/workspace/mkdirs", &json!({ "path": path }), Idempotency::Write).await.map(drop)
    }

    /// Writes a plain file; the folder must exist.
    pub async fn upload_file(&self, path: &str, bytes: Vec<u8>) -> Result<(), ApiError> {
        let route = format!("/api/2.0/workspace-files/import-file/{}", segment(path.trim_start_matches('/')));
        let body = Some(("application/octet-stream", bytes));
        self.call(Method::POST, &route, &[("overwrite", "true")], body, Idempotency::Write).await.map(drop)
    }

    /// Writes a Python notebook; the folder must exist.
    pub async fn upload_notebook(&self, path: &str, source: &[u8]) -> Result<(), ApiError> {
        let content = STANDARD.encode(source);
        let body =
            json!({ "path": path, "format": "SOURCE", "language": "PYTHON", "overwrite": true, "content": content });
        self.post("/api/2.0/workspace/import", &body, Idempotency::Write).await.map(drop)
    }

    /// The text of a plain file; `None` if it is missing.
    pub async fn read_file(&self, path: &str) -> Result<Option<String>, ApiError> {
        let query = [("path", path), ("format", "AUTO"), ("direct_download", "true")];
        match self.call(Method::GET, "/api/2.0/workspace/export", &query, None, Idempotency::Read).await {
            Ok(reply) => Ok(Some(exported(&reply))),
            Err(error) if error.refusal() == Some(Refusal::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes an object, or a folder with everything in it. One that is already gone is fine.
    pub async fn delete_object(&self, path: &str) -> Result<(), ApiError> {
        let body = json!({ "path": path, "recursive": true });
        let deleted = self.post("/api/2.0/workspace/delete", &body, Idempotency::Write).await;
        gone_is_fine(deleted)
    }
}

/// A direct download gives the bytes; a service that ignores the wish gives them in `content`.
fn exported(reply: &Reply) -> String {
    let wrapped = serde_json::from_slice::<Value>(&reply.body).ok();
    let content = wrapped.as_ref().and_then(|body| body.get("content")?.as_str());
    let bytes = content.and_then(|content| STANDARD.decode(content).ok());
    String::from_utf8_lossy(bytes.as_deref().unwrap_or(&reply.body)).into_owned()
}

pub(super) fn gone_is_fine(deleted: Result<Reply, ApiError>) -> Result<(), ApiError> {
    match deleted {
        Err(error) if error.refusal() != Some(Refusal::Missing) => Err(error),
        _ => Ok(()),
    }
}
