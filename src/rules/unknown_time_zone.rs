//! `unknown-time-zone`, `ambiguous-time-zone`: the zone of a schedule and of a restart window.

use serde_json::Value;

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};
use crate::quartz::{self, Zone};

const FIELDS: [(&str, &str); 2] = [("trigger", "/cron/timezone_id"), ("restart_window", "/time_zone_id")];

/// What to write where no name is near.
const EXAMPLE: &str = "write a region, such as `Europe/Berlin`, or `UTC`";

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for (field, below) in FIELDS {
        let name = subject.setting(field).and_then(|value| value.pointer(below)).and_then(Value::as_str);
        let Some((rule, message, help)) = name.and_then(|name| problem(name, quartz::zone(name))) else { continue };
        found.push(subject.at(rule, &format!("/{field}{below}"), message).help(help));
    }
}

/// The rule, what is wrong, and what to do.
fn problem(name: &str, zone: Zone) -> Option<(Rule, String, String)> {
    let (rule, what, help) = match zone {
        Zone::Known => return None,
        Zone::Abbreviation(region) => {
            let help = format!("write `{region}`, or the region that is meant");
            (Rule::AmbiguousTimeZone, format!("is `{region}` to one part of Java, and refused by another"), help)
        }
        Zone::Offset => {
            (Rule::AmbiguousTimeZone, "is an offset, which knows no summer time".to_owned(), EXAMPLE.to_owned())
        }
        Zone::OffsetOfZoneId => (
            Rule::AmbiguousTimeZone,
            "is an offset to one part of Java, and GMT to another".to_owned(),
            EXAMPLE.to_owned(),
        ),
        Zone::OffsetOfTimeZone => {
            let what = "is an offset to one part of Java, and refused by another".to_owned();
            (Rule::AmbiguousTimeZone, what, EXAMPLE.to_owned())
        }
        Zone::Unknown => {
            let near = quartz::suggestion(name).map(|near| format!("did you mean `{near}`?"));
            let help = near.unwrap_or_else(|| EXAMPLE.to_owned());
            (Rule::UnknownTimeZone, "is no time zone that Java knows".to_owned(), help)
        }
    };
    Some((rule, format!("`{name}` {what}"), help))
}
