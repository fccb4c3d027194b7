//! `tasks`: the Python files of a workflow and the packages that it needs.

use serde_json::Value;

use super::decode::SpecReader;
use super::{Dependency, Item, Spanned};
use crate::diagnostic::Rule;

/// What the platform or the release puts on every pipeline.
const PROVIDED: [&str; 5] = ["databricks-connect", "databricks-dlt", "dlt", "dltflow", "pyspark"];

/// `tasks.items`; each item whose file is a path inside the checkout.
pub(super) fn items(tasks: &Value, reader: &mut SpecReader<'_>) -> Vec<Item> {
    let listed = list(tasks, "items");
    if listed.is_empty() && reader.places.contains_key("/tasks/items") {
        let message = "`items` is empty".to_owned();
        reader.push(Rule::MissingField, "/tasks/items", message, "name a `python_file` to run");
    }
    listed.iter().enumerate().filter_map(|(index, item)| self::item(item, index, reader)).collect()
}

fn item(item: &Value, index: usize, reader: &mut SpecReader<'_>) -> Option<Item> {
    let at = format!("/tasks/items/{index}");
    let file_at = format!("{at}/python_file");
    let text = text(item, "python_file")?;
    let parameters = list(item, "parameters").iter().enumerate().filter_map(|(number, parameter)| {
        let span = reader.place(&format!("{at}/parameters/{number}"));
        Some(Spanned { value: parameter.as_str()?.to_owned(), span })
    });
    let parameters: Vec<_> = parameters.collect();
    if let Some(parameter) = parameters.iter().position(|parameter| parameter.value.contains('\0')) {
        let at = format!("{at}/parameters/{parameter}");
        reader.push(Rule::BadValue, &at, "a parameter has a NUL character in it".to_owned(), "");
    }
    match reader.project.folder.join(text) {
        Ok(path) if path.extension() != "py" => {
            let help = "a task names one Python file, ending in `.py`";
            reader.push(Rule::BadValue, &file_at, format!("`{text}` is not a Python file"), help);
            None
        }
        Ok(value) => Some(Item { python_file: Spanned { value, span: reader.place(&file_at) }, parameters }),
        Err(bad) => {
            let help = "it is relative to the folder of `dltflow.yml`";
            reader.push(Rule::BadValue, &file_at, format!("`{}` {bad}", text.escape_debug()), help);
            None
        }
    }
}

/// `tasks.dependencies`, without those that are provided.
pub(super) fn dependencies(tasks: &Value, reader: &mut SpecReader<'_>) -> Vec<Dependency> {
    let listed = list(tasks, "dependencies").iter().enumerate();
    listed.filter_map(|(index, dependency)| self::dependency(dependency, index, reader)).collect()
}

fn dependency(dependency: &Value, index: usize, reader: &mut SpecReader<'_>) -> Option<Dependency> {
    let at = format!("/tasks/dependencies/{index}");
    match (dependency.get("whl"), dependency.get("pypi")) {
        (Some(wheel), None) => self::wheel(wheel.as_str()?, &format!("{at}/whl"), reader),
        (None, Some(package)) => self::package(package, &format!("{at}/pypi"), reader),
        _ => {
            let message = "a dependency has exactly one of `whl` and `pypi`".to_owned();
            reader.push(Rule::BadValue, &at, message, "write one entry for each");
            None
        }
    }
}

fn wheel(text: &str, at: &str, reader: &mut SpecReader<'_>) -> Option<Dependency> {
    let span = reader.place(at);
    if text.contains(char::is_control) || text.trim().is_empty() {
        reader.push(Rule::BadValue, at, "the path of a wheel is empty or has control characters in it".to_owned(), "");
        return None;
    }
    let file = text.rsplit('/').next().unwrap_or_default();
    if provided(file.split('-').next().unwrap_or_default(), at, reader) {
        return None;
    }
    if text.starts_with("file:") {
        reader.push(Rule::BadValue, at, format!("`{text}` is not a path"), "write the path of the wheel alone");
        return None;
    }
    if text.starts_with('/') || text.starts_with("dbfs:") || text.contains("://") {
        return Some(Dependency::RemoteWheel(Spanned { value: text.to_owned(), span }));
    }
    match reader.project.folder.join(text) {
        Ok(value) => Some(Dependency::LocalWheel(Spanned { value, span })),
        Err(bad) => {
            reader.push(Rule::BadValue, at, format!("`{text}` {bad}"), "it is relative to the folder of `dltflow.yml`");
            None
        }
    }
}

fn package(pypi: &Value, at: &str, reader: &mut SpecReader<'_>) -> Option<Dependency> {
    let package_at = format!("{at}/package");
    let requirement = text(pypi, "package")?.trim();
    // A leading dash would be an option of pip.
    if requirement.is_empty() || requirement.starts_with('-') || requirement.contains(char::is_control) {
        let message = format!("`{}` is not a valid requirement", requirement.escape_debug());
        reader.push(Rule::BadValue, &package_at, message, "write it as pip reads it, such as `requests==2.32`");
        return None;
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name = requirement.split(|c| !is_name(c)).next().unwrap_or_default();
    if provided(name, &package_at, reader) {
        return None;
    }
    let index = text(pypi, "repo").map(str::to_owned);
    if let Some(repo) = index.as_deref().filter(|repo| !is_index(repo)) {
        let message = format!("`{}` is not the URL of a package index", repo.escape_debug());
        reader.push(Rule::BadValue, &format!("{at}/repo"), message, "");
        return None;
    }
    let requirement = Spanned { value: requirement.to_owned(), span: reader.place(&package_at) };
    Some(Dependency::Package { requirement, index })
}

fn is_index(text: &str) -> bool {
    let plain = !text.contains(|c: char| c.is_control() || c.is_whitespace());
    plain && url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Whether every pipeline has the package already, which gets a warning; names are compared as pip does.
fn provided(name: &str, at: &str, reader: &mut SpecReader<'_>) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let provided = PROVIDED.contains(&name.as_str());
    if provided {
        let message = format!("`{name}` is ignored: every pipeline already has it");
        reader.push(Rule::ProvidedPackage, at, message, "remove it");
    }
    provided
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}
