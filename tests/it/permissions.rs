//! What becomes of a run whose token lacks a permission: every permission that the workflow file of README names, each
//! event, public and private repositories, each kind of token. `want/permissions.txt` says it; `BLESS=1` writes it anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Ran, Runner, Stage, tally};

const REPOSITORY: &str = "github/repositories/octo-org/shop";
const LINES: [&str; 4] = ["contents: read", "contents: write", "pull-requests: read", "pull-requests: write"];
const EVENTS: [&str; 7] = ["opened", "closed", "push", "tag", "merge_group", "schedule", "fork"];
/// A run asks no more than that, whatever it is told.
const MOST_REQUESTS: usize = 8;

/// A token, a repository, and what is missing.
struct Situation {
    token: &'static str,
    private: bool,
    hides: bool,
    missing: Value,
}

impl Situation {
    fn told(&self) -> String {
        let repository = match (self.private, self.hides) {
            (false, _) => "public repository",
            (true, true) => "private repository (404 for what may not be read)",
            (true, false) => "private repository (403 for what may not be read)",
        };
        let missing = self.missing.as_object().unwrap().iter();
        let missing: Vec<String> =
            missing.map(|(name, level)| format!("{name}: {}", level.as_str().unwrap())).collect();
        format!("{} token, {repository}, only {}", self.token, missing.join(" and "))
    }
}

fn situations() -> Vec<Situation> {
    let missing = [json!({"contents": "none"}), json!({"pull-requests": "read"}), json!({"pull-requests": "none"})];
    let repositories = [(false, true), (true, true), (true, false)];
    let tokens = ["installation", "fine-grained"];
    let situation = |token, (private, hides), missing: &Value| {
        let missing = missing.clone();
        Situation { token, private, hides, missing }
    };
    let mut all = Vec::new();
    for token in tokens {
        // Both kinds of token are told the same where something is hidden.
        let repositories = repositories.iter().filter(|(private, hides)| token == "installation" || *private && !hides);
        for repository in repositories {
            all.extend(missing.iter().map(|missing| situation(token, *repository, missing)));
        }
    }
    let nothing = json!({"contents": "none", "pull-requests": "none"});
    all.extend([(false, true), (true, true)].map(|repository| situation("classic", repository, &nothing)));
    all
}

/// The example with what each event is about: two pull requests, one with a preview, and something new on `main`.
fn stage(situation: &Situation) -> Stage {
    let stage = Stage::new();
    let first = stage.repo.head();
    stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
    stage.repo.branch("change").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("change");
    stage.run(&stage.on_pull_request("opened", 43, "change")).ended(0, "deployed");
    stage.repo.branch("main").git(&["merge", "--quiet", "--ff-only", "change"]);
    stage.repo.git(&["tag", "v1.0.0"]);
    stage.repo.git(&["branch", "--force", "base", &first]);
    stage.control("PUT", REPOSITORY, &json!({"private": situation.private}));
    let author = match situation.token {
        "installation" => {
            json!({"login": "github-actions[bot]", "id": 41_898_282, "type": "Bot", "app": "github-actions"})
        }
        _ => json!({"login": "octocat", "id": 1, "type": "User", "app": null}),
    };
    let token = json!({"github_token": situation.token, "hides_private": situation.hides, "author": author});
    stage.control("PUT", "settings", &token);
    stage.control("PUT", "github/permissions", &situation.missing);
    stage
}

fn runner(stage: &Stage, event: &str) -> Runner {
    let repo = &stage.repo;
    match event {
        "opened" => on_pull_request(stage, event, 42),
        "closed" => on_pull_request(stage, event, 43),
        "fork" => {
            let mut runner = on_pull_request(stage, "opened", 44);
            stage.control("PUT", &format!("{REPOSITORY}/pulls/44"), &json!({"head_repo": "octocat/shop"}));
            runner.payload("/pull_request/head/repo/full_name", "octocat/shop".into()).unset("DATABRICKS_TOKEN");
            runner
        }
        "tag" => {
            // The example's environments share one workspace here, and so they cannot share names.
            let mut runner = stage.on_push("refs/tags/v1.0.0", None);
            runner.input("environment", "dev");
            runner
        }
        "push" => stage.on_push("refs/heads/main", Some(&repo.rev("base"))),
        "merge_group" => {
            let (base, head) = (repo.rev("base"), repo.head());
            let queue = format!("refs/heads/gh-readonly-queue/main/pr-42-{base}");
            let group = json!({"base_ref": "refs/heads/main", "base_sha": base, "head_ref": queue, "head_sha": head});
            stage.on(event, &json!({"action": "checks_requested", "merge_group": group}), &queue, &head)
        }
        event => stage.on(event, &json!({"schedule": "0 4 * * *"}), "refs/heads/main", &repo.head()),
    }
}

