//! What the engine does when the world is not as it should be: lost replies, other people, newer commits.

use serde_json::{Value, json};

use crate::support::{Ran, Runner, Stage};

/// A stage with pull request 42 on a branch that changes the orders' cluster.
fn opened() -> Stage {
    let stage = Stage::new();
    stage.repo.branch("bigger").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    stage
}

fn preview(stage: &Stage) -> Runner {
    stage.on_pull_request("synchronize", 42, "bigger")
}

fn fault(stage: &Stage, fault: &Value) {
    stage.control("POST", "faults", fault);
}

/// The id of the only pipeline.
fn only(stage: &Stage) -> String {
    let pipelines = stage.pipelines();
    assert_eq!(pipelines.len(), 1, "{pipelines:?}");
    pipelines[0]["pipeline_id"].as_str().unwrap().to_owned()
}

fn count(stage: &Stage, request: &str) -> usize {
    stage.requests().iter().filter(|line| line.starts_with(request)).count()
}

#[test]
fn a_lost_reply_to_a_create_is_settled_by_looking_the_name_up() {
    for lost in [json!({"action": "drop"}), json!({"action": "respond", "status": 502})] {
        let stage = opened();
        let mut lost = lost.as_object().unwrap().clone();
        lost.extend(
            json!({"method": "POST", "path": "/api/2.0/pipelines", "when": "after", "times": 1})
                .as_object()
                .unwrap()
                .clone(),
        );
        fault(&stage, &Value::Object(lost));
        // The new pipeline is not listed at once either.
        stage.control("PUT", "settings", &json!({"list_lag": 1}));
        stage.run(&preview(&stage)).ended(0, "deployed");
        only(&stage);
        assert_eq!(count(&stage, "POST /api/2.0/pipelines"), 1);
    }
}

#[test]
fn a_create_that_was_refused_before_its_effect_is_sent_again() {
    let stage = opened();
    fault(
        &stage,
        &json!({"method": "POST", "path": "/api/2.0/pipelines", "action": "respond", "status": 503, "when": "before", "times": 1}),
    );
    stage.run(&preview(&stage)).ended(0, "deployed");
    only(&stage);
}

#[test]
fn a_lost_reply_to_an_edit_is_settled_by_reading_the_pipeline() {
    let stage = opened();
    stage.run(&preview(&stage)).ended(0, "deployed");
    stage.repo.replace("workflows/orders.yml", "max_workers: 4", "max_workers: 8").commit("bigger still");
    stage.requests();
    fault(
        &stage,
        &json!({"method": "PUT", "path": "/api/2.0/pipelines/*", "action": "drop", "when": "after", "times": 1}),
    );
    stage.run(&preview(&stage)).ended(0, "deployed");
    assert_eq!(count(&stage, "PUT /api/2.0/pipelines"), 1);
    assert_eq!(stage.pipelines()[0]["spec"]["clusters"][0]["autoscale"]["max_workers"], 8);
}

#[test]
fn too_many_requests_are_sent_again_when_the_service_says() {
    let stage = opened();
    fault(
        &stage,
        &json!({"path": "/api/*", "service": "databricks", "action": "respond", "status": 429, "retry_after": 1, "times": 3}),
    );
    stage.run(&preview(&stage)).ended(0, "deployed");
    only(&stage);
}

#[test]
fn what_somebody_changed_by_hand_is_restored_and_told() {
    let stage = opened();
    stage.run(&preview(&stage)).ended(0, "deployed");
    stage.control("PUT", &format!("databricks/pipelines/{}", only(&stage)), &json!({"spec": {"target": "elsewhere"}}));
    let ran = stage.run(&preview(&stage));
    ran.ended(0, "deployed");
    let row = &ran.report["workflows"][0];
    assert_eq!((&row["drift"], &row["fields"][0]["path"]), (&json!(true), &json!("target")), "{row}");
    assert_ne!(stage.pipelines()[0]["spec"]["target"], json!("elsewhere"));
}

#[test]
fn a_pipeline_that_dltflow_has_not_made_is_left_alone() {
    let stage = opened();
    stage.run(&preview(&stage)).ended(0, "deployed");
    let id = only(&stage);
    stage.control(
        "PUT",
        &format!("databricks/pipelines/{id}"),
        &json!({"spec": {"configuration": null, "photon": true}}),
    );
    let ran = stage.run(&preview(&stage));
    ran.ended(4, "failed");
    assert!(ran.stderr.contains("dltflow has not made"), "{}", ran.stderr);
    stage.run(&stage.on_pull_request("closed", 42, "bigger"));
    assert_eq!(only(&stage), id);
    assert_eq!(stage.pipelines()[0]["spec"]["photon"], true);
}

