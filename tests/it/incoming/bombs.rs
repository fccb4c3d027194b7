//! Texts that are made to overwhelm a reader: specs, `dltflow.yml`, `pyproject.toml` and events, through whole runs with
//! bounds of memory and time. Each has its finding, and no finding quotes more than a reader wants.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{Ran, Runner, Stage, tally};

const SPEC: &str = "workflows/orders.yml";
const PROJECT: &str = "dltflow.yml";

/// Megabytes of address space: the program and its libraries take a third of it.
const MEMORY: u64 = 300;

/// The largest output of a run, whatever its input.
const MOST_PRINTED: usize = 200 << 10;

fn stage() -> (Stage, Runner) {
    let stage = Stage::new();
    stage.repo.branch("change").replace(SPEC, "max_workers: 2", "max_workers: 4").commit("change");
    let mut runner = stage.on_pull_request("opened", 42, "change");
    runner.bounded(MEMORY, 60);
    (stage, runner)
}

#[track_caller]
fn assert_short(name: &str, ran: &Ran) {
    assert!(ran.everything().len() < MOST_PRINTED, "{name}: {} bytes came out", ran.everything().len());
    for finding in ran.report["findings"].as_array().into_iter().flatten() {
        assert!(finding["message"].as_str().unwrap().len() < 5_000, "{name}: a message is too long");
    }
}

/// `text` with an encoding of two or four bytes a character.
fn wide(text: &str, bytes: usize, is_big: bool, mark: bool) -> Vec<u8> {
    let marked = if mark { format!("\u{feff}{text}") } else { text.to_owned() };
    let unit = |unit: u32| {
        let all = if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        if is_big { all[4 - bytes..].to_vec() } else { all[..bytes].to_vec() }
    };
    marked.encode_utf16().flat_map(|next| unit(next.into())).collect()
}

/// `count` pieces, of which each may know its number.
fn many(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect()
}

/// Levels of `width` aliases to the level before.
fn laughs(levels: usize, width: usize, list: bool) -> String {
    let mut text = if list { "a0: &a0 [x]\n".to_owned() } else { "a0: &a0 {x: y}\n".to_owned() };
    for level in 1..=levels {
        let below = level - 1;
        let item = |number| if list { format!("*a{below}, ") } else { format!("k{number}: *a{below}, ") };
        let (open, close) = if list { ('[', ']') } else { ('{', '}') };
        _ = writeln!(text, "a{level}: &a{level} {open}{}{close}", many(width, item));
    }
    text + &format!("dev: {{workflows: *a{levels}}}\n")
}

/// A text: its name, itself, the rule of its finding (`""` where it may be none) and words of that.
type Text = (&'static str, Vec<u8>, &'static str, &'static str);

const DEEP: &str = "the file is nested too deeply";
const MORE: &str = "the file has too many values";
const BROKEN: &str = "the file cannot be read";
const ALIASES: &str = "the aliases expand to too many values";

fn texts() -> Vec<Text> {
    [expanding(), deep(), large(), encoded(), broken(), odd()].concat()
}

/// A few bytes that expand to many.
fn expanding() -> Vec<Text> {
    let bytes = |text: &str| text.as_bytes().to_vec();
    let merges = many(1_200, |number| format!("m{number}: {{<<: *a}}\n"));
    vec![
        ("a billion laughs", laughs(9, 9, true).into(), "syntax", ALIASES),
        ("a billion laughs of mappings", laughs(9, 9, false).into(), "syntax", ALIASES),
        (
            "quadratic",
            format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(9_000), "*a, ".repeat(9_000)).into(),
            "syntax",
            ALIASES,
        ),
        (
            "a long text used often",
            format!("a: &a {}\nb: [{}]\n", "x".repeat(500_000), "*a, ".repeat(60_000)).into(),
            "syntax",
            "",
        ),
        (
            "merges",
            format!("a: &a {{{}}}\n{merges}", many(500, |number| format!("k{number}: 1, "))).into(),
            "syntax",
            "",
        ),
        ("an anchor in itself", bytes("a: &a [*a]\n"), "syntax", "an anchor contains itself"),
        ("a merge of itself", bytes("a: &a {<<: *a}\n"), "syntax", "an anchor contains itself"),
        (
            "merges in a circle",
            bytes("a: &a {<<: *b}\nb: &b {<<: *a}\n"),
            "syntax",
            "the alias has no anchor before it",
        ),
        ("a merge of a text", bytes("a: {<<: x}\n"), "syntax", "only mappings can be merged"),
        ("a merge of texts", bytes("a: {<<: [x, 1]}\n"), "syntax", "only mappings can be merged"),
        ("an alias of nothing", bytes("a: *b\n"), "syntax", "the alias has no anchor before it"),
    ]
}

