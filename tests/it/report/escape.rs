//! Nothing foreign becomes a command, an output or a word of a shell.

use dltflow::report::{Delivered, annotations, escape, json, outputs, text};
use proptest::prelude::*;

use super::samples::{all, everywhere, hostile, sources};
use crate::support::{Command, parse_commands as commands, parse_outputs};

const DELIMITER: &str = "ghadelimiter_5f0c";

/// Texts made of what the runner looks for, and any other.
fn foreign() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n"),
        Just("\r"),
        Just("\r\n"),
        Just("::"),
        Just("##["),
        Just("#"),
        Just("["),
        Just("]"),
        Just("set-output "),
        Just("name=result"),
        Just("::error::x"),
        Just("add-mask"),
        Just("]x"),
        Just(" "),
        Just("\t"),
        Just("%0A"),
        Just("%"),
        Just(","),
        Just(";"),
        Just(":"),
        Just("="),
        Just("<<"),
        Just("EOF"),
        Just("\u{2028}"),
        Just("\u{85}"),
        Just("\u{b}"),
        Just("\u{200b}"),
        Just("\u{feff}"),
        Just("\0"),
        Just("é")
    ];
    let pieces = prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat());
    prop_oneof![3 => pieces, 1 => any::<String>()]
}

proptest! {
    #![proptest_config(super::cases(256))]

    #[test]
    fn a_log_holds_no_command(text in foreign()) {
        prop_assert_eq!(commands(&escape::log(&text)), vec![]);
    }

    #[test]
    fn a_command_holds_its_own_message_and_property_alone(message in foreign(), title in foreign()) {
        let (message, title) = (escape::message(&message, 4096), escape::property(&title, 200));
        let found = commands(&format!("::error title={title},line=1::{message}"));
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(&found[0].name, "error");
        prop_assert_eq!(found[0].properties.get("line").map(String::as_str), Some("1"));
        prop_assert!(found[0].properties.keys().all(|key| key == "line" || key == "title"));
        prop_assert_eq!(commands(&format!("x {message} {title}")), vec![]);
    }

    #[test]
    fn what_is_escaped_for_reading_stays_as_it_is(text in foreign(), limit in 1_usize..40) {
        let (line, log) = (escape::line(&text), escape::log(&text));
        prop_assert_eq!(escape::line(&line), &*line);
        prop_assert_eq!(escape::log(&log), &*log);
        let cut = escape::truncate(&text, limit);
        prop_assert!(cut.chars().count() <= limit);
        prop_assert_eq!(escape::truncate(&cut, limit), &*cut);
        let prose = escape::prose(&text);
        prop_assert!(!prose.contains('\n') && !prose.ends_with(' '));
    }

    #[test]
    fn a_word_for_the_shell_is_one_word(text in foreign()) {
        let word = escape::shell(&text);
        let (mut quote, mut read) = (None, String::new());
        let mut chars = word.chars();
        while let Some(c) = chars.next() {
            match (quote, c) {
                (None, '\'' | '"') => quote = Some(c),
                (Some(open), c) if c == open => quote = None,
                (Some('"'), '\\') => read.extend(chars.next()),
                (Some('"'), c) => {
                    prop_assert!(!"$`!^".contains(c), "{}", word);
                    read.push(c);
                }
                (Some(_), c) => read.push(c),
                (None, c) => {
                    prop_assert!(c.is_ascii_alphanumeric() || "-._/:@+]".contains(c), "{}", word);
                    read.push(c);
                }
            }
        }
        prop_assert!(quote.is_none() && !word.is_empty());
        prop_assert_eq!(read, escape::line(&text));
    }
}

proptest! {
    #![proptest_config(super::cases(48))]

    #[test]
    fn any_text_anywhere_gives_only_our_commands_and_outputs(foreign in foreign()) {
        let report = everywhere(&foreign);
        prop_assert_eq!(commands(&text(&report, &sources())), vec![]);
        prop_assert_eq!(commands(&json(&report)), vec![]);
        prop_assert!(only_annotations(&commands(&annotations(&report))));
        let delivered = Delivered { comment_url: Some(&foreign), report_path: Some(&foreign) };
        let outputs = parse_outputs(&outputs(&report, delivered, DELIMITER).unwrap()).unwrap();
        prop_assert_eq!(outputs.len(), 12);
        prop_assert_eq!(&outputs["result"], "failed");
    }
}

fn only_annotations(commands: &[Command]) -> bool {
    let known = ["file", "line", "endLine", "col", "endColumn", "title"];
    let ours = |command: &Command| {
        ["error", "warning", "notice"].contains(&command.name.as_str())
            && command.properties.keys().all(|key| known.contains(&key.as_str()))
    };
    commands.iter().all(ours)
}

#[test]
fn every_sample_gives_our_commands_and_outputs_alone() {
    for (name, report) in all() {
        assert_eq!(commands(&text(&report, &sources())), vec![], "{name}");
        let outputs = parse_outputs(&outputs(&report, Delivered::default(), DELIMITER).unwrap()).unwrap();
        assert_eq!((outputs.len(), outputs["result"].as_str()), (12, report.result.word()), "{name}");
        let printed = annotations(&report);
        let found = commands(&printed);
        assert_eq!(found.len(), printed.lines().count(), "{name}:\n{printed}");
        assert!(only_annotations(&found), "{name}:\n{printed}");
    }
}

#[test]
fn an_output_that_holds_the_delimiter_is_refused() {
    let report = everywhere(DELIMITER);
    let error = outputs(&report, Delivered::default(), DELIMITER).unwrap_err();
    assert_eq!(error.message(), "the delimiter of the output `environment` occurs in its value");
    assert!(outputs(&report, Delivered::default(), "").is_err());
}

#[test]
fn links_lead_to_plain_addresses_or_nowhere() {
    for (url, links) in [
        ("https://dbc.example.com/pipelines/1-a?w=2", true),
        ("http://127.0.0.1:8080/pipelines/1", true),
        ("http://localhost/x", true),
        ("http://example.com/x", false),
        ("http://127.0.0.1.example.com/x", false),
        ("http://localhost@example.com/", false),
        ("https://host@example.com/", false),
        ("javascript:alert(1)", false),
        ("https://example.com/)[x](y", false),
        ("https://example.com/\nx", false),
        ("https:///x", false),
    ] {
        assert_eq!(escape::link("open", url).is_some(), links, "{url:?}");
    }
}

#[test]
fn invisible_characters_are_dropped_and_long_text_is_truncated_between_characters() {
    assert_eq!(escape::line("a\u{202e}b\u{0}c\u{200b}\r\nd\te"), "abc↵d e");
    assert_eq!(escape::truncate("äöü", 2), "ä…");
    assert_eq!(escape::truncate("äöü", 3), "äöü");
    assert_eq!(escape::message("ab%\n", 4), "ab…");
    assert_eq!(escape::ascii("\"é😀##[\""), "\"\\u00e9\\ud83d\\ude00##\\u005b\"");
    assert!(!escape::line(&hostile("x")).contains('\n'));
}
