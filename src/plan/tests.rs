//! Plans from pairs of what is desired and what exists.

use serde_json::{Value, json};

use crate::databricks::ObjectKind;
use crate::desired::DesiredPipeline;
use crate::observe::{ExistingPipeline, Observed, PreviewFolder, PreviewNote};
use crate::pipeline::ownership::{Claim, OwnershipKey};
use crate::pipeline::{Made, Settings};
use crate::route::Prune;
use crate::source::RepoPath;

use super::{Action, Allowed, FolderAction, ObjectAction, Plan, Removal, Resource, Tables, destroy, plan};

pub(super) const FOLDER: &str = "/Shared/x/dev";

pub(super) fn desired(closure: &str, release: &str, more: &Value) -> DesiredPipeline {
    let [wheel, notebook] = ["w", "n"].map(|kind| format!("{kind}{release}"));
    let mut settings: Settings = serde_json::from_value(more.clone()).unwrap();
    settings.set_name("orders");
    settings.set_libraries(json!([{"notebook": {"path": format!("/Workspace{FOLDER}/{notebook}")}}]));
    settings.set_environment(json!({"dependencies": [format!("/Workspace{FOLDER}/{wheel}")]}));
    settings.own(OwnershipKey::Closure, closure);
    settings.own(OwnershipKey::Release, &format!("{wheel},{notebook}"));
    settings.seal();
    DesiredPipeline {
        workflow: "orders".into(),
        spec: RepoPath::parse("workflows/orders.yml").unwrap(),
        name: "orders".into(),
        settings,
        artifacts: vec![wheel, notebook],
    }
}

/// A pipeline of a preview, in a schema of its own.
pub(super) fn preview(schema: &str) -> DesiredPipeline {
    let mut preview = desired("c", "1", &json!({"catalog": "main", "schema": schema}));
    for (key, value) in [
        (OwnershipKey::Project, "shop"),
        (OwnershipKey::Environment, "dev"),
        (OwnershipKey::Preview, "pr1"),
        (OwnershipKey::BaseSchema, "shared"),
    ] {
        preview.settings.own(key, value);
    }
    preview.settings.seal();
    preview
}

pub(super) fn folder(notes: &[(&str, PreviewNote)]) -> PreviewFolder {
    let notes = notes.iter().map(|(name, note)| ((*name).to_owned(), note.clone()));
    PreviewFolder { path: FOLDER.to_owned(), notes: notes.collect() }
}

pub(super) fn existing(of: &DesiredPipeline, claim: Claim) -> ExistingPipeline {
    let (name, settings) = (of.name.clone(), of.settings.clone());
    let (runs_as, creator) = (None, None);
    ExistingPipeline {
        id: "p1".into(),
        name,
        settings,
        runs_as,
        creator,
        last_modified: Some(7),
        running: false,
        claim,
    }
}

fn with(settings: &Settings, field: &str, value: Value) -> Value {
    let mut settings = settings.to_value();
    settings[field] = value;
    settings
}

/// What the plan does to its pipelines.
pub(super) fn actions(plan: &Plan) -> Vec<&Action> {
    plan.pipelines().map(|step| &step.action).collect()
}

fn uploads(plan: &Plan) -> Vec<&str> {
    plan.uploads().collect()
}

/// A line a step: what it is about, what becomes of it, and the numbers of those that it needs.
fn lines(plan: &Plan) -> Vec<String> {
    let described = plan.describe();
    let line = |step: &Value| {
        let text = |key: &str| step[key].as_str().unwrap_or_default().to_owned();
        let named = ["name", "path"].map(text).concat();
        // The name of a note is a hash of what it says.
        let named = if named.starts_with("made-") { "made".to_owned() } else { named };
        format!("{} {} {named} {}", text("action"), text("resource"), step["needs"])
    };
    described["steps"].as_array().unwrap().iter().map(line).collect()
}

pub(super) fn observed(pipelines: Vec<ExistingPipeline>, objects: Option<&[&str]>) -> Observed {
    let objects = objects.map(|names| names.iter().map(|name| ((*name).to_owned(), ObjectKind::Other)).collect());
    Observed { pipelines, objects, ..Observed::default() }
}

pub(super) fn planned(desired: &DesiredPipeline, observed: &Observed) -> Plan {
    plan(FOLDER, std::slice::from_ref(desired), observed, &[], Allowed::default())
}

