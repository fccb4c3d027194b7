//! What would be deployed as nobody means it, or not at all, is told before: by every face, wherever findings are shown.

use super::Shell;
use crate::support::{Repo, Stage};

/// A stage whose project has these further files.
fn stage(files: &[(&str, &str)]) -> Stage {
    let stage = Stage::new();
    for (name, text) in files {
        stage.repo.write(name, text);
    }
    stage
}

const ITEMS: &str = "tasks: {items: [{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]}";

#[test]
fn a_spec_that_deploys_nothing_is_an_error_where_a_target_is_nearly_named_else_a_warning() {
    let nightly = |environment: &str| format!("{environment}: {{workflows: [{{name: nightly, {ITEMS}}}]}}\n");
    for (name, text, code, words) in [
        ("workflows/n.yml", nightly("prd"), 3, &["error[unknown-environment]", "did you mean `prod`?"][..]),
        ("workflows/n.yml", nightly("environments"), 3, &["the name of an environment is missing"]),
        ("workflows/n.yml", nightly("staging"), 0, &["warning[unknown-environment]", "`staging` has no target"]),
        (
            "workflows/n.yml",
            "services: {db: {}}\n".to_owned(),
            0,
            &["warning[no-workflows]", "so nothing can be deployed from it"],
        ),
        ("workflows/n.yml.j2", nightly("prod"), 0, &["warning[no-workflows]", "the file is a template"]),
        ("workflows/n.YAML", nightly("prod"), 0, &["warning[no-workflows]", "the extension is not in lower case"]),
        ("workflows/n.jsonc", "{}".to_owned(), 0, &["warning[no-workflows]", "the file is JSON with comments"]),
    ] {
        let stage = stage(&[(name, &text)]);
        Shell::offline(&stage).run("check").ended(code).told(words);
    }
    for (name, text) in [("workflows/h.yml", "x-base: {a: 1}\nbase: &base {b: 2}\n"), ("workflows/README.md.j2", "x")] {
        let said = Shell::offline(&stage(&[(name, text)])).run("check").ended(0);
        assert!(!said.all().contains(name), "{said:?}");
    }
}

#[test]
fn what_is_not_read_is_told_in_the_log_of_every_run() {
    let repo = Repo::of("examples/shop");
    repo.write("workflows/nightly.yml.j2", "prod: {workflows: []}\n").commit("template");
    let stage = Stage::with(repo);
    stage.repo.branch("change").write("shop/prices.py", "# new\n").commit("change");
    let ran = stage.run(&stage.on_pull_request("opened", 7, "change"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // It is not of what this run deploys: the log lists it, the comment counts it.
    {
        let shown = &ran.stderr;
        assert!(shown.contains("workflows/nightly.yml.j2") && shown.contains("so it is not read"), "{shown}");
    }
}

#[test]
fn values_that_nobody_fills_in_or_writes_end_a_check_and_the_authors_own_do_not() {
    let spec = |line: &str| format!("dev:\n  workflows:\n  - name: nightly\n    {ITEMS}\n    {line}\n");
    for (line, code, words) in [
        (
            "catalog: ${var.catalog}",
            3,
            &["error[foreign-syntax]", "`${var.catalog}` is the syntax of Databricks bundles and Terraform"][..],
        ),
        ("tags: {team: \"{{ env['TEAM'] }}\"}", 3, &["is the syntax of a template engine (Jinja)"]),
        ("clusters: [{policy_id: 'cluster-policy://small'}]", 3, &["`cluster-policy://` is the syntax of dbx"]),
        ("configuration: {a: '{{secrets/scope/key}}', b: '${spark.x}'}", 0, &["3 workflows checked"]),
        ("catalog:", 3, &["error[missing-value]", "`catalog` has no value"]),
        ("configuration: {lake.suffix: }", 3, &["`configuration`: `lake.suffix` has no value"]),
        ("clusters: [{spark_conf: {a: }}]", 3, &["`clusters[0].spark_conf`: `a` has no value"]),
        ("tags: {commit: # later\n      }", 3, &["`tags`: `commit` has no value"]),
        ("catalog: ~", 0, &["warning[null-setting]", "3 workflows checked"]),
    ] {
        let stage = stage(&[("workflows/nightly.yml", &spec(line))]);
        Shell::offline(&stage).run("check").ended(code).told(words);
    }
    for (section, own, code, words) in [
        (
            "\"name\": \"${bundle.target}_orders\"",
            "",
            3,
            &["error[foreign-syntax]", "is the syntax of Databricks bundles"][..],
        ),
        (
            "\"name\": \"orders\"",
            "\"mine\": {\"a\": \"${var.x}\", \"b\": \"{{ env['X'] }}\"},",
            0,
            &["2 workflows checked"],
        ),
    ] {
        let config = format!("{{{own} \"dlt\": {{\"func_name\": \"orders\", \"kind\": \"table\", {section}}}}}");
        let stage = stage(&[("conf/orders.json", &config)]);
        Shell::offline(&stage).run("check").ended(code).told(words);
    }
}