/// Every pull request is of `change` into the commit before it.
fn on_pull_request(stage: &Stage, action: &str, number: u64) -> Runner {
    let mut runner = stage.on_pull_request(action, number, "change");
    let base = stage.repo.rev("base");
    stage.control("PUT", &format!("{REPOSITORY}/pulls/{number}"), &json!({"base_ref": "base"}));
    runner.payload("/pull_request/base/ref", "base".into()).payload("/pull_request/base/sha", base.into());
    runner.payload("/pull_request/changed_files", 1.into()).set("GITHUB_BASE_REF", "base");
    runner
}

/// A line about one run.
fn line(stage: &Stage, event: &str) -> String {
    let runner = runner(stage, event);
    let (number, bodies) = (if event == "closed" { 43 } else { 42 }, |stage: &Stage, number| stage.comments(number));
    let before = bodies(stage, number);
    stage.asked("github");
    let ran = stage.run(&runner);
    assert_eq!(ran.code, 0, "{event}: reporting never fails a run\n{}", ran.stderr);
    let asked = stage.asked("github");
    assert!(asked.len() <= MOST_REQUESTS, "{event}: {asked:#?}");
    let refused = asked.iter().filter(|entry| entry["status"] == 403 || entry["status"] == 404).count();
    let after = bodies(stage, number);
    let comment = match (before.len(), after.len()) {
        (0, 0) => "none",
        (0, _) => "new",
        _ if before == after => "as it was",
        _ => "edited",
    };
    let columns =
        [ran.output("result"), ran.output("reason"), comment].map(|text| if text.is_empty() { "-" } else { text });
    let [result, reason, comment] = columns;
    let requests = format!("{}/{}", refused, asked.len());
    format!("  {event:<12} {result:<10} {reason:<12} {comment:<10} {requests:<8} {}", named(&ran))
}

/// The permissions that the run names, and whose they are said to be.
fn named(ran: &Ran) -> String {
    let told = format!("{}{}{}", ran.stderr, ran.stdout, ran.summary);
    let lines: BTreeSet<&str> = LINES.into_iter().filter(|line| told.contains(*line)).collect();
    let whose = if told.contains("give the token in `github-token`") { " (of the token)" } else { "" };
    let lines: Vec<&str> = lines.into_iter().collect();
    if lines.is_empty() { "-".to_owned() } else { format!("{}{whose}", lines.join(", ")) }
}

fn block(situation: &Situation) -> String {
    let stage = stage(situation);
    let mut block = format!("{}\n", situation.told());
    for event in EVENTS {
        _ = writeln!(block, "{}", line(&stage, event).trim_end());
    }
    block
}

#[test]
fn a_run_without_a_permission_ends_as_the_table_says() {
    let situations = situations();
    let blocks: Vec<String> = std::thread::scope(|scope| {
        let halves: Vec<_> = situations
            .chunks(situations.len().div_ceil(2))
            .map(|half| scope.spawn(|| half.iter().map(block).collect::<Vec<_>>()))
            .collect();
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    let columns = format!(
        "  {:<12} {:<10} {:<12} {:<10} {:<8} named as missing",
        "event", "result", "reason", "comment", "refused"
    );
    let came = format!("Every run ends with exit code 0.\n\n{columns}\n\n{}", blocks.join("\n"));
    let want = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/want/permissions.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(want.parent().unwrap()).unwrap();
        std::fs::write(want, came).unwrap();
        return;
    }
    assert_eq!(came, std::fs::read_to_string(want).unwrap_or_default(), "BLESS=1 writes it anew, if it is right");
    let runs = situations.len() * EVENTS.len();
    tally("permissions", &format!("{runs} whole runs with a permission removed, {} situations", situations.len()));
}
