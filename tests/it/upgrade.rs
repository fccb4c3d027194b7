//! What the build before this one deployed is found, kept, and destroyed when its pull request is closed.
//!
//! `tests/corpora/before` has the writes of the build of commit 1326a75, as it sent them: a checkout of that commit ran, with
//! its own program and its own `Stage`, what [`Before::played`] stands for here (a push to `main`, then the opening of pull
//! request 42, with the files of [`Before::repo`]), and the requests to the workspace other than `GET` were taken from the log
//! of its sandbox. The bytes of wheels are replaced by two words. Its pipelines have no `dltflow.folder`, and its previews in a
//! folder of a repository have the suffix of the name alone.

use serde_json::{Value, json};

use crate::support::{Ran, Repo, Runner, Stage};

const SPEC: &str = "
dev:
  workflows:
    - name: arrivals
      catalog: main
      schema: harbour
      serverless: true
      tasks:
        items: [{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]
    - name: departures
      target: harbour_hive
      storage: /mnt/lake/departures
      tasks:
        items: [{python_file: shop/pipelines/returns.py, parameters: [--conf, conf/returns.json]}]
";
const ID: &str = "  id: 0d6d5a52-2f0c-4f1e-9c38-6f0f2b1f7a11\n";

/// A project that the build before deployed.
pub(crate) struct Before {
    /// The name of its writes among the corpora.
    writes: &'static str,
    folder: &'static str,
    has_id: bool,
}

pub(crate) const ALL: [Before; 3] = [
    Before { writes: "root", folder: ".", has_id: false },
    Before { writes: "folder", folder: "apps/a", has_id: false },
    Before { writes: "id", folder: "apps/a", has_id: true },
];

impl Before {
    /// Its files, the change of its pull request on the branch `change`.
    fn repo(&self) -> Repo {
        let (repo, example) = (Repo::new(), Repo::of("examples/shop"));
        for path in example.git(&["ls-files"]).lines().filter(|path| !path.starts_with("workflows/")) {
            repo.write(&format!("{}/{path}", self.folder), example.read(path));
        }
        if !self.has_id {
            repo.replace(&format!("{}/dltflow.yml", self.folder), ID, "");
        }
        repo.write(&self.spec(), SPEC).commit("first");
        repo.branch("change").write(&self.spec(), SPEC.replace(".json]", ".json, --fast]")).commit("change");
        repo
    }

    fn spec(&self) -> String {
        format!("{}/workflows/harbour.yml", self.folder)
    }

    /// The workspace as that build left it.
    pub(crate) fn played(&self) -> Stage {
        let stage = Stage::with(self.repo());
        let path = format!("{}/tests/corpora/before/{}.jsonl", env!("CARGO_MANIFEST_DIR"), self.writes);
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let write: Value = serde_json::from_str(line).unwrap();
            stage.by_hand(write["method"].as_str().unwrap(), write["path"].as_str().unwrap(), &write["body"]);
        }
        stage.requests();
        stage
    }

    fn step(&self, mut runner: Runner) -> Runner {
        runner.input("working-directory", self.folder);
        runner
    }
}

