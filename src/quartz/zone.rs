//! Time zones as Java has them.
//!
//! `ZoneId.of` throws for a name that it does not know, `TimeZone.getTimeZone` takes it for GMT; which of the two the
//! service asks is not known. The names are those of Java 17 with tzdata 2025a, and `America/Coyhaique` of Java 25.

use crate::diagnostic::nearest;

/// The regions, sorted.
const REGIONS: &str = include_str!("zones.txt");

/// Names that only `TimeZone` has, and what they are to it.
const ABBREVIATIONS: [(&str, &str); 28] = [
    ("ACT", "Australia/Darwin"),
    ("AET", "Australia/Sydney"),
    ("AGT", "America/Argentina/Buenos_Aires"),
    ("ART", "Africa/Cairo"),
    ("AST", "America/Anchorage"),
    ("BET", "America/Sao_Paulo"),
    ("BST", "Asia/Dhaka"),
    ("CAT", "Africa/Harare"),
    ("CNT", "America/St_Johns"),
    ("CST", "America/Chicago"),
    ("CTT", "Asia/Shanghai"),
    ("EAT", "Africa/Addis_Ababa"),
    ("ECT", "Europe/Paris"),
    ("EST", "Etc/GMT+5"),
    ("HST", "Pacific/Honolulu"),
    ("IET", "America/Indiana/Indianapolis"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("MIT", "Pacific/Apia"),
    ("MST", "America/Phoenix"),
    ("NET", "Asia/Yerevan"),
    ("NST", "Pacific/Auckland"),
    ("PLT", "Asia/Karachi"),
    ("PNT", "America/Phoenix"),
    ("PRT", "America/Puerto_Rico"),
    ("PST", "America/Los_Angeles"),
    ("SST", "Pacific/Guadalcanal"),
    ("VST", "Asia/Ho_Chi_Minh"),
];

/// How the two write an offset after its sign: each letter is a digit.
const OF_ZONE_ID: [&str; 6] = ["h", "hh", "hhmm", "hh:mm", "hhmmss", "hh:mm:ss"];
const OF_TIME_ZONE: [&str; 6] = ["h", "hh", "hmm", "hhmm", "h:mm", "hh:mm"];

/// What Java makes of the name of a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Both know it.
    Known,
    /// An abbreviation that only `TimeZone` knows, for this region.
    Abbreviation(&'static str),
    /// An offset to both.
    Offset,
    /// An offset to `ZoneId`, and GMT to `TimeZone`.
    OffsetOfZoneId,
    /// An offset to `TimeZone`, and refused by `ZoneId`.
    OffsetOfTimeZone,
    /// Neither knows it.
    Unknown,
}

/// What Java makes of `name`.
pub fn zone(name: &str) -> Zone {
    if regions().any(|region| region == name) {
        return Zone::Known;
    }
    if let Some((_, region)) = ABBREVIATIONS.iter().find(|(short, _)| *short == name) {
        return Zone::Abbreviation(region);
    }
    match (is_offset_of_zone_id(name), is_offset_of_time_zone(name)) {
        (true, true) => Zone::Offset,
        (true, false) => Zone::OffsetOfZoneId,
        (false, true) => Zone::OffsetOfTimeZone,
        (false, false) => Zone::Unknown,
    }
}

/// The region that was probably meant by an unknown name.
pub fn suggestion(name: &str) -> Option<&'static str> {
    let plain = name.trim().replace(' ', "_");
    let same = regions().find(|region| region.eq_ignore_ascii_case(&plain));
    same.or_else(|| nearest(&plain, regions()))
}

fn regions() -> impl Iterator<Item = &'static str> {
    REGIONS.lines()
}

/// `Z`, `+01:00`, `UTC+1`, `GMT+0130`: up to 18 hours.
fn is_offset_of_zone_id(name: &str) -> bool {
    let prefix = ["UTC", "GMT", "UT"].into_iter().find_map(|prefix| name.strip_prefix(prefix));
    let offset = signed(prefix.unwrap_or(name)).and_then(|digits| time_of_day(digits, &OF_ZONE_ID));
    matches!(name, "Z" | "UT") || offset.is_some_and(|time| time <= [18, 0, 0])
}

/// `GMT+1`, `GMT+130`, `GMT+1:30`: less than a day.
fn is_offset_of_time_zone(name: &str) -> bool {
    let offset = name.strip_prefix("GMT").and_then(signed).and_then(|digits| time_of_day(digits, &OF_TIME_ZONE));
    offset.is_some_and(|time| time < [24, 0, 0])
}

fn signed(offset: &str) -> Option<&str> {
    offset.strip_prefix(['+', '-'])
}

/// Hours, minutes and seconds, if they are written in one of the `forms`.
fn time_of_day(text: &str, forms: &[&str]) -> Option<[u32; 3]> {
    let fits = |form: &&&str| {
        let is_like = |(form, byte): (u8, u8)| if form == b':' { byte == b':' } else { byte.is_ascii_digit() };
        form.len() == text.len() && form.bytes().zip(text.bytes()).all(is_like)
    };
    let form = forms.iter().find(fits)?;
    let time = [b'h', b'm', b's'].map(|unit| {
        let digits = form.bytes().zip(text.bytes()).filter(|(letter, _)| *letter == unit);
        digits.fold(0, |value, (_, digit)| value * 10 + u32::from(digit - b'0'))
    });
    (time[1] < 60 && time[2] < 60).then_some(time)
}
