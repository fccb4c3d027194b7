//! A spec file → its environments and their workflows, with every mistake.

use std::sync::LazyLock;

use serde_json::Value;

use super::{Environment, Spanned, SpecFile, Workflow, tasks};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Severity, did_you_mean};
use crate::pipeline::Settings;
use crate::pipeline::ownership::{self, OwnershipKey};
use crate::project::Project;
use crate::schema::{self, Dialect, JsonSchema, KeyPath, Scalars};
use crate::source::{Source, Span};
use crate::yaml::{self, Entry, Node, Value as NodeValue};

/// The fields of a workflow.
const WORKFLOW: &str = include_str!("workflow.schema.json");

/// An environment; its workflows are read one by one.
const ENVIRONMENT: &str = r#"{
    "type": "object",
    "additionalProperties": false,
    "required": ["workflows"],
    "properties": {"workflows": {"type": "array", "items": {"type": "object", "additionalProperties": {}}}}
}"#;

/// A field or value that is not known here may be newer than this program: projects can allow it.
const DIALECT: Dialect = Dialect {
    wrong_type: Rule::WrongType,
    unknown_key: Rule::UnknownField,
    unknown_value: Rule::UnknownValue,
    missing_key: Rule::MissingField,
    bad_value: Rule::BadValue,
    scalars: Scalars::Lenient { warn_of_quotes: true },
};

/// Characters of a workflow's name at most; a preview puts its prefix before it.
const MAX_NAME: usize = 200;

