//! `duplicate-dataset`: the items of a workflow register in one pipeline, which has each dataset once.

use std::collections::BTreeMap;

use super::Subject;
use crate::config::{Made, Plan};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::RepoPath;

pub(super) fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let mut seen: BTreeMap<_, (&RepoPath, Made<'_>)> = BTreeMap::new();
    for (path, config) in &subject.configs {
        let made: Vec<Made<'_>> = config.plan.iter().flat_map(Plan::made).collect();
        for made in &made {
            let Some((first, other)) = seen.get(&made.key) else { continue };
            let message = format!("`{}` is made by `{first}` already", made.name);
            let finding = Diagnostic::of(Rule::DuplicateDataset, path, made.at.span, message);
            let help = "all items of a workflow make one pipeline: give each its own name";
            found.push(finding.related(first, other.at.span, "made here").help(help));
        }
        seen.extend(made.into_iter().map(|made| (made.key.clone(), (path, made))));
    }
    twice(subject, found);
}

/// Two items with one file make everything in it twice, unless one of the classes reads it in its own way.
fn twice(subject: &Subject<'_>, found: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    for item in &subject.workflow.items {
        let config = item.config_file(&subject.project.folder, subject.files);
        let Some(config) = config.filter(|path| subject.configs.get(path).is_some_and(|config| config.plan.is_some()))
        else {
            continue;
        };
        if let Some(first) = seen.get(&config) {
            let message = format!("`{config}` is the configuration of two items, so its datasets are made twice");
            let mut finding = subject.finding(Rule::DuplicateDataset, item.python_file.span, message);
            finding.severity = Severity::Warning;
            let finding = finding.related(&subject.workflow.spec, *first, "the other item");
            found.push(finding.help("give each item a configuration of its own"));
        }
        seen.entry(config).or_insert(item.python_file.span);
    }
}
