//! `bad-value`: numbers that mean nothing.

use serde_json::Value;

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule, Severity};

/// Hours at which a day begins, as the service counts them.
const HOURS: std::ops::RangeInclusive<i64> = 0..=23;

/// Fields of a cluster that count something; what the clouds do about a count below zero is not documented.
const COUNTS: [(&str, Severity); 12] = [
    ("/num_workers", Severity::Error),
    ("/autoscale/min_workers", Severity::Error),
    ("/autoscale/max_workers", Severity::Error),
    ("/aws_attributes/ebs_volume_count", Severity::Warning),
    ("/aws_attributes/ebs_volume_iops", Severity::Warning),
    ("/aws_attributes/ebs_volume_size", Severity::Warning),
    ("/aws_attributes/ebs_volume_throughput", Severity::Warning),
    ("/aws_attributes/first_on_demand", Severity::Warning),
    ("/azure_attributes/first_on_demand", Severity::Warning),
    ("/gcp_attributes/boot_disk_size", Severity::Warning),
    ("/gcp_attributes/first_on_demand", Severity::Warning),
    ("/gcp_attributes/local_ssd_count", Severity::Warning),
];

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for (at, cluster) in subject.clusters() {
        for (field, severity) in COUNTS {
            let Some(count) = cluster.pointer(field).and_then(Value::as_i64).filter(|count| *count < 0) else {
                continue;
            };
            let name = field.rsplit('/').next().unwrap_or_default();
            let message = format!("`{name}` must not be negative, and is {count}");
            let mut finding = subject.at(Rule::BadValue, &format!("{at}{field}"), message);
            finding.severity = severity;
            found.push(finding);
        }
    }
    let hour = subject.setting("restart_window").and_then(|window| window.get("start_hour")).and_then(Value::as_i64);
    if let Some(hour) = hour.filter(|hour| !HOURS.contains(hour)) {
        let message = format!("`start_hour` must be from 0 to 23, and is {hour}");
        let finding = subject.at(Rule::BadValue, "/restart_window/start_hour", message);
        found.push(if hour == 24 { finding.help("midnight is `0`") } else { finding });
    }
}
