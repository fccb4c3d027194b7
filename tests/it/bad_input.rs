//! Bad input: each sort has its own message, place, hint and exit code, and nothing is written to the workspace.

use std::fmt::Write as _;
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::support::{Command, Ran, Repo, Runner, Stage};

const SPEC: &str = "workflows/orders.yml";

/// Runs a pull request that touches the orders, after `spoil` was at the files and `misset` at the step.
fn attempt(spoil: impl Fn(&Repo), misset: impl Fn(&Stage, &mut Runner)) -> (Stage, Ran) {
    let stage = Stage::new();
    stage.repo.branch("change").replace(SPEC, "max_workers: 2", "max_workers: 4");
    spoil(&stage.repo);
    stage.repo.commit("change");
    let mut runner = stage.on_pull_request("opened", 42, "change");
    misset(&stage, &mut runner);
    let ran = stage.run(&runner);
    (stage, ran)
}

/// The same with nothing wrong in the files.
fn misset(change: impl Fn(&Stage, &mut Runner)) -> (Stage, Ran) {
    attempt(|_| {}, change)
}

/// The same with nothing wrong in the step.
fn spoiled(change: impl Fn(&Repo)) -> (Stage, Ran) {
    attempt(change, |_, _| {})
}

/// What holds for every refusal: the code, the telling words in the error, its hints and its annotation, something to
/// do, and no write to the workspace.
#[track_caller]
fn assert_refused((stage, ran): &(Stage, Ran), code: i32, words: &[&str]) {
    ran.ended(code, "failed");
    let error = &ran.report["error"];
    let hints = error["hints"].as_array().unwrap();
    assert!(!hints.is_empty(), "nothing says what to do: {error}");
    let told = hints.iter().fold(error["message"].as_str().unwrap().to_owned(), |told, hint| {
        format!("{told}\nhint: {}", hint.as_str().unwrap())
    });
    for word in words {
        assert!(told.contains(word), "`{word}` is not in: {told}");
        let shown = plain(&ran.summary).contains(&plain(word));
        assert!(shown, "`{word}` is not in:\n{}", ran.summary);
    }
    assert!(annotations(ran, "error").iter().any(|command| command.data == told), "{told}\n{}", ran.stdout);
    assert_eq!(writes(stage), Vec::<String>::new());
}

/// A text without the marks of code, which Markdown puts around more than our messages do.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

fn annotations<'a>(ran: &'a Ran, level: &str) -> Vec<&'a Command> {
    ran.commands.iter().filter(|command| command.name == level).collect()
}

fn writes(stage: &Stage) -> Vec<String> {
    stage.requests().into_iter().filter(|request| !request.starts_with("GET ")).collect()
}

#[test]
fn an_input_that_cannot_be_meant_is_named_with_what_it_takes() {
    for (input, value, words) in [
        ("mode", "deply", ["`mode`", "`deply`", "`deploy`"]),
        ("timeout", "soon", ["`timeout`", "`soon`", "`30m`"]),
        ("timeout", "30h", ["`timeout`", "`30h`", "a day"]),
        ("as-individual", "perhaps", ["`as-individual`", "`perhaps`", "`never`"]),
        ("on-close", "delete", ["`on-close`", "`delete`", "`keep`"]),
        ("comment", "yes", ["`comment`", "`yes`", "`never`"]),
        ("fail-on", "note", ["`fail-on`", "`note`", "`warning`"]),
        ("all", "1", ["`all`", "`1`", "`true`"]),
        ("preview-name", "pr {name}", ["`preview-name`", "{user}", "{name}"]),
        ("workflows", "specs/*.yml", ["`workflows`", "no file matches", "`specs/*.yml`"]),
        ("workflows", "workflows/lost.yml", ["`workflows/lost.yml`", "does not exist", "relative to"]),
        ("working-directory", "../elsewhere", ["`working-directory`", "leaves the checkout", "folder"]),
        ("working-directory", "/etc", ["`working-directory`", "is absolute", "folder"]),
        ("working-directory", "shop", ["`dltflow.yml`", "`shop`", "`working-directory`"]),
        ("environment", "staging", ["`environment`", "`staging`", "`dev`"]),
        ("environments", "main: dev\npull_request: staging", ["line 2", "`staging`", "`dev`"]),
        ("environments", "pull_request = dev", ["line 1", "`pull_request = dev`", "`pattern: environment`"]),
        ("databricks-host", "http://dbc.example.com", ["`DATABRICKS_HOST`", "https", "loopback"]),
        ("databricks-host", "https://", ["`DATABRICKS_HOST`", "not the URL", "such as"]),
        ("databricks-token", "dapi-one\ndapi-two", ["`databricks-token`", "more than one line", "correct"]),
        ("github-token", "ghs-one\nghs-two", ["`github-token`", "more than one line", "correct"]),
    ] {
        assert_refused(&misset(|_, runner| _ = runner.input(input, value)), 2, &words);
    }
}

