//! Wheels and notebooks of an environment that no pipeline uses any more.

use serde_json::{Value, json};

use super::{DAY, MAIN, confirmed, listed, seconds, things, why, writes};
use crate::support::Stage;

const FOLDER: &str = "/Shared/.dltflow/shop/dev";

/// An environment after so many releases, of which each changed the code and a parameter of the orders; each wheel came a
/// day after the one before, the first 30 days ago, and each notebook was seen a moment after its wheel came.
struct Released {
    stage: Stage,
    /// Last names of the wheels, the oldest first.
    wheels: Vec<String>,
    /// Those of the notebooks of the orders.
    orders: Vec<String>,
}

fn released(count: u64) -> Released {
    let mut released = Released { stage: Stage::new(), wheels: Vec::new(), orders: Vec::new() };
    let mut before = None;
    for number in 0..count {
        let Released { stage, wheels, orders } = &mut released;
        stage.repo.write("shop/number.py", format!("NUMBER = {number}\n"));
        let spec = stage.repo.read("workflows/orders.yml");
        let at = spec.find("parameters: [").unwrap() + "parameters: [".len();
        stage.repo.write("workflows/orders.yml", format!("{}--n{number}, x, {}", &spec[..at], &spec[at..]));
        stage.repo.commit(&number.to_string());
        stage.run(&stage.on_push(MAIN, before.as_deref())).ended(0, "deployed");
        before = Some(stage.repo.rev(MAIN));
        let newest = |names: Vec<String>, known: &Vec<String>| names.into_iter().find(|name| !known.contains(name));
        wheels.push(newest(self::wheels(stage), wheels).unwrap());
        let notebooks = notebooks(stage).into_iter().filter(|name| name.starts_with("shop-orders-")).collect();
        orders.push(newest(notebooks, orders).unwrap());
    }
    let Released { stage, wheels, orders } = &released;
    for (wheel, number) in wheels.iter().zip(0..) {
        touch(stage, wheel, 30 - number);
    }
    see(stage, |name| {
        let number = orders.iter().position(|order| order == name).unwrap_or_default();
        seconds() - (30 - number as u64) * DAY + 60
    });
    released
}

/// Says that a file was written so many days ago.
fn touch(stage: &Stage, name: &str, days: u64) {
    let modified = (seconds() - days * DAY) * 1_000;
    stage.control("PUT", &format!("databricks/objects{FOLDER}/{name}"), &json!({"modified_at": modified}));
}

/// Writes into the record when each notebook was first seen.
fn see(stage: &Stage, seen: impl Fn(&str) -> u64) {
    let (path, mut content) = record(stage);
    let names = notebooks(stage).into_iter();
    content["seen"] = names.map(|name| (name.clone(), json!(seen(&name)))).collect();
    stage.write_by_hand(&path, &content.to_string());
}

/// Path and content of the deployment record.
fn record(stage: &Stage) -> (String, Value) {
    let [record] = &objects(stage, |name| name.contains("deployed-"))[..] else { panic!("one record") };
    (record["path"].as_str().unwrap().to_owned(), record["content"].clone())
}

/// Objects in the folder whose names end so, as the sandbox has them.
fn objects(stage: &Stage, is: impl Fn(&str) -> bool) -> Vec<Value> {
    let held = stage.sandbox.state();
    let objects = held["databricks"]["objects"].as_array().unwrap().clone();
    let name = |object: &Value| object["path"].as_str().unwrap().strip_prefix(FOLDER).map(str::to_owned);
    objects.into_iter().filter(|object| name(object).is_some_and(|name| name.starts_with('/') && is(&name))).collect()
}

/// Last names of the wheels, the oldest first.
fn wheels(stage: &Stage) -> Vec<String> {
    let mut wheels = objects(stage, |name| name.ends_with("any.whl"));
    wheels.sort_by_key(|object| object["modified_at"].as_u64());
    wheels.iter().map(last_name).collect()
}

fn notebooks(stage: &Stage) -> Vec<String> {
    objects(stage, |_| true).iter().filter(|object| object["object_type"] == "NOTEBOOK").map(last_name).collect()
}

