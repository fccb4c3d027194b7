//! `invalid-config`: what the configurations of a workflow say, checked as the runtime checks it when the pipeline starts.

use super::Subject;
use crate::diagnostic::{Diagnostics, Severity};

/// A class without `DLTMetaMixin` reads its configuration itself, and which class there is only running tells. So of a
/// file that describes no datasets nothing is an error.
pub(super) fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for config in subject.configs.values() {
        let told = config.findings.iter();
        let told = told.filter(|finding| config.describes_datasets || finding.severity < Severity::Error);
        found.extend(told.cloned());
    }
}
