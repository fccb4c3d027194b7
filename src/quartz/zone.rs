//! Time zones as Java has them.
//!
//! `ZoneId.of` throws for a name that it does not know, `TimeZone.getTimeZone` takes it for GMT; which of the two the
//! service asks is not known. The names are those of Java 17 with tzdata 2025a, and `America/Coyhaique` of Java 25.

use crate::diagnostic::nearest;

/// The regions, sorted.
const REGIONS: &str = include_str!("zones.txt");

/// Names that only `TimeZone` has.
const SHORT: &[&str] = &[
    "ACT", "AET", "AGT", "ART", "AST", "BET", "BST", "CAT", "CNT", "CST", "CTT", "EAT", "ECT", "EST", "HST", "IET",
    "IST", "JST", "MIT", "MST", "NET", "NST", "PLT", "PNT", "PRT", "PST", "SST", "VST",
];

/// What Java makes of the name of a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Both know it.
    Known,
    /// An abbreviation that only `TimeZone` knows.
    Abbreviation,
    /// An offset that only one of the two, or each in its own way, reads.
    Offset,
    /// Neither knows it.
    Unknown,
}

/// What Java makes of `name`.
pub fn zone(name: &str) -> Zone {
    if regions().any(|region| region == name) {
        Zone::Known
    } else if SHORT.contains(&name) {
        Zone::Abbreviation
    } else if is_offset(name) {
        Zone::Offset
    } else {
        Zone::Unknown
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

/// Whether `ZoneId` or `TimeZone` reads it as an offset: `Z`, `+01:00`, `UTC+1`, `GMT+01:30`.
fn is_offset(name: &str) -> bool {
    if name == "Z" {
        return true;
    }
    let rest = ["UTC", "GMT", "UT"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    let Some(digits) = rest.strip_prefix(['+', '-']) else { return false };
    let parts: Vec<&str> = digits.split(':').collect();
    let numbers =
        parts.iter().all(|part| (1..=6).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()));
    numbers && parts.len() <= 3
}
