//! A project that is renamed, moved or given an id, or gets another root: its previews are replaced while the pull request
//! is open, and all of them go when it is closed, wherever they stand.

use serde_json::{Value, json};

use crate::identity::project;
use crate::support::{Ran, Repo, Runner, Stage};

const NUMBER: u64 = 42;
const BRANCH: &str = "change";
const UNITY: &str = "dev:\n  workflows:\n    - {name: harbour, catalog: main, schema: harbour, serverless: true, tasks: {items: [\
                     {python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]}}\n";

/// What happens to the identity or the place of the project in `data`, and its folder afterwards.
struct Case {
    name: &'static str,
    change: fn(&Repo),
    folder: &'static str,
}

const CASES: [Case; 5] = [
    Case { name: "renamed", change: |repo| set(repo, "name: shop\n", "name: store\n"), folder: "data" },
    Case { name: "given an id", change: |repo| set(repo, "name: shop\n", "name: shop\n  id: 5f0c\n"), folder: "data" },
    Case { name: "moved", change: |repo| _ = repo.git(&["mv", "data", "moved"]), folder: "moved" },
    Case {
        name: "another root",
        change: |repo| set(repo, "/Shared/.dltflow/shop", "/Shared/elsewhere"),
        folder: "data",
    },
    Case {
        name: "renamed, with the root of its name",
        change: |repo| {
            set(repo, "    workspace:\n      root_path: /Shared/.dltflow/shop\n", "");
            set(repo, "name: shop\n", "name: store\n");
        },
        folder: "data",
    },
];

fn set(repo: &Repo, from: &str, to: &str) {
    repo.replace("data/dltflow.yml", from, to);
}

/// An open pull request with a preview of two pipelines, one of either kind.
fn opened() -> Stage {
    let stage = Stage::with(Repo::new());
    project(&stage.repo, "data", "shop");
    stage.repo.commit("first");
    stage.repo.branch(BRANCH).write("data/workflows/harbour.yml", UNITY);
    stage.repo.replace("data/workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("change");
    stage.run(&on("opened", &stage, "data")).ended(0, "deployed");
    stage
}

fn on(action: &str, stage: &Stage, folder: &str) -> Runner {
    let mut runner = stage.on_pull_request(action, NUMBER, BRANCH);
    runner.input("working-directory", folder);
    runner
}

/// Everything of the pull request in the workspace.
fn left(stage: &Stage) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let held = stage.sandbox.state();
    let pipelines = stage.pipelines().into_iter().map(|it| text(&it["spec"]["name"]));
    let schemas = held["databricks"]["schemas"].as_array().unwrap().iter().map(|it| text(&it["full_name"]));
    pipelines.chain(schemas.collect::<Vec<_>>()).chain(stage.objects()).filter(|name| name.contains("pr42")).collect()
}

fn projects(stage: &Stage) -> Vec<Value> {
    stage.pipelines().iter().map(|it| it["spec"]["configuration"]["dltflow.project"].clone()).collect()
}

