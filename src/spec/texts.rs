//! The texts of a workflow, each with its place.

use serde_json::Value;

use super::{Dependency, Workflow};
use crate::source::Span;
use crate::yaml::pointer;

impl Workflow {
    /// Its name, the texts of its settings, and those of its tasks, each with its place.
    pub fn texts(&self) -> Vec<(&str, Span)> {
        let mut texts = vec![(self.name.value.as_str(), self.name.span)];
        for (field, value) in &self.settings {
            inside(value, &pointer("", field), self, &mut texts);
        }
        for item in &self.items {
            texts.push((item.python_file.value.as_str(), item.python_file.span));
            texts.extend(item.parameters.iter().map(|parameter| (parameter.value.as_str(), parameter.span)));
        }
        texts.extend(self.dependencies.iter().map(|dependency| match dependency {
            Dependency::Package { requirement: text, .. } | Dependency::RemoteWheel(text) => {
                (text.value.as_str(), text.span)
            }
            Dependency::LocalWheel(path) => (path.value.as_str(), path.span),
        }));
        texts
    }
}

fn inside<'w>(value: &'w Value, at: &str, workflow: &'w Workflow, texts: &mut Vec<(&'w str, Span)>) {
    match value {
        Value::String(text) => texts.push((text, workflow.place(at))),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| inside(item, &format!("{at}/{index}"), workflow, texts));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(field, value)| inside(value, &pointer(at, field), workflow, texts));
        }
        _ => {}
    }
}
