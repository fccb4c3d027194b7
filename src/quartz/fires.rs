//! Whether an expression has a day to fire on.

use time::{Date, Month, Weekday};

use super::field::CronField;
use super::set::Values;

/// Which Quartz reads it: up to 2.4 only the smallest of the days with `W` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Old,
    New,
}

/// The fields that say on which days.
pub(super) struct Days<'f> {
    pub(super) day: &'f CronField,
    pub(super) month: &'f CronField,
    pub(super) weekday: &'f CronField,
    pub(super) year: &'f CronField,
    /// Whether the day of the week decides, else that of the month.
    pub(super) by_weekday: bool,
}

impl Days<'_> {
    /// Whether there is such a day from `today` to the end of the year `last_year`.
    pub(super) fn any(&self, today: Date, last_year: u32, version: Version) -> bool {
        let this_year = u32::try_from(today.year()).unwrap_or_default();
        let years = (this_year..=last_year).filter(|year| self.year.years.contains(*year));
        years.into_iter().any(|year| {
            let first = if year == this_year { u8::from(today.month()) } else { 1 };
            let months = self.month.values.iter().filter_map(|month| u8::try_from(month).ok());
            months.filter(|month| (first..=12).contains(month)).any(|month| {
                let from = if year == this_year && month == first { u32::from(today.day()) } else { 1 };
                self.in_month(year, month, from, version)
            })
        })
    }

    /// Whether the month has one, not before the day `from`.
    fn in_month(&self, year: u32, month: u8, from: u32, version: Version) -> bool {
        let (Ok(year), Ok(month)) = (i32::try_from(year), Month::try_from(month)) else { return false };
        let length = u32::from(month.length(year));
        let Ok(first) = Date::from_calendar_date(year, month, 1) else { return false };
        let day = if self.by_weekday {
            self.last_by_weekday(first.weekday(), length)
        } else {
            self.last_by_day(length, version)
        };
        day.is_some_and(|day| day >= from)
    }

    /// The latest day of a month of that length.
    fn last_by_day(&self, length: u32, version: Version) -> Option<u32> {
        let last = self.day.last.map(|back| length.saturating_sub(back)).filter(|day| *day > 0);
        let values = self.day.values;
        let fits = |day: &u32| (1..=length).contains(day);
        let day = match (self.day.working_day, version) {
            (true, Version::Old) => values.first().filter(|day| *day > 0).map(|day| day.min(length)),
            _ => values.iter().filter(fits).max(),
        };
        last.max(day)
    }

    fn last_by_weekday(&self, first: Weekday, length: u32) -> Option<u32> {
        let values = self.weekday.values;
        let first = u32::from(first.number_days_from_sunday()) + 1;
        let earliest = |weekday: u32| 1 + (weekday + 7 - first) % 7;
        let latest = |weekday: u32| earliest(weekday) + 7 * ((length - earliest(weekday)) / 7);
        // `0#1` is a Saturday to Quartz.
        let smallest = values.first().filter(|weekday| *weekday <= 7);
        if let Some(nth) = self.weekday.nth {
            return smallest.map(|weekday| earliest(weekday) + 7 * (nth - 1)).filter(|day| *day <= length);
        }
        if self.weekday.last_weekday {
            return smallest.map(latest);
        }
        weekdays(values).map(latest).max()
    }
}

fn weekdays(values: Values) -> impl Iterator<Item = u32> {
    values.iter().filter(|weekday| (1..=7).contains(weekday))
}
