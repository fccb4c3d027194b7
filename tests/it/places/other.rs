//! Where the changes of GitHub are not those of the files that a step looks at, every workflow is looked at, and the reason
//! is told.

use super::{BRANCH, LAYOUTS, Made, NUMBER, check_out, deployed, place};
use crate::support::{Ran, Repo, Stage};

/// A pull request that touches one file which no workflow has.
fn touched(stage: &Stage) -> crate::support::Runner {
    stage.repo.branch(BRANCH).write("README.md", "Shop\n").commit("change");
    stage.on_pull_request("opened", NUMBER, BRANCH)
}

/// Fails unless all workflows are looked at, for a reason with those words in log and summary.
#[track_caller]
fn assert_all(ran: &Ran, words: &str) {
    ran.ended(0, "deployed");
    let rows = ran.report["workflows"].as_array().unwrap();
    let names: Vec<_> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["shop-orders", "shop-returns"], "{}", ran.report);
    for row in rows {
        assert!(row["reasons"][0].as_str().unwrap().contains(words), "{row}");
    }
    assert!(ran.stderr.contains(&format!("looking at every workflow: {words}")), "{}", ran.stderr);
    let first: String = words.split(['`', '(']).next().unwrap().to_owned();
    assert!(ran.summary.contains(&first), "{}", ran.summary);
}

#[test]
fn without_a_repository_every_workflow_is_taken_and_the_reason_is_told() {
    for layout in &LAYOUTS[..2] {
        let stage = deployed("");
        let mut runner = touched(&stage);
        check_out(&stage, &mut runner, layout, "");
        std::fs::remove_dir_all(runner.workspace().join(layout.path).join(".git")).unwrap();
        assert_all(&stage.run(&runner), "no repository (`.git`) was found, so which files changed is not known");
    }
}

#[test]
fn a_project_in_a_checkout_of_another_repository_is_looked_at_as_a_whole() {
    let stage = deployed("");
    let mut runner = touched(&stage);
    check_out(&stage, &mut runner, &LAYOUTS[0], "");
    let other = format!("{}/octo-org/tools", stage.sandbox.github_url());
    place(&stage.repo, &runner.workspace().join("tools"), Made::Clone, &other);
    runner.input("working-directory", "tools");
    assert_all(&stage.run(&runner), "the project is in a checkout of `octo-org/tools`");
}

#[test]
fn a_checkout_that_names_no_repository_of_the_server_is_taken_for_that_of_the_event() {
    for origin in ["/srv/mirrors/shop", "https://mirror.example.com/a/b.git", "https://github.com/Octo-Org/Shop.git"] {
        let stage = deployed("");
        let mut runner = touched(&stage);
        check_out(&stage, &mut runner, &LAYOUTS[1], "");
        let at = runner.workspace().join("sub");
        stage.repo.git(&["-C", at.to_str().unwrap(), "remote", "set-url", "origin", origin]);
        let ran = stage.run(&runner);
        ran.ended(0, "unchanged");
        assert_eq!(ran.report["workflows"].as_array().map(Vec::len), Some(0), "{origin}: {}", ran.report);
    }
}

#[test]
fn a_submodule_changes_with_the_commit_that_it_is_at() {
    let stage = Stage::with(Repo::new());
    let project = Repo::of("examples/shop");
    let allow = ["-c", "protocol.file.allow=always"];
    let add = ["submodule", "--quiet", "add", project.path().to_str().unwrap(), "libs/shop"];
    stage.repo.git(&[&allow[..], &add].concat());
    stage.repo.commit("first");
    let opened = |stage: &Stage| {
        let mut runner = stage.on_pull_request("synchronize", NUMBER, BRANCH);
        runner.set("GITHUB_WORKSPACE", stage.repo.path().to_str().unwrap());
        runner.input("working-directory", "libs/shop");
        stage.run(&runner)
    };
    stage.repo.branch(BRANCH).write("README.md", "Shop\n").commit("beside it");
    let ran = opened(&stage);
    ran.ended(0, "unchanged");
    assert_eq!(ran.report["workflows"].as_array().map(Vec::len), Some(0), "{}", ran.report);

    project.replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    let module = stage.repo.path().join("libs/shop");
    let module = module.to_str().unwrap();
    stage.repo.git(&[&allow[..], &["-C", module, "pull", "--quiet", "origin", "main"]].concat());
    stage.repo.commit("the submodule");
    assert_all(&opened(&stage), "the submodule `libs/shop` is at another commit");
}
