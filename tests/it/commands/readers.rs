//! One reader of every spec and configuration: what is strict, what is told of other readers, and what reaches the service.

use serde_json::{Value, json};

use super::{Shell, pipeline};
use crate::support::Stage;

const CONFIGURATION: &str = "conf/orders.yml";

/// The example project with its configuration in YAML.
fn stage() -> Stage {
    let stage = Stage::new();
    stage.repo.replace("workflows/orders.yml", "conf/orders.json", CONFIGURATION);
    stage.repo.write(CONFIGURATION, "dlt: {func_name: orders, kind: table}\n");
    stage
}

/// `severity rule path:line:column` of each finding.
fn found(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let line = |finding: &Value| {
        let [severity, rule, path, line, column] =
            ["severity", "rule", "path", "line", "column"].map(|key| text(&finding[key]));
        format!("{severity} {rule} {path}:{line}:{column}")
    };
    report["findings"].as_array().unwrap().iter().map(line).collect()
}

#[test]
fn a_spec_in_json_with_what_json_does_not_have_is_an_error_at_its_place() {
    let stage = Stage::new();
    let spec = stage.repo.read("workflows/returns.json");
    let rest = spec.strip_prefix('{').unwrap();
    for (text, place, told) in [
        (format!("{{ // what runs \"prod\"\n{rest}"), ":1:3", "JSON has no comments"),
        (format!("{{ /* \"dev\": */ {rest}"), ":1:3", "JSON has no comments"),
        (format!("# a comment\n{spec}"), ":1:1", "JSON has no comments"),
        (format!("{{ 'a': 1, {rest}"), ":1:3", "write text in double quotes"),
        (format!("{{ \"a\": [1,], {rest}"), ":1:1", "remove the comma before it"),
    ] {
        stage.repo.write("workflows/returns.json", &text);
        let said = Shell::offline(&stage).run("check").ended(3);
        said.told(&[&format!("workflows/returns.json{place}"), "error[syntax]: the file is not valid JSON", told]);
    }
}

#[test]
fn two_merge_keys_are_an_error_in_every_file() {
    let stage = stage();
    let base = "a: &a {x: 1}\nb: &b {x: 2}\n";
    let section = "dlt: {func_name: orders, kind: table}\n";
    for text in [
        format!("{base}dlt: {{<<: *a, <<: *b, func_name: orders, kind: table}}\n"),
        format!("{base}c: {{<<: *a, <<: *b}}\n{section}"),
        format!("{base}c: {{<<: *a, <<: *b}}\n"),
    ] {
        stage.repo.write(CONFIGURATION, &text);
        let report = Shell::offline(&stage).run("check --output json").ended(3).json();
        assert!(
            found(&report).iter().any(|found| found.starts_with("error duplicate-key conf/orders.yml:3:")),
            "{report}"
        );
    }
    stage.repo.write(CONFIGURATION, section);
    stage.repo.replace("workflows/orders.yml", "<<: *cluster", "<<: *cluster\n          <<: *cluster");
    Shell::offline(&stage).run("check").ended(3).told(&["error[duplicate-key]: `<<` is given twice"]);
}

#[test]
fn no_merge_makes_a_preview_write_to_a_shared_table() {
    let stage = stage();
    let (own, shared) = ("a: &a {name: orders}\n", "b: &b {name: gold.orders}\n");
    for (merge, code, rules) in [
        ("<<: [*a, *b]", 0, vec!["warning readers-differ"]),
        ("<<: [*b, *a]", 3, vec!["error preview-fixed-place", "warning readers-differ"]),
        ("<<: *b, <<: *a", 3, vec!["error preview-fixed-place", "error duplicate-key", "warning readers-differ"]),
        ("<<: *a, <<: *b", 3, vec!["error duplicate-key", "warning readers-differ"]),
        ("<<: [*a, *b], name: orders", 0, vec![]),
        ("<<: *a, name: gold.orders", 3, vec!["error preview-fixed-place"]),
    ] {
        stage.repo.write(CONFIGURATION, format!("{own}{shared}dlt: {{{merge}, func_name: orders, kind: table}}\n"));
        let report = Shell::offline(&stage).run("check --pull-request 7 --output json").ended(code).json();
        let mut told = found(&report);
        for told in &mut told {
            told.truncate(told.rfind(" conf/").unwrap());
        }
        told.sort();
        let mut rules: Vec<String> = rules.into_iter().map(str::to_owned).collect();
        rules.sort();
        assert_eq!(told, rules, "{merge}: {report}");
    }
}

#[test]
fn what_other_readers_take_otherwise_is_a_warning_beside_any_section() {
    let stage = stage();
    for section in ["", "dlt: {func_name: orders, kind: table}\n"] {
        let line = section.lines().count() + 1;
        stage.repo.write(CONFIGURATION, format!("{section}settings: {{from: 2024-01-30, at: 12:30:00}}\n"));
        let report = Shell::offline(&stage).run("check --output json").ended(0).json();
        let at = |column| format!("warning readers-differ {CONFIGURATION}:{line}:{column}");
        assert_eq!(found(&report), [at(18), at(34)], "{report}");
        stage.repo.write(CONFIGURATION, format!("{section}settings: {{from: '2024-01-30', at: \"12:30:00\"}}\n"));
        assert_eq!(found(&Shell::offline(&stage).run("check --output json").ended(0).json()), [""; 0]);
    }
}

#[test]
fn numbers_reach_the_service_as_they_are_written_where_it_takes_text() {
    let stage = Stage::new();
    let written = ["12e4567", "001234567890e456", "1.10", "0x1F", "1_000", "123456789012345678901234567890", ".inf"];
    let listed: Vec<String> = written.iter().enumerate().map(|(at, text)| format!("k{at}: {text}")).collect();
    let listed = listed.join(", ");
    stage.repo.replace(
        "workflows/orders.yml",
        "target: shop_dev",
        &format!("target: shop_dev\n      tags: {{{listed}}}\n      configuration: {{{listed}}}"),
    );
    stage.repo.replace(
        "workflows/orders.yml",
        "Standard_DS3_v2",
        &format!("Standard_DS3_v2\n          spark_conf: {{{listed}}}\n          policy_id: 001234567890e456"),
    );
    stage.repo.replace(
        "workflows/orders.yml",
        "[--conf, conf/orders.json]",
        "[--conf, conf/orders.json, --sha, 12e4567]",
    );
    Shell::of(&stage).run("deploy --deployment-file workflows/orders.yml --environment dev").ended(0);
    let spec = &pipeline(&stage, "shop-orders")["spec"];
    let cluster = &spec["clusters"][0];
    for (at, text) in written.iter().enumerate() {
        let key = format!("k{at}");
        let sent = [&spec["tags"][&key], &spec["configuration"][&key], &cluster["spark_conf"][&key]];
        assert!(sent.iter().all(|sent| **sent == json!(text)), "{text}: {sent:?}");
    }
    assert_eq!(cluster["policy_id"], json!("001234567890e456"));
}
