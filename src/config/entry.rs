//! One entry of the `dlt` section: the rules across its keys.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Dataset, Expectation, Flow, FlowQuery, Input, Options};
use crate::schema::{KeyPath, Problems};
use crate::source::Span;
use crate::yaml::{Node, Value};

/// How the rows of a method reach their target, if the method is not a dataset by itself.
const FLOWS: [&str; 4] = ["append_config", "apply_cdc_config", "apply_snapshot_config", "sink"];
/// What a view takes of `write_opts`.
const VIEW_OPTIONS: [&str; 2] = ["comment", "spark_conf"];

/// One entry, its keys under their current names, and what it adds to the graph.
pub(super) struct DatasetEntry {
    pub(super) at: KeyPath,
    pub(super) node: Node,
    /// `write_opts` without names.
    pub(super) options: Options,
    /// The one of [`FLOWS`] that it has.
    pub(super) flow: Option<&'static str>,
    /// `is_streaming_table` if it is given.
    pub(super) streaming: Option<bool>,
    /// The name that `database` and `tablename` form in older configurations.
    pub(super) old_name: Option<String>,
    pub(super) name: String,
    /// Where its name is written.
    pub(super) named: Span,
    pub(super) expectations: Vec<Expectation>,
    pub(super) query: FlowQuery,
    pub(super) datasets: Vec<Dataset>,
    pub(super) flows: Vec<Flow>,
}

impl DatasetEntry {
    /// The entry at `at`, whose keys were read; `None` if something in it is wrong.
    pub(super) fn new(at: KeyPath, node: Node, problems: &mut Problems<'_>) -> Option<Self> {
        let before = problems.errors();
        let mut options = node.get("write_opts").map(|entry| options(&entry.node)).unwrap_or_default();
        let method = node.get("func_name").map(|entry| &entry.node)?;
        let old_name = qualified(&at, &node, &mut options, problems);
        let (name, named) = name(&at, &node, &mut options, old_name.as_deref(), problems);
        let expectations = expectations(&at, &node, problems);
        let query = FlowQuery {
            at: at.at(method.span),
            func_name: text(&node, "func_name")?.to_owned(),
            inputs: node.get("inputs").map(|entry| inputs(&entry.node)).unwrap_or_default(),
            versioned: false,
        };
        let entry = Self {
            options,
            flow: FLOWS.into_iter().find(|key| node.get(key).is_some()),
            streaming: flag(&node, "is_streaming_table"),
            old_name,
            name: name.unwrap_or_else(|| query.func_name.clone()),
            named: named.unwrap_or(method.span),
            expectations,
            query,
            datasets: Vec::new(),
            flows: Vec::new(),
            at,
            node,
        };
        (problems.errors() == before).then_some(entry)
    }

    /// Whether its method makes the dataset of its name.
    pub(super) fn makes_its_name(&self) -> bool {
        self.flow.is_none()
    }

    /// The place of a key below it.
    pub(super) fn place(&self, keys: &[&str]) -> KeyPath {
        let mut found = (self.at.clone(), Some(&self.node));
        for key in keys {
            let entry = found.1.and_then(|node| node.get(key));
            found = (found.0.key(key, entry.map_or(found.0.span, |entry| entry.key.span)), entry.map(|e| &e.node));
        }
        found.0
    }

    /// The value of a key.
    pub(super) fn section(&self, key: &str) -> Option<&Node> {
        self.node.get(key).map(|entry| &entry.node)
    }

    pub(super) fn quarantines(&self) -> bool {
        self.expectations.iter().any(|item| item.action == "quarantine")
    }

    /// Refuses keys that contradict each other.
    pub(super) fn check(&self, problems: &mut Problems<'_>) {
        if text(&self.node, "kind") == Some("view") {
            self.check_view(problems);
        }
        if let Some(flow) = self.flow {
            self.check_flow(flow, problems);
        }
        for (parameter, given) in &self.query.inputs {
            if self.makes_its_name() && same(&given.dataset, &self.name) {
                let problem = format!("`{}` would read itself", self.name);
                problems.error(&self.place(&["inputs", parameter]), &problem, "");
            }
        }
        self.check_quarantine(problems);
    }

    fn check_view(&self, problems: &mut Problems<'_>) {
        if let Some(flow) = self.flow {
            let at = self.at.at(self.place(&[flow]).span);
            problems.error(&at, &format!("a view cannot have `{flow}`"), "use `kind: table`");
        }
        for option in self.options.keys().filter(|option| !VIEW_OPTIONS.contains(&option.as_str())) {
            let at = self.place(&["write_opts"]).at(self.place(&["write_opts", option]).span);
            problems.error(&at, &format!("a view has no `{option}`"), "use `kind: table`");
        }
        check_view_name(&self.at.at(self.named), &self.name, problems);
    }

    fn check_flow(&self, flow: &str, problems: &mut Problems<'_>) {
        let streaming = self.place(&["is_streaming_table"]);
        match (flow, self.streaming) {
            ("apply_snapshot_config", Some(true)) => problems.error(&streaming, "a snapshot is not a stream", ""),
            ("apply_snapshot_config", _) | (_, Some(true) | None) => {}
            (_, Some(false)) => problems.error(&streaming, &format!("is `false`, but `{flow}` takes a stream"), ""),
        }
        if self.options.contains_key("private") {
            let problem = format!("a streaming table with `{flow}` cannot be private");
            problems.error(&self.place(&["write_opts", "private"]), &problem, "");
        }
    }