/// Levels upon levels.
fn deep() -> Vec<Text> {
    vec![
        ("deep lists", "[".repeat(500_000).into(), "syntax", DEEP),
        ("deep mappings", "{a: ".repeat(200_000).into(), "syntax", DEEP),
        ("deep blocks", many(700, |level| format!("{}a:\n", " ".repeat(level))).into(), "syntax", DEEP),
        ("deep dashes", "- ".repeat(400_000).into(), "syntax", DEEP),
        ("deep keys", "? ".repeat(400_000).into(), "syntax", ""),
        ("deep JSON", "{\"a\":[".repeat(100_000).into(), "syntax", DEEP),
    ]
}

/// Much of one thing.
fn large() -> Vec<Text> {
    let bytes = |text: &str| text.as_bytes().to_vec();
    vec![
        ("many entries", "- a\n".repeat(200_000).into(), "syntax", MORE),
        ("many keys", many(60_000, |number| format!("k{number}: 1\n")).into(), "syntax", MORE),
        ("many documents", "---\na: 1\n".repeat(50_000).into(), "syntax", "more than one document"),
        ("two documents", bytes("a: 1\n---\nb: 2\n"), "syntax", "more than one document"),
        ("a key of a megabyte", format!("? {}\n: 1\n", "k".repeat(1_000_000)).into(), "", ""),
        ("a quoted key of a megabyte", format!("dev: {{\"{}\": 1}}\n", "k".repeat(1_000_000)).into(), "", ""),
        ("a tag of a megabyte", format!("a: !{} 1\n", "t".repeat(1_000_000)).into(), "syntax", "is not supported"),
        ("an anchor of a megabyte", format!("a: &{} 1\n", "t".repeat(1_000_000)).into(), "", ""),
        (
            "a number of a megabyte",
            format!("dev: {}\n", "9".repeat(1_000_000)).into(),
            "wrong-type",
            "`dev` must be a mapping",
        ),
        (
            "a text of a megabyte",
            format!("dev: {{workflows: \"{}\"}}\n", "x".repeat(1_000_000)).into(),
            "wrong-type",
            "`workflows`: must be a list",
        ),
        (
            "escapes of a megabyte",
            format!("dev: \"{}\"\n", "\\u0041".repeat(170_000)).into(),
            "wrong-type",
            "`dev` must be a mapping",
        ),
        ("a comment of a megabyte", format!("# {}\n", "x".repeat(1_000_000)).into(), "syntax", "the file is empty"),
        ("empty lines", "\n".repeat(1_000_000).into(), "syntax", "the file is empty"),
        ("a byte too much", " ".repeat((1 << 20) + 1).into(), "unreadable-spec", "larger than 1048576 bytes"),
        ("a key twice", bytes("dev: {workflows: [], workflows: []}\n"), "duplicate-key", "`workflows` is given twice"),
        (
            "a key often",
            format!("dev: {{workflows: []}}\n{}", "a: 1\n".repeat(30_000)).into(),
            "duplicate-key",
            "more findings",
        ),
        ("an object of Python", bytes("dev: !!python/object/apply:os.system [id]\n"), "syntax", "is not supported"),
        ("a binary", bytes("dev: !!binary aGk=\n"), "syntax", "is not supported"),
        ("a tag of one's own", bytes("dev: !include /etc/passwd\n"), "syntax", "is not supported"),
        ("a verbatim tag", bytes("dev: !<tag:evil.example,2026:x> 1\n"), "syntax", "is not supported"),
        ("a directive of tags", bytes("%TAG ! tag:evil.example,2026:\n---\ndev: !x 1\n"), "syntax", "is not supported"),
        ("another YAML", bytes("%YAML 9.9\n---\na: 1\n"), "", ""),
    ]
}

