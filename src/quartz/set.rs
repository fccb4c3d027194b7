//! The values of one field.

/// What each of the six fields of time can be. A year has no bounds of its own: see [`Years`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CronUnit {
    Second,
    Minute,
    Hour,
    Day,
    Month,
    Weekday,
    Year,
}

/// Inside Quartz, `*` is this number; it is one in the text, too.
pub(super) const ALL: u32 = 99;
/// Inside Quartz, `?` is this number; it is one in the text, too.
pub(super) const UNSPECIFIED: u32 = 98;

impl CronUnit {
    /// Smallest and largest value, where there are such.
    pub(super) fn range(self) -> Option<(u32, u32)> {
        match self {
            Self::Second | Self::Minute => Some((0, 59)),
            Self::Hour => Some((0, 23)),
            Self::Day => Some((1, 31)),
            Self::Month => Some((1, 12)),
            Self::Weekday => Some((1, 7)),
            Self::Year => None,
        }
    }

    /// The largest step.
    pub(super) fn most_steps(self) -> Option<u32> {
        match self {
            Self::Second | Self::Minute => Some(59),
            Self::Hour => Some(23),
            Self::Day => Some(31),
            Self::Month => Some(12),
            Self::Weekday => Some(7),
            Self::Year => None,
        }
    }

    /// How a message names the field.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Second => "seconds",
            Self::Minute => "minutes",
            Self::Hour => "hours",
            Self::Day => "day of month",
            Self::Month => "month",
            Self::Weekday => "day of week",
            Self::Year => "year",
        }
    }

    /// Whether it may be `?`.
    pub(super) fn is_day(self) -> bool {
        matches!(self, Self::Day | Self::Weekday)
    }
}

/// The values of a field that is no year; all are below 128.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Values(u128);

impl Values {
    pub(super) fn insert(&mut self, value: u32) {
        self.0 |= 1_u128.checked_shl(value).unwrap_or_default();
    }

    pub(super) fn contains(self, value: u32) -> bool {
        self.0 & 1_u128.checked_shl(value).unwrap_or_default() != 0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn first(self) -> Option<u32> {
        (self.0 != 0).then(|| self.0.trailing_zeros())
    }

    pub(super) fn iter(self) -> impl Iterator<Item = u32> {
        (0..u128::BITS).filter(move |value| self.contains(*value))
    }
}

/// The values of the year, kept as ranges: a range of all years is as small as one year.
#[derive(Clone, Debug, Default)]
pub(super) struct Years(Vec<(u32, u32, u32)>);

impl Years {
    pub(super) fn insert(&mut self, from: u32, to: u32, step: u32) {
        self.0.push((from, to, step.max(1)));
    }

    pub(super) fn contains(&self, year: u32) -> bool {
        self.0.iter().any(|(from, to, step)| (*from..=*to).contains(&year) && (year - from).is_multiple_of(*step))
    }

    /// How many values the ranges have together: Quartz keeps each of them.
    pub(super) fn len(&self) -> u64 {
        self.0.iter().map(|(from, to, step)| u64::from(to.saturating_sub(*from) / step) + 1).sum()
    }
}
