//! `dotted-target`: `target` is one name; the catalog has a field of its own.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for field in ["target", "schema"] {
        let dotted = subject
            .text(field)
            .filter(|name| !name.contains("${"))
            .and_then(|name| Some((name, name.rsplit_once('.')?)));
        if let Some((name, (catalog, schema))) = dotted {
            let finding = subject.at(Rule::DottedTarget, &format!("/{field}"), format!("`{name}` has a dot in it"));
            let help = match subject.workflow.settings.catalog() {
                Some(known) if known.eq_ignore_ascii_case(catalog) => {
                    format!("write `{schema}`: the catalog has its own field")
                }
                Some(known) => format!("write `{schema}`, and `catalog: {catalog}` if it is not `{known}`"),
                None => format!("write `catalog: {catalog}` and `schema: {schema}`"),
            };
            found.push(finding.help(help));
        }
    }
}
