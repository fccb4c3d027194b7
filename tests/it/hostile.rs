//! Hostile texts from the repository, the event and the services, through whole runs: nothing in them acts, no token
//! comes back, and comments of others are not edited.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::support::{DATABRICKS_TOKEN, Ran, Repo, Runner, Stage, assert_ours};

const SPEC: &str = "workflows/orders.yml";

/// A line for each reader that might obey it: the runner in both syntaxes, its output files, Markdown, HTML, people.
const HOSTILE: &str = "x\n::error::owned\n  ::set-output name=result::owned\n##[add-mask]e and ##[set-env name=A;]b\n\
    result<<EOF\nowned\nEOF\nresult=owned\n@octo-org/admins #1 GH-1 octo-org/shop#1\n\
    [a](https://evil.example) ![i](https://evil.example/i.png) https://evil.example www.evil.example\n\
    <img src=\"https://evil.example\"> </details><script>x</script> <!-- --> `|` ``|\n```\n# heading\n| a | b |\n|---|---|\n\
    \u{202e}edoc \u{200b}\u{1b}[31m\r::warning::owned";

/// The same without what no name of a file can have.
const HOSTILE_NAME: &str = "x ::error::x ##[error]y @octocat #1 [a](www.evil.example) <img src=x> `|` $(touch pwned) \u{202e}%0A::set-output name=result::z";

/// What git takes as the name of a branch.
const HOSTILE_BRANCH: &str = "error/##-`<img/src=x>`|@octocat/#1/$(touch${IFS}pwned)/%0Aset-output;\u{202e}";

type Spoil = fn(&Repo);

/// Runs a pull request from `branch` that touches the orders, after `spoil` and `misset`.
fn attempt(branch: &str, spoil: impl Fn(&Repo), misset: impl Fn(&Stage, &mut Runner)) -> (Stage, Ran) {
    let stage = Stage::new();
    stage.repo.branch(branch).replace(SPEC, "max_workers: 2", "max_workers: 4");
    spoil(&stage.repo);
    stage.repo.commit(HOSTILE);
    let mut runner = stage.on_pull_request("opened", 42, branch);
    misset(&stage, &mut runner);
    let ran = stage.run(&runner);
    (stage, ran)
}

/// Nothing but what the program itself says acts: annotations with their properties, the outputs, the pages.
#[track_caller]
fn assert_nothing_acts(stage: &Stage, ran: &Ran) {
    let properties = BTreeSet::from(["file", "line", "endLine", "col", "endColumn", "title"]);
    for command in &ran.commands {
        assert!(
            command.name == "add-mask" || ["error", "warning", "notice"].contains(&command.name.as_str()),
            "{command:?}"
        );
        assert!(command.properties.keys().all(|key| properties.contains(key.as_str())), "{command:?}");
    }
    let printed = ran.stdout.lines().filter(|line| !line.is_empty()).count();
    assert_eq!(
        ran.commands.len(),
        printed,
        "a line of stdout is no command, or one of stderr is:\n{}\n{}",
        ran.stdout,
        ran.stderr
    );
    assert_eq!(ran.outputs.len(), 12, "{:?}", ran.outputs);
    assert_ne!(ran.output("result"), "owned");
    let urls =
        ran.report["workflows"].as_array().unwrap().iter().map(|row| &row["url"]).chain([&ran.report["run"]["url"]]);
    let known: BTreeSet<String> = urls.filter_map(Value::as_str).map(str::to_owned).collect();
    let comments = stage.comments(42);
    for page in comments.iter().map(|comment| comment["body"].as_str().unwrap()).chain([ran.summary.as_str()]) {
        assert_ours(page, &known);
    }
}

/// A text between quotes, for YAML and JSON alike.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn edit(repo: &Repo, from: &str, to: &str) {
    repo.replace(SPEC, from, to);
}

fn nothing(_: &Repo) {}

