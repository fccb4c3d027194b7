//! `adopt`: what stands already is taken over by its exact name, or with the project that it belonged to.

use serde_json::{Value, json};

use crate::identity::{monorepo, names, project};
use crate::support::{Ran, Repo, Runner, Stage};

const ID: &str = "name: shop\n  id: 5f0c\n";

/// The example in a folder without an id, deployed from `main`.
fn deployed() -> Stage {
    let stage = Stage::with(Repo::new());
    project(&stage.repo, "data", "shop");
    stage.repo.commit("first");
    stage.run(&in_folder(stage.on_push("refs/heads/main", None), "data")).ended(0, "deployed");
    stage.requests();
    stage
}

fn in_folder(mut runner: Runner, folder: &str) -> Runner {
    runner.input("working-directory", folder);
    runner
}

fn ids(stage: &Stage) -> Vec<Value> {
    stage.pipelines().iter().map(|pipeline| pipeline["pipeline_id"].clone()).collect()
}

fn notes(ran: &Ran, code: &str) -> Vec<String> {
    let notes = ran.report["notes"].as_array().unwrap().iter().filter(|note| note["code"] == code);
    notes.map(|note| note["message"].as_str().unwrap().to_owned()).collect()
}

fn writes(stage: &Stage) -> Vec<String> {
    stage.requests().into_iter().filter(|request| !request.starts_with("GET ")).collect()
}

/// What changes the identity of the project in `data`: the change, its folder afterwards, and who it was.
type Change = (&'static str, fn(&Repo), &'static str);
const CHANGES: [Change; 3] = [
    ("renamed", |repo| _ = repo.replace("data/dltflow.yml", "name: shop\n", "name: store\n"), "data"),
    ("given an id", |repo| _ = repo.replace("data/dltflow.yml", "name: shop\n", ID), "data"),
    ("moved", |repo| _ = repo.git(&["mv", "data", "moved"]), "moved"),
];

#[test]
fn a_change_of_identity_is_told_and_carried_over_with_the_former_project() {
    for (case, change, folder) in CHANGES {
        let stage = deployed();
        let before = ids(&stage);
        change(&stage.repo);
        stage.repo.commit(case);
        let run = |adopt: &str| {
            let mut runner = in_folder(stage.on_push("refs/heads/main", None), folder);
            stage.run(runner.input("adopt", adopt))
        };
        let blocked = run("");
        blocked.ended(4, "failed");
        assert_eq!(writes(&stage), Vec::<String>::new(), "{case}");
        for row in blocked.report["workflows"].as_array().unwrap() {
            let (told, hint) = (row["error"]["message"].as_str().unwrap(), row["error"]["hints"][0].as_str().unwrap());
            assert!(
                told.contains("the project `shop` in the folder `data`") && told.contains("renamed, moved"),
                "{told}"
            );
            assert!(hint.contains("adopt: \"project: shop\""), "{hint}");
        }
        let taken = run("project: shop");
        taken.ended(0, "deployed");
        assert_eq!((ids(&stage), taken.output("updated"), taken.output("created")), (before, "2", "0"), "{case}");
        let told = notes(&taken, "adopted");
        for name in ["shop-orders", "shop-returns"] {
            let sentence = format!(
                "`{name}`, which belonged to the environment `dev` of the project `shop` in the folder `data`, is taken over"
            );
            assert!(told.contains(&sentence) && taken.summary.contains(name), "{case}: {told:?}");
        }
        assert_eq!(notes(&taken, "adopt-unused"), Vec::<String>::new());
        run("").ended(0, "unchanged");
        let again = run("project: shop\nshop-orders");
        again.ended(0, "unchanged");
        let unused = notes(&again, "adopt-unused");
        assert!(unused[0].contains("`project: shop`") && unused[1].contains("this project's already"), "{unused:?}");
    }
}

