//! Plans from pairs of what should be and what is there.

use serde_json::{Map, Value, json};

use crate::desired::{Claim, Desired, RELEASE, definition, mark};
use crate::observe::{Observed, Standing};
use crate::source::RepoPath;

use super::{Action, Allowed, Plan, plan, teardown};

const FOLDER: &str = "/Shared/x/dev";

fn desired(closure: &str, release: &str, more: &Value) -> Desired {
    let [wheel, notebook] = ["w", "n"].map(|kind| format!("{kind}{release}"));
    let mut settings: Map<String, Value> = more.as_object().cloned().unwrap();
    settings.insert("name".into(), json!("orders"));
    settings.insert("libraries".into(), json!([{"notebook": {"path": format!("/Workspace{FOLDER}/{notebook}")}}]));
    settings.insert("environment".into(), json!({"dependencies": [format!("/Workspace{FOLDER}/{wheel}")]}));
    mark(&mut settings, "dltflow.closure", closure);
    mark(&mut settings, RELEASE, &format!("{wheel},{notebook}"));
    let hash = definition(&settings);
    mark(&mut settings, "dltflow.definition", &hash);
    let spec = RepoPath::parse("workflows/orders.yml").unwrap();
    Desired {
        workflow: "orders".into(),
        spec,
        name: "orders".into(),
        settings,
        artifacts: vec![wheel, notebook],
        schema: None,
    }
}

fn standing(of: &Desired, claim: Claim) -> Standing {
    let (name, settings) = (of.name.clone(), of.settings.clone());
    Standing { id: "p1".into(), name, settings, last_modified: Some(7), running: false, claim }
}

fn observed(pipelines: Vec<Standing>, objects: Option<&[&str]>) -> Observed {
    Observed { pipelines, objects: objects.map(|names| names.iter().map(|name| (*name).to_owned()).collect()) }
}

fn planned(desired: &Desired, observed: &Observed) -> Plan {
    plan(FOLDER, std::slice::from_ref(desired), observed, Allowed::default())
}

#[test]
fn a_first_deployment_makes_the_folder_uploads_and_creates() {
    let plan = planned(&desired("c", "1", &json!({})), &observed(vec![], None));
    assert!(plan.make_folder && plan.writes());
    assert_eq!(plan.uploads, ["w1", "n1"]);
    assert!(matches!(plan.steps[0].action, Action::Create(_)));
}

#[test]
fn an_equal_closure_keeps_the_code_that_runs_though_the_wheel_is_new() {
    let before = standing(&desired("c", "1", &json!({})), Claim::Ours);
    let plan = planned(&desired("c", "2", &json!({})), &observed(vec![before], Some(&["w1", "n1"])));
    assert_eq!(plan.steps[0].action, Action::Keep { id: "p1".into(), artifacts: vec!["w1".into(), "n1".into()] });
    assert!(!plan.writes() && plan.uploads.is_empty());
}

#[test]
fn code_that_somebody_deleted_is_uploaded_again() {
    let before = standing(&desired("c", "1", &json!({})), Claim::Ours);
    let plan = planned(&desired("c", "2", &json!({})), &observed(vec![before], Some(&["n1"])));
    assert_eq!(plan.uploads, ["w2", "n2"]);
    assert!(matches!(plan.steps[0].action, Action::Update { .. }));
    // The pipeline itself is as it should be: it is not edited, which could restart it.
    for (objects, missing, make_folder) in [(Some(&["n1"][..]), &["w1"][..], false), (None, &["w1", "n1"], true)] {
        let before = standing(&desired("c", "1", &json!({})), Claim::Ours);
        let plan = planned(&desired("c", "1", &json!({})), &observed(vec![before], objects));
        assert!(matches!(plan.steps[0].action, Action::Keep { .. }) && plan.writes());
        assert_eq!(
            (plan.uploads.as_slice(), plan.make_folder),
            (&missing.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()[..], make_folder)
        );
    }
}