/// Bytes that are not what they seem.
fn encoded() -> Vec<Text> {
    let spec = "dev: {workflows: []}\n";
    let bytes = |text: &str| text.as_bytes().to_vec();
    vec![
        ("UTF-16", wide(spec, 2, false, true), "unreadable-spec", "is not UTF-8 text"),
        ("UTF-16 the other way", wide(spec, 2, true, true), "unreadable-spec", "is not UTF-8 text"),
        ("UTF-16 without a mark", wide(spec, 2, false, false), "syntax", ""),
        ("UTF-32", wide(spec, 4, false, true), "unreadable-spec", "is not UTF-8 text"),
        ("a NUL", bytes("dev: x\0y\n"), "syntax", BROKEN),
        ("control characters", bytes("dev: \u{1}\u{8}\u{1b}[2J\n"), "", ""),
        ("a tab", bytes("dev:\n\tworkflows: []\n"), "syntax", "indented with a tab"),
        ("a mark in the middle", bytes("dev: 1\n\u{feff}a: 1\n"), "", ""),
        ("surrogates", b"dev: \xed\xa0\x80\n".to_vec(), "unreadable-spec", "is not UTF-8 text"),
        ("half an escape", bytes("dev: \"\\ud800\"\n"), "syntax", ""),
    ]
}

/// Texts that stop in the middle.
fn broken() -> Vec<Text> {
    let bytes = |text: &str| text.as_bytes().to_vec();
    vec![
        ("an open quote", bytes("dev: \"x\n"), "syntax", BROKEN),
        ("an open single quote", bytes("dev: 'x\n"), "syntax", BROKEN),
        ("an open list", bytes("dev: [1, 2\n"), "syntax", BROKEN),
        ("an open mapping", bytes("dev: {a: 1\n"), "syntax", BROKEN),
        ("an open escape", bytes("dev: \"\\"), "syntax", BROKEN),
        ("an open tag", bytes("dev: !<"), "syntax", ""),
        ("an open anchor", bytes("dev: &"), "syntax", BROKEN),
        ("an open block", bytes("dev: |9\n"), "", ""),
    ]
}

/// Valid YAML that nobody would write.
fn odd() -> Vec<Text> {
    let bytes = |text: &str| text.as_bytes().to_vec();
    vec![
        ("a list as a key", bytes("? [a, b]\n: 1\n"), "syntax", "a key is not a string"),
        ("a mapping as a key", bytes("{{a: b}: 1}\n"), "syntax", ""),
        ("nothing as a key", bytes("~: 1\n"), "", ""),
        ("no key", bytes(": 1\n"), "", ""),
        ("a number out of range", bytes("dev: 1e999999\n"), "wrong-type", "`dev` must be a mapping"),
        ("infinity", bytes("dev: -.inf\n"), "wrong-type", "`dev` must be a mapping"),
        ("no number", bytes("dev: .nan\n"), "wrong-type", "`dev` must be a mapping"),
        ("a hexadecimal number", bytes("dev: 0xffffffffffffffffffff\n"), "wrong-type", "`dev` must be a mapping"),
        ("a date", bytes("dev: 2026-13-45\n"), "wrong-type", "`dev` must be a mapping"),
        ("a text alone", bytes("dev\n"), "no-workflows", "no environment"),
        ("only returns", bytes("dev:\r  workflows: []\r"), "", ""),
    ]
}

