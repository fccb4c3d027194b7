//! The GitHub client against a server on loopback: requests, retries and refusals.

use std::sync::Mutex;

use dltflow::github::Client;
use dltflow::github::comment::{CommentOutcome, upsert};
use dltflow::secret::Secrets;
use dltflow::source::Sha;
use serde_json::{Value, json};

use crate::events::{AFTER, BEFORE};
use crate::serve::{Answer, Asked, Server, http};

const TOKEN: &str = "ghs_canary0123456789";
const KEY: &str = "<!-- dltflow:dev:shop ";

/// A client of `octocat/shop` on a server with a path in its address, as GitHub Enterprise Server has.
pub(crate) fn client(server: &Server) -> Client {
    let api = format!("{}/api/v3", server.address);
    Client::new(http(), &api, "octocat/shop", Secrets::default().admit(TOKEN).unwrap()).unwrap()
}

fn sha(text: &str) -> Sha {
    Sha::parse(text).unwrap()
}

#[tokio::test]
async fn every_request_carries_the_token_and_our_name_once() {
    let pull = json!({"state": "closed", "merged": true, "changed_files": 2, "head": {"sha": AFTER}, "new": [1]});
    let server = Server::playing(vec![Answer::new(200, &pull)]).await;
    let pull = client(&server).pull(42).await.unwrap();
    assert_eq!((pull.head, pull.open, pull.merged, pull.changed_files), (sha(AFTER), false, true, 2));
    let [Asked { line, headers, .. }] = &server.asked()[..] else { panic!("asked more than once") };
    assert_eq!(line, "GET /api/v3/repos/octocat/shop/pulls/42");
    let of = |name: &str| headers.iter().filter(|line| line.starts_with(name)).cloned().collect::<Vec<_>>();
    assert_eq!(of("user-agent:"), [format!("user-agent: dltflow-action/{}", env!("CARGO_PKG_VERSION"))]);
    assert_eq!(of("authorization:"), [format!("authorization: Bearer {TOKEN}")]);
    assert_eq!(of("x-github-api-version:"), ["x-github-api-version: 2022-11-28"]);
    assert_eq!(of("accept:"), ["accept: application/vnd.github+json"]);
}

#[tokio::test]
async fn a_branch_is_asked_for_by_its_encoded_name_and_may_be_gone() {
    let found = json!({"object": {"sha": AFTER, "type": "commit"}});
    let gone = Answer::new(404, &json!({"message": "Not Found"}));
    let server = Server::playing(vec![Answer::new(200, &found), gone]).await;
    assert_eq!(client(&server).branch("feature/a#b%0A?é").await.unwrap(), Some(sha(AFTER)));
    assert_eq!(client(&server).branch("gone").await.unwrap(), None);
    let expected = "GET /api/v3/repos/octocat/shop/git/ref/heads/feature/a%23b%250A%3F%C3%A9";
    assert_eq!(server.lines()[0], expected);
}

#[tokio::test]
async fn reads_go_on_after_faults_and_limits_but_not_after_long_ones() {
    let file = json!([{"filename": "a", "status": "added"}]);
    let limited = || Answer::new(403, &json!({"message": "slow down"})).header("retry-after: 1");
    let faults = vec![Answer::new(0, &Value::Null), Answer::new(502, &json!("<html>")), limited()];
    let server = Server::playing([faults, vec![Answer::new(200, &file)]].concat()).await;
    assert_eq!(client(&server).pull_files(42).await.unwrap().len(), 1);
    assert_eq!(server.lines().len(), 4);

    let an_hour = Answer::new(403, &json!({"message": "API rate limit exceeded"})).header("retry-after: 3600");
    let server = Server::playing(vec![an_hour]).await;
    let error = client(&server).pull_files(42).await.unwrap_err();
    assert!(error.is_rate_limit() && error.missing_permission().is_none(), "{error}");
    assert_eq!(server.lines().len(), 1);
}

#[tokio::test]
async fn a_refusal_says_what_is_missing_and_never_the_token() {
    let echo = format!("Bad credentials: {TOKEN}");
    for (answer, message, permission) in [
        (
            Answer::new(403, &json!({"message": "Resource not accessible by integration"})),
            "cannot list the files of the pull request: Resource not accessible by integration (HTTP 403)",
            Some("pull-requests: read"),
        ),
        (
            Answer::new(401, &json!({ "message": echo })),
            "cannot list the files of the pull request: Bad credentials: *** (HTTP 401)",
            None,
        ),
        (
            Answer { status: 418, headers: String::new(), body: "<html>::error::x".to_owned() },
            "cannot list the files of the pull request: the reply is not JSON (HTTP 418)",
            None,
        ),
        (
            Answer { status: 302, headers: "location: http://127.0.0.1:1/\r\n".to_owned(), body: String::new() },
            "cannot list the files of the pull request: the reply is empty (HTTP 302)",
            None,
        ),
    ] {
        let server = Server::playing(vec![answer]).await;
        let error = client(&server).pull_files(42).await.unwrap_err();
        assert_eq!((error.to_string().as_str(), error.missing_permission()), (message, permission));
        assert_eq!(server.lines().len(), 1);
    }
}

