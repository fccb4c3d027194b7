//! `exclusive-fields`: fields that the service does not take together.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

/// Two fields, and which one to keep.
const PAIRS: [(&str, &str, &str); 2] = [
    ("catalog", "storage", "keep `catalog` for Unity Catalog, `storage` for Hive"),
    ("schema", "target", "keep `schema`; `target` is its former name"),
];

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    let mut report = |first: &str, second: &str, message: String, help: &str| {
        let finding = subject.at(Rule::ExclusiveFields, second, message).help(help);
        found.push(finding.related(&subject.workflow.spec, subject.workflow.place(first), "the other one"));
    };
    for (first, second, help) in PAIRS {
        if subject.setting(first).is_some() && subject.setting(second).is_some() {
            let message = format!("`{first}` and `{second}` exclude each other");
            report(&format!("/{first}"), &format!("/{second}"), message, help);
        }
    }
    if subject.is_on("serverless") && subject.clusters().next().is_some() {
        let message = "a serverless pipeline has no `clusters`".to_owned();
        report("/serverless", "/clusters", message, "remove one of the two");
    }
    for (at, cluster) in subject.clusters() {
        if cluster.get("autoscale").is_some() && cluster.get("num_workers").is_some() {
            let message = "`autoscale` and `num_workers` exclude each other".to_owned();
            report(&format!("{at}/autoscale"), &format!("{at}/num_workers"), message, "remove one of the two");
        }
    }
}
