//! What somebody changed by hand is seen and restored, also in answers that are dressed up, if a spec writes it.

use sandbox::Dressing;
use serde_json::{Value, json};

use super::{fields, notes, open, pipeline, preview, row, set, shared, stage, tamper, writes};
use crate::support::{Runner, Stage};

/// What happens before a run.
type Begin<'a> = &'a dyn Fn(&Stage);
/// What begins a kind of deployment, and its run.
type Kind<'a> = (Begin<'a>, fn(&Stage) -> Runner);
/// A change to what is stored of a pipeline, by the name of its workflow.
type ByHand = (&'static str, &'static str, fn(&mut Value));

/// Each a change to a field that the spec writes.
const WRITTEN: &[ByHand] = &[
    ("a boolean", "hive", |spec| spec["photon"] = json!(false)),
    ("a boolean that was off", "hive", |spec| spec["continuous"] = json!(true)),
    ("a choice", "hive", |spec| spec["edition"] = json!("CORE")),
    ("a choice that is taken out", "hive", |spec| spec["channel"] = Value::Null),
    ("the schema, in another case on Hive", "hive", |spec| spec["target"] = json!("harbour")),
    ("the schema on Unity Catalog", "unity", |spec| spec["schema"] = json!("Harbour2")),
    ("a value of a map", "hive", |spec| spec["tags"]["cost"] = json!("8")),
    ("a key that is taken out", "hive", |spec| drop(spec["configuration"].as_object_mut().unwrap().remove("limit"))),
    ("a value that looks like a path", "hive", |spec| spec["configuration"]["folder"] = json!("/Shared/x")),
    ("an alert more", "hive", |spec| list(spec, "/notifications/0/alerts").push(json!("on-update-success"))),
    ("a recipient less", "hive", |spec| drop(list(spec, "/notifications/0/email_recipients").pop())),
    ("a notification more", "hive", |spec| {
        list(spec, "/notifications").push(json!({"email_recipients": ["x@github.com"], "alerts": ["on-flow-failure"]}));
    }),
    ("the order of init scripts", "hive", |spec| list(spec, "/clusters/0/init_scripts").reverse()),
    ("workers", "hive", |spec| spec["clusters"][0]["autoscale"]["max_workers"] = json!(30)),
    ("a cluster's fixed size", "hive", |spec| spec["clusters"][1]["num_workers"] = json!(5)),
    ("a range instead of no workers", "hive", |spec| {
        spec["clusters"][1]["autoscale"] = json!({"min_workers": 1, "max_workers": 5});
    }),
    ("a cluster less", "hive", |spec| drop(list(spec, "/clusters").pop())),
    ("a setting of Spark", "hive", |spec| spec["clusters"][0]["spark_conf"]["spark.speculation"] = json!("false")),
    ("the schedule", "hive", |spec| spec["trigger"] = json!({"manual": {}})),
    ("an hour", "hive", |spec| spec["restart_window"]["start_hour"] = json!(5)),
    ("a folder", "hive", |spec| spec["root_path"] = json!("/Workspace/Shared/other")),
    ("the notebook", "hive", |spec| spec["libraries"][0]["notebook"]["path"] = json!("/Shared/other")),
    ("a dependency", "serverless", |spec| list(spec, "/environment/dependencies")[1] = json!("pandas==1.0")),
    ("a dependency more", "serverless", |spec| list(spec, "/environment/dependencies").push(json!("evil==1.0"))),
    ("the event log", "unity", |spec| spec["event_log"]["name"] = json!("other")),
    ("ownership", "unity", |spec| spec["configuration"]["dltflow.spec"] = json!("elsewhere.yml")),
];

/// Each a change to something that the spec does not write.
const UNWRITTEN: &[ByHand] = &[
    ("a field", "hive", |spec| spec["budget_policy_id"] = json!("b-1")),
    ("a key of a map", "hive", |spec| spec["tags"]["more"] = json!("x")),
    ("a setting of Spark", "hive", |spec| spec["clusters"][0]["spark_conf"]["spark.x"] = json!("1")),
    ("a cluster", "hive", |spec| list(spec, "/clusters").push(json!({"label": "maintenance", "num_workers": 1}))),
    ("a field of a cluster", "unity", |spec| spec["clusters"][0]["policy_id"] = json!("p")),
    ("a whole map", "unity", |spec| spec["tags"] = json!({"team": "x"})),
];

fn list<'v>(spec: &'v mut Value, place: &str) -> &'v mut Vec<Value> {
    spec.pointer_mut(place).and_then(Value::as_array_mut).unwrap()
}

/// Changes what is stored of a pipeline, and gives what was.
fn change(stage: &Stage, workflow: &str, by_hand: fn(&mut Value)) -> Value {
    let stored = pipeline(stage, workflow)["stored"].clone();
    let mut changed = stored.clone();
    by_hand(&mut changed);
    assert_ne!(changed, stored);
    tamper(stage, workflow, &changed);
    stored
}

#[test]
fn what_is_written_is_restored_and_told_also_in_answers_that_are_dressed_up() {
    let stage = stage();
    stage.run(&shared(&stage)).ended(0, "deployed");
    let all: Vec<Dressing> = Dressing::all().collect();
    for ways in [&[], &all[..]] {
        set(&stage, &json!({"dressing": ways}));
        for (what, workflow, by_hand) in WRITTEN {
            let stored = change(&stage, workflow, *by_hand);
            let ran = stage.run(&shared(&stage));
            assert_eq!(
                (ran.output("result"), ran.output("updated")),
                ("deployed", "1"),
                "{what} {ways:?}: {}",
                ran.stderr
            );
            assert_eq!(row(&ran, workflow)["drift"], json!(true), "{what} {ways:?}: {}", row(&ran, workflow));
            assert_eq!(pipeline(&stage, workflow)["stored"], stored, "{what} {ways:?}");
            assert_eq!(notes(&ran, "value-kept"), Vec::<String>::new(), "{what} {ways:?}");
        }
        writes(&stage);
        stage.run(&shared(&stage)).ended(0, "unchanged");
        assert_eq!(writes(&stage), Vec::<String>::new());
    }
}

