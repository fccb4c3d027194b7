//! `continuous-trigger`: what always runs is never triggered.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    if subject.is_on("continuous") && subject.setting("trigger").is_some() {
        let message = "`trigger` has no effect on a continuous pipeline".to_owned();
        found.push(subject.at(Rule::ContinuousTrigger, "/trigger", message).help("remove `trigger` or `continuous`"));
    }
}
