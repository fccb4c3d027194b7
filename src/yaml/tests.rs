use serde_json::json;

use super::{Limits, OddityKind, Parsed, Resolution, parse};
use crate::diagnostic::Rule;
use crate::source::{RepoPath, Source, Span};

fn source(text: &str) -> Source {
    Source { path: RepoPath::parse("a.yml").unwrap(), text: text.to_owned() }
}

/// `line:column rule message` of every finding.
fn described(source: &Source, findings: &crate::diagnostic::Diagnostics) -> Vec<String> {
    let lines = findings.iter().map(|finding| {
        let place = finding.at.span.map(|span| source.locate(span));
        let place = place.map_or("-".to_owned(), |place| format!("{}:{}", place.line, place.column));
        format!("{place} {} {}", finding.rule, finding.message)
    });
    lines.collect()
}

fn any(text: &str) -> serde_json::Value {
    let source = source(text);
    let (node, findings) = parse(&source);
    let node = node.unwrap_or_else(|| panic!("{text:?}: {:?}", described(&source, &findings)));
    node.to_json()
}

#[test]
fn yaml_and_json_give_the_same_values() {
    for (text, expected) in [
        ("a: 1\nb: [x, 'y', \"z\\n\"]", json!({"a": 1, "b": ["x", "y", "z\n"]})),
        (
            "{\n\t\"a\": \"\\u00e9\\ud834\\udd1e\\/\",\n\t\"b\":[1,-2.5,1e3,null,true]\n}",
            json!({"a": "é𝄞/", "b": [1, -2.5, 1000.0, null, true]}),
        ),
        ("{\"a\":{\"b\":\"c\"},\"d\":\"x: y # z\"}\n", json!({"a": {"b": "c"}, "d": "x: y # z"})),
        ("[\t1,\t2 ]", json!([1, 2])),
        ("a: no\nb: off\nc: yes\nd: True", json!({"a": "no", "b": "off", "c": "yes", "d": true})),
        (
            "a: 010\nb: 1_000\nc: 0x10\nd: .inf\ne: 12e03",
            json!({"a": "010", "b": "1_000", "c": 16, "d": ".inf", "e": 12000.0}),
        ),
        (
            "x: &a {k: 1, l: 2}\ny: {<<: *a, l: 3}\nz: *a",
            json!({"x": {"k": 1, "l": 2}, "y": {"k": 1, "l": 3}, "z": {"k": 1, "l": 2}}),
        ),
        ("\u{feff}a: é\r\nb: 2\r\n", json!({"a": "é", "b": 2})),
        ("1: a\ntrue: b", json!({"1": "a", "true": "b"})),
    ] {
        assert_eq!(any(text), expected, "{text:?}");
    }
}

#[test]
fn an_anchor_may_be_used_often() {
    let value = any(&format!("a: &a {{b: 1}}\nc: [{}]\n", "*a, ".repeat(500)));
    assert_eq!(value["c"].as_array().unwrap().len(), 500);
}

/// A pseudo-random number below `bound`: the same run each time.
fn next(state: &mut u64, bound: usize) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap() % bound
}

fn json_value(state: &mut u64, depth: usize) -> serde_json::Value {
    const TEXTS: [&str; 20] = [
        "",
        "~",
        "null",
        "true",
        "no",
        "010",
        "1.0",
        "- a",
        "a: b",
        "# x",
        "<<",
        "&a",
        "*a",
        "!t",
        "|",
        "\t\n\r",
        "\u{8}\u{c}\u{1}",
        "é\u{feff}𝄞\u{2028}",
        "\"'\\/",
        " a ",
    ];
    match next(state, if depth == 0 { 4 } else { 6 }) {
        0 => json!(null),
        1 => json!(next(state, 2) == 0),
        2 => json!([0, -7, 12_345_678_901_i64][next(state, 3)]),
        3 => json!(TEXTS[next(state, TEXTS.len())]),
        4 => (0..next(state, 4)).map(|_| json_value(state, depth - 1)).collect(),
        _ => {
            let entries =
                (0..next(state, 4)).map(|_| (TEXTS[next(state, TEXTS.len())].to_owned(), json_value(state, depth - 1)));
            serde_json::Value::Object(entries.collect())
        }
    }
}

