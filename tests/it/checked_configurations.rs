//! What a class is given is what was checked: the release carries it as JSON, and no YAML is read where it runs.

use serde_json::Value;

use dltflow::release::Release;
use dltflow::source::Files;

use crate::release::{
    CODE, CONF, FOLDER, assembled, files, members, path, printed, project, python, release, spanned, workflow, write,
};

/// Prints what it is given, and what it opens itself.
const SHOW: &str = "import json, sys
from dltflow.quality import DLTMetaMixin
class Show(DLTMetaMixin):
    def __init__(self, spark, config):
        print(json.dumps([repr(config), open(sys.argv[-1].split('=')[-1], encoding='utf-8').read()]))
    def rows(self):
        return self.spark.createDataFrame([(1,)], ['n'])
";

/// The datasets that the notebook registers, by their name, and the lines that it prints.
fn launched(release: &Release) -> (Vec<String>, Vec<Value>) {
    let scratch = tempfile::tempdir().unwrap();
    let wheel = write(scratch.path(), &release.wheel);
    let notebook = write(scratch.path(), &release.units[0].notebook);
    let site = scratch.path().join("site");
    printed(python(&["-m", "zipfile", "-e"]).arg(&wheel).arg(&site));
    let run =
        "import sys, json; sys.path[:0] = sys.argv[2:]; import fakes; dlt = fakes.install(); sys.modules['yaml'] = None
exec(compile(open(sys.argv[1]).read(), 'notebook', 'exec'), {'__name__': '__main__'})
print(json.dumps([call[1] for call in dlt.calls]))";
    let fakes = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runtime");
    let seen = printed(python(&["-I", "-c", run]).arg(notebook).arg(site).arg(fakes));
    let mut lines: Vec<Value> = seen.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names = serde_json::from_value(lines.pop().unwrap()).unwrap();
    (names, lines)
}

/// The names that an item with these parameters registers, and what its class is given.
fn given(parameters: &[&str], all: &Files) -> (Vec<String>, Vec<Value>) {
    launched(&release(&workflow(parameters), all))
}

#[test]
fn a_class_is_given_what_was_checked_where_no_yaml_can_be_read() {
    let dlt = "{func_name: rows, kind: table, name: orders}";
    let json_dlt = r#""dlt": {"func_name": "rows", "kind": "table", "name": "orders"}"#;
    for (name, text, seen) in [
        // The first of two merged mappings, the order of the keys, an anchor, and scalars of YAML 1.1.
        (
            "conf/a.yml",
            format!("z: &z {{on: no, b: 010}}\nm: {{<<: *z, b: 1_000}}\ndlt: {dlt}\n"),
            "{'z': {'on': False, 'b': 8}, 'm': {'b': 1000, 'on': False}, 'dlt': ",
        ),
        ("conf/b.conf", format!("day: 2024-02-01\ndlt: {dlt}\n"), "{'day': '2024-02-01', 'dlt': "),
        ("samples/c.yaml", format!("é: \"\\u2028\"\ndlt: {dlt}\n"), "{'é': '\\u2028', 'dlt': "),
        (
            "conf/d.json",
            format!("{{\"big\": 12345678901234567890123, \"z\": -0.0, \"inf\": 1e400, \"f\": 0.10, {json_dlt}}}"),
            "{'big': 12345678901234567890123, 'z': -0.0, 'inf': inf, 'f': 0.1, 'dlt': ",
        ),
    ] {
        let all = files(&[(CODE, SHOW), (name, &text)]);
        for parameters in [vec!["--conf".to_owned(), name.to_owned()], vec![format!("--conf={name}")]] {
            let parameters: Vec<&str> = parameters.iter().map(String::as_str).collect();
            let (names, lines) = given(&parameters, &all);
            assert_eq!(names, ["orders"], "{name}");
            let [Value::Array(line)] = lines.as_slice() else { panic!("{name}: {lines:?}") };
            assert_eq!(
                line[0],
                format!("{seen}{{'func_name': 'rows', 'kind': 'table', 'name': 'orders'}}}}"),
                "{name}"
            );
            assert_eq!(line[1], text, "the file itself is there for who opens it");
        }
    }
}

#[test]
fn each_item_gets_its_own_and_what_cannot_be_read_is_left_to_the_class() {
    let conf = |name: &str| format!("dlt: {{func_name: rows, kind: table, name: {name}}}\n");
    let all = files(&[
        (CODE, SHOW),
        ("conf/x", &conf("one")),
        ("conf/x.json/y.yml", &conf("two")),
        ("conf/unused.yml", &conf("three")),
        ("conf/d.toml", "[d]\nx = 1\n"),
    ]);
    let mut several = workflow(&["--conf", "conf/x"]);
    for parameters in [["--conf", "conf/x.json/y.yml"], ["--rows", "conf/unused.yml"], ["--conf", "conf/d.toml"]] {
        several.items.push(several.items[0].clone());
        several.items.last_mut().unwrap().parameters = parameters.map(|text| spanned(text.to_owned())).to_vec();
    }
    let made = release(&several, &all);
    let checked: Vec<String> =
        members(&made.wheel).into_iter().filter(|name| name.starts_with("_dltflow_read")).collect();
    assert_eq!(
        checked,
        ["conf/unused.yml", "conf/x", "conf/x.json/y.yml"].map(|name| format!("_dltflow_read/_dltflow_data/{name}"))
    );
    several.items.pop();
    let (names, _) = launched(&release(&several, &all));
    assert_eq!(names, ["one", "two", "three"]);
}

#[test]
fn what_was_read_belongs_to_the_workflows_that_name_the_file() {
    let (one, mut other) = (workflow(&["--conf", CONF]), workflow(&["--conf", "conf/other.yml"]));
    other.name = spanned("other".to_owned());
    let closures = |text: &str| {
        let all = files(&[(CODE, ""), (CONF, "{}"), ("conf/other.yml", text)]);
        let release = assembled(&project("samples"), &[&one, &other], &all, FOLDER).unwrap();
        [0, 1].map(|unit: usize| release.units[unit].closure.to_string())
    };
    let (before, after) = (closures("a: 1"), closures("a: 2"));
    assert_eq!([before[0] == after[0], before[1] == after[1]], [true, false]);
}

#[test]
fn code_cannot_take_the_place_of_what_was_checked() {
    for folder in ["_dltflow_read/_dltflow_data/conf", "_dltflow_data"] {
        let mut all = files(&[(CODE, ""), ("conf/d.toml", "x")]);
        all.insert(path(&format!("{folder}/d.toml")), b"dlt: {}".to_vec());
        let error = assembled(&project(""), &[&workflow(&["--conf", "conf/d.toml"])], &all, FOLDER).unwrap_err();
        assert!(
            error.message().contains(&format!("`{folder}/d.toml` in the wheel of the project, a folder that")),
            "{error}"
        );
    }
}
