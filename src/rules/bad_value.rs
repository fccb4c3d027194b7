//! `bad-value`: numbers that mean nothing.

use serde_json::Value;

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

/// Hours at which a day begins, as the service counts them.
const HOURS: std::ops::RangeInclusive<i64> = 0..=23;

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for (at, cluster) in subject.clusters() {
        for field in ["/num_workers", "/autoscale/min_workers", "/autoscale/max_workers"] {
            if let Some(workers) = cluster.pointer(field).and_then(Value::as_i64).filter(|workers| *workers < 0) {
                let name = field.rsplit('/').next().unwrap_or_default();
                let message = format!("`{name}` must not be negative, and is {workers}");
                found.push(subject.at(Rule::BadValue, &format!("{at}{field}"), message));
            }
        }
    }
    let hour = subject.setting("restart_window").and_then(|window| window.get("start_hour")).and_then(Value::as_i64);
    if let Some(hour) = hour.filter(|hour| !HOURS.contains(hour)) {
        let message = format!("`start_hour` must be from 0 to 23, and is {hour}");
        let finding = subject.at(Rule::BadValue, "/restart_window/start_hour", message);
        found.push(if hour == 24 { finding.help("midnight is `0`") } else { finding });
    }
}
