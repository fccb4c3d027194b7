//! Pipeline configurations: from text to a [`Plan`] and diagnostics, as the authoring runtime reads them.
//!
//! The schema is the runtime's own file, the rules across keys are its rules, and both are held to one set of examples.
//! Where it stops at the first mistake, all are told here. Three things differ on purpose: a key that stands twice in the
//! section is an error (the runtime would take the last), JSON is read strictly and without `NaN`, and YAML dates,
//! `.inf` and numbers of base 60 count as text, which the runtime refuses where text is wanted.

mod double;
mod entry;
mod flow;
mod plan;
mod read;
mod scalar;
mod schema;
mod told;

pub use double::Made;
pub use plan::{Dataset, DatasetKind, Expectation, Flow, FlowKind, Input, Options, Plan, Quarantine, Query};
pub use told::Place;

use std::collections::BTreeSet;

use entry::Entry;
use read::Reader;
use told::Told;

use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Severity, nearest};
use crate::source::{RepoPath, Source, Span};
use crate::yaml::{self, Node, Value};

/// Why a file has no plan.
const NO_SECTION: &str = "there is no `dlt` section, so there is nothing to register";

/// What a configuration file says.
#[derive(Clone, Debug)]
pub struct Config {
    /// What it means; `None` where something in it is an error.
    pub plan: Option<Plan>,
    /// What is wrong in it, or could be written better.
    pub findings: Diagnostics,
    /// Whether it describes datasets: it has a `dlt` section, or what cannot be read of it looks as if. Of any other file
    /// only the class that is given it knows what it should hold.
    pub describes_datasets: bool,
}

/// Reads a configuration file; JSON where its name says so, else YAML.
pub fn decode(source: &Source) -> Config {
    let is_json = source.path.extension().eq_ignore_ascii_case("json");
    if let Some(findings) = is_json.then(|| not_json(source)).flatten() {
        return unreadable(source, findings);
    }
    let (node, found) = yaml::parse(source);
    let Some(node) = node else { return unreadable(source, found) };
    let node = if is_json { node } else { scalar::as_pyyaml(node, source) };
    let mut told = Told::new(source);
    let section = node.get("dlt");
    told.findings.extend(of_section(found, &node, section.map(|entry| &entry.node)));
    let plan = match section {
        Some(section) if !is_nothing(&section.node) => plan_of(section, !is_json, &mut told),
        _ => {
            nothing_to_register(&node, &mut told);
            None
        }
    };
    let plan = plan.filter(|_| !told.findings.has_errors());
    Config { plan, findings: told.findings, describes_datasets: section.is_some() }
}

/// Reads the bytes of a configuration file; they have to be text in UTF-8.
pub fn decode_bytes(path: &RepoPath, bytes: &[u8]) -> Config {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (source, is_text) = (Source { path: path.clone(), text }, std::str::from_utf8(bytes).is_ok());
    if is_text {
        decode(&source)
    } else {
        unreadable(&source, only(&source, Span::default(), "the file is no UTF-8 text"))
    }
}

/// The finding of a file that Python reads no JSON from.
fn not_json(source: &Source) -> Option<Diagnostics> {
    let text = source.text.get(..yaml::MAX_BYTES).map_or(source.text.as_str(), |_| "null");
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let error = serde_json::from_str::<serde::de::IgnoredAny>(text).err()?;
    let before: usize = source.text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = source.text.floor_char_boundary(before + error.column().saturating_sub(1));
    let told = error.to_string();
    let what = told.split(" at line ").next().unwrap_or_default();
    Some(only(source, Span::new(at, at), &format!("the file is no JSON: {what}")))
}

fn only(source: &Source, span: Span, message: &str) -> Diagnostics {
    let mut findings = Diagnostics::default();
    findings.push(Diagnostic::of(Rule::InvalidConfig, &source.path, span, message));
    findings
}

/// What is told of a file that could not be read: an error only where it has a `dlt` section as far as anyone can see,
/// since another reader may take what this one refuses.
fn unreadable(source: &Source, mut findings: Diagnostics) -> Config {
    let is_key = |line: &str| line.strip_prefix("dlt").is_some_and(|rest| rest.trim_start().starts_with(':'));
    let describes_datasets = source.text.contains("\"dlt\"") || source.text.lines().any(is_key);
    let severity = if describes_datasets { Severity::Error } else { Severity::Warning };
    for finding in findings.iter_mut() {
        (finding.rule, finding.severity) = (Rule::InvalidConfig, severity);
    }
    Config { plan: None, findings, describes_datasets }
}