#[test]
fn a_name_that_is_taken_by_what_cannot_be_seen_is_told_as_that() {
    let stage = opened();
    stage.run(&preview(&stage)).ended(0, "deployed");
    stage.control("PUT", &format!("databricks/pipelines/{}", only(&stage)), &json!({"hidden": true}));
    let ran = stage.run(&preview(&stage));
    ran.ended(4, "failed");
    assert!(ran.stderr.contains("this token cannot see"), "{}", ran.stderr);
}

#[test]
fn an_immutable_field_blocks_unless_recreating_is_allowed() {
    let stage = Stage::new();
    let before = stage.repo.head();
    stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
    stage.repo.replace("workflows/orders.yml", "/mnt/lake/shop/dev/orders", "/mnt/lake/shop/dev/moved").commit("moved");
    let mut push = stage.on_push("refs/heads/main", Some(&before));
    let ran = stage.run(&push);
    ran.ended(4, "failed");
    assert!(
        ran.stderr.contains("`storage` cannot be changed") && ran.stderr.contains("allow-recreate"),
        "{}",
        ran.stderr
    );
    stage.run(push.input("allow-recreate", "true")).ended(0, "deployed");
    let storages: Vec<Value> = stage.pipelines().iter().map(|pipeline| pipeline["spec"]["storage"].clone()).collect();
    assert!(storages.contains(&json!("/mnt/lake/shop/dev/moved")), "{storages:?}");
}

#[test]
fn a_run_that_is_not_the_newest_writes_nothing() {
    let stage = opened();
    let old = preview(&stage);
    stage.repo.write("more.md", "more").commit("more");
    let ran = stage.run(&old);
    assert_eq!((ran.ended(0, "skipped").output("reason"), stage.pipelines().len()), ("superseded", 0));
    stage.repo.branch("main");
    let dispatch = stage.on("workflow_dispatch", &json!({}), "refs/heads/main", &stage.repo.head());
    let push = stage.on_push("refs/heads/main", None);
    stage.repo.write("more.md", "more").commit("more");
    for run in [push, dispatch] {
        let ran = stage.run(&run);
        assert_eq!((ran.ended(0, "skipped").output("reason"), stage.pipelines().len()), ("superseded", 0));
    }
}

#[test]
fn an_outdated_run_does_not_cover_what_the_newest_said() {
    let stage = opened();
    let old = preview(&stage);
    stage.repo.write("more.md", "more").commit("more");
    stage.run(&preview(&stage)).ended(0, "deployed");
    let said = stage.comments(42);
    // What is wrong in the old commit is nobody's concern any more.
    stage.repo.write("workflows/orders.yml", "dev: {workflows: [{}]}");
    stage.run(&old).ended(0, "skipped");
    stage.repo.git(&["checkout", "--quiet", "."]);
    assert_eq!(stage.comments(42), said);
    let late = preview(&stage);
    stage.run(&stage.on_pull_request("closed", 42, "bigger")).ended(0, "destroyed");
    let said = stage.comments(42);
    stage.run(&late).ended(0, "skipped");
    assert_eq!(stage.comments(42), said);
}

#[test]
fn a_pull_request_that_was_closed_meanwhile_gets_no_preview() {
    let stage = opened();
    let run = preview(&stage);
    stage.control("PUT", "github/repositories/octo-org/shop/pulls/42", &json!({"state": "closed"}));
    let ran: Ran = stage.run(&run);
    assert_eq!((ran.ended(0, "skipped").output("reason"), stage.pipelines().len()), ("pull-request-closed", 0));
}

#[test]
fn one_failure_does_not_hide_the_others_and_the_next_run_makes_it_good() {
    let stage = Stage::new();
    fault(
        &stage,
        &json!({"method": "POST", "path": "/api/2.0/pipelines", "action": "respond", "status": 400,
                          "body": {"error_code": "INVALID_PARAMETER_VALUE", "message": "no such node type"}, "times": 1}),
    );
    let push = stage.on_push("refs/heads/main", None);
    let ran = stage.run(&push);
    ran.ended(5, "failed");
    assert_eq!((ran.output("created"), ran.output("failed"), stage.pipelines().len()), ("1", "1", 1));
    assert!(ran.stderr.contains("no such node type"));
    let ran = stage.run(&push);
    assert_eq!((ran.ended(0, "deployed").output("created"), ran.output("unchanged")), ("1", "1"));
}