#[test]
fn a_pipeline_that_dltflow_has_not_made_is_taken_over_by_its_exact_name() {
    for (line, code) in
        [("", 5), ("shop-orders", 0), ("shop-*", 5), ("shop-%", 5), ("SHOP-ORDERS", 5), ("project: shop", 5)]
    {
        let stage = Stage::new();
        let theirs = json!({"name": "shop-orders", "storage": "/mnt/lake/shop/dev/orders", "photon": true});
        let id = stage.by_hand("POST", "/api/2.0/pipelines", &theirs)["pipeline_id"].clone();
        let ran = stage.run(stage.on_push("refs/heads/main", None).input("adopt", line));
        assert_eq!(ran.code, code, "{line}: {}", ran.stderr);
        let orders = stage.pipelines().into_iter().find(|pipeline| pipeline["pipeline_id"] == id).unwrap();
        let project = &orders["spec"]["configuration"]["dltflow.project"];
        if code == 0 {
            assert_eq!(project, "0d6d5a52-2f0c-4f1e-9c38-6f0f2b1f7a11");
            assert_eq!(notes(&ran, "adopted"), ["`shop-orders`, which dltflow had not made, is taken over"]);
        } else {
            assert_eq!((project, &orders["spec"]["photon"]), (&Value::Null, &json!(true)), "{line}");
            assert_eq!(notes(&ran, "adopt-unused").len(), usize::from(!line.is_empty()), "{line}");
            assert!(ran.stderr.contains("its exact name in `adopt`"), "{}", ran.stderr);
        }
    }
}

#[test]
fn what_is_taken_over_is_never_recreated() {
    let stage = Stage::new();
    let theirs = json!({"name": "shop-orders", "storage": "/mnt/elsewhere"});
    let id = stage.by_hand("POST", "/api/2.0/pipelines", &theirs)["pipeline_id"].clone();
    let mut push = stage.on_push("refs/heads/main", None);
    let ran = stage.run(push.input("adopt", "shop-orders").input("allow-recreate", "true"));
    ran.ended(5, "failed");
    assert!(ran.stderr.contains("a pipeline that is taken over is not recreated"), "{}", ran.stderr);
    let orders = stage.pipelines().into_iter().find(|pipeline| pipeline["pipeline_id"] == id).unwrap();
    assert_eq!(orders["spec"]["storage"], "/mnt/elsewhere");
}

#[test]
fn a_pull_request_takes_nothing_over() {
    for individual in ["auto", "never"] {
        let stage = deployed();
        stage.repo.branch("renamed").replace("data/dltflow.yml", "name: shop\n", "name: store\n").commit("renamed");
        let mut opened = in_folder(stage.on_pull_request("opened", 42, "renamed"), "data");
        let ran = stage.run(opened.input("adopt", "project: shop\nshop-orders").input("as-individual", individual));
        assert_eq!(ran.code, if individual == "auto" { 0 } else { 4 }, "{}", ran.stderr);
        let shared: Vec<Value> = stage
            .pipelines()
            .into_iter()
            .filter(|found| found["spec"]["configuration"]["dltflow.preview"].is_null())
            .collect();
        assert!(shared.iter().all(|pipeline| pipeline["spec"]["configuration"]["dltflow.project"] == "shop"));
    }
}

#[test]
fn pipelines_of_a_project_that_is_there_are_not_taken_with_it() {
    let stage = monorepo();
    stage.run(&in_folder(stage.on_push("refs/heads/main", None), "apps/a")).ended(0, "deployed");
    // A workflow of the second project gets the name of one of the first.
    stage.repo.replace("apps/b/workflows/orders.yml", "b-orders", "a-orders").commit("copied");
    let mut push = in_folder(stage.on_push("refs/heads/main", None), "apps/b");
    stage.run(push.input("adopt", "project: shop")).ended(5, "failed");
    assert_eq!(names(&stage), ["a-orders", "a-returns", "b-returns"]);
    let orders = &stage.pipelines().into_iter().find(|found| found["spec"]["name"] == "a-orders").unwrap();
    assert_eq!(orders["spec"]["configuration"]["dltflow.folder"], "apps/a");
}

#[test]
fn the_way_to_reproduce_names_what_was_taken_over() {
    let stage = deployed();
    stage.repo.replace("data/dltflow.yml", "name: shop\n", "name: store\n").commit("renamed");
    let mut push = in_folder(stage.on_push("refs/heads/main", None), "data");
    let ran = stage.run(push.input("mode", "plan").input("adopt", "project: shop"));
    ran.ended(0, "planned");
    assert_eq!(notes(&ran, "adopted").len(), 2);
    let words: Vec<&str> =
        ran.report["reproduce"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(words[words.len() - 2..], ["--adopt", "project: shop"]);
    let shown =
        ran.report["plan"]["steps"].as_array().unwrap().iter().filter(|step| step["adopts"].is_string()).count();
    assert_eq!((shown, writes(&stage)), (2, Vec::new()));
}
