//! What becomes of tables: those of a shared pipeline are people's, those of a preview its own.

use serde_json::{Value, json};

use super::{FILE, HARBOUR, spec};
use crate::support::{Ran, Repo, Stage};

const SHIPS: &str = "ships";

/// Both workflows are deployed to everybody's pipelines, and each has a table.
fn shared() -> Stage {
    let stage = Stage::with(Repo::of("examples/shop"));
    stage.repo.write(FILE, spec(HARBOUR, "target: airport")).commit("harbour");
    stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
    for (schema, pipeline) in [("main.harbour", "arrivals"), ("hive_metastore.airport", "departures")] {
        let tables = json!({"tables": {SHIPS: stage.id_of(pipeline), "mine": null}});
        stage.control("PUT", &format!("databricks/schemas/{schema}"), &tables);
    }
    stage.requests();
    stage
}

/// Whether the table of the pipeline in a schema is there; what people have there always is.
#[track_caller]
fn stands(stage: &Stage, schema: &str) -> bool {
    let workspace = stage.sandbox.state();
    let schemas = workspace["databricks"]["schemas"].as_array().unwrap();
    let schema = schemas.iter().find(|found| found["full_name"] == schema).unwrap();
    assert!(schema["tables"].get("mine").is_some(), "{schema}");
    schema["tables"].get(SHIPS).is_some()
}

/// The query of each deletion of a pipeline.
fn deletions(stage: &Stage) -> Vec<String> {
    let of_pipelines = |entry: &Value| {
        entry["method"] == "DELETE" && entry["path"].as_str().unwrap().starts_with("/api/2.0/pipelines/")
    };
    let entries = stage.asked("databricks").into_iter().filter(of_pipelines);
    let cascade = |entry: Value| entry["query"]["cascade"].as_str().map(|value| format!("cascade={value}"));
    entries.map(|entry| cascade(entry).unwrap_or_default()).collect()
}

/// What the report says of the tables of a pipeline: in its row, and in the plan before.
#[track_caller]
fn told(ran: &Ran, pipeline: &str) -> (String, String) {
    let rows = ran.report["workflows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["pipeline_name"] == pipeline).unwrap();
    let steps = ran.report["plan"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["name"] == pipeline && step["resource"] == "pipeline").unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&row["tables"]), text(&step["removal"]["tables"]))
}

fn push(stage: &Stage, inputs: &[(&str, &str)]) -> Ran {
    let before = stage.repo.rev("HEAD~");
    let mut runner = stage.on_push("refs/heads/main", Some(&before));
    for (id, value) in inputs {
        runner.input(id, value);
    }
    stage.run(&runner)
}

#[test]
fn tables_of_a_shared_pipeline_that_is_pruned_stay_unless_dropping_them_was_asked_for() {
    for (drop_tables, unity, cascade) in [("false", "kept", "cascade=false"), ("true", "dropped", "cascade=true")] {
        let stage = shared();
        stage.repo.git(&["rm", "--quiet", FILE]);
        stage.repo.commit("removed");
        let ran = push(&stage, &[("prune", "destroy"), ("drop-tables", drop_tables)]);
        ran.ended(0, "deployed");
        assert_eq!(told(&ran, "arrivals"), (unity.to_owned(), unity.to_owned()));
        assert_eq!(told(&ran, "departures"), ("kept".to_owned(), "not_the_services".to_owned()));
        assert!(ran.summary.contains(&format!("destroy, tables {unity}")), "{}", ran.summary);
        assert_eq!(stands(&stage, "main.harbour"), unity == "kept");
        assert!(stands(&stage, "hive_metastore.airport"), "the service cannot drop tables of the Hive metastore");
        let mut sent = deletions(&stage);
        sent.sort();
        assert_eq!(sent, ["", cascade]);
    }
}

#[test]
fn tables_of_a_shared_pipeline_that_is_recreated_stay_unless_dropping_them_was_asked_for() {
    for (drop_tables, unity, cascade) in [("false", "kept", "cascade=false"), ("true", "dropped", "cascade=true")] {
        let stage = shared();
        stage.control("PUT", "settings", &json!({"delete_lag": 2}));
        stage.repo.write(FILE, spec("target: harbour", "target: airport")).commit("to Hive");
        let blocked = push(&stage, &[("drop-tables", drop_tables)]);
        blocked.ended(4, "failed");
        let effect = if unity == "kept" { "keeps its tables" } else { "drops its tables" };
        assert!(blocked.stderr.contains(effect), "{}", blocked.stderr);
        let ran = push(&stage, &[("allow-recreate", "true"), ("drop-tables", drop_tables)]);
        ran.ended(0, "deployed");
        assert_eq!(told(&ran, "arrivals"), (unity.to_owned(), unity.to_owned()));
        assert_eq!((stands(&stage, "main.harbour"), deletions(&stage)), (unity == "kept", vec![cascade.to_owned()]));
    }
}

#[test]
fn a_destruction_of_shared_pipelines_tells_before_and_after_what_becomes_of_tables() {
    for (drop_tables, unity, effect) in [("false", "kept", "keeps its tables"), ("true", "dropped", "drops its tables")]
    {
        let stage = shared();
        let ran = push(&stage, &[("mode", "destroy"), ("drop-tables", drop_tables)]);
        ran.ended(0, "destroyed");
        assert_eq!(told(&ran, "arrivals"), (unity.to_owned(), unity.to_owned()));
        assert_eq!(told(&ran, "departures"), ("kept".to_owned(), "not_the_services".to_owned()));
        let place = |words: &str| ran.stderr.find(words).unwrap_or_else(|| panic!("{words}: {}", ran.stderr));
        assert!(place(&format!("destroying `arrivals`, which {effect}")) < place(&format!("(tables {unity})")));
        place("destroying `departures`, which leaves its tables and checkpoints behind");
        assert!(ran.summary.contains(&format!("destroy, tables {unity}")), "{}", ran.summary);
        assert_eq!(stands(&stage, "main.harbour"), unity == "kept");
    }
}

#[test]
fn who_writes_where_tables_were_kept_is_told_before_and_after() {
    let stage = shared();
    // Renamed: the pipeline of the old name is pruned, and its tables stay where the new one writes.
    stage.repo.replace(FILE, "name: arrivals", "name: landings").commit("renamed");
    for (mode, result) in [("plan", "planned"), ("auto", "deployed")] {
        let ran = push(&stage, &[("mode", mode), ("prune", "destroy")]);
        ran.ended(0, result);
        let notes = ran.report["notes"].to_string();
        assert!(notes.contains("`landings` replaces stay in `main.harbour`"), "{mode}: {notes}");
    }
    assert!(stands(&stage, "main.harbour"));
}

#[test]
fn tables_of_a_preview_go_with_it() {
    let stage = super::opened();
    super::deployed(&stage);
    let own = super::schemas(&stage).remove(0);
    let tables = json!({"tables": {SHIPS: stage.id_of(super::ARRIVALS)}});
    stage.control("PUT", &format!("databricks/schemas/{own}"), &tables);
    stage.requests();
    let ran = super::close(&stage);
    ran.ended(0, "destroyed");
    assert_eq!(told(&ran, super::ARRIVALS), ("dropped".to_owned(), "dropped".to_owned()));
    assert_eq!(deletions(&stage), ["cascade=true", "cascade=true"]);
    super::nothing_left(&stage, "closed");
}