#[test]
fn what_is_written_is_restored_in_a_preview() {
    let stage = stage();
    open(&stage);
    stage.run(&preview(&stage)).ended(0, "deployed");
    for (what, workflow, by_hand) in [WRITTEN[0], WRITTEN[6], WRITTEN[13], WRITTEN[23]] {
        let stored = change(&stage, workflow, by_hand);
        let ran = stage.run(&preview(&stage));
        assert_eq!(row(ran.ended(0, "deployed"), workflow)["drift"], json!(true), "{what}");
        assert_eq!(pipeline(&stage, workflow)["stored"], stored, "{what}");
    }
}

#[test]
fn what_no_spec_writes_is_left_as_it_is() {
    let stage = stage();
    stage.run(&shared(&stage)).ended(0, "deployed");
    for (what, workflow, by_hand) in UNWRITTEN {
        change(&stage, workflow, *by_hand);
        let changed = pipeline(&stage, workflow);
        writes(&stage);
        let ran = stage.run(&shared(&stage));
        ran.ended(0, "unchanged");
        assert_eq!((writes(&stage), &pipeline(&stage, workflow)), (vec![], &changed), "{what}");
    }
}

/// Of the definition only the code changed since it was sent, so the rest that differs was changed by hand.
#[test]
fn a_change_by_hand_is_told_although_the_code_changed_too() {
    for (what, workflow, by_hand) in [WRITTEN[0], WRITTEN[5], WRITTEN[23]] {
        let stage = stage();
        stage.run(&shared(&stage)).ended(0, "deployed");
        change(&stage, workflow, by_hand);
        stage.repo.write("shop/more.py", "MORE = 1\n").commit("more");
        let ran = stage.run(&shared(&stage));
        ran.ended(0, "deployed");
        let hands: Vec<&Value> = ran.report["workflows"].as_array().unwrap().iter().map(|row| &row["drift"]).collect();
        assert_eq!((hands.len(), row(&ran, workflow)["drift"] == true), (3, true), "{what}: {hands:?}");
        assert_eq!(hands.iter().filter(|drift| **drift == true).count(), 1, "{what}: nobody changed the others");
        assert!(ran.stderr.contains("changed by hand") && ran.summary.contains(", changed by hand"), "{}", ran.stderr);
    }
}

/// What is sent about a pipeline when it is edited.
#[track_caller]
fn sent(stage: &Stage, workflow: &str) -> Vec<String> {
    let path = format!(" /api/2.0/pipelines/{}", pipeline(stage, workflow)["pipeline_id"].as_str().unwrap());
    let requests = stage.requests();
    requests.iter().filter_map(|request| request.strip_suffix(&path).map(str::to_owned)).collect()
}

#[test]
fn only_after_an_edit_for_a_change_by_hand_the_pipeline_is_read_once_more() {
    let edit = |stage: &Stage| {
        stage.repo.replace("workflows/harbour.yml", "max_workers: 3", "max_workers: 4").commit("bigger");
    };
    let code = |stage: &Stage| _ = stage.repo.write("shop/more.py", "MORE = 1\n").commit("more");
    let by_hand = |stage: &Stage| _ = change(stage, "hive", WRITTEN[0].2);
    let begin = |_: &Stage| {};
    let kinds: [Kind<'_>; 2] = [(&begin, shared), (&open, preview)];
    for (begin, run) in kinds {
        let stage = stage();
        begin(&stage);
        stage.run(&run(&stage)).ended(0, "deployed");
        let cases: [(&str, Begin<'_>, &[&str]); 3] = [
            ("the spec", &edit, &["GET", "PUT"]),
            ("the code", &code, &["GET", "PUT"]),
            ("by hand", &by_hand, &["GET", "PUT", "GET"]),
        ];
        for (what, change, expected) in cases {
            change(&stage);
            stage.requests();
            stage.run(&run(&stage)).ended(0, "deployed");
            assert_eq!(sent(&stage, "hive"), expected, "{what}");
        }
    }
}

#[test]
fn what_a_spec_no_longer_writes_is_seen_and_taken_out() {
    for (line, path) in [
        ("      photon: true\n", "photon"),
        ("      tags: {team: lake, cost: 7, blank: \"\"}\n", "tags"),
        ("        - {label: updates, num_workers: 0, enable_local_disk_encryption: false}\n", "clusters[updates]"),
    ] {
        let stage = stage();
        stage.run(&shared(&stage)).ended(0, "deployed");
        stage.repo.replace("workflows/harbour.yml", line, "").commit("less");
        let ran = stage.run(&shared(&stage));
        assert_eq!((ran.ended(0, "deployed").output("updated"), ran.output("unchanged")), ("1", "2"), "{}", ran.stderr);
        let row = row(&ran, "hive");
        let mut differing = fields(row);
        differing.retain(|field| *field != "code, configuration or spec of the workflow");
        assert_eq!(differing, [path], "{row}");
        assert_eq!(row["drift"], json!(false));
        stage.run(&shared(&stage)).ended(0, "unchanged");
    }
}
