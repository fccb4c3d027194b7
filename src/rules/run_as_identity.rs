//! `run-as-identity`: a pipeline runs as one identity.

use serde_json::Value;

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    if let Some(identities) = subject.setting("run_as").and_then(Value::as_object).filter(|run_as| run_as.len() != 1) {
        let message = format!("`run_as` names {} identities instead of one", identities.len());
        let finding = subject.at(Rule::RunAsIdentity, "/run_as", message);
        found.push(finding.help("keep one of `user_name`, `service_principal_name` and `group_name`"));
    }
}