fn answer(stage: &Stage, method: &str, path: &str, status: u16, body: &Value) {
    let kind = match body.as_str() {
        None => "application/json",
        Some(text) if text.starts_with('<') => "text/html",
        Some(_) => "text/plain",
    };
    let fault =
        json!({"method": method, "path": path, "status": status, "body": body, "content_type": kind, "times": 9});
    stage.control("POST", "faults", &fault);
}

#[test]
fn nothing_that_the_repository_says_acts() {
    let cases: [(Spoil, i32); 12] = [
        (|repo| edit(repo, "name: shop-orders", &format!("name: {}", quoted(HOSTILE))), 3),
        (|repo| edit(repo, "name: shop-orders", &format!("name: {}", quoted(HOSTILE_NAME))), 0),
        (|repo| edit(repo, "/mnt/lake/shop/dev/orders", &quoted(HOSTILE)), 0),
        (|repo| edit(repo, "target: shop_dev", &format!("{}: x", quoted(HOSTILE))), 3),
        (|repo| edit(repo, "conf/orders.json", &quoted(HOSTILE)), 3),
        (|repo| edit(repo, "shop/pipelines/orders.py", &quoted(HOSTILE)), 3),
        (|repo| edit(repo, "target: shop_dev", "target: !<::error::owned> x"), 3),
        (|repo| _ = repo.write(SPEC, HOSTILE), 3),
        (|repo| _ = repo.write(&format!("workflows/{HOSTILE_NAME}.yml"), repo.read(SPEC)), 3),
        (|repo| _ = repo.write(&format!("workflows/{HOSTILE_NAME}.yml"), HOSTILE), 3),
        (|repo| _ = repo.replace("dltflow.yml", "name: shop\n  id", &format!("name: {}\n  id", quoted(HOSTILE))), 2),
        (|repo| _ = repo.replace("dltflow.yml", "  prod:", &format!("  {}:", quoted(HOSTILE))), 2),
    ];
    for (spoil, code) in cases {
        let (stage, ran) = attempt("change", spoil, |_, _| {});
        assert_eq!(ran.code, code, "{}", ran.stderr);
        assert_nothing_acts(&stage, &ran);
    }
}

#[test]
fn a_difference_that_is_shown_field_by_field_does_not_act() {
    let (stage, ran) = attempt("change", nothing, |_, _| {});
    ran.ended(0, "deployed");
    edit(&stage.repo, "Standard_DS3_v2", &quoted(HOSTILE));
    stage.repo.commit("change");
    let ran = stage.run(&stage.on_pull_request("synchronize", 42, "change"));
    ran.ended(0, "deployed");
    assert!(ran.summary.contains("`clusters[0].node_type_id`: "), "{}", ran.summary);
    assert_nothing_acts(&stage, &ran);
}

#[test]
fn nothing_that_the_event_or_an_input_says_acts() {
    let (stage, ran) = attempt(HOSTILE_BRANCH, nothing, |_, runner| _ = runner.set("GITHUB_ACTOR", HOSTILE));
    ran.ended(0, "deployed");
    assert_nothing_acts(&stage, &ran);
    let payload: [&str; 4] =
        ["/action", "/pull_request/user/login", "/pull_request/head/ref", "/pull_request/head/sha"];
    for pointer in payload {
        let (stage, ran) = attempt("change", nothing, |_, runner| _ = runner.payload(pointer, HOSTILE.into()));
        assert_eq!(ran.code, if pointer == "/action" { 0 } else { 2 }, "{}", ran.stderr);
        assert_nothing_acts(&stage, &ran);
    }
    for input in [
        "mode",
        "environment",
        "environments",
        "working-directory",
        "workflows",
        "timeout",
        "databricks-host",
        "databricks-token",
    ] {
        let (stage, ran) = attempt("change", nothing, |_, runner| _ = runner.input(input, HOSTILE));
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert_nothing_acts(&stage, &ran);
    }
}

