//! A request that fails is repeated at one pace, whatever it does.

use serde_json::{Value, json};

use super::{PIPELINES, SCHEMAS, at_once, changed, closed, fault, opened, preview, push, pushed};
use crate::stop::MOST;
use crate::support::{Cancelled, Runner, Stage};

/// A request, and the run that sends it.
struct Scene {
    about: &'static str,
    before: fn() -> Stage,
    run: fn(&Stage) -> Runner,
    method: &'static str,
    /// A glob.
    path: &'static str,
    /// Whether the program looks whether it was done before it repeats it.
    looks: bool,
    /// How often a run asks for it anew, if each time it fails in vain.
    asks: usize,
    /// The exit code if it fails for as long as it may be repeated.
    code: i32,
}

const EDIT: Scene = writes("an edit", changed, preview, "PUT", "/api/2.0/pipelines/*").looking().ending(4);
/// One that is not listed may be there, and the schema was made before.
const CREATE: Scene = writes("a create", opened, preview, "POST", PIPELINES).looking().ending(5);
/// Advice: the deployment stands.
const COMMENT: Scene = writes("a comment", opened, preview, "POST", "*/issues/42/comments").looking().ending(0);
const SCENES: [Scene; 20] = [
    EDIT,
    CREATE,
    COMMENT,
    writes("a deletion", changed, closed, "DELETE", "/api/2.0/pipelines/*"),
    writes("a schema", opened, preview, "POST", SCHEMAS),
    writes("an upload", opened, preview, "POST", "/api/2.0/workspace/import").ending(5),
    writes("a folder", opened, preview, "POST", "/api/2.0/workspace/mkdirs"),
    writes("a comment that is edited", changed, preview, "PATCH", "*/issues/comments/*").ending(0),
    reads("whose the token is", opened, preview, "*/scim/v2/Me"),
    reads("a list of pipelines", opened, preview, PIPELINES),
    reads("a pipeline", changed, preview, "/api/2.0/pipelines/*"),
    reads("a folder's list", changed, preview, "/api/2.0/workspace/list"),
    reads("a note", changed, closed, "/api/2.0/workspace/export"),
    reads("a schema's owner", changed, closed, "/api/2.1/unity-catalog/schemas/*").ending(5),
    reads("a record", pushed, push, "/api/2.0/workspace/export"),
    reads("a pull request", opened, preview, "*/pulls/42").asking(3).ending(0),
    reads("changed files", opened, preview, "*/pulls/42/files").ending(0),
    reads("a comparison", pushed, push, "*/compare/*").ending(0),
    reads("the head of a branch", pushed, push, "*/git/ref/heads/*").ending(0),
    reads("comments", opened, preview, "*/issues/42/comments").ending(0),
];

const fn writes(
    about: &'static str,
    before: fn() -> Stage,
    run: fn(&Stage) -> Runner,
    method: &'static str,
    path: &'static str,
) -> Scene {
    Scene { about, before, run, method, path, looks: false, asks: 1, code: 4 }
}

const fn reads(about: &'static str, before: fn() -> Stage, run: fn(&Stage) -> Runner, path: &'static str) -> Scene {
    writes(about, before, run, "GET", path)
}

impl Scene {
    const fn looking(mut self) -> Self {
        self.looks = true;
        self
    }

    const fn asking(mut self, asks: usize) -> Self {
        self.asks = asks;
        self
    }

    const fn ending(mut self, code: i32) -> Self {
        self.code = code;
        self
    }

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
    let failures: Vec<(&Scene, u16)> = SCENES.iter().flat_map(|scene| [(scene, 503), (scene, 429)]).collect();
    at_once(&failures, |(scene, status)| {
        let (stage, runner) = scene.failing(json!({"status": status, "retry_after": 1}));
        let ran = stage.run(&runner);
        assert_eq!(ran.code, 0, "{}, {status}: {}", scene.about, ran.stderr);
        let pauses = pauses(&stage);
        // A comment that may be there is looked for a second later anyway.
        let least = if scene.about == COMMENT.about && *status == 503 { 2000 } else { 1000 };
        assert!(pauses.len() == 1 && pauses[0] >= least, "{}, {status}: {pauses:?}", scene.about);
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
        assert_eq!(failed, scene.asks, "{}: it would have had to wait longer than it may", scene.about);
        assert_eq!(ran.code, scene.code, "{}: {}", scene.about, ran.stderr);
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