#[test]
fn a_step_that_lacks_something_says_what() {
    type Change = fn(&Stage, &mut Runner);
    let push = json!({"ref": "refs/heads/main", "before": "0", "after": "0"});
    let cases: [(Change, &[&str]); 6] = [
        (|_, runner| _ = runner.unset("DATABRICKS_TOKEN"), &["no token", "`DATABRICKS_TOKEN`", "secret"]),
        (|_, runner| _ = runner.unset("DATABRICKS_HOST"), &["address", "`DATABRICKS_HOST`"]),
        (|_, runner| _ = runner.unset("GITHUB_EVENT_NAME"), &["`GITHUB_EVENT_NAME`", "workflow"]),
        (|_, runner| _ = runner.unset("GITHUB_EVENT_PATH"), &["`GITHUB_EVENT_PATH`", "workflow"]),
        (
            |_, runner| std::fs::remove_file(runner.file("workflow/event.json")).unwrap(),
            &["payload", "GITHUB_EVENT_PATH"],
        ),
        (
            |_, runner| std::fs::write(runner.file("workflow/event.json"), "{").unwrap(),
            &["not JSON", "GITHUB_EVENT_PATH"],
        ),
    ];
    for (change, words) in cases {
        assert_refused(&misset(change), 2, words);
    }
    let nonsense = misset(|_, runner| _ = runner.payload("/pull_request/head/sha", json!("HEAD")));
    assert_refused(&nonsense, 2, &["`pull_request.head.sha`", "full commit id", "GITHUB_EVENT_PATH"]);
    let other = misset(|_, runner| _ = runner.event("pull_request", &push));
    assert_refused(&other, 2, &["is not a payload of `pull_request`", "GITHUB_EVENT_NAME"]);
}

#[test]
fn a_project_that_is_none_is_told_with_the_place_of_each_mistake() {
    let missing = spoiled(|repo| std::fs::remove_file(repo.path().join("dltflow.yml")).unwrap());
    assert_refused(&missing, 2, &["no `dltflow.yml`", "`working-directory`", "checkout"]);
    let (stage, _) = missing;
    let closed = stage.run(&stage.on_pull_request("closed", 42, "change"));
    let missing = (stage, closed);
    assert_refused(&missing, 2, &["no `dltflow.yml`", "still there", "--pull-request 42"]);
    let mistakes = spoiled(|repo| {
        repo.replace("dltflow.yml", "pull_requests: true", "pull_request: true").replace(
            "dltflow.yml",
            "mode: production",
            "mode: productive",
        );
    });
    assert_refused(&mistakes, 2, &["`dltflow.yml` is not valid"]);
    assert_eq!((missing.0.comments(42), mistakes.0.comments(42)), (vec![], vec![]), "no later run would find them");
    let places: Vec<_> = annotations(&mistakes.1, "error").into_iter().filter_map(place).collect();
    assert_eq!(places, ["dltflow.yml:14:7", "dltflow.yml:17:11"], "{}", mistakes.1.stdout);
}

#[test]
fn a_host_that_the_repository_names_gets_no_token_unless_it_is_the_trusted_one() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let address = elsewhere.local_addr().unwrap();
    let host = format!("    workspace:\n      host: http://{address}");
    let refused = spoiled(|repo| {
        _ = repo.replace("dltflow.yml", "    default: true\n    workspace:", &format!("    default: true\n{host}"));
    });
    assert_refused(&refused, 2, &["`dev`", &address.to_string(), "`DATABRICKS_HOST`", "nothing was sent"]);
    assert_eq!(refused.0.requests(), Vec::<String>::new());
    assert!(elsewhere.accept().is_err(), "somebody called the other host");
}

/// `file:line:column` of an annotation that has all three.
fn place(command: &Command) -> Option<String> {
    let property = |name: &str| command.properties.get(name);
    Some(format!("{}:{}:{}", property("file")?, property("line")?, property("col")?))
}