#[test]
fn a_first_deployment_makes_the_folder_uploads_and_creates() {
    let plan = planned(&desired("c", "1", &json!({})), &observed(vec![], None));
    assert!(plan.writes());
    assert_eq!(
        lines(&plan),
        [
            "create folder /Shared/x/dev []",
            "upload object w1 [0]",
            "upload object n1 [0]",
            "create pipeline orders [1,2]",
        ]
    );
}

#[test]
fn an_equal_closure_keeps_the_code_that_runs_though_the_wheel_is_new() {
    let before = existing(&desired("c", "1", &json!({})), Claim::Ours);
    let plan = planned(&desired("c", "2", &json!({})), &observed(vec![before], Some(&["w1", "n1"])));
    assert_eq!(actions(&plan), [&Action::Keep { id: "p1".into(), artifacts: vec!["w1".into(), "n1".into()] }]);
    assert!(!plan.writes() && uploads(&plan).is_empty());
}

#[test]
fn code_that_somebody_deleted_is_uploaded_again() {
    let before = existing(&desired("c", "1", &json!({})), Claim::Ours);
    let plan = planned(&desired("c", "2", &json!({})), &observed(vec![before], Some(&["n1"])));
    assert_eq!(uploads(&plan), ["w2", "n2"]);
    assert!(matches!(actions(&plan)[0], Action::Update { .. }));
    // The pipeline itself is as it should be: it is not edited, which could restart it.
    for (objects, missing, make_folder) in [(Some(&["n1"][..]), &["w1"][..], false), (None, &["w1", "n1"], true)] {
        let before = existing(&desired("c", "1", &json!({})), Claim::Ours);
        let plan = planned(&desired("c", "1", &json!({})), &observed(vec![before], objects));
        assert!(matches!(actions(&plan)[0], Action::Keep { .. }) && plan.writes());
        let made = plan.steps.iter().any(|step| matches!(step.resource, Resource::Folder { .. }));
        assert_eq!((&uploads(&plan)[..], made), (missing, make_folder));
        assert_eq!(plan.restored().collect::<Vec<_>>(), missing);
    }
}

#[test]
fn a_change_by_hand_is_drift_and_a_change_of_ours_is_not() {
    let wanted = desired("c", "1", &json!({"photon": true}));
    let mut by_hand = existing(&wanted, Claim::Ours);
    by_hand.settings = serde_json::from_value(with(&by_hand.settings, "photon", json!(false))).unwrap();
    let ours = existing(&desired("c", "1", &json!({})), Claim::Ours);
    for (before, expected) in [(by_hand, true), (ours, false)] {
        let plan = planned(&wanted, &observed(vec![before], Some(&["w1", "n1"])));
        let Action::Update { changes, drift, restarts, basis, .. } = actions(&plan)[0] else { panic!("{plan:?}") };
        assert_eq!(
            (changes.last().unwrap().path.as_str(), *drift, *restarts, basis.last_modified),
            ("photon", expected, false, Some(7))
        );
    }
}

#[test]
fn what_never_comes_back_is_known_by_the_definition_that_was_sent() {
    let before = existing(&desired("c", "1", &json!({"run_as": {"user_name": "a"}})), Claim::Ours);
    let plan = planned(
        &desired("c", "1", &json!({"run_as": {"user_name": "b"}})),
        &observed(vec![before], Some(&["w1", "n1"])),
    );
    assert!(matches!(actions(&plan)[0], Action::Update { drift: false, .. }));
}

#[test]
fn an_edit_of_a_continuous_pipeline_says_that_it_restarts() {
    let before = existing(&desired("c", "1", &json!({"continuous": true})), Claim::Ours);
    let plan = planned(&desired("d", "2", &json!({"continuous": true})), &observed(vec![before], Some(&[])));
    assert!(matches!(actions(&plan)[0], Action::Update { restarts: true, .. }));
}

#[test]
fn what_is_not_ours_is_never_touched() {
    for claim in [Claim::Unowned, Claim::Foreign("x".into()), Claim::Hidden] {
        let before = existing(&desired("c", "1", &json!({"photon": true})), claim);
        let plan = planned(&desired("c", "1", &json!({})), &observed(vec![before.clone()], Some(&[])));
        assert!(matches!(actions(&plan)[0], Action::Blocked { .. }) && !plan.writes() && uploads(&plan).is_empty());
        let plan = destroy(FOLDER, &observed(vec![before.clone()], None), &[], "", Allowed::default());
        let actions = actions(&plan);
        // What cannot be seen may be ours, so that it stays is not a success.
        assert_eq!(actions.len(), usize::from(before.claim == Claim::Hidden));
        assert!(actions.iter().all(|action| matches!(action, Action::Blocked { .. })));
    }
}

