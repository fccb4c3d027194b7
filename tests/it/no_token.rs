//! A step without a token for GitHub: what it cannot know or say is a warning, in log, summary and annotations.

use serde_json::json;

use crate::support::{Ran, Runner, Stage};

const NUMBER: u64 = 42;

fn stage() -> Stage {
    let stage = Stage::new();
    stage.repo.branch("change").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("change");
    stage
}

/// The warning about the missing token, which has to be in all three places, or in none.
#[track_caller]
fn warned(ran: &Ran) -> Option<String> {
    let notes = ran.report["notes"].as_array().unwrap();
    let note = notes.iter().find(|note| note["code"] == "no-github-token");
    let message = note.map(|note| note["message"].as_str().unwrap().to_owned());
    let annotated =
        ran.commands.iter().any(|command| command.name == "warning" && Some(&command.data) == message.as_ref());
    let logged = message.as_ref().is_some_and(|message| ran.stderr.contains(&format!("warning: {message}")));
    let summed = ran.summary.contains("there is no `github-token`:");
    assert_eq!(
        (annotated, logged, summed),
        (message.is_some(), message.is_some(), message.is_some()),
        "{}",
        ran.everything()
    );
    message
}

fn run(stage: &Stage, runner: &mut Runner) -> Ran {
    stage.run(runner.input("github-token", ""))
}

const CHANGES: &str = "what changed is not known, so every workflow is looked at";
const NEWER: &str = "nothing shows whether a newer commit was pushed";
const COMMENT: &str = "the pull request gets no comment";

#[test]
fn a_pull_request_without_a_token_is_deployed_with_a_warning() {
    let stage = stage();
    let ran = run(&stage, &mut stage.on_pull_request("opened", NUMBER, "change"));
    ran.ended(0, "deployed");
    let message = warned(&ran).unwrap();
    assert!([CHANGES, NEWER, COMMENT].iter().all(|words| message.contains(words)), "{message}");
    assert_eq!(stage.comments(NUMBER).len(), 0);
    let ran = run(&stage, &mut stage.on_pull_request("closed", NUMBER, "change"));
    ran.ended(0, "destroyed");
    let message = warned(&ran).unwrap();
    assert!(message.contains("open again") && message.contains(COMMENT) && !message.contains(NEWER), "{message}");
}

#[test]
fn what_a_token_would_not_change_is_not_in_the_warning() {
    let stage = stage();
    let mut quiet = stage.on_pull_request("opened", NUMBER, "change");
    let message = warned(&run(&stage, quiet.input("comment", "never").input("mode", "check"))).unwrap();
    assert!(message.contains(CHANGES) && !message.contains(COMMENT) && !message.contains(NEWER), "{message}");

    stage.repo.branch("main");
    let message = warned(&run(&stage, &mut stage.on_push("refs/heads/main", None))).unwrap();
    assert!(message.contains(NEWER) && !message.contains(COMMENT), "{message}");

    stage.repo.git(&["tag", "v1.0.0"]);
    assert_eq!(warned(&run(&stage, &mut stage.on_push("refs/tags/v1.0.0", None))), None);
    let mut other = stage.on("issues", &json!({"action": "opened"}), "refs/heads/main", &stage.repo.head());
    assert_eq!(warned(&run(&stage, &mut other)), None, "nothing is done");
}

#[test]
fn with_a_token_there_is_no_warning() {
    let stage = stage();
    assert_eq!(warned(&stage.run(&stage.on_pull_request("opened", NUMBER, "change"))), None);
}
