//! What a preview made is found when it is taken down, whatever became of the pipeline that named it.

use serde_json::{Value, json};

use super::{AIRPORT, ARRIVALS, FILE, HARBOUR, close, deployed, notes, nothing_left, schemas, spec, with};
use crate::support::{Ran, Stage};

fn pushed(stage: &Stage) -> Ran {
    stage.repo.commit("pushed");
    stage.run(&stage.on_pull_request("synchronize", 42, "harbour"))
}

fn refusal() -> Value {
    json!({"method": "POST", "path": "/api/2.0/pipelines", "status": 400,
           "body": {"error_code": "INVALID_PARAMETER_VALUE", "message": "no such node type"}, "times": 2})
}

/// A way in which no pipeline names a schema of the preview any more.
type Way = (&'static str, fn(&Stage));

const WAYS: [Way; 9] = [
    ("one workflow was reverted", |stage| {
        deployed(stage);
        stage.repo.write(FILE, spec(HARBOUR, HARBOUR).lines().take(3).collect::<Vec<_>>().join("\n"));
        pushed(stage).ended(0, "deployed");
    }),
    ("one workflow was reverted that an earlier build had deployed", |stage| {
        deployed(stage);
        for path in notes(stage) {
            stage.remove_by_hand(&path);
        }
        stage.repo.write(FILE, spec(HARBOUR, HARBOUR).lines().take(3).collect::<Vec<_>>().join("\n"));
        pushed(stage).ended(0, "deployed");
    }),
    ("the schema was changed", |stage| {
        deployed(stage);
        stage.repo.write(FILE, spec("catalog: main, schema: port", AIRPORT));
        pushed(stage).ended(0, "deployed");
    }),
    ("the catalog was changed", |stage| {
        deployed(stage);
        stage.repo.write(FILE, spec("catalog: other, schema: harbour", AIRPORT));
        pushed(stage).ended(0, "deployed");
    }),
    ("the schema was taken out", |stage| {
        deployed(stage);
        stage.repo.write(FILE, spec("catalog: main", AIRPORT));
        pushed(stage).ended(0, "deployed");
    }),
    ("a pipeline was deleted by hand", |stage| {
        deployed(stage);
        stage.delete_by_hand(ARRIVALS);
    }),
    ("a pipeline was edited by hand", |stage| {
        deployed(stage);
        stage.edit_by_hand(ARRIVALS, &json!({"schema": "elsewhere"}));
    }),
    ("the creates were refused after the schemas were made", |stage| {
        stage.control("POST", "faults", &refusal());
        stage.run(&stage.on_pull_request("opened", 42, "harbour")).ended(5, "failed");
        assert_eq!((stage.pipelines().len(), schemas(stage).len()), (0, 2));
    }),
    ("a pipeline was deleted by hand, and its workflow reverted", |stage| {
        deployed(stage);
        stage.delete_by_hand(ARRIVALS);
        stage.repo.write(FILE, spec(AIRPORT, AIRPORT).replace("    - {name: arrivals", "    # - {name: arrivals"));
        pushed(stage);
    }),
];

#[test]
fn a_schema_that_no_pipeline_names_goes_when_the_pull_request_is_closed() {
    for (case, lose) in WAYS {
        let stage = with(HARBOUR, AIRPORT);
        lose(&stage);
        assert!(schemas(&stage).len() > 1, "{case}: {:?}", schemas(&stage));
        close(&stage).ended(0, "destroyed");
        nothing_left(&stage, case);
    }
}

#[test]
fn a_pull_request_that_affects_nothing_any_more_takes_all_with_it() {
    for by_hand in [false, true] {
        let stage = with(HARBOUR, AIRPORT);
        deployed(&stage);
        if by_hand {
            stage.delete_by_hand(ARRIVALS);
            stage.delete_by_hand("[dev_octocat_pr42] departures");
        }
        stage.repo.git(&["rm", "--quiet", FILE]);
        let ran = pushed(&stage);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        nothing_left(&stage, &format!("by hand: {by_hand}"));
    }
}

#[test]
fn a_schema_that_was_made_before_a_refusal_is_a_change_and_named() {
    let stage = with(HARBOUR, HARBOUR);
    stage.control("POST", "faults", &refusal());
    let ran = stage.run(&stage.on_pull_request("opened", 42, "harbour"));
    ran.ended(5, "failed");
    let name = schemas(&stage).remove(0);
    let told = ran.report["error"]["message"].as_str().unwrap();
    assert!(told.contains(&format!("the schemas that were made: `{name}`")) && !told.contains("nothing was"), "{told}");
    // The second time it is there already: nothing is changed then.
    stage.control("POST", "faults", &refusal());
    let ran = stage.run(&stage.on_pull_request("synchronize", 42, "harbour"));
    ran.ended(4, "failed");
    assert!(ran.report["error"]["message"].as_str().unwrap().contains("nothing was changed"), "{}", ran.report);
}

#[test]
fn a_schema_whose_reply_was_lost_is_told_as_made() {
    for lost in [json!({"action": "drop", "when": "after"}), json!({"status": 503, "when": "after"})] {
        let stage = with(HARBOUR, HARBOUR);
        let mut fault = lost.clone();
        fault["method"] = "POST".into();
        fault["path"] = "*/unity-catalog/schemas".into();
        stage.control("POST", "faults", &json!([fault, refusal()]));
        let ran = stage.run(&stage.on_pull_request("opened", 42, "harbour"));
        ran.ended(5, "failed");
        assert!(ran.report["error"]["message"].as_str().unwrap().contains("that were made"), "{lost}: {}", ran.report);
        let asked =
            stage.requests().into_iter().filter(|request| request.starts_with("POST") && request.ends_with("/schemas"));
        assert_eq!(asked.count(), 1, "{lost}");
    }
}

#[test]
fn a_preview_whose_schema_cannot_be_noted_is_not_made() {
    let stage = with(HARBOUR, HARBOUR);
    stage.control("POST", "faults", &json!({"path": "*import-file*made-*", "status": 403}));
    stage.run(&stage.on_pull_request("opened", 42, "harbour")).ended(6, "failed");
    assert_eq!((schemas(&stage).len(), stage.pipelines().len(), notes(&stage).len()), (0, 0, 0));
}
