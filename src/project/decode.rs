//! `dltflow.yml` → [`Project`]: what its schema says, and what no schema can say.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::folder::{on_dbfs, workspace_folder};
use super::name::{BadName, is_reserved, plain_name};
use super::version::{REQUIRED_VERSION, requirement};
use super::{DeployRules, Install, PreviewRules, Project, Target};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Severity, did_you_mean};
use crate::host::Address;
use crate::ref_filter::RefFilter;
use crate::schema::{self, Dialect, JsonSchema, KeyPath, Scalars};
use crate::source::{RepoPath, Source, Span};
use crate::yaml;

const SCHEMA: &str = include_str!("project.schema.json");

/// What is unknown here is not a field of a service that might be newer: it is an error whatever `check:` says.
const DIALECT: Dialect = Dialect {
    wrong_type: Rule::WrongType,
    unknown_key: Rule::UnknownKey,
    unknown_value: Rule::BadValue,
    missing_key: Rule::MissingField,
    bad_value: Rule::BadValue,
    scalars: Scalars::Lenient { warn_of_quotes: false },
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProjectTable {
    #[serde(rename = "required-version")]
    required_version: Option<String>,
    dltflow: NameTable,
    include: IncludeTable,
    install: String,
    check: BTreeMap<String, String>,
    targets: BTreeMap<String, TargetTable>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NameTable {
    name: Option<String>,
    id: Option<String>,
    launch_method: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct IncludeTable {
    code: NameTable,
    conf: NameTable,
    workflows: NameTable,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct TargetTable {
    mode: String,
    default: bool,
    workspace: WorkspaceTable,
    deploy: DeployTable,
    preview: PreviewTable,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct WorkspaceTable {
    host: Option<String>,
    root_path: Option<String>,
    artifact_path: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct DeployTable {
    pull_requests: bool,
    branches: Vec<String>,
    tags: Vec<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct PreviewTable {
    isolate: Option<bool>,
    allow: Vec<String>,
    run_as: Option<Map<String, Value>>,
    clusters: Map<String, Value>,
}

pub(super) fn project(source: &Source) -> (Option<Project>, Diagnostics) {
    static ROOT: LazyLock<JsonSchema> = LazyLock::new(|| JsonSchema::of(SCHEMA));
    let (node, mut findings) = yaml::parse(source);
    let Some(node) = node else { return (None, findings) };
    let decoded = schema::decode(source, &node, &KeyPath::root(node.span), &ROOT, &DIALECT);
    findings.extend(decoded.findings);
    let table: ProjectTable = serde_json::from_value(decoded.value).unwrap_or_default();
    let mut places = decoded.places;
    // What can be wrong with an entry of `check` is wrong with its key.
    let entries = |key| node.get(key).map(|entry| entry.node.entries()).unwrap_or_default();
    places.extend(entries("check").iter().map(|entry| (yaml::pointer("/check", &entry.key.text), entry.key.span)));
    let mut reader = ProjectReader { source, places, findings };
    let order = entries("targets");
    let project = reader.project(table, order.iter().map(|entry| entry.key.text.as_str()));
    if reader.findings.has_errors() {
        return (None, reader.findings);
    }
    let findings = project.apply_severities(reader.findings);
    (Some(project), findings)
}

struct ProjectReader<'a> {
    source: &'a Source,
    places: BTreeMap<String, Span>,
    findings: Diagnostics,
}

impl ProjectReader<'_> {
    fn project<'n>(&mut self, table: ProjectTable, order: impl Iterator<Item = &'n str>) -> Project {
        let folder = self.source.path.parent().unwrap_or_default();
        let name = table.dltflow.name.unwrap_or_default();
        self.required_version(table.required_version.as_deref());
        self.plain_name("/dltflow/name", &name);
        if let Some(id) = &table.dltflow.id {
            self.plain_name("/dltflow/id", id);
        }
        let include = &table.include;
        if let Some(method) = include.code.launch_method.as_deref().filter(|method| !is_identifier(method)) {
            self.bad("/include/code/launch_method", format!("`{method}` is not a valid name for a Python method"));
        }
        let code = self.folder(&folder, "/include/code/name", include.code.name.as_deref().unwrap_or(&name));
        let conf = self.folder(&folder, "/include/conf/name", include.conf.name.as_deref().unwrap_or("conf"));
        let workflows = include.workflows.name.as_deref().unwrap_or("workflows");
        let workflows = self.folder(&folder, "/include/workflows/name", workflows);
        let checks = table.check.into_iter().filter_map(|(code, severity)| self.check(&code, &severity)).collect();
        let target = |name: &str| self.target(name, table.targets.get(name).cloned().unwrap_or_default());
        let targets: Vec<Target> = order.map(target).collect();
        self.defaults(&targets);
        Project {
            folder,
            file: self.source.path.clone(),
            repository: None,
            name,
            id: table.dltflow.id,
            code,
            conf,
            workflows,
            launch_method: table.include.code.launch_method,
            install: match table.install.as_str() {
                "environment" => Install::Environment,
                "notebook" => Install::Notebook,
                _ => Install::Auto,
            },
            checks,
            targets,
        }
    }

    fn target(&mut self, name: &str, table: TargetTable) -> Target {
        let at = yaml::pointer("/targets", name);
        self.plain_name(&at, name);
        if is_reserved(name) {
            self.bad(&at, format!("`{name}` {}", BadName::Reserved));
        }
        if table.preview.run_as.as_ref().is_some_and(|identity| identity.len() != 1) {
            self.bad(&format!("{at}/preview/run_as"), "`run_as` must name exactly one identity".to_owned());
        }
        let workspace = format!("{at}/workspace");
        let DeployTable { pull_requests, branches, tags } = table.deploy;
        Target {
            name: name.to_owned(),
            production: table.mode == "production",
            default: table.default,
            address: self.parsed(&format!("{workspace}/host"), table.workspace.host, Address::parse),
            root_path: self.parsed(&format!("{workspace}/root_path"), table.workspace.root_path, workspace_folder),
            artifact_path: self.artifact_path(&format!("{workspace}/artifact_path"), table.workspace.artifact_path),
            deploy: DeployRules {
                pull_requests,
                branches: self.filter(&format!("{at}/deploy/branches"), &branches),
                tags: self.filter(&format!("{at}/deploy/tags"), &tags),
            },
            preview: PreviewRules {
                isolate: table.preview.isolate.unwrap_or(true),
                allow: table.preview.allow,
                run_as: table.preview.run_as.map(Value::Object),
                clusters: table.preview.clusters,
            },
        }
    }

    fn filter(&mut self, at: &str, texts: &[String]) -> RefFilter {
        let mut filter = RefFilter::default();
        for (index, text) in texts.iter().enumerate() {
            let at = format!("{at}/{index}");
            if let Err(bad) = filter.push(text) {
                self.report(Rule::BadValue, &at, format!("`{text}` {bad}"), bad.hint());
            } else if text.trim_start_matches('!').starts_with("refs/") {
                let message = format!("`{text}` is compared with names, which do not begin with `refs/`");
                self.report(Rule::UnmatchedPattern, &at, message, "leave out `refs/heads/` or `refs/tags/`");
            }
        }
        if filter.only_excludes() {
            let message = "every pattern of the list begins with `!`, so nothing is deployed".to_owned();
            self.report(Rule::UnmatchedPattern, at, message, "begin with a pattern of what to deploy, such as `**`");
        }
        filter
    }

    fn artifact_path(&mut self, at: &str, text: Option<String>) -> Option<String> {
        if let Some(text) = text.as_deref().filter(|text| on_dbfs(text)) {
            let message = format!("`{text}` is on DBFS, where nothing is uploaded; `root_path` is used instead");
            self.report(Rule::OldSpelling, at, message, "remove `artifact_path`, or name a workspace folder");
            return None;
        }
        self.parsed(at, text, workspace_folder)
    }

    fn required_version(&mut self, text: Option<&str>) {
        if let Some(text) = text.filter(|text| requirement(text).is_none()) {
            let at = yaml::pointer("", REQUIRED_VERSION);
            self.bad(&at, format!("`{text}` is not a requirement of versions, such as `>=0.4`"));
        }
    }

    fn check(&mut self, code: &str, severity: &str) -> Option<(Rule, Option<Severity>)> {
        let at = yaml::pointer("/check", code);
        let rule = Rule::named(code);
        match rule {
            Some(rule) if rule.is_switchable() => {}
            Some(_) => self.bad(&at, format!("`{code}` is always an error")),
            None => {
                let near = did_you_mean(code, Rule::ALL.iter().map(|rule| rule.code()));
                let near = near.map(|near| format!("; {near}")).unwrap_or_default();
                self.bad(&at, format!("unknown rule `{code}`{near}"));
            }
        }
        let severity = match severity {
            "off" => None,
            "note" => Some(Severity::Note),
            "warning" => Some(Severity::Warning),
            _ => Some(Severity::Error),
        };
        rule.map(|rule| (rule, severity))
    }

    fn defaults(&mut self, targets: &[Target]) {
        if targets.is_empty() && self.places.contains_key("/targets") {
            self.bad("/targets", "`targets` is empty: name the environments to deploy to".to_owned());
        }
        for target in targets.iter().filter(|target| target.default).skip(1) {
            let at = format!("{}/default", yaml::pointer("/targets", &target.name));
            self.bad(&at, format!("`{}` is a second default target", target.name));
        }
    }

    fn folder(&mut self, folder: &RepoPath, at: &str, text: &str) -> RepoPath {
        let path = folder.join(text).unwrap_or_else(|bad| {
            self.bad(at, format!("`{text}` {bad}"));
            RepoPath::root()
        });
        if path.is_of_git() {
            self.bad(at, format!("`{text}` is git's own folder, of which nothing is shipped"));
        }
        path
    }

    fn parsed<T, E: std::fmt::Display>(
        &mut self,
        at: &str,
        text: Option<String>,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = text?;
        read(&text).map_err(|bad| self.bad(at, format!("`{text}` {bad}"))).ok()
    }

    fn plain_name(&mut self, at: &str, name: &str) {
        // A missing name is reported already.
        if let Some(bad) = plain_name(name).err().filter(|_| self.places.contains_key(at)) {
            self.bad(at, format!("`{name}` {bad}"));
        }
    }

    fn report(&mut self, rule: Rule, at: &str, message: String, help: &str) {
        let span = self.places.get(at).copied();
        self.findings.push(Diagnostic::of(rule, &self.source.path, span, message).help(help));
    }

    fn bad(&mut self, at: &str, message: String) {
        let span = self.places.get(at).copied();
        self.findings.push(Diagnostic::of(Rule::BadValue, &self.source.path, span, message));
    }
}

fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && characters.all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests;
