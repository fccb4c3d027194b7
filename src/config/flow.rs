//! What an entry adds to the graph: its datasets, and the flows into them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::entry::{DatasetEntry, check_view_name, flag, one_word, options, same, taken, text};
use super::graph::{Dataset, DatasetKind, Flow, FlowKind, FlowQuery, Options, Quarantine};
use crate::diagnostic::Rule;
use crate::schema::{KeyPath, Problems};
use crate::yaml::{Node, Value};

/// The datasets that methods of any entry make by themselves, in lower case.
pub(super) type Makers = BTreeSet<String>;

impl DatasetEntry {
    /// The entry with its datasets and flows; `None` if its keys contradict each other.
    pub(super) fn planned(mut self, makers: &Makers, problems: &mut Problems<'_>) -> Option<Self> {
        let before = problems.errors();
        self.check(problems);
        if problems.errors() == before {
            self.add(makers, problems);
        }
        (problems.errors() == before).then_some(self)
    }

    /// Finds its datasets and flows.
    fn add(&mut self, makers: &Makers, problems: &mut Problems<'_>) {
        if let Some(name) = &self.old_name {
            let problem = "`database` and `tablename` are older";
            problems.warning(
                Rule::OldSpelling,
                &self.place(&["write_opts"]),
                problem,
                &format!("write `name: {name}`"),
            );
        }
        let Some(key) = self.flow else {
            let streaming = self.streaming.unwrap_or(false);
            let kind = match text(&self.node, "kind") {
                Some("view") => DatasetKind::View,
                _ if streaming => DatasetKind::StreamingTable,
                _ => DatasetKind::MaterializedView,
            };
            let place = self.at.at(self.named);
            let options = self.options.clone();
            let dataset = self.dataset(place, &self.name, kind, streaming, options, None);
            return self.datasets.push(dataset);
        };
        let Some(section) = self.section(key).cloned() else { return };
        match key {
            "append_config" => self.append(&section, problems),
            "sink" => self.sink(&section, problems),
            "apply_cdc_config" => self.changes(&section, makers, problems),
            _ => self.snapshots(&section, makers, problems),
        }
    }

    /// A dataset of its rows, or of those of another `query`.
    fn dataset(
        &self,
        at: KeyPath,
        name: &str,
        kind: DatasetKind,
        streaming: bool,
        options: Options,
        query: Option<FlowQuery>,
    ) -> Dataset {
        let quarantine = self.quarantines().then(|| {
            let mut options = self.section("quarantine").map(super::entry::options).unwrap_or_default();
            let name = taken(&mut options, "table").unwrap_or_else(|| format!("{name}__quarantine"));
            Quarantine { name, options }
        });
        let query = Some(query.unwrap_or_else(|| self.query.clone()));
        let expectations = self.expectations.clone();
        Dataset { at, name: name.to_owned(), kind, streaming, query, expectations, options, quarantine }
    }

    /// The streaming table that a flow of `section` fills.
    fn target(&mut self, section: &Node, name: &str, expects: bool) {
        self.datasets.push(Dataset {
            at: self.at.at(span_of(section, "target")),
            name: name.to_owned(),
            kind: DatasetKind::StreamingTable,
            streaming: true,
            query: None,
            expectations: if expects { self.expectations.clone() } else { Vec::new() },
            options: self.options.clone(),
            quarantine: None,
        });
    }

    fn append(&mut self, section: &Node, problems: &mut Problems<'_>) {
        let mut options = options(section);
        let target = taken(&mut options, "target").unwrap_or_default();
        // Older configurations call each entry of a target by the name of that.
        let own = if same(&self.name, &target) { &self.query.func_name } else { &self.name };
        let name = taken(&mut options, "name").unwrap_or_else(|| own.clone());
        let creates = options.remove("create_target") != Some(Json::Bool(false));
        if creates {
            self.target(section, &target, true);
        } else if !self.expectations.is_empty() || !self.options.is_empty() {
            let problem = "expectations and `write_opts` belong to the target, which is not created here";
            problems.error(&self.at.at(self.place(&["append_config"]).span), problem, "");
        }
        let at = self.place(&["append_config"]);
        let query = Some(self.query.clone());
        let flow = Flow { at, kind: FlowKind::Append, target, name: Some(name), source: None, query, options };
        self.flows.push(flow);
    }