#[test]
fn storage_is_recreated_only_with_consent() {
    let after = desired("d", "2", &json!({"storage": "/mnt/b"}));
    let there = observed(vec![existing(&desired("c", "1", &json!({"storage": "/mnt/a"})), Claim::Ours)], Some(&[]));
    let blocked = planned(&after, &there);
    let Action::Blocked { why, .. } = actions(&blocked)[0] else { panic!() };
    assert!(why.contains("`storage` cannot be changed from `\"/mnt/a\"` to `\"/mnt/b\"`"), "{why}");
    let plan = plan(FOLDER, &[after], &there, &[], Allowed { recreate: true, ..Allowed::default() });
    assert!(matches!(actions(&plan)[0], Action::Recreate { .. }) && uploads(&plan) == ["w2", "n2"]);
}

#[test]
fn a_preview_that_nothing_touches_any_more_goes_and_the_last_one_takes_the_folder() {
    let mut stale = existing(&preview("s"), Claim::Ours);
    (stale.name, stale.running) = ("gone".into(), true);
    let with_another = planned(&desired("c", "1", &json!({})), &observed(vec![stale.clone()], Some(&["w1", "n1"])));
    let removal = actions(&with_another)[1].removal().unwrap();
    assert_eq!(removal, Removal { tables: Tables::Dropped, running: true });
    assert_eq!(lines(&with_another), ["note object made []", "create pipeline orders []", "destroy pipeline gone [0]"]);
    let there = observed(vec![stale.clone()], Some(&[]));
    let last = plan(FOLDER, &[], &there, &[folder(&[])], Allowed::default());
    assert_eq!(
        lines(&last),
        [
            "note object made []",
            "destroy pipeline gone [0]",
            "destroy schema s [1]",
            "destroy object made [2]",
            "destroy folder /Shared/x/dev [1,2,3]",
        ]
    );
    let hidden = ExistingPipeline { claim: Claim::Hidden, id: "p2".into(), ..existing(&preview("s"), Claim::Ours) };
    let beside = plan(FOLDER, &[], &observed(vec![stale, hidden], Some(&[])), &[folder(&[])], Allowed::default());
    assert_eq!(lines(&beside), ["note object made []", "destroy pipeline gone [0]"], "it may use the folder");
}

#[test]
fn a_shared_pipeline_that_is_not_desired_goes_only_if_that_is_allowed_and_leaves_folder_and_schema() {
    let mut leftover = existing(&desired("c", "1", &json!({"catalog": "main", "schema": "s"})), Claim::Ours);
    leftover.name = "gone".into();
    let foreign = ExistingPipeline { claim: Claim::Foreign(String::new()), ..leftover.clone() };
    let preview = ExistingPipeline { name: "preview".into(), ..leftover.clone() };
    let mut there = observed(vec![ExistingPipeline { name: "orders".into(), ..leftover.clone() }], Some(&[]));
    there.leftovers = vec![leftover, foreign, preview];
    there.leftovers[2].settings.own(OwnershipKey::Preview, "pr1");
    for (prune, steps) in [(Prune::Report, &[][..]), (Prune::Destroy, &["destroy pipeline gone []"])] {
        let plan = plan(FOLDER, &[], &there, &[], Allowed { prune, ..Allowed::default() });
        assert_eq!(lines(&plan), steps, "{prune:?}");
    }
}

#[test]
fn a_schema_is_noted_before_it_is_made_and_goes_after_the_pipelines_that_publish_to_it() {
    let unity = preview("S");
    let first = planned(&unity, &observed(vec![], Some(&["w1", "n1"])));
    assert_eq!(lines(&first), ["note object made []", "create schema s [0]", "create pipeline orders [1]"]);
    let hive = ExistingPipeline {
        name: "hive".into(),
        id: "p0".into(),
        ..existing(&desired("c", "1", &json!({})), Claim::Ours)
    };
    let there = observed(vec![hive.clone(), existing(&unity, Claim::Ours)], Some(&[]));
    let noted = Made::of(&unity.settings).unwrap();
    assert_eq!(
        lines(&destroy(
            FOLDER,
            &there,
            &[folder(&[("made-1", PreviewNote::Ours(noted.clone()))])],
            "",
            Allowed::default()
        )),
        [
            "destroy pipeline hive []",
            "destroy pipeline orders []",
            "destroy schema s [1]",
            "destroy object made [2]",
            "destroy folder /Shared/x/dev [0,1,2,3]",
        ]
    );
    // What an earlier build deployed is noted before nothing names it any more, in a folder that is made for it if need be.
    for (folders, objects, first) in
        [(vec![folder(&[])], Some(&[][..]), None), (vec![], None, Some("create folder /Shared/x/dev []"))]
    {
        let there = observed(vec![existing(&unity, Claim::Ours)], objects);
        let planned = lines(&destroy(FOLDER, &there, &folders, "", Allowed::default()));
        assert_eq!(planned.iter().map(String::as_str).find(|line| line.starts_with("create")), first);
        let verbs: Vec<&str> = planned.iter().map(|line| line.rsplit_once(" [").unwrap().0).collect();
        let rest = ["note object made", "destroy pipeline orders", "destroy schema s", "destroy object made"];
        let rest = [&rest[..], &["destroy folder /Shared/x/dev"]].concat();
        assert_eq!(verbs[planned.len() - rest.len()..], rest);
    }
}

