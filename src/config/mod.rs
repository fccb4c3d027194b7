//! Pipeline configurations: from text to the [`Graph`] of its datasets and diagnostics, as the authoring runtime reads them.
//!
//! The schema is the runtime's own file, the rules across keys are its rules, and both are held to one set of examples.
//! Where it stops at the first mistake, all are reported here. A release carries what was read here as JSON, and the
//! runtime takes that ([`Config::carried`]); what a class that opens the file itself may read otherwise is a warning.

mod entry;
mod fixed;
mod flow;
mod graph;
mod outputs;
mod problems;
mod readers;
mod scalar;

pub use fixed::FixedPlace;
pub use graph::{Dataset, DatasetKind, Expectation, Flow, FlowKind, FlowQuery, Graph, Input, Options, Quarantine};
pub use outputs::Output;

use std::collections::BTreeSet;
use std::sync::{LazyLock, OnceLock};

use entry::DatasetEntry;

use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Severity, nearest};
use crate::schema::{self, Dialect, JsonSchema, KeyPath, Problems, Scalars, quoted};
use crate::source::{RepoPath, Source, Span};
use crate::yaml::{self, Limits, Node, Oddity, Parsed, Resolution, Value};

/// The very file that the authoring runtime reads configurations by.
const SCHEMA: &str = include_str!("../../python/dltflow/config.schema.json");

/// Why a file has no graph.
const NO_SECTION: &str = "there is no `dlt` section, so there is nothing to register";

/// What a configuration file says.
#[derive(Clone, Debug)]
pub struct Config {
    /// The graph that it describes; `None` if something in it is an error.
    pub graph: Option<Graph>,
    /// What is wrong in it, or could be written better.
    pub findings: Diagnostics,
    /// Whether it describes datasets: it has a `dlt` section, or what cannot be read of it looks as if. Of any other file
    /// only the class that is given it knows what it should hold.
    pub describes_datasets: bool,
    /// Keys that name places outside the schema of its pipeline, also if other parts of it are invalid.
    pub fixed_places: Vec<FixedPlace>,
    /// The whole file as it was read; `None` if it cannot be.
    pub content: Option<Node>,
    carried: OnceLock<Vec<u8>>,
}

impl Config {
    /// The file as it was read, as JSON in one canonical form: keys in the order of the file, each once, no spaces. `None`
    /// if it cannot be read.
    pub fn carried(&self) -> Option<&[u8]> {
        let content = self.content.as_ref()?;
        Some(self.carried.get_or_init(|| content.to_json_text().into_bytes()))
    }
}

/// Reads a configuration file: JSON if its name says so, else YAML.
pub fn decode(source: &Source) -> Config {
    let is_json = source.path.extension().eq_ignore_ascii_case("json");
    let Parsed { node, findings: found, oddities } = yaml::read(source, Limits::CONFIGURATION, Resolution::Yaml11);
    let fixed_places = node.as_ref().map(fixed::fixed_places).unwrap_or_default();
    let Some(node) = node else { return Config { fixed_places, ..unreadable(source, found) } };
    let section = node.get("dlt");
    let mut findings = of_section(source, found, &oddities, &node);
    let mut problems = Problems::new(source);
    let graph = match section {
        Some(section) if !is_nothing(&section.node) => graph_of(section, &dialect(is_json), &mut problems),
        _ => {
            nothing_to_register(&node, &mut problems);
            None
        }
    };
    findings.extend(problems.into_findings());
    let graph = graph.filter(|_| !findings.has_errors());
    let describes_datasets = section.is_some();
    Config { graph, findings, describes_datasets, fixed_places, content: Some(node), carried: OnceLock::new() }
}

/// All that is wrong with a value is one rule here, and every value is taken as the runtime takes it.
fn dialect(is_json: bool) -> Dialect {
    let rule = Rule::InvalidConfig;
    let key = if is_json { scalar::odd_json_key } else { scalar::odd_yaml_key };
    let scalars = Scalars::Strict { key };
    Dialect { wrong_type: rule, unknown_key: rule, unknown_value: rule, missing_key: rule, bad_value: rule, scalars }
}

/// Reads the bytes of a configuration file; they have to be text in UTF-8.
pub fn decode_bytes(path: &RepoPath, bytes: &[u8]) -> Config {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (source, is_text) = (Source { path: path.clone(), text }, std::str::from_utf8(bytes).is_ok());
    if is_text {
        decode(&source)
    } else {
        unreadable(&source, only(&source, Span::default(), "the file is not valid UTF-8"))
    }
}

/// Whether a mistake is one whatever the file is for: no two readers agree about it.
pub fn is_fatal(finding: &Diagnostic) -> bool {
    let merges_twice = finding.rule == Rule::DuplicateKey && finding.message.starts_with("`<<` ");
    finding.rule == Rule::UnfinishedMerge || merges_twice
}

fn only(source: &Source, span: Span, message: &str) -> Diagnostics {
    let mut findings = Diagnostics::default();
    findings.push(Diagnostic::of(Rule::InvalidConfig, &source.path, span, message));
    findings
}

