//! The GitHub side over real repositories.

use sandbox::{Sandbox, Settings};
use serde_json::{Value, json};

use crate::client::{Answer, get, send, send_as};
use crate::history::History;

const REPOSITORY: &str = "/repos/octocat/hello";
const COMMENTS: &str = "/repos/octocat/hello/issues/1/comments";

fn open_pull(sandbox: &Sandbox, fields: &Value) {
    sandbox.control("PUT", "github/repositories/octocat/hello/pulls/1", fields).unwrap();
}

/// One commit on main, and `work` one ahead of it, open as pull request 1.
fn with_pull() -> (History, Sandbox) {
    let history = History::new();
    history.write("a.txt", "1\n2\n3\n4\n");
    history.commit("first");
    history.git(&["switch", "-q", "-c", "feature/work"]);
    history.write("b.txt", "b\n");
    history.commit("second");
    let sandbox = history.sandbox();
    open_pull(&sandbox, &json!({"head_ref": "feature/work"}));
    (history, sandbox)
}

fn next(answer: &Answer) -> Option<String> {
    let links = answer.header("link").split(", ").find(|link| link.ends_with("rel=\"next\""))?;
    Some(links.split(['<', '>']).nth(1)?.to_owned())
}

/// Follows `Link` from page to page; the length of each page.
fn pages(url: &str, first: &str) -> Vec<usize> {
    let mut lengths = Vec::new();
    let mut path = first.to_owned();
    loop {
        let answer = get(url, &path);
        lengths.push(answer.json().as_array().unwrap().len());
        match next(&answer) {
            Some(following) => following.strip_prefix(url).unwrap().clone_into(&mut path),
            None => return lengths,
        }
    }
}

#[test]
fn comments_are_written_read_edited_and_removed() {
    let (_history, sandbox) = with_pull();
    let url = sandbox.github_url();
    let made = send(url, "POST", COMMENTS, Some(&json!({"body": "hello"})));
    assert_eq!(made.status, 201);
    let made = made.json();
    assert_eq!((&made["user"]["login"], &made["user"]["type"]), (&json!("github-actions[bot]"), &json!("Bot")));
    assert_eq!(made["performed_via_github_app"]["slug"], "github-actions");
    let path = made["url"].as_str().unwrap().strip_prefix(url).unwrap();
    assert_eq!(send(url, "POST", path, Some(&json!({"body": "x"}))).status, 404);
    assert_eq!(send(url, "PATCH", path, Some(&json!({"body": "edited"}))).json()["body"], "edited");
    assert_eq!(get(url, COMMENTS).json()[0]["body"], "edited");
    assert_eq!([send(url, "DELETE", path, None).status, get(url, path).status], [204, 404]);
}

#[test]
fn refused_comments() {
    let (_history, sandbox) = with_pull();
    let post = |path: &str, body: &Value| send(sandbox.github_url(), "POST", path, Some(body)).status;
    assert_eq!(post(COMMENTS, &json!({"body": "ü".repeat(65_536)})), 201);
    assert_eq!(post(COMMENTS, &json!({"body": "x".repeat(65_537)})), 422);
    assert_eq!(post(COMMENTS, &json!({"body": " "})), 422);
    assert_eq!(post(COMMENTS, &json!({})), 422);
    assert_eq!(post("/repos/octocat/hello/issues/2/comments", &json!({"body": "x"})), 404);
    assert_eq!(post("/repos/octocat/other/issues/1/comments", &json!({"body": "x"})), 404);
    open_pull(&sandbox, &json!({"locked": true}));
    assert_eq!(post(COMMENTS, &json!({"body": "x"})), 403);
}

#[test]
fn comments_come_oldest_first_in_pages_that_name_the_repository_by_number() {
    let (_history, sandbox) = with_pull();
    let url = sandbox.github_url();
    for number in 0..250 {
        let comment = json!({"body": format!("{number}"), "author": {"login": "octocat", "id": 583_231, "type": "User", "app": null}});
        sandbox.control("POST", "github/repositories/octocat/hello/issues/1/comments", &comment).unwrap();
    }
    assert_eq!(pages(url, &format!("{COMMENTS}?per_page=100")), [100, 100, 50]);
    assert_eq!(get(url, &format!("{COMMENTS}?per_page=1000")).json().as_array().unwrap().len(), 100);
    let second = get(url, &format!("{COMMENTS}?page=2"));
    assert_eq!(second.json()[0]["body"], "30");
    assert_eq!(second.json()[0]["performed_via_github_app"], Value::Null);
    let link =
        |relation: &str, page: u8| format!("<{url}/repositories/77/issues/1/comments?page={page}>; rel=\"{relation}\"");
    let expected = [link("prev", 1), link("next", 3), link("last", 9), link("first", 1)];
    assert_eq!(second.header("link"), expected.join(", "));
}