#[test]
fn whatever_json_says_is_read_as_json_means_it() {
    let mut state = 1;
    for _ in 0..3_000 {
        let value = json!({ "a": json_value(&mut state, 4) });
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap().replace("  ", "\t")] {
            assert_eq!(any(&text), value, "{text}");
        }
    }
}

#[test]
fn every_key_and_value_knows_its_place() {
    let source = source("\u{feff}# é\nä: &a 'b é'  # c\nx:\n  - *a\n  - {k: 1.0}\ny:\n  <<: {m: text}\n");
    let (node, _) = parse(&source);
    let slice = |span: Span| source.text[span.start..span.end].to_owned();
    let node = node.unwrap();
    let entries = node.entries();
    assert_eq!(slice(entries[0].key.span), "ä");
    assert_eq!(slice(entries[0].node.span), "'b é'");
    let super::Value::List(items) = &entries[1].node.value else { panic!("not a list") };
    assert_eq!((slice(items[0].span), slice(items[0].used.unwrap())), ("'b é'".to_owned(), "*a".to_owned()));
    assert_eq!(slice(items[1].get("k").unwrap().node.span), "1.0");
    assert_eq!(slice(entries[2].node.get("m").unwrap().key.span), "m");
}

#[test]
fn what_cannot_be_read_is_reported_once_at_its_place() {
    let deep = "- ".repeat(60);
    let many = "- a\n".repeat(Limits::SPEC.nodes);
    let bomb = (1..12).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |bomb, level| {
        bomb + &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "))
    });
    let chain = (1..300)
        .fold("a0: &a0 [x]\n".to_owned(), |chain, level| chain + &format!("a{level}: &a{level} [*a{}]\n", level - 1));
    let large = format!("a: {}", "x".repeat(Limits::SPEC.bytes));
    for (text, expected) in [
        ("", "1:1 syntax the file is empty"),
        ("# nothing\n---\n", "1:1 syntax the file is empty"),
        ("a: [1, 2", "syntax the file cannot be read"),
        ("a: 1\n b: 2\n", "2:3 syntax the file cannot be read"),
        ("a: 1\n---\nb: 2\n", "syntax the file contains more than one document"),
        ("a: *b", "1:4 syntax "),
        ("a: &b [*b]", "syntax "),
        ("a: 1\n<<: 3\n", "2:"),
        ("a: x\0y", "syntax the file cannot be read"),
        ("\u{feff}\0a\0:\0 \x01", "syntax the file cannot be read"),
        ("? [a]\n: b\n", "syntax a key is not a string"),
        (&deep, "syntax the file is nested too deeply"),
        (&many, "syntax the file has too many values"),
        (&"{a: ".repeat(2_000), "syntax the file is nested too deeply"),
        (&bomb, "syntax the "),
        (&chain, "syntax the "),
        (&large, "- syntax the file has"),
    ] {
        let source = source(text);
        let (node, findings) = parse(&source);
        let lines = described(&source, &findings);
        let start: String = text.chars().take(40).collect();
        assert!(node.is_none(), "{start:?} was read");
        assert!(lines.len() == 1 && lines[0].contains(expected), "{start:?}: {lines:?}");
        assert!(!lines[0].contains(|c: char| c.is_control()) && lines[0].len() < 300, "{lines:?}");
    }
}

#[test]
fn duplicate_keys_are_all_reported_with_both_places() {
    let source = source("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n");
    let (node, findings) = parse(&source);
    assert!(node.is_some());
    assert_eq!(
        described(&source, &findings),
        ["4:3 duplicate-key `c` is given twice", "5:1 duplicate-key `a` is given twice"]
    );
    assert!(findings.iter().all(|finding| finding.related.len() == 1));
}

