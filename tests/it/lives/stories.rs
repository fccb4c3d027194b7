//! The stories: projects that share a root or a name, that are renamed, copied, reverted or merged, or that the build before
//! deployed.

use serde_json::json;

use super::{Event, Story, filled};
use crate::support::{Repo, Runner, Stage};
use crate::upgrade;

const NUMBER: u64 = 42;
const BRANCH: &str = "change";
const ROOT: &str = "root_path: /Shared/.dltflow";

/// A spec with a Hive pipeline and one on Unity Catalog for each schema.
fn spec(prefix: &str, schemas: &[&str]) -> String {
    let item = "tasks: {items: [{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]}";
    let hive = format!("dev:\n  workflows:\n    - {{name: {prefix}-hive, target: {prefix}, {item}}}\n");
    schemas.iter().fold(hive, |spec, schema| {
        spec + &format!(
            "    - {{name: {prefix}-{schema}, catalog: main, schema: {schema}, serverless: true, {item}}}\n"
        )
    })
}

/// The example project in `folder` with that name and root, and without an id.
fn project(repo: &Repo, folder: &str, name: &str) {
    let at = |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    for path in ["shop/__init__.py", "shop/pipelines/__init__.py", "shop/pipelines/orders.py", "shop/prices.py"] {
        repo.write(&at(path), example(path));
    }
    repo.write(&at("conf/orders.json"), example("conf/orders.json"));
    let file = example("dltflow.yml")
        .replace("name: shop\n  id: 0d6d5a52-2f0c-4f1e-9c38-6f0f2b1f7a11", &format!("name: {name}"));
    repo.write(&at("dltflow.yml"), file.replace("root_path: /Shared/.dltflow/shop", ROOT));
}

