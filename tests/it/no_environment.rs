//! An environment that no spec has: nothing is deployed there, and log, summary and comment say so.

use serde_json::json;

use crate::support::{Ran, Repo, Stage};

const WARNING: &str = "no spec has the environment `prod`, so there is nothing to deploy";

const PROJECT: &str = "
dltflow: {name: shop}
targets:
  dev: {deploy: {branches: [main]}}
  prod: {default: true, deploy: {pull_requests: true, tags: ['v*']}}
";

/// The shop, whose tags and pull requests lead to `prod`, with other sections in its specs.
fn shop(change: impl Fn(&Repo)) -> Stage {
    let repo = Repo::of("examples/shop");
    repo.write("dltflow.yml", PROJECT);
    change(&repo);
    repo.commit("others");
    repo.git(&["tag", "v1.0.0"]);
    Stage::with(repo)
}

/// Without the section `prod` in any spec.
fn dev_alone(repo: &Repo) {
    let orders = repo.read("workflows/orders.yml");
    repo.write("workflows/orders.yml", orders.split("\nprod:").next().unwrap());
    repo.git(&["rm", "--quiet", "workflows/returns.json"]);
}

fn warned(ran: &Ran) -> bool {
    let noted = ran.report["notes"].as_array().unwrap().iter().any(|note| note["code"] == "no-environment");
    assert_eq!(noted, ran.stderr.contains(WARNING), "{}", ran.stderr);
    assert_eq!(noted, ran.summary.contains("no spec has the environment"), "{}", ran.summary);
    noted
}

#[test]
fn a_tag_that_deploys_nothing_is_green_with_a_warning_in_log_and_summary() {
    let stage = shop(dev_alone);
    let ran = stage.run(&stage.on_push("refs/tags/v1.0.0", None));
    assert_eq!((ran.code, ran.output("environment")), (0, "prod"), "{}", ran.stderr);
    assert!(warned(&ran), "{}", ran.report);
    assert_eq!(stage.pipelines().len(), 0);
}

#[test]
fn a_pull_request_hears_it_in_its_comment_until_a_spec_has_the_environment() {
    let stage = shop(dev_alone);
    stage.repo.branch("change").write("shop/prices.py", "# new\n").commit("change");
    let ran = stage.run(&stage.on_pull_request("opened", 7, "change"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(warned(&ran), "{}", ran.report);
    let body = stage.comments(7)[0]["body"].as_str().unwrap().to_owned();
    assert!(body.contains("no spec has the environment `prod`"), "{body}");
    let spec = stage.repo.read("workflows/orders.yml");
    stage
        .repo
        .write("workflows/orders.yml", spec.clone() + "\nprod:" + spec.split("\ndev:").nth(1).unwrap())
        .commit("prod");
    let ran = stage.run(&stage.on_pull_request("synchronize", 7, "change"));
    assert!(!warned(&ran), "{}", ran.report);
    assert!(!stage.comments(7)[0]["body"].to_string().contains("no spec has the environment"));
}

#[test]
fn nothing_is_said_where_a_spec_has_it_is_empty_on_purpose_or_cannot_be_read() {
    for (text, says) in [
        ("prod: {workflows: []}\n", false),
        ("environments: {prod: {workflows: []}}\n", false),
        ("prod: [\n", false),
        ("dev: {workflows: []}\n", true),
        ("production: {workflows: []}\n", true),
    ] {
        let stage = shop(|repo| {
            dev_alone(repo);
            repo.write("workflows/other.yml", text);
        });
        let ran = stage.run(&stage.on_push("refs/tags/v1.0.0", None));
        assert_eq!(warned(&ran), says, "{text}: {}", ran.stderr);
    }
    // A run that is about some specs only says nothing of those that it leaves out.
    let stage = shop(|_| {});
    let mut runner = stage.on_push("refs/tags/v1.0.0", None);
    runner.input("workflows", "workflows/none-*.yml");
    let ran = stage.run(&runner);
    assert_eq!(
        ran.report["notes"].as_array().map(|notes| notes.iter().any(|note| note["code"] == "no-environment")),
        Some(false)
    );
    assert_ne!(ran.report["result"], json!("deployed"));
}
