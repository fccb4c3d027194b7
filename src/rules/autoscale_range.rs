//! `autoscale-range`: the service wants room to scale in.

use serde_json::Value;

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for (at, cluster) in subject.clusters() {
        let workers = |field: &str| cluster.get("autoscale").and_then(|range| range.get(field)).and_then(Value::as_i64);
        if let (Some(min), Some(max)) = (workers("min_workers"), workers("max_workers"))
            && max <= min
        {
            let message = format!("`max_workers` ({max}) is not larger than `min_workers` ({min})");
            let finding = subject.at(Rule::AutoscaleRange, &format!("{at}/autoscale/max_workers"), message);
            found.push(finding.help("for a fixed size, write `num_workers` instead of `autoscale`"));
        }
    }
}
