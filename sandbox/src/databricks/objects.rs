//! The workspace API: import, export, folders, listing.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::replies::{done, error, invalid};
use super::request::{read_flag, read_object};
use super::state::Databricks;
use super::tree::{Content, Refused, Tree};
use crate::call::{Answer, Call, Reply};
use crate::settings::Behaviour;

/// Most bytes of an imported or exported object.
const MAX_SIZE: usize = 10_485_760;

/// Extension, first line and language of the sources that may be notebooks.
const NOTEBOOKS: &[(&str, &str, &str)] = &[
    ("py", "# Databricks notebook source", "PYTHON"),
    ("r", "# Databricks notebook source", "R"),
    ("scala", "// Databricks notebook source", "SCALA"),
    ("sql", "-- Databricks notebook source", "SQL"),
];

/// A request of `workspace/import`, in either of its forms.
struct Import {
    path: String,
    content: Vec<u8>,
    format: String,
    language: Option<String>,
    overwrite: bool,
}

/// `POST /api/2.0/workspace/import`.
pub(super) fn import(databricks: &mut Databricks, _: &Behaviour, call: &Call) -> Answer {
    let import = read_import(call)?;
    let (path, content) = classify(&import)?;
    refuse_large(&content)?;
    let written = databricks.tree.write(&path, content, import.overwrite, &mut databricks.ids);
    written.map_err(|refused| match refused {
        Refused::NoParent(folder) => no_parent(&folder),
        Refused::Exists(_) => error(400, "RESOURCE_ALREADY_EXISTS", format!("Path ({path}) already exists.")),
        Refused::OtherKind(kind) => other_kind(&path, kind),
    })?;
    Ok(done())
}

/// `POST /api/2.0/workspace-files/import-file/{path}`: raw bytes, the path one segment without its leading slash.
/// It recognises notebooks as `AUTO` does. The answers are those that the Databricks CLI distinguishes.
pub(super) fn import_file(databricks: &mut Databricks, _: &Behaviour, call: &Call) -> Answer {
    let path = canonical(&format!("/{}", call.parameter("path")))?;
    let overwrite = read_flag(call, "overwrite")?.unwrap_or(false);
    let (path, content) = detect(&path, call.body.to_vec());
    refuse_large(&content)?;
    let written = databricks.tree.write(&path, content, overwrite, &mut databricks.ids);
    written.map_err(|refused| match refused {
        Refused::NoParent(folder) => no_parent(&folder),
        Refused::Exists("FILE") => error(409, "ALREADY_EXISTS", format!("Path ({path}) already exists.")),
        Refused::Exists(_) => error(400, "", format!("Path ({path}) already exists.")),
        Refused::OtherKind(kind) => other_kind(&path, kind),
    })?;
    Ok(done())
}

/// `GET /api/2.0/workspace-files/{path}`: the bytes.
pub(super) fn read_file(databricks: &mut Databricks, _: &Behaviour, call: &Call) -> Answer {
    let path = canonical(&format!("/{}", call.parameter("path")))?;
    Ok(Reply::text(200, "application/octet-stream", bytes_of(&databricks.tree, &path)?))
}

/// `GET /api/2.0/workspace/export`. A notebook's source begins with its header line, also when it was imported
/// without one (unverified). Formats other than source, and folders (a DBC archive), are not modelled.
pub(super) fn export(databricks: &mut Databricks, _: &Behaviour, call: &Call) -> Answer {
    let path = canonical(call.query("path").unwrap_or_default())?;
    let format = call.query("format").unwrap_or("SOURCE");
    if !["SOURCE", "AUTO", "RAW"].contains(&format) {
        return Err(error(501, "NOT_IMPLEMENTED", format!("The sandbox does not export {format}.")));
    }
    let bytes = bytes_of(&databricks.tree, &path)?;
    if read_flag(call, "direct_download")? == Some(true) {
        return Ok(Reply::text(200, "application/octet-stream", bytes));
    }
    let file_type = match databricks.tree.get(&path).map(|object| &object.content) {
        Some(Content::Notebook { language, .. }) => {
            NOTEBOOKS.iter().find(|(_, _, known)| known == language).map_or("py", |(extension, _, _)| extension)
        }
        _ => "file",
    };
    Ok(Reply::json(200, &json!({"content": BASE64_STANDARD.encode(bytes), "file_type": file_type})))
}

