//! Around the step: what cannot be written, what is missing, and what belongs to others.

use serde_json::Value;

use super::{Image, is_root, opened, preview};
use crate::support::{Repo, Stage};

#[test]
fn neither_workspace_nor_home_has_to_be_writable() {
    let Some(image) = Image::given() else { return };
    let stage = opened();
    let ran = image.run_where(&stage, &mut preview(&stage), |container| {
        container.read_only("/github/workspace").read_only("/github/home");
    });
    ran.ended(0, "deployed");
}

#[test]
fn what_the_runner_lacks_takes_only_itself_away() {
    let Some(image) = Image::given() else { return };
    for missing in ["RUNNER_TEMP", "HOME", "GITHUB_STEP_SUMMARY"] {
        let stage = opened();
        let mut runner = preview(&stage);
        let ran = image.run(&stage, runner.check_out(stage.repo.path()).unset(missing));
        assert_eq!((ran.code, stage.pipelines().len()), (0, 1), "{missing}: {}", ran.stderr);
        assert_eq!(ran.output("report-path").is_empty(), missing == "RUNNER_TEMP");
        assert_eq!(ran.summary.is_empty(), missing == "GITHUB_STEP_SUMMARY");
    }
}

#[test]
fn a_report_that_cannot_be_written_is_told_and_fails_nothing() {
    let Some(image) = Image::given() else { return };
    let stage = opened();
    let ran = image.run_where(&stage, &mut preview(&stage), |container| {
        container.read_only("/github/runner_temp").read_only("/github/file_commands");
    });
    assert_eq!((ran.code, stage.pipelines().len()), (0, 1), "{}", ran.stderr);
    assert!(ran.stderr.contains("the JSON report could not be written"), "{}", ran.stderr);
    assert!(ran.stderr.contains("warning: `GITHUB_OUTPUT`"), "{}", ran.stderr);
}

/// What holds for every step says whose the report is; here it needs no image.
#[test]
fn a_report_belongs_to_whom_its_folder_does() {
    if is_root("report-owner") {
        let stage = opened();
        stage.run(preview(&stage).check_out(stage.repo.path())).ended(0, "deployed");
    }
}

/// What the preview's names are made of comes from Unicode.
#[test]
fn a_preview_on_unity_catalog_comes_and_goes_with_its_schema() {
    let Some(image) = Image::given() else { return };
    let repo = Repo::of("examples/shop");
    let spec = "dev:\n  workflows:\n    - name: Größe 大\n      catalog: main\n      schema: harbour\n      serverless: true\n      \
                tasks: {items: [{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]}\n";
    repo.branch("harbour").write("workflows/häfen.yml", spec).commit("harbour");
    let stage = Stage::with(repo);
    let schemas = |stage: &Stage| stage.sandbox.state()["databricks"]["schemas"].as_array().map_or(0, Vec::len);
    let ran = image.run(&stage, &mut stage.on_pull_request("opened", 42, "harbour"));
    ran.ended(0, "deployed");
    assert_eq!(stage.pipelines()[0]["spec"]["name"], "[dev_octocat_pr42] Größe 大");
    assert_eq!((schemas(&stage), stage.comments(42).len()), (1, 1));
    image.run(&stage, &mut stage.on_pull_request("closed", 42, "harbour")).ended(0, "destroyed");
    assert_eq!((stage.pipelines(), schemas(&stage)), (Vec::<Value>::new(), 0));
}
