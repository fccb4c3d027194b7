//! `missing-wheel`: a dependency names a wheel of the repository that is not there.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};
use crate::spec::Dependency;

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for dependency in &subject.workflow.dependencies {
        let Dependency::LocalWheel(wheel) = dependency else { continue };
        if !subject.codebase.contains(&wheel.value) {
            let finding = subject.finding(Rule::MissingWheel, wheel.span, format!("`{}` does not exist", wheel.value));
            found.push(match subject.similar(&wheel.value) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("commit it, or name where it is: `/Volumes/…`, a workspace path or a URL"),
            });
        }
    }
}