/// `POST /api/2.0/workspace/mkdirs`.
pub(super) fn mkdirs(databricks: &mut Databricks, _: &Behaviour, call: &Call) -> Answer {
    let path = path_of(&read_object(call)?)?;
    let made = databricks.tree.make_folders(&path, &mut databricks.ids);
    made.map_err(|taken| {
        error(400, "RESOURCE_ALREADY_EXISTS", format!("Path ({taken}) already exists and is not a directory."))
    })?;
    Ok(done())
}

/// `POST /api/2.0/workspace/delete`. That the workspace's own folders cannot go is unverified in its wording.
pub(super) fn delete(databricks: &mut Databricks, _: &Behaviour, call: &Call) -> Answer {
    let fields = read_object(call)?;
    let path = path_of(&fields)?;
    let recursive = fields.get("recursive") == Some(&Value::Bool(true));
    let tree = &mut databricks.tree;
    let object = tree.get(&path).ok_or_else(|| missing(&path))?;
    if ["/", "/Shared", "/Users"].contains(&path.as_str()) {
        return Err(invalid(format!("Path ({path}) cannot be deleted.")));
    }
    if object.content == Content::Directory && !recursive && !tree.is_empty_folder(&path) {
        return Err(error(400, "DIRECTORY_NOT_EMPTY", format!("Folder ({path}) is not empty")));
    }
    tree.remove(&path);
    Ok(done())
}

/// `GET /api/2.0/workspace/list`: one level, unpaged; a file lists itself. `objects` is left out when there are none,
/// as the services do with empty lists (unverified here).
pub(super) fn list(databricks: &mut Databricks, _: &Behaviour, call: &Call) -> Answer {
    let path = canonical(call.query("path").unwrap_or_default())?;
    let tree = &databricks.tree;
    let object = tree.get(&path).ok_or_else(|| missing(&path))?;
    let objects = if object.content == Content::Directory {
        tree.children(&path)
    } else {
        tree.status(&path).into_iter().collect()
    };
    Ok(Reply::json(200, &if objects.is_empty() { json!({}) } else { json!({"objects": objects}) }))
}

/// `GET /api/2.0/workspace/get-status`.
pub(super) fn get_status(databricks: &mut Databricks, _: &Behaviour, call: &Call) -> Answer {
    let path = canonical(call.query("path").unwrap_or_default())?;
    let status = databricks.tree.status(&path).ok_or_else(|| missing(&path))?;
    Ok(Reply::json(200, &status))
}

fn read_import(call: &Call) -> Result<Import, Reply> {
    let Some(parts) = &call.parts else {
        let fields = read_object(call)?;
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let content = BASE64_STANDARD.decode(text("content").unwrap_or_default());
        let overwrite = match fields.get("overwrite") {
            None => false,
            Some(value) => {
                value.as_bool().ok_or_else(|| error(400, "MALFORMED_REQUEST", "Expected a boolean at 'overwrite'."))?
            }
        };
        return Ok(Import {
            path: path_of(&fields)?,
            content: content.map_err(|e| invalid(format!("content is not base64: {e}")))?,
            format: text("format").unwrap_or_else(|| "SOURCE".into()),
            language: text("language"),
            overwrite,
        });
    };
    let text = |name: &str| parts.get(name).map(|part| String::from_utf8_lossy(part).into_owned());
    Ok(Import {
        path: canonical(&text("path").unwrap_or_default())?,
        content: parts.get("content").map(|part| part.to_vec()).unwrap_or_default(),
        format: text("format").unwrap_or_else(|| "SOURCE".into()),
        language: text("language"),
        overwrite: text("overwrite").as_deref() == Some("true"),
    })
}

/// Where an import goes and as what.
fn classify(import: &Import) -> Result<(String, Content), Reply> {
    match (import.format.as_str(), import.language.as_deref()) {
        ("SOURCE", None) => Err(invalid("The language must be given when the format is SOURCE.")),
        ("SOURCE", Some(language)) => {
            let known = NOTEBOOKS.iter().find(|(_, _, known)| *known == language);
            let (_, _, language) = known.ok_or_else(|| invalid(format!("Unknown language {language}.")))?;
            Ok((import.path.clone(), Content::Notebook { language, source: import.content.clone() }))
        }
        ("AUTO", _) => Ok(detect(&import.path, import.content.clone())),
        ("RAW", _) => Ok((import.path.clone(), Content::File(import.content.clone()))),
        ("DBC", _) if import.overwrite => Err(invalid("Overwrite cannot be used for DBC format.")),
        ("DBC" | "HTML" | "JUPYTER" | "R_MARKDOWN", _) => {
            Err(error(501, "NOT_IMPLEMENTED", format!("The sandbox does not import {}.", import.format)))
        }
        (other, _) => Err(invalid(format!("Unknown format {other}."))),
    }
}

