//! Pipeline configurations: both languages give one meaning to the examples of `tests/runtime/golden`, and each mistake
//! has its place.

use std::path::{Path, PathBuf};

use dltflow::config::{self, Config};
use dltflow::diagnostic::{Diagnostic, Rule, Severity};
use dltflow::source::{RepoPath, Source};

use crate::support::tally;

/// Hints that Python's `difflib` gives and a slip of the fingers does not explain.
const FARTHER: &[&str] = &["unknown_key_changes"];

fn source(name: &str, text: impl Into<String>) -> Source {
    Source { path: RepoPath::parse(name).unwrap(), text: text.into() }
}

/// The finding as the runtime writes it.
fn as_python(finding: &Diagnostic, source: &Source) -> String {
    let message = match finding.message.strip_prefix('`').and_then(|message| message.split_once("`: ")) {
        Some((keys, problem)) => format!("{keys}: {problem}"),
        None => finding.message.clone(),
    };
    let help = finding.help.as_ref().map(|help| {
        let joint = if help.starts_with("did you mean") { ";" } else { ":" };
        format!("{joint} {help}")
    });
    format!("{}: {message}{}", source.path, help.unwrap_or_default())
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runtime/golden");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

/// The one file of a case whose name begins so.
fn file(case: &Path, begins: &str) -> Option<(String, String)> {
    let mut files = std::fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path());
    let found = files.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(begins))?;
    Some((found.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(found).unwrap()))
}

#[test]
fn a_configuration_means_the_same_in_both_languages() {
    let (mut plans, mut refused) = (0, 0);
    for case in cases() {
        let name = case.file_name().unwrap().to_str().unwrap();
        let (path, text) = file(&case, "config.").unwrap_or_else(|| panic!("{name} has no configuration"));
        let source = source(&path, text);
        let Config { graph, findings, .. } = config::decode(&source);
        if let Some((_, wanted)) = file(&case, "graph.json") {
            let graph = graph.unwrap_or_else(|| panic!("{name}: {findings:?}")).to_json();
            let wanted: serde_json::Value = serde_json::from_str(&wanted).unwrap();
            assert_eq!(graph, wanted, "{name}");
            let told: Vec<String> = findings.iter().map(|finding| as_python(finding, &source)).collect();
            assert_eq!(serde_json::json!(told), wanted["warnings"], "{name}");
            plans += 1;
        } else {
            let (_, wanted) = file(&case, "error.txt").unwrap_or_else(|| panic!("{name} has no outcome"));
            let wanted = if FARTHER.contains(&name) { wanted.split(';').next().unwrap() } else { wanted.trim_end() };
            assert!(graph.is_none(), "{name}");
            let first = findings
                .iter()
                .find(|finding| finding.severity == Severity::Error || finding.rule == Rule::MissingSection);
            assert_eq!(as_python(first.unwrap_or_else(|| panic!("{name}: nothing told")), &source), wanted, "{name}");
            refused += 1;
        }
    }
    tally(
        "configurations",
        &format!("{plans} configurations with the same plan in Python and Rust, {refused} with the same error"),
    );
}

