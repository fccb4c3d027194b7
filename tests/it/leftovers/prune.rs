//! What is left over is destroyed where that is asked for, and nothing is in doubt.

use serde_json::{Value, json};

use super::{
    Change, MAIN, Run, deployed, dispatch, left, mark, merge_group, names, note, notes, pruning, push, remove,
    schedule, spec, tag,
};
use crate::support::{DATABRICKS_TOKEN, Runner, Stage};

#[test]
fn what_is_not_ours_is_neither_named_nor_destroyed() {
    let disown = |stage: &Stage| stage.edit_by_hand("stock-visits", &json!({"configuration": {"team": "analysts"}}));
    let cases: [(&str, Change<'_>); 6] = [
        ("a person's", &disown),
        ("another project's", &|stage| mark(stage, "dltflow.project", "stock")),
        ("another environment's", &|stage| mark(stage, "dltflow.environment", "prod")),
        ("another repository's", &|stage| mark(stage, "dltflow.repository", "8")),
        ("a preview", &|stage| mark(stage, "dltflow.preview", "pr7")),
        ("a copy under another name", &|stage| mark(stage, "dltflow.name", "stock-orders")),
    ];
    for (case, change) in cases {
        let stage = left();
        change(&stage);
        let ran = stage.run(&pruning(&stage));
        assert_eq!((ran.code, notes(&ran).len(), names(&stage).len()), (0, 0, 3), "{case}: {}", ran.stderr);
    }
}

#[test]
fn of_two_that_look_alike_neither_is_destroyed() {
    let stage = left();
    let found = stage.pipelines().into_iter().find(|found| found["spec"]["name"] == "stock-visits").unwrap();
    let mut copy = found["spec"].clone();
    copy["allow_duplicate_names"] = json!(true);
    copy.as_object_mut().unwrap().remove("id");
    stage.by_hand("POST", "/api/2.0/pipelines", &copy);
    let ran = stage.run(&pruning(&stage));
    assert_eq!((ran.code, notes(&ran).len(), names(&stage).len()), (0, 2, 4), "{}", ran.stderr);
    let told = notes(&ran)[0]["message"].as_str().unwrap();
    assert!(told.contains("it was not pruned: ") && told.ends_with("has the same name and ownership"), "{told}");
}

#[test]
fn one_whose_ownership_cannot_be_read_is_named_and_stays() {
    let stage = left();
    let path = format!("/api/2.0/pipelines/{}", stage.id_of("stock-visits"));
    stage.control("POST", "faults", &json!({"method": "GET", "path": path, "status": 403, "times": 9}));
    let ran = stage.run(&pruning(&stage));
    assert_eq!((ran.code, names(&stage).len()), (0, 3), "{}", ran.stderr);
    assert!(note(&ran).contains("may be left over") && note(&ran).contains("`CAN_VIEW`"), "{}", note(&ran));
}

#[test]
fn pruning_destroys_what_is_left_over_and_nothing_else() {
    for (name, run) in [("push", push as Run), ("dispatch", dispatch)] {
        let stage = left();
        let id = stage.id_of("stock-visits");
        let ran = stage.run(run(&stage).input("prune", "destroy"));
        ran.ended(0, "deployed");
        assert_eq!((ran.output("destroyed"), ran.output("failed")), ("1", "0"), "{name}");
        assert_eq!(names(&stage), ["stock-orders", "stock-returns"], "{name}");
        let rows = ran.report["workflows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == "stock-visits").unwrap();
        assert_eq!(
            (&row["pipeline_id"], &row["change"], &row["status"]),
            (&json!(id), &json!("destroy"), &json!("done"))
        );
        assert_eq!(row["reasons"], json!(["no spec of the project has its workflow any more"]), "{name}");
        assert!(
            stage.objects().iter().any(|path| path.contains("/stock-visits-")),
            "{name}: the folder is everybody's"
        );
        stage.requests();
        let ran = stage.run(&pruning(&stage));
        ran.ended(0, "unchanged");
        assert_eq!(notes(&ran).len(), 0, "{name}");
        assert!(stage.requests().iter().all(|request| request.starts_with("GET ")), "{name}");
    }
}

/// Tables of a shared pipeline are people's data.
#[test]
fn tables_of_what_is_pruned_stay_and_the_report_says_so() {
    let stage = Stage::with(super::project());
    stage.repo.replace("workflows/orders.json", r#""storage":"/mnt/lake/stock-orders""#, r#""catalog":"main""#);
    stage.repo.commit("on Unity Catalog");
    stage.run(&stage.on_push(MAIN, None)).ended(0, "deployed");
    for name in ["orders", "visits"] {
        remove(&stage, &format!("workflows/{name}.json"));
    }
    stage.requests();
    let runner = pruning(&stage);
    let ran = stage.run(&runner);
    assert_eq!((ran.code, ran.output("destroyed"), names(&stage).len()), (0, "2", 1), "{}", ran.stderr);
    let deleted = stage.asked("databricks").into_iter().filter(|entry| entry["method"] == "DELETE");
    let mut queries: Vec<String> = deleted.map(|entry| entry["query"].to_string()).collect();
    queries.sort();
    assert_eq!(queries, [r#"{"cascade":"false"}"#, "{}"]);
    assert!(
        ran.stderr.contains("tables and checkpoints of a Hive pipeline are left: target `stock`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_last_workflow_goes_and_the_folder_stays() {
    let stage = deployed();
    for name in ["orders", "returns", "visits"] {
        remove(&stage, &format!("workflows/{name}.json"));
    }
    stage.repo.write("workflows/none.json", r#"{"dev": {"workflows": []}}"#).commit("none");
    let objects = stage.objects().len();
    let ran = stage.run(stage.on_push(MAIN, None).input("prune", "destroy"));
    ran.ended(0, "deployed");
    assert_eq!((ran.output("destroyed"), names(&stage).len(), stage.objects().len()), ("3", 0, objects));
    let all = stage.sandbox.state();
    let objects = all["databricks"]["objects"].as_array().unwrap();
    let record = objects.iter().find(|object| object["path"].as_str().unwrap().contains("/deployed-")).unwrap();
    assert_eq!(record["content"]["pipelines"], json!([]), "what is pruned is forgotten");
}

type Prevents = (&'static str, Run, &'static str);

#[test]
fn nothing_is_pruned_while_anything_is_in_doubt_and_the_report_says_what() {
    let cases: [Prevents; 13] = [
        ("a tag", tag, "only a branch prunes, not the tag `v1`"),
        (
            "a dispatch on a tag",
            |stage| {
                stage.repo.git(&["tag", "v1"]);
                stage.on("workflow_dispatch", &json!({"ref": "refs/tags/v1"}), "refs/tags/v1", &stage.repo.head())
            },
            "only a branch prunes, not the tag `v1`",
        ),
        (
            "a merge group that deploys",
            |stage| {
                let mut runner = merge_group(stage);
                runner.input("mode", "deploy");
                runner
            },
            "only a branch prunes",
        ),
        (
            "no token for GitHub",
            |stage| {
                let mut runner = push(stage);
                runner.input("github-token", "");
                runner
            },
            "without `github-token` it is not known whether something newer was pushed",
        ),
        (
            "GitHub fails",
            |stage| {
                stage.control(
                    "POST",
                    "faults",
                    &json!({"service": "github", "path": "*/git/ref/*", "status": 403, "times": 9}),
                );
                push(stage)
            },
            "it could not be read whether something newer was pushed",
        ),
        (
            "not YAML",
            |stage| broken(stage, "workflows/odd.yml", b"dev: [\n"),
            "`workflows/odd.yml` could not be read completely",
        ),
        (
            "not UTF-8",
            |stage| broken(stage, "workflows/odd.yml", b"dev: \xff\n"),
            "`workflows/odd.yml` could not be read completely",
        ),
        (
            "no name",
            |stage| broken(stage, "workflows/odd.yml", b"dev: {workflows: [{target: x}]}\n"),
            "`workflows/odd.yml` could not be read completely",
        ),
        (
            "a misspelt environment",
            |stage| broken(stage, "workflows/odd.yml", b"dve: {workflows: []}\n"),
            "`workflows/odd.yml` could not be read completely",
        ),
        (
            "a link",
            |stage| {
                std::os::unix::fs::symlink("orders.json", stage.repo.path().join("workflows/link.json")).unwrap();
                let mut runner = push(stage);
                runner.input("workflows", "workflows/orders.json");
                runner
            },
            "`workflows/link.json` could not be read completely",
        ),
        (
            "no folder of specs",
            |stage| {
                stage.repo.replace("dltflow.yml", "include: {", "include: {workflows: {name: specs}, ");
                let mut runner = push(stage);
                runner.input("workflows", "workflows/*.json");
                runner
            },
            "`specs` could not be read completely",
        ),
        (
            "a sparse checkout",
            |stage| {
                stage.repo.git(&["sparse-checkout", "set", "--no-cone", "/*", "!/workflows/returns.json"]);
                stage.on_push(MAIN, None)
            },
            "the checkout is sparse, or git's configuration cannot be read, so specs may be missing in it",
        ),
        (
            "a configuration of git that cannot be read",
            |stage| {
                let mut config = std::fs::read(stage.repo.path().join(".git/config")).unwrap();
                config.extend(b"# \xff\n");
                stage.repo.write(".git/config", config);
                stage.on_push(MAIN, None)
            },
            "the checkout is sparse, or git's configuration cannot be read, so specs may be missing in it",
        ),
    ];
    for (case, run, why) in cases {
        let stage = left();
        let before = names(&stage);
        let ran = stage.run(run(&stage).input("prune", "destroy"));
        assert_eq!(names(&stage), before, "{case}: {}", ran.stderr);
        let told = notes(&ran).iter().any(|note| note["message"].as_str().unwrap().contains(why));
        assert!(told, "{case}: {}\n{}", ran.stderr, ran.report["notes"]);
    }
}

fn broken(stage: &Stage, path: &str, text: &[u8]) -> Runner {
    stage.repo.write(path, text).commit("odd");
    // The odd spec is not what the run is about, or it would end there.
    let mut runner = push(stage);
    runner.input("workflows", "workflows/*.json");
    runner
}

#[test]
fn a_spec_outside_the_folder_of_specs_is_not_gone() {
    let stage = deployed();
    stage.repo.write("jobs/extra.json", spec("stock-extra")).commit("extra");
    let run = |stage: &Stage, workflows: &str| {
        let mut runner = pruning(stage);
        runner.input("workflows", workflows);
        stage.run(&runner)
    };
    run(&stage, "jobs/*.json").ended(0, "deployed");
    let ran = run(&stage, "workflows/orders.json");
    assert_eq!((ran.code, notes(&ran).len(), names(&stage).len()), (0, 0, 4), "{}", ran.stderr);
    let ran = stage.run(&pruning(&stage));
    assert_eq!((ran.code, notes(&ran).len(), names(&stage).len()), (0, 0, 4), "{}", ran.stderr);
    remove(&stage, "jobs/extra.json");
    stage.run(&pruning(&stage)).ended(0, "deployed");
    assert_eq!(names(&stage), ["stock-orders", "stock-returns", "stock-visits"]);
}

#[test]
fn a_run_of_some_specs_sees_what_is_left_over_of_all() {
    let stage = left();
    let ran = stage.run(push(&stage).input("workflows", "workflows/orders.json"));
    assert!(note(&ran).contains("`stock-visits`"));
    let ran = stage.run(pruning(&stage).input("workflows", "workflows/orders.json"));
    assert_eq!((ran.code, ran.output("destroyed")), (0, "1"), "{}", ran.stderr);
    assert_eq!(names(&stage), ["stock-orders", "stock-returns"]);
}

#[test]
fn a_pull_request_neither_names_nor_prunes() {
    for (case, name) in [("a preview", "auto"), ("to the shared pipelines", "never")] {
        let stage = left();
        stage.run(&push(&stage));
        stage.repo.branch("gone");
        remove(&stage, "workflows/returns.json");
        stage.repo.replace("workflows/orders.json", "PRO", "CORE").commit("cheaper");
        let mut runner = stage.on_pull_request("opened", 7, "gone");
        runner.input("as-individual", name).input("prune", "destroy");
        let ran = stage.run(&runner);
        ran.ended(0, "deployed");
        assert_eq!(notes(&ran).len(), 0, "{case}");
        assert!(
            names(&stage).iter().filter(|name| name.starts_with("stock-")).count() == 3,
            "{case}: {:?}",
            names(&stage)
        );
    }
}

/// Two branches that are deployed to one environment: what only one of them has is none of the other's business.
#[test]
fn a_branch_prunes_only_what_was_deployed_from_its_own_history() {
    let stage = deployed();
    stage.repo.replace("dltflow.yml", "branches: [main]", "branches: [main, old]").commit("another branch");
    stage.repo.branch("old").branch("main");
    stage.repo.write("workflows/extra.json", spec("stock-extra")).commit("extra");
    stage.run(&stage.on_push(MAIN, None)).ended(0, "deployed");
    stage.repo.branch("old").write("notes.md", "old").commit("notes");
    let old = "refs/heads/old";
    let ran = stage.run(stage.on_push(old, None).input("prune", "destroy"));
    assert_eq!((ran.code, names(&stage).len()), (0, 4), "{}", ran.stderr);
    assert!(note(&ran).contains("which deployed it, is not part of the history of this commit"), "{}", ran.stderr);
    stage.repo.git(&["merge", "--quiet", "--no-edit", "main"]);
    remove(&stage, "workflows/extra.json");
    let ran = stage.run(stage.on_push(old, None).input("prune", "destroy"));
    assert_eq!((ran.code, ran.output("destroyed"), names(&stage).len()), (0, "1", 3), "{}", ran.stderr);
}

#[test]
fn a_command_prunes_only_what_was_deployed_from_the_history_of_its_working_tree() {
    let prune = "deploy --environment dev --deployment-file workflows/orders.json --prune destroy";
    let stage = left();
    stage.repo.git(&["checkout", "--quiet", "--orphan", "elsewhere"]);
    stage.repo.commit("without history");
    let (code, said) = command(&stage, prune);
    assert_eq!((code, names(&stage).len()), (0, 3), "{said}");
    assert!(said.contains("which deployed it, is not part of the history of this commit"), "{said}");
    std::fs::remove_dir_all(stage.repo.path().join(".git")).unwrap();
    let (code, said) = command(&stage, prune);
    assert_eq!((code, names(&stage).len()), (0, 3), "{said}");
    assert!(said.contains("is not known: "), "{said}");
}

#[test]
fn a_superseded_run_prunes_nothing() {
    let stage = left();
    let runner = pruning(&stage);
    let commit = stage.repo.head();
    stage.repo.write("workflows/visits.json", spec("stock-visits")).commit("back again");
    stage.repo.git(&["checkout", "--quiet", "--detach", &commit]);
    let ran = stage.run(&runner);
    assert_eq!((ran.code, names(&stage).len()), (0, 3), "{}", ran.stderr);
    assert!(note(&ran).contains("was pushed to `main` since"), "{}", ran.stderr);
}

#[test]
fn what_could_not_be_pruned_is_tried_again() {
    let stage = left();
    stage.control(
        "POST",
        "faults",
        &json!({"method": "DELETE", "path": "/api/2.0/pipelines/*", "status": 400, "times": 9}),
    );
    let ran = stage.run(&pruning(&stage));
    assert_eq!((ran.code, names(&stage).len()), (4, 3), "{}", ran.stderr);
    stage.control("DELETE", "faults", &Value::Null);
    let ran = stage.run(&pruning(&stage));
    assert_eq!((ran.code, ran.output("destroyed"), names(&stage).len()), (0, "1", 2), "{}", ran.stderr);
}

#[test]
fn a_plan_shows_what_would_be_pruned() {
    for run in [schedule, merge_group] {
        let stage = left();
        let ran = stage.run(run(&stage).input("prune", "destroy"));
        ran.ended(0, "planned");
        let rows = ran.report["workflows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == "stock-visits").unwrap();
        assert_eq!((&row["change"], &row["status"]), (&json!("destroy"), &json!("planned")));
        assert_eq!(names(&stage).len(), 3);
    }
}

/// Runs `dltflow` in the repository, and gives exit code and what it said.
fn command(stage: &Stage, line: &str) -> (i32, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_dltflow"));
    command.args(line.split_whitespace()).current_dir(stage.repo.path()).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap());
    command.env("DATABRICKS_HOST", stage.sandbox.databricks_url()).env("DATABRICKS_TOKEN", DATABRICKS_TOKEN);
    let output = command.output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code().unwrap(), stderr + &stdout)
}

#[test]
fn commands_name_and_prune_what_is_left_over_of_the_working_tree() {
    let stage = left();
    let (code, said) = command(&stage, "plan --environment dev");
    assert!(code == 0 && said.contains("`stock-visits`") && said.contains("`--prune destroy`"), "{said}");
    let (code, said) = command(&stage, "plan --environment dev --prune destroy");
    assert!(code == 0 && said.contains("destroy    planned  stock-visits"), "{said}");
    assert!(said.contains("to reproduce: dltflow plan --environment dev --prune destroy"), "{said}");
    assert_eq!(names(&stage).len(), 3);
    let deploy = "deploy --environment dev --deployment-file workflows/orders.json";
    let (code, said) = command(&stage, deploy);
    assert!(code == 0 && said.contains("`stock-visits`"), "{said}");
    let (code, said) = command(&stage, &format!("{deploy} --prune destroy"));
    assert_eq!((code, names(&stage).len()), (0, 2), "{said}");
    for wrong in ["--prune", "--prune never", "--prune destroy --as-individual"] {
        assert_eq!(command(&stage, &format!("{deploy} {wrong}")).0, 2, "{wrong}");
    }
}
