//! `too-many-items`: what the service documents as the most of a list.

use serde_json::Value;

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

/// Fields of a cluster and how many entries they may have, from the documentation of the clusters API.
const LIMITS: [(&str, usize); 3] = [("init_scripts", 10), ("custom_tags", 45), ("ssh_public_keys", 10)];

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for (at, cluster) in subject.clusters() {
        for (field, most) in LIMITS {
            let count = match cluster.get(field) {
                Some(Value::Array(items)) => items.len(),
                Some(Value::Object(entries)) => entries.len(),
                _ => 0,
            };
            if count > most {
                let message = format!("`{field}` has {count} entries; the service takes {most}");
                found.push(subject.at(Rule::TooManyItems, &format!("{at}/{field}"), message));
            }
        }
    }
}