    fn check_quarantine(&self, problems: &mut Problems<'_>) {
        if self.section("quarantine").is_some() && !self.quarantines() {
            problems.error(&self.place(&["quarantine"]), "no expectation has the action `quarantine`", "");
        }
        if let Some(flow @ ("append_config" | "apply_snapshot_config")) = self.flow
            && self.quarantines()
        {
            let at = self.at.at(self.place(&["expectations"]).span);
            let problem = format!("rows of `{flow}` are not quarantined");
            problems.error(&at, &problem, "make the method a view that does, and read that");
        }
    }
}

/// Whether two names are one for an engine.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Refuses a view with a name of several parts, which Spark's own pipelines do not take.
pub(super) fn check_view_name(at: &KeyPath, name: &str, problems: &mut Problems<'_>) {
    let has_schema = name.split('`').step_by(2).any(|unquoted| unquoted.contains('.'));
    if has_schema {
        let problem = format!("the view `{name}` cannot be in a schema");
        problems.error(at, &problem, &format!("call it `{}`", one_word(name)));
    }
}

/// `name` as that of a view, which has no schema.
pub(super) fn one_word(name: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    name.chars().filter(|c| *c != '`').map(kept).collect()
}

fn qualified(at: &KeyPath, node: &Node, options: &mut Options, problems: &mut Problems<'_>) -> Option<String> {
    let mut taken = |key| taken(options, key);
    match (taken("database"), taken("tablename")) {
        (Some(database), Some(table)) => Some(format!("{database}.{table}")),
        (None, None) => None,
        _ => {
            let at = at.key("write_opts", node.get("write_opts").map_or(at.span, |entry| entry.key.span));
            problems.error(&at, "`database` and `tablename` belong together", "");
            None
        }
    }
}

/// The name of the dataset and its place if one is given.
fn name(
    at: &KeyPath,
    node: &Node,
    options: &mut Options,
    old: Option<&str>,
    problems: &mut Problems<'_>,
) -> (Option<String>, Option<Span>) {
    let of_options = taken(options, "name");
    let given = [text(node, "name"), of_options.as_deref(), old];
    let names: BTreeSet<&str> = given.into_iter().flatten().collect();
    let written = |key| node.get("write_opts").and_then(|inner| inner.node.get(key));
    let place = [node.get("name"), written("name"), written("tablename")].into_iter().flatten().next();
    let place = place.map(|entry| entry.node.span);
    if names.len() > 1 {
        let listed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let problem = format!("the dataset has {} names ({listed})", names.len());
        problems.error(&at.at(place.unwrap_or(at.span)), &problem, "keep one");
    }
    (names.first().map(|name| (*name).to_owned()), place)
}

fn expectations(at: &KeyPath, node: &Node, problems: &mut Problems<'_>) -> Vec<Expectation> {
    let default = text(node, "expectation_action").unwrap_or("allow");
    let Some(written) = node.get("expectations") else { return Vec::new() };
    let expectation = |name: &str, constraint: &str, action: Option<&str>| Expectation {
        name: name.to_owned(),
        constraint: constraint.to_owned(),
        action: action.unwrap_or(default).to_owned(),
    };
    let Value::List(items) = &written.node.value else {
        let named = written.node.entries().iter();
        return named.filter_map(|e| Some(expectation(&e.key.text, e.node.text()?, None))).collect();
    };
    let mut found = Vec::new();
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let (Some(name), Some(constraint)) = (text(item, "name"), text(item, "constraint")) else { continue };
        let span = item.get("name").map_or(item.span, |entry| entry.node.span);
        if let Some(first) = seen.insert(name, span) {
            let at = at.key("expectations", written.key.span).item(index, item).key("name", span);
            problems.error_beside(&at, &format!("`{name}` is the name of an expectation above"), "", (first, "above"));
        }
        found.push(expectation(name, constraint, text(item, "action")));
    }
    found
}

fn inputs(node: &Node) -> BTreeMap<String, Input> {
    let inputs = node.entries().iter().filter_map(|entry| {
        let dataset = entry.node.text().or_else(|| text(&entry.node, "dataset"))?.to_owned();
        Some((entry.key.text.clone(), Input { dataset, stream: flag(&entry.node, "stream").unwrap_or(false) }))
    });
    inputs.collect()
}

/// The text under `key`.
pub(super) fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key)?.node.text()
}

/// The flag under `key`.
pub(super) fn flag(node: &Node, key: &str) -> Option<bool> {
    match node.get(key)?.node.value {
        Value::Bool(flag) => Some(flag),
        _ => None,
    }
}

/// Removes an option and returns its text.
pub(super) fn taken(options: &mut Options, key: &str) -> Option<String> {
    options.remove(key).and_then(|value| value.as_str().map(str::to_owned))
}

/// A mapping as JSON.
pub(super) fn options(node: &Node) -> Options {
    node.entries().iter().map(|entry| (entry.key.text.clone(), entry.node.to_json())).collect()
}
