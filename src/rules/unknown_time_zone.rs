//! `unknown-time-zone`, `ambiguous-time-zone`: the zone of a schedule and of a restart window.

use serde_json::Value;

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};
use crate::quartz::{self, Zone};

const FIELDS: [(&str, &str); 2] = [("trigger", "/cron/timezone_id"), ("restart_window", "/time_zone_id")];

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for (field, below) in FIELDS {
        let name = subject.setting(field).and_then(|value| value.pointer(below)).and_then(Value::as_str);
        let Some(name) = name else { continue };
        let (rule, message, help) = match quartz::zone(name) {
            Zone::Known => continue,
            Zone::Abbreviation => {
                let message = format!("`{name}` is an abbreviation that newer versions of Java do not take");
                (Rule::AmbiguousTimeZone, message, "write a region, such as `America/New_York`".to_owned())
            }
            Zone::Offset => {
                let message = format!("`{name}` is an offset to one part of Java and GMT to another");
                (Rule::AmbiguousTimeZone, message, "write a region, such as `Europe/Berlin`, or `UTC`".to_owned())
            }
            Zone::Unknown => {
                let near = quartz::suggestion(name).map(|near| format!("did you mean `{near}`?"));
                let help = near.unwrap_or_else(|| "write a region, such as `Europe/Berlin`, or `UTC`".to_owned());
                (Rule::UnknownTimeZone, format!("there is no time zone `{name}`"), help)
            }
        };
        found.push(subject.at(rule, &format!("/{field}{below}"), message).help(help));
    }
}
