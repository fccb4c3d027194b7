//! What a project is known by: its id, else its name and its folder in the repository.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Repo, Runner, Stage};

const ID: &str = "  id: 0d6d5a52-2f0c-4f1e-9c38-6f0f2b1f7a11\n";

/// The example in two folders, made from one template: one name, no id, workflows of their own.
pub(crate) fn monorepo() -> Stage {
    let stage = Stage::with(Repo::new());
    for folder in ["a", "b"] {
        project(&stage.repo, &format!("apps/{folder}"), folder);
    }
    stage.repo.commit("first");
    stage
}

/// The example in `folder`, whose workflows begin with `prefix` in place of `shop`.
pub(crate) fn project(repo: &Repo, folder: &str, prefix: &str) {
    let example = Repo::of("examples/shop");
    for path in example.git(&["ls-files"]).lines() {
        repo.write(&format!("{folder}/{path}"), example.read(path));
    }
    repo.replace(&format!("{folder}/dltflow.yml"), ID, "");
    for spec in ["orders.yml", "returns.json"] {
        let path = format!("{folder}/workflows/{spec}");
        repo.write(&path, repo.read(&path).replace("shop-", &format!("{prefix}-")));
    }
}

/// The step of the project in `apps/<folder>`.
fn of_folder(mut runner: Runner, folder: &str) -> Runner {
    runner.input("working-directory", &format!("apps/{folder}"));
    runner
}

pub(crate) fn names(stage: &Stage) -> Vec<String> {
    let name = |pipeline: &Value| pipeline["spec"]["name"].as_str().unwrap().to_owned();
    let mut names: Vec<String> = stage.pipelines().iter().map(name).collect();
    names.sort();
    names
}

/// A pull request that touches both projects.
fn touched() -> Stage {
    let stage = monorepo();
    stage.repo.branch("bigger");
    for folder in ["a", "b"] {
        stage.repo.replace(&format!("apps/{folder}/workflows/orders.yml"), "max_workers: 2", "max_workers: 4");
    }
    stage.repo.commit("bigger");
    stage
}

#[test]
fn previews_of_two_folders_of_one_name_stand_side_by_side_and_go_apart() {
    let stage = touched();
    let run = |action: &str, folder: &str| stage.run(&of_folder(stage.on_pull_request(action, 42, "bigger"), folder));
    for (folder, result) in [("a", "deployed"), ("b", "deployed"), ("a", "unchanged"), ("b", "unchanged")] {
        run("opened", folder).ended(0, result);
    }
    assert_eq!(names(&stage), ["[dev_octocat_pr42] a-orders", "[dev_octocat_pr42] b-orders"]);
    let schemas: Vec<Value> = stage.pipelines().iter().map(|pipeline| pipeline["spec"]["target"].clone()).collect();
    assert_ne!(schemas[0], schemas[1], "each has a schema of its own");
    assert_eq!(stage.comments(42).len(), 2, "and a comment of its own");
    run("closed", "b").ended(0, "destroyed");
    assert_eq!(names(&stage), ["[dev_octocat_pr42] a-orders"]);
    let notebook = stage.pipelines()[0]["spec"]["libraries"][0]["notebook"]["path"].as_str().unwrap().to_owned();
    assert!(stage.objects().contains(&notebook));
    run("closed", "a").ended(0, "destroyed");
    assert_eq!((names(&stage).len(), stage.objects().iter().filter(|path| path.contains("pr42")).count()), (0, 0));
}

#[test]
fn shared_pipelines_of_two_folders_of_one_name_are_told_apart() {
    let stage = monorepo();
    let run = |folder: &str| stage.run(&of_folder(stage.on_push("refs/heads/main", None), folder));
    for folder in ["a", "b"] {
        run(folder).ended(0, "deployed");
        run(folder).ended(0, "unchanged");
    }
    for pipeline in stage.pipelines() {
        let (name, marks) = (pipeline["spec"]["name"].as_str().unwrap(), &pipeline["spec"]["configuration"]);
        assert_eq!(marks["dltflow.folder"], format!("apps/{}", &name[..1]), "{name}");
    }
    // A workflow of one that has the name of the other's is blocked, though project, environment and repository agree.
    stage.repo.replace("apps/b/workflows/orders.yml", "b-orders", "a-orders").commit("copied");
    let ran = run("b");
    ran.ended(4, "failed");
    let row = ran.report["workflows"].as_array().unwrap().iter().find(|row| row["name"] == "a-orders").unwrap();
    assert!(row["error"]["message"].as_str().unwrap().contains("its `dltflow.folder` is `apps/a`"), "{row}");
}

#[test]
fn a_destroy_from_one_folder_leaves_what_is_of_the_other() {
    let stage = touched();
    for folder in ["a", "b"] {
        stage.run(&of_folder(stage.on_pull_request("opened", 42, "bigger"), folder)).ended(0, "deployed");
    }
    let mut destroy = of_folder(stage.on_pull_request("synchronize", 42, "bigger"), "b");
    stage.run(destroy.input("mode", "destroy")).ended(0, "destroyed");
    assert_eq!(names(&stage), ["[dev_octocat_pr42] a-orders"]);
}

