//! `dash-in-target`: a schema of the Hive metastore whose name has to be quoted wherever it is read. Unity Catalog takes it
//! like any other.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    if subject.workflow.settings.catalog().is_some() {
        return;
    }
    for field in ["target", "schema"] {
        if let Some(name) = subject.text(field).filter(|name| name.contains('-')) {
            let finding = subject.at(Rule::DashInTarget, &format!("/{field}"), format!("`{name}` has a dash in it"));
            found.push(finding.help(format!("`{}` needs no quotes", name.replace('-', "_"))));
        }
    }
}
