//! A request that fails is repeated at one pace, whatever it does.

use serde_json::{Value, json};

use super::{PIPELINES, SCHEMAS, at_once, changed, closed, fault, opened, preview};
use crate::stop::MOST;
use crate::support::{Cancelled, Runner, Stage};

/// A request that changes something, and the run that sends it.
struct Scene {
    about: &'static str,
    before: fn() -> Stage,
    run: fn(&Stage) -> Runner,
    method: &'static str,
    /// A glob.
    path: &'static str,
    /// Whether the program looks whether it was done before it repeats it.
    looks: bool,
}

const EDIT: Scene = scene("an edit", changed, preview, "PUT", "/api/2.0/pipelines/*", true);
const CREATE: Scene = scene("a create", opened, preview, "POST", PIPELINES, true);
const COMMENT: Scene = scene("a comment", opened, preview, "POST", "*/issues/42/comments", true);
const SCENES: [Scene; 8] = [
    EDIT,
    CREATE,
    COMMENT,
    scene("a deletion", changed, closed, "DELETE", "/api/2.0/pipelines/*", false),
    scene("a schema", opened, preview, "POST", SCHEMAS, false),
    scene("an upload", opened, preview, "POST", "/api/2.0/workspace/import", false),
    scene("a folder", opened, preview, "POST", "/api/2.0/workspace/mkdirs", false),
    scene("a comment that is edited", changed, preview, "PATCH", "*/issues/comments/*", false),
];

const fn scene(
    about: &'static str,
    before: fn() -> Stage,
    run: fn(&Stage) -> Runner,
    method: &'static str,
    path: &'static str,
    looks: bool,
) -> Scene {
    Scene { about, before, run, method, path, looks }
}

impl Scene {
    /// Its stage, where the request fails by `fault`, and the run to come.
    fn failing(&self, mut failure: Value) -> (Stage, Runner) {
        let stage = (self.before)();
        failure["method"] = self.method.into();
        failure["path"] = self.path.into();
        let runner = (self.run)(&stage);
        fault(&stage, &failure);
        (stage, runner)
    }
}

/// The requests that a fault hit, and after each the milliseconds until the next one to the same path.
fn pauses(stage: &Stage) -> Vec<u64> {
    let log = stage.sandbox.log();
    let entries = log.as_array().unwrap();
    let arrived = |entry: &Value| entry["arrived"].as_u64().unwrap();
    let failed = entries.iter().enumerate().filter(|(_, entry)| !entry["fault"].is_null());
    let pause = |(index, entry): (usize, &Value)| {
        let next = entries[index + 1..].iter().find(|next| next["path"] == entry["path"])?;
        Some(arrived(next) - arrived(entry))
    };
    failed.filter_map(pause).collect()
}

#[test]
fn a_request_that_fails_three_times_is_repeated_after_pauses_whatever_it_does() {
    let repeated: Vec<&Scene> = SCENES.iter().filter(|scene| !scene.looks).chain([&EDIT]).collect();
    at_once(&repeated, |scene| {
        let (stage, runner) = scene.failing(json!({"status": 503, "times": 3}));
        let ran = stage.run(&runner);
        assert_eq!(ran.code, 0, "{}: {}", scene.about, ran.stderr);
        let pauses = pauses(&stage);
        assert_eq!(pauses.len(), 3, "{}", scene.about);
        // Each is random from zero on, so only their sum is sure to be one.
        assert!(pauses.iter().sum::<u64>() > 30, "{}: {pauses:?}", scene.about);
    });
}

#[test]
fn a_service_that_says_how_long_it_needs_is_left_alone_for_that_long() {
    at_once(&SCENES, |scene| {
        let (stage, runner) = scene.failing(json!({"status": 503, "retry_after": 1}));
        let ran = stage.run(&runner);
        assert_eq!(ran.code, 0, "{}: {}", scene.about, ran.stderr);
        let pauses = pauses(&stage);
        // A comment that may be there is looked for a second later anyway.
        let least = if scene.about == COMMENT.about { 2000 } else { 1000 };
        assert!(pauses.len() == 1 && pauses[0] >= least, "{}: {pauses:?}", scene.about);
    });
}

#[test]
fn a_failure_that_lasts_is_told_by_its_status_and_the_words_of_the_service() {
    let body = json!({"error_code": "TEMPORARILY_UNAVAILABLE", "message": "back at noon"});
    at_once(&SCENES, |scene| {
        let failure = json!({"status": 503, "retry_after": 600, "times": 99, "body": body});
        let (stage, mut runner) = scene.failing(failure);
        let ran = stage.run(runner.input("timeout", "30s"));
        assert!(ran.stderr.contains("back at noon (HTTP 503"), "{}: {}", scene.about, ran.stderr);
        let failed = stage.sandbox.log().as_array().unwrap().iter().filter(|entry| entry["status"] == 503).count();
        assert_eq!(failed, 1, "{}: it would have had to wait longer than it may", scene.about);
        let code = match scene.about {
            // Advice: the deployment stands.
            about if about.contains("comment") => 0,
            // A create that is not listed may be there, and the schema was made before either of them.
            about if about == CREATE.about || about.contains("upload") => 5,
            _ => 4,
        };
        assert_eq!(ran.code, code, "{}: {}", scene.about, ran.stderr);
    });
}

#[test]
fn a_pause_ends_when_the_run_is_asked_to_stop() {
    at_once(&SCENES, |scene| {
        let (stage, runner) = scene.failing(json!({"status": 503, "retry_after": 60}));
        let Cancelled { ran, took, late } = stage.cancel(&runner, &["INT"]);
        assert_eq!((ran.code, late), (130, Vec::new()), "{}: {}", scene.about, ran.stderr);
        assert!(took < MOST, "{}: {took:?}", scene.about);
    });
}