#[test]
fn a_change_by_hand_is_drift_and_a_change_of_ours_is_not() {
    let mut by_hand = standing(&desired("c", "1", &json!({})), Claim::Ours);
    by_hand.settings.insert("photon".into(), json!(true));
    let ours = standing(&desired("c", "1", &json!({"photon": true})), Claim::Ours);
    for (before, wanted) in [(by_hand, true), (ours, false)] {
        let plan = planned(&desired("c", "1", &json!({})), &observed(vec![before], Some(&["w1", "n1"])));
        let Action::Update { changes, drift, restarts, last_modified, .. } = &plan.steps[0].action else {
            panic!("{plan:?}")
        };
        assert_eq!(
            (changes.last().unwrap().path.as_str(), *drift, *restarts, *last_modified),
            ("photon", wanted, false, Some(7))
        );
    }
}

#[test]
fn what_never_comes_back_is_known_by_the_definition_that_was_sent() {
    let before = standing(&desired("c", "1", &json!({"run_as": {"user_name": "a"}})), Claim::Ours);
    let plan = planned(
        &desired("c", "1", &json!({"run_as": {"user_name": "b"}})),
        &observed(vec![before], Some(&["w1", "n1"])),
    );
    assert!(matches!(&plan.steps[0].action, Action::Update { drift: false, .. }));
}

#[test]
fn an_edit_of_a_continuous_pipeline_says_that_it_restarts() {
    let before = standing(&desired("c", "1", &json!({"continuous": true})), Claim::Ours);
    let plan = planned(&desired("d", "2", &json!({"continuous": true})), &observed(vec![before], Some(&[])));
    assert!(matches!(plan.steps[0].action, Action::Update { restarts: true, .. }));
}

#[test]
fn what_is_not_ours_is_never_touched() {
    for claim in [Claim::Unmarked, Claim::Foreign("x".into()), Claim::Hidden] {
        let before = standing(&desired("c", "1", &json!({"photon": true})), claim);
        let plan = planned(&desired("c", "1", &json!({})), &observed(vec![before.clone()], Some(&[])));
        assert!(matches!(plan.steps[0].action, Action::Blocked { .. }) && !plan.writes() && plan.uploads.is_empty());
        let steps = teardown(FOLDER, &observed(vec![before.clone()], None), "", true).steps;
        // What cannot be seen may be ours, so that it stays is no success.
        assert_eq!(steps.len(), usize::from(before.claim == Claim::Hidden));
        assert!(steps.iter().all(|step| matches!(step.action, Action::Blocked { .. })));
    }
}

#[test]
fn storage_is_recreated_only_with_consent() {
    let after = desired("d", "2", &json!({"storage": "/mnt/b"}));
    let there = observed(vec![standing(&desired("c", "1", &json!({"storage": "/mnt/a"})), Claim::Ours)], Some(&[]));
    let Action::Blocked { why, .. } = &planned(&after, &there).steps[0].action else { panic!() };
    assert!(why.contains("`storage` cannot be changed from `\"/mnt/a\"` to `\"/mnt/b\"`"), "{why}");
    let plan = plan(FOLDER, &[after], &there, Allowed { recreate: true });
    assert!(matches!(plan.steps[0].action, Action::Recreate { .. }) && plan.uploads == ["w2", "n2"]);
}

#[test]
fn a_preview_that_nothing_touches_any_more_goes_and_the_last_one_takes_the_folder() {
    let mut stale = standing(&desired("c", "1", &json!({"catalog": "main"})), Claim::Ours);
    (stale.name, stale.running) = ("gone".into(), true);
    let with_another = planned(&desired("c", "1", &json!({})), &observed(vec![stale.clone()], Some(&["w1", "n1"])));
    let Action::Destroy { removal, .. } = &with_another.steps[1].action else { panic!() };
    assert!(removal.cascade && removal.running && !with_another.drop_folder);
    assert!(plan(FOLDER, &[], &observed(vec![stale], Some(&[])), Allowed::default()).drop_folder);
}
