//! Workflows with one name: pipelines are found by their name, so one would overwrite the other.

use serde_json::json;

use super::{found, opened, spec, writes};
use crate::support::Stage;

#[test]
fn a_copied_spec_whose_twin_is_not_touched_fails_its_pull_request() {
    let json = json!({"environments": {"dev": {"workflows": [{"name": "shop-orders", "target": "copy",
        "tasks": {"items": [{"python_file": "shop/pipelines/orders.py",
            "parameters": ["--conf", "conf/orders.json"]}]}}]}}});
    let anchored = format!("base: {{name: &name shop-orders}}\n{}", spec("dev", "*name"));
    for (about, path, text, line) in [
        ("beside it", "workflows/copy.yml", spec("dev", "shop-orders"), 4),
        ("sorted before it", "workflows/a/b.yaml", spec("dev", "shop-orders"), 4),
        ("of a workflow in a JSON spec", "workflows/copy.yml", spec("dev", "shop-returns"), 4),
        ("as JSON", "workflows/copy.json", json.to_string(), 1),
        ("by an anchor", "workflows/copy.yml", anchored, 1),
    ] {
        let stage = Stage::new();
        let ran = opened(&stage, |stage| _ = stage.repo.write(path, &text));
        assert_eq!((ran.code, ran.output("result")), (3, "failed"), "{about}: {}", ran.report);
        let twin = format!("error duplicate-workflow-name {path}:{line}");
        assert_eq!(found(&ran.report), [twin], "{about}");
        assert_eq!(writes(&stage), Vec::<String>::new(), "{about}");
        let comment = stage.comments(42)[0]["body"].as_str().unwrap().to_owned();
        assert!(comment.contains("is also the name of another workflow"), "{about}: {comment}");
    }
}

#[test]
fn twins_that_nobody_touched_are_a_warning_and_one_that_is_touched_fails_wherever_it_is_deployed() {
    let stage = Stage::new();
    let before = stage.repo.write("workflows/copy.yml", spec("dev", "shop-orders")).commit("a copy");
    let ran = opened(&stage, |stage| _ = stage.repo.replace("conf/returns.json", "allow", "drop"));
    ran.ended(0, "deployed");
    assert_eq!(found(&ran.report), ["warning duplicate-workflow-name workflows/orders.yml:7"]);
    // The merge: a push that touches neither, and one that touches one of them.
    stage.repo.branch("main").git(&["merge", "--quiet", "--ff-only", "change"]);
    let mut runner = stage.on_push("refs/heads/main", Some(&before));
    runner.input("mode", "check");
    let ran = stage.run(&runner);
    ran.ended(0, "checked");
    assert_eq!(found(&ran.report), ["warning duplicate-workflow-name workflows/orders.yml:7"]);
    let before = stage.repo.head();
    stage.repo.replace("workflows/copy.yml", "a copy", "the copy").commit("touched");
    let mut runner = stage.on_push("refs/heads/main", Some(&before));
    runner.input("mode", "check");
    let ran = stage.run(&runner);
    ran.ended(3, "failed");
    assert_eq!(found(&ran.report), ["error duplicate-workflow-name workflows/copy.yml:4"]);
}

#[test]
fn a_twin_in_a_spec_that_the_run_leaves_out_is_seen_and_nothing_else_of_that_spec() {
    let stage = Stage::new();
    stage.repo.write("workflows/copy.yml", spec("dev", "shop-orders"));
    stage.repo.write("workflows/broken.yml", "dev: {workflows: [{name: x, photn: true}, {name: 3}]}\n");
    stage.repo.write("workflows/unreadable.yml", "dev: {workflows: [");
    stage.repo.write("elsewhere/returns.yml", spec("dev", "shop-returns")).commit("specs");
    for (chosen, wanted) in [
        ("workflows/copy.yml", vec!["error duplicate-workflow-name workflows/copy.yml:4"]),
        ("workflows/o*.yml", vec!["error duplicate-workflow-name workflows/orders.yml:7"]),
        ("elsewhere/*", vec!["error duplicate-workflow-name elsewhere/returns.yml:4"]),
        ("workflows/r*.json", vec![]),
    ] {
        let mut runner = stage.on_push("refs/heads/main", None);
        let ran = stage.run(runner.input("workflows", chosen));
        assert_eq!(found(&ran.report), wanted, "{chosen}: {}", ran.stderr);
        assert_eq!(ran.code, if wanted.is_empty() { 0 } else { 3 }, "{chosen}: {}", ran.stderr);
    }
    assert_eq!(stage.pipelines().len(), 1);
}
