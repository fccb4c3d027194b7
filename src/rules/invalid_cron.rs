//! `invalid-cron`, `suspicious-cron`: when a pipeline is triggered.

use serde_json::Value;

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};
use crate::quartz::{self, Note};

const SCHEDULE: &str = "quartz_cron_schedule";
/// What a cron expression looks like.
const EXAMPLE: &str = "write six or seven fields, such as `0 30 6 * * ?` for 6:30 every day";

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    let Some(cron) = subject.setting("trigger").and_then(|trigger| trigger.get("cron")) else { return };
    let Some(text) = cron.get(SCHEDULE).and_then(Value::as_str) else { return };
    let at = format!("/trigger/cron/{SCHEDULE}");
    match quartz::examine(text, subject.today) {
        Err(refusal) => {
            let message = format!("Quartz does not take `{text}`: {refusal}");
            found.push(subject.at(Rule::InvalidCron, &at, message).help(EXAMPLE));
        }
        Ok(notes) => found.extend(notes.iter().map(|note| {
            let finding = subject.at(Rule::SuspiciousCron, &at, format!("of `{text}`, {note}"));
            finding.help(cure(note))
        })),
    }
}

/// What to do about what is odd.
fn cure(note: &Note) -> &'static str {
    match note {
        Note::Ignored(..) => "write what is meant without it: each value, or one range with its step, by numbers",
        Note::OneVersion(_) => "write it in another way: which version the service has is not known",
        Note::TooManySteps { .. } => "write the values as a list",
        Note::Never => "check the day, the month and the year",
        Note::Unschedulable(_) => "give the field a value",
        Note::ManyYears => "leave the year out, or name the years that are meant",
    }
}
