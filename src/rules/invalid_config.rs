//! `invalid-config`: the configurations of a workflow, checked like the runtime checks them when the pipeline starts.

use super::RuleInput;
use crate::config::is_fatal;
use crate::diagnostic::{Diagnostics, Severity};

/// A class without `DLTMetaMixin` reads its configuration itself, and the class is known only at run time. Hence a file
/// that does not describe datasets has no errors.
pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for (_, config) in subject.configs.iter().filter(|(path, _)| subject.fresh.contains(path)) {
        let findings = config.findings.iter();
        let counted = findings
            .filter(|finding| config.describes_datasets || finding.severity < Severity::Error || is_fatal(finding));
        found.extend(counted.cloned());
    }
}