#[test]
fn names_of_a_project_in_the_root_are_what_they_were() {
    let stage = Stage::with(Repo::new());
    project(&stage.repo, ".", "shop");
    stage.repo.commit("first");
    stage.repo.branch("bigger").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    stage.run(&stage.on_pull_request("opened", 42, "bigger")).ended(0, "deployed");
    let spec = &stage.pipelines()[0]["spec"];
    // The first four digits of the hash of `shop`, as before there were folders.
    assert_eq!(
        (&spec["target"], &spec["configuration"]["dltflow.folder"]),
        (&json!("shop_dev_pr42_8d90"), &json!("."))
    );
    let comment = stage.comments(42)[0]["body"].as_str().unwrap().to_owned();
    assert!(comment.starts_with("<!-- dltflow:dev:shop digest="), "{comment}");
}

/// A checkout without `.git`, such as an archive: where the folder of a project begins, nothing says.
#[test]
fn a_folder_that_is_not_known_vetoes_nothing() {
    let stage = Stage::with(Repo::new());
    project(&stage.repo, "apps/a", "a");
    stage.repo.commit("first");
    let bare = TempDir::new().unwrap();
    let without_git = |runner: Runner| {
        stage.repo.git(&["checkout-index", "--all", "--force", &format!("--prefix={}/", bare.path().display())]);
        let mut runner = of_folder(runner, "a");
        runner.set("GITHUB_WORKSPACE", bare.path().to_str().unwrap());
        stage.run(&runner)
    };
    let push = || stage.on_push("refs/heads/main", None);
    stage.run(&of_folder(push(), "a")).ended(0, "deployed");
    let marks = |stage: &Stage, key: &str| -> Vec<Value> {
        stage.pipelines().iter().map(|found| found["spec"]["configuration"][key].clone()).collect()
    };
    assert_eq!(marks(&stage, "dltflow.folder"), ["apps/a", "apps/a"]);
    let ran = without_git(push());
    assert_eq!((&ran.report["project"]["folder"], ran.output("unchanged")), (&Value::Null, "2"), "{}", ran.stderr);
    let id = stage.id_of("a-orders");
    stage.repo.replace("apps/a/workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    assert_eq!(without_git(push()).ended(0, "deployed").output("updated"), "1");
    assert_eq!((stage.id_of("a-orders"), names(&stage)), (id, vec!["a-orders".to_owned(), "a-returns".to_owned()]));
    stage.run(&of_folder(push(), "a")).ended(0, "unchanged");
    // The other way round, too: a preview is found without it.
    stage.repo.branch("change").replace("apps/a/workflows/orders.yml", "max_workers: 4", "max_workers: 8").commit("8");
    stage.run(&of_folder(stage.on_pull_request("opened", 42, "change"), "a")).ended(0, "deployed");
    without_git(stage.on_pull_request("closed", 42, "change")).ended(0, "destroyed");
    assert_eq!(names(&stage), ["a-orders", "a-returns"]);
    let objects = stage.objects();
    assert!(!objects.iter().any(|path| path.contains("pr42")), "{objects:?}");
}

#[test]
fn a_checkout_in_which_two_projects_are_one_is_refused_and_only_then() {
    let id = "dltflow:\n  name: copy\n  id: shop\ntargets: {dev: {}}\n";
    let name = "dltflow: {name: shop}\ntargets: {dev: {}}\n";
    for (path, text, own, refused) in [
        // Both have the id; the other's id is our name; the other's name is our id.
        ("apps/b/dltflow.yml", id, "id: shop", true),
        ("apps/b/dltflow.yml", id, "name: shop", true),
        ("apps/b/dltflow.yml", name, "id: shop", true),
        ("apps/b/dltflow.yml", name, "name: shop", false),
        // Not projects of this checkout.
        (".github/template/dltflow.yml", id, "id: shop", false),
        ("vendored/dltflow.yml", id, "id: shop", false),
        ("apps/b/dltflow.yml", "dltflow: {name: {{cookiecutter.name}}}", "id: shop", false),
        ("apps/b/dltflow.yml.orig", id, "id: shop", false),
    ] {
        let stage = Stage::with(Repo::new());
        project(&stage.repo, "apps/a", "a");
        stage.repo.commit("first");
        if own.starts_with("id") {
            stage.repo.replace("apps/a/dltflow.yml", "name: shop\n", &format!("name: shop\n  {own}\n"));
        }
        stage.repo.write(path, text).write("vendored/.git", "gitdir: elsewhere");
        let ran = stage.run(&of_folder(stage.on_push("refs/heads/main", None), "a"));
        if refused {
            ran.ended(2, "failed");
            assert!(ran.report["error"]["message"].as_str().unwrap().contains("have one identity, `shop`"), "{path}");
            assert_eq!(stage.requests(), Vec::<String>::new());
        } else {
            assert_eq!(ran.code, 0, "{path} {own}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_file_for_another_build_is_refused_with_one_sentence() {
    for (required, code) in [(">=900", 2), ("=0.0.1", 2), (">=0.0.1", 0), ("<900", 0)] {
        let stage = Stage::new();
        let before = stage.repo.read("dltflow.yml");
        let newer = if code == 2 { "things: [of, tomorrow]\n" } else { "" };
        stage.repo.write("dltflow.yml", format!("{newer}required-version: '{required}'\n{before}")).commit("newer");
        let ran = stage.run(&stage.on_push("refs/heads/main", None));
        assert_eq!(ran.code, code, "{required}: {}", ran.stderr);
        if code == 2 {
            let told =
                format!("`dltflow.yml` requires dltflow `{required}`, and this is {}", env!("CARGO_PKG_VERSION"));
            assert_eq!((&ran.report["error"]["message"], &ran.report["findings"]), (&json!(told), &json!([])));
            assert_eq!(stage.requests(), Vec::<String>::new());
        }
    }
}
