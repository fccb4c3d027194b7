//! What a command does beside runs on GitHub: it knows neither repository nor commit, and takes nothing from those who do.

use serde_json::{Value, json};

use super::{Shell, names, pipeline};
use crate::support::Stage;

const MAIN: &str = "refs/heads/main";
const DEPLOY: &str = "deploy-py-dlt --environment dev --deployment-file workflows/orders.yml";

/// A project that is known by its name alone, deployed by a run on GitHub.
fn deployed() -> Stage {
    let stage = Stage::new();
    stage.repo.replace("dltflow.yml", "  id: 0d6d5a52-2f0c-4f1e-9c38-6f0f2b1f7a11\n", "").commit("no id");
    stage.run(&stage.on_push(MAIN, None)).ended(0, "deployed");
    stage
}

fn mark(stage: &Stage, name: &str, key: &str) -> Value {
    pipeline(stage, name)["spec"]["configuration"][key].clone()
}

#[test]
fn a_command_keeps_the_repository_that_deployed_a_pipeline() {
    let stage = deployed();
    let repository = mark(&stage, "shop-orders", "dltflow.repository");
    assert!(repository.is_string());
    stage.repo.replace("workflows/orders.yml", "max_workers: 2", "max_workers: 3");
    Shell::of(&stage).run(DEPLOY).ended(0).told(&["1 updated"]);
    assert_eq!(mark(&stage, "shop-orders", "dltflow.repository"), repository);
    let mut push = stage.on_push(MAIN, None);
    push.set("GITHUB_REPOSITORY_ID", "77").payload("/repository/id", json!(77)).input("all", "true");
    let ran = stage.run(&push);
    ran.ended(4, "failed");
    assert!(ran.stderr.contains("its `dltflow.repository` is"), "{}", ran.stderr);
    assert_eq!(mark(&stage, "shop-orders", "dltflow.repository"), repository);
}

#[test]
fn a_command_takes_over_no_project_that_may_be_of_another_repository() {
    let stage = deployed();
    stage.repo.replace("dltflow.yml", "name: shop\n", "name: store\n");
    let plan = |adopt: &str| {
        let mut command = Shell::of(&stage).command(env!("CARGO_BIN_EXE_dltflow"));
        command.args(DEPLOY.split(' ')).args(["--adopt", adopt]);
        Shell::of(&stage).said(&mut command)
    };
    plan("project: shop")
        .ended(4)
        .told(&["a command does not know whether from this repository", "name each pipeline"]);
    assert_eq!(mark(&stage, "shop-orders", "dltflow.project"), "shop");
    plan("shop-orders").ended(0);
    assert_eq!(mark(&stage, "shop-orders", "dltflow.project"), "store");
    assert_eq!(mark(&stage, "shop-orders", "dltflow.repository"), Value::Null);
}

/// The login on GitHub and the user of the workspace are often one word.
#[test]
fn an_individual_deployment_stands_beside_ones_own_pull_requests() {
    for always in [false, true] {
        let stage = Stage::new();
        stage.repo.branch("change").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("more");
        stage.run(&stage.on_pull_request("opened", 42, "change")).ended(0, "deployed");
        if always {
            let mut push = stage.on_push(MAIN, None);
            stage.run(push.input("as-individual", "always")).ended(0, "deployed");
        } else {
            Shell::of(&stage).run(&format!("{DEPLOY} --as-individual")).ended(0);
        }
        let own = pipeline(&stage, "[dev_octocat] shop-orders")["pipeline_id"].clone();
        assert!(names(&stage).contains(&"[dev_octocat_pr42] shop-orders".to_owned()), "{:?}", names(&stage));
        stage.run(&stage.on_pull_request("closed", 42, "change")).ended(0, "destroyed");
        assert_eq!(pipeline(&stage, "[dev_octocat] shop-orders")["pipeline_id"], own);
        assert!(names(&stage).iter().all(|name| !name.contains("pr42")), "{:?}", names(&stage));
    }
}

#[test]
fn a_branch_does_not_prune_what_a_command_deployed() {
    let stage = deployed();
    let spec = stage.repo.read("workflows/orders.yml").replace("shop-orders", "shop-extra");
    stage.repo.write("workflows/extra.yml", spec);
    Shell::of(&stage).run(&DEPLOY.replace("orders", "extra")).ended(0);
    std::fs::remove_file(stage.repo.path().join("workflows/extra.yml")).unwrap();
    let mut push = stage.on_push(MAIN, None);
    let ran = stage.run(push.input("all", "true").input("prune", "destroy"));
    assert_eq!((ran.code, ran.output("destroyed")), (0, "0"), "{}", ran.stderr);
    assert!(names(&stage).contains(&"shop-extra".to_owned()), "{:?}", names(&stage));
    let told = ran.report["notes"].to_string();
    assert!(told.contains("`shop-extra`") && told.contains("a command deployed it last"), "{told}");
}
