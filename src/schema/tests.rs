use serde_json::json;

use super::{Decoded, Dialect, JsonSchema, KeyPath, Problems, Scalars, decode, read};
use crate::diagnostic::Rule;
use crate::source::{RepoPath, Source};
use crate::yaml;

const LENIENT: Dialect = Dialect {
    wrong_type: Rule::WrongType,
    unknown_key: Rule::UnknownField,
    unknown_value: Rule::UnknownValue,
    missing_key: Rule::MissingField,
    bad_value: Rule::BadValue,
    scalars: Scalars::Lenient { warn_of_quotes: true },
};
const STRICT: Dialect = Dialect { scalars: Scalars::Strict { key: |_, _| None }, ..LENIENT };

const SCHEMA: &str = r##"{
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "flag": {"type": "boolean"},
        "conf": {"type": "object", "additionalProperties": {"type": ["string", "boolean", "number"], "x-text": true}},
        "inner": {"type": "array", "items": {"$ref": "#/$defs/inner"}},
        "groups": {"type": "object", "additionalProperties": {"$ref": "#/$defs/inner"}},
        "either": {"oneOf": [{"type": "string", "pattern": "\\S"}, {"type": "array", "minItems": 1, "items": {}}]},
        "label": {"$ref": "#/properties/name", "x-alias-of": "name"},
        "old": {"x-ignored": "it has no meaning today"},
        "ours": {"x-reserved": "it is set by us"}
    },
    "x-excludes": [["flag", "conf"]],
    "$defs": {
        "inner": {
            "type": "object",
            "required": ["size"],
            "properties": {"size": {"type": "integer"}, "kind": {"type": "string", "enum": ["BIG", "SMALL"]}}
        }
    }
}"##;

fn source(text: &str) -> Source {
    Source { path: RepoPath::parse("a.yml").unwrap(), text: text.to_owned() }
}

/// What a text is read as, and `line:column rule message` of every finding, with its hint.
fn decoded(text: &str, dialect: &Dialect) -> (Decoded, Vec<String>) {
    let source = source(text);
    let node = yaml::parse(&source).0.unwrap();
    let decoded = decode(&source, &node, &KeyPath::root(node.span), &JsonSchema::of(SCHEMA), dialect);
    let lines = decoded.findings.iter().map(|finding| {
        let place = source.locate(finding.at.span.unwrap());
        let help = finding.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}:{} {} {}{help}", place.line, place.column, finding.rule, finding.message)
    });
    let lines = lines.collect();
    (decoded, lines)
}

#[test]
fn the_schema_of_these_tests_is_one() {
    assert_eq!(super::check(SCHEMA), 19);
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let text = "nam: x\nflag: maybe\nconf: {a: 1.0, b: TRUE, c: [1], d: 007, e: }\ninner:\n  - size: 1.5\n    kind: BIGG\n  - 3\n  - {}\nold: 1\nours: 2\neither: []\n";
    let (decoded, lines) = decoded(text, &LENIENT);
    assert_eq!(
        lines,
        [
            "1:1 unknown-field unknown key `nam` (did you mean `name`?)",
            "2:7 wrong-type `flag`: must be `true` or `false`, not `\"maybe\"`",
            "3:29 wrong-type `conf.c`: must be a string or `true` or `false` or a number, not `[1]`",
            "3:41 missing-value `conf`: `e` has no value (write its value, `\"\"` for none, or remove it)",
            "5:11 wrong-type `inner[0].size`: must be a whole number, not `1.5`",
            "6:11 unknown-value `inner[0].kind`: must be one of `BIG`, `SMALL`, not `\"BIGG\"` (did you mean `BIG`?)",
            "7:5 wrong-type `inner[1]`: must be a mapping, not `3`",
            "8:5 missing-field `inner[2]`: `size` is missing",
            "9:1 old-spelling `old` is ignored (it has no meaning today)",
            "10:1 reserved-field `ours` cannot be set (it is set by us)",
            "11:9 bad-value `either`: must not be empty",
            "1:1 missing-field `name` is missing",
            "1:1 bad-value `flag` and `conf` exclude each other",
        ]
    );
    let expected = json!({
        "nam": "x", "conf": {"a": "1.0", "b": "TRUE", "d": "007"}, "inner": [{"kind": "BIGG"}, {}],
    });
    assert_eq!(decoded.value, expected);
    let slice = |pointer: &str| decoded.places.get(pointer).map(|span| &text[span.start..span.end]);
    assert_eq!(slice("/conf/a"), Some("1.0"));
    assert_eq!(slice("/inner"), Some("inner"));
    assert_eq!(slice("/inner/0"), Some("size"));
}

