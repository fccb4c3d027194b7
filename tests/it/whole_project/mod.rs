//! What a run sees of a project beside the workflows that it deploys: namesakes of these, and other environments.

mod environments;
mod twins;

use serde_json::Value;

use crate::support::{Ran, Stage};

/// Findings of a run, as `severity rule path:line`.
fn found(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|found| {
            let [severity, rule, path] = ["severity", "rule", "path"].map(|key| text(&found[key]));
            format!("{severity} {rule} {path}:{}", found["line"])
        })
        .collect()
}

fn writes(stage: &Stage) -> Vec<String> {
    stage.requests().into_iter().filter(|request| !request.starts_with("GET ")).collect()
}

/// A spec with one workflow of that name in `environment`; the name is in its fourth line.
fn spec(environment: &str, name: &str) -> String {
    format!(
        "{environment}:\n  workflows:\n    # a copy\n    - name: {name}\n      storage: /mnt/lake/shop/{name}\n      \
         target: copy\n      tasks: {{items: [{{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}}]}}\n"
    )
}

/// Opens a pull request with what `change` does to the repository.
fn opened(stage: &Stage, change: impl FnOnce(&Stage)) -> Ran {
    stage.repo.branch("change");
    change(stage);
    stage.repo.commit("change");
    stage.run(&stage.on_pull_request("opened", 42, "change"))
}