#[test]
fn a_spec_that_is_made_to_overwhelm_has_its_finding() {
    let all = texts();
    let (accepted, refused): (Vec<_>, Vec<_>) = all.iter().partition(|(_, _, rule, _)| rule.is_empty());
    std::thread::scope(|scope| {
        for part in [&accepted, &refused].into_iter().flat_map(|cases| cases.chunks(cases.len() / 2 + 1)) {
            scope.spawn(move || {
                let (stage, runner) = stage();
                for (name, text, rule, words) in part {
                    stage.repo.write(SPEC, text);
                    let ran = stage.run(&runner);
                    assert_short(name, &ran);
                    // Where YAML leaves it open whether this is anything, it is enough that the run ends by itself.
                    assert!(ran.code == 3 || ran.code == 0 && rule.is_empty(), "{name}: {} {}", ran.code, ran.stderr);
                    let findings = ran.report["findings"].as_array().unwrap();
                    let mine: Vec<&Value> = findings.iter().filter(|finding| finding["path"] == SPEC).collect();
                    let is_expected = |finding: &&Value| {
                        finding["rule"] == *rule && finding["message"].as_str().unwrap().contains(words)
                    };
                    assert!(rule.is_empty() || mine.iter().any(is_expected), "{name}: {mine:?}");
                }
            });
        }
    });
    tally("incoming-texts", &format!("{} texts as a spec", all.len()));
}

#[test]
fn a_project_file_that_is_made_to_overwhelm_is_refused() {
    // Of the large ones the parser has made short work as specs.
    let all = [expanding(), deep(), encoded(), broken()].concat();
    let (stage, runner) = stage();
    for (name, text, ..) in all.iter().filter(|(_, _, rule, _)| !rule.is_empty()) {
        stage.repo.write(PROJECT, text);
        let ran = runner.run();
        assert_eq!(ran.code, 2, "{name}: {}", ran.stderr);
        assert_short(name, &ran);
    }
    let targets = many(15_000, |number| format!("  t{number}: {{mode: developmen}}\n"));
    stage.repo.write(PROJECT, format!("dltflow: {{name: x}}\ntargets:\n{targets}"));
    let ran = stage.run(&runner);
    assert!(ran.code == 2 && ran.stderr.contains("more findings"), "{}", ran.stderr);
    assert_short("targets", &ran);
}

#[test]
fn a_spec_of_valid_parts_without_end_has_a_hundred_findings() {
    let head = "dev:\n  workflows:\n    - name: x\n";
    let items = "tasks: {items: [{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]}";
    for (name, text, words) in [
        (
            "unknown fields",
            format!("{head}{}", many(10_000, |number| format!("      k{number}: 1\n"))),
            "more findings",
        ),
        (
            "a value",
            format!("{head}      edition: {}\n", "k".repeat(900_000)),
            "`edition`: must be one of `CORE`, `PRO`, `ADVANCED`, not",
        ),
        ("a field", format!("{head}      {}: 1\n", "k".repeat(900)), "unknown key `kkk"),
        (
            "a path",
            format!("{head}      tasks: {{items: [{{python_file: \"{}.py\"}}]}}\n", "k/".repeat(450_000)),
            "names one Python file",
        ),
        ("a glob", format!("{head}      storage: \"{}\"\n      {items}\n", "*".repeat(900_000)), "relative-storage"),
        (
            "one name",
            format!("dev:\n  workflows:\n{}", many(3_000, |_| format!("    - {{name: x, {items}}}\n"))),
            "more findings",
        ),
        (
            "tags",
            format!("{head}      {items}\n      tags: {{{}}}\n", many(20_000, |number| format!("t{number}: 1, "))),
            "more than the 25",
        ),
    ] {
        let (stage, runner) = stage();
        stage.repo.write(SPEC, text);
        let ran = stage.run(&runner);
        assert!(ran.code == 3 && ran.report.to_string().contains(words), "{name}: {} {}", ran.code, ran.stderr);
        assert_short(name, &ran);
    }
}

