//! `bad-wheel-name`: pip reads the name, version and platform of a wheel from its file name.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};
use crate::spec::Dependency;

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for dependency in &subject.workflow.dependencies {
        let (text, span) = match dependency {
            Dependency::LocalWheel(path) => (path.value.as_str(), path.span),
            Dependency::RemoteWheel(path) => (path.value.as_str(), path.span),
            Dependency::Package { .. } => continue,
        };
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        if !is_wheel_name(name) {
            let finding = subject.finding(Rule::BadWheelName, span, format!("`{name}` is not a valid wheel name"));
            found.push(finding.help("use the name that the build gave it, such as `orders-1.0-py3-none-any.whl`"));
        }
    }
}

/// Name, version, perhaps a build number, then Python, ABI and platform (Python packaging: binary distribution format).
pub(super) fn is_wheel_name(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".whl") else { return false };
    let parts: Vec<&str> = stem.split('-').collect();
    matches!(parts.len(), 5 | 6) && parts.iter().all(|part| !part.is_empty() && !part.contains(char::is_whitespace))
}