/// Reads a spec file in one of its shapes: `<environment>: workflows: […]`, or the same below `environments:`.
///
/// The findings given beside the file are about it as a whole; what belongs to one environment or workflow is kept there,
/// since only what is selected can fail a run. All have the severity that the project gives their rules.
pub fn decode(source: &Source, project: &Project) -> (SpecFile, Diagnostics) {
    let (node, read) = yaml::parse(source);
    let mut file = SpecFile { path: source.path.clone(), environments: Vec::new() };
    let Some(node) = node else { return (file, read) };
    let entries = environments(&node, project);
    let mut findings = Diagnostics::default();
    if entries.is_empty() {
        findings.extend(no_environment(source, &node, project));
    }
    let can_be_deployed = entries.iter().any(|entry| project.target(&entry.key.text).is_some());
    let mut outside = read.clone();
    for entry in entries {
        let mut environment = environment(source, project, entry);
        if project.target(&entry.key.text).is_none() {
            findings.push(unknown_environment(source, entry, project, can_be_deployed));
        } else if !read.is_empty() {
            let places = entry.places();
            let is_inside = |finding: &Diagnostic| finding.at.span.is_some_and(|span| places.contains(&span));
            environment.findings.extend(read.iter().filter(|finding| is_inside(finding)).cloned());
            outside.retain(|finding| !is_inside(finding));
        }
        file.environments.push(environment);
    }
    outside.extend(findings);
    (file, project.apply_severities(outside))
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

/// What to say of a file without an environment: nothing of one that holds anchors for people to copy from.
fn no_environment(source: &Source, node: &Node, project: &Project) -> Option<Diagnostic> {
    let entries = node.entries();
    let is_helper = |entry: &Entry| is_helper(source, entry);
    if !entries.is_empty() && entries.iter().all(is_helper) {
        return None;
    }
    let message = "the file has no environment with `workflows`, so nothing can be deployed from it";
    let others = || entries.iter().filter(|entry| !is_helper(entry));
    let names = || targets(project).chain(["environments"]);
    let misspelt = others()
        .filter(|entry| entry.key.text != "environments")
        .find_map(|entry| Some((entry, did_you_mean(&entry.key.text, names())?)));
    let misspelt = misspelt.or_else(|| {
        let help = "write the name of the environment above it".to_owned();
        others().find(|entry| entry.key.text == "workflows").map(|entry| (entry, help))
    });
    let mut finding = Diagnostic::of(Rule::NoWorkflows, &source.path, node.span, message);
    if let Some((entry, help)) = misspelt {
        finding.at.span = Some(entry.key.span);
        finding.severity = Severity::Error;
        return Some(finding.help(help));
    }
    if !matches!(node.value, NodeValue::Map(_)) {
        finding.severity = Severity::Error;
    }
    Some(finding.help("write `<environment>:` and below it `workflows:` with a list, or move the file elsewhere"))
}

/// Whether what is below the key is there to be copied from: named for that, or with an anchor before it or right below.
fn is_helper(source: &Source, entry: &Entry) -> bool {
    let is_anchored = |entry: &Entry| {
        source.text.get(entry.key.span.end..entry.node.span.start).is_some_and(|before| before.contains('&'))
    };
    let named = entry.key.text.starts_with("x-") || entry.key.text.starts_with('.');
    let below = entry.node.entries();
    named || is_anchored(entry) || !below.is_empty() && below.iter().all(is_anchored)
}

fn targets(project: &Project) -> impl Iterator<Item = &str> {
    project.targets.iter().map(|target| target.name.as_str())
}

/// An environment that no target has. If that is all that is in the file, and it is a target misspelt, nothing of it would
/// ever be deployed.
fn unknown_environment(source: &Source, entry: &Entry, project: &Project, can_be_deployed: bool) -> Diagnostic {
    let name = &entry.key.text;
    let finding = |message: String| Diagnostic::of(Rule::UnknownEnvironment, &source.path, entry.key.span, message);
    if name == "workflows" && matches!(entry.node.value, NodeValue::List(_)) {
        let message = "the name of an environment is missing between `environments` and `workflows`";
        let mut finding = finding(message.to_owned());
        finding.severity = Severity::Error;
        return finding.help("write `environments:`, below it `<environment>:`, and below that `workflows:`");
    }
    let mut finding = finding(format!("`{name}` has no target in `{}`", project.file));
    let near = did_you_mean(name, targets(project));
    if near.is_some() && !can_be_deployed {
        finding.severity = Severity::Error;
    }
    finding.help(near.unwrap_or_else(|| "add it below `targets`, or remove it here".to_owned()))
}

fn environment(source: &Source, project: &Project, entry: &Entry) -> Environment {
    static SCHEMA: LazyLock<JsonSchema> = LazyLock::new(|| JsonSchema::of(ENVIRONMENT));
    let name = Spanned { value: entry.key.text.clone(), span: entry.key.span };
    let mut findings = Diagnostics::default();
    if matches!(entry.node.value, NodeValue::Map(_)) {
        // Without its name: two environments that share their workflows by an anchor share their mistakes.
        findings.extend(schema::decode(source, &entry.node, &KeyPath::root(name.span), &SCHEMA, &DIALECT).findings);
    } else {
        let message = format!("`{}` must be a mapping, not {}", name.value, schema::quoted(&entry.node.value));
        findings.push(Diagnostic::of(Rule::WrongType, &source.path, entry.node.span, message));
    }
    let listed = entry.node.get("workflows").map(|entry| &entry.node.value);
    let nodes = if let Some(NodeValue::List(nodes)) = listed { nodes.as_slice() } else { &[] };
    let nodes = nodes.iter().filter(|node| matches!(node.value, NodeValue::Map(_)));
    let workflows = nodes.filter_map(|node| workflow(source, project, &name.value, node, &mut findings)).collect();
    Environment { name, workflows, findings: project.apply_severities(findings) }
}

/// One workflow; without a name there is none, and its findings are those of the environment.
fn workflow(
    source: &Source,
    project: &Project,
    environment: &str,
    node: &Node,
    outer: &mut Diagnostics,
) -> Option<Workflow> {
    static SCHEMA: LazyLock<JsonSchema> = LazyLock::new(|| JsonSchema::of(WORKFLOW));
    let at = node.get("name").map_or(node.span, |entry| entry.node.span);
    let decoded = schema::decode(source, node, &KeyPath::root(at), &SCHEMA, &DIALECT);
    let mut reader = SpecReader { source, project, places: decoded.places, findings: decoded.findings };
    let Value::Object(mut fields) = decoded.value else { return None };
    let name = fields.remove("name");
    let tasks = fields.remove("tasks").unwrap_or_default();
    let mut settings = Settings::from(fields);
    let (items, dependencies) = (tasks::items(&tasks, &mut reader), tasks::dependencies(&tasks, &mut reader));
    reader.refuse_reserved(&mut settings);
    let name = name.as_ref().and_then(Value::as_str).and_then(|name| reader.name(name, at));
    let SpecReader { mut places, findings, .. } = reader;
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
pub(super) struct SpecReader<'a> {
    pub(super) source: &'a Source,
    pub(super) project: &'a Project,
    pub(super) places: std::collections::BTreeMap<String, Span>,
    pub(super) findings: Diagnostics,
}

impl SpecReader<'_> {
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

    fn refuse_reserved(&mut self, settings: &mut Settings) {
        if settings.take_allow_duplicate_names() {
            let message = "`allow_duplicate_names` cannot be set".to_owned();
            self.push(
                Rule::ReservedField,
                "/allow_duplicate_names",
                message,
                "pipelines are found by their name; remove it",
            );
        }
        self.places.remove("/allow_duplicate_names");
        for key in settings.configuration_keys().filter(|key| OwnershipKey::is_reserved(key)) {
            let message = format!("`{key}` cannot be set");
            self.push(
                Rule::ReservedField,
                &yaml::pointer("/configuration", key),
                message,
                &format!("keys that begin with `{}` are set by dltflow", ownership::PREFIX),
            );
        }
        for (index, line) in settings.dependencies().iter().enumerate() {
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
