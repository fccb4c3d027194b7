//! The outputs of a graph, and those that are made twice: by two entries of a file, or by two files of a pipeline.

use std::collections::BTreeMap;

use super::entry::DatasetEntry;
use super::graph::{Dataset, Flow, Graph};
use crate::schema::{KeyPath, Problems};

/// Something that has to be unique in a pipeline: a dataset, a table of quarantined rows, or a flow with a name.
#[derive(Clone, Debug)]
pub struct Output<'a> {
    /// The name of the dataset, or the target and the name of the flow; in lower case, as engines compare them.
    pub key: (String, Option<String>),
    /// The name as it is written.
    pub name: &'a str,
    /// Where it is made.
    pub at: &'a KeyPath,
}

impl Graph {
    /// Everything that it makes.
    pub fn outputs(&self) -> impl Iterator<Item = Output<'_>> {
        outputs(&self.datasets, &self.flows)
    }
}

fn outputs<'a>(datasets: &'a [Dataset], flows: &'a [Flow]) -> impl Iterator<Item = Output<'a>> {
    let datasets = datasets.iter().flat_map(|dataset| {
        let quarantine = dataset.quarantine.iter().map(|quarantine| quarantine.name.as_str());
        let names = std::iter::once(dataset.name.as_str()).chain(quarantine);
        names.map(|name| Output { key: (name.to_lowercase(), None), name, at: &dataset.at })
    });
    let flows = flows.iter().filter_map(|flow| {
        let name = flow.name.as_deref()?;
        Some(Output { key: (flow.target.to_lowercase(), Some(name.to_lowercase())), name, at: &flow.at })
    });
    datasets.chain(flows)
}

/// No two entries make the same dataset or the same flow; several may append to one target.
pub(super) fn refuse_duplicates(entries: &[DatasetEntry], problems: &mut Problems<'_>) {
    let mut seen: BTreeMap<_, (Output<'_>, &DatasetEntry)> = BTreeMap::new();
    for entry in entries {
        for output in outputs(&entry.datasets, &entry.flows) {
            let Some((first, other)) = seen.get(&output.key) else {
                seen.insert(output.key.clone(), (output, entry));
                continue;
            };
            let shared = |entry: &DatasetEntry| output.key.1.is_none() && entry.flow == Some("append_config");
            let (at, name, first, path) = (entry.at.at(output.at.span), output.name, first.at.span, &other.at.path);
            if !(shared(entry) && shared(other)) {
                problems.duplicate(&at, &format!("`{name}` is already made by {path}"), (first, "made here"));
            } else if !entry.expectations.is_empty() || !entry.options.is_empty() {
                let problem = format!("`{name}` gets its expectations and `write_opts` from {path}");
                problems.error_beside(&at, &problem, "", (first, "these are taken"));
            }
        }
    }
}
