//! One field of an expression → its values, piece by piece.

use super::set::{ALL, CronUnit, UNSPECIFIED, Values, Years};
use super::{CronNote, CronRefusal};

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Numbers of Quartz are Java's `int`.
const MOST: u32 = i32::MAX as u32;
/// Days that `L-n` may go back.
const MOST_BACK: u32 = 30;

/// A field as it was read.
#[derive(Clone, Debug)]
pub(super) struct CronField {
    pub(super) unit: CronUnit,
    pub(super) values: Values,
    pub(super) years: Years,
    /// `L` in the day of month: days before the last one.
    pub(super) last: Option<u32>,
    /// `W`: the working day next to it.
    pub(super) working_day: bool,
    /// `nL`: the last such weekday of the month.
    pub(super) last_weekday: bool,
    /// `n#k`: which one of the month.
    pub(super) nth: Option<u32>,
    /// What it says beside its values.
    pub(super) notes: Vec<CronNote>,
    last_year: u32,
}

type Read<T = ()> = Result<T, CronRefusal>;

impl CronField {
    /// Reads the field `text`, which is in upper case and has no blanks around it. Years end at `last_year`.
    pub(super) fn read(unit: CronUnit, text: &str, last_year: u32) -> Read<Self> {
        let mut field = Self {
            unit,
            values: Values::default(),
            years: Years::default(),
            last: None,
            working_day: false,
            last_weekday: false,
            nth: None,
            notes: Vec::new(),
            last_year,
        };
        if unit == CronUnit::Weekday && text.contains('L') && text.contains(',') {
            return Err(field.refused(text, "`L` cannot be one of several values"));
        }
        if unit == CronUnit::Weekday && text.matches('#').count() > 1 {
            return Err(field.refused(text, "`#` can be used once"));
        }
        if unit == CronUnit::Day && text.contains('L') && text.contains(',') {
            field.notes.push(CronNote::OneVersion("`L` as one of several days"));
        }
        for piece in text.split(',').filter(|piece| !piece.is_empty()) {
            field.piece(piece)?;
        }
        Ok(field)
    }

