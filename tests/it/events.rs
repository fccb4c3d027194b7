//! Payloads of each kind of event, and what is read from them.

use dltflow::diagnostic::Kind;
use dltflow::event::{Event, Origin, PullRequestAction, Ref, Runner};
use dltflow::source::Sha;
use serde_json::{Value, json};

use crate::support::Stage;

pub(crate) const BEFORE: &str = "1111111111111111111111111111111111111111";
pub(crate) const AFTER: &str = "2222222222222222222222222222222222222222";
const TAG_OBJECT: &str = "3333333333333333333333333333333333333333";
const ZEROS: &str = "0000000000000000000000000000000000000000";

/// A runner on `full`.
pub(crate) fn runner(full: &str) -> Runner {
    Runner {
        ref_: full.to_owned(),
        ref_type: if full.starts_with("refs/tags/") { "tag" } else { "branch" }.to_owned(),
        sha: AFTER.to_owned(),
        repository: "octocat/shop".to_owned(),
        repository_id: "4711".to_owned(),
        actor: "octocat".to_owned(),
        run_id: "99".to_owned(),
        run_attempt: "1".to_owned(),
        server_url: "https://github.com".to_owned(),
    }
}

/// The payload of a push, with unused fields as GitHub sends them.
pub(crate) fn push(full: &str, before: &str, after: &str, forced: bool) -> Value {
    json!({
        "ref": full, "before": before, "after": after, "created": before == ZEROS, "deleted": after == ZEROS,
        "forced": forced, "base_ref": null, "commits": [], "head_commit": null, "pusher": {"name": "octocat"},
        "repository": {"id": 4711, "full_name": "octocat/shop"},
    })
}

/// The payload of a pull request by octocat from `head` (`owner/name`; `None` for a deleted fork).
pub(crate) fn pull_request(action: &str, head: Option<&str>) -> Value {
    json!({
        "action": action, "number": 42,
        "pull_request": {
            "number": 42, "state": "open", "draft": false, "merged": false, "mergeable_state": "of a new kind",
            "user": {"login": "octocat", "type": "User"}, "changed_files": 2,
            "base": {"ref": "main", "sha": BEFORE, "repo": {"full_name": "octocat/shop", "fork": true}},
            "head": {"ref": "feature/a", "sha": AFTER, "repo": head.map(|name| json!({"full_name": name, "fork": true}))},
        },
        "repository": {"id": 4711, "full_name": "octocat/shop"},
    })
}

pub(crate) fn parse(name: &str, payload: &Value, full: &str) -> Event {
    Event::parse(name, payload.to_string().as_bytes(), &runner(full)).unwrap()
}

#[test]
fn a_push_has_a_full_ref_and_commits() {
    let main = "refs/heads/main";
    for (full, before, after, forced, expected) in [
        (main, BEFORE, AFTER, false, (Some(BEFORE), Some(AFTER))),
        (main, BEFORE, AFTER, true, (Some(BEFORE), Some(AFTER))),
        (main, ZEROS, AFTER, false, (None, Some(AFTER))),
        (main, BEFORE, ZEROS, false, (Some(BEFORE), None)),
        ("refs/tags/v1.0.0", ZEROS, TAG_OBJECT, false, (None, Some(AFTER))),
    ] {
        let Event::Push(push) = parse("push", &push(full, before, after, forced), full) else { panic!("no push") };
        let commits = (push.before.as_ref().map(Sha::as_str), push.after.as_ref().map(Sha::as_str));
        assert_eq!((commits, push.forced, push.reference.full().as_str()), (expected, forced, full));
    }
}

#[test]
fn the_deletion_of_a_branch_runs_on_the_default_branch() {
    let event = parse("push", &push("refs/heads/gone", BEFORE, ZEROS, false), "refs/heads/main");
    let Event::Push(push) = event else { panic!("no push") };
    assert_eq!((push.reference, push.after), (Ref::Branch("gone".to_owned()), None));
}

#[test]
fn a_pull_request_says_what_happened_and_whose_code_it_is() {
    let own = Some("octocat/shop");
    for (action, head, author, expected, origin) in [
        ("opened", own, "octocat", PullRequestAction::Updated, Origin::Repository),
        ("synchronize", own, "octocat", PullRequestAction::Updated, Origin::Repository),
        ("reopened", own, "octocat", PullRequestAction::Updated, Origin::Repository),
        ("ready_for_review", own, "octocat", PullRequestAction::Updated, Origin::Repository),
        ("closed", own, "octocat", PullRequestAction::Closed { merged: false }, Origin::Repository),
        ("labeled", own, "octocat", PullRequestAction::Other("labeled".to_owned()), Origin::Repository),
        ("opened", Some("hubot/shop"), "octocat", PullRequestAction::Updated, Origin::Fork),
        ("opened", None, "octocat", PullRequestAction::Updated, Origin::Fork),
        ("opened", own, "dependabot[bot]", PullRequestAction::Updated, Origin::Dependabot),
    ] {
        let mut payload = pull_request(action, head);
        payload["pull_request"]["user"]["login"] = json!(author);
        for (name, privileged) in [("pull_request", false), ("pull_request_target", true)] {
            let event = parse(name, &payload, "refs/pull/42/merge");
            let pull = event.pull_request().unwrap();
            assert_eq!((&pull.action, pull.origin, pull.privileged), (&expected, origin, privileged));
            assert_eq!((pull.number, pull.author.as_str(), pull.head.as_str()), (42, author, AFTER));
        }
    }
}

