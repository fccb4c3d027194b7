//! The dataflow graph of a configuration: datasets, and the flows between them, as the authoring runtime has them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::schema::KeyPath;

/// Options as they are passed on: keys of the configuration under today's names, values as JSON.
pub type Options = Map<String, Json>;

/// All datasets and flows of a configuration, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// The datasets.
    pub datasets: Vec<Dataset>,
    /// The flows that fill those without a query.
    pub flows: Vec<Flow>,
    /// For the author, as the runtime writes them.
    pub warnings: Vec<String>,
}

/// A table, view or sink; without a `query` it is filled by flows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dataset {
    /// The part of the configuration that makes it; the span is that of its name.
    #[serde(skip)]
    pub at: KeyPath,
    /// Its name as written, qualified or not. Engines compare names without regard to case.
    pub name: String,
    /// What its rows become.
    #[serde(rename = "type")]
    pub kind: DatasetKind,
    /// Whether its rows are a stream.
    #[serde(skip_serializing_if = "is_unset")]
    pub streaming: bool,
    /// The method that returns its rows.
    #[serde(skip_serializing_if = "is_unset")]
    pub query: Option<FlowQuery>,
    /// What each row should meet.
    #[serde(skip_serializing_if = "is_unset")]
    pub expectations: Vec<Expectation>,
    /// `write_opts` without the names in them; of a sink, its `format` and `options`.
    #[serde(skip_serializing_if = "is_unset")]
    pub options: Options,
    /// Where rows go that fail an expectation with the action `quarantine`.
    #[serde(skip_serializing_if = "is_unset")]
    pub quarantine: Option<Quarantine>,
}

/// What a dataset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DatasetKind {
    /// A table that is recomputed.
    MaterializedView,
    /// A table that takes in what is new.
    StreamingTable,
    /// A view for this pipeline alone.
    View,
    /// Something outside the pipeline.
    Sink,
}

/// A method, and the datasets of its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlowQuery {
    /// The part of the configuration that names it; the span is that of the name.
    #[serde(skip)]
    pub at: KeyPath,
    /// The method.
    pub func_name: String,
    /// What is given to each parameter.
    #[serde(skip_serializing_if = "is_unset")]
    pub inputs: BTreeMap<String, Input>,
    /// Whether it is called with the last version of a snapshot.
    #[serde(skip_serializing_if = "is_unset")]
    pub versioned: bool,
}

/// A dataset or table that a parameter of a method is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Input {
    /// Its name.
    pub dataset: String,
    /// Whether it is read as a stream.
    #[serde(skip_serializing_if = "is_unset")]
    pub stream: bool,
}

/// A condition that each row should meet, and what happens to one that does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// Its name, unique in the dataset.
    pub name: String,
    /// A condition in SQL; NULL does not meet it.
    pub constraint: String,
    /// `allow`, `drop`, `fail` or `quarantine`.
    pub action: String,
}

/// The table of the rows that fail an expectation with the action `quarantine`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quarantine {
    /// Its name.
    pub name: String,
    /// Its other options.
    #[serde(skip_serializing_if = "is_unset")]
    pub options: Options,
}

/// How rows come into `target`: those of the `query` are appended, or those of `source` are applied to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Flow {
    /// The part of the configuration that describes it.
    #[serde(skip)]
    pub at: KeyPath,
    /// How.
    #[serde(rename = "type")]
    pub kind: FlowKind,
    /// The dataset that is filled.
    pub target: String,
    /// Its own name if it has one.
    #[serde(skip_serializing_if = "is_unset")]
    pub name: Option<String>,
    /// The dataset whose rows are applied.
    #[serde(skip_serializing_if = "is_unset")]
    pub source: Option<String>,
    /// The method whose rows are taken.
    #[serde(skip_serializing_if = "is_unset")]
    pub query: Option<FlowQuery>,
    /// Its other options.
    #[serde(skip_serializing_if = "is_unset")]
    pub options: Options,
}

/// What a flow does with rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowKind {
    /// They are added.
    Append,
    /// They are changes.
    Changes,
    /// They are a whole table as it is now.
    Snapshots,
}

impl Graph {
    /// The graph as JSON: the same for configurations that mean the same, and the same as the runtime's.
    pub fn to_json(&self) -> Json {
        let mut datasets: Vec<_> = self.datasets.iter().collect();
        datasets.sort_by_key(|dataset| &dataset.name);
        let mut flows: Vec<_> = self.flows.iter().collect();
        flows.sort_by_key(|flow| (&flow.target, &flow.name));
        json!({"datasets": datasets, "flows": flows, "warnings": self.warnings})
    }
}

/// Whether a value is as good as not given.
fn is_unset<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