#[test]
fn a_preview_whose_file_was_reverted_is_destroyed() {
    let stage = opened();
    stage.run(&preview(&stage)).ended(0, "deployed");
    stage.repo.replace("workflows/orders.yml", "max_workers: 4", "max_workers: 2");
    stage.repo.replace("conf/returns.json", "allow", "drop").commit("returns instead");
    let ran = stage.run(&preview(&stage));
    ran.ended(0, "deployed");
    assert_eq!((ran.output("created"), ran.output("destroyed")), ("1", "1"));
    assert_eq!(stage.pipelines()[0]["spec"]["name"], "[dev_octocat_pr42] shop-returns");
    stage.repo.replace("conf/returns.json", "drop", "allow").commit("nothing after all");
    let ran = stage.run(&preview(&stage));
    ran.ended(0, "deployed");
    assert!(ran.summary.contains("no workflow is affected any more"), "{}", ran.summary);
    assert!(
        stage.pipelines().is_empty() && stage.objects().iter().all(|path| !path.contains("pr42")),
        "{:?}",
        stage.objects()
    );
}

/// The list of pipelines and the listing of the folder fail differently: whichever comes first, the graver is reported.
#[test]
fn of_two_look_ups_that_fail_the_graver_is_reported_whichever_comes_first() {
    let refused = json!({"error_code": "PERMISSION_DENIED", "message": "you may not"});
    let invalid = json!({"error_code": "INVALID_PARAMETER_VALUE", "message": "what is that"});
    let [list, folder] = ["/api/2.0/pipelines", "/api/2.0/workspace/list"];
    for (path_of_refusal, path_of_other) in [(list, folder), (folder, list)] {
        for (refused_after, other_after) in [(0, 400), (400, 0), (0, 0)] {
            let stage = opened();
            for (path, status, body, delay_ms) in
                [(path_of_refusal, 403, &refused, refused_after), (path_of_other, 400, &invalid, other_after)]
            {
                let answer = json!({"method": "GET", "path": path, "action": "respond", "status": status,
                                    "body": body, "delay_ms": delay_ms});
                fault(&stage, &answer);
            }
            let ran = stage.run(&preview(&stage));
            ran.ended(6, "failed");
            assert!(ran.stderr.contains("you may not") && !ran.stderr.contains("what is that"), "{}", ran.stderr);
        }
    }
}

#[test]
fn of_two_look_ups_that_fail_alike_the_list_of_pipelines_is_reported() {
    for (list_after, folder_after) in [(0, 400), (400, 0)] {
        let stage = opened();
        for (path, message, delay_ms) in
            [("/api/2.0/pipelines", "no list", list_after), ("/api/2.0/workspace/list", "no folder", folder_after)]
        {
            let body = json!({"error_code": "INVALID_PARAMETER_VALUE", "message": message});
            let answer = json!({"method": "GET", "path": path, "action": "respond", "status": 400, "body": body,
                                "delay_ms": delay_ms});
            fault(&stage, &answer);
        }
        let ran = stage.run(&preview(&stage));
        ran.ended(4, "failed");
        assert!(ran.stderr.contains("no list") && !ran.stderr.contains("no folder"), "{}", ran.stderr);
    }
}

/// A look-up that never answers does not keep the failure of another from being reported.
#[test]
fn a_failed_look_up_waits_for_the_others_only_so_long() {
    let stage = opened();
    fault(&stage, &json!({"method": "GET", "path": "/api/2.0/workspace/list", "action": "hang"}));
    let body = json!({"error_code": "INVALID_PARAMETER_VALUE", "message": "no list"});
    fault(
        &stage,
        &json!({"method": "GET", "path": "/api/2.0/pipelines", "action": "respond", "status": 400, "body": body}),
    );
    let begun = std::time::Instant::now();
    let ran = stage.run(&preview(&stage));
    ran.ended(4, "failed");
    let took = begun.elapsed().as_secs();
    assert!((5..15).contains(&took) && ran.stderr.contains("no list"), "{took} s: {}", ran.stderr);
}

#[test]
fn a_running_preview_is_stopped_before_it_is_destroyed() {
    let stage = opened();
    stage.run(&preview(&stage)).ended(0, "deployed");
    stage.control("PUT", &format!("databricks/pipelines/{}", only(&stage)), &json!({"state": "RUNNING"}));
    stage.requests();
    stage.run(&stage.on_pull_request("closed", 42, "bigger")).ended(0, "destroyed");
    let requests = stage.requests();
    let place = |what: &str| requests.iter().position(|line| line.contains(what));
    assert!(place("/stop").unwrap() < place("DELETE ").unwrap(), "{requests:#?}");
}

#[test]
fn a_stopped_run_ends_within_its_time_and_the_next_one_makes_it_good() {
    let stage = opened();
    fault(&stage, &json!({"path": "/api/2.0/workspace/import", "action": "delay", "delay_ms": 2000, "times": 1}));
    let runner = preview(&stage);
    let child = runner.start();
    while !stage.sandbox.log().to_string().contains("import-file") {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let killed = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let ran = runner.read(child.wait_with_output().unwrap());
    ran.ended(143, "failed");
    assert!(stage.pipelines().is_empty(), "no pipeline is made after the signal");
    stage.run(&runner).ended(0, "deployed");
    only(&stage);
}