/// What is reported of a file that could not be read: an error only if it has a `dlt` section as far as anyone can see,
/// since another reader may take what this one refuses.
fn unreadable(source: &Source, mut findings: Diagnostics) -> Config {
    let is_key = |line: &str| line.strip_prefix("dlt").is_some_and(|rest| rest.trim_start().starts_with(':'));
    let describes_datasets = source.text.contains("\"dlt\"") || source.text.lines().any(is_key);
    let severity = if describes_datasets { Severity::Error } else { Severity::Warning };
    for finding in findings.iter_mut().filter(|finding| !is_fatal(finding)) {
        (finding.rule, finding.severity) = (Rule::InvalidConfig, severity);
    }
    let (graph, content, fixed_places, carried) = (None, None, Vec::new(), OnceLock::new());
    Config { graph, findings, describes_datasets, fixed_places, content, carried }
}

/// Of what reading the tree found, that of the section as errors, the rest as worth knowing. Without a section only what
/// other readers take otherwise is told.
fn of_section(source: &Source, found: Diagnostics, oddities: &[Oddity], root: &Node) -> Diagnostics {
    let keys = || root.entries().iter().map(|entry| entry.key.span);
    let section = root.get("dlt");
    let mut spans = BTreeSet::new();
    if let Some(section) = section {
        collect(&section.node, &mut spans);
    }
    spans.extend(root.entries().iter().filter(|entry| entry.key.text == "dlt").map(|entry| entry.key.span));
    let stretch = section.map(|section| readers::stretch(keys(), section.key.span, source.text.len()));
    let in_section =
        |span: Span| spans.contains(&span) || stretch.as_ref().is_some_and(|stretch| stretch.contains(&span.start));
    let mut findings = Diagnostics::default();
    findings.extend(found.into_iter().filter(|finding| section.is_some() || is_fatal(finding)).map(|mut finding| {
        if is_fatal(&finding) {
            return finding;
        }
        let is_inside = finding.at.span.is_some_and(in_section);
        finding.rule = Rule::InvalidConfig;
        finding.severity = if is_inside { Severity::Error } else { Severity::Warning };
        finding
    }));
    findings.extend(oddities.iter().filter_map(|oddity| {
        let refused = in_section(oddity.span).then(|| readers::refused(source, oddity)).flatten();
        refused.or_else(|| readers::difference(source, oddity))
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

/// Why there is no graph at all. Where another key looks as if `dlt` was meant, that is a finding for any class.
fn nothing_to_register(root: &Node, problems: &mut Problems<'_>) {
    if !matches!(root.value, Value::Map(_)) {
        let problem = format!("must be a mapping, not {}", quoted(&root.value));
        return problems.error(&KeyPath::root(root.span), &problem, "");
    }
    let key = root.get("dlt").map(|entry| &entry.key);
    let describes = |node: &Node| node.get("func_name").is_some();
    let looks = |entry: &&yaml::Entry| match &entry.node.value {
        Value::List(items) => items.first().is_some_and(describes),
        _ => describes(&entry.node),
    };
    let names = root.entries().iter().filter(looks).map(|entry| entry.key.text.as_str());
    let near = nearest("dlt", names).and_then(|name| root.get(name)).filter(|_| key.is_none());
    match near {
        Some(near) => {
            let help = format!("did you mean `{}`?", near.key.text);
            problems.warning(Rule::MissingSection, &KeyPath::root(near.key.span), NO_SECTION, &help);
        }
        None => problems.error(&KeyPath::root(key.map_or(root.span, |key| key.span)), NO_SECTION, ""),
    }
}

fn graph_of(section: &yaml::Entry, dialect: &Dialect, problems: &mut Problems<'_>) -> Option<Graph> {
    static ROOT: LazyLock<JsonSchema> = LazyLock::new(|| JsonSchema::of(SCHEMA));
    let at = KeyPath::default().key("dlt", section.key.span);
    let (placed, schema) = match &section.node.value {
        Value::List(items) => {
            let placed = items.iter().enumerate().map(|(index, item)| (at.item(index, item), item)).collect();
            (placed, ROOT.definition("entry").unwrap_or(&ROOT))
        }
        _ => (vec![(at, &section.node)], &*ROOT),
    };
    let read = placed.into_iter().filter_map(|(at, node)| {
        let before = problems.errors();
        let node = schema::read(node, schema, &ROOT, &at, dialect, problems)?;
        (problems.errors() == before).then_some((node, at))
    });
    let read: Vec<_> = read.collect();
    let entries: Vec<DatasetEntry> =
        read.into_iter().filter_map(|(node, at)| DatasetEntry::new(at, node, problems)).collect();
    let makers = entries.iter().filter(|entry| entry.makes_its_name()).map(|entry| entry.name.to_lowercase()).collect();
    let entries: Vec<DatasetEntry> = entries.into_iter().filter_map(|entry| entry.planned(&makers, problems)).collect();
    outputs::refuse_duplicates(&entries, problems);
    (problems.errors() == 0).then(|| assembled(entries, problems.as_runtime_warnings()))
}

/// The graph of all entries; a target that several append to is in it once.
fn assembled(entries: Vec<DatasetEntry>, warnings: Vec<String>) -> Graph {
    let mut graph = Graph { datasets: Vec::new(), flows: Vec::new(), warnings };
    let mut seen = BTreeSet::new();
    for entry in entries {
        graph.datasets.extend(entry.datasets.into_iter().filter(|dataset| seen.insert(dataset.name.to_lowercase())));
        graph.flows.extend(entry.flows);
    }
    graph
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_keyword_of_the_schema_is_known_and_every_reference_leads_somewhere() {
        let parts = crate::schema::check(super::SCHEMA);
        assert!(parts > 100, "{parts}");
    }
}
