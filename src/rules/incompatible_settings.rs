//! `incompatible-settings`: settings of which one has no effect because of another, or that the service may refuse.

use serde_json::{Map, Value};

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

const SERVERLESS: &str = "/serverless";

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    let mut report = Reporter { subject, found };
    of_serverless(&mut report);
    of_unity_catalog(&mut report);
    of_schedule(&mut report);
    for (at, cluster) in subject.clusters() {
        of_cluster(&at, cluster, &mut report);
    }
    for (at, label, first) in same_labels(subject) {
        let message = format!("two clusters are `{label}`: a pipeline has one of each label");
        report.with(&at, &message, "merge the two, or give one another `label`", Some((&first, "the other one")));
    }
}

struct Reporter<'r, 's> {
    subject: &'r RuleInput<'s>,
    found: &'r mut Diagnostics,
}

impl Reporter<'_, '_> {
    fn push(&mut self, at: &str, message: &str, help: &str) {
        self.with(at, message, help, None);
    }

    /// A finding with another setting that belongs to it, where that is written.
    fn with(&mut self, at: &str, message: &str, help: &str, other: Option<(&str, &str)>) {
        let workflow = self.subject.workflow;
        let mut finding = self.subject.at(Rule::IncompatibleSettings, at, message.to_owned()).help(help);
        if let Some((pointer, label)) = other
            && let Some(place) = workflow.places.get(pointer)
        {
            finding = finding.related(&workflow.spec, *place, label);
        }
        self.found.push(finding);
    }

    fn has(&self, pointer: &str) -> bool {
        let (field, rest) = pointer[1..].split_once('/').unwrap_or((&pointer[1..], ""));
        let value = self.subject.setting(field);
        if rest.is_empty() { value.is_some() } else { value.is_some_and(|value| value.get(rest).is_some()) }
    }
}

fn of_serverless(report: &mut Reporter<'_, '_>) {
    if report.subject.is_on("serverless") {
        if report.subject.setting("photon") == Some(&Value::Bool(false)) {
            let message = "a serverless pipeline always has Photon";
            report.with("/photon", message, "remove it, or `serverless`", Some((SERVERLESS, "serverless")));
        }
        return;
    }
    let only = [("/environment/environment_version", "environment_version"), ("/budget_policy_id", "budget_policy_id")];
    for (at, name) in only {
        if report.has(at) {
            let message = format!("`{name}` has an effect on serverless compute only");
            report.with(at, &message, "add `serverless: true`, or remove it", Some((SERVERLESS, "not serverless")));
        }
    }
}

fn of_unity_catalog(report: &mut Reporter<'_, '_>) {
    let settings = &report.subject.workflow.settings;
    if settings.catalog().is_some() {
        if settings.schema_or_target().is_none() {
            let message = "there is a `catalog` and no `schema`: the service refuses it, or publishes nothing";
            report.push("/catalog", message, "add `schema`");
        }
        return;
    }
    if report.subject.is_on("serverless") {
        let message = "a serverless pipeline publishes to Unity Catalog, and there is no `catalog`";
        report.with(SERVERLESS, message, "add `catalog`", Some(("/storage", "Hive")));
    }
    if report.has("/event_log") {
        let message = "an event log is published to Unity Catalog, and there is no `catalog`";
        report.with("/event_log", message, "add `catalog`, or remove `event_log`", Some(("/storage", "Hive")));
    }
}

fn of_schedule(report: &mut Reporter<'_, '_>) {
    if report.has("/restart_window") && !report.subject.is_on("continuous") {
        let message = "`restart_window` has an effect on continuous pipelines only";
        let other = Some(("/continuous", "not continuous"));
        report.with("/restart_window", message, "add `continuous: true`, or remove it", other);
    }
    let Some(trigger) = report.subject.setting("trigger") else { return };
    match kinds(trigger) {
        0 => report.push("/trigger", "the trigger says nothing", "add `cron` or `manual`, or remove it"),
        1 => {}
        _ => {
            let other = Some(("/trigger/manual", "the other one"));
            report.with("/trigger/cron", "a trigger is `cron` or `manual`, not both", "keep one of the two", other);
        }
    }
    if trigger.get("cron").is_some_and(|cron| cron.get("quartz_cron_schedule").is_none()) {
        let help = "add it, such as `0 30 6 * * ?` for 6:30 every day";
        report.push("/trigger/cron", "the trigger has no `quartz_cron_schedule`", help);
    }
}

/// What a cluster can have one of.
fn of_cluster(at: &str, cluster: &Value, report: &mut Reporter<'_, '_>) {
    let scripts = cluster.get("init_scripts").and_then(Value::as_array).into_iter().flatten();
    let scripts = scripts.enumerate().map(|(index, script)| (format!("{at}/init_scripts/{index}"), script, "script"));
    let logs = cluster.get("cluster_log_conf").map(|logs| (format!("{at}/cluster_log_conf"), logs, "log"));
    for (at, value, what) in scripts.chain(logs) {
        let count = kinds(value);
        if count != 1 {
            let message = format!("the {what} is in {count} places instead of one");
            report.push(&at, &message, if count == 0 { "name one" } else { "keep one" });
        }
    }
    let label = cluster.get("label").and_then(Value::as_str);
    if label == Some("maintenance") && cluster.pointer("/autoscale/mode").and_then(Value::as_str) == Some("ENHANCED") {
        let message = "a maintenance cluster has no `ENHANCED` autoscaling, and falls back to `LEGACY`";
        let label = format!("{at}/label");
        report.with(&format!("{at}/autoscale/mode"), message, "write `LEGACY`", Some((&label, "maintenance")));
    }
}

/// How many of the keys of which one can be given are there.
fn kinds(value: &Value) -> usize {
    value.as_object().map_or(0, Map::len)
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
