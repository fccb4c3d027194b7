//! `plan`: shows what a deployment would do, and writes nothing.

use serde_json::{Value, json};

use super::{Shell, names, pipeline, remark, tamper, writes};
use crate::support::Stage;

const DEPLOY: &str = "deploy --deployment-file workflows/orders.yml --environment dev";
const PLAN: &str = "plan --deployment-file workflows/orders.yml --environment dev";

/// Orders stand, and nothing was asked since.
fn deployed() -> Stage {
    let stage = Stage::new();
    Shell::of(&stage).run(DEPLOY).ended(0);
    stage.requests();
    stage
}

#[test]
fn a_plan_reads_and_never_writes() {
    let stage = Stage::new();
    let report = Shell::of(&stage).run("plan --environment dev --output json").ended(0).json();
    assert_eq!((&report["result"], &report["counts"]["planned"]), (&json!("planned"), &json!(2)));
    let requests = stage.requests();
    assert!(!requests.is_empty() && requests.iter().all(|request| request.starts_with("GET ")), "{requests:?}");
    assert_eq!((names(&stage), stage.objects()), (Vec::new(), Vec::new()));
}

#[test]
fn the_plan_of_a_new_pipeline_shows_what_will_be_made() {
    let stage = Stage::new();
    let node = "node_type_id: Standard_DS3_v2";
    let secret = format!("{node}\n          spark_conf: {{fs.account.key: hunter2}}");
    stage.repo.replace("workflows/orders.yml", node, &secret);
    let shell = Shell::of(&stage);
    let said = shell.run(PLAN).ended(0).told(&[
        "create     planned",
        "    storage: \"/mnt/lake/shop/dev/orders\"\n",
        "    target: \"shop_dev\"\n",
        "    clusters[0].autoscale.max_workers: 2\n",
        "    clusters[0].spark_conf.fs.account.key: \"***\"\n",
    ]);
    assert!(!said.stdout.contains("dltflow.project") && !said.all().contains("hunter2"), "{said:?}");
    let preview = shell.run(&format!("{PLAN} --as-individual")).ended(0);
    assert!(preview.stdout.contains("    target: \"shop_dev_octocat_"), "{preview:?}");
    let made = shell.run(DEPLOY).ended(0);
    assert!(!made.all().contains("max_workers"), "what was made is on its page: {made:?}");
}

