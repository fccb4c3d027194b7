//! What another reader of a configuration takes otherwise: a class may open the file itself, by `PyYAML` or Python's `json`.
//!
//! Seen with `PyYAML` 6.0.1 to 6.0.4, `yaml.safe_load`, and Python 3.11.

use time::{Date, Month};

use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::source::{Source, Span};
use crate::yaml::{Oddity, OddityKind, Value, yaml_1_1};

const QUOTES: &str = "write it in quotes where text is meant";

/// What the other reader makes of it, and what to write.
enum OtherReading {
    /// Another value.
    Other(String, &'static str),
    /// An error.
    Fails(String, &'static str),
}

/// The warning about a place that readers differ about, if they do.
pub(super) fn difference(source: &Source, oddity: &Oddity) -> Option<Diagnostic> {
    let written = source.text.get(oddity.span.start..oddity.span.end).unwrap_or_default();
    let (message, help) = match reading(oddity, written)? {
        OtherReading::Other(what, help) => (format!("other readers take this as {what}"), help),
        OtherReading::Fails(why, help) => (format!("other readers fail here: {why}"), help),
    };
    Some(Diagnostic::of(Rule::ReadersDiffer, &source.path, oddity.span, message).help(help))
}

/// The error of what the `dlt` section cannot have.
pub(super) fn refused(source: &Source, oddity: &Oddity) -> Option<Diagnostic> {
    let (message, help) = match &oddity.kind {
        OddityKind::Tag(tag) | OddityKind::TypedTag(tag) | OddityKind::PlainTag(tag) | OddityKind::TagAtEnd(tag) => {
            let help = if tag == "!" { "put the text in quotes" } else { "remove it: only plain data is supported" };
            (format!("the tag `{tag}` is not supported"), help)
        }
        OddityKind::NullKey => ("a key is not a string".to_owned(), "write keys as plain strings"),
        _ => return None,
    };
    let mut finding = Diagnostic::of(Rule::InvalidConfig, &source.path, oddity.span, message).help(help);
    finding.severity = Severity::Error;
    Some(finding)
}

fn reading(oddity: &Oddity, written: &str) -> Option<OtherReading> {
    let other = |what: &str, help| Some(OtherReading::Other(what.to_owned(), help));
    let fails = |why: &str, help| Some(OtherReading::Fails(why.to_owned(), help));
    match &oddity.kind {
        OddityKind::Plain => plain(written),
        OddityKind::TypedKey => typed_key(written),
        OddityKind::PlainTag(_) => None,
        OddityKind::Tag(tag) => match tag.as_str() {
            "!" => other("the text alone, without the `!`", "put the text in quotes"),
            "!!set" => other("a set", "write a list"),
            "!!omap" | "!!pairs" => other("a list of pairs", "write a list of lists"),
            "!!timestamp" => other("a date", QUOTES),
            "!!binary" => other("bytes", "write text, and decode it in the class"),
            _ => fails("the tag is not known", "remove it"),
        },
        OddityKind::FlowIndicator => fails("`?` and `:` have a meaning in brackets", "put the text in quotes"),
        OddityKind::TagAtEnd(_) => fails("a tag without a value", "write `\"\"` after it"),
        OddityKind::TypedTag(tag) => {
            other(&format!("what the tag `{tag}` says"), "remove the tag, and write the value as it is meant")
        }
        OddityKind::EscapedSurrogates => {
            other("two halves of a character", "write the character itself, or its escape with `\\U`")
        }
        OddityKind::NullKey => other("the key `None`", "write the key in quotes"),
        OddityKind::MergedTwice(key) => other(
            &format!("another value of `{key}`, which several of the merged mappings set"),
            "set it in one of them, or beside `<<`",
        ),
        OddityKind::Tab => fails("a tab outside of quotes", "write spaces"),
        OddityKind::AnchorAgain(name) => {
            fails(&format!("the anchor `{name}` is there twice"), "give each anchor its own name")
        }
        OddityKind::AnchorName(name) => {
            fails(&format!("the name of the anchor `{name}`"), "use letters, digits, `-` and `_` only")
        }
        OddityKind::Character(c) if "\u{85}\u{2028}\u{2029}".contains(*c) => {
            other(&format!("a line break (U+{:04X})", u32::from(*c)), "write it as an escape in double quotes")
        }
        OddityKind::Character(c) => {
            fails(&format!("the character U+{:04X}", u32::from(*c)), "write it as an escape in double quotes")
        }
        OddityKind::LargeNumber => other("a number that does not fit into 64 bits, which is text here", QUOTES),
    }
}

/// A scalar without quotes that is text here.
fn plain(text: &str) -> Option<OtherReading> {
    let other = |what: &str| Some(OtherReading::Other(what.to_owned(), QUOTES));
    let fails = |why: &str| Some(OtherReading::Fails(why.to_owned(), QUOTES));
    let rest = ["0x", "0b"].iter().find_map(|prefix| text.trim_start_matches(['-', '+']).strip_prefix(prefix));
    if rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte == b'_')) {
        return fails("a number without digits");
    }
    if matches!(text, "=" | "<<") {
        return fails(&format!("`{text}` has a meaning of its own"));
    }
    if let Some(date) = date(text) {
        return if date { other("a date") } else { fails("there is no such date") };
    }
    if is_base_60(text) {
        return other("a number of base 60");
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return other("a number");
    }
    yaml_1_1::is_large(text)
        .then(|| OtherReading::Other("a number that does not fit into 64 bits, which is text here".to_owned(), QUOTES))
}