    /// Whether it holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.years.len() == 0 && self.last.is_none()
    }

    fn piece(&mut self, piece: &str) -> Read {
        match piece.as_bytes()[0] {
            b'A'..=b'Z' if is_last(piece) => self.last(piece),
            b'A'..=b'Z' => self.name(piece),
            b'?' => self.unspecified(piece),
            b'*' | b'/' => self.every(piece),
            b'0'..=b'9' => self.number(piece),
            _ => Err(self.refused(piece, "it begins with neither a number nor a name")),
        }
    }

    /// `MON`, `MON-FRI`, `MON#2`, `MONL`: the first three letters of a name.
    fn name(&mut self, piece: &str) -> Read {
        let (names, first) = match self.unit {
            CronUnit::Month => (&MONTHS[..], 1),
            CronUnit::Weekday => (&WEEKDAYS[..], 1),
            _ => return Err(self.refused(piece, "only months and days of the week have names")),
        };
        let value_of = |text: &str| {
            let index = names.iter().position(|name| text.get(..3) == Some(*name))?;
            u32::try_from(index).ok().map(|index| index + first)
        };
        let unknown =
            |field: &Self| field.refused(piece, &format!("names are `{}` to `{}`", names[0], names[names.len() - 1]));
        let value = value_of(piece).ok_or_else(|| unknown(self))?;
        let rest = &piece[3..];
        if let Some(end) = rest.strip_prefix('-') {
            let to = value_of(end).ok_or_else(|| unknown(self))?;
            self.ignored(piece, &end[3..]);
            return self.add(piece, value, Some(to), 1);
        }
        if self.unit == CronUnit::Weekday && rest.starts_with('#') {
            self.nth = Some(self.which(piece, &rest[1..])?);
        } else if self.unit == CronUnit::Weekday && rest.starts_with('L') {
            self.last_weekday = true;
            self.ignored(piece, &rest[1..]);
        } else {
            self.ignored(piece, rest);
        }
        self.add(piece, value, None, 0)
    }

    /// `?`, which at most one more character may follow.
    fn unspecified(&mut self, piece: &str) -> Read {
        if !self.unit.is_day() {
            return Err(self.refused(piece, "`?` is only for the day of month and the day of week"));
        }
        if piece.chars().count() > 2 {
            return Err(self.refused(piece, "nothing may follow `?`"));
        }
        self.ignored(piece, &piece[1..]);
        self.values.insert(UNSPECIFIED);
        Ok(())
    }

    /// `*`, `*/n`, `/n`.
    fn every(&mut self, piece: &str) -> Read {
        let rest = piece.strip_prefix('*').unwrap_or(piece);
        let Some(step) = rest.strip_prefix('/') else {
            self.ignored(piece, rest);
            return self.add(piece, ALL, None, 1);
        };
        let step = java_int(step).ok_or_else(|| self.refused(piece, "a number must follow `/`, and nothing else"))?;
        let step = u32::try_from(step).unwrap_or_default();
        if self.unit.most_steps().is_some_and(|most| step > most) {
            return Err(self.too_many_steps(piece, step));
        }
        self.add(piece, ALL, None, step.max(1))
    }

    /// `L`, `LW`, `L-n`, `L-nW`.
    fn last(&mut self, piece: &str) -> Read {
        match self.unit {
            CronUnit::Day => {
                let (back, rest) = match piece[1..].strip_prefix('-') {
                    None => (0, &piece[1..]),
                    Some(rest) => {
                        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                        let back = if digits == 0 && rest.starts_with('W') { Some(0) } else { number(&rest[..digits]) };
                        let back = back.ok_or_else(|| self.refused(piece, "a number must follow `L-`"))?;
                        (back, &rest[digits..])
                    }
                };
                if back > MOST_BACK {
                    return Err(self.refused(piece, "`L-` goes back by 30 days at most"));
                }
                self.last = Some(back);
                self.working_day |= rest.starts_with('W');
            }
            CronUnit::Weekday => {
                self.notes.push(CronNote::Ignored(
                    piece.to_owned(),
                    "is every Saturday; the last one of a month is `7L`".to_owned(),
                ));
                self.values.insert(7);
            }
            CronUnit::Second | CronUnit::Minute | CronUnit::Hour => {
                self.notes.push(CronNote::OneVersion("`L` in a time of day"));
            }
            CronUnit::Month | CronUnit::Year => {}
        }
        Ok(())
    }

    /// What begins with a number.
    fn number(&mut self, piece: &str) -> Read {
        let (value, rest) = digits(piece).ok_or_else(|| self.too_large(piece))?;
        match rest.as_bytes().first() {
            None => self.add(piece, value, None, 0),
            Some(b'L') => self.last_of(piece, value, &rest[1..]),
            Some(b'W') => self.nearest(piece, value, &rest[1..]),
            Some(b'#') => {
                if self.unit != CronUnit::Weekday {
                    return Err(self.refused(piece, "`#` is only for the day of week"));
                }
                self.nth = Some(self.which(piece, &rest[1..])?);
                self.values.insert(value);
                Ok(())
            }
            Some(b'-') => self.range(piece, value, &rest[1..]),
            Some(b'/') => self.steps(piece, value, &rest[1..]),
            Some(_) => {
                self.ignored(piece, rest);
                self.add(piece, value, None, 0)
            }
        }
    }

    /// `6L`.
    fn last_of(&mut self, piece: &str, value: u32, rest: &str) -> Read {
        if self.unit != CronUnit::Weekday || !(1..=7).contains(&value) {
            return Err(self.refused(piece, "a number and `L` is only for the day of week, `1L` to `7L`"));
        }
        self.last_weekday = true;
        self.ignored(piece, rest);
        self.values.insert(value);
        Ok(())
    }

    /// `15W`.
    fn nearest(&mut self, piece: &str, value: u32, rest: &str) -> Read {
        if self.unit != CronUnit::Day || value > 31 {
            return Err(self.refused(piece, "`W` is only for the day of month, up to `31W`"));
        }
        self.working_day = true;
        self.ignored(piece, rest);
        self.values.insert(value);
        Ok(())
    }

    /// The `k` of `n#k`.
    fn which(&self, piece: &str, text: &str) -> Read<u32> {
        let nth = java_int(text).and_then(|nth| u32::try_from(nth).ok()).filter(|nth| (1..=5).contains(nth));
        nth.ok_or_else(|| self.refused(piece, "a number from 1 to 5 must follow `#`, and nothing else"))
    }

    /// `a-b`, `a-b/n`.
    fn range(&mut self, piece: &str, from: u32, rest: &str) -> Read {
        let (to, rest) = self.following(piece, rest, "-")?;
        let Some(step) = rest.strip_prefix('/') else {
            self.ignored(piece, rest);
            return self.add(piece, from, Some(to), 1);
        };
        let (step, rest) = self.following(piece, step, "/")?;
        self.ignored(piece, rest);
        if step == 0 {
            self.ignored(piece, &format!("-{to}/0"));
        }
        self.add(piece, from, Some(to), step)
    }

    /// `a/n`.
    fn steps(&mut self, piece: &str, from: u32, text: &str) -> Read {
        let (step, rest) = self.following(piece, text, "/")?;
        if text.len() - rest.len() == 1 && !rest.is_empty() {
            return Err(self.refused(piece, "a number must follow `/`, and nothing else"));
        }
        if let Some(most) = self.unit.most_steps().filter(|most| step > *most) {
            // Versions before 2.3 take it.
            self.notes.push(CronNote::TooManySteps { piece: piece.to_owned(), most, field: self.unit.name() });
        }
        self.ignored(piece, rest);
        self.add(piece, from, None, if step == 0 { 0 } else { step }).map(|()| {
            if step == 0 {
                self.ignored(piece, "/0");
            }
        })
    }

    fn following<'t>(&self, piece: &str, text: &'t str, after: &str) -> Read<(u32, &'t str)> {
        if !text.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.refused(piece, &format!("a number must follow `{after}`")));
        }
        digits(text).ok_or_else(|| self.too_large(piece))
    }

    /// Adds `value`, the range from it up to `to`, or all from it on; a `step` of 0 is the value alone.
    fn add(&mut self, piece: &str, value: u32, to: Option<u32>, step: u32) -> Read {
        let end = to.unwrap_or_default();
        if let Some((least, most)) = self.unit.range() {
            let is_code = value == ALL || self.unit.is_day() && value == UNSPECIFIED;
            if (value < least || value > most || end > most) && !is_code {
                let why = format!("values are {least} to {most}");
                return Err(self.refused(piece, &why));
            }
        }
        if value == ALL && piece.starts_with("99") || self.unit.is_day() && value == UNSPECIFIED {
            let means = if value == ALL { "`*`" } else { "`?`" };
            self.notes.push(CronNote::Ignored(piece.to_owned(), format!("has a number that is {means} to Quartz")));
        }
        if step == 0 && value != ALL {
            self.insert_one(value);
            return Ok(());
        }
        self.insert_range(piece, value, to, step.max(1))
    }

    fn insert_one(&mut self, value: u32) {
        if self.unit == CronUnit::Year {
            self.years.insert(value, value, 1);
        } else {
            self.values.insert(value);
        }
    }

    fn insert_range(&mut self, piece: &str, value: u32, to: Option<u32>, step: u32) -> Read {
        let Some((least, most)) = self.unit.range() else {
            let from = if value == ALL { 1970 } else { value };
            let to = to.unwrap_or(self.last_year);
            if to < from {
                let why = format!("years go up, and to {} at most", self.last_year);
                return Err(self.refused(piece, &why));
            }
            self.years.insert(from, to, step);
            return Ok(());
        };
        let from = if value == ALL { least } else { value };
        let size = most - least + 1;
        let to = to.unwrap_or(most);
        // A range that goes down wraps round.
        let (to, wraps) = if to < from { (to + if least == 0 { most + 1 } else { size }, true) } else { (to, false) };
        for value in (from..=to).step_by(usize::try_from(step).unwrap_or(usize::MAX)) {
            self.values.insert(match (wraps, value % (most + u32::from(least == 0))) {
                (false, _) => value,
                (true, 0) if least == 1 => most,
                (true, value) => value,
            });
        }
        Ok(())
    }

    fn ignored(&mut self, piece: &str, rest: &str) {
        if !rest.is_empty() {
            self.notes.push(CronNote::Ignored(piece.to_owned(), format!("ends in `{rest}`, which Quartz ignores")));
        }
    }

    fn too_many_steps(&self, piece: &str, step: u32) -> CronRefusal {
        let most = self.unit.most_steps().unwrap_or_default();
        self.refused(piece, &format!("a step of {step} is more than {most}"))
    }

    fn too_large(&self, piece: &str) -> CronRefusal {
        self.refused(piece, "the number is too large")
    }

    fn refused(&self, piece: &str, why: &str) -> CronRefusal {
        CronRefusal(format!("`{piece}` in the field {}: {why}", self.unit.name()))
    }
}

/// Whether the piece is `L`, `LW`, `L-n` or `L-nW`.
fn is_last(piece: &str) -> bool {
    let Some(rest) = piece.strip_prefix('L') else { return false };
    let rest = rest.strip_suffix('W').unwrap_or(rest);
    rest.is_empty() || rest.strip_prefix('-').is_some_and(|days| days.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The number at the start of `text`, and the rest; `None` if it is not an `int` of Java.
fn digits(text: &str) -> Option<(u32, &str)> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    Some((number(&text[..text.len() - rest.len()])?, rest))
}

fn number(digits: &str) -> Option<u32> {
    digits.parse().ok().filter(|number| *number <= MOST)
}

/// What `Integer.parseInt` takes.
fn java_int(text: &str) -> Option<i32> {
    text.parse().ok()
}
