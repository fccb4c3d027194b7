//! A workflow of which nothing changed keeps the wheel and the notebook it has, though the project's wheel is a new one.

use serde_json::{Value, json};

use crate::desired::{CLOSURE, DEFINITION, Desired, RELEASE, definition, mark, read};
use crate::observe::{Observed, Standing};

use super::Wanted;

/// What the pipeline should become: with the code that it runs now where its closure is equal and the objects of that
/// code are still there, else with the new code.
pub(super) fn with_standing_code(folder: &str, desired: &Desired, standing: &Standing, observed: &Observed) -> Wanted {
    let new = Wanted { settings: desired.settings.clone(), artifacts: desired.artifacts.clone() };
    if read(&standing.settings, CLOSURE) != read(&desired.settings, CLOSURE) {
        return new;
    }
    let artifacts: Vec<String> =
        read(&standing.settings, RELEASE).unwrap_or_default().split(',').map(str::to_owned).collect();
    let there = |name: &String| observed.objects.as_ref().is_some_and(|objects| objects.contains(name));
    if artifacts.len() != desired.artifacts.len() || !artifacts.iter().all(there) {
        return new;
    }
    let mut settings = desired.settings.clone();
    for (new, old) in desired.artifacts.iter().zip(&artifacts) {
        let paths = [new, old].map(|name| format!("{folder}/{name}"));
        settings.values_mut().for_each(|value| replace(value, &paths[0], &paths[1]));
    }
    mark(&mut settings, RELEASE, &artifacts.join(","));
    let definition = definition(&settings);
    mark(&mut settings, DEFINITION, &definition);
    Wanted { settings, artifacts }
}

/// Replaces a workspace path, in both of its spellings, wherever a whole text is that path.
fn replace(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) if text.strip_prefix("/Workspace").unwrap_or(text) == from => {
            *value = json!(text.replace(from, to));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, from, to)),
        Value::Object(fields) => fields.values_mut().for_each(|field: &mut Value| replace(field, from, to)),
        _ => {}
    }
}
