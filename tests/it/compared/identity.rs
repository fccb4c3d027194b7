//! The identity that a pipeline runs as is compared where the service shows it, named where it changes, and not claimed to be
//! gone where an edit leaves it.

use serde_json::{Value, json};

use super::{fields, notes, open, pipeline, preview, row, set, shared, stage, writes};
use crate::support::Stage;

const HUBOT: &str = "      run_as: {user_name: Hubot@github.com}\n";
const ROBOT: &str = "6a1f0000-0000-4000-8000-000000000001";

fn rewrite(stage: &Stage, to: &str) {
    stage.repo.replace("workflows/harbour.yml", HUBOT, to).commit("another identity");
}

/// The identity that the service holds as set explicitly.
fn identity(stage: &Stage) -> Value {
    pipeline(stage, "unity")["run_as"].clone()
}

fn by_hand(stage: &Stage, identity: &Value) {
    let id = pipeline(stage, "unity")["pipeline_id"].as_str().unwrap().to_owned();
    stage.control("PUT", &format!("databricks/pipelines/{id}"), &json!({"run_as": identity}));
}

#[test]
fn an_identity_that_somebody_changed_is_restored() {
    for other in [
        json!({"user_name": "mallory@github.com"}),
        json!({"service_principal_name": ROBOT}),
        json!({"group_name": "all"}),
    ] {
        let stage = stage();
        stage.run(&shared(&stage)).ended(0, "deployed");
        by_hand(&stage, &other);
        let ran = stage.run(&shared(&stage));
        let row = row(ran.ended(0, "deployed"), "unity");
        assert_eq!(
            (fields(row), &row["drift"], &row["changes_identity"]),
            (vec!["run_as"], &json!(true), &json!(true))
        );
        assert_eq!(identity(&stage), json!({"user_name": "Hubot@github.com"}), "{other}");
        for text in [&ran.stderr, &ran.summary] {
            assert!(text.contains("runs as another identity") && text.contains("Hubot@github.com"), "{text}");
        }
    }
}

#[test]
fn a_preview_gets_its_identity_back() {
    let stage = stage();
    open(&stage);
    stage.run(&preview(&stage)).ended(0, "deployed");
    by_hand(&stage, &json!({"user_name": "mallory@github.com"}));
    let ran = stage.run(&preview(&stage));
    assert_eq!(fields(row(ran.ended(0, "deployed"), "unity")), ["run_as"]);
    assert_eq!(identity(&stage), json!({"user_name": "Hubot@github.com"}));
}

#[test]
fn a_plan_names_another_identity_of_the_spec() {
    let stage = stage();
    stage.run(&shared(&stage)).ended(0, "deployed");
    rewrite(&stage, &format!("      run_as: {{service_principal_name: {ROBOT}}}\n"));
    let ran = stage.run(shared(&stage).input("mode", "plan"));
    let row = row(ran.ended(0, "planned"), "unity");
    let change = row["fields"].as_array().unwrap().iter().find(|field| field["path"] == "run_as").unwrap();
    let [from, to] = ["from", "to"].map(|side| change[side].as_str().unwrap());
    assert!(from.contains("Hubot@github.com") && to.contains(ROBOT), "{change}");
    assert_eq!((&row["drift"], &row["changes_identity"]), (&json!(false), &json!(true)));
    let ran = stage.run(&shared(&stage));
    assert_eq!(
        (ran.ended(0, "deployed").output("updated"), identity(&stage)),
        ("1", json!({"service_principal_name": ROBOT}))
    );
    stage.run(&shared(&stage)).ended(0, "unchanged");
}

#[test]
fn a_first_identity_is_named_beside_whom_the_pipeline_runs_as_today() {
    let stage = stage();
    rewrite(&stage, "");
    stage.run(&shared(&stage)).ended(0, "deployed");
    stage
        .repo
        .replace(
            "workflows/harbour.yml",
            "      parameters: {day: monday}\n",
            &format!("      parameters: {{day: monday}}\n{HUBOT}"),
        )
        .commit("hubot");
    let ran = stage.run(&shared(&stage));
    let row = row(ran.ended(0, "deployed"), "unity");
    let change = row["fields"].as_array().unwrap().iter().find(|field| field["path"] == "run_as").unwrap();
    assert_eq!(
        (change["from"].as_str(), change["to"].as_str()),
        (Some("\"octocat@github.com\""), Some("{\"user_name\":\"Hubot@github.com\"}"))
    );
}

#[test]
fn an_identity_that_is_taken_out_of_the_spec_stays_and_that_is_told() {
    let stage = stage();
    stage.run(&shared(&stage)).ended(0, "deployed");
    rewrite(&stage, "");
    for mode in ["plan", "auto"] {
        let ran = stage.run(shared(&stage).input("mode", mode));
        let [told] = &notes(&ran, "identity-kept")[..] else { panic!("{}", ran.report) };
        let words =
            ["`unity`", "`Hubot@github.com`", "an edit cannot take an identity back", "`run_as`", "deploy it again"];
        assert!(words.iter().all(|word| told.contains(word)), "{told}");
        let row = row(&ran, "unity");
        assert_eq!((row["changes_identity"] == true, fields(row).contains(&"run_as")), (false, false), "{row}");
    }
    assert_eq!(identity(&stage), json!({"user_name": "Hubot@github.com"}));
    let ran = stage.run(&shared(&stage));
    assert_eq!(notes(ran.ended(0, "unchanged"), "identity-kept"), Vec::<String>::new());
}

/// Who created a pipeline is whom it runs as without an identity: nothing is kept, also if the service shows it as one.
#[test]
fn the_creator_is_no_identity_that_is_kept() {
    let stage = stage();
    rewrite(&stage, "");
    stage.run(&shared(&stage)).ended(0, "deployed");
    set(&stage, &json!({"dressing": ["run-as-of-the-creator"]}));
    stage.repo.replace("workflows/harbour.yml", "day: monday", "day: tuesday").commit("tuesday");
    let ran = stage.run(&shared(&stage));
    assert_eq!(notes(ran.ended(0, "deployed"), "identity-kept"), Vec::<String>::new());
}

#[test]
fn an_identity_that_is_not_shown_causes_no_edit() {
    let stage = stage();
    set(&stage, &json!({"dressing": ["run-as-left-out"]}));
    stage.run(&shared(&stage)).ended(0, "deployed");
    by_hand(&stage, &json!({"user_name": "mallory@github.com"}));
    writes(&stage);
    stage.run(&shared(&stage)).ended(0, "unchanged");
    assert_eq!(writes(&stage), Vec::<String>::new());
}