fn notes(ran: &Ran, code: &str) -> Vec<String> {
    let notes = ran.report["notes"].as_array().unwrap().iter().filter(|note| note["code"] == code);
    notes.map(|note| note["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_open_pull_request_replaces_its_preview_and_closing_leaves_nothing() {
    for Case { name, change, folder } in CASES {
        // Closed as it is on the branch, and on the base branch, where the project is what it was.
        for closed_on in [BRANCH, "main"] {
            let stage = opened();
            change(&stage.repo);
            stage.repo.commit(name);
            let ran = stage.run(&on("synchronize", &stage, folder));
            ran.ended(0, "deployed");
            // The two are replaced or moved; the third workflow is one that a change of `dltflow.yml` affects, too.
            assert_eq!((ran.output("updated"), ran.output("created")), ("2", "1"), "{name}: {}", ran.report);
            stage.run(&on("synchronize", &stage, folder)).ended(0, "unchanged");
            let mut closed = on("closed", &stage, folder);
            stage.repo.branch(closed_on);
            if closed_on == "main" {
                closed.input("working-directory", "data");
            }
            stage.run(&closed).ended(0, "destroyed");
            assert_eq!(left(&stage), Vec::<String>::new(), "{name}, closed on {closed_on}");
        }
    }
}

#[test]
fn a_preview_that_was_never_replaced_goes_with_its_pull_request() {
    for Case { name, change, folder } in CASES {
        let stage = opened();
        change(&stage.repo);
        stage.repo.commit(name);
        let ran = stage.run(&on("closed", &stage, folder));
        ran.ended(0, "destroyed");
        assert_eq!((ran.output("destroyed"), left(&stage)), ("2", Vec::new()), "{name}");
        stage.run(&on("closed", &stage, folder)).ended(0, "destroyed");
    }
}

#[test]
fn the_replaced_preview_says_what_it_was() {
    let stage = opened();
    (CASES[0].change)(&stage.repo);
    stage.repo.commit("renamed");
    let ran = stage.run(&on("synchronize", &stage, "data"));
    assert_eq!(projects(&stage), ["store", "store", "store"]);
    let rows = ran.report["workflows"].as_array().unwrap();
    assert_eq!(rows.iter().filter(|row| row["change"] == "recreate").count(), 2, "{rows:?}");
    for row in rows.iter().filter(|row| row["change"] == "recreate") {
        assert_eq!(row["fields"], json!([{"path": "project", "from": "\"shop\"", "to": "\"store\""}]));
    }
}

#[test]
fn what_is_left_after_a_change_is_found_by_any_later_identity() {
    let stage = opened();
    // Three identities and two roots, of which only the last has a job when the pull request is closed.
    for change in [CASES[4].change, |repo| set(repo, "name: store\n", "name: store\n  id: 5f0c\n")] {
        change(&stage.repo);
        stage.repo.commit("again");
        stage.run(&on("synchronize", &stage, "data")).ended(0, "deployed");
    }
    // All is taken back, so that no pipeline says where anything was.
    stage.repo.git(&["rm", "--quiet", "data/workflows/harbour.yml"]);
    stage.repo.replace("data/workflows/orders.yml", "max_workers: 4", "max_workers: 2").commit("reverted");
    stage.repo.git(&["checkout", "--quiet", "main", "--", "data/dltflow.yml"]);
    stage.repo.commit("all of it");
    stage.run(&on("synchronize", &stage, "data"));
    stage.run(&on("closed", &stage, "data")).ended(0, "destroyed");
    assert_eq!(left(&stage), Vec::<String>::new());
}

#[test]
fn what_is_of_another_project_repository_or_pull_request_stays() {
    for (key, value) in [
        ("dltflow.repository", json!("77")),
        ("dltflow.repository", Value::Null),
        ("dltflow.preview", json!("pr421")),
        ("dltflow.environment", json!("prod")),
        ("dltflow.name", json!("copied by hand")),
        ("dltflow.folder", json!("other")),
    ] {
        let stage = opened();
        // A project in another folder; what is of neither is that of the former project.
        project(&stage.repo, "other", "other");
        (CASES[0].change)(&stage.repo);
        stage.repo.commit("renamed");
        let name = "[dev_octocat_pr42] shop-orders";
        let mut marks =
            stage.pipelines().into_iter().find(|it| it["spec"]["name"] == name).unwrap()["spec"]["configuration"]
                .clone();
        marks[key] = value.clone();
        stage.edit_by_hand(name, &json!({"configuration": marks}));
        stage.run(&on("closed", &stage, "data")).ended(0, "destroyed");
        let names: Vec<Value> = stage.pipelines().iter().map(|it| it["spec"]["name"].clone()).collect();
        assert_eq!(names, [name], "{key} {value}");
        let notebook = stage.pipelines()[0]["spec"]["libraries"][0]["notebook"]["path"].as_str().unwrap().to_owned();
        assert!(stage.objects().contains(&notebook), "{key} {value}: {:?}", stage.objects());
    }
}

#[test]
fn a_folder_that_only_looks_like_one_of_the_preview_stays() {
    let stage = opened();
    (CASES[0].change)(&stage.repo);
    stage.repo.commit("renamed");
    let above = "/Shared/.dltflow/shop/previews";
    let note = |preview: &str, repository: &str, project: &str| {
        json!({"preview_folder": format!("{above}/pr42_0000"), "project": project, "environment": "dev", "preview": preview,
               "repository": repository})
        .to_string()
    };
    for (folder, text) in [
        ("pr42_0001", String::new()),
        ("pr42_0002", note("pr42", "77", "shop")),
        ("pr42_0003", note("pr421", "4242", "shop")),
        ("pr421_0004", note("pr42", "4242", "shop")),
        ("pr42_000g", note("pr421", "4242", "shop")),
    ] {
        stage.by_hand("POST", "/api/2.0/workspace/mkdirs", &json!({"path": format!("{above}/{folder}")}));
        stage.write_by_hand(&format!("{above}/{folder}/made-0123456789abcdef.json"), &text);
    }
    stage.run(&on("closed", &stage, "data")).ended(0, "destroyed");
    let kept: Vec<String> = stage.objects().into_iter().filter(|path| path.contains("/made-")).collect();
    assert_eq!(kept.len(), 5, "{kept:?}");
    assert_eq!(stage.pipelines().len(), 0);
}

#[test]
fn a_checkout_that_does_not_show_every_project_destroys_no_other_and_says_so() {
    for hide in [(|repo| _ = repo.git(&["config", "core.sparseCheckout", "true"])) as fn(&Repo), |repo| {
        _ = repo.write("broken/dltflow.yml", "dltflow: [");
    }] {
        let stage = opened();
        (CASES[0].change)(&stage.repo);
        stage.repo.commit("renamed");
        hide(&stage.repo);
        let ran = stage.run(&on("closed", &stage, "data"));
        ran.ended(0, "destroyed");
        let told = notes(&ran, "preview-left");
        assert_eq!((stage.pipelines().len(), told.len()), (2, 2), "{told:?}");
        assert!(told[0].contains("the project `shop`") && told[0].contains("not every project"), "{told:?}");
    }
}
