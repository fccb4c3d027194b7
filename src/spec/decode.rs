//! A spec file → its environments and their workflows, with every mistake.

use serde_json::{Map, Value};

use super::fields::WORKFLOW;
use super::{Environment, Spanned, SpecFile, Workflow, tasks};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, nearest};
use crate::project::Project;
use crate::source::{Source, Span};
use crate::yaml::{self, Entry, Key, Node, Value as NodeValue};

/// Characters of a workflow's name at most; a preview puts its prefix before it.
const MAX_NAME: usize = 200;

/// Reads a spec file in one of its shapes: `<environment>: workflows: […]`, or the same below `environments:`.
///
/// The findings given beside the file are about it as a whole; what belongs to one environment or workflow stays there,
/// since only what is selected can fail a run. All have the severity that the project gives their rules.
pub fn decode(source: &Source, project: &Project) -> (SpecFile, Diagnostics) {
    let (node, mut findings) = yaml::parse(source);
    let mut file = SpecFile { path: source.path.clone(), environments: Vec::new() };
    let Some(node) = node else { return (file, findings) };
    let entries = environments(&node, project);
    if entries.is_empty() {
        let message = "the file has no environment with `workflows`";
        let finding = Diagnostic::of(Rule::MissingField, &source.path, node.span, message);
        findings.push(finding.help("write `<environment>:` and below it `workflows:` with a list"));
    }
    for entry in entries {
        let name = &entry.key.text;
        if project.target(name).is_none() {
            findings.push(unknown_environment(source, &entry.key, project));
        }
        file.environments.push(environment(source, project, entry));
    }
    (file, project.apply_severities(findings))
}

/// Below `environments` every key is an environment; else each top-level key that a target is named after or that has
/// `workflows`. The rest holds anchors.
fn environments<'n>(node: &'n Node, project: &Project) -> Vec<&'n Entry> {
    if let Some(nested) = node.get("environments") {
        return nested.node.entries().iter().collect();
    }
    let is_environment =
        |entry: &&Entry| entry.node.get("workflows").is_some() || project.target(&entry.key.text).is_some();
    node.entries().iter().filter(is_environment).collect()
}

fn unknown_environment(source: &Source, key: &Key, project: &Project) -> Diagnostic {
    let names = || project.targets.iter().map(|target| target.name.as_str());
    let message = format!("`{}` has no target in `{}`", key.text, project.file);
    let finding = Diagnostic::of(Rule::UnknownEnvironment, &source.path, key.span, message);
    match nearest(&key.text, names()) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("add it below `targets`, or remove it here"),
    }
}

fn environment(source: &Source, project: &Project, entry: &Entry) -> Environment {
    let name = Spanned { value: entry.key.text.clone(), span: entry.key.span };
    let mut findings = Diagnostics::default();
    if !matches!(entry.node.value, NodeValue::Map(_)) {
        findings.push(wrong(source, name.span, &entry.node, &format!("`{}`", name.value), "a mapping"));
    }
    for Entry { key, .. } in entry.node.entries().iter().filter(|inner| inner.key.text != "workflows") {
        let message = format!("`{}` is no field of an environment", key.text);
        findings
            .push(Diagnostic::of(Rule::UnknownField, &source.path, key.span, message).help("it has `workflows` alone"));
    }
    let listed = entry.node.get("workflows").filter(|entry| entry.node.value != NodeValue::Null);
    if listed.is_none() {
        let message = format!("`workflows` is missing in `{}`", name.value);
        findings.push(Diagnostic::of(Rule::MissingField, &source.path, name.span, message));
    }
    let workflows = listed.map(|entry| workflows(source, project, &name.value, entry, &mut findings));
    Environment { name, workflows: workflows.unwrap_or_default(), findings: project.apply_severities(findings) }
}

fn workflows(
    source: &Source,
    project: &Project,
    environment: &str,
    entry: &Entry,
    outer: &mut Diagnostics,
) -> Vec<Workflow> {
    let NodeValue::List(nodes) = &entry.node.value else {
        outer.push(wrong(source, entry.key.span, &entry.node, "`workflows`", "a list"));
        return Vec::new();
    };
    let mut workflows = Vec::new();
    for node in nodes {
        if matches!(node.value, NodeValue::Map(_)) {
            workflows.extend(workflow(source, project, environment, node, outer));
        } else {
            outer.push(wrong(source, node.span, node, "a workflow", "a mapping"));
        }
    }
    workflows
}

