//! GitHub refuses or fails, each time with the body that it is known to send: a deployment stands all the same, what is
//! missing is told, and nothing is asked for ever again.

use serde_json::{Value, json};

use crate::support::{Ran, Stage, tally};

/// What GitHub says, to which requests, and what is told of it.
struct Case {
    about: &'static str,
    fault: Value,
    /// Words of the note about the comment; none where it comes about.
    told: &'static [&'static str],
    /// Times that the request which the fault is about is sent.
    sent: usize,
}

const COMMENTS: &str = "*/issues/42/comments";

/// A refusal to write the comment, for ever.
fn of_comment(status: u16, body: &Value) -> Value {
    json!({"service": "github", "method": "POST", "path": COMMENTS, "status": status, "body": body, "times": 99})
}

fn cases() -> Vec<Case> {
    let docs = "https://docs.github.com/rest/issues/comments#create-an-issue-comment";
    let said = |status: u16, message: &str| {
        of_comment(status, &json!({"message": message, "documentation_url": docs, "status": status.to_string()}))
    };
    let with_wait = |mut fault: Value, seconds: u32| {
        fault["retry_after"] = json!(seconds);
        fault
    };
    let too_long = json!({"message": "Validation Failed", "documentation_url": docs, "status": "422", "errors": [
        {"resource": "IssueComment", "code": "unprocessable", "field": "data",
         "message": "Body is too long (maximum is 65536 characters)"}]});
    let secondary = "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. \
        Please retry your request again later.";
    let primary = "API rate limit exceeded for installation ID 4242.";
    let unicorn = json!("<!DOCTYPE html>\n<html><title>Unicorn! &middot; GitHub</title><p>::error::x</p></html>");
    let once = |mut fault: Value| {
        fault["times"] = json!(1);
        fault
    };
    let case = |about, fault, told, sent| Case { about, fault, told, sent };
    vec![
        case("no permission", said(403, "Resource not accessible by integration"), &["pull-requests: write"], 1),
        case(
            "no permission of a personal token",
            said(403, "Resource not accessible by personal access token"),
            &["give the token in `github-token` the permission `pull-requests: write`"],
            1,
        ),
        case("not to be seen", said(404, "Not Found"), &["pull-requests: write"], 1),
        case("locked", said(403, "Unable to create comment because issue is locked."), &["locked", "unlock"], 1),
        case("expired", said(401, "Bad credentials"), &["Bad credentials", "`github-token`"], 1),
        case("gone", said(410, "This issue was deleted"), &["This issue was deleted", "HTTP 410"], 1),
        case("too long", of_comment(422, &too_long), &["Validation Failed", "HTTP 422"], 1),
        case("an hour's limit", with_wait(said(403, primary), 3000), &["rate limit", "run this again later"], 1),
        case("a long secondary limit", with_wait(said(403, secondary), 600), &["rate limit", "later"], 1),
        case("a short secondary limit", once(with_wait(said(403, secondary), 0)), &[], 2),
        case("a short 429", once(with_wait(said(429, secondary), 0)), &[], 2),
        // What may have been done is looked for, and then done once more at most.
        case("a page instead of an answer", of_comment(502, &unicorn), &["HTTP 502", "not JSON"], 2),
    ]
}

fn opened() -> Stage {
    let stage = Stage::new();
    stage.repo.branch("bigger").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    stage
}

fn note(ran: &Ran) -> String {
    let notes = ran.report["notes"].as_array().unwrap();
    let found = notes.iter().find(|note| note["code"] == "comment");
    found.map_or_else(String::new, |note| note["message"].as_str().unwrap().to_owned())
}

fn posts(stage: &Stage) -> usize {
    stage.asked("github").iter().filter(|entry| entry["method"] == "POST").count()
}

/// Opens a pull request whose comment is refused.
fn refused(Case { about, fault, told, sent }: &Case) {
    let stage = opened();
    stage.control("POST", "faults", fault);
    let ran = stage.run(&stage.on_pull_request("opened", 42, "bigger"));
    assert_eq!((ran.code, ran.output("result"), stage.pipelines().len()), (0, "deployed", 1), "{about}");
    let note = note(&ran);
    assert_eq!(note.is_empty(), told.is_empty(), "{about}: {note}");
    assert!(told.iter().all(|word| note.contains(word)), "{about}: {note}");
    assert_eq!((posts(&stage), stage.comments(42).len()), (*sent, usize::from(told.is_empty())), "{about}");
    let line = ran.report["permission"].as_str().unwrap_or_default();
    assert_eq!(line == "pull-requests: write", *told == ["pull-requests: write"], "{about}: {line}");
}

#[test]
fn a_comment_that_is_refused_takes_nothing_with_it() {
    let cases = cases();
    let count = cases.len();
    std::thread::scope(|scope| {
        for case in &cases {
            scope.spawn(|| refused(case));
        }
    });
    tally("refusals", &format!("{count} refusals of a comment, each with GitHub's own body: the deployment stands"));
}

#[test]
fn a_comment_whose_answer_is_lost_is_there_once() {
    let lost = [
        ("an error page", json!({"status": 502})),
        ("a broken connection", json!({"action": "drop"})),
        ("a gateway that gave up", json!({"status": 504})),
        ("an answer that is no comment", json!({"status": 201, "body": {}})),
    ];
    // Each waits a second before it looks whether the comment is there.
    std::thread::scope(|scope| {
        for (about, answer) in lost {
            scope.spawn(|| answer_lost(about, answer));
        }
    });
}

/// Opens a pull request whose comment is made and not acknowledged.
fn answer_lost(about: &str, mut fault: Value) {
    let stage = opened();
    for (field, value) in [("service", "github"), ("method", "POST"), ("path", COMMENTS), ("when", "after")] {
        fault[field] = value.into();
    }
    stage.control("POST", "faults", &fault);
    let ran = stage.run(&stage.on_pull_request("opened", 42, "bigger"));
    ran.ended(0, "deployed");
    assert_eq!((posts(&stage), stage.comments(42).len(), note(&ran)), (1, 1, String::new()), "{about}");
    assert!(ran.output("comment-url").contains("#issuecomment-"), "{about}");
}

#[test]
fn a_locked_conversation_is_no_matter_of_permissions() {
    let stage = opened();
    let runner = stage.on_pull_request("opened", 42, "bigger");
    stage.control("PUT", "github/repositories/octo-org/shop/pulls/42", &json!({"locked": true}));
    let ran = stage.run(&runner);
    ran.ended(0, "deployed");
    assert!(note(&ran).contains("unlock the conversation"), "{}", note(&ran));
    assert!(!ran.summary.contains("Missing in the workflow file"), "{}", ran.summary);
}
