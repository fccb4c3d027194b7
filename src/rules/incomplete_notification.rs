//! `incomplete-notification`: a message that nobody gets.

use serde_json::Value;

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

const NEEDS: [(&str, &str); 2] = [("email_recipients", "recipient"), ("alerts", "alert")];

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    let notifications = subject.setting("notifications").and_then(Value::as_array).into_iter().flatten();
    for (index, notification) in notifications.enumerate() {
        for (field, what) in NEEDS {
            let listed = notification.get(field).and_then(Value::as_array).into_iter().flatten();
            let mut listed = listed.filter_map(Value::as_str);
            if listed.all(|text| text.trim().is_empty()) {
                let message = format!("the notification has no {what}, so it is never sent");
                let finding = subject.at(Rule::IncompleteNotification, &format!("/notifications/{index}"), message);
                found.push(finding.help(format!("add `{field}`, or remove the notification")));
            }
        }
    }
}
