//! Shared environments converge: what is missing or changed in the workspace is seen and made good, whatever was pushed.

mod large;

use serde_json::{Value, json};

use crate::support::{Ran, Repo, Runner, Stage};

const MAIN: &str = "refs/heads/main";

/// A project of several workflows that is deployed by branch and tag to one environment.
fn project(workflows: usize) -> Repo {
    let repo = Repo::new();
    let targets = "targets: {dev: {deploy: {branches: [main], tags: ['v*']}}}\n";
    repo.write("dltflow.yml", format!("dltflow: {{name: shop}}\ninclude: {{code: {{name: stock}}}}\n{targets}"));
    repo.write("stock/orders.py", "class Orders:\n    pass\n");
    repo.write("conf/orders.json", r#"{"dlt": {"func_name": "orders", "kind": "table"}}"#);
    for index in 0..workflows {
        repo.write(&format!("workflows/{index}.json"), spec(&format!("stock-{index}"), index));
    }
    repo.commit("first");
    repo
}

fn spec(name: &str, index: usize) -> String {
    let item = json!({"python_file": "stock/orders.py", "parameters": ["--conf", "conf/orders.json"]});
    let workflow = json!({"name": name, "target": "stock", "storage": format!("/mnt/lake/{index}"), "edition": "PRO",
                          "tasks": {"items": [item]}});
    json!({"dev": {"workflows": [workflow]}}).to_string()
}

/// Three workflows that stand as their specs say.
fn deployed() -> Stage {
    let stage = Stage::with(project(3));
    stage.run(&stage.on_push(MAIN, None)).ended(0, "deployed");
    stage.requests();
    stage
}

/// A push of a commit that affects no workflow.
fn push(stage: &Stage) -> Runner {
    let before = stage.repo.head();
    stage.repo.write("notes.md", before.as_bytes()).commit("notes");
    stage.on_push(MAIN, Some(&before))
}

fn event(name: &str) -> impl Fn(&Stage) -> Runner {
    move |stage| stage.on(name, &json!({"ref": MAIN, "schedule": "0 4 * * *"}), MAIN, &stage.repo.head())
}

fn merge_group(stage: &Stage) -> Runner {
    let head = stage.repo.head();
    let queue = "refs/heads/gh-readonly-queue/main/pr-1-0";
    let group = json!({"base_ref": MAIN, "base_sha": head, "head_ref": queue, "head_sha": head});
    stage.on("merge_group", &json!({"action": "checks_requested", "merge_group": group}), queue, &head)
}

fn tag(stage: &Stage) -> Runner {
    stage.repo.git(&["tag", "v1"]);
    stage.on_push("refs/tags/v1", None)
}

fn delete(stage: &Stage) {
    stage.delete_by_hand("stock-1");
}

fn edit(stage: &Stage) {
    stage.edit_by_hand("stock-1", &json!({"edition": "CORE"}));
}

/// The name gone, the pipeline that had it still there.
fn rename(stage: &Stage) {
    stage.edit_by_hand("stock-1", &json!({"name": "mine"}));
}

/// Each row of the report: name, change, reasons.
fn rows(ran: &Ran) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let row = |row: &Value| {
        let reasons: Vec<String> = row["reasons"].as_array().unwrap().iter().map(text).collect();
        format!("{} {} {}: {}", text(&row["name"]), text(&row["change"]), text(&row["status"]), reasons.join(", "))
    };
    ran.report["workflows"].as_array().unwrap().iter().map(row).collect()
}

fn notes(ran: &Ran) -> Vec<String> {
    let notes = ran.report["notes"].as_array().unwrap().iter();
    notes.map(|note| format!("{}: {}", note["code"].as_str().unwrap(), note["message"].as_str().unwrap())).collect()
}

/// The settings of the three, without what each run sets.
fn settings(stage: &Stage) -> Vec<Value> {
    let mut all: Vec<Value> = stage.pipelines().iter().map(|pipeline| pipeline["spec"].clone()).collect();
    for settings in &mut all {
        settings.as_object_mut().unwrap().remove("id");
        for mark in ["dltflow.commit", "dltflow.run"] {
            settings["configuration"].as_object_mut().unwrap().remove(mark);
        }
    }
    all.retain(|settings| settings["name"].as_str().unwrap().starts_with("stock-"));
    all.sort_by_key(|settings| settings["name"].as_str().unwrap().to_owned());
    all
}

