//! `relative-storage`: the service accepts absolute paths only.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    let Some(storage) = subject.text("storage") else { return };
    if !(storage.starts_with('/') || storage.starts_with("dbfs:/") || storage.contains("://")) {
        let finding = subject.at(Rule::RelativeStorage, "/storage", format!("`{storage}` is not an absolute path"));
        found.push(finding.help(format!("write `/{storage}`, or a URI such as `abfss://…`")));
    }
}
