//! What is made twice: by two entries of one file, or by two files of one pipeline.

use std::collections::BTreeMap;

use super::entry::Entry;
use super::plan::{Dataset, Flow, Plan};
use super::told::{Place, Told};

/// Something that has to be unique in a pipeline: a dataset, a table of quarantined rows, or a flow with a name.
#[derive(Clone, Debug)]
pub struct Made<'a> {
    /// The name of the dataset, or the target and the name of the flow; in lower case, as engines compare them.
    pub key: (String, Option<String>),
    /// The name as it is written.
    pub name: &'a str,
    /// Where it is made.
    pub at: &'a Place,
}

impl Plan {
    /// Everything that it makes.
    pub fn made(&self) -> impl Iterator<Item = Made<'_>> {
        made(&self.datasets, &self.flows)
    }
}

fn made<'a>(datasets: &'a [Dataset], flows: &'a [Flow]) -> impl Iterator<Item = Made<'a>> {
    let datasets = datasets.iter().flat_map(|dataset| {
        let quarantine = dataset.quarantine.iter().map(|quarantine| quarantine.name.as_str());
        let names = std::iter::once(dataset.name.as_str()).chain(quarantine);
        names.map(|name| Made { key: (name.to_lowercase(), None), name, at: &dataset.at })
    });
    let flows = flows.iter().filter_map(|flow| {
        let name = flow.name.as_deref()?;
        Some(Made { key: (flow.target.to_lowercase(), Some(name.to_lowercase())), name, at: &flow.at })
    });
    datasets.chain(flows)
}

/// No two entries make the same dataset or the same flow; several may append to one target.
pub(super) fn refuse(entries: &[Entry], told: &mut Told<'_>) {
    let mut seen: BTreeMap<_, (Made<'_>, &Entry)> = BTreeMap::new();
    for entry in entries {
        for made in made(&entry.datasets, &entry.flows) {
            let Some((first, other)) = seen.get(&made.key) else {
                seen.insert(made.key.clone(), (made, entry));
                continue;
            };
            let shared = |entry: &Entry| made.key.1.is_none() && entry.flow == Some("append_config");
            let (at, name, first, path) = (entry.at.at(made.at.span), made.name, first.at.span, &other.at.path);
            if !(shared(entry) && shared(other)) {
                told.double(&at, &format!("`{name}` is made by {path} already"), (first, "made here"));
            } else if !entry.expectations.is_empty() || !entry.options.is_empty() {
                let problem = format!("`{name}` gets its expectations and `write_opts` from {path}");
                told.error_beside(&at, &problem, "", (first, "these are taken"));
            }
        }
    }
}
