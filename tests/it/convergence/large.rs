//! Environments with more workflows than are compared on every run.

use serde_json::{Value, json};

use super::{MAIN, event, notes, project, push, rows, tag};
use crate::support::{Ran, Runner, Stage};

/// Most workflows that a push compares.
const COMPARED: usize = 200;
/// An event, its run, and what its report says of the pipeline that was edited.
type Case<'a> = (&'a str, &'a dyn Fn(&Stage) -> Runner, &'a str);

const EDITED: &str = "stock-9";

/// More workflows than that, which stand as their specs say.
fn deployed() -> Stage {
    let stage = Stage::with(project(COMPARED + 1));
    stage.run(&stage.on_push(MAIN, None)).ended(0, "deployed");
    stage.requests();
    stage
}

fn edit(stage: &Stage) {
    stage.edit_by_hand(EDITED, &json!({"edition": "CORE"}));
}

fn edition(stage: &Stage, name: &str) -> Value {
    let pipelines = stage.pipelines();
    pipelines.iter().find(|found| found["spec"]["name"] == name).unwrap()["spec"]["edition"].clone()
}

/// How many pipelines were read since the last look.
fn read(stage: &Stage) -> usize {
    stage.requests().into_iter().filter(|request| request.starts_with("GET /api/2.0/pipelines/")).count()
}

fn all(stage: &Stage) -> Runner {
    let mut runner = push(stage);
    runner.input("all", "true");
    runner
}

/// The row of a workflow: change and status.
fn row(ran: &Ran, name: &str) -> String {
    let found = rows(ran).into_iter().find(|row| row.starts_with(&format!("{name} "))).unwrap_or_default();
    found.split_once(':').map(|(row, _)| row.to_owned()).unwrap_or_default()
}

#[test]
fn a_push_looks_for_what_is_missing_and_says_that_it_compares_nothing_until_there_are_few_enough() {
    let stage = deployed();
    stage.delete_by_hand("stock-7");
    edit(&stage);
    stage.requests();
    let ran = stage.run(&push(&stage));
    ran.ended(0, "deployed");
    assert_eq!(rows(&ran), ["stock-7 create done: its pipeline was missing in the workspace"]);
    let told = notes(&ran);
    assert!(told[0].starts_with("not-compared: the environment has 201 workflows, more than 200"), "{told:?}");
    assert_eq!((read(&stage), edition(&stage, EDITED)), (0, json!("CORE")));
    // One less, and all are compared.
    stage.repo.git(&["rm", "--quiet", "workflows/200.json"]);
    let ran = stage.run(&push(&stage));
    ran.ended(0, "deployed");
    assert_eq!(rows(&ran), [format!("{EDITED} update done: its pipeline was changed in the workspace")]);
    assert!(notes(&ran).iter().all(|note| note.starts_with("leftover: ")), "{:?}", notes(&ran));
    assert_eq!(edition(&stage, EDITED), "PRO");
}

#[test]
fn dispatch_schedule_tag_and_all_compare_however_many_there_are() {
    let stage = deployed();
    let (dispatch, schedule) = (event("workflow_dispatch"), event("schedule"));
    let events: [Case<'_>; 4] = [
        ("schedule", &schedule, "update planned"),
        ("dispatch", &dispatch, "update done"),
        ("tag", &tag, "update done"),
        ("all", &all, "update done"),
    ];
    for (name, on, expected) in events {
        edit(&stage);
        stage.requests();
        let ran = stage.run(&on(&stage));
        assert_eq!((ran.code, row(&ran, EDITED)), (0, format!("{EDITED} {expected}")), "{name}: {}", ran.stderr);
        assert_eq!((ran.output("unchanged"), notes(&ran)), ("200", vec![]), "{name}");
        // Each once, and what was changed by hand again after it was edited.
        let is_planned = expected.ends_with("planned");
        assert_eq!(read(&stage), if is_planned { 201 } else { 202 }, "{name}");
        assert_eq!(edition(&stage, EDITED), if is_planned { "CORE" } else { "PRO" }, "{name}");
    }
}

/// Nobody compares what the next push does not touch: only the record says that a run failed.
#[test]
fn a_run_that_failed_is_made_good_by_the_next_push() {
    let stage = deployed();
    let before = stage.repo.head();
    let broken = stage.repo.replace("workflows/3.json", "PRO", "CORE").commit("edition");
    refuse_edit(&stage, 0);
    stage.run(&stage.on_push(MAIN, Some(&before))).ended(4, "failed");
    stage.repo.write("notes.md", "nothing to deploy").commit("notes");
    let ran = stage.run(&stage.on_push(MAIN, Some(&broken)));
    ran.ended(0, "deployed");
    assert_eq!((row(&ran, "stock-3"), edition(&stage, "stock-3")), ("stock-3 update done".to_owned(), json!("CORE")));
    // It is complete again: the next one compares nothing.
    stage.requests();
    stage.run(&push(&stage)).ended(0, "unchanged");
    assert_eq!(read(&stage), 0);
}

/// What was done before it failed is in no difference of commits any more.
#[test]
fn what_was_done_in_part_and_then_reverted_is_made_good_by_the_next_push() {
    let stage = deployed();
    let before = stage.repo.head();
    stage.repo.replace("workflows/3.json", "PRO", "CORE").replace("workflows/4.json", "PRO", "CORE");
    let broken = stage.repo.commit("editions");
    refuse_edit(&stage, 1);
    stage.run(&stage.on_push(MAIN, Some(&before))).ended(5, "failed");
    stage.repo.git(&["revert", "--no-edit", &broken]);
    let ran = stage.run(&stage.on_push(MAIN, Some(&broken)));
    assert_eq!(ran.ended(0, "deployed").output("updated"), "1");
    assert_eq!(["stock-3", "stock-4"].map(|name| edition(&stage, name)), ["PRO", "PRO"]);
}

/// Refuses one edit, after so many others.
fn refuse_edit(stage: &Stage, skip: u32) {
    let refuse = json!({"method": "PUT", "path": "/api/2.0/pipelines/*", "status": 400, "times": 1, "skip": skip});
    stage.control("POST", "faults", &refuse);
}
