//! The shared environments: branches and tags deploy the pipelines that everybody uses.

use crate::support::{Ran, Stage};

/// Fails if the run relied on a record: after what was not done completely, none says what changed, and all workflows are in
/// the run for that.
#[track_caller]
fn knows_no_deployment(ran: &Ran) {
    let reason = "no complete deployment of this version is known";
    assert_eq!(
        ran.reasons(),
        ["shop-orders", "shop-returns"].map(|name| format!("{name}: {reason}")),
        "{}",
        ran.stderr
    );
}

fn names(stage: &Stage) -> Vec<String> {
    let mut names: Vec<String> =
        stage.pipelines().iter().map(|pipeline| pipeline["spec"]["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn main_deploys_the_shared_names_and_then_only_what_changed() {
    let stage = Stage::new();
    let first = stage.repo.head();
    stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
    assert_eq!(names(&stage), ["shop-orders", "shop-returns"]);
    let second = stage.repo.replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    let ran = stage.run(&stage.on_push("refs/heads/main", Some(&first)));
    ran.ended(0, "deployed");
    assert_eq!(
        (ran.output("updated"), ran.output("created"), ran.output("unchanged")),
        ("1", "0", "0"),
        "{}",
        ran.report
    );
    stage.requests();
    stage.repo.write("notes.md", "nothing to deploy").commit("notes");
    stage.run(&stage.on_push("refs/heads/main", Some(&second))).ended(0, "unchanged");
    let requests = stage.requests();
    assert!(requests.len() == 6 && requests.iter().all(|request| request.starts_with("GET ")), "{requests:#?}");
}

#[test]
fn a_tag_takes_all_workflows_to_the_target_that_is_mapped_to_tags() {
    let stage = Stage::new();
    stage.repo.git(&["tag", "v1.0.0"]);
    let ran = stage.run(&stage.on_push("refs/tags/v1.0.0", None));
    ran.ended(0, "deployed");
    assert_eq!((ran.output("environment"), ran.output("created")), ("prod", "2"));
    let targets: Vec<_> = stage.pipelines().iter().map(|pipeline| pipeline["spec"]["target"].clone()).collect();
    assert_eq!(targets, ["shop", "shop"]);
}

#[test]
fn a_push_whose_deployment_failed_is_made_good_by_the_next_one() {
    let stage = Stage::new();
    let first = stage.repo.head();
    stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
    let broken = stage.repo.replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    stage.control("POST", "faults", &serde_json::json!({"method": "PUT", "path": "/api/2.0/pipelines/*", "action": "respond", "status": 400, "times": 1}));
    let failed = stage.run(&stage.on_push("refs/heads/main", Some(&first)));
    failed.ended(4, "failed");
    stage.repo.write("notes.md", "nothing to deploy").commit("notes");
    let made_good = stage.run(&stage.on_push("refs/heads/main", Some(&broken)));
    made_good.ended(0, "deployed");
    assert_eq!(made_good.output("updated"), "1");
    knows_no_deployment(&made_good);
}

#[test]
fn what_was_done_in_part_and_then_reverted_is_made_good() {
    for (case, input, fails, ended) in [
        ("one of two pipelines failed", "", true, (5, "failed")),
        ("the run was about one spec", "workflows/orders.yml", false, (0, "deployed")),
    ] {
        let stage = Stage::new();
        let first = stage.repo.head();
        stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
        stage.repo.replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4");
        let changed = stage.repo.replace("conf/returns.json", "\"allow\"", "\"drop\"").commit("both");
        if fails {
            stage.control("POST", "faults", &serde_json::json!({"method": "PUT", "path": "/api/2.0/pipelines/*", "action": "respond", "status": 400, "times": 1, "skip": 1}));
        }
        stage.run(stage.on_push("refs/heads/main", Some(&first)).input("workflows", input)).ended(ended.0, ended.1);
        stage.repo.git(&["revert", "--no-edit", &changed]);
        let ran = stage.run(&stage.on_push("refs/heads/main", Some(&changed)));
        assert_eq!((ran.output("result"), ran.output("updated")), ("deployed", "1"), "{case}: {}", ran.report);
        knows_no_deployment(&ran);
    }
}

#[test]
fn a_pull_request_to_shared_pipelines_does_not_pass_for_a_deployment_of_its_branch() {
    let stage = Stage::new();
    let first = stage.repo.head();
    stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
    stage.repo.replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    stage.control("POST", "faults", &serde_json::json!({"method": "PUT", "path": "/api/2.0/pipelines/*", "action": "respond", "status": 400, "times": 1}));
    stage.run(&stage.on_push("refs/heads/main", Some(&first))).ended(4, "failed");
    let failed = stage.repo.head();
    stage.repo.branch("drop").replace("conf/returns.json", "\"allow\"", "\"drop\"").commit("drop");
    stage.run(stage.on_pull_request("opened", 42, "drop").input("as-individual", "never")).ended(0, "deployed");
    stage.repo.branch("main").git(&["merge", "--quiet", "--ff-only", "drop"]);
    let ran = stage.run(&stage.on_push("refs/heads/main", Some(&failed)));
    assert_eq!((ran.output("result"), ran.output("updated")), ("deployed", "1"), "{}", ran.report);
    knows_no_deployment(&ran);
}

#[test]
fn a_last_deployment_that_tells_nothing_is_replaced_by_one_that_does() {
    let stage = Stage::new();
    stage.repo.write("notes.md", "lost").commit("lost");
    stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
    let lost = stage.repo.head();
    stage.repo.git(&["reset", "--quiet", "--hard", "HEAD~"]);
    for (text, looked_at) in [("one", "2"), ("two", "0")] {
        stage.repo.write("notes.md", text).commit(text);
        let ran = stage.run(&stage.on_push("refs/heads/main", Some(&lost)));
        assert_eq!((ran.output("result"), ran.output("unchanged")), ("unchanged", looked_at), "{text}: {}", ran.stderr);
    }
}
