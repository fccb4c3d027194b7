//! `incompatible-settings`: settings of which one has no effect because of another.

use serde_json::Value;

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    let mut report = |at: &str, message: &str, help: &str| {
        found.push(subject.at(Rule::IncompatibleSettings, at, message.to_owned()).help(help.to_owned()));
    };
    let has = |field: &str| subject.setting(field).is_some();
    let (serverless, unity) =
        (subject.is_on("serverless"), subject.text("catalog").is_some_and(|name| !name.is_empty()));
    let version = subject.setting("environment").and_then(|environment| environment.get("environment_version"));
    if version.is_some() && !serverless {
        let message = "`environment_version` has an effect on serverless compute only";
        report("/environment/environment_version", message, "add `serverless: true`, or remove it");
    }
    if serverless && !unity {
        let message = "a serverless pipeline publishes to Unity Catalog, and there is no `catalog`";
        report("/serverless", message, "add `catalog`");
    }
    if has("event_log") && !unity {
        let message = "an event log is published to Unity Catalog, and there is no `catalog`";
        report("/event_log", message, "add `catalog`, or remove `event_log`");
    }
    if has("restart_window") && !subject.is_on("continuous") {
        let message = "`restart_window` has an effect on continuous pipelines only";
        report("/restart_window", message, "add `continuous: true`, or remove it");
    }
    let kinds = subject.setting("trigger").and_then(Value::as_object).map_or(0, serde_json::Map::len);
    if kinds > 1 {
        report("/trigger", "a trigger is `cron` or `manual`, not both", "keep one of the two");
    }
    for (at, label, first) in same_labels(subject) {
        let message = format!("two clusters are `{label}`: a pipeline has one of each label");
        let finding = subject.at(Rule::IncompatibleSettings, &at, message);
        let finding = finding.related(&subject.workflow.spec, subject.workflow.place(&first), "the other one");
        found.push(finding.help("merge the two, or give one the `label` `updates` or `maintenance`"));
    }
}

/// Clusters whose label another one has before them; one without a label is `default`.
fn same_labels(subject: &RuleInput<'_>) -> Vec<(String, String, String)> {
    let mut seen: Vec<(&str, String)> = Vec::new();
    let mut same = Vec::new();
    for (at, cluster) in subject.clusters() {
        let label = cluster.get("label").and_then(Value::as_str).unwrap_or("default");
        match seen.iter().find(|(other, _)| *other == label) {
            Some((_, first)) => same.push((at, label.to_owned(), first.clone())),
            None => seen.push((label, at)),
        }
    }
    same
}