fn wrong(source: &Source, span: Span, node: &Node, what: &str, wanted: &str) -> Diagnostic {
    let message = format!("{what} is {}, where {wanted} is wanted", node.kind());
    Diagnostic::of(Rule::WrongType, &source.path, span, message)
}

/// One workflow; without a name it is none, and what was found goes to the environment.
fn workflow(
    source: &Source,
    project: &Project,
    environment: &str,
    node: &Node,
    outer: &mut Diagnostics,
) -> Option<Workflow> {
    let at = node.get("name").map_or(node.span, |entry| entry.node.span);
    let decoded = yaml::decode(source, node, at, &WORKFLOW);
    let mut reading = Reading { source, project, places: decoded.places, findings: decoded.findings };
    let Value::Object(mut settings) = decoded.value else { return None };
    let name = settings.remove("name");
    let tasks = settings.remove("tasks").unwrap_or_default();
    let (items, dependencies) = (tasks::items(&tasks, &mut reading), tasks::dependencies(&tasks, &mut reading));
    reading.refuse_reserved(&mut settings);
    let name = name.as_ref().and_then(Value::as_str).and_then(|name| reading.name(name, at));
    let Reading { mut places, findings, .. } = reading;
    let Some(value) = name else {
        outer.extend(findings);
        return None;
    };
    places.retain(|pointer, _| pointer != "/name" && pointer != "/tasks" && !pointer.starts_with("/tasks/"));
    Some(Workflow {
        name: Spanned { value, span: at },
        environment: environment.to_owned(),
        spec: source.path.clone(),
        settings,
        places,
        items,
        dependencies,
        findings: project.apply_severities(findings),
    })
}

/// A workflow while it is read.
pub(super) struct Reading<'a> {
    pub(super) source: &'a Source,
    pub(super) project: &'a Project,
    pub(super) places: std::collections::BTreeMap<String, Span>,
    pub(super) findings: Diagnostics,
}

impl Reading<'_> {
    /// The place of a JSON pointer into the workflow as it is written.
    pub(super) fn place(&self, pointer: &str) -> Span {
        self.places.get(pointer).copied().unwrap_or_default()
    }

    /// Adds a finding of `rule` at a JSON pointer.
    pub(super) fn push(&mut self, rule: Rule, pointer: &str, message: String, help: &str) {
        let finding = Diagnostic::of(rule, &self.source.path, self.place(pointer), message);
        self.findings.push(if help.is_empty() { finding } else { finding.help(help) });
    }

    fn name(&mut self, name: &str, at: Span) -> Option<String> {
        let wrong = if name.trim().is_empty() {
            "is empty"
        } else if name.trim() != name || name.contains(char::is_control) {
            "has spaces around it or control characters in it"
        } else if name.chars().count() > MAX_NAME {
            "is longer than 200 characters"
        } else {
            return Some(name.to_owned());
        };
        let message = format!("the name of the workflow {wrong}");
        self.findings.push(Diagnostic::of(Rule::BadValue, &self.source.path, at, message));
        None
    }

    fn refuse_reserved(&mut self, settings: &mut Map<String, Value>) {
        if settings.remove("allow_duplicate_names") == Some(Value::Bool(true)) {
            let message = "`allow_duplicate_names` cannot be set".to_owned();
            self.push(
                Rule::ReservedField,
                "/allow_duplicate_names",
                message,
                "pipelines are found by their name; remove it",
            );
        }
        self.places.remove("/allow_duplicate_names");
        let configuration = settings.get("configuration").and_then(Value::as_object);
        for key in configuration.into_iter().flat_map(Map::keys).filter(|key| key.starts_with("dltflow.")) {
            let message = format!("`{key}` cannot be set");
            self.push(
                Rule::ReservedField,
                &yaml::pointer("/configuration", key),
                message,
                "`dltflow.` begins the marks of dltflow",
            );
        }
        let lines = settings.get("environment").and_then(|environment| environment.get("dependencies"));
        for (index, line) in lines.and_then(Value::as_array).into_iter().flatten().enumerate() {
            let at = format!("/environment/dependencies/{index}");
            if line.as_str().is_some_and(|line| line.contains(char::is_control)) {
                self.push(
                    Rule::BadValue,
                    &at,
                    "a dependency has control characters in it".to_owned(),
                    "write one line",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests;
