//! What stands is compared with what the specs write, as the service stores it: whatever is no change causes no edit.

mod by_hand;
mod dressed;
mod identity;
mod kept;
mod spelled;

use serde_json::{Value, json};

use crate::support::{Ran, Repo, Runner, Stage};

const MAIN: &str = "refs/heads/main";

/// Workflows that write much of what can be written: on Hive, on Unity Catalog, and there without compute of their own.
const SPEC: &str = r#"
dev:
  workflows:
    - name: hive
      storage: /mnt/lake/Harbour/
      target: Harbour
      edition: pro
      channel: preview
      photon: true
      continuous: false
      root_path: /Workspace/Shared/code
      configuration: {limit: 10, flag: true, folder: /Workspace/Shared/x, empty: ""}
      tags: {team: lake, cost: 7, blank: ""}
      filters: {include: [a, b], exclude: [c, d]}
      restart_window: {start_hour: 0, days_of_week: [MONDAY, FRIDAY], time_zone_id: UTC}
      trigger: {cron: {quartz_cron_schedule: 0 0 7 * * ?, timezone_id: UTC}}
      notifications:
        - {email_recipients: [Mona@github.com, hubot@github.com], alerts: [on-update-failure, on-flow-failure]}
        - {email_recipients: [octocat@github.com], alerts: [on-update-fatal-failure]}
      clusters:
        - label: default
          autoscale: {min_workers: 1, max_workers: 3, mode: enhanced}
          node_type_id: Standard_DS3_v2
          spark_conf: {spark.sql.shuffle.partitions: 8, spark.speculation: true}
          custom_tags: {team: lake}
          ssh_public_keys: [first, second]
          init_scripts: [{workspace: {destination: /Shared/one.sh}}, {volumes: {destination: /Volumes/a/b/two.sh}}]
          cluster_log_conf: {dbfs: {destination: /logs/harbour/}}
        - {label: updates, num_workers: 0, enable_local_disk_encryption: false}
      tasks:
        items: [{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]
    - name: unity
      catalog: Main
      schema: Harbour
      edition: ADVANCED
      channel: CURRENT
      continuous: true
      event_log: {name: Log}
      parameters: {day: monday}
      run_as: {user_name: Hubot@github.com}
      clusters:
        - autoscale: {min_workers: 1, max_workers: 2}
          azure_attributes: {first_on_demand: 1, spot_bid_max_price: -1.0}
      tasks:
        items: [{python_file: shop/pipelines/returns.py, parameters: [--conf, conf/returns.json]}]
    - name: serverless
      catalog: main
      target: Landing-Place
      serverless: true
      environment: {environment_version: "2", dependencies: [--editable /Workspace/Shared/lib, pandas==2.0]}
      tasks:
        items: [{python_file: shop/pipelines/returns.py, parameters: [--conf, conf/returns.json]}]
        dependencies: [{pypi: {package: requests==2.32}}]
"#;

/// A repository with those workflows; previews may run as the identity that they name.
fn stage() -> Stage {
    let repo = Repo::of("examples/shop");
    repo.git(&["rm", "--quiet", "workflows/orders.yml", "workflows/returns.json"]);
    repo.write("workflows/harbour.yml", SPEC);
    repo.replace("dltflow.yml", "      branches: [main]", "      branches: [main]\n    preview: {allow: [run-as]}");
    repo.commit("harbour");
    Stage::with(repo)
}

/// Deploys all workflows to the shared environment, whatever changed.
fn shared(stage: &Stage) -> Runner {
    let mut runner = stage.on_push(MAIN, None);
    runner.input("all", "true");
    runner
}

/// Deploys the preview of a pull request that affects all workflows.
fn preview(stage: &Stage) -> Runner {
    stage.on_pull_request("synchronize", 42, "change")
}

/// Begins that pull request.
fn open(stage: &Stage) {
    stage.repo.branch("change").replace("shop/prices.py", "def ", "# All prices.\ndef ").commit("comment");
}

fn set(stage: &Stage, settings: &Value) {
    stage.control("PUT", "settings", settings);
}

/// Requests since the last look that may change something.
fn writes(stage: &Stage) -> Vec<String> {
    stage.requests().into_iter().filter(|request| !request.starts_with("GET ")).collect()
}

/// The pipeline of the workflow, shared or not.
#[track_caller]
fn pipeline(stage: &Stage, workflow: &str) -> Value {
    let is_of = |pipeline: &Value| pipeline["spec"]["configuration"]["dltflow.workflow"] == workflow;
    stage.pipelines().into_iter().find(is_of).unwrap_or_else(|| panic!("no pipeline of `{workflow}`"))
}

/// Sets fields of a pipeline behind our back.
#[track_caller]
fn tamper(stage: &Stage, workflow: &str, spec: &Value) {
    let id = pipeline(stage, workflow)["pipeline_id"].clone();
    stage.control("PUT", &format!("databricks/pipelines/{}", id.as_str().unwrap()), &json!({"spec": spec}));
}

/// The row of a workflow in the report.
#[track_caller]
fn row<'r>(ran: &'r Ran, workflow: &str) -> &'r Value {
    let rows = ran.report["workflows"].as_array().unwrap();
    rows.iter().find(|row| row["name"] == workflow).unwrap_or_else(|| panic!("no row of `{workflow}`: {}", ran.report))
}

/// Paths of the fields that differ in a workflow's row.
fn fields(row: &Value) -> Vec<&str> {
    row["fields"].as_array().unwrap().iter().map(|field| field["path"].as_str().unwrap()).collect()
}

/// Messages of the notes with that code.
fn notes(ran: &Ran, code: &str) -> Vec<String> {
    let notes = ran.report["notes"].as_array().unwrap().iter().filter(|note| note["code"] == code);
    notes.map(|note| note["message"].as_str().unwrap().to_owned()).collect()
}