#[test]
fn a_run_started_by_dependabot_has_the_rights_of_its_pull_requests() {
    let payload = pull_request("opened", Some("octocat/shop")).to_string();
    let runner = Runner { actor: "dependabot[bot]".to_owned(), ..runner("refs/pull/42/merge") };
    let event = Event::parse("pull_request", payload.as_bytes(), &runner).unwrap();
    let pull = event.pull_request().unwrap();
    assert_eq!((pull.origin, pull.author.as_str()), (Origin::Dependabot, "octocat"));
}

#[test]
fn a_merge_and_a_deleted_author_are_understood() {
    let mut payload = pull_request("closed", Some("octocat/shop"));
    payload["pull_request"]["merged"] = json!(true);
    payload["pull_request"]["user"] = Value::Null;
    let event = parse("pull_request", &payload, "refs/heads/main");
    let pull = event.pull_request().unwrap();
    assert_eq!((&pull.action, pull.author.as_str()), (&PullRequestAction::Closed { merged: true }, "ghost"));
}

#[test]
fn other_events_are_distinguished() {
    let group = json!({"action": "checks_requested", "merge_group": {
        "head_sha": AFTER, "head_ref": "refs/heads/gh-readonly-queue/main/pr-42-x",
        "base_sha": BEFORE, "base_ref": "refs/heads/main"}});
    let release = |action: &str| json!({"action": action, "release": {"tag_name": "v1.0.0", "draft": false}});
    let named = |event: &Event| match event {
        Event::MergeGroup(group) => group.base.full(),
        Event::Release(head) | Event::Dispatch(head) | Event::Schedule(head) => head.reference.full(),
        Event::Other(name) => name.clone(),
        Event::Push(_) | Event::PullRequest(_) => String::new(),
    };
    for (name, payload, full, expected) in [
        ("merge_group", group, "refs/heads/gh-readonly-queue/main/pr-42-x", "refs/heads/main"),
        ("release", release("published"), "refs/tags/v1.0.0", "refs/tags/v1.0.0"),
        ("release", release("deleted"), "refs/heads/main", "release: deleted"),
        ("workflow_dispatch", json!({"inputs": {}}), "refs/heads/main", "refs/heads/main"),
        ("schedule", json!({"schedule": "0 4 * * *"}), "refs/heads/main", "refs/heads/main"),
        ("delete", json!({"ref": "main", "ref_type": "branch"}), "refs/heads/main", "delete"),
        ("an event of next year", json!(null), "refs/heads/main", "an event of next year"),
    ] {
        assert_eq!(named(&parse(name, &payload, full)), expected, "{name}");
    }
}

#[test]
fn an_invalid_event_is_bad_input_and_says_what_was_expected() {
    let pushed = push("refs/heads/main", BEFORE, AFTER, false).to_string();
    let pull = |field: &str, value: Value| {
        let mut payload = pull_request("opened", None);
        *payload.pointer_mut(field).unwrap() = value;
        payload.to_string()
    };
    let huge = " ".repeat((25 << 20) + 1);
    for (name, payload, full, expected) in [
        ("push", "", "refs/heads/main", "the event file is empty: expected the payload of `push`"),
        ("push", "not json", "refs/heads/main", "the event file is not JSON"),
        ("push", &huge, "refs/heads/main", "GitHub sends at most 25 MB"),
        ("pull_request", &pushed, "refs/heads/main", "is not a payload of `pull_request`: missing field"),
        ("push", &pull("/number", json!(1)), "refs/heads/main", "is not a payload of `push`: missing field"),
        ("push", &pushed, "refs/heads/dev", "is for the branch `main`, but the run is for the branch `dev`"),
        ("push", &pushed, "refs/tags/main", "is for the branch `main`, but the run is for the tag `main`"),
        ("push", &push("refs/heads/main", BEFORE, "HEAD", false).to_string(), "refs/heads/main", "`after`"),
        ("workflow_dispatch", "", "main", "`GITHUB_REF` is `main`: expected a full ref"),
        ("pull_request", &pull("/pull_request/head/sha", json!("--help")), "", "`pull_request.head.sha`"),
        ("pull_request", &pull("/pull_request/user/login", json!("@all\n")), "", "`pull_request.user.login`"),
        ("pull_request", &pull("/pull_request/number", json!(0)), "", "`pull_request.number`"),
        ("pull_request", &pull("/pull_request/number", json!(-1)), "", "is not a payload"),
        ("pull_request", &pull("/pull_request/base/ref", json!("a\nb")), "", "`pull_request.base.ref`"),
    ] {
        let error = Event::parse(name, payload.as_bytes(), &runner(full)).unwrap_err();
        assert_eq!(error.kind, Kind::Input);
        assert!(error.message().contains(expected), "{}", error.message());
    }
}

