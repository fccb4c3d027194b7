//! An edit in doubt is settled by what stands: ours, what the plan saw, or what somebody else made of it.

use serde_json::{Value, json};

use super::{NAME, PIPELINES, at_once, changed, count, fault, id, only, opened, preview, told};
use crate::support::Stage;

/// What the plan's read of the pipeline shows instead of what stands.
fn reads(stage: &Stage, earlier: &Value) {
    let path = format!("{PIPELINES}/{}", id(stage));
    fault(stage, &json!({"method": "GET", "path": path, "status": 200, "body": earlier}));
}

/// The pipeline was deployed by another run of the same commit after this one read it.
#[test]
fn an_edit_that_another_run_of_the_commit_has_done_is_done() {
    for conflict in [None, Some(json!({"error_code": "RESOURCE_CONFLICT", "message": "modified since"}))] {
        let stage = changed();
        let earlier = only(&stage);
        stage.run(&preview(&stage)).ended(0, "deployed");
        let stands = only(&stage);
        reads(&stage, &earlier);
        if let Some(body) = &conflict {
            fault(&stage, &json!({"method": "PUT", "path": "/api/2.0/pipelines/*", "status": 400, "body": body}));
        }
        stage.control("DELETE", "log", &Value::Null);
        let ran = stage.run(&preview(&stage));
        assert_eq!((ran.ended(0, "deployed").output("updated"), count(&stage, "PUT", PIPELINES)), ("1", 1));
        assert_eq!(only(&stage), stands, "it was edited once");
    }
}

#[test]
fn an_edit_of_what_the_plan_saw_is_sent_again_though_the_time_of_the_last_change_is_another() {
    let touched = |stage: &Stage| {
        let mut earlier = only(stage);
        earlier["last_modified"] = (earlier["last_modified"].as_u64().unwrap() - 1000).into();
        reads(stage, &earlier);
    };
    let status = |status: u16| {
        move |stage: &Stage| fault(stage, &json!({"method": "PUT", "path": "/api/2.0/pipelines/*", "status": status}))
    };
    let doubts: [&dyn Fn(&Stage); 3] = [&touched, &status(409), &status(503)];
    for doubt in doubts {
        let stage = changed();
        doubt(&stage);
        stage.run(&preview(&stage)).ended(0, "deployed");
        assert_eq!((&only(&stage)["spec"]["photon"], count(&stage, "PUT", PIPELINES)), (&json!(true), 2));
    }
}

#[test]
fn what_somebody_else_changed_meanwhile_is_left_alone_and_told() {
    let by_hand = json!({"development": false, "tags": {"by": "hand"}});
    let taken_over = json!({"configuration": {"dltflow.project": "another"}});
    for change in [by_hand, taken_over] {
        let stage = changed();
        let earlier = only(&stage);
        stage.edit_by_hand(NAME, &change);
        let stands = only(&stage);
        reads(&stage, &earlier);
        let ran = stage.run(&preview(&stage));
        ran.ended(4, "failed");
        assert!(told(&ran).contains("changed by somebody else meanwhile"), "{}", ran.stderr);
        assert_eq!((only(&stage), count(&stage, "PUT", PIPELINES)), (stands, 1));
    }
}

/// The definition that was sent last is ours before such an edit, too: it does not show that the edit was done.
#[test]
fn an_edit_that_takes_back_a_change_by_hand_is_done_when_the_change_is_gone() {
    let drifted = || {
        let stage = opened();
        stage.run(&preview(&stage)).ended(0, "deployed");
        stage.edit_by_hand(NAME, &json!({"development": false}));
        stage.control("DELETE", "log", &Value::Null);
        stage
    };
    let development = |stage: &Stage| only(stage)["stored"]["development"].clone();
    // Its reply is an error, and nothing was done.
    let stage = drifted();
    fault(&stage, &json!({"method": "PUT", "path": "/api/2.0/pipelines/*", "status": 503}));
    stage.run(&preview(&stage)).ended(0, "deployed");
    assert_eq!((development(&stage), count(&stage, "PUT", PIPELINES)), (json!(true), 2));
    // Its reply is lost, and all was done.
    let stage = drifted();
    fault(&stage, &json!({"method": "PUT", "path": "/api/2.0/pipelines/*", "action": "drop", "when": "after"}));
    stage.run(&preview(&stage)).ended(0, "deployed");
    assert_eq!((development(&stage), count(&stage, "PUT", PIPELINES)), (json!(true), 1));
    // Another run has taken it back.
    let stage = drifted();
    let earlier = only(&stage);
    stage.run(&preview(&stage)).ended(0, "deployed");
    reads(&stage, &earlier);
    stage.run(&preview(&stage)).ended(0, "deployed");
    assert_eq!(development(&stage), json!(true));
    // Somebody has changed something else as well.
    let stage = drifted();
    let earlier = only(&stage);
    stage.edit_by_hand(NAME, &json!({"tags": {"by": "hand"}}));
    reads(&stage, &earlier);
    let ran = stage.run(&preview(&stage));
    ran.ended(4, "failed");
    assert!(told(&ran).contains("changed by somebody else meanwhile"), "{}", ran.stderr);
    assert_eq!((development(&stage), only(&stage)["spec"]["tags"]["by"].as_str()), (json!(false), Some("hand")));
}

#[test]
fn two_runs_of_one_commit_at_once_both_end_well() {
    let situations: [fn() -> Stage; 2] = [opened, changed];
    at_once(&situations, |before| {
        let stage = before();
        let run = || {
            let mut runner = preview(&stage);
            runner.input("comment", "never");
            runner
        };
        let runners = [run(), run()];
        // Whichever is late may find that all is done.
        at_once(&runners, |runner| {
            let ran = runner.run();
            assert_eq!(ran.code, 0, "{}", ran.stderr);
        });
        assert_eq!(only(&stage)["spec"]["name"], NAME);
        let ran = stage.run(&run());
        ran.ended(0, "unchanged");
    });
}
