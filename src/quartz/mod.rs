//! Cron expressions of Quartz and time zones of Java, as the scheduler of the service reads them.
//!
//! The rules are those of Quartz 2.3.2 and 2.5.2, seen by running both; which one the service has is not known, so a
//! text is refused only where both do.

mod field;
mod fires;
mod set;
mod zone;

use time::Date;

use field::CronField;
use fires::{Days, Version};
use set::{CronUnit, UNSPECIFIED};

pub use zone::{Zone, suggestion, zone};

/// Years that Quartz looks ahead.
const AHEAD: u32 = 100;
/// Pieces that are told of: an expression has as many as its author likes.
const MOST_NOTES: usize = 10;
/// Years that a schedule may list: Quartz keeps each of them in memory.
const MOST_YEARS: u64 = 10_000;

const UNITS: [CronUnit; 7] = [
    CronUnit::Second,
    CronUnit::Minute,
    CronUnit::Hour,
    CronUnit::Day,
    CronUnit::Month,
    CronUnit::Weekday,
    CronUnit::Year,
];

/// Why Quartz does not take an expression, as the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronRefusal(String);

impl std::fmt::Display for CronRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is odd about an expression that at least one version of Quartz takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CronNote {
    /// A piece of a field that is not what it looks like, and what becomes of it.
    Ignored(String, String),
    /// What only some versions take.
    OneVersion(&'static str),
    /// A step beyond the size of its field, which versions before 2.3 take as one that is as large.
    TooManySteps {
        /// The piece of the field.
        piece: String,
        /// The largest step.
        most: u32,
        /// The name of the field.
        field: &'static str,
    },
    /// It has no time to fire at.
    Never,
    /// It has no time to fire at for some versions.
    NeverInSome,
    /// A field without a value, by its name: Quartz fails when it looks for the next time.
    Unschedulable(&'static str),
    /// It lists more years than a scheduler should keep.
    ManyYears,
}

impl std::fmt::Display for CronNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ignored(piece, why) => write!(f, "`{piece}` {why}"),
            Self::OneVersion(what) => write!(f, "some versions of Quartz refuse {what}"),
            Self::TooManySteps { piece, most, field } => {
                write!(
                    f,
                    "`{piece}` has a step of more than {most} in the field {field}, which newer versions of Quartz refuse"
                )
            }
            Self::Never => f.write_str("it never fires"),
            Self::NeverInSome => f.write_str("it never fires in some versions of Quartz"),
            Self::Unschedulable(field) => write!(f, "the field {field} has no value, so it cannot be scheduled"),
            Self::ManyYears => f.write_str("it lists so many years that a scheduler may run out of memory"),
        }
    }
}

/// Reads a cron expression: what is odd about it, for schedules that start on `today` (UTC).
///
/// # Errors
/// Where every version of Quartz that was seen refuses it.
pub fn examine(text: &str, today: Date) -> Result<Vec<CronNote>, CronRefusal> {
    let upper = text.to_uppercase();
    let fields: Vec<&str> = upper.split([' ', '\t']).filter(|field| !field.is_empty()).collect();
    if fields.len() < 6 {
        let count = fields.len();
        return Err(CronRefusal(format!(
            "it has {count} of the 6 or 7 fields: seconds, minutes, hours, day of month, month, day of week, year"
        )));
    }
    // Quartz takes digits of other scripts in some places; which, is not worth a false error.
    if text.chars().any(|c| c.is_numeric() && !c.is_ascii()) {
        return Ok(Vec::new());
    }
    let last_year = u32::try_from(today.year()).unwrap_or_default() + AHEAD;
    let mut notes = Vec::new();
    if fields.len() > UNITS.len() {
        notes.push(CronNote::OneVersion("more than 7 fields, and others ignore what follows"));
    }
    let text_of = |index: usize| fields.get(index).map_or("*", |field| field.trim_matches(|c| c <= ' '));
    let read = UNITS.iter().enumerate().map(|(index, unit)| CronField::read(*unit, text_of(index), last_year));
    let mut read = read.collect::<Result<Vec<_>, _>>()?;
    for field in &mut read {
        notes.append(&mut field.notes);
    }
    notes.truncate(MOST_NOTES);
    judge(&read, today, last_year, &mut notes)?;
    Ok(notes)
}

/// What the fields say together.
fn judge(fields: &[CronField], today: Date, last_year: u32, notes: &mut Vec<CronNote>) -> Result<(), CronRefusal> {
    let [second, minute, hour, day, month, weekday, year] = fields else { return Ok(()) };
    let (no_day, no_weekday) = (day.values.contains(UNSPECIFIED), weekday.values.contains(UNSPECIFIED));
    if no_day == no_weekday {
        let both = if no_day { "both are" } else { "neither is" };
        return Err(CronRefusal(format!("one of day of month and day of week must be `?`, and {both}")));
    }
    if let Some(field) = [second, minute, hour, month, weekday].into_iter().find(|field| field.is_empty()) {
        notes.push(CronNote::Unschedulable(field.unit.name()));
        return Ok(());
    }
    if year.years.len() > MOST_YEARS {
        notes.push(CronNote::ManyYears);
    }
    if day.is_empty() {
        notes.push(CronNote::OneVersion("a day of month without a value"));
    }
    let days = Days { day, month, weekday, year, by_weekday: no_day };
    match [Version::Old, Version::New].map(|version| days.any(today, last_year, version)) {
        [true, true] => {}
        [false, false] => notes.push(CronNote::Never),
        _ => notes.push(CronNote::NeverInSome),
    }
    Ok(())
}

#[cfg(test)]
mod tests;
