//! `dltflow sweep`: lists; previews are never deleted from a terminal, which cannot ask whether a pull request is closed.

use serde_json::json;

use super::{Shell, names, writes};
use crate::support::Stage;

/// A workspace with the shared pipelines, and the preview of a pull request that is closed.
fn deployed() -> Stage {
    let stage = Stage::new();
    stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
    stage.repo.branch("bigger").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    stage.run(&stage.on_pull_request("opened", 42, "bigger")).ended(0, "deployed");
    stage.control("PUT", "github/repositories/octo-org/shop/pulls/42", &json!({"state": "closed"}));
    stage.repo.branch("main");
    stage
}

#[test]
fn previews_are_only_listed_with_the_reason() {
    let stage = deployed();
    let before = names(&stage);
    for line in ["sweep", "sweep --environment dev", "sweep --yes"] {
        stage.requests();
        let said = Shell::of(&stage).run(line).ended(0);
        let said = said.told(&["stays      preview   pr42", "#42 is closed is not known without a token for GitHub"]);
        assert_eq!(writes(&stage), Vec::<String>::new(), "{}", said.stderr);
    }
    assert_eq!(names(&stage), before);
}

#[test]
fn unused_wheels_are_listed_and_with_yes_deleted() {
    let stage = deployed();
    let folder = "/Shared/.dltflow/shop/dev";
    let wheel = |number: u64| format!("shop-0.0.0+g00000000000{number}-py3-none-any.whl");
    for number in 0..5 {
        stage.write_by_hand(&format!("{folder}/{}", wheel(number)), "");
        let path = format!("databricks/objects{folder}/{}", wheel(number));
        stage.control("PUT", &path, &json!({"modified_at": 1_000 * number}));
    }
    let there = |number: u64| stage.objects().contains(&format!("{folder}/{}", wheel(number)));
    let said =
        Shell::of(&stage).run("sweep").ended(0).told(&["to delete  wheel", &wheel(0), "to reproduce: dltflow sweep"]);
    assert!((0..5).all(there) && !said.all().contains("--yes"), "{}", said.stderr);
    Shell::of(&stage).run("sweep --yes").ended(0).told(&["deleted    wheel", &wheel(0), "3 things deleted"]);
    assert_eq!((0..5).filter(|number| there(*number)).collect::<Vec<_>>(), [3, 4]);
    let report = Shell::of(&stage).run("sweep --output json").ended(0).json();
    assert_eq!(report["result"], "listed");
    let kept =
        report["sweep"].as_array().unwrap().iter().find(|thing| thing["name"].as_str().unwrap().ends_with(&wheel(4)));
    assert_eq!(kept.unwrap()["why"], "it is one of the 3 newest wheels");
}

#[test]
fn an_unknown_environment_and_a_missing_token_are_refused() {
    let stage = deployed();
    Shell::of(&stage).run("sweep --environment staging").ended(2).told(&["`staging` is not a target"]);
    Shell::offline(&stage).run("sweep").ended(2).told(&["DATABRICKS_HOST"]);
}