#[test]
fn the_base_path_of_a_server_is_in_every_address() {
    let (history, _) = with_pull();
    let sandbox = Sandbox::start(Settings { github_base_path: "/api/v3".into(), ..Settings::default() }).unwrap();
    history.register(&sandbox, false);
    open_pull(&sandbox, &json!({"head_ref": "feature/work"}));
    let url = sandbox.github_url();
    assert!(url.ends_with("/api/v3"));
    let files = get(url, &format!("{REPOSITORY}/pulls/1/files"));
    assert!(files.json()[0]["contents_url"].as_str().unwrap().starts_with(url));
    assert_eq!(get(url.trim_end_matches("/api/v3"), &format!("{REPOSITORY}/pulls/1")).status, 404);
}

#[test]
fn a_permission_that_is_missing_is_403_for_writing_and_404_for_reading_what_is_private() {
    let (history, sandbox) = with_pull();
    let url = sandbox.github_url();
    let read = |path: &str| get(url, &format!("{REPOSITORY}{path}")).status;
    let write = || send(url, "POST", COMMENTS, Some(&json!({"body": "x"})));
    let permit = |permissions: &Value| sandbox.control("PUT", "github/permissions", permissions).unwrap();
    permit(&json!({"pull-requests": "read", "contents": "none"}));
    assert_eq!(
        (write().status, write().json()["message"].as_str()),
        (403, Some("Resource not accessible by integration"))
    );
    assert_eq!([read("/pulls/1"), read("/git/ref/heads/main")], [200, 200]);
    history.register(&sandbox, true);
    assert_eq!([read("/pulls/1"), read("/git/ref/heads/main"), read("/compare/main...main")], [200, 404, 404]);
    permit(&json!({"pull-requests": "none", "contents": "read"}));
    assert_eq!(
        [read("/pulls/1"), read("/pulls/1/files"), read("/git/ref/heads/main"), write().status],
        [404, 404, 200, 403]
    );
    let as_other = |token| send_as(url, token, "GET", &format!("{REPOSITORY}/pulls/1"), None).unwrap().status;
    assert_eq!([as_other(Some("wrong")), as_other(None)], [401, 404]);
    assert_eq!(get(url, "/user").status, 403);
}

#[test]
fn a_pull_request_follows_its_branch_until_it_is_closed() {
    let (history, sandbox) = with_pull();
    let url = sandbox.github_url();
    let pull = || get(url, &format!("{REPOSITORY}/pulls/1")).json();
    let first = pull();
    assert_eq!(first["head"]["sha"], history.git(&["rev-parse", "feature/work"]));
    assert_eq!(
        (&first["base"]["ref"], &first["changed_files"], &first["commits"]),
        (&json!("main"), &json!(1), &json!(1))
    );
    assert_eq!(first["head"]["repo"]["full_name"], "octocat/hello");
    history.write("c.txt", "c\n");
    let last = history.commit("third");
    assert_eq!((&pull()["head"]["sha"], &pull()["changed_files"]), (&json!(last), &json!(2)));
    open_pull(&sandbox, &json!({"state": "closed", "merged": true}));
    history.git(&["switch", "-q", "main"]);
    history.git(&["merge", "-q", "feature/work"]);
    history.git(&["branch", "-q", "-D", "feature/work"]);
    let closed = pull();
    assert_eq!(
        (&closed["state"], &closed["merged"], &closed["head"]["sha"]),
        (&json!("closed"), &json!(true), &json!(last))
    );
    assert_eq!(closed["changed_files"], 2);
}

#[test]
fn a_fork_has_its_own_repository_and_a_deleted_one_none() {
    let (_history, sandbox) = with_pull();
    let repository = || get(sandbox.github_url(), &format!("{REPOSITORY}/pulls/1")).json()["head"]["repo"].clone();
    open_pull(&sandbox, &json!({"head_repo": "hubot/hello"}));
    assert_eq!((&repository()["full_name"], &repository()["fork"]), (&json!("hubot/hello"), &json!(true)));
    assert_ne!(repository()["id"], 77);
    open_pull(&sandbox, &json!({"head_repo": null}));
    assert_eq!(repository(), Value::Null);
}

#[test]
fn files_have_a_status_and_their_previous_name() {
    let (history, sandbox) = with_pull();
    history.git(&["mv", "a.txt", "dir name.txt"]);
    history.write("ü\"\n.txt", "new\n");
    history.git(&["rm", "-q", "b.txt"]);
    history.commit("third");
    history.git(&["switch", "-q", "main"]);
    history.write("only-on-main.txt", "x\n");
    history.commit("aside");
    let files = get(sandbox.github_url(), &format!("{REPOSITORY}/pulls/1/files")).json();
    let shown = |file: &Value| {
        [&file["filename"], &file["status"], &file["previous_filename"]]
            .map(|value| value.as_str().unwrap_or("").to_owned())
    };
    let mut shown: Vec<_> = files.as_array().unwrap().iter().map(shown).collect();
    shown.sort();
    assert_eq!(shown, [["dir name.txt", "renamed", "a.txt"], ["ü\"\n.txt", "added", ""]]);
}

