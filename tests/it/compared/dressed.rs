//! An unchanged deployment sends no write, in whichever way the service dresses up its answers.

use sandbox::Dressing;
use serde_json::{Value, json};

use super::{open, preview, set, shared, stage, writes};
use crate::support::{Runner, Stage, tally};

/// At least so many ways.
const LEAST: usize = 30;

/// Deploys, and sees that nothing more is done under each way, nor under all of them together.
fn stays_as_it_is(stage: &Stage, runner: impl Fn(&Stage) -> Runner) {
    stage.run(&runner(stage)).ended(0, "deployed");
    let held = stage.pipelines();
    assert_eq!(held.len(), 3);
    let ways: Vec<Dressing> = Dressing::all().collect();
    let each = ways.iter().map(std::slice::from_ref).chain([&ways[..], &[]]);
    for ways in each {
        set(stage, &json!({"dressing": ways}));
        writes(stage);
        let ran = stage.run(&runner(stage));
        assert_eq!(
            (ran.code, ran.output("result"), writes(stage)),
            (0, "unchanged", vec![]),
            "{ways:?}: {}",
            ran.stderr
        );
        assert_eq!((ran.report["notes"].as_array().unwrap().len(), stage.pipelines() == held), (0, true), "{ways:?}");
    }
}

#[test]
fn an_unchanged_shared_deployment_sends_no_write_however_the_service_dresses_up_its_answers() {
    let count = Dressing::all().count();
    assert!(count >= LEAST, "{count}");
    stays_as_it_is(&stage(), shared);
    tally(
        "dressed",
        &format!("{count} ways in which a service may dress up its answers, in shared pipelines and previews"),
    );
}

#[test]
fn an_unchanged_preview_sends_no_write_however_the_service_dresses_up_its_answers() {
    let stage = stage();
    open(&stage);
    stays_as_it_is(&stage, preview);
}

#[test]
fn what_was_deployed_while_all_answers_were_dressed_up_is_unchanged_then() {
    let stage = stage();
    let ways: Vec<Value> = Dressing::all().map(|way| json!(way)).collect();
    set(&stage, &json!({"dressing": ways}));
    stage.run(&shared(&stage)).ended(0, "deployed");
    writes(&stage);
    stage.run(&shared(&stage)).ended(0, "unchanged");
    assert_eq!(writes(&stage), Vec::<String>::new());
}
