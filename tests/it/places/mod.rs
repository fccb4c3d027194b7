//! Where the repository lies in the workspace of a runner: at it or below it, with the project in any folder. GitHub knows
//! nothing of that, so nothing that a run selects, writes, deploys or says may depend on it.

mod other;

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Ran, Repo, Runner, Stage};

const NUMBER: u64 = 42;
const BRANCH: &str = "change";

/// How a repository got into the workspace.
#[derive(Clone, Copy)]
enum Made {
    /// As `actions/checkout` does it.
    Clone,
    /// Its `.git` is a file.
    Worktree,
}

/// A folder of the workspace with the repository in it.
struct Layout {
    path: &'static str,
    made: Made,
}

const LAYOUTS: [Layout; 5] = [
    Layout { path: "", made: Made::Clone },
    Layout { path: "sub", made: Made::Clone },
    Layout { path: "shop", made: Made::Clone },
    Layout { path: "deep/er", made: Made::Clone },
    Layout { path: "tree", made: Made::Worktree },
];

fn joined(path: &str, folder: &str) -> String {
    [path, folder].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

/// Puts what `runner` is about into a workspace of its own, at `layout`, with the project in `folder` of the repository.
fn check_out(stage: &Stage, runner: &mut Runner, layout: &Layout, folder: &str) {
    let workspace = runner.file("work/shop/shop");
    std::fs::create_dir_all(&workspace).unwrap();
    place(
        &stage.repo,
        &workspace.join(layout.path),
        layout.made,
        &format!("{}/octo-org/shop", stage.sandbox.github_url()),
    );
    runner.set("GITHUB_WORKSPACE", workspace.to_str().unwrap());
    let directory = joined(layout.path, folder);
    if !directory.is_empty() {
        runner.input("working-directory", &directory);
    }
}

/// Puts `HEAD` of `repo` into `at`; `origin` is where it says that it comes from.
fn place(repo: &Repo, at: &Path, made: Made, origin: &str) {
    let at = at.to_str().unwrap();
    match made {
        Made::Clone => {
            repo.git(&["clone", "--quiet", ".", at]);
            repo.git(&["-C", at, "remote", "set-url", "origin", origin]);
            repo.git(&["-C", at, "checkout", "--quiet", "--detach"]);
        }
        Made::Worktree => _ = repo.git(&["worktree", "add", "--quiet", "--detach", at]),
    }
}

/// The example in `folder` of a repository, known by its name and that folder, with its shared pipelines deployed.
fn deployed(folder: &str) -> Stage {
    let repo = Repo::new();
    let example = Repo::of("examples/shop");
    for path in example.git(&["ls-files"]).lines() {
        repo.write(&joined(folder, path), example.read(path));
    }
    repo.replace(&joined(folder, "dltflow.yml"), "\n  id: 0d6d5a52-2f0c-4f1e-9c38-6f0f2b1f7a11", "");
    repo.commit("first");
    let stage = Stage::with(repo);
    let mut runner = stage.on_push("refs/heads/main", None);
    check_out(&stage, &mut runner, &LAYOUTS[0], folder);
    stage.run(&runner).ended(0, "deployed");
    stage.repo.branch(BRANCH);
    stage
}

/// Something that happens to the pull request, and how the job of it ends.
struct Event {
    change: fn(&Repo, &str),
    action: &'static str,
    ends: (i32, &'static str),
}

fn write(repo: &Repo, folder: &str, from: &str, to: &str) {
    repo.replace(&joined(folder, "workflows/orders.yml"), from, to).commit("change");
}

const LIFE: [Event; 6] = [
    Event {
        change: |repo, folder| write(repo, folder, "target: shop_dev\n", "target: shop_dev\n      photn: true\n"),
        action: "opened",
        ends: (3, "failed"),
    },
    Event {
        change: |repo, folder| {
            write(repo, folder, "      photn: true\n", "");
            write(repo, folder, "max_workers: 2", "max_workers: 4");
        },
        action: "synchronize",
        ends: (0, "deployed"),
    },
    Event {
        change: |repo, folder| _ = repo.replace(&joined(folder, "conf/returns.json"), "allow", "drop").commit("change"),
        action: "synchronize",
        ends: (0, "deployed"),
    },
    Event {
        change: |repo, _| _ = repo.write("README.md", "Shop\n").commit("change"),
        action: "synchronize",
        ends: (0, "unchanged"),
    },
    Event {
        change: |repo, folder| {
            repo.git(&["checkout", "--quiet", "main", "--", &joined(folder, "conf/returns.json")]);
            repo.commit("change");
        },
        action: "synchronize",
        ends: (0, "deployed"),
    },
    Event { change: |_, _| {}, action: "closed", ends: (0, "destroyed") },
];

/// All that a job came to, without what tells runs apart.
fn came_of(stage: &Stage, ran: &Ran) -> Value {
    let told = |key: &str| ran.report[key].clone();
    let annotations: Vec<_> = ran.commands.iter().filter(|command| command.name != "add-mask").collect();
    let mut pipelines: Vec<Value> = stage.pipelines().iter().map(|pipeline| pipeline["stored"].clone()).collect();
    pipelines.sort_by_key(|pipeline| pipeline["name"].to_string());
    let rows = told("workflows").as_array().cloned().unwrap_or_default();
    let rows = rows.into_iter().map(|mut row| {
        row["pipeline_id"] = Value::Null;
        row["url"] = Value::Null;
        row
    });
    json!({
        "ended": (ran.code, ran.output("result")), "workflows": rows.collect::<Vec<_>>(), "findings": told("findings"),
        "notes": told("notes"), "error": told("error"), "reproduce": told("reproduce"), "clean_up": told("clean_up"),
        "annotations": format!("{annotations:?}"), "pipelines": pipelines, "objects": stage.objects(),
        "comments": stage.comments(NUMBER).len(),
    })
}

/// The life of a pull request in one layout after the other, a layout for each job.
fn live(folder: &str, layout: impl Fn(usize) -> &'static Layout) -> Vec<Value> {
    let stage = deployed(folder);
    let mut came = Vec::new();
    for (index, event) in LIFE.iter().enumerate() {
        stage.repo.branch(BRANCH);
        (event.change)(&stage.repo, folder);
        let mut runner = stage.on_pull_request(event.action, NUMBER, BRANCH);
        check_out(&stage, &mut runner, layout(index), folder);
        let ran = stage.run(&runner);
        ran.ended(event.ends.0, event.ends.1);
        came.push(came_of(&stage, &ran));
        stage.repo.git(&["worktree", "prune"]);
    }
    came
}

#[test]
fn a_pull_request_has_one_life_wherever_its_repository_is_checked_out() {
    for folder in ["", "apps/shop"] {
        let at_the_workspace = live(folder, |_| &LAYOUTS[0]);
        for layout in &LAYOUTS[1..] {
            let here = live(folder, |_| layout);
            for (index, (expected, is)) in at_the_workspace.iter().zip(&here).enumerate() {
                assert_eq!(is, expected, "`{folder}` in `{}`, job {index}", layout.path);
            }
        }
        // The layout may change from one job to the next: it is one preview.
        let here = live(folder, |index| &LAYOUTS[index % LAYOUTS.len()]);
        assert_eq!(here, at_the_workspace, "`{folder}`, moved");
    }
}

#[test]
fn what_a_pull_request_touches_is_found_and_annotated_below_the_workspace() {
    for (folder, layout) in [("", &LAYOUTS[1]), ("apps/shop", &LAYOUTS[1]), ("apps/shop", &LAYOUTS[3])] {
        let came = live(folder, |_| layout);
        let spec = joined(folder, "workflows/orders.yml");
        let annotation = format!("\"file\": \"{spec}\"");
        assert!(came[0]["annotations"].as_str().unwrap().contains(&annotation), "{}", came[0]["annotations"]);
        assert_eq!(came[0]["findings"][0]["path"], spec);
        let workflows = |came: &Value| {
            let rows = came["workflows"].as_array().unwrap().iter();
            rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(workflows(&came[1]), ["shop-orders"], "{folder}");
        assert_eq!(workflows(&came[2]), ["shop-orders", "shop-returns"], "{folder}");
        assert_eq!(
            came[2]["workflows"][1]["reasons"][0],
            format!("its configuration `{}` changed", joined(folder, "conf/returns.json"))
        );
        let words = came[1]["reproduce"].as_array().unwrap();
        let directory = words.iter().position(|word| word == "--working-directory").map(|index| &words[index + 1]);
        assert_eq!(directory.and_then(Value::as_str), Some(folder).filter(|folder| !folder.is_empty()));
    }
}