#[test]
fn nothing_that_a_service_says_acts() {
    let json = json!({"error_code": HOSTILE, "message": HOSTILE});
    let cases: [(&str, &str, u16, Value, i32); 7] = [
        ("POST", "/api/2.0/pipelines", 400, json.clone(), 4),
        ("POST", "/api/2.0/pipelines", 400, HOSTILE.into(), 4),
        ("GET", "*/Me", 403, json.clone(), 6),
        ("GET", "*/Me", 200, json!({"userName": HOSTILE, "displayName": HOSTILE}), 0),
        ("GET", "/repos/*/files", 422, json!({"message": HOSTILE}), 0),
        ("POST", "/repos/*/comments", 403, json!({"message": HOSTILE}), 0),
        ("POST", "/repos/*/comments", 422, HOSTILE.into(), 0),
    ];
    for (method, path, status, body, code) in cases {
        let (stage, ran) = attempt("change", nothing, |stage, _| answer(stage, method, path, status, &body));
        assert_eq!(ran.code, code, "{}", ran.stderr);
        assert_nothing_acts(&stage, &ran);
    }
}

/// A token without the look of one, with characters that encodings change.
const CANARY: &str = "canary+of/the=workspace.9QxZ7Lm3Vt";

#[test]
fn a_token_that_a_service_sends_back_in_any_form_goes_no_further() {
    let split = format!("{}\n  {}", &CANARY[..17], &CANARY[17..]);
    let percent = CANARY.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let base64 = BASE64_STANDARD.encode(format!("token:{CANARY}"));
    let lower = percent.to_lowercase();
    let echo = format!("no: {CANARY}, {split}, {percent}, {lower}, Bearer {CANARY}, {base64}");
    let forms = [CANARY, &CANARY[..17], &CANARY[17..], &percent, &lower, &base64[8..44]];
    let json = json!({"error_code": "NO", "message": echo});
    let cases: [(&str, &str, u16, Value); 7] = [
        ("POST", "/api/2.0/pipelines", 400, json.clone()),
        ("POST", "/api/2.0/pipelines", 400, echo.clone().into()),
        ("POST", "*/import-file/*", 403, json.clone()),
        ("GET", "*/Me", 401, json.clone()),
        ("GET", "*/Me", 200, format!("<html>{echo}").into()),
        ("GET", "/repos/*/files", 422, json!({"message": echo})),
        ("POST", "/repos/*/comments", 403, json!({"message": echo})),
    ];
    for (method, path, status, body) in cases {
        let (stage, ran) = attempt("change", nothing, |stage, runner| {
            stage.control("PUT", "settings", &json!({"databricks_tokens": [CANARY]}));
            runner.set("DATABRICKS_TOKEN", CANARY).set("RUNNER_DEBUG", "1");
            answer(stage, method, path, status, &body);
        });
        let output: String = ran.everything().lines().filter(|line| !line.starts_with("::add-mask::")).collect();
        let sent = stage.sandbox.log().to_string();
        for form in forms {
            assert!(!output.contains(form), "{method} {path}: `{form}` was printed:\n{output}");
            assert!(!sent.contains(form), "{method} {path}: `{form}` was sent");
        }
        assert!(ran.commands.iter().any(|command| command.name == "add-mask" && command.data == CANARY));
    }
}