    fn sink(&mut self, section: &Node, problems: &mut Problems<'_>) {
        for key in ["expectations", "write_opts"] {
            if self.section(key).is_some_and(is_filled) {
                let help = "put them on a view that the method reads";
                problems.error(&self.place(&[key]), "a sink has none", help);
            }
        }
        let mut options = options(section);
        let name = taken(&mut options, "name").unwrap_or_else(|| self.name.clone());
        let at = self.place(&["sink"]);
        let named = section.get("name").map_or(self.named, |entry| entry.node.span);
        self.datasets.push(Dataset {
            at: at.at(named),
            name: name.clone(),
            kind: DatasetKind::Sink,
            streaming: true,
            query: None,
            expectations: Vec::new(),
            options,
            quarantine: None,
        });
        self.flows.push(Flow {
            at,
            kind: FlowKind::Append,
            target: name,
            name: Some(self.name.clone()),
            source: None,
            query: Some(self.query.clone()),
            options: Options::new(),
        });
    }

    fn changes(&mut self, section: &Node, makers: &Makers, problems: &mut Problems<'_>) {
        let place = self.place(&["apply_cdc_config"]);
        let placed: Vec<(KeyPath, &Node)> = match &section.value {
            Value::List(items) => items.iter().enumerate().map(|(i, item)| (place.item(i, item), item)).collect(),
            _ => vec![(place, section)],
        };
        for (at, changes) in &placed {
            self.changes_of(at, changes, placed.len() > 1, makers, problems);
        }
        if let (Some(target), Some((_, first))) = (self.flows.first().map(|flow| flow.target.clone()), placed.first()) {
            self.target(first, &target, false);
        }
    }

    fn changes_of(
        &mut self,
        at: &KeyPath,
        changes: &Node,
        several: bool,
        makers: &Makers,
        problems: &mut Problems<'_>,
    ) {
        let mut options = options(changes);
        let (func_name, target) = (taken(&mut options, "func_name"), taken(&mut options, "target").unwrap_or_default());
        if let Some(first) = self.flows.first().filter(|first| !same(&first.target, &target)) {
            let problem = format!("the flows of one list have one target, and the first has `{}`", first.target);
            return problems.error(&at.key("target", span_of(changes, "target")), &problem, "");
        }
        self.check_target(&target, problems);
        let ending = func_name.as_ref().filter(|_| several).map(|name| format!("_{name}")).unwrap_or_default();
        let default = || format!("{}__source{ending}", one_word(&target));
        let source = taken(&mut options, "source").unwrap_or_else(default);
        let query = func_name.map(|func_name| FlowQuery {
            at: at.at(span_of(changes, "func_name")),
            func_name,
            inputs: BTreeMap::new(),
            versioned: false,
        });
        self.source(at, changes, (&source, &target), query, makers, problems);
        let name = taken(&mut options, "name").or_else(|| several.then(|| source.clone()));
        self.keep_history(at, changes, &mut options, problems);
        let at = at.clone();
        let flow = Flow { at, kind: FlowKind::Changes, target, name, source: Some(source), query: None, options };
        self.flows.push(flow);
    }

    /// The table that changes are applied to is named by `target` alone.
    fn check_target(&self, target: &str, problems: &mut Problems<'_>) {
        let is_named = self.named != self.query.at.span;
        if is_named && !same(&self.name, target) {
            let problem = format!("the dataset is named `{}`, but its `target` is `{target}`", self.name);
            problems.error(&self.at.at(self.named), &problem, "keep one");
        }
    }