#[test]
fn a_spec_that_cannot_be_deployed_is_told_at_its_place_with_what_to_do() {
    type Spoil = fn(&Repo);
    let cases: [(Spoil, &str, &[&str]); 14] = [
        (|repo| _ = repo.write(SPEC, ""), "1:1", &["the file is empty", "write its content"]),
        (|repo| _ = repo.write(SPEC, b"dev:\n  caf\xe9: 1\n"), "", &["not UTF-8", "byte 10", "save it as UTF-8"]),
        (|repo| _ = repo.write(SPEC, " ".repeat(10 << 20)), "", &["larger than 1048576 bytes", "split it"]),
        (|repo| link(repo, "returns.json"), "", &["symbolic link", "commit the spec itself"]),
        (|repo| link(repo, "/proc/self/environ"), "", &["symbolic link", "commit the spec itself"]),
        (|repo| _ = repo.write(SPEC, bomb()), "6:40", &["aliases expand", "fewer"]),
        (|repo| _ = repo.write(SPEC, nested(30)), "1:30", &["nested too deeply", "levels"]),
        (|repo| _ = repo.write(SPEC, nested(5000)), "1:30", &["nested too deeply", "levels"]),
        (|repo| _ = repo.write(SPEC, "dev:\n\tworkflows: []\n"), "2:2", &["indented with a tab", "spaces"]),
        (|repo| field(repo, "target: shop_dev\n      target: x"), "10:7", &["`target` is given twice", "keep one"]),
        (|repo| field(repo, "traget: shop_dev"), "9:7", &["unknown key `traget`", "`target`"]),
        (|repo| field(repo, "target: !!python/object x"), "9:15", &["`!!python/object`", "plain data"]),
        (
            |repo| item(repo, "shop/pipelines/orders.py", "shop/pipelines/order.py"),
            "15:26",
            &["shop/pipelines/order.py` does not exist", "`shop/pipelines/orders.py`"],
        ),
        (
            |repo| item(repo, "conf/orders.json", "conf/lost.json"),
            "16:34",
            &["`conf/lost.json` does not exist", "`conf`"],
        ),
    ];
    for (spoil, at, words) in cases {
        let (stage, ran) = spoiled(spoil);
        ran.ended(3, "failed");
        let found =
            annotations(&ran, "error").into_iter().find(|found| words.iter().all(|word| found.data.contains(word)));
        let found = found.unwrap_or_else(|| panic!("{words:?} are not in:\n{}", ran.stdout));
        assert_eq!(found.properties["file"], SPEC);
        assert_eq!(
            place(found).unwrap_or_default(),
            if at.is_empty() { String::new() } else { format!("{SPEC}:{at}") }
        );
        assert!(found.data.contains("\nhint: "), "nothing says what to do: {found:?}");
        assert!(
            ran.stderr.contains(&format!("--> {SPEC}{}{at}", if at.is_empty() { "" } else { ":" })),
            "{}",
            ran.stderr
        );
        assert_eq!(writes(&stage), Vec::<String>::new());
    }
}

#[test]
fn the_mistakes_of_all_specs_are_told_in_one_go() {
    let (stage, ran) = spoiled(|repo| {
        field(repo, "traget: shop_dev");
        item(repo, "conf/orders.json", "conf/lost.json");
        repo.replace("workflows/returns.json", "\"storage\": \"/mnt/lake/shop/dev/returns\",", "\"storage\": 7,");
    });
    ran.ended(3, "failed");
    let places: Vec<_> = annotations(&ran, "error").into_iter().filter_map(place).collect();
    // The last of the first spec is in its section for `prod`.
    let orders = ["workflows/orders.yml:9:7", "workflows/orders.yml:16:34", "workflows/orders.yml:29:34"];
    assert_eq!(places, [&orders[..], &["workflows/returns.json:7:22"]].concat());
    assert_eq!((writes(&stage), stage.comments(42).len()), (vec![], 1));
}

#[test]
fn a_mistake_that_the_change_does_not_touch_is_a_warning() {
    let repo = Repo::of("examples/shop");
    repo.replace("workflows/returns.json", "\"storage\"", "\"storrage\"").commit("a mistake");
    let stage = Stage::with(repo);
    stage.repo.branch("change").replace(SPEC, "max_workers: 2", "max_workers: 4").commit("change");
    let ran = stage.run(&stage.on_pull_request("opened", 42, "change"));
    ran.ended(0, "deployed");
    let warnings: Vec<_> = annotations(&ran, "warning").into_iter().filter_map(place).collect();
    assert_eq!(warnings, ["workflows/returns.json:7:11"], "{}", ran.stdout);
    assert_eq!(annotations(&ran, "error"), Vec::<&Command>::new());
}

/// The orders' `target` in `dev`.
fn field(repo: &Repo, text: &str) {
    repo.replace(SPEC, "target: shop_dev", text);
}

/// A path in every `items` of the orders.
fn item(repo: &Repo, from: &str, to: &str) {
    repo.replace(SPEC, from, to);
}

fn nested(levels: usize) -> String {
    format!("dev: {}{}\n", "[".repeat(levels), "]".repeat(levels))
}

fn link(repo: &Repo, to: &str) {
    let path = repo.path().join(SPEC);
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(to, path).unwrap();
}

/// Nine levels of lists of nine aliases each.
fn bomb() -> String {
    let mut text = "a0: &a0 [x]\n".to_owned();
    for level in 1..=9 {
        let below = vec![format!("*a{}", level - 1); 9].join(", ");
        _ = writeln!(text, "a{level}: &a{level} [{below}]");
    }
    text + "dev:\n  workflows: *a9\n"
}