#[test]
fn files_of_a_pull_request_end_at_3000_and_those_of_a_comparison_at_300() {
    let (history, sandbox) = with_pull();
    let url = sandbox.github_url();
    for number in 0..3100 {
        history.write(&format!("many/{number:04}.txt"), &format!("{number}\n"));
    }
    history.commit("many");
    // Reading thousands of loose objects again for each page is slow.
    history.git(&["repack", "-q", "-a", "-d"]);
    let lengths = pages(url, &format!("{REPOSITORY}/pulls/1/files?per_page=100"));
    assert_eq!((lengths.len(), lengths.iter().sum::<usize>()), (30, 3000));
    assert_eq!(get(url, &format!("{REPOSITORY}/pulls/1")).json()["changed_files"], 3101);
    let files = |path: &str| get(url, &format!("{REPOSITORY}/{path}")).json()["files"].as_array().unwrap().len();
    assert_eq!(files("compare/main...feature/work"), 300);
    assert_eq!(files("compare/main...feature/work?page=2&per_page=1"), 0);
    assert_eq!(files("commits/feature/work"), 300);
    assert!(next(&get(url, &format!("{REPOSITORY}/commits/feature/work"))).is_some());
}

#[test]
fn a_comparison_knows_how_two_commits_stand() {
    let (history, sandbox) = with_pull();
    let main = history.git(&["rev-parse", "main"]);
    history.git(&["switch", "-q", "-c", "aside", "main"]);
    let aside = history.commit("aside");
    history.git(&["switch", "-q", "--orphan", "unrelated"]);
    history.commit("root");
    let compare = |range: &str| get(sandbox.github_url(), &format!("{REPOSITORY}/compare/{range}"));
    let cases = [
        ("main...feature/work", "ahead", 1, 0),
        ("feature/work...main", "behind", 0, 1),
        ("aside...feature/work", "diverged", 1, 1),
        ("main...main", "identical", 0, 0),
    ];
    for (range, status, ahead, behind) in cases {
        let answer = compare(range).json();
        assert_eq!(
            (&answer["status"], &answer["ahead_by"], &answer["behind_by"]),
            (&json!(status), &json!(ahead), &json!(behind)),
            "{range}"
        );
        assert_eq!(answer["merge_base_commit"]["sha"], main, "{range}");
        assert_eq!(answer["commits"].as_array().unwrap().len(), ahead, "{range}");
    }
    let one = compare(&format!("{main}...{aside}")).json();
    assert_eq!(one["commits"][0]["commit"]["message"], "aside");
    assert_eq!(one["commits"][0]["commit"]["committer"]["date"], "2026-01-01T00:00:00Z");
    for range in ["main...unrelated", "main...none", "main", "main~1...main", &format!("{}...main", "1".repeat(40))] {
        assert_eq!(compare(range).status, 404, "{range}");
    }
}

#[test]
fn references_and_commits_are_read_live() {
    let (history, sandbox) = with_pull();
    history.git(&["tag", "-a", "v1", "-m", "one", "main"]);
    history.git(&["tag", "light", "main"]);
    let main = history.git(&["rev-parse", "main"]);
    let reference = |name: &str| get(sandbox.github_url(), &format!("{REPOSITORY}/git/ref/{name}"));
    assert_eq!(reference("heads/feature/work").json()["ref"], "refs/heads/feature/work");
    assert_eq!(reference("tags/light").json()["object"]["sha"], main);
    let annotated = reference("tags/v1").json();
    assert_eq!(
        (&annotated["object"]["type"], &annotated["object"]["sha"]),
        (&json!("tag"), &json!(history.git(&["rev-parse", "v1"])))
    );
    assert_eq!(
        [reference("heads/none").status, reference("heads/feature").status, reference("heads/main~1").status],
        [404; 3]
    );
    let commit = |name: &str| get(sandbox.github_url(), &format!("{REPOSITORY}/commits/{name}"));
    assert_eq!(
        (&commit("v1").json()["sha"], &commit(&main[..8]).json()["files"][0]["status"]),
        (&json!(main), &json!("added"))
    );
    assert_eq!(commit(&"1".repeat(40)).status, 422);
}

#[test]
fn the_budget_of_the_hour_is_counted_and_kept() {
    let (_history, sandbox) = with_pull();
    sandbox.control("PUT", "settings", &json!({"github_rate_limit": 2})).unwrap();
    let answers: Vec<_> = (0..3).map(|_| get(sandbox.github_url(), COMMENTS)).collect();
    let seen: Vec<_> = answers.iter().map(|answer| (answer.status, answer.header("x-ratelimit-remaining"))).collect();
    assert_eq!(seen, [(200, "1"), (200, "0"), (403, "0")]);
    assert!(answers[2].header("x-ratelimit-reset").parse::<u64>().unwrap() > 1_700_000_000);
}
