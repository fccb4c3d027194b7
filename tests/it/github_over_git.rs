//! The GitHub client against the sandbox: real repositories, real pages, permissions and lost replies.

use std::path::Path;

use dltflow::change::{of_pull_request, since};
use dltflow::github::Client;
use dltflow::github::comment::upsert;
use dltflow::secret::Secrets;
use dltflow::source::Sha;
use sandbox::{Sandbox, Settings};
use serde_json::{Value, json};

use crate::changes::{describe, git, git_line, repository, write};
use crate::serve::http;

const REPOSITORY: &str = "github/repositories/octocat/shop";
const KEY: &str = "<!-- dltflow:dev:shop ";

/// A sandbox with `folder` as `octocat/shop` and its branch `feature/a#b` as pull request 42.
fn start(folder: &Path) -> Sandbox {
    let settings = Settings { github_base_path: "/api/v3".to_owned(), ..Settings::default() };
    let sandbox = Sandbox::start(settings).unwrap();
    sandbox.control("PUT", REPOSITORY, &json!({"id": 77, "path": folder, "default_branch": "main"})).unwrap();
    sandbox.control("PUT", &format!("{REPOSITORY}/pulls/42"), &json!({"head_ref": "feature/a#b"})).unwrap();
    sandbox
}

fn client(sandbox: &Sandbox) -> Client {
    Client::new(http(), sandbox.github_url(), "octocat/shop", Secrets::default().admit("sandbox-token").unwrap())
        .unwrap()
}

fn head(folder: &Path, revision: &str) -> Sha {
    Sha::parse(&git_line(folder, &["rev-parse", revision])).unwrap()
}

/// `first` on `main`, then one commit on each side.
fn forked() -> tempfile::TempDir {
    let folder = repository();
    let root = folder.path();
    git(root, &["tag", "first"]);
    git(root, &["switch", "--quiet", "--create", "feature/a#b"]);
    git(root, &["mv", "old name.py", "neu é.py"]);
    git(root, &["rm", "--quiet", "gone.py"]);
    write(root, "changed.py", "y = 2\n");
    git(root, &["commit", "--quiet", "--all", "-m", "second"]);
    git(root, &["switch", "--quiet", "main"]);
    write(root, "only-on-main.py", "");
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "-m", "third"]);
    folder
}

const CHANGED: &str = "+neu é.py<old name.py -gone.py -old name.py ~changed.py";

#[tokio::test]
async fn a_pull_request_and_comparisons_are_read_as_they_are() {
    let folder = forked();
    let sandbox = start(folder.path());
    let client = client(&sandbox);
    let [first, main, feature] = ["first", "main", "feature/a#b"].map(|revision| head(folder.path(), revision));
    let pull = client.pull(42).await.unwrap();
    assert_eq!((&pull.head, pull.open, pull.changed_files), (&feature, true, 3));
    assert_eq!(describe(&of_pull_request(&client, 42, pull.changed_files).await), CHANGED);
    assert_eq!(client.branch("feature/a#b").await.unwrap().as_ref(), Some(&feature));
    assert_eq!(client.branch("feature").await.unwrap(), None);
    let unknown = Sha::parse(&"a".repeat(40)).unwrap();
    for (base, head, expected) in [
        (&first, &feature, CHANGED),
        (&first, &first, ""),
        (&feature, &first, "is not an ancestor of"),
        (&feature, &main, "is not an ancestor of"),
        (&unknown, &main, "no longer in this repository"),
    ] {
        let found = describe(&since(&client, base, head).await);
        assert!(found.contains(expected) && found.is_empty() == expected.is_empty(), "{found}");
    }
}

#[tokio::test]
async fn a_permission_that_is_missing_is_named() {
    let folder = forked();
    let sandbox = start(folder.path());
    let client = client(&sandbox);
    sandbox.control("PUT", "github/permissions", &json!({"pull-requests": "read", "contents": "none"})).unwrap();
    let error = upsert(&client, 42, KEY, |_| Some(KEY.to_owned())).await.unwrap_err();
    assert_eq!(error.missing_permission(), Some("pull-requests: write"), "{error}");
    // In a private repository, GitHub answers 404 for what the token may not read.
    sandbox.control("PUT", REPOSITORY, &json!({"private": true})).unwrap();
    let [first, main] = ["first", "main"].map(|revision| head(folder.path(), revision));
    let found = describe(&since(&client, &first, &main).await);
    assert!(found.ends_with("`contents: read` is missing in the job's `permissions:`"), "{found}");
    assert_eq!(client.branch("main").await.unwrap(), None);
    sandbox.control("PUT", "github/permissions", &json!({"pull-requests": "none"})).unwrap();
    let found = describe(&of_pull_request(&client, 42, 3).await);
    assert!(found.ends_with("add `pull-requests: read` to the job's `permissions:`"), "{found}");
}

#[tokio::test]
async fn one_comment_stands_whatever_is_lost_on_the_way() {
    let folder = forked();
    let sandbox = start(folder.path());
    let client = client(&sandbox);
    let write = |text: &'static str| move |old: Option<&str>| (old != Some(text)).then(|| text.to_owned());
    for login in ["octocat", "hubot"] {
        let body = json!({"body": "<!-- dltflow:dev:shop -->", "author": {"login": login, "id": 9, "type": "User"}});
        sandbox.control("POST", &format!("{REPOSITORY}/issues/42/comments"), &body).unwrap();
    }
    let fault = |method: &str, when: &str, action: &str| {
        let path = "*/comments*";
        json!({"service": "github", "method": method, "path": path, "when": when, "action": action, "status": 502})
    };
    let first = "<!-- dltflow:dev:shop v=1 -->\nfirst";
    for (faults, text, expected) in [
        (vec![fault("POST", "after", "respond"), fault("GET", "before", "drop")], first, "Kept"),
        (vec![], first, "Kept"),
        (vec![fault("PATCH", "after", "drop")], "<!-- dltflow:dev:shop v=2 -->\nsecond", "Updated"),
    ] {
        sandbox.control("POST", "faults", &Value::from(faults)).unwrap();
        let outcome = upsert(&client, 42, KEY, write(text)).await.unwrap();
        assert!(format!("{outcome:?}").starts_with(expected), "{outcome:?}");
        assert_eq!(sandbox.control("GET", "faults", &Value::Null).unwrap(), json!([]), "a fault was not met");
    }
    assert_eq!(bot_comments(&sandbox), ["<!-- dltflow:dev:shop v=2 -->\nsecond"]);
}

/// What the bot wrote.
fn bot_comments(sandbox: &Sandbox) -> Vec<String> {
    let state = sandbox.state();
    let comments = state.pointer("/github/repositories/octocat~1shop/comments").unwrap().as_array().unwrap();
    let ours = comments.iter().filter(|comment| comment["user"] == "github-actions[bot]");
    ours.map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
}
