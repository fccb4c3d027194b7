//! `missing-wheel`: a dependency names a wheel of the repository that is not there.

use super::RuleInput;
use super::absence::Absence;
use crate::diagnostic::{Diagnostics, Rule};
use crate::spec::Dependency;

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for dependency in &subject.workflow.dependencies {
        let Dependency::LocalWheel(wheel) = dependency else { continue };
        if !subject.codebase.contains(&wheel.value) {
            let Absence { what, help } = Absence::of(subject, &wheel.value, || {
                "commit it, build it before, or name where it is: `/Volumes/…`, a workspace path or a URL".to_owned()
            });
            let message = format!("`{}` {what}", wheel.value);
            found.push(subject.finding(Rule::MissingWheel, wheel.span, message).help(help));
        }
    }
}