    fn snapshots(&mut self, section: &Node, makers: &Makers, problems: &mut Problems<'_>) {
        let at = self.place(&["apply_snapshot_config"]);
        let mut options = options(section);
        let target = taken(&mut options, "target").unwrap_or_default();
        let mut source = taken(&mut options, "source");
        let mut query = None;
        self.check_target(&target, problems);
        options.remove("versioned");
        if flag(section, "versioned") == Some(true) {
            if !self.expectations.is_empty() {
                let problem = "a `versioned` method makes no dataset that could have them";
                problems.error(&self.place(&["expectations"]), problem, "");
            }
            query = Some(FlowQuery { versioned: true, ..self.query.clone() });
        } else {
            let name = source.take().unwrap_or_else(|| format!("{}__snapshot", one_word(&target)));
            self.source(&at, section, (&name, &target), None, makers, problems);
            source = Some(name);
        }
        self.keep_history(&at, section, &mut options, problems);
        self.target(section, &target, false);
        self.flows.push(Flow { at, kind: FlowKind::Snapshots, target, name: None, source, query, options });
    }

    /// The dataset that has the changes: another entry's, or a view that is made of this one's method.
    fn source(
        &mut self,
        at: &KeyPath,
        section: &Node,
        (source, target): (&str, &str),
        query: Option<FlowQuery>,
        makers: &Makers,
        problems: &mut Problems<'_>,
    ) {
        let named = section.get("source").map_or(at.span, |entry| entry.node.span);
        if same(source, target) {
            return problems.error(&at.at(named), &format!("`source` and `target` are both `{target}`"), "");
        }
        if !makers.contains(&source.to_lowercase()) {
            let span = section.get("source").map_or_else(|| span_of(section, "target"), |entry| entry.node.span);
            check_view_name(&at.key("source", named), source, problems);
            let place = self.at.at(span);
            let streaming = self.flow == Some("apply_cdc_config") && flag(section, "once") != Some(true);
            let view = self.dataset(place, source, DatasetKind::View, streaming, Options::new(), query);
            return self.datasets.push(view);
        }
        if self.expectations.is_empty() {
            let method = &self.query.func_name;
            let problem = format!("the rows are those of `{source}`, so `{method}` is not called");
            problems.warning(Rule::UncalledMethod, &at.key("source", named), &problem, "");
        } else {
            let problem = format!("the rows are those of `{source}`");
            problems.error(&self.place(&["expectations"]), &problem, "put them there");
        }
    }

    /// Which columns are tracked, and the type as a number.
    fn keep_history(&self, at: &KeyPath, section: &Node, flow: &mut Options, problems: &mut Problems<'_>) {
        let kept = flow.get("stored_as_scd_type").is_some_and(|kept| *kept == 2 || *kept == "2");
        for key in flow.keys().filter(|key| key.starts_with("track_history") && !kept) {
            problems.error(&at.key(key, span_of(section, key)), "needs `stored_as_scd_type: 2`", "");
        }
        let columns = self.options.get("schema").and_then(Json::as_str).filter(|_| kept);
        for column in ["__START_AT", "__END_AT"] {
            if columns.is_some_and(|columns| !columns.contains(column)) {
                let schema = self.place(&["write_opts", "schema"]).span;
                let problem = format!("`write_opts.schema` of a target with history needs the column `{column}`");
                problems.error(&at.at(schema), &problem, "");
            }
        }
        flow.insert("stored_as_scd_type".to_owned(), if kept { 2 } else { 1 }.into());
    }
}

/// Where the value of `key` is written, else the key of a collection.
fn span_of(node: &Node, key: &str) -> crate::source::Span {
    node.get(key).map_or(node.span, |entry| match entry.node.value {
        Value::List(_) | Value::Map(_) => entry.key.span,
        _ => entry.node.span,
    })
}

fn is_filled(node: &Node) -> bool {
    match &node.value {
        Value::List(items) => !items.is_empty(),
        Value::Map(entries) => !entries.is_empty(),
        _ => true,
    }
}