#[test]
fn tags_are_refused_also_those_of_yaml_itself() {
    let source =
        source("a: !!str 1\nb: !!int '5'\nc: [!!binary aGk=]\nd: !!map {x: 1}\ne: !!python/object:os.system x\n");
    let (_, findings) = parse(&source);
    let lines: Vec<_> = findings.iter().map(|finding| source.locate(finding.at.span.unwrap()).line).collect();
    assert_eq!(lines, [1, 2, 3, 4, 5]);
    assert!(findings.iter().all(|finding| finding.rule == Rule::Syntax && finding.message.contains("tag")));
}

#[test]
fn any_input_gives_a_result_and_places_inside_the_text() {
    let pieces = [
        "a", ": ", "\n", "  ", "- ", "&x ", "*x", "<<: ", "{", "}", "[", "]", "'", "\"", "é", "\t", "|\n", "\u{feff}",
        "!!t ", "---\n", "?", ",", "1.0", "\\u12", "\0", "#", "𝄞",
    ];
    let mut state = 7;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..=next(&mut state, 14) {
            text.push_str(pieces[next(&mut state, pieces.len())]);
        }
        let source = source(&text);
        let (node, findings) = parse(&source);
        assert!(node.is_some() || !findings.is_empty(), "{text:?}");
        let places = node.iter().flat_map(|node| node.places(node.span).into_values());
        for span in findings.iter().filter_map(|finding| finding.at.span).chain(places) {
            assert!(text.get(span.start..span.end).is_some(), "{text:?}: {span:?}");
        }
    }
}

/// The tree of a configuration, and the kinds of what is odd about it.
fn read(name: &str, text: &str) -> (serde_json::Value, Vec<OddityKind>) {
    let source = Source { path: RepoPath::parse(name).unwrap(), text: text.to_owned() };
    let Parsed { node, findings, oddities } = super::read(&source, Limits::CONFIGURATION, Resolution::Core);
    assert!(node.is_some(), "{text}: {:?}", described(&source, &findings));
    (node.unwrap().to_json(), oddities.into_iter().map(|oddity| oddity.kind).collect())
}

#[test]
fn json_is_json_by_the_letter() {
    for (text, expected) in [
        ("// what runs\n{\"a\": 1}", "1:1 syntax the file is not valid JSON"),
        ("{\"a\": 1} // end", "1:10 syntax the file is not valid JSON"),
        ("{\"a\": 1, # one\n\"b\": 2}", "1:10 syntax the file is not valid JSON"),
        ("{\"a\": 1,}", "syntax the file is not valid JSON"),
        ("{'a': 1}", "1:2 syntax the file is not valid JSON"),
        ("{a: 1}", "1:2 syntax the file is not valid JSON"),
        ("{\"a\": 01}", "syntax the file is not valid JSON"),
        ("{\"a\": NaN}", "syntax the file is not valid JSON"),
        ("{\"a\": \"\t\"}", "syntax the file is not valid JSON"),
        ("{\"a\": 1, \"a\": 2}", "1:10 duplicate-key `a` is given twice"),
        ("", "1:1 syntax the file is empty"),
    ] {
        let source = Source { path: RepoPath::parse("a.json").unwrap(), text: text.to_owned() };
        let lines = described(&source, &parse(&source).1);
        assert!(lines.len() == 1 && lines[0].contains(expected), "{text:?}: {lines:?}");
    }
    let long = "k".repeat(5_000);
    for text in ["{\"a\": \"\u{80}\u{9f}\", \"b\t\": [\"\u{2028}\"]}".to_owned(), format!("{{\"{long}\": 1}}")] {
        let text = text.replace("b\t", "b");
        let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read("a.json", &text), (expected, vec![]));
    }
}