/// Of what reading the tree found, that of the section as errors, the rest as worth knowing; nothing where no section is.
fn of_section(found: Diagnostics, root: &Node, section: Option<&Node>) -> Diagnostics {
    let mut spans = BTreeSet::new();
    if let Some(section) = section {
        collect(section, &mut spans);
    }
    spans.extend(root.entries().iter().filter(|entry| entry.key.text == "dlt").map(|entry| entry.key.span));
    let mut findings = Diagnostics::default();
    findings.extend(found.into_iter().filter(|_| section.is_some()).map(|mut finding| {
        let is_inside = finding.at.span.is_some_and(|span| spans.contains(&span));
        finding.rule = Rule::InvalidConfig;
        finding.severity = if is_inside { Severity::Error } else { Severity::Warning };
        finding
    }));
    findings
}

fn collect(node: &Node, spans: &mut BTreeSet<Span>) {
    spans.insert(node.span);
    if let Value::List(items) = &node.value {
        for item in items {
            collect(item, spans);
        }
    }
    for entry in node.entries() {
        spans.insert(entry.key.span);
        collect(&entry.node, spans);
    }
}

fn is_nothing(section: &Node) -> bool {
    match &section.value {
        Value::Null => true,
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        _ => false,
    }
}

/// Why there is no plan at all. Where another key looks as if `dlt` was meant, that is a finding for any class.
fn nothing_to_register(root: &Node, told: &mut Told<'_>) {
    if !matches!(root.value, Value::Map(_)) {
        let problem = format!("must be a mapping, not {}", scalar::shown(&root.value));
        return told.error(&Place { path: String::new(), span: root.span }, &problem, "");
    }
    let key = root.get("dlt").map(|entry| &entry.key);
    let describes = |node: &Node| node.get("func_name").is_some();
    let looks = |entry: &&yaml::Entry| match &entry.node.value {
        Value::List(items) => items.first().is_some_and(describes),
        _ => describes(&entry.node),
    };
    let names = root.entries().iter().filter(looks).map(|entry| entry.key.text.as_str());
    let near = nearest("dlt", names).and_then(|name| root.get(name)).filter(|_| key.is_none());
    let at = |span| Place { path: String::new(), span };
    match near {
        Some(near) => {
            let help = format!("did you mean `{}`?", near.key.text);
            told.warning(Rule::MissingSection, &at(near.key.span), NO_SECTION, &help);
        }
        None => told.error(&at(key.map_or(root.span, |key| key.span)), NO_SECTION, ""),
    }
}

fn plan_of(section: &yaml::Entry, is_yaml: bool, told: &mut Told<'_>) -> Option<Plan> {
    let at = Place { path: "dlt".to_owned(), span: section.key.span };
    let (placed, schema) = match &section.node.value {
        Value::List(items) => {
            let placed = items.iter().enumerate().map(|(index, item)| (at.item(index, item), item)).collect();
            (placed, schema::root().branch(&section.node).map_or(schema::root(), schema::Schema::items))
        }
        _ => (vec![(at, &section.node)], schema::root()),
    };
    let mut reader = Reader { is_yaml, told };
    let read: Vec<_> =
        placed.into_iter().filter_map(|(at, node)| Some((reader.read(node, schema, &at)?, at))).collect();
    let entries: Vec<Entry> = read.into_iter().filter_map(|(node, at)| Entry::new(at, node, told)).collect();
    let makers = entries.iter().filter(|entry| entry.makes_its_name()).map(|entry| entry.name.to_lowercase()).collect();
    let entries: Vec<Entry> = entries.into_iter().filter_map(|entry| entry.planned(&makers, told)).collect();
    double::refuse(&entries, told);
    Some(assembled(entries, told)).filter(|_| told.errors == 0)
}

/// The plan of all entries; a target that several append to is in it once.
fn assembled(entries: Vec<Entry>, told: &Told<'_>) -> Plan {
    let mut plan = Plan { datasets: Vec::new(), flows: Vec::new(), warnings: told.warnings.clone() };
    let mut seen = BTreeSet::new();
    for entry in entries {
        plan.datasets.extend(entry.datasets.into_iter().filter(|dataset| seen.insert(dataset.name.to_lowercase())));
        plan.flows.extend(entry.flows);
    }
    plan
}