/// A notebook by extension and first line, without its extension; else a file.
fn detect(path: &str, content: Vec<u8>) -> (String, Content) {
    let Some((stem, extension)) = path.rsplit_once('.').filter(|(_, extension)| !extension.contains('/')) else {
        return (path.to_owned(), Content::File(content));
    };
    let extension = extension.to_lowercase();
    let first_line = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first_line = first_line.strip_suffix(b"\r").unwrap_or(first_line);
    let source = NOTEBOOKS.iter().find(|(known, header, _)| *known == extension && header.as_bytes() == first_line);
    if let Some((_, _, language)) = source {
        return (stem.to_owned(), Content::Notebook { language, source: content });
    }
    let is_jupyter = extension == "ipynb"
        && serde_json::from_slice::<Value>(&content).is_ok_and(|value| value.get("cells").is_some_and(Value::is_array));
    if is_jupyter {
        let name = if stem.ends_with(".designer") { path } else { stem };
        return (name.to_owned(), Content::Notebook { language: "PYTHON", source: content });
    }
    (path.to_owned(), Content::File(content))
}

fn refuse_large(content: &Content) -> Result<(), Reply> {
    let (Content::File(bytes) | Content::Notebook { source: bytes, .. }) = content else { return Ok(()) };
    if bytes.len() <= MAX_SIZE {
        return Ok(());
    }
    let message = format!("File size imported is ({} bytes), exceeded max size ({MAX_SIZE} bytes)", bytes.len());
    Err(error(400, "MAX_NOTEBOOK_SIZE_EXCEEDED", message))
}

fn bytes_of(tree: &Tree, path: &str) -> Result<Vec<u8>, Reply> {
    match &tree.get(path).ok_or_else(|| missing(path))?.content {
        Content::File(bytes) => Ok(bytes.clone()),
        Content::Notebook { language, source } => Ok(with_header(language, source)),
        Content::Directory => Err(error(501, "NOT_IMPLEMENTED", "The sandbox does not export folders.")),
    }
}

fn with_header(language: &str, source: &[u8]) -> Vec<u8> {
    let header = NOTEBOOKS.iter().find(|(_, _, known)| *known == language).map_or("", |(_, header, _)| header);
    if source.starts_with(header.as_bytes()) || source.starts_with(b"{") {
        return source.to_vec();
    }
    [header.as_bytes(), b"\n", source].concat()
}

fn path_of(fields: &serde_json::Map<String, Value>) -> Result<String, Reply> {
    canonical(fields.get("path").and_then(Value::as_str).unwrap_or_default())
}

/// The one name of a path: `/Workspace` and a trailing slash go. Steps such as `..` are refused (unverified).
fn canonical(path: &str) -> Result<String, Reply> {
    if !path.starts_with('/') {
        return Err(invalid(format!("Path ({path}) doesn't start with '/'")));
    }
    let inner = path.strip_prefix("/Workspace").filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(path);
    let segments: Vec<&str> = inner.trim_matches('/').split('/').collect();
    if inner.trim_matches('/').is_empty() {
        return Ok("/".into());
    }
    if segments.iter().any(|segment| ["", ".", ".."].contains(segment)) {
        return Err(invalid(format!("Path ({path}) is not a valid path.")));
    }
    Ok(format!("/{}", segments.join("/")))
}

fn missing(path: &str) -> Reply {
    error(404, "RESOURCE_DOES_NOT_EXIST", format!("Path ({path}) doesn't exist."))
}

fn no_parent(folder: &str) -> Reply {
    error(404, "RESOURCE_DOES_NOT_EXIST", format!("The parent folder ({folder}) does not exist."))
}

/// What happens when a file is to replace a notebook, or the other way, is unverified.
fn other_kind(path: &str, kind: &str) -> Reply {
    invalid(format!("Path ({path}) cannot be overwritten: the existing node is of type {kind}."))
}