#[test]
fn what_is_lenient_takes_what_can_be_meant() {
    let (decoded, lines) =
        decoded("name: 1.50\nflag: 'True'\nnew: {a: ~, b: [~]}\nwhat:\ngroups: {a: , b: {size: 1}}\n", &LENIENT);
    assert_eq!(
        lines,
        [
            "2:7 old-spelling `flag`: `\"True\"` is read as `true` (write `true` without quotes)",
            "3:1 unknown-field unknown key `new` (it takes `conf`, `either`, `flag`, `groups`, `inner`, `label`, `name`)",
            "5:10 missing-field `groups.a`: `size` is missing",
        ]
    );
    let groups = json!({"a": {}, "b": {"size": 1}});
    let expected = json!({"name": "1.50", "flag": true, "new": {"b": [null]}, "groups": groups});
    assert_eq!(decoded.value, expected);
}

#[test]
fn what_is_strict_takes_values_by_their_type() {
    let (decoded, lines) = decoded("name: 1.50\nflag: 'true'\nconf: {a: 1.50, b: TRUE}\nwhat:\n", &STRICT);
    assert_eq!(
        lines,
        [
            "1:7 wrong-type `name`: must be a string, not `1.5`",
            "2:7 wrong-type `flag`: must be `true` or `false`, not `\"true\"`",
            "4:1 unknown-field unknown key `what`",
            "1:1 bad-value `flag` and `conf` exclude each other",
        ]
    );
    assert_eq!(decoded.value, json!({"conf": {"a": "1.5", "b": "true"}}));
}

#[test]
fn an_older_name_counts_as_the_name_of_today() {
    let (decoded, lines) = decoded("label: x\n", &STRICT);
    assert_eq!(lines, ["1:1 old-spelling `label` is an older name of `name` (write that)"]);
    assert_eq!(decoded.value, json!({"name": "x"}));
    let (decoded, lines) = self::decoded("name: x\nlabel: y\n", &STRICT);
    assert_eq!(lines, ["2:1 bad-value `label` is an older name of `name` (keep one of the two)"]);
    assert_eq!(decoded.value, json!({"name": "x"}));
}

#[test]
fn a_value_that_an_alias_brought_names_both_places() {
    let source = source("conf: &list [1]\nname: *list\n");
    let node = yaml::parse(&source).0.unwrap();
    let (schema, mut problems) = (JsonSchema::of(SCHEMA), Problems::new(&source));
    read(&node, &schema, &schema, &KeyPath::root(node.span), &STRICT, &mut problems);
    assert_eq!(problems.errors(), 2);
    let findings = problems.into_findings();
    let finding = findings.iter().nth(1).unwrap();
    assert_eq!(finding.message, "`name`: must be a string, not `[1]`");
    assert_eq!(source.locate(finding.related[0].span.unwrap()).line, 2);
}

#[test]
fn a_long_value_or_key_is_cut_in_a_message() {
    let (_, lines) = decoded(&format!("name: [{}]\n", "long, ".repeat(50_000)), &STRICT);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].ends_with("...`") && lines[0].len() < 130, "{}", lines[0]);
    let (_, lines) = decoded(&format!("name: x\nconf: {{? {} : [1]}}\n", "k".repeat(50_000)), &STRICT);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("kk…`: must be") && lines[0].len() < 180, "{}", lines[0]);
}