/// What happens behind our back, and what is told then.
type Case<'a> = (&'a str, &'a dyn Fn(&Stage), &'a str);
type Happened = (&'static str, fn(&Stage), &'static str, &'static str);

const HAPPENED: [Happened; 3] = [
    ("deleted", delete, "create", "its pipeline was missing in the workspace"),
    ("renamed", rename, "create", "its pipeline was missing in the workspace"),
    ("edited", edit, "update", "its pipeline was changed in the workspace"),
];

#[test]
fn a_push_that_touches_nothing_makes_good_what_happened_in_the_workspace() {
    for (case, happen, change, reason) in HAPPENED {
        let stage = deployed();
        let before = settings(&stage);
        happen(&stage);
        let ran = stage.run(&push(&stage));
        ran.ended(0, "deployed");
        assert_eq!(rows(&ran), [format!("stock-1 {change} done: {reason}")], "{case}");
        assert_eq!(settings(&stage), before, "{case}");
        assert_eq!(
            ran.report["sentence"], "1 pipeline is up to date, and so are 2 others that the change does not affect",
            "{case}"
        );
        stage.run(&push(&stage)).ended(0, "unchanged");
    }
}

#[test]
fn every_event_of_a_branch_or_tag_sees_what_happened_in_the_workspace() {
    type On = Box<dyn Fn(&Stage) -> Runner>;
    let events: [(&str, On, &str); 6] = [
        ("push", Box::new(push), "deployed"),
        ("dispatch", Box::new(event("workflow_dispatch")), "deployed"),
        ("tag", Box::new(tag), "deployed"),
        (
            "all",
            Box::new(|stage| {
                let mut runner = push(stage);
                runner.input("all", "true");
                runner
            }),
            "deployed",
        ),
        ("merge_group", Box::new(merge_group), "planned"),
        ("schedule", Box::new(event("schedule")), "planned"),
    ];
    for (name, on, result) in events {
        for (case, happen, change, _) in HAPPENED {
            let stage = deployed();
            let before = settings(&stage);
            happen(&stage);
            let ran = stage.run(&on(&stage));
            ran.ended(0, result);
            let row = rows(&ran).into_iter().find(|row| row.starts_with("stock-1 ")).unwrap_or_default();
            let status = if result == "planned" { "planned" } else { "done" };
            assert!(row.starts_with(&format!("stock-1 {change} {status}")), "{name}, {case}: {row}");
            assert_eq!(result == "deployed", settings(&stage) == before, "{name}, {case}");
        }
    }
}

#[test]
fn a_dispatch_and_a_schedule_show_every_workflow() {
    for (name, result) in [("workflow_dispatch", "unchanged"), ("schedule", "planned")] {
        let stage = deployed();
        let ran = stage.run(&event(name)(&stage));
        ran.ended(0, result);
        assert_eq!(ran.output("unchanged"), "3", "{name}");
    }
}

#[test]
fn what_a_push_does_not_touch_is_seen_by_one_listing_and_needs_no_row() {
    let stage = deployed();
    let ran = stage.run(&push(&stage));
    ran.ended(0, "unchanged");
    assert_eq!((rows(&ran), notes(&ran)), (Vec::new(), Vec::new()));
    assert_eq!(ran.report["sentence"], "no workflow is affected, and 3 pipelines are up to date");
    let mut requests = stage.requests();
    requests.sort();
    let one = requests[1].clone();
    assert!(one.starts_with("GET /api/2.0/pipelines/"), "{requests:#?}");
    let known = [
        "GET /api/2.0/pipelines",
        "GET /api/2.0/preview/scim/v2/Me",
        "GET /api/2.0/workspace/export",
        "GET /api/2.0/workspace/list",
    ];
    requests.retain(|request| !request.starts_with("GET /api/2.0/pipelines/"));
    assert_eq!(requests, known);
}

/// The kind: objects that the pipelines run, and the folder as a whole.
#[test]
fn what_was_deleted_from_the_folder_comes_back() {
    let folder = "/Shared/.dltflow/shop/dev";
    for case in ["wheel", "notebook", "folder"] {
        let stage = deployed();
        let (before, objects) = (settings(&stage), stage.objects());
        let of_one = |path: &&String| match case {
            "wheel" => path.contains(".whl"),
            "notebook" => path.contains("/stock-1-"),
            _ => *path == folder,
        };
        stage.remove_by_hand(objects.iter().find(of_one).unwrap());
        let ran = stage.run(&push(&stage));
        assert_eq!(ran.code, 0, "{case}: {}", ran.stderr);
        assert_eq!((settings(&stage), stage.objects()), (before, objects), "{case}: {}", ran.stderr);
    }
}

#[test]
fn what_is_wrong_with_an_untouched_workflow_fails_no_push() {
    let twin = |stage: &Stage| {
        let mut copy = stage.pipelines()[1]["spec"].clone();
        copy["allow_duplicate_names"] = json!(true);
        copy["name"] = json!("stock-1");
        copy.as_object_mut().unwrap().remove("id");
        stage.by_hand("POST", "/api/2.0/pipelines", &copy);
    };
    let disown = |stage: &Stage| stage.edit_by_hand("stock-1", &json!({"configuration": {"team": "analysts"}}));
    let cases: [Case<'_>; 2] = [
        (
            "a twin",
            &twin,
            "left-alone: `stock-1`, which the change does not affect, was left as it is: 2 pipelines have the name",
        ),
        (
            "unowned",
            &disown,
            "left-alone: `stock-1`, which the change does not affect, was left as it is: a pipeline of this name exists",
        ),
    ];
    for (case, happen, note) in cases {
        let stage = deployed();
        happen(&stage);
        let before = stage.pipelines();
        // What is recreated is what a change asks for, and no more.
        let ran = stage.run(push(&stage).input("allow-recreate", "true"));
        ran.ended(0, "unchanged");
        assert!(notes(&ran).iter().any(|told| told.starts_with(note)), "{case}: {:?}", notes(&ran));
        assert_eq!(stage.pipelines(), before, "{case}");
    }
}

/// One that the token cannot see is not listed: it counts as missing, and its name is taken.
fn hide(stage: &Stage) {
    stage.control("PUT", &format!("databricks/pipelines/{}", stage.id_of("stock-1")), &json!({"hidden": true}));
}

const UNSEEN: &str = "left-alone: `stock-1`, which the change does not affect, was left as it is: the name `stock-1` is taken \
                      by a pipeline that this token cannot see";

#[test]
fn what_the_token_cannot_see_of_an_untouched_workflow_fails_no_push() {
    for status in [409, 400] {
        let stage = deployed();
        stage.control("PUT", "settings", &json!({"taken_name_status": status}));
        hide(&stage);
        let before = stage.pipelines();
        let ran = stage.run(&push(&stage));
        ran.ended(0, "unchanged");
        let told = notes(&ran);
        assert!(told.len() == 1 && told[0].starts_with(UNSEEN) && told[0].contains("`CAN_VIEW`"), "{status}: {told:?}");
        assert_eq!(ran.report["sentence"], "no workflow is affected, and 2 pipelines are up to date");
        assert_eq!((rows(&ran), stage.pipelines()), (Vec::new(), before), "{status}");
        // Nor does it hold up what is due for others.
        stage.edit_by_hand("stock-2", &json!({"edition": "CORE"}));
        let ran = stage.run(&push(&stage));
        ran.ended(0, "deployed");
        assert_eq!(rows(&ran), ["stock-2 update done: its pipeline was changed in the workspace"], "{status}");
        assert_eq!(
            ran.report["sentence"],
            "1 pipeline is up to date, and so is 1 other that the change does not affect"
        );
    }
}

#[test]
fn what_the_token_cannot_see_of_a_touched_workflow_fails_the_push() {
    let stage = deployed();
    hide(&stage);
    let before = stage.repo.head();
    stage.repo.replace("workflows/1.json", "PRO", "CORE").commit("edition");
    let ran = stage.run(&stage.on_push(MAIN, Some(&before)));
    assert!(ran.ended(4, "failed").stderr.contains("cannot see"), "{}", ran.stderr);
}

#[test]
fn a_missing_pipeline_of_an_untouched_workflow_that_cannot_be_made_fails_the_push() {
    for (status, code) in [(400, 4), (403, 6)] {
        let stage = deployed();
        delete(&stage);
        let refuse = json!({"method": "POST", "path": "/api/2.0/pipelines", "status": status, "times": 9});
        stage.control("POST", "faults", &refuse);
        stage.run(&push(&stage)).ended(code, "failed");
        stage.control("DELETE", "faults", &Value::Null);
        let ran = stage.run(&push(&stage));
        ran.ended(0, "deployed");
        assert_eq!(ran.output("created"), "1", "{status}");
    }
}

#[test]
fn an_invalid_workflow_that_nothing_touches_stays_a_warning_and_is_left_alone() {
    let stage = Stage::with(project(3));
    stage
        .repo
        .write("workflows/1.json", spec("stock-1", 1).replace("stock/orders.py", "stock/none.py"))
        .commit("broken");
    let first = stage.run(stage.on_push(MAIN, None).input("workflows", "workflows/[02].json"));
    first.ended(0, "deployed");
    // A record of a complete deployment, as an earlier version without the rule would have left it.
    let path = stage.objects().into_iter().find(|path| path.contains("/deployed-")).unwrap();
    let complete = json!({"commit": stage.repo.head(), "version": env!("CARGO_PKG_VERSION"), "pipelines": ["stock-0"]});
    stage.write_by_hand(&path, &complete.to_string());
    stage.delete_by_hand("stock-2");
    let ran = stage.run(&push(&stage));
    ran.ended(0, "deployed");
    assert_eq!(rows(&ran), ["stock-2 create done: its pipeline was missing in the workspace"]);
    let names: Vec<String> = settings(&stage).iter().map(|found| found["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["stock-0", "stock-2"]);
    let finding = &ran.report["findings"][0];
    assert_eq!((&finding["rule"], &finding["severity"]), (&json!("missing-python-file"), &json!("warning")));
}

#[test]
fn a_run_that_names_its_specs_is_not_widened_beyond_them() {
    let stage = deployed();
    for name in ["stock-0", "stock-1", "stock-2"] {
        stage.edit_by_hand(name, &json!({"edition": "CORE"}));
    }
    let ran = stage.run(push(&stage).input("workflows", "workflows/1.json"));
    ran.ended(0, "deployed");
    let edited: Vec<String> = settings(&stage)
        .iter()
        .filter(|found| found["edition"] == "CORE")
        .map(|found| found["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(edited, ["stock-0", "stock-2"]);
}