fn last_name(object: &Value) -> String {
    object["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

#[test]
fn what_no_pipeline_uses_goes_but_for_the_newest_three() {
    let Released { stage, wheels, orders } = released(6);
    let ran = listed(&stage);
    let goes = |name: &str| things(&ran).iter().any(|thing| thing.starts_with("to delete") && thing.ends_with(name));
    for (number, name) in wheels.iter().enumerate() {
        assert_eq!(goes(name), number < 3, "{number} {:#?}", things(&ran));
    }
    for (number, name) in orders.iter().enumerate() {
        assert_eq!(goes(name), number < 3, "{number} {:#?}", things(&ran));
    }
    stage.requests();
    stage.run(&confirmed(&stage)).ended(0, "destroyed");
    let deletions = writes(&stage);
    assert!(deletions.iter().all(|request| request == "POST /api/2.0/workspace/delete"), "{deletions:?}");
    assert_eq!(self::wheels(&stage), wheels[3..]);
    let left: Vec<String> = orders.iter().filter(|name| notebooks(&stage).contains(name)).cloned().collect();
    assert_eq!(left, orders[3..]);
    assert!(things(&listed(&stage)).iter().all(|thing| thing.starts_with("stays ")));
    // What is deployed needs nothing of it.
    stage.requests();
    stage.run(&stage.on_push(MAIN, None)).ended(0, "unchanged");
}

#[test]
fn nothing_younger_than_seven_days_goes() {
    let Released { stage, wheels, orders } = released(5);
    assert!(things(&listed(&stage)).contains(&format!("to delete wheel {}", wheels[0])));
    for wheel in &wheels {
        touch(&stage, wheel, 6);
    }
    see(&stage, |_| seconds() - 6 * DAY);
    let ran = listed(&stage);
    for name in [&wheels[0], &orders[0]] {
        assert_eq!(why(&ran, name), "it is not older than seven days");
    }
}

#[test]
fn what_any_pipeline_uses_stays_whoever_made_it() {
    let Released { stage, wheels, orders } = released(5);
    let (wheel, notebook) = (&wheels[0], &orders[1]);
    let person = json!({"name": "a person's", "environment": {"dependencies": [format!("/Workspace{FOLDER}/{wheel}")]},
                        "libraries": [{"notebook": {"path": format!("{FOLDER}/{notebook}")}}]});
    stage.by_hand("POST", "/api/2.0/pipelines", &person);
    let ran = stage.run(&confirmed(&stage));
    ran.ended(0, "destroyed");
    for name in [wheel, notebook] {
        assert_eq!(why(&ran, name), "the pipeline `a person's` uses it");
    }
    assert!(self::wheels(&stage).contains(wheel) && notebooks(&stage).contains(notebook));
}

#[test]
fn a_pipeline_whose_settings_mean_the_whole_folder_keeps_all_of_it() {
    for settings in [
        json!({"libraries": [{"glob": {"include": "/Workspace/Shared/.dltflow/**"}}]}),
        json!({"root_path": FOLDER, "libraries": []}),
    ] {
        let Released { stage, wheels, .. } = released(4);
        let mut person = settings.clone();
        person["name"] = "a person's".into();
        stage.by_hand("POST", "/api/2.0/pipelines", &person);
        assert!(why(&listed(&stage), &wheels[0]).contains("`a person's` mean its folder"), "{settings}");
    }
}

#[test]
fn where_one_pipeline_cannot_be_read_nothing_goes_and_the_missing_right_is_named() {
    let Released { stage, wheels, .. } = released(5);
    let person = stage.by_hand("POST", "/api/2.0/pipelines", &json!({"name": "a secret", "libraries": []}));
    let path = format!("/api/2.0/pipelines/{}", person["pipeline_id"].as_str().unwrap());
    stage.control("POST", "faults", &json!({"method": "GET", "path": path, "status": 403, "times": 9}));
    stage.requests();
    let ran = stage.run(&confirmed(&stage));
    ran.ended(0, "destroyed");
    assert_eq!(writes(&stage), Vec::<String>::new());
    let why = why(&ran, &wheels[0]);
    assert!(why.contains("`a secret`") && why.contains("`CAN_VIEW`"), "{why}");
}

#[test]
fn all_pages_of_the_listing_are_read_once() {
    let Released { stage, orders, .. } = released(4);
    stage.control("PUT", "settings", &json!({"page_limit": 1}));
    let last = json!({"name": "zz", "libraries": [{"notebook": {"path": format!("{FOLDER}/{}", orders[0])}}]});
    stage.by_hand("POST", "/api/2.0/pipelines", &last);
    stage.requests();
    let ran = stage.run(&confirmed(&stage));
    assert_eq!(why(&ran, &orders[0]), "the pipeline `zz` uses it");
    let listings = stage.requests().into_iter().filter(|request| request == "GET /api/2.0/pipelines").count();
    assert_eq!(listings, stage.pipelines().len());
}

#[test]
fn only_what_a_release_can_have_made_is_a_candidate() {
    let Released { stage, .. } = released(4);
    let others = [
        "notes.txt",
        "shop-1.0-py3-none-any.whl",
        "other-0.0.0+g0123456789ab-py3-none-any.whl",
        "shop-0.0.0+g0123456789ab-py3-none-any.whl.bak",
        "deployed-01234567.json",
        "deployed.json",
    ];
    for name in others {
        stage.write_by_hand(&format!("{FOLDER}/{name}"), "mine");
        touch(&stage, name, 1_000);
    }
    let ran = stage.run(&confirmed(&stage));
    ran.ended(0, "destroyed");
    for name in others {
        assert!(stage.objects().contains(&format!("{FOLDER}/{name}")), "{name}");
        assert!(things(&ran).iter().all(|thing| !thing.ends_with(&format!(" {name}"))), "{name}");
    }
}

#[test]
fn wheels_of_the_build_before_which_were_called_as_the_project_count_with_the_others() {
    let Released { stage, wheels, .. } = released(4);
    assert!(wheels.iter().all(|name| name.starts_with("dltflow_project_shop-")), "{wheels:?}");
    let former = ["shop-0.0.0+g0123456789ab-py3-none-any.whl", "shop-0.0.0+gba9876543210-py3-none-any.whl"];
    for name in former {
        stage.write_by_hand(&format!("{FOLDER}/{name}"), "mine");
        touch(&stage, name, 1_000);
    }
    stage.run(&confirmed(&stage)).ended(0, "destroyed");
    assert_eq!(self::wheels(&stage), wheels[1..]);
}

#[test]
fn notebooks_of_which_no_deployment_recorded_anything_stay() {
    let Released { stage, orders, .. } = released(4);
    stage.remove_by_hand(&record(&stage).0);
    let before = notebooks(&stage);
    let ran = stage.run(&confirmed(&stage));
    ran.ended(0, "destroyed");
    assert_eq!(notebooks(&stage), before);
    assert!(why(&ran, &orders[0]).contains("no deployment has recorded"));
}

#[test]
fn in_a_folder_of_several_projects_the_others_keep_their_notebooks() {
    let Released { stage, orders, .. } = released(4);
    // Another project, whose notebook the record of ours has seen, too.
    let foreign = "harbour-arrivals-0123456789ab";
    let notebook =
        json!({"path": format!("{FOLDER}/{foreign}"), "format": "SOURCE", "language": "PYTHON", "content": ""});
    stage.by_hand("POST", "/api/2.0/workspace/import", &notebook);
    see(&stage, |_| seconds() - 40 * DAY);
    stage.write_by_hand(&format!("{FOLDER}/deployed-01234567.json"), "{}");
    let ran = stage.run(&confirmed(&stage));
    ran.ended(0, "destroyed");
    assert!(why(&ran, foreign).contains("it may be another's"), "{}", why(&ran, foreign));
    assert!(notebooks(&stage).contains(&foreign.to_owned()) && !notebooks(&stage).contains(&orders[0]));
}

#[test]
fn what_cannot_be_deleted_is_named_and_the_rest_goes() {
    let Released { stage, .. } = released(5);
    stage.control("POST", "faults", &json!({"path": "/api/2.0/workspace/delete", "status": 400, "times": 1}));
    let ran = stage.run(&confirmed(&stage));
    ran.ended(5, "failed");
    let failed = things(&ran).iter().filter(|thing| thing.starts_with("failed ")).count();
    assert_eq!(failed, 1, "{:#?}", things(&ran));
    stage.run(&confirmed(&stage)).ended(0, "destroyed");
    assert_eq!(wheels(&stage).len(), 3);
}