#[test]
fn what_is_noted_goes_though_no_pipeline_names_it_and_what_is_anothers_keeps_the_folder() {
    let own = PreviewNote::Ours(Made::of(&preview("s").settings).unwrap());
    let notes = [("made-1", own), ("made-2", PreviewNote::Anothers), ("made-3", PreviewNote::Unreadable)];
    let former = PreviewFolder { path: "/Shared/y".into(), ..folder(&notes[..1]) };
    let there = observed(vec![], Some(&["made-1", "made-2", "made-3"]));
    let planned = destroy(FOLDER, &there, &[folder(&notes), former], "", Allowed::default());
    assert_eq!(
        lines(&planned),
        [
            "destroy schema s []",
            "note object made []",
            "destroy object made [0,1]",
            "destroy folder /Shared/y [0,2]",
            "destroy object made [0]",
            "destroy folder /Shared/x/dev [0,3,4]",
        ]
    );
    let kept_by = |index: usize| match &planned.steps[index].resource {
        Resource::Folder { action: FolderAction::Destroy { unless_noted, .. }, .. } => unless_noted.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((kept_by(3), kept_by(5)), (vec![], vec!["made-2".to_owned(), "made-3".to_owned()]));
}

#[test]
fn a_schema_that_a_pipeline_leaves_is_noted_before() {
    let (before, after) = (existing(&preview("s"), Claim::Ours), preview("t"));
    let there = observed(vec![before], Some(&["w1", "n1"]));
    let planned = planned(&after, &there);
    assert_eq!(
        lines(&planned),
        ["note object made []", "note object made []", "create schema t [1]", "update pipeline orders [0,2]"]
    );
    let noted = planned.steps.iter().filter_map(|step| match &step.resource {
        Resource::Object { action: ObjectAction::Note { made }, .. } => Some(made.schema()?.name.as_str()),
        _ => None,
    });
    assert_eq!(noted.collect::<Vec<_>>(), ["s", "t"]);
}

#[test]
fn a_plan_is_described_with_its_version_and_without_secrets() {
    let secret = |value: &str| json!({"clusters": [{"spark_conf": {"x.password": value}}]});
    let before = existing(&desired("c", "1", &secret("hunter1")), Claim::Ours);
    let plan = planned(&desired("d", "2", &secret("hunter2")), &observed(vec![before], Some(&[])));
    let described = plan.describe();
    assert_eq!((&described["version"], &described["folder"]), (&json!(1), &json!(FOLDER)));
    let step = described["steps"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&step["resource"], &step["action"], &step["pipeline_id"]),
        (&json!("pipeline"), &json!("update"), &json!("p1"))
    );
    let change = |change: &&Value| change["path"].as_str().unwrap().contains("password");
    let change = step["changes"].as_array().unwrap().iter().find(change).unwrap();
    assert_eq!((&change["from"], &change["to"]), (&json!("***"), &json!("***")));
    assert!(!described.to_string().contains("hunter"), "{described}");
}

#[test]
fn a_fingerprint_is_of_all_that_is_done_and_of_nothing_else() {
    let of = |password: &str, objects: &[&str]| {
        let desired = desired("c", "1", &json!({"configuration": {"password": password}}));
        planned(&desired, &observed(vec![], Some(objects))).fingerprint()
    };
    assert_eq!(of("a", &["w1"]), of("a", &["w1"]));
    // What is hidden where it is shown counts as well.
    assert_ne!(of("a", &["w1"]), of("b", &["w1"]));
    assert_ne!(of("a", &["w1"]), of("a", &["n1"]));
}
