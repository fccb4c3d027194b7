//! `autoscale-range`: the service wants room to scale in.

use serde_json::Value;

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule, Severity};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for (at, cluster) in subject.clusters() {
        let workers = |field: &str| cluster.get("autoscale").and_then(|range| range.get(field)).and_then(Value::as_i64);
        let (Some(min), Some(max)) = (workers("min_workers"), workers("max_workers")) else { continue };
        if max > min {
            continue;
        }
        let how = if max < min { "smaller than" } else { "not larger than" };
        let message = format!("`max_workers` ({max}) is {how} `min_workers` ({min})");
        let mut finding = subject.at(Rule::AutoscaleRange, &format!("{at}/autoscale/max_workers"), message);
        // Public specs have equal bounds, although the documentation wants room to scale in.
        if max == min {
            finding.severity = Severity::Warning;
        }
        found.push(finding.help("for a fixed size, write `num_workers` instead of `autoscale`"));
    }
}