#[test]
fn sections_of_an_author_may_be_deep_and_large() {
    let deep = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    assert_eq!(read("a.json", &deep(127)).1, []);
    assert_eq!(read("a.yml", &deep(100)).1, []);
    for (name, text) in
        [("a.json", deep(200)), ("a.json", deep(100_000)), ("a.yml", deep(200)), ("a.yml", deep(100_000))]
    {
        let source = Source { path: RepoPath::parse(name).unwrap(), text };
        let parsed = super::read(&source, Limits::CONFIGURATION, Resolution::Core);
        assert!(parsed.node.is_none());
        assert!(described(&source, &parsed.findings)[0].contains("nested too deeply"), "{:?}", parsed.findings);
    }
    let many = format!("[{}1]", "1,".repeat(200_000));
    assert_eq!(read("a.json", &many).0.as_array().unwrap().len(), 200_001);
    assert_eq!(read("a.yml", &many).0.as_array().unwrap().len(), 200_001);
}

#[test]
fn of_merged_mappings_the_first_counts_and_own_keys_before_them() {
    let bases = "a: &a {k: 1, l: 1}\nb: &b {k: 2, m: 2}\n";
    for (merge, expected, odd) in [
        ("{<<: [*a, *b]}", json!({"k": 1, "l": 1, "m": 2}), true),
        ("{<<: [*b, *a]}", json!({"k": 2, "l": 1, "m": 2}), true),
        ("{<<: *a, k: 3}", json!({"k": 3, "l": 1}), false),
        ("{k: 3, <<: [*a, *b]}", json!({"k": 3, "l": 1, "m": 2}), false),
        ("{<<: [*a, *a]}", json!({"k": 1, "l": 1}), false),
        ("{\"<<\": 1}", json!({"<<": 1}), false),
    ] {
        let (value, odd_found) = read("a.yml", &format!("{bases}c: {merge}\n"));
        assert_eq!((&value["c"], !odd_found.is_empty()), (&expected, odd), "{merge}");
    }
    let source = source("a: &a {k: 1}\nb: &b {k: 2}\nc:\n  <<: *a\n  <<: *b\n");
    assert_eq!(described(&source, &parse(&source).1), ["5:3 duplicate-key `<<` is given twice"]);
}

#[test]
fn a_number_that_no_computer_holds_stays_as_it_is_written() {
    let text = "a: 12e4567\nb: 001234567890e456\nc: 123456789012345678901\nd: -9223372036854775809\ne: 1e3\nf: 18446744073709551615\n";
    let expected = json!({
        "a": "12e4567", "b": "001234567890e456", "c": "123456789012345678901", "d": "-9223372036854775809", "e": 1000.0,
        "f": 18_446_744_073_709_551_615_u64,
    });
    assert_eq!(any(text), expected);
}

#[test]
fn what_other_readers_take_otherwise_is_noted() {
    for (text, expected) in [
        ("a: 1\t# x\n", vec![OddityKind::Tab]),
        ("a: [1,\t2]\n", vec![OddityKind::Tab]),
        ("a: '\t' # \t\n", vec![]),
        ("a: |\n  x\ty\n", vec![]),
        ("a: &x 1\nb: &x 2\n", vec![OddityKind::AnchorAgain("x".to_owned())]),
        ("a: &é.x 1\n", vec![OddityKind::AnchorName("é.x".to_owned())]),
        ("a: x\u{2028}y\n", vec![OddityKind::Character('\u{2028}')]),
        ("a: =\n", vec![OddityKind::Plain]),
        ("a: ! (x > 0)\n", vec![OddityKind::Tag("!".to_owned())]),
        ("null: 1\n", vec![OddityKind::NullKey]),
        ("a: !!str 5\n", vec![OddityKind::PlainTag("!!str".to_owned())]),
        ("a: !!set {ab1, cd2}\n", vec![OddityKind::Tag("!!set".to_owned())]),
    ] {
        assert_eq!(read("a.yml", text).1, expected, "{text:?}");
    }
    assert_eq!(read("a.yml", "a: !!str 5\nb: !!int '7'\nnull: 1\n").0, json!({"a": "5", "b": 7, "null": 1}));
}
