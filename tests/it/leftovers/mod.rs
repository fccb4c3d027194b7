//! Shared pipelines whose workflow is gone from the specs: named on each run until they are gone, and destroyed only where
//! that is asked for and nothing is in doubt.

mod prune;

use serde_json::{Value, json};

use crate::support::{Ran, Repo, Runner, Stage};

const MAIN: &str = "refs/heads/main";

type Run = fn(&Stage) -> Runner;
type Change<'a> = &'a dyn Fn(&Stage);

fn spec(name: &str) -> String {
    let item = json!({"python_file": "stock/orders.py", "parameters": ["--conf", "conf/orders.json"]});
    let workflow = json!({"name": name, "target": "stock", "storage": format!("/mnt/lake/{name}"), "edition": "PRO",
                          "tasks": {"items": [item]}});
    json!({"dev": {"workflows": [workflow]}}).to_string()
}

/// A project of three workflows, each with a spec of its own.
fn project() -> Repo {
    let repo = Repo::new();
    let targets =
        "targets: {dev: {workspace: {root_path: /Shared/.dltflow}, deploy: {branches: [main], tags: ['v*']}}}\n";
    repo.write("dltflow.yml", format!("dltflow: {{name: shop}}\ninclude: {{code: {{name: stock}}}}\n{targets}"));
    repo.write("stock/orders.py", "class Orders:\n    pass\n");
    repo.write("conf/orders.json", r#"{"dlt": {"func_name": "orders", "kind": "table"}}"#);
    for name in ["orders", "returns", "visits"] {
        repo.write(&format!("workflows/{name}.json"), spec(&format!("stock-{name}")));
    }
    repo.commit("first");
    repo
}

fn deployed() -> Stage {
    let stage = Stage::with(project());
    stage.run(&stage.on_push(MAIN, None)).ended(0, "deployed");
    stage
}

/// The same, and the spec of `stock-visits` gone from `main` since.
fn left() -> Stage {
    let stage = deployed();
    remove(&stage, "workflows/visits.json");
    stage
}

fn remove(stage: &Stage, path: &str) {
    std::fs::remove_file(stage.repo.path().join(path)).unwrap();
    stage.repo.commit("removed");
}

fn push(stage: &Stage) -> Runner {
    let before = stage.repo.head();
    stage.repo.write("notes.md", before.as_bytes()).commit("notes");
    stage.on_push(MAIN, Some(&before))
}

fn pruning(stage: &Stage) -> Runner {
    let mut runner = push(stage);
    runner.input("prune", "destroy");
    runner
}

fn dispatch(stage: &Stage) -> Runner {
    stage.on("workflow_dispatch", &json!({"ref": MAIN}), MAIN, &stage.repo.head())
}

fn schedule(stage: &Stage) -> Runner {
    stage.on("schedule", &json!({"schedule": "0 4 * * *"}), MAIN, &stage.repo.head())
}

fn tag(stage: &Stage) -> Runner {
    stage.repo.git(&["tag", "--force", "v1"]);
    stage.on_push("refs/tags/v1", None)
}

fn merge_group(stage: &Stage) -> Runner {
    let head = stage.repo.head();
    let queue = "refs/heads/gh-readonly-queue/main/pr-1-0";
    let group = json!({"base_ref": MAIN, "base_sha": head, "head_ref": queue, "head_sha": head});
    stage.on("merge_group", &json!({"action": "checks_requested", "merge_group": group}), queue, &head)
}

/// The notes about what is left over.
fn notes(ran: &Ran) -> Vec<&Value> {
    ran.report["notes"].as_array().unwrap().iter().filter(|note| note["code"] == "leftover").collect()
}

/// What the only note about something left over says.
#[track_caller]
fn note(ran: &Ran) -> &str {
    let [note] = notes(ran)[..] else { panic!("{}\n{}", ran.stderr, ran.report) };
    note["message"].as_str().unwrap()
}

fn names(stage: &Stage) -> Vec<String> {
    let name = |pipeline: &Value| pipeline["spec"]["name"].as_str().unwrap().to_owned();
    let mut names: Vec<String> = stage.pipelines().iter().map(name).collect();
    names.sort();
    names
}

/// Gives the pipeline of the workflow that is gone another ownership.
fn mark(stage: &Stage, key: &str, value: &str) {
    let found = stage.pipelines().into_iter().find(|found| found["spec"]["name"] == "stock-visits").unwrap();
    let mut marks = found["spec"]["configuration"].clone();
    marks[key] = json!(value);
    stage.edit_by_hand("stock-visits", &json!({"configuration": marks}));
}

#[test]
fn a_pipeline_whose_workflow_is_gone_is_named_on_each_run_until_it_is_gone_too() {
    let stage = left();
    let id = stage.id_of("stock-visits");
    let runs: [(&str, Run); 5] =
        [("push", push), ("dispatch", dispatch), ("tag", tag), ("merge group", merge_group), ("schedule", schedule)];
    for (name, run) in runs {
        let ran = stage.run(&run(&stage));
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        let told = note(&ran);
        assert!(told.starts_with(&format!("the pipeline `stock-visits` (`{id}`) is left over: ")), "{name}: {told}");
        assert!(
            told.contains("/mnt/lake/stock-visits") && told.ends_with("let `prune: destroy` do that"),
            "{name}: {told}"
        );
        let page = format!("/pipelines/{id}");
        for text in [notes(&ran)[0]["url"].as_str().unwrap(), &ran.stderr, &ran.summary, &ran.stdout] {
            assert!(text.contains(&page), "{name}: {text}");
        }
    }
    stage.delete_by_hand("stock-visits");
    stage.repo.replace("workflows/orders.json", "PRO", "CORE");
    assert_eq!(notes(&stage.run(&push(&stage))).len(), 0);
    assert_eq!(names(&stage), ["stock-orders", "stock-returns"]);
    let all = stage.sandbox.state();
    let objects = all["databricks"]["objects"].as_array().unwrap();
    let record = objects.iter().find(|object| object["path"].as_str().unwrap().contains("/deployed-")).unwrap();
    assert_eq!(record["content"]["pipelines"], json!(["stock-orders", "stock-returns"]), "names that are gone go");
}

#[test]
fn whatever_way_a_workflow_went_its_pipeline_is_left_over() {
    let rename = |stage: &Stage| _ = stage.repo.replace("workflows/visits.json", "stock-visits", "stock-guests");
    let other_environment = |stage: &Stage| _ = stage.repo.replace("workflows/visits.json", "\"dev\"", "\"prod\"");
    let moved = |stage: &Stage| {
        stage.repo.write("workflows/more/guests.json", spec("stock-guests"));
        remove(stage, "workflows/visits.json");
    };
    let emptied = |stage: &Stage| _ = stage.repo.write("workflows/visits.json", r#"{"dev": {"workflows": []}}"#);
    let ways: [(&str, Change<'_>, usize); 4] = [
        ("renamed", &rename, 1),
        ("of another environment only", &other_environment, 0),
        ("renamed and moved", &moved, 1),
        ("out of its spec", &emptied, 0),
    ];
    for (way, go, created) in ways {
        let stage = deployed();
        stage.repo.replace("dltflow.yml", "targets: {", "targets: {prod: {}, ").commit("another target");
        go(&stage);
        stage.repo.commit(way);
        let ran = stage.run(&stage.on_push(MAIN, None));
        assert_eq!((ran.code, ran.output("created")), (0, created.to_string().as_str()), "{way}: {}", ran.stderr);
        assert!(note(&ran).contains("`stock-visits`"), "{way}");
    }
    let stage = deployed();
    stage.repo.write("workflows/none.json", r#"{"dev": {"workflows": []}}"#);
    for name in ["orders", "returns", "visits"] {
        remove(&stage, &format!("workflows/{name}.json"));
    }
    assert_eq!(notes(&stage.run(&stage.on_push(MAIN, None))).len(), 3, "all workflows");
}

/// As after the first run of this build, whose record the build before did not keep.
#[test]
fn without_a_record_leftovers_are_found_by_their_notebooks() {
    for (case, text) in [("no record", None), ("one without names", Some("{}"))] {
        let stage = left();
        let path = stage.objects().into_iter().find(|path| path.contains("/deployed-")).unwrap();
        match text {
            Some(text) => stage.write_by_hand(&path, text),
            None => stage.remove_by_hand(&path),
        }
        assert!(note(&stage.run(&push(&stage))).contains("`stock-visits`"), "{case}");
        stage.requests();
        let ran = stage.run(&push(&stage));
        assert!(note(&ran).contains("`stock-visits`"), "{case}, the next run");
        let lists = stage.requests().iter().filter(|request| *request == "GET /api/2.0/pipelines").count();
        assert_eq!(lists, 1, "{case}: it is recorded now");
    }
}

#[test]
fn a_project_in_the_same_folder_is_not_left_over() {
    let stage = left();
    let path = stage.objects().into_iter().find(|path| path.contains("/deployed-")).unwrap();
    stage.remove_by_hand(&path);
    mark(&stage, "dltflow.project", "warehouse");
    let ran = stage.run(&pruning(&stage));
    assert_eq!((ran.code, notes(&ran).len(), names(&stage).len()), (0, 0, 3), "{}", ran.stderr);
}