#[tokio::test]
async fn nothing_leads_the_token_to_another_host() {
    let elsewhere = Server::playing(vec![Answer::new(200, &json!([]))]).await;
    let to = format!("{}/api/v3/repos/octocat/shop/pulls/42/files?per_page=100&page=2", elsewhere.address);
    let file = json!([{"filename": "a", "status": "added"}]);
    let linked = Answer::new(200, &file).header(&format!(r#"link: <{to}>; rel="next", <{to}>; rel="last""#));
    let server = Server::playing(vec![linked, Answer::new(200, &file)]).await;
    assert_eq!(client(&server).pull_files(42).await.unwrap().len(), 2);
    assert_eq!(server.lines().len(), 2, "the next page is asked for where the first was");
    for status in [301, 302, 303, 307, 308] {
        let server = Server::playing(vec![Answer::new(status, &json!({})).header(&format!("location: {to}"))]).await;
        let write = |_: Option<&str>| Some(KEY.to_owned());
        assert!(upsert(&client(&server), 42, KEY, write).await.is_err(), "{status}");
        assert_eq!(server.lines().len(), 1, "{status}");
    }
    assert_eq!(elsewhere.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn a_comparison_says_how_the_commits_lie() {
    let answer =
        json!({"status": "ahead", "files": [{"filename": "b", "status": "renamed", "previous_filename": "a"}]});
    let server = Server::playing(vec![Answer::new(200, &answer)]).await;
    let comparison = client(&server).compare(&sha(BEFORE), &sha(AFTER)).await.unwrap();
    assert_eq!(comparison.files[0].previous.as_deref(), Some("a"));
    assert_eq!(server.lines(), [format!("GET /api/v3/repos/octocat/shop/compare/{BEFORE}...{AFTER}")]);
}

fn comment(id: u64, login: &str, body: &str) -> Value {
    let url = format!("https://github.com/octocat/shop/pull/42#issuecomment-{id}");
    json!({"id": id, "body": body, "html_url": url, "user": {"login": login}, "minimized": null})
}

/// GitHub with these comments on pull request 42, for a token of `owner` (`None`: an app's).
async fn commented(comments: Vec<Value>, owner: Option<&'static str>) -> Server {
    let comments = Mutex::new(comments);
    Server::start(move |asked| {
        let mut comments = comments.lock().unwrap();
        let (method, path) = asked.line.split_once(" /api/v3").unwrap();
        match (method, path) {
            ("GET", "/user") => match owner {
                Some(login) => Answer::new(200, &json!({ "login": login })),
                None => Answer::new(403, &json!({"message": "Resource not accessible by integration"})),
            },
            ("GET", _) => page(&comments, path),
            ("POST", _) => {
                comments.push(comment(9000, "github-actions[bot]", asked.body["body"].as_str().unwrap()));
                Answer::new(201, comments.last().unwrap())
            }
            ("PATCH", _) => {
                let id: u64 = path.rsplit('/').next().unwrap().parse().unwrap();
                let found = comments.iter_mut().find(|comment| comment["id"] == id).unwrap();
                found["body"] = asked.body["body"].clone();
                Answer::new(200, found)
            }
            _ => Answer::new(500, &Value::Null),
        }
    })
    .await
}

fn page(comments: &[Value], path: &str) -> Answer {
    let page: usize = path.rsplit("page=").next().unwrap().parse().unwrap();
    let items: Vec<&Value> = comments.iter().skip((page - 1) * 100).take(100).collect();
    let answer = Answer::new(200, &json!(items));
    let next = comments.len() > page * 100;
    if next { answer.header(r#"link: <https://elsewhere.test/?page=9>; rel="next""#) } else { answer }
}

#[tokio::test]
async fn the_comment_is_found_by_key_and_author_on_any_page_and_the_oldest_is_taken() {
    let ours = format!("{KEY}-->\nold");
    let mut comments: Vec<Value> = (1..250).map(|id| comment(id, "octocat", "words")).collect();
    comments[4] = comment(5, "octocat", &ours);
    comments[10] = comment(11, "github-actions[bot]", &format!("as said: {ours}"));
    comments[11] = comment(12, "github-actions[bot]", "<!-- dltflow:dev:shop.2 -->\nold");
    comments[12] = comment(13, "github-actions[bot]", &ours);
    comments[12]["minimized"] = json!({"reason": "outdated"});
    comments[13] = json!({"id": 14, "body": ours, "html_url": "", "user": null});
    comments[230] = comment(231, "github-actions[bot]", &format!("{KEY}-->\r\nold"));
    comments[240] = comment(241, "github-actions[bot]", &ours);
    let server = commented(comments, None).await;
    let write =
        |old: Option<&str>| (old == Some(format!("{KEY}-->\r\nold").as_str())).then(|| format!("{KEY}-->\nnew"));
    let outcome = upsert(&client(&server), 42, KEY, write).await.unwrap();
    let url = "https://github.com/octocat/shop/pull/42#issuecomment-231".to_owned();
    assert_eq!(outcome, CommentOutcome::Updated(url));
    let list = "GET /api/v3/repos/octocat/shop/issues/42/comments?per_page=100&page=";
    let edit = "PATCH /api/v3/repos/octocat/shop/issues/comments/231";
    let expected = [format!("{list}1"), format!("{list}2"), format!("{list}3"), "GET /api/v3/user".into(), edit.into()];
    assert_eq!(server.lines(), expected);
}

#[tokio::test]
async fn a_comment_is_created_kept_or_left_out_as_asked() {
    let ours = comment(7, "octocat", KEY);
    let spoof = comment(7, "hubot", KEY);
    let url = |id: u64| format!("https://github.com/octocat/shop/pull/42#issuecomment-{id}");
    for (comments, body, expected, writes) in [
        (vec![], Some("new"), CommentOutcome::Created(url(9000)), 1),
        (vec![spoof], Some("new"), CommentOutcome::Created(url(9000)), 1),
        (vec![], None, CommentOutcome::Absent, 0),
        (vec![ours.clone()], None, CommentOutcome::Kept(url(7)), 0),
        (vec![ours], Some("new"), CommentOutcome::Updated(url(7)), 1),
    ] {
        let server = commented(comments, Some("octocat")).await;
        let outcome = upsert(&client(&server), 42, KEY, |_| body.map(str::to_owned)).await.unwrap();
        let written = server.lines().iter().filter(|line| !line.starts_with("GET")).count();
        assert_eq!((outcome, written), (expected, writes));
    }
}

/// A server that does what `POST` asks, or does not, and breaks the connection the first time.
async fn losing(does_it: bool) -> Server {
    let state = Mutex::new((Vec::<Value>::new(), 0));
    Server::start(move |asked| {
        let (comments, posts) = &mut *state.lock().unwrap();
        if asked.line.ends_with("/user") {
            return Answer::new(404, &json!({"message": "Not Found"}));
        }
        if asked.line.starts_with("GET") {
            return Answer::new(200, &json!(comments));
        }
        *posts += 1;
        if *posts > 1 || does_it {
            comments.push(comment(9000, "github-actions[bot]", asked.body["body"].as_str().unwrap()));
        }
        if *posts > 1 { Answer::new(201, &comments[0]) } else { Answer::new(0, &Value::Null) }
    })
    .await
}

#[tokio::test]
async fn a_creation_without_an_answer_is_looked_for_before_it_is_sent_again() {
    for (does_it, posts) in [(true, 1), (false, 2)] {
        let server = losing(does_it).await;
        let write = |old: Option<&str>| old.is_none().then(|| KEY.to_owned());
        let outcome = upsert(&client(&server), 42, KEY, write).await.unwrap();
        let url = "https://github.com/octocat/shop/pull/42#issuecomment-9000".to_owned();
        assert_eq!(outcome, if does_it { CommentOutcome::Kept(url) } else { CommentOutcome::Created(url) });
        assert_eq!(server.lines().iter().filter(|line| line.starts_with("POST")).count(), posts);
    }
}

#[tokio::test]
async fn a_comment_that_may_not_be_written_names_the_line() {
    let refused = Answer::new(403, &json!({"message": "Resource not accessible by integration"}));
    let server = Server::playing(vec![Answer::new(200, &json!([])), refused]).await;
    let error = upsert(&client(&server), 42, KEY, |_| Some(KEY.to_owned())).await.unwrap_err();
    assert_eq!(error.missing_permission(), Some("pull-requests: write"));
    assert_eq!(error.hint().unwrap(), "add `pull-requests: write` to the job's `permissions:`");
    assert_eq!(server.lines().len(), 2);
}
