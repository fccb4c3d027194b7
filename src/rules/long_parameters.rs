//! `long-parameters`: what the service takes.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

/// Characters of `parameters` as JSON.
const MOST: usize = 10_000;

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    let length = subject.setting("parameters").map_or(0, |parameters| parameters.to_string().chars().count());
    if length > MOST {
        let message =
            format!("`parameters` has {length} characters as JSON, more than the {MOST} that a pipeline takes");
        found.push(
            subject.at(Rule::LongParameters, "/parameters", message).help("move long values to a configuration file"),
        );
    }
}
