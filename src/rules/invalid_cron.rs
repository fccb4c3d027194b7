//! `invalid-cron`, `suspicious-cron`: when a pipeline is triggered.

use serde_json::Value;

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule, truncate};
use crate::quartz::{self, CronNote};

const SCHEDULE: &str = "quartz_cron_schedule";
/// Characters of an expression that a message quotes.
const LONGEST: usize = 100;
/// What a cron expression looks like.
const EXAMPLE: &str = "write six or seven fields, such as `0 30 6 * * ?` for 6:30 every day";

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    let Some(cron) = subject.setting("trigger").and_then(|trigger| trigger.get("cron")) else { return };
    let Some(text) = cron.get(SCHEDULE).and_then(Value::as_str) else { return };
    let at = format!("/trigger/cron/{SCHEDULE}");
    let quoted = truncate(text, LONGEST);
    match quartz::examine(text, subject.today) {
        Err(refusal) => {
            let message = format!("Quartz does not take `{quoted}`: {refusal}");
            found.push(subject.at(Rule::InvalidCron, &at, message).help(EXAMPLE));
        }
        Ok(notes) => found.extend(notes.iter().map(|note| {
            let finding = subject.at(Rule::SuspiciousCron, &at, format!("`{quoted}`: {note}"));
            finding.help(cure(note))
        })),
    }
}

/// What to do about what is odd.
fn cure(note: &CronNote) -> &'static str {
    match note {
        CronNote::Ignored(..) => "write what is meant without it: each value, or one range with its step, by numbers",
        CronNote::OneVersion(_) => "write it in another way: which version the service has is not known",
        CronNote::TooManySteps { .. } => "write the values as a list",
        CronNote::Never | CronNote::NeverInSome => "check the day, the month and the year",
        CronNote::Unschedulable(_) => "give the field a value",
        CronNote::ManyYears => "leave the year out, or name the years that are meant",
    }
}