#[test]
fn a_comment_that_others_wrote_or_that_begins_otherwise_is_left_alone() {
    let stage = Stage::new();
    stage.repo.branch("change").replace(SPEC, "max_workers: 2", "max_workers: 4").commit("change");
    stage.run(&stage.on_pull_request("opened", 41, "change")).ended(0, "deployed");
    let ours = stage.comments(41)[0]["body"].as_str().unwrap().to_owned();
    let spoofs = [("octocat", "User", ours.clone()), ("github-actions[bot]", "Bot", format!("see:\n{ours}"))];
    for (login, kind, body) in &spoofs {
        let comment = json!({"body": body, "author": {"login": login, "type": kind}});
        stage.control("POST", "github/repositories/octo-org/shop/issues/42/comments", &comment);
    }
    for (action, edited) in [("opened", false), ("synchronize", true)] {
        stage.run(&stage.on_pull_request(action, 42, "change")).ended(0, "deployed");
        let comments = stage.comments(42);
        assert_eq!(comments.len(), 3);
        for (comment, (login, _, body)) in comments.iter().zip(&spoofs) {
            assert_eq!(
                (&comment["user"], &comment["body"], &comment["edited"]),
                (&json!(login), &json!(body), &json!(false))
            );
        }
        assert_eq!((&comments[2]["user"], &comments[2]["edited"]), (&json!("github-actions[bot]"), &json!(edited)));
        stage.repo.write("conf/orders.json", stage.repo.read("conf/orders.json") + "\n").commit("change");
    }
}

#[test]
fn what_somebody_wrote_into_our_old_comment_does_not_act() {
    let (stage, ran) = attempt("change", nothing, |_, _| {});
    ran.ended(0, "deployed");
    let body = stage.comments(42)[0]["body"].as_str().unwrap().to_owned();
    let key = body.split("digest=").next().unwrap();
    let past = json!([{"r": HOSTILE, "c": HOSTILE, "t": HOSTILE, "u": "javascript:alert(1)"}, {"r": "deployed", "c": "--> <b>", "t": "now", "u": "https://evil.example"}]);
    for history in [past.to_string(), HOSTILE.to_owned(), "[".repeat(100_000)] {
        let (stage, _) = attempt("change", nothing, |stage, _| {
            let body = format!("{key}digest=0 -->\n<!-- dltflow-history:1 {history} -->\nold");
            stage.control(
                "POST",
                "github/repositories/octo-org/shop/issues/42/comments",
                &json!({"body": body, "author": {}}),
            );
        });
        let comments = stage.comments(42);
        assert_eq!((comments.len(), &comments[0]["edited"]), (1, &json!(true)));
        let run = format!("{}/octo-org/shop/actions/runs/101", stage.sandbox.github_url());
        let id = stage.pipelines()[0]["pipeline_id"].as_str().unwrap().to_owned();
        let page = format!("{}/pipelines/{id}?w=1234567890123456", stage.sandbox.databricks_url());
        let body = comments[0]["body"].as_str().unwrap();
        assert_ours(body, &BTreeSet::from([run, page, "https://evil.example".to_owned()]));
    }
}

#[test]
fn a_token_that_somebody_committed_is_in_no_excerpt_and_no_path() {
    let stage = Stage::new();
    // One path and some excerpts are cut in the middle of the token.
    let specs = [String::new(), "x".repeat(170)].map(|before| (format!("{before}{DATABRICKS_TOKEN}"), 1));
    let specs = specs.into_iter().chain((20..80).step_by(8).map(|length| (length.to_string(), length)));
    stage.repo.branch("change");
    for (name, length) in specs {
        let storage = format!("{}{DATABRICKS_TOKEN}", "/x".repeat(length));
        let text = format!("dev: {{workflows: [{{traget: {DATABRICKS_TOKEN}, storage: \"{storage}\"}}]}}\n");
        stage.repo.write(&format!("workflows/{name}.yml"), text);
    }
    stage.repo.commit("specs with a secret");
    // Running it looks for both tokens in everything that comes out.
    let ran = stage.run(&stage.on_pull_request("opened", 42, "change"));
    ran.ended(3, "failed");
    let body = stage.comments(42)[0]["body"].as_str().unwrap().to_owned();
    assert!(
        ran.stderr.contains("/x/x/x/x***") && ran.stderr.contains("/x/x...") && body.contains("traget"),
        "{}",
        ran.stderr
    );
}