/// The name and text of a configuration; of each finding, the keys that lead there and what stands there.
type Placed = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const PLACES: &[Placed] = &[
    ("a.json", r#"{"dlt": {"func_name": "a", "kind": "tabel"}}"#, &[("dlt.kind", r#"1:36 "tabel""#)]),
    (
        "a.json",
        "{\n  \"dlt\": [\n    {\"kind\": \"view\"},\n    7\n  ]\n}",
        &[("dlt[0]", "3:6 \"kind\""), ("dlt[1]", "4:5 7")],
    ),
    (
        "a.yml",
        "dlt: {func_name: a, kind: view, é: 1, expectatons: []}",
        &[("dlt", "1:33 é"), ("dlt", "1:39 expectatons")],
    ),
    (
        "a.yml",
        "dlt:\n- func_name: a\n  kind: table\n  append_config: {name: x}\n",
        &[("dlt[0].append_config", "4:3 append_config")],
    ),
    (
        "a.yml",
        "dlt:\n- func_name: a\n  kind: table\n- func_name: b\n  kind: table\n  name: A\n",
        &[("dlt[1]", "6:9 A")],
    ),
    (
        "a.yml",
        "dlt:\n  func_name: a\n  kind: view\n  write_opts: {path: /x, comment: y, private: yes}\n  sink: {format: kafka}\n",
        &[
            ("dlt", "5:3 sink"),
            ("dlt.write_opts", "4:16 path"),
            ("dlt.write_opts", "4:38 private"),
            ("dlt.write_opts.private", "4:38 private"),
        ],
    ),
    (
        "a.yml",
        "keys: &keys [id, 1]\ndlt:\n  func_name: a\n  kind: table\n  apply_cdc_config: {target: t, keys: *keys, sequence_by: at}\n",
        &[("dlt.apply_cdc_config.keys[1]", "1:18 1")],
    ),
    (
        "a.yml",
        "dlt:\n  func_name: a\n  kind: table\n  expectations:\n  - {name: x, inv: x > 0}\n  - {name: x, constraint: '', action: drop}\n",
        &[("dlt.expectations[0]", "5:15 inv"), ("dlt.expectations[1].constraint", "6:27 ''")],
    ),
    (
        "a.yml",
        "dlt:\n  func_name: a\n  kind: table\n  apply_cdc_config:\n  - {target: t, keys: [id], sequence_by: at}\n  - {target: u, keys: [id], sequence_by: at, track_history_column_list: [x]}\n",
        &[("dlt.apply_cdc_config[1].target", "6:14 u")],
    ),
    (
        "a.yml",
        "dlt:\n  func_name: a\n  kind: table\n  expectations: {x: x > 0}\n  expectation_action: quarantine\n  is_streaming: no\n  append_config: {target: t}\n",
        &[("dlt", "6:3 is_streaming"), ("dlt.is_streaming_table", "6:3 is_streaming"), ("dlt", "4:3 expectations")],
    ),
];

#[test]
fn every_mistake_is_told_at_its_own_place() {
    for (name, text, wanted) in PLACES {
        let source = source(name, *text);
        let findings = config::decode(&source).findings;
        let told = findings.iter().map(|finding| {
            let span = finding.at.span.unwrap();
            let place = source.locate(span);
            let keys = finding.message.strip_prefix('`').unwrap().split('`').next().unwrap();
            (keys, format!("{}:{} {}", place.line, place.column, &text[span.start..span.end]))
        });
        let wanted = wanted.iter().map(|(keys, place)| (*keys, (*place).to_owned()));
        assert_eq!(told.collect::<Vec<_>>(), wanted.collect::<Vec<_>>(), "{text}");
    }
}

#[test]
fn a_value_that_an_alias_brought_names_both_places() {
    let text = "wrong: &wrong {format: 1}\ndlt: {func_name: a, kind: table, sink: *wrong, name: &name [x]}\n";
    let source = source("a.yml", text);
    let findings = config::decode(&source).findings;
    let first = findings.iter().next().unwrap();
    assert_eq!(first.message, "`dlt.sink.format`: must be a string, not `1`");
    let used = source.locate(first.related[0].span.unwrap());
    assert_eq!((source.locate(first.at.span.unwrap()).line, used.line, used.column), (1, 2, 40));
    assert!(findings.iter().nth(1).unwrap().related.is_empty());
}

/// Anything cut out of a configuration, doubled or put elsewhere is read or told, with places inside the text.
#[test]
fn a_spoiled_configuration_has_findings_inside_its_text() {
    let mut read = 0;
    let mut told = 0;
    for case in cases() {
        let (name, text) = file(&case, "config.").unwrap();
        let boundary = |offset: usize| text.floor_char_boundary(offset.min(text.len()));
        for start in (0..text.len()).step_by(1 + text.len() / 12).map(boundary) {
            for length in [1, 9] {
                let end = boundary(start + length);
                let piece = &text[start..end];
                let cut = format!("{}{}", &text[..start], &text[end..]);
                for spoiled in [format!("{}{piece}{}", &text[..end], &text[end..]), format!("{cut}{piece}"), cut] {
                    let config = config::decode(&source(&name, spoiled.clone()));
                    for label in config.findings.iter().flat_map(|finding| finding.related.iter().chain([&finding.at]))
                    {
                        let span = label.span.unwrap_or_default();
                        assert!(spoiled.get(span.start..span.end).is_some(), "{spoiled}: {label:?}");
                    }
                    assert!(config.graph.is_some() || !config.findings.is_empty(), "{spoiled}");
                    assert!(config.graph.is_none() || !config.findings.has_errors(), "{spoiled}");
                    (read, told) = (read + usize::from(config.graph.is_some()), told + config.findings.iter().count());
                }
            }
        }
    }
    assert!(read > 100 && told > 1_000, "{read} read, {told} told");
}

#[test]
fn a_hostile_configuration_costs_no_more_than_its_size() {
    let keys = (0..12_000).map(|index| format!("k{index}: 1")).collect::<Vec<_>>().join(", ");
    let entries = "- {func_name: a, kind: table}\n".repeat(4_000);
    let deep = format!("{}1{}", "[".repeat(20), "]".repeat(20));
    let bomb = (1..8).fold("a0: &a0 [x, x, x, x, x, x, x]\n".to_owned(), |bomb, level| {
        bomb + &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 7].join(", "))
    });
    let begun = std::time::Instant::now();
    for text in [
        format!("dlt: {{{keys}}}"),
        format!("dlt: {{func_name: a, kind: table, write_opts: {{table_properties: {{{keys}}}}}}}"),
        format!("dlt: {{func_name: a, kind: table, inputs: {{{keys}}}}}"),
        format!("dlt:\n{entries}"),
        format!("dlt: {deep}"),
        format!("dlt: {{func_name: {deep}, kind: {}}}", "x".repeat(900_000)),
        format!("{bomb}dlt: *a7\n"),
        format!("dlt: {{{}}}", "a: 1, ".repeat(8_000)),
        "dlt:".repeat(1 << 18),
    ] {
        let config = config::decode(&source("a.yml", text));
        assert!(config.findings.iter().all(|finding| finding.message.len() < 5_000));
    }
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}
