//! What `check` says of pipeline configurations, which the runtime would refuse when the pipeline starts.

use serde_json::{Value, json};

use super::Shell;
use crate::support::Stage;

const MISTAKES: &str = r#"{
  "dlt": {
    "func_name": "orders",
    "kind": "tabel",
    "expectations": [{"name": "x", "constrain": "x > 0", "constraint": "x > 0"}],
    "is_streaming": "yes"
  }
}"#;

#[test]
fn mistakes_of_a_configuration_are_shown_in_its_own_lines() {
    let stage = Stage::new();
    stage.repo.write("conf/orders.json", MISTAKES);
    let said = Shell::offline(&stage).run("check workflows/orders.yml").ended(3);
    said.told(&[
        "conf/orders.json:4:13",
        "    \"kind\": \"tabel\",",
        "did you mean `table`?",
        "conf/orders.json:5:36",
        "unknown key `constrain`",
        "conf/orders.json:6:21",
        "must be `true` or `false`, not `\"yes\"`",
        "3 errors found",
    ]);
    let report = Shell::offline(&stage).run("check workflows/orders.yml --output json").ended(3).json();
    let found = report["findings"].as_array().unwrap().iter();
    let found = found.map(|found| ["rule", "severity", "path", "line", "column"].map(|key| found[key].clone()));
    let at = |rule: &str, severity: &str, line: u32, column: u32| {
        [json!(rule), json!(severity), json!("conf/orders.json"), json!(line), json!(column)]
    };
    let wanted = [
        at("invalid-config", "error", 4, 13),
        at("invalid-config", "error", 5, 36),
        at("old-spelling", "warning", 6, 5),
        at("invalid-config", "error", 6, 21),
    ];
    assert_eq!(found.collect::<Vec<[Value; 5]>>(), wanted, "{report}");
}

#[test]
fn the_project_decides_the_severity_of_mistakes_in_configurations() {
    let stage = Stage::new();
    stage.repo.write("conf/orders.json", MISTAKES);
    let project = stage.repo.read("dltflow.yml");
    for (severity, code, told) in [("warning", 0, "conf/orders.json:4:13"), ("off", 0, "1 workflow checked")] {
        stage.repo.write("dltflow.yml", format!("{project}\ncheck: {{invalid-config: {severity}}}\n"));
        Shell::offline(&stage).run("check workflows/orders.yml").ended(code).told(&[told]);
    }
}

#[test]
fn a_configuration_of_another_kind_is_nobodys_business() {
    let stage = Stage::new();
    for text in ["{\"tables\": [1, {\"name\": \"x\"}], \"tables\": 2}", "[]", "7", "{\"delta\": {\"kind\": \"x\"}}"] {
        stage.repo.write("conf/orders.json", text);
        let report = Shell::offline(&stage).run("check --output json").ended(0).json();
        assert_eq!(report["findings"], json!([]), "{text}");
    }
}

#[test]
fn a_mistake_of_two_workflows_is_told_once() {
    let stage = Stage::new();
    stage.repo.write("conf/orders.json", MISTAKES);
    stage.repo.replace("workflows/returns.json", "conf/returns.json", "conf/orders.json");
    let report = Shell::offline(&stage).run("check --output json").ended(3).json();
    assert_eq!(report["findings"].as_array().unwrap().len(), 4, "{report}");
    assert!(report["error"]["message"].as_str().unwrap().starts_with("3 errors"), "{report}");
}
