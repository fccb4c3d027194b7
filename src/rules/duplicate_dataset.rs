//! `duplicate-dataset`: the items of a workflow register in one pipeline, which has each dataset once.

use std::collections::BTreeMap;

use super::RuleInput;
use crate::config::{Graph, Output};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::RepoPath;

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    // What is made twice in one file was found when it was decoded.
    if subject.configs.len() > 1 && !subject.same_configs {
        by_two_files(subject, found);
    }
    by_two_items(subject, found);
}

fn by_two_files(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    let mut seen: BTreeMap<_, (&RepoPath, Output)> = BTreeMap::new();
    for &(path, config) in &subject.configs {
        let made: Vec<Output> = config.graph.iter().flat_map(Graph::outputs).collect();
        for made in &made {
            let Some((first, other)) = seen.get(&made.key) else { continue };
            let message = format!("`{}` is already made by `{first}`", made.name);
            let finding = Diagnostic::of(Rule::DuplicateDataset, path, made.at.span, message);
            let help = "all items of a workflow make one pipeline: give each its own name";
            found.push(finding.related(first, other.at.span, "made here").help(help));
        }
        seen.extend(made.into_iter().map(|made| (made.key.clone(), (path, made))));
    }
}

/// Two items with one file make everything in it twice, unless one of the classes reads it in its own way.
fn by_two_items(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    for (item, files) in subject.workflow.items.iter().zip(&subject.items) {
        let makes =
            |path: &&RepoPath| subject.configs.iter().any(|(known, config)| known == path && config.graph.is_some());
        let Some(config) = files.configuration.as_ref().filter(makes) else { continue };
        if let Some(first) = seen.get(config) {
            let message = format!("`{config}` is the configuration of two items, so its datasets are made twice");
            let mut finding = subject.finding(Rule::DuplicateDataset, item.python_file.span, message);
            finding.severity = Severity::Warning;
            let finding = finding.related(&subject.workflow.spec, *first, "the other item");
            found.push(finding.help("give each item a configuration of its own"));
        }
        seen.entry(config).or_insert(item.python_file.span);
    }
}