/// A key without quotes that is text here.
fn typed_key(text: &str) -> Option<OtherReading> {
    let what = match plain(text) {
        Some(OtherReading::Other(what, _)) => what,
        Some(fails) => return Some(fails),
        None => match yaml_1_1::typed(text)? {
            Value::Bool(flag) => format!("the key `{}`", if flag { "True" } else { "False" }),
            _ => "a key that is a number".to_owned(),
        },
    };
    Some(OtherReading::Other(what, "write the key in quotes"))
}

/// Whether a text that looks like a date or a time stamp is one; `None` for any other text.
fn date(text: &str) -> Option<bool> {
    let (date, time) = match text.find(['T', 't', ' ', '\t']) {
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start_matches([' ', '\t']))),
        None => (text, None),
    };
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts[..] else { return None };
    let digits = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let short = if time.is_none() { 2..=2 } else { 1..=2 };
    if !digits(year, 4..=4) || !digits(month, short.clone()) || !digits(day, short) {
        return None;
    }
    if time.is_some_and(|time| !is_time(time)) {
        return None;
    }
    let month = month.parse::<u8>().ok().and_then(|month| Month::try_from(month).ok());
    let is_date = month.is_some_and(|month| {
        let (year, day) = (year.parse().unwrap_or_default(), day.parse().unwrap_or_default());
        year > 0 && Date::from_calendar_date(year, month, day).is_ok()
    });
    Some(is_date && time.is_none_or(is_clock))
}

/// `6:30:00.5 +01:00`, by its shape.
fn is_time(text: &str) -> bool {
    let (clock, zone) = match text.find(|c: char| c != ':' && c != '.' && !c.is_ascii_digit()) {
        Some(at) => (&text[..at], text[at..].trim_start_matches([' ', '\t'])),
        None => (text, ""),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let parts: Vec<&str> = clock.split(':').collect();
    let [hour, minute, second] = parts[..] else { return false };
    let is_right =
        (1..=2).contains(&hour.len()) && minute.len() == 2 && second.len() == 2 && !fraction.contains([':', '.']);
    let offset = |zone: &str| {
        let (hours, minutes) = zone.split_once(':').map_or((zone, None), |(hours, minutes)| (hours, Some(minutes)));
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        (1..=2).contains(&hours.len()) && number(hours) && minutes.is_none_or(|text| text.len() == 2 && number(text))
    };
    is_right && (zone.is_empty() || zone == "Z" || zone.strip_prefix(['+', '-']).is_some_and(offset))
}

/// Whether the numbers of a time of day are those of one.
fn is_clock(time: &str) -> bool {
    let mut parts =
        time.split([':', '.', ' ', '\t', 'Z', '+', '-']).map(|part| part.parse::<u32>().unwrap_or_default());
    let (hour, minute, second) = (parts.next(), parts.next(), parts.next());
    hour.is_none_or(|hour| hour < 24)
        && minute.is_none_or(|minute| minute < 60)
        && second.is_none_or(|second| second < 60)
}

/// `12:30:00`, which is 45000 in YAML 1.1.
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) =
        unsigned.split_once('.').map_or((unsigned, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut parts = whole.split(':');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let digit = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let least = if fraction.is_some() { '0' } else { '1' };
    let begins = first.starts_with(|c: char| (least..='9').contains(&c)) && digit(first);
    let sixty = |part: &&str| match part.as_bytes() {
        [one] => one.is_ascii_digit(),
        [ten, one] => (b'0'..=b'5').contains(ten) && one.is_ascii_digit(),
        _ => false,
    };
    begins && !rest.is_empty() && rest.iter().all(sixty) && fraction.is_none_or(digit)
}

/// Where a section of the file lies: from its key to that of the next one.
pub(super) fn stretch(keys: impl Iterator<Item = Span>, section: Span, end: usize) -> std::ops::Range<usize> {
    let next = keys.map(|key| key.start).filter(|start| *start > section.start).min();
    section.start..next.unwrap_or(end)
}