#[test]
fn ten_thousand_specs_are_read() {
    let (stage, mut runner) = stage();
    // Broken ones, which the change does not touch: what is asked here is that all are read within bounds.
    for number in 0..10_000 {
        stage.repo.write(
            &format!("workflows/more/{number}.yml"),
            format!("dev: {{workflows: [{{name: n{number}, target: x}}]}}\n"),
        );
    }
    let ran = runner.bounded(600, 120).run();
    assert_eq!((ran.code, ran.output("result")), (0, "deployed"), "{}", &ran.stderr[..2_000.min(ran.stderr.len())]);
    assert_eq!(ran.report["findings"].as_array().unwrap().len(), 501);
    assert!(ran.report.to_string().contains("this and later files have 9500 more findings"));
}

#[test]
fn a_pyproject_that_is_made_to_overwhelm_gives_no_version() {
    let (stage, runner) = stage();
    for (name, text) in [
        ("deep", format!("a={}", "[".repeat(1_000_000))),
        ("deep tables", format!("a={}", "{b=".repeat(300_000))),
        ("dotted", format!("{}b=1\n", "a.".repeat(300_000))),
        ("many tables", many(100_000, |number| format!("[a{number}]\n"))),
        ("long", format!("[project]\nversion = \"{}\"\n", "1.".repeat(500_000))),
        ("open", "[project]\nversion = \"\"\"".to_owned()),
        ("NUL", "[project]\nversion = \"1\0\"".to_owned()),
    ] {
        stage.repo.write("pyproject.toml", text);
        let ran = stage.run(&runner);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        assert!(stage.objects().iter().any(|path| path.contains("shop-0.0.0+g")), "{name}: {:?}", stage.objects());
    }
}

#[test]
fn an_event_that_is_made_to_overwhelm_is_refused_or_read_past() {
    let (stage, mut runner) = stage();
    let file = runner.file("workflow/event.json");
    let payload: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let with = |key: &str, text: &str| payload.to_string().replacen('{', &format!("{{\"{key}\":{text},"), 1);
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let cases = [
        ("padded within the limit", with("padding", &json!("x".repeat(24 << 20)).to_string()), 0, ""),
        (
            "padded beyond it",
            with("padding", &json!("x".repeat(26 << 20)).to_string()),
            2,
            "GitHub sends at most 25 MB",
        ),
        (
            "padded without end",
            with("padding", &json!("x".repeat(40 << 20)).to_string()),
            2,
            "GitHub sends at most 25 MB",
        ),
        ("numbers beside", with("padding", &format!("[{}0]", "0,".repeat(5 << 20))), 0, ""),
        ("deep beside", with("padding", &nested(100_000)), 0, ""),
        ("deep in a field", with("pull_request", &nested(100_000)), 2, "the event file"),
        ("deep and open", with("padding", &"[".repeat(1_000_000)), 2, "the event file is not JSON"),
        ("a field twice", with("action", "\"closed\""), 2, "duplicate field"),
        ("a list", nested(3), 2, "the event file"),
        ("empty", String::new(), 2, "the event file is empty"),
        ("blanks", " ".repeat(1 << 20), 2, "the event file is not JSON"),
        ("a number", "1e999999".to_owned(), 2, "the event file"),
        ("NUL", with("padding", "\"\0\""), 2, "the event file is not JSON"),
        ("half a surrogate", with("action", "\"\\ud800\""), 2, "the event file is not JSON"),
        (
            "a number of a megabyte",
            payload.to_string().replacen("\"number\":42", &format!("\"number\":{}", "9".repeat(1 << 20)), 2),
            2,
            "the event file",
        ),
        (
            "a ref of a megabyte",
            payload.to_string().replace("\"ref\":\"change\"", &format!("\"ref\":\"{}\"", "x".repeat(1 << 20))),
            2,
            "`pull_request.head.ref`",
        ),
    ];
    tally("incoming-events", &format!("{} payloads made to overwhelm", cases.len()));
    for (name, text, code, words) in cases {
        std::fs::write(&file, text).unwrap();
        let ran = stage.run(runner.bounded(MEMORY, 60));
        assert!(ran.code == code && ran.stderr.contains(words), "{name}: {} {}", ran.code, ran.stderr);
        assert_short(name, &ran);
    }
}
