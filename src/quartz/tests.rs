use time::{Date, Month};

use super::{CronNote, Zone, examine, suggestion, zone};

/// What Quartz 2.3.2 and 2.5.2 make of each line, on that day.
const TABLE: &str = include_str!("../../tests/corpora/quartz-cron.tsv");

fn today() -> Date {
    Date::from_calendar_date(2026, Month::January, 1).unwrap()
}

struct Line {
    text: String,
    old: bool,
    new: bool,
    never: bool,
}

fn lines() -> Vec<Line> {
    let table = TABLE.lines().filter(|line| !line.starts_with('#')).skip(1);
    table
        .map(|line| {
            let [never, new, old, text]: [&str; 4] =
                line.rsplitn(4, '\t').collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("{line}"));
            Line { text: unescaped(text), old: old == "valid", new: new == "valid", never: never.starts_with("never") }
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        let next = (c == '\\').then(|| characters.next()).flatten();
        plain.push(match next {
            None => c,
            Some('t') => '\t',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('u') => {
                let code: String = characters.by_ref().take(4).collect();
                char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap()
            }
            Some(other) => other,
        });
    }
    plain
}

#[test]
fn what_a_version_of_quartz_takes_is_no_error_and_what_both_refuse_is_one() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for Line { text, old, new, .. } in lines() {
        count += 1;
        let examined = examine(&text, today());
        let older = |notes: &Vec<CronNote>| notes.iter().any(|note| matches!(note, CronNote::TooManySteps { .. }));
        let is_right = match &examined {
            Ok(notes) => old || new || older(notes),
            Err(_) => !old && !new,
        };
        let tells = old == new || examined.as_ref().is_ok_and(|notes| !notes.is_empty());
        if !is_right || !tells {
            wrong.push(format!("{text:?} {old} {new}: {examined:?}"));
        }
    }
    assert!(count > 590, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_never_fires_is_told_and_nothing_else_is() {
    let mut wrong = Vec::new();
    for Line { text, never, .. } in lines() {
        let Ok(notes) = examine(&text, today()) else { continue };
        let told = notes
            .iter()
            .any(|note| matches!(note, CronNote::Never | CronNote::NeverInSome | CronNote::Unschedulable(_)));
        if told != never {
            wrong.push(format!("{text:?} {never}: {notes:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_ignored_is_told() {
    for (text, piece) in [
        ("0 0 12 ? * MON-FRI/2", "MON-FRI/2"),
        ("0 0 12 ? JAN-MAR/2 MON", "JAN-MAR/2"),
        ("0 0 12 ? * MONDAY-FRIDAY", "MONDAY-FRIDAY"),
        ("0 0 12:00 * * ?", "12:00"),
        ("0 0 1-5/0 * * ?", "1-5/0"),
        ("0 0 99 * * ?", "99"),
        ("0 0 12 ? * L", "L"),
    ] {
        let notes = examine(text, today()).unwrap();
        let ignored = notes.iter().any(|note| matches!(note, CronNote::Ignored(found, _) if found == piece));
        assert!(ignored, "{text}: {notes:?}");
    }
    for text in ["0 0 12 * * ?", "0 0/5 14,18 * * ?", "0 15 10 ? * 6L 2026-2030", "0 15 10 L-2 * ?", "0 15 10 15W * ?"]
    {
        assert_eq!(examine(text, today()), Ok(Vec::new()), "{text}");
    }
}

#[test]
fn the_work_of_an_expression_does_not_grow_with_its_numbers() {
    let wide = examine("0 0 0 1 1 ? 1-2147483647", today()).unwrap();
    assert_eq!(wide, [CronNote::ManyYears]);
    let long = format!("0 0 {} * * ?", "1-5x,0/99,".repeat(20_000));
    assert_eq!(examine(&long, today()).unwrap().len(), 10);
}

#[test]
fn what_never_fires_in_one_version_alone_is_told_as_that() {
    for (text, expected) in [
        ("0 0 0 30 2 ?", vec![CronNote::Never]),
        ("0 0 0 31W 6 ?", vec![CronNote::NeverInSome]),
        ("0 0 0 0W,7 * ?", vec![CronNote::NeverInSome]),
        ("0 0 0 31W * ?", vec![]),
    ] {
        assert_eq!(examine(text, today()), Ok(expected), "{text}");
    }
}

#[test]
fn digits_of_other_scripts_are_no_error_and_other_letters_are() {
    for text in ["0 0 12 ? * \u{663}", "0 0 1-\u{663} * * ?", "\u{ff11} 0 12 * * ?"] {
        assert_eq!(examine(text, today()), Ok(Vec::new()), "{text}");
    }
    for text in ["\u{663} * * *", "0\u{a0}0 12 * * ?"] {
        assert!(examine(text, today()).is_err(), "{text}");
    }
}

#[test]
fn a_zone_is_known_to_java_or_told_apart_from_what_is_read_in_several_ways() {
    for (name, expected) in [
        ("Europe/Kyiv", Zone::Known),
        ("SystemV/PST8", Zone::Known),
        ("Asia/Calcutta", Zone::Known),
        ("UTC", Zone::Known),
        ("America/Coyhaique", Zone::Known),
        ("PST", Zone::Abbreviation("America/Los_Angeles")),
        ("BST", Zone::Abbreviation("Asia/Dhaka")),
        ("utc", Zone::Unknown),
        (" Europe/Berlin", Zone::Unknown),
        ("ROC", Zone::Unknown),
        ("Factory", Zone::Unknown),
        ("US/Pacific-New", Zone::Unknown),
        ("W. Europe Standard Time", Zone::Unknown),
        ("", Zone::Unknown),
    ] {
        assert_eq!(zone(name), expected, "{name}");
    }
    assert_eq!(suggestion("europe/berlin"), Some("Europe/Berlin"));
    assert_eq!(suggestion(" Europe/Berlin"), Some("Europe/Berlin"));
    assert_eq!(suggestion("America/New York"), Some("America/New_York"));
    assert_eq!(suggestion("W. Europe Standard Time"), None);
}

/// As Java 17 reads them.
#[test]
fn an_offset_is_read_as_each_part_of_java_reads_it() {
    for (expected, names) in [
        (Zone::Offset, "GMT+1 GMT-01 GMT+0130 GMT+01:30 GMT+18:00 GMT+0 GMT-00:00"),
        (
            Zone::OffsetOfZoneId,
            "Z UT +1 -01 +0100 +01:00 +010000 +01:00:00 +18:00 -00:00 UTC+1 UTC+01:00 UT+1 GMT+013000 GMT+01:30:15",
        ),
        (Zone::OffsetOfTimeZone, "GMT+130 GMT+1:30 GMT+19 GMT+18:30 GMT+23:59 GMT+100"),
        (
            Zone::Unknown,
            "z + GMT+ UTZ +1:00 +123 +19 +18:01 +99:99 +12:345 UTC+1:00 UTC+18:01 UTC+12:60 GMT+24:00 GMT+1:3 GMT+01:60 \
             GMT+12345 gmt+1 Etc/GMT+01",
        ),
    ] {
        for name in names.split_whitespace() {
            assert_eq!(zone(name), expected, "{name}");
        }
    }
}