/// What is changed before a plan, the exit code, and what the plan says.
type Case = (fn(&Stage), &'static str, i32, &'static [&'static str]);

#[test]
fn what_differs_is_told_field_by_field_with_what_it_leads_to() {
    let cases: [Case; 8] = [
        (|_| {}, "", 0, &["unchanged  done", "0 of 1 pipelines would change"]),
        (bigger, "", 0, &["update     planned", "clusters[0].autoscale.max_workers: 2 -> 4"]),
        (by_hand, "", 0, &["(changed by hand)", "target: \"elsewhere\" -> \"shop_dev\""]),
        (continuous, "", 0, &["(restarts)", "continuous: not set -> true"]),
        (moved, "", 4, &["`storage` cannot be changed from", "allow-recreate", "1 of 1 pipelines are blocked"]),
        (moved, "--allow-recreate", 0, &["recreate   planned", "storage: "]),
        (unowned, "", 4, &["a pipeline of this name exists that dltflow has not made"]),
        (elsewhere, "", 4, &["belongs to another project", "`dltflow.project` is `warehouse`"]),
    ];
    for (change, flags, code, words) in cases {
        let stage = deployed();
        change(&stage);
        let before = stage.pipelines();
        Shell::of(&stage).run(&format!("{PLAN} {flags}")).ended(code).told(words);
        assert_eq!((writes(&stage), stage.pipelines()), (Vec::new(), before), "{words:?}");
    }
}

fn bigger(stage: &Stage) {
    stage.repo.replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4");
}

fn by_hand(stage: &Stage) {
    tamper(stage, "shop-orders", &json!({"spec": {"target": "elsewhere"}}));
}

fn continuous(stage: &Stage) {
    stage.repo.replace("workflows/orders.yml", "target: shop_dev", "target: shop_dev\n      continuous: true");
}

fn moved(stage: &Stage) {
    stage.repo.replace("workflows/orders.yml", "/mnt/lake/shop/dev/orders", "/mnt/lake/elsewhere");
}

fn unowned(stage: &Stage) {
    remark(stage, "shop-orders", "", &Value::Null);
}

fn elsewhere(stage: &Stage) {
    remark(stage, "shop-orders", "dltflow.project", &json!("warehouse"));
}

#[test]
fn a_deployment_does_what_its_plan_said_and_the_next_plan_is_empty() {
    let stage = deployed();
    bigger(&stage);
    by_hand(&stage);
    let shell = Shell::of(&stage);
    let planned = shell.run(&format!("{PLAN} --output json")).json()["workflows"][0]["fields"].clone();
    let done = shell.run(&format!("{DEPLOY} --output json")).ended(0).json();
    assert_eq!((&done["workflows"][0]["fields"], done["counts"]["updated"].as_u64()), (&planned, Some(1)));
    let paths: Vec<&Value> = planned.as_array().unwrap().iter().map(|field| &field["path"]).collect();
    assert_eq!(paths, ["clusters[0].autoscale.max_workers", "code, configuration or spec of the workflow", "target"]);
    shell.run(PLAN).ended(0).told(&["0 of 1 pipelines would change"]);
}

/// The plan in the report is the public form of what would be done: each step with what it needs.
#[test]
fn a_plan_in_json_lists_its_steps_in_an_order_that_can_be_followed() {
    let stage = Stage::new();
    let node = "node_type_id: Standard_DS3_v2";
    let secret = format!("{node}\n          spark_conf: {{fs.account.key: hunter2}}");
    stage.repo.replace("workflows/orders.yml", node, &secret);
    let ran = Shell::of(&stage).run("plan --environment dev --output json").ended(0);
    let report = ran.json();
    let plan = &report["plan"];
    assert_eq!((&plan["version"], &plan["folder"]), (&json!(1), &json!("/Shared/.dltflow/shop/dev")), "{plan}");
    let steps = plan["steps"].as_array().unwrap();
    for (index, step) in steps.iter().enumerate() {
        assert_eq!(step["id"], index, "{step}");
        let needs = step["needs"].as_array().unwrap();
        assert!(needs.iter().all(|need| need.as_u64().unwrap() < index as u64), "{step}");
    }
    let count = |resource: &str| steps.iter().filter(|step| step["resource"] == resource).count();
    assert_eq!(["folder", "object", "pipeline"].map(count), [1, 3, 2], "{plan}");
    let pipeline = steps.iter().find(|step| step["name"] == "shop-orders").unwrap();
    assert_eq!((&pipeline["action"], &pipeline["workflow"]), (&json!("create"), &json!("shop-orders")));
    assert_eq!(pipeline["needs"].as_array().unwrap().len(), 2, "notebook and wheel");
    assert_eq!(pipeline["definition"]["settings"]["clusters"][0]["spark_conf"]["fs.account.key"], "***", "{pipeline}");
    let checked = Shell::of(&stage).run("check --environment dev --output json").ended(0).json();
    assert_eq!(checked["plan"], Value::Null);
}

#[test]
fn recreating_is_done_only_where_it_is_allowed() {
    let stage = deployed();
    moved(&stage);
    let id = pipeline(&stage, "shop-orders")["pipeline_id"].clone();
    let shell = Shell::of(&stage);
    shell.run(DEPLOY).ended(4).told(&["`storage` cannot be changed"]);
    assert_eq!(pipeline(&stage, "shop-orders")["pipeline_id"], id);
    shell.run(&format!("{DEPLOY} --allow-recreate")).ended(0).told(&["recreate   done"]);
    let made = pipeline(&stage, "shop-orders");
    assert_eq!(made["spec"]["storage"], "/mnt/lake/elsewhere");
    assert_ne!(made["pipeline_id"], id);
}

#[test]
fn only_what_was_touched_since_a_revision_is_planned() {
    let stage = Stage::new();
    bigger(&stage);
    let report = Shell::of(&stage).run("plan --environment dev --changed-since HEAD --output json").ended(0).json();
    let planned: Vec<&Value> = report["workflows"].as_array().unwrap().iter().map(|row| &row["name"]).collect();
    assert_eq!(planned, ["shop-orders"]);
}

#[test]
fn an_existing_pipeline_is_taken_over_where_its_name_or_its_project_is_given() {
    let stage = deployed();
    stage.repo.replace("dltflow.yml", "name: shop\n  id: 0d6d5a52-2f0c-4f1e-9c38-6f0f2b1f7a11", "name: store");
    let shell = Shell::of(&stage);
    shell.run(DEPLOY).ended(4).told(&["its `dltflow.project` is `0d6d5a52"]);
    for line in ["--adopt=shop-orders", "--adopt=project:0d6d5a52-2f0c-4f1e-9c38-6f0f2b1f7a11"] {
        let planned = shell.run(&format!("plan --environment dev --deployment-file workflows/orders.yml {line}"));
        planned.ended(0).told(&["`shop-orders`, which belonged to", "is taken over", "--adopt"]);
    }
    shell
        .run(&format!("{DEPLOY} --adopt shop-orders --adopt shop-order"))
        .ended(0)
        .told(&["is taken over", "the line `shop-order` of `adopt` takes nothing over: no workflow of this run"]);
    assert_eq!(pipeline(&stage, "shop-orders")["spec"]["configuration"]["dltflow.project"], "store");
    for flags in ["--adopt x --as-individual", "--adopt x --pull-request 7", "--adopt="] {
        shell.run(&format!("plan --environment dev {flags}")).ended(2);
    }
}

#[test]
fn what_no_spec_writes_is_shown_only_where_that_is_asked_for() {
    let stage = deployed();
    let conf = json!({"fs.account.key": "hunter2", "spark.x": "1"});
    let cluster = json!({"label": "maintenance", "num_workers": 1});
    let mut clusters = pipeline(&stage, "shop-orders")["stored"]["clusters"].clone();
    clusters[0]["spark_conf"] = conf;
    clusters.as_array_mut().unwrap().push(cluster);
    tamper(&stage, "shop-orders", &json!({"spec": {"budget_policy_id": "b-1", "clusters": clusters}}));
    let shell = Shell::of(&stage);
    let quiet = shell.run(PLAN).ended(0).told(&["unchanged  done"]);
    assert!(!quiet.all().contains("budget_policy_id"), "{}", quiet.stderr);
    let said = shell.run(&format!("{PLAN} --verbose")).ended(0);
    let said = said.told(&[
        "`shop-orders`: `budget_policy_id` is the service's own and left as it is: \"b-1\"",
        "`shop-orders`: `clusters[maintenance]` is the service's own",
        "unchanged  done",
    ]);
    assert!(!said.all().contains("hunter2"), "{}", said.stderr);
    let report = shell.run(&format!("{PLAN} --output json")).ended(0).json();
    let unmanaged = &report["plan"]["steps"][0]["unmanaged"];
    assert_eq!(unmanaged["budget_policy_id"], "b-1", "{report}");
    assert!(!report.to_string().contains("hunter2"), "{report}");
}