#[test]
fn a_service_that_refuses_ends_the_run_before_the_first_write() {
    let page = "<!doctype html><title>Sign in</title>";
    for (status, body, words) in [
        (401, Value::Null, ["sign in", "HTTP 401", "`DATABRICKS_TOKEN`"]),
        (403, Value::Null, ["sign in", "HTTP 403", "permission"]),
        (200, page.into(), ["sign in", "web page", "`DATABRICKS_HOST`"]),
        (302, page.into(), ["sign in", "redirect", "`DATABRICKS_HOST`"]),
    ] {
        let refused = misset(|stage, _| {
            let fault = json!({"service": "databricks", "status": status, "body": body, "times": 99});
            stage.control("POST", "faults", &fault);
        });
        assert_refused(&refused, 6, &words);
    }
    let stranger = misset(|_, runner| _ = runner.set("DATABRICKS_TOKEN", "dapi0000000000000000000000000000other"));
    assert_refused(&stranger, 6, &["sign in", "HTTP 403", "`DATABRICKS_TOKEN`"]);
}

#[test]
fn a_service_that_cannot_be_reached_or_never_recovers_leaves_all_as_it_was() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let unreachable = misset(|_, runner| _ = runner.set("DATABRICKS_HOST", &format!("http://{closed}")));
    assert_refused(&unreachable, 4, &["sign in", "cannot connect", "`DATABRICKS_HOST`"]);
    let down = misset(|stage, runner| {
        stage.control("POST", "faults", &json!({"service": "databricks", "status": 503, "times": 99}));
        runner.input("timeout", "2s");
    });
    assert_refused(&down, 4, &["sign in", "HTTP 503", "run this again"]);
}

#[test]
fn one_pipeline_that_fails_takes_no_other_with_it_and_is_told_first() {
    let (stage, ran) = attempt(
        |repo| _ = repo.replace("workflows/returns.json", "dev/returns", "dev/returned"),
        |stage, _| {
            let body = json!({"error_code": "INVALID_PARAMETER_VALUE", "message": "no such node type"});
            let fault = json!({"method": "POST", "path": "/api/2.0/pipelines", "status": 400, "body": body, "skip": 1});
            stage.control("POST", "faults", &fault);
        },
    );
    ran.ended(5, "failed");
    assert_eq!((ran.output("created"), ran.output("failed"), stage.pipelines().len()), ("1", "1", 1));
    let comment = stage.comments(42)[0]["body"].as_str().unwrap().to_owned();
    let rows: Vec<&str> = comment.lines().filter(|line| line.starts_with("| `[dev_octocat_pr42]")).collect();
    assert!(rows[0].contains("failed") && comment.contains("no such node type"), "{comment}");
    assert!(rows[1].contains("done") && rows[1].contains("/pipelines/"), "{comment}");
    let again = stage.run(&stage.on_pull_request("synchronize", 42, "change"));
    again.ended(0, "deployed");
    assert_eq!((again.output("created"), again.output("unchanged")), ("1", "1"));
}

#[test]
fn what_is_over_the_limit_of_the_workspace_is_told_before_any_write() {
    // Noise that repeats only after more than deflate looks back on.
    let noise = |megabytes: usize| {
        let step = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        let bytes: Vec<u8> =
            std::iter::successors(Some(1), step).map(|state| state.to_be_bytes()[0]).take(1 << 16).collect();
        bytes.repeat(megabytes << 4)
    };
    let one = spoiled(|repo| _ = repo.write("conf/model.bin", noise(11)));
    assert_refused(&one, 2, &["`conf/model.bin`", "larger than 10485760 bytes", "move it"]);
    let together = spoiled(|repo| _ = repo.write("conf/a.bin", noise(6)).write("conf/b.bin", noise(6)));
    assert_refused(&together, 2, &["wheel", "10"]);
}

#[test]
fn an_event_that_asks_for_nothing_is_skipped_with_its_reason() {
    for (event, payload, reason) in [
        ("issue_comment", json!({"action": "created"}), "event-not-handled"),
        ("an_event_of_tomorrow", json!({}), "event-not-handled"),
        ("release", json!({"action": "edited", "release": {"tag_name": "v1"}}), "event-not-handled"),
        (
            "push",
            json!({"ref": "refs/heads/x", "before": "1".repeat(40), "after": "0".repeat(40), "deleted": true}),
            "branch-deleted",
        ),
    ] {
        let (stage, ran) = misset(|_, runner| _ = runner.event(event, &payload));
        ran.ended(0, "skipped");
        assert_eq!(ran.output("reason"), reason, "{event}");
        assert_eq!((stage.requests(), stage.comments(42)), (vec![], vec![]), "{event}");
    }
}