/// Name and id of each pipeline.
fn pipelines(stage: &Stage) -> Vec<(String, Value)> {
    let named = |it: &Value| (it["spec"]["name"].as_str().unwrap().to_owned(), it["pipeline_id"].clone());
    let mut all: Vec<_> = stage.pipelines().iter().map(named).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// Nothing was made anew and nothing taken away; whether there was something to edit depends on the runtime of this build.
#[track_caller]
fn kept(ran: &Ran) {
    let counts = &ran.report["counts"];
    assert_eq!((ran.code, &counts["created"], &counts["destroyed"]), (0, &json!(0), &json!(0)), "{}", ran.stderr);
}

/// Everything of pull request 42 in the workspace.
fn of_pull_request(stage: &Stage) -> Vec<String> {
    let pipelines = stage.pipelines().into_iter().map(|it| it["spec"]["name"].as_str().unwrap().to_owned());
    let held = stage.sandbox.state();
    let schemas = held["databricks"]["schemas"].as_array().unwrap();
    let schemas = schemas.iter().map(|schema| schema["full_name"].as_str().unwrap().to_owned());
    pipelines.chain(schemas).chain(stage.objects()).filter(|name| name.contains("pr42")).collect()
}

#[test]
fn shared_pipelines_and_previews_are_kept_as_the_same_pipelines() {
    for before in ALL {
        let stage = before.played();
        let (stood, case) = (pipelines(&stage), before.writes);
        let places = |stage: &Stage| -> Vec<Value> {
            stage
                .pipelines()
                .iter()
                .map(|it| json!([it["spec"]["schema"], it["spec"]["target"], it["spec"]["storage"]]))
                .collect()
        };
        let stood_in = places(&stage);
        for round in 0..2 {
            kept(&stage.run(&before.step(stage.on_pull_request("synchronize", 42, "change"))));
            stage.repo.branch("main");
            kept(&stage.run(&before.step(stage.on_push("refs/heads/main", None))));
            assert_eq!((pipelines(&stage), places(&stage)), (stood.clone(), stood_in.clone()), "{case}");
            // The folder is no reason to write, and is written with the next change.
            if round == 0 {
                for branch in ["main", "change"] {
                    stage.repo.branch(branch).replace(
                        &before.spec(),
                        "serverless: true",
                        "serverless: true\n      photon: true",
                    );
                    stage.repo.replace(
                        &before.spec(),
                        "target: harbour_hive",
                        "target: harbour_hive\n      photon: true",
                    );
                    stage.repo.commit("photon");
                }
            }
        }
        for pipeline in stage.pipelines() {
            let folder = if before.has_id { Value::Null } else { json!(before.folder) };
            assert_eq!(pipeline["spec"]["configuration"]["dltflow.folder"], folder, "{case}");
        }
        // From now on nothing is to be done.
        stage.requests();
        stage.run(&before.step(stage.on_push("refs/heads/main", None))).ended(0, "unchanged");
        stage.run(&before.step(stage.on_pull_request("synchronize", 42, "change"))).ended(0, "unchanged");
        let written: Vec<String> =
            stage.requests().into_iter().filter(|request| !request.starts_with("GET ")).collect();
        assert_eq!(written, Vec::<String>::new(), "{case}");
    }
}

#[test]
fn a_preview_of_the_build_before_leaves_nothing_when_it_is_closed() {
    for before in ALL {
        for runs_again in [false, true] {
            let stage = before.played();
            if runs_again {
                kept(&stage.run(&before.step(stage.on_pull_request("synchronize", 42, "change"))));
            }
            assert!(of_pull_request(&stage).len() >= 5, "{:?}", of_pull_request(&stage));
            stage.run(&before.step(stage.on_pull_request("closed", 42, "change"))).ended(0, "destroyed");
            assert_eq!(of_pull_request(&stage), Vec::<String>::new(), "{} {runs_again}", before.writes);
            assert_eq!(pipelines(&stage).len(), 2, "the shared ones stay");
        }
    }
}

#[test]
fn what_another_folder_of_that_name_deployed_before_is_not_ours() {
    let stage = ALL[1].played();
    let stood = pipelines(&stage);
    // A second folder from the same template, with workflows of the same names.
    stage.repo.git(&["mv", "apps/a", "apps/b"]);
    stage.repo.git(&["checkout", "HEAD", "--", "apps/a"]);
    stage.repo.commit("copied");
    let mut closed = stage.on_pull_request("closed", 42, "change");
    stage.run(closed.input("working-directory", "apps/b")).ended(0, "destroyed");
    assert_eq!(pipelines(&stage), stood);
    let mut push = stage.on_push("refs/heads/main", None);
    stage.run(push.input("working-directory", "apps/b")).ended(4, "failed");
    assert_eq!(pipelines(&stage), stood);
}
