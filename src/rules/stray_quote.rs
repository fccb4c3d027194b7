//! `stray-quote`: `node_type_id: Standard_DS3_v2"` is a text that ends in a quote.

use serde_json::Value;

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};
use crate::source::Span;
use crate::spec::{Dependency, Workflow};
use crate::yaml::pointer;

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for (text, span) in texts(subject.workflow) {
        if let Some(mended) = mended(text) {
            let finding = subject.finding(Rule::StrayQuote, span, format!("`{text}` has a quote on one side only"));
            found.push(finding.help(format!("write `{mended}`")));
        }
    }
}

/// The text without its quote if it has exactly one and at an end. An apostrophe of a sentence is none, nor is a
/// quote alone: that is a setting, such as the quote character of CSV.
fn mended(text: &str) -> Option<&str> {
    let single = |quote| text.matches(quote).count() == 1 && (quote == '"' || !text.contains(char::is_whitespace));
    let without = |quote| text.strip_suffix(quote).or_else(|| text.strip_prefix(quote));
    let mut quotes = ['"', '\''].into_iter().filter(|quote| single(*quote));
    quotes.find_map(without).filter(|mended| !mended.is_empty())
}

fn texts(workflow: &Workflow) -> Vec<(&str, Span)> {
    let mut texts = vec![(workflow.name.value.as_str(), workflow.name.span)];
    for (field, value) in &workflow.settings {
        inside(value, &pointer("", field), workflow, &mut texts);
    }
    for item in &workflow.items {
        texts.push((item.python_file.value.as_str(), item.python_file.span));
        texts.extend(item.parameters.iter().map(|parameter| (parameter.value.as_str(), parameter.span)));
    }
    texts.extend(workflow.dependencies.iter().map(|dependency| match dependency {
        Dependency::Package { requirement: text, .. } | Dependency::RemoteWheel(text) => {
            (text.value.as_str(), text.span)
        }
        Dependency::LocalWheel(path) => (path.value.as_str(), path.span),
    }));
    texts
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
