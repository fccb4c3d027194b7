//! `dash-in-target`: a schema whose name has to be quoted wherever it is read.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for field in ["target", "schema"] {
        if let Some(name) = subject.text(field).filter(|name| name.contains('-')) {
            let finding = subject.at(Rule::DashInTarget, &format!("/{field}"), format!("`{name}` has a dash in it"));
            found.push(
                finding.help(format!("`{}` needs no quotes and is taken by Unity Catalog", name.replace('-', "_"))),
            );
        }
    }
}