fn example(path: &str) -> String {
    std::fs::read_to_string(format!("{}/examples/shop/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// One project in the root of its repository; `main` is deployed, with a table in its schema.
fn one() -> Stage {
    let repo = Repo::new();
    project(&repo, "", "shop");
    with_base(repo)
}

/// The same in the folder that a project has by default, which is named after it.
fn one_by_default() -> Stage {
    let repo = Repo::new();
    project(&repo, "", "shop");
    repo.write("dltflow.yml", repo.read("dltflow.yml").replace(&format!("    workspace:\n      {ROOT}\n"), ""));
    with_base(repo)
}

fn with_base(repo: Repo) -> Stage {
    repo.write("workflows/base.yml", spec("base", &["lake"])).commit("first");
    deployed(Stage::with(repo))
}

fn deployed(stage: Stage) -> Stage {
    for mut job in push(&stage) {
        job.input("all", "true");
        stage.run(&job).ended(0, "deployed");
    }
    filled(&stage);
    stage.repo.branch(BRANCH);
    stage
}

/// The folders of projects in the checkout, each of which has a job of its own.
fn folders(stage: &Stage) -> Vec<&'static str> {
    let holds = |folder: &&str| stage.repo.path().join(folder).join("dltflow.yml").exists();
    ["", "a", "b", "apps/a"].into_iter().filter(holds).collect()
}

fn jobs(stage: &Stage, runner: impl Fn() -> Runner) -> Vec<Runner> {
    let of = |folder: &str| {
        let mut runner = runner();
        if !folder.is_empty() {
            runner.input("working-directory", folder);
        }
        runner
    };
    folders(stage).into_iter().map(of).collect()
}

fn push(stage: &Stage) -> Vec<Runner> {
    stage.repo.branch("main");
    jobs(stage, || stage.on_push("refs/heads/main", None))
}

fn opened(stage: &Stage) -> Vec<Runner> {
    stage.repo.branch(BRANCH);
    jobs(stage, || stage.on_pull_request("synchronize", NUMBER, BRANCH))
}

/// The run of a closed pull request finds what is merged, or the base branch.
fn closed(stage: &Stage) -> Vec<Runner> {
    let runners = || {
        let runner = stage.on_pull_request("closed", NUMBER, BRANCH);
        stage.repo.branch("main");
        runner
    };
    stage.repo.branch("main");
    jobs(stage, runners)
}

fn nothing(_: &Stage) {}

fn commit(stage: &Stage, changes: &[(&str, Option<String>)]) {
    stage.repo.branch(BRANCH);
    for (path, text) in changes {
        match text {
            Some(text) => _ = stage.repo.write(path, text),
            None => std::fs::remove_file(stage.repo.path().join(path)).unwrap(),
        }
    }
    stage.repo.commit("change");
}

const CLOSED: Event = Event { about: "closed", change: nothing, jobs: closed, ends: (0, "destroyed") };
const CLOSED_AGAIN: Event = Event { about: "closed again", ..CLOSED };

const fn deploys(about: &'static str, change: fn(&Stage)) -> Event {
    Event { about, change, jobs: opened, ends: (0, "deployed") }
}

/// Another repository's project that has the same root, whose pull request of the same number is open.
fn beside_another() -> Stage {
    let stage = one();
    let depot = Repo::new();
    project(&depot, "", "depot");
    depot.write("workflows/depot.yml", spec("depot", &["lake", "pond"])).commit("first");
    let name = "octo-org/depot";
    let path = json!({"id": 77, "path": depot.path(), "private": true, "default_branch": "main"});
    stage.control("PUT", &format!("github/repositories/{name}"), &path);
    let head = depot.head();
    let theirs = |runner: &mut Runner| {
        let workspace = depot.path().to_str().unwrap().to_owned();
        runner
            .set("GITHUB_WORKSPACE", &workspace)
            .set("GITHUB_REPOSITORY", name)
            .set("GITHUB_REPOSITORY_ID", "77")
            .set("GITHUB_SHA", &head);
        runner.input("all", "true");
    };
    let mut main = stage.on_push("refs/heads/change", None);
    theirs(&mut main);
    main.payload("/ref", json!("refs/heads/main")).payload("/after", json!(head)).set("GITHUB_REF", "refs/heads/main");
    stage.run(&main).ended(0, "deployed");
    depot.branch(BRANCH);
    let pull = json!({"base_ref": "main", "head_ref": BRANCH, "state": "open", "user": "octocat"});
    stage.control("PUT", &format!("github/repositories/{name}/pulls/{NUMBER}"), &pull);
    let mut preview = stage.on_pull_request("opened", NUMBER, BRANCH);
    theirs(&mut preview);
    preview.payload("/pull_request/head/sha", json!(head)).payload("/repository/full_name", json!(name));
    for side in ["head", "base"] {
        preview.payload(&format!("/pull_request/{side}/repo/full_name"), json!(name));
    }
    stage.run(&preview).ended(0, "deployed");
    filled(&stage);
    stage.control("PUT", &format!("github/repositories/octo-org/shop/pulls/{NUMBER}"), &json!({"state": "closed"}));
    stage
}

pub(super) const ONE_ROOT: Story = Story {
    name: "one-root",
    before: beside_another,
    has_preview: false,
    events: &[
        deploys("opened", |stage| commit(stage, &[("workflows/more.yml", Some(spec("more", &["lake", "pond"])))])),
        deploys("changed", |stage| commit(stage, &[("workflows/more.yml", Some(spec("more", &["lake"])))])),
        CLOSED,
        CLOSED_AGAIN,
    ],
};

/// Two folders made from one template, both of one name.
fn two_of_one_name() -> Stage {
    let repo = Repo::new();
    for folder in ["a", "b"] {
        project(&repo, folder, "shop");
        repo.write(&format!("{folder}/workflows/base.yml"), spec(&format!("base-{folder}"), &["lake"]));
    }
    repo.commit("first");
    deployed(Stage::with(repo))
}

pub(super) const ONE_NAME: Story = Story {
    name: "one-name",
    before: two_of_one_name,
    has_preview: false,
    events: &[
        deploys("opened", |stage| {
            let more = ["a", "b"].map(|folder| Some(spec(&format!("more-{folder}"), &["pond"])));
            let [a, b] = more;
            commit(stage, &[("a/workflows/more.yml", a), ("b/workflows/more.yml", b)]);
        }),
        Event {
            ends: (0, "unchanged"),
            ..deploys("pushed with nothing of theirs", |stage| commit(stage, &[("notes.md", Some("notes".to_owned()))]))
        },
        CLOSED,
        CLOSED_AGAIN,
    ],
};

fn renamed(stage: &Stage, from: &str, to: &str) {
    let file = stage.repo.read("dltflow.yml").replace(from, to);
    commit(stage, &[("dltflow.yml", Some(file))]);
}

pub(super) const RENAMED: Story = Story {
    name: "renamed",
    before: one_by_default,
    has_preview: false,
    events: &[
        deploys("opened", |stage| commit(stage, &[("workflows/more.yml", Some(spec("more", &["pond"])))])),
        deploys("renamed", |stage| renamed(stage, "name: shop\n", "name: store\n")),
        deploys("given an id", |stage| renamed(stage, "name: store\n", "name: store\n  id: 5f0c\n")),
        CLOSED,
        CLOSED_AGAIN,
    ],
};

pub(super) const TWIN: Story = Story {
    name: "twin",
    before: one,
    has_preview: false,
    events: &[
        Event {
            ends: (3, "failed"),
            ..deploys("copied", |stage| commit(stage, &[("workflows/copy.yml", Some(spec("base", &["lake"])))]))
        },
        deploys("given names of its own", |stage| {
            commit(stage, &[("workflows/copy.yml", Some(spec("copy", &["lake"])))]);
        }),
        CLOSED,
        CLOSED_AGAIN,
    ],
};

pub(super) const REVERTED: Story = Story {
    name: "reverted",
    before: one,
    has_preview: false,
    events: &[
        deploys("opened", |stage| commit(stage, &[("workflows/more.yml", Some(spec("more", &["pond", "river"])))])),
        deploys("one taken back", |stage| commit(stage, &[("workflows/more.yml", Some(spec("more", &["pond"])))])),
        deploys("another schema", |stage| {
            let moved = spec("more", &["pond"]).replace("schema: pond", "schema: brook");
            commit(stage, &[("workflows/more.yml", Some(moved))]);
        }),
        deploys("all taken back", |stage| commit(stage, &[("workflows/more.yml", None)])),
        CLOSED,
        CLOSED_AGAIN,
    ],
};

/// On `main`, as what a merge brings.
fn merged(stage: &Stage) {
    stage.repo.branch("main").git(&["merge", "--quiet", "--ff-only", BRANCH]);
}

fn pushed_with_prune(stage: &Stage) -> Vec<Runner> {
    let mut jobs = push(stage);
    for job in &mut jobs {
        job.input("prune", "destroy");
    }
    jobs
}

pub(super) const MERGED: Story = Story {
    name: "merged",
    before: one,
    has_preview: false,
    events: &[
        deploys("opened", |stage| commit(stage, &[("workflows/more.yml", Some(spec("more", &["pond"])))])),
        Event { change: merged, ..CLOSED },
        Event { about: "main", change: nothing, jobs: push, ends: (0, "deployed") },
        Event {
            about: "removed from main",
            change: |stage| {
                stage.repo.branch("main");
                std::fs::remove_file(stage.repo.path().join("workflows/more.yml")).unwrap();
                stage.repo.commit("removed");
            },
            jobs: pushed_with_prune,
            ends: (0, "deployed"),
        },
        CLOSED_AGAIN,
    ],
};

/// What the build before deployed, the preview of the pull request among it.
const UPGRADED: [Story; 3] = [
    upgrades("upgraded", || upgrade::ALL[0].played()),
    upgrades("upgraded-in-a-folder", || upgrade::ALL[1].played()),
    upgrades("upgraded-with-an-id", || upgrade::ALL[2].played()),
];

const fn upgrades(name: &'static str, before: fn() -> Stage) -> Story {
    Story { name, before, has_preview: true, events: UPGRADE }
}

const UPGRADE: &[Event] = &[
    deploys("changed", |stage| {
        stage.repo.branch(BRANCH);
        let spec = format!("{}/workflows/harbour.yml", folders(stage)[0]);
        stage.repo.replace(spec.trim_start_matches('/'), "schema: harbour", "schema: haven").commit("change");
    }),
    CLOSED,
    CLOSED_AGAIN,
];

#[test]
fn two_projects_on_one_root_live_side_by_side() {
    ONE_ROOT.play();
}

#[test]
fn two_projects_of_one_name_live_side_by_side() {
    ONE_NAME.play();
}

#[test]
fn a_project_that_is_renamed_leaves_nothing() {
    RENAMED.play();
}

#[test]
fn a_copied_workflow_never_reaches_its_twin() {
    TWIN.play();
}

#[test]
fn what_a_pull_request_took_back_leaves_nothing() {
    REVERTED.play();
}

#[test]
fn what_was_merged_stays_until_it_is_pruned() {
    MERGED.play();
}

#[test]
fn what_the_build_before_deployed_is_taken_on_and_leaves_nothing() {
    UPGRADED.iter().for_each(Story::play);
}