#[test]
fn the_type_of_the_ref_must_match_the_ref() {
    let runner = Runner { ref_type: "tag".to_owned(), ..runner("refs/heads/v1.0.0") };
    let error = Event::parse("workflow_dispatch", b"{}", &runner).unwrap_err();
    let expected = "`GITHUB_REF` is the branch `v1.0.0`, but `GITHUB_REF_TYPE` is `tag` instead of `branch`";
    assert_eq!(error.message(), expected);
}

/// A runner whose variables GitHub left empty.
fn untold(sha: &str) -> Runner {
    Runner { ref_: String::new(), ref_type: String::new(), sha: sha.to_owned(), ..runner("") }
}

#[test]
fn what_the_runner_leaves_empty_is_read_from_the_payload() {
    let main = "refs/heads/main";
    let release = |commitish: &str| json!({"action": "published", "release": {"tag_name": "v1.0.0", "target_commitish": commitish}});
    let tag = push("refs/tags/v1.0.0", ZEROS, TAG_OBJECT, false);
    for (name, payload, sha, expected) in [
        ("release", release("main"), AFTER, Some(("refs/tags/v1.0.0", AFTER))),
        ("release", release(BEFORE), AFTER, Some(("refs/tags/v1.0.0", AFTER))),
        ("release", release(BEFORE), "", Some(("refs/tags/v1.0.0", BEFORE))),
        ("release", release("main"), "", None),
        ("push", push(main, BEFORE, AFTER, false), AFTER, Some((main, AFTER))),
        ("push", push(main, BEFORE, AFTER, false), "", Some((main, AFTER))),
        ("push", tag.clone(), AFTER, Some(("refs/tags/v1.0.0", AFTER))),
        // The object of an annotated tag is no commit.
        ("push", tag, "", None),
        ("workflow_dispatch", json!({"ref": main}), AFTER, Some((main, AFTER))),
        ("workflow_dispatch", json!({"ref": "main"}), AFTER, None),
        ("workflow_dispatch", json!({"ref": main}), "", None),
        ("schedule", json!({"schedule": "0 4 * * *"}), AFTER, None),
    ] {
        let event = Event::parse(name, payload.to_string().as_bytes(), &untold(sha));
        let Some((reference, commit)) = expected else {
            let error = event.unwrap_err();
            let hint = error.hints.join("\n");
            assert!(error.kind == Kind::Input && hint.contains("run the job again"), "{name} {payload}: {hint}");
            continue;
        };
        let event = event.unwrap_or_else(|error| panic!("{name} {payload}: {}", error.message()));
        let told = match &event {
            Event::Push(push) => push.reference.full(),
            Event::Release(head) | Event::Dispatch(head) => head.reference.full(),
            other => panic!("{other:?}"),
        };
        assert_eq!((told.as_str(), event.head().map(Sha::as_str)), (reference, Some(commit)), "{name} {payload}");
    }
}

#[test]
fn a_variable_that_is_set_is_never_overruled_by_the_payload() {
    let payload = json!({"action": "published", "release": {"tag_name": "v1.0.0", "target_commitish": "main"}});
    let error = Event::parse("release", payload.to_string().as_bytes(), &runner("refs/tags/v2.0.0")).unwrap_err();
    assert!(error.message().contains("is for the tag `v1.0.0`, but the run is for the tag `v2.0.0`"), "{error:?}");
    let untyped = Runner { ref_type: String::new(), ..runner("refs/tags/v1.0.0") };
    assert!(Event::parse("release", payload.to_string().as_bytes(), &untyped).is_ok());
}

#[test]
fn a_release_whose_ref_github_left_empty_is_deployed_as_its_tag() {
    let stage = Stage::new();
    stage.repo.git(&["tag", "v1.0.0"]);
    let payload = json!({"action": "published", "release": {"tag_name": "v1.0.0", "target_commitish": "main"}});
    let mut runner = stage.on("release", &payload, "refs/tags/v1.0.0", &stage.repo.head());
    let ran = stage.run(runner.set("GITHUB_REF", "").set("GITHUB_REF_TYPE", "").set("GITHUB_REF_NAME", ""));
    ran.ended(0, "deployed");
    assert_eq!(
        (ran.output("environment"), ran.report["run"]["commit"].as_str()),
        ("prod", Some(stage.repo.head().as_str()))
    );
    let again = stage.run(&stage.on("release", &payload, "refs/tags/v1.0.0", &stage.repo.head()));
    again.ended(0, "unchanged");
}
