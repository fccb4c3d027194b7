//! `dbfs-dependency`: a wheel on DBFS.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};
use crate::spec::Dependency;

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for dependency in &subject.workflow.dependencies {
        let Dependency::RemoteWheel(wheel) = dependency else { continue };
        if wheel.value.starts_with("/dbfs/") || wheel.value.starts_with("dbfs:") {
            let finding = subject.finding(Rule::DbfsDependency, wheel.span, format!("`{}` is on DBFS", wheel.value));
            found.push(finding.help("move it to a volume (`/Volumes/…`) or a workspace folder"));
        }
    }
}
