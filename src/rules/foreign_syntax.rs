//! `foreign-syntax`: placeholders of other tools, which nothing fills in here.

use std::collections::BTreeSet;

use super::RuleInput;
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::Span;
use crate::yaml::{Node, Value};

/// Schemes by which dbx refers to what has a name, as its documentation lists them.
const DBX_SCHEMES: [&str; 10] = [
    "cluster://",
    "cluster-policy://",
    "instance-pool://",
    "instance-profile://",
    "service-principal://",
    "warehouse://",
    "query://",
    "dashboard://",
    "alert://",
    "pipeline://",
];
/// How dbx names a file that it uploads.
const FUSE: &str = "file:fuse://";
/// What references of Databricks bundles begin with; `var.` is Terraform's, too.
const BUNDLES: [&str; 5] = ["bundle.", "workspace.", "resources.", "var.", "artifacts."];
/// What references of Terraform begin with.
const TERRAFORM: [&str; 9] =
    ["local.", "data.", "module.", "path.", "each.", "count.", "self.", "terraform.", "databricks_"];
/// What references to values of a job begin with, which a job's tasks have and a pipeline has not.
const JOBS: [&str; 5] = ["job.", "task.", "tasks.", "workspace.", "backfill."];

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    let parameters: BTreeSet<Span> =
        subject.workflow.items.iter().flat_map(|item| &item.parameters).map(|parameter| parameter.span).collect();
    let defined: BTreeSet<&str> = subject.workflow.settings.configuration_keys().map(String::as_str).collect();
    for (text, span) in subject.workflow.texts() {
        if let Some(mut foreign) = Foreign::of(text).filter(|foreign| !foreign.is_defined(&defined)) {
            if foreign.placeholder == FUSE && parameters.contains(&span) {
                // A configuration that a parameter names so is read.
                continue;
            }
            // A program may fill in what it is given.
            foreign.is_sure &= !parameters.contains(&span) || !foreign.placeholder.starts_with("{{");
            found.push(foreign.told(subject.finding(Rule::ForeignSyntax, span, String::new())));
        }
    }
    for (path, config) in subject.configs.iter().filter(|(path, _)| subject.fresh.contains(path)) {
        let section = config.content.as_ref().and_then(|content| content.get("dlt"));
        let mut texts = Vec::new();
        if let Some(section) = section {
            collect(&section.node, &mut texts);
        }
        for (text, span) in texts {
            if let Some(foreign) = Foreign::of(text) {
                found.push(foreign.told(Diagnostic::of(Rule::ForeignSyntax, path, span, String::new())));
            }
        }
    }
}

fn collect<'n>(node: &'n Node, texts: &mut Vec<(&'n str, Span)>) {
    match &node.value {
        Value::Text(text) => texts.push((text, node.span)),
        Value::List(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Map(entries) => {
            for entry in entries {
                texts.push((&entry.key.text, entry.key.span));
                collect(&entry.node, texts);
            }
        }
        _ => {}
    }
}

/// A placeholder, the tool that would fill it in, and how sure that is.
struct Foreign<'t> {
    placeholder: &'t str,
    tool: &'static str,
    is_sure: bool,
}

impl<'t> Foreign<'t> {
    /// The first placeholder in `text`. `{{secrets/scope/key}}` is Databricks' own, and `${…}` of any other form is
    /// Spark's, which fills it in from its configuration.
    fn of(text: &'t str) -> Option<Self> {
        let sure = |placeholder, tool| Some(Self { placeholder, tool, is_sure: true });
        let unsure = |placeholder, tool| Some(Self { placeholder, tool, is_sure: false });
        if let Some(scheme) = DBX_SCHEMES.iter().find(|scheme| text.starts_with(**scheme)) {
            return sure(scheme, "dbx");
        }
        if text.starts_with(FUSE) {
            return sure(FUSE, "dbx");
        }
        if let Some((placeholder, _)) = between(text, "${{", "}}") {
            return sure(placeholder, "GitHub Actions, which fills it in only in workflow files");
        }
        for (placeholder, inner) in all_between(text, "{{", "}}") {
            if JOBS.iter().any(|prefix| inner.starts_with(prefix)) {
                return unsure(placeholder, "Databricks jobs, which fill it in for their tasks");
            }
            if !is_secret(inner) {
                return sure(placeholder, "a template engine (Jinja)");
            }
        }
        // In a condition `LIKE '{%'` is a pattern.
        if let Some((placeholder, _)) = between(text, "{%", "%}").filter(|(_, inner)| !inner.contains('\'')) {
            return sure(placeholder, "a template engine (Jinja)");
        }
        for (placeholder, inner) in all_between(text, "${", "}") {
            if BUNDLES.iter().any(|prefix| inner.starts_with(prefix)) {
                let is_variable = inner.starts_with("var.");
                return sure(
                    placeholder,
                    if is_variable { "Databricks bundles and Terraform" } else { "Databricks bundles" },
                );
            }
            if TERRAFORM.iter().any(|prefix| inner.starts_with(prefix)) {
                return sure(placeholder, "Terraform");
            }
        }
        let azure = between(text, "$(", ")").filter(|(_, inner)| is_name(inner));
        azure.and_then(|(placeholder, _)| unsure(placeholder, "Azure Pipelines"))
    }

    /// Whether it is `${key}` with a key of the workflow's own `configuration`, which Spark fills in.
    fn is_defined(&self, keys: &BTreeSet<&str>) -> bool {
        let inner = self.placeholder.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        inner.is_some_and(|inner| keys.contains(inner.trim()))
    }

    fn told(self, mut finding: Diagnostic) -> Diagnostic {
        finding.message =
            format!("`{}` is the syntax of {}; here it is deployed as it is written", self.placeholder, self.tool);
        if !self.is_sure {
            finding.severity = Severity::Warning;
        }
        finding
            .help("write the value itself; what differs between environments goes below each environment of the spec")
    }
}

/// The first stretch from `open` to `close`, and what is between them.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<(&'t str, &'t str)> {
    let start = text.find(open)?;
    let inner = &text[start + open.len()..];
    let length = inner.find(close)?;
    Some((&text[start..start + open.len() + length + close.len()], inner[..length].trim()))
}

fn all_between<'t>(mut text: &'t str, open: &'t str, close: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
    std::iter::from_fn(move || {
        let found = between(text, open, close)?;
        let start = text.find(open)? + found.0.len();
        text = &text[start..];
        Some(found)
    })
}

/// `secrets/scope/key`.
fn is_secret(inner: &str) -> bool {
    let parts: Vec<&str> = inner.split('/').collect();
    matches!(parts[..], ["secrets", scope, key] if !scope.is_empty() && !key.is_empty())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c))
}
