//! `mode: sweep`: what is no longer needed is listed, and deleted if that was confirmed; nothing else ever is.

mod objects;
mod previews;
mod properties;

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::support::{Ran, Runner, Stage};

const MAIN: &str = "refs/heads/main";
const PULLS: &str = "github/repositories/octo-org/shop/pulls";
const DAY: u64 = 24 * 60 * 60;

/// A scheduled sweep of the default branch.
fn sweep(stage: &Stage) -> Runner {
    let mut runner = stage.on("schedule", &json!({"schedule": "0 4 * * *"}), MAIN, &stage.repo.rev(MAIN));
    runner.input("mode", "sweep");
    runner
}

/// The same, confirmed.
fn confirmed(stage: &Stage) -> Runner {
    let mut runner = sweep(stage);
    runner.input("confirm", "true");
    runner
}

/// Lists, and fails if that writes anything.
#[track_caller]
fn listed(stage: &Stage) -> Ran {
    stage.requests();
    let ran = stage.run(&sweep(stage));
    ran.ended(0, "listed");
    assert_eq!(writes(stage), Vec::<String>::new(), "what lists only writes nothing");
    ran
}

fn writes(stage: &Stage) -> Vec<String> {
    stage.requests().into_iter().filter(|request| !request.starts_with("GET ")).collect()
}

/// What a sweep said of each thing: what becomes of it, what it is, its last name.
fn things(ran: &Ran) -> Vec<String> {
    let text = |thing: &Value, field: &str| thing[field].as_str().unwrap().to_owned();
    let swept = ran.report["sweep"].as_array().unwrap_or_else(|| panic!("{}", ran.stderr));
    let line = |thing: &Value| {
        let name = text(thing, "name");
        format!("{} {} {}", text(thing, "fate"), text(thing, "kind"), name.rsplit('/').next().unwrap_or_default())
    };
    swept.iter().map(line).collect()
}

/// Why the thing of that last name becomes what it becomes.
#[track_caller]
fn why(ran: &Ran, name: &str) -> String {
    let swept = ran.report["sweep"].as_array().unwrap();
    let found = swept.iter().find(|thing| thing["name"].as_str().unwrap().rsplit('/').next() == Some(name));
    found.unwrap_or_else(|| panic!("no `{name}` in {swept:?}"))["why"].as_str().unwrap().to_owned()
}

/// A pull request that is closed on GitHub, of which no run was told.
fn close_unheard(stage: &Stage, number: u64) {
    stage.control("PUT", &format!("{PULLS}/{number}"), &json!({"state": "closed"}));
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn schemas(stage: &Stage) -> Vec<String> {
    let held = stage.sandbox.state();
    let schemas = held["databricks"]["schemas"].as_array().unwrap().iter();
    schemas.map(|schema| schema["full_name"].as_str().unwrap().to_owned()).collect()
}
