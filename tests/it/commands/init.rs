//! `init`: what it writes, what it asks, what it leaves alone, and what can be done with the project then.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Shell, names};
use crate::support::{Stage, Tree};

const TEMPLATE: [&str; 5] =
    ["conf/orders.json", "dltflow.yml", "local/raw/orders.csv", "shop/pipelines/orders.py", "workflows/orders.yml"];

/// A folder called `shop`, with nothing in it.
fn empty() -> (TempDir, PathBuf) {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("shop");
    std::fs::create_dir(&folder).unwrap();
    (parent, folder)
}

/// The files in a folder, sorted.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn yaml(folder: &Path, name: &str) -> Value {
    serde_saphyr::from_str(&read(folder, name)).unwrap()
}

#[test]
fn a_project_is_started_with_folders_and_a_commented_file_that_has_an_id_of_its_own() {
    let stage = Stage::new();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let (_parent, folder) = empty();
        let shell = Shell::elsewhere(&stage, &folder);
        shell
            .run("init --project-name shop")
            .ended(0)
            .told(&["wrote dltflow.yml", "describe a pipeline in `workflows`"]);
        assert_eq!(files(&folder), ["dltflow.yml"]);
        assert!(["shop", "conf", "workflows"].iter().all(|name| folder.join(name).is_dir()));
        assert!(read(&folder, "dltflow.yml").contains("  # What its pipelines are known by"));
        let file = yaml(&folder, "dltflow.yml");
        ids.push(file["dltflow"]["id"].as_str().unwrap().to_owned());
        assert_eq!(file["targets"]["dev"]["default"], true);
        // Nothing to check is no mistake.
        shell.run("check").ended(0).told(&["0 workflows checked"]);
        shell.run("run-local").ended(2).told(&["no spec has a workflow for `dev`"]);
    }
    assert_eq!((ids[0].len(), ids[0] != ids[1]), (36, true), "{ids:?}");
    assert_eq!(stage.requests(), Vec::<String>::new());
}

#[test]
fn a_project_without_the_template_deploys_what_is_written_into_its_folders() {
    let stage = Stage::new();
    let (_parent, folder) = empty();
    let shell = Shell::elsewhere(&stage, &folder);
    shell.run("init -n shop -c etc/conf -w etc/specs -p int").ended(0);
    let class = "from dltflow.quality import DLTMetaMixin\nclass Rows(DLTMetaMixin):\n    def rows(self):\n        return self.spark.range(3)\n";
    let task = json!({"python_file": "shop/rows.py", "parameters": ["--conf", "etc/conf/rows.json"]});
    let workflow = json!({"name": "shop-rows", "catalog": "main", "schema": "shop", "tasks": {"items": [task]}});
    for (name, text) in [
        ("shop/rows.py", class.to_owned()),
        ("etc/conf/rows.json", json!({"dlt": {"func_name": "rows", "kind": "table"}}).to_string()),
        ("etc/specs/rows.json", json!({"int": {"workflows": [workflow]}}).to_string()),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    shell.run("check").ended(0).told(&["1 workflow checked"]);
    shell.run("deploy-py-dlt --deployment-file etc/specs/rows.json --environment int").ended(0).told(&["1 created"]);
    assert_eq!(names(&stage), ["shop-rows"]);
}

#[test]
fn a_project_of_the_template_passes_check_and_deploys_to_each_of_its_environments() {
    let stage = Stage::new();
    for (flags, environments) in [
        ("-n shop -t", &["dev", "prod"][..]),
        (
            "--project-name my-shop --profile int --config-path etc/conf --workflows-path etc/dlt --build-template",
            &["int", "prod"],
        ),
        ("-n class -p prod -t", &["prod"]),
    ] {
        let (_parent, folder) = empty();
        let shell = Shell::elsewhere(&stage, &folder);
        shell.run(&format!("init {flags}")).ended(0).told(&["try `dltflow check`, then `dltflow run-local"]);
        let file = yaml(&folder, "dltflow.yml");
        let (name, specs) = (&file["dltflow"]["name"], file["include"]["workflows"]["name"].as_str().unwrap());
        for environment in environments {
            let said = shell.run(&format!("check --environment {environment} --output json")).ended(0).json();
            let workflow = said["workflows"][0]["name"].as_str().unwrap();
            assert!(workflow.starts_with(&format!("{}-orders", name.as_str().unwrap())), "{workflow}");
            assert_eq!(said["findings"], json!([]));
            let line = format!("deploy-py-dlt --deployment-file {specs}/orders.yml --environment {environment}");
            shell.run(&line).ended(0).told(&["1 created"]);
            shell.run(&format!("destroy --yes{}", line.trim_start_matches("deploy-py-dlt"))).ended(0);
        }
    }
}

#[test]
fn local_input_is_no_part_of_a_release() {
    let stage = Stage::new();
    let (_parent, folder) = empty();
    let shell = Shell::elsewhere(&stage, &folder);
    shell.run("init -n shop -t").ended(0);
    shell.run("deploy-py-dlt --deployment-file workflows/orders.yml --environment dev").ended(0);
    let files = stage.shipped();
    assert!(files.iter().any(|file| file.ends_with("shop/pipelines/orders.py")), "{files:?}");
    assert!(!files.iter().any(|file| file.contains("local/raw") || file.contains("orders.csv")), "{files:?}");
}

#[test]
fn without_a_terminal_nothing_is_asked_and_what_has_no_default_is_an_error() {
    let stage = Stage::new();
    let (_parent, folder) = empty();
    let shell = Shell::elsewhere(&stage, &folder);
    shell.run("init").ended(2).told(&["a project needs a name: `--project-name` is missing"]);
    let report = shell.run("init --output json").ended(2).json();
    assert_eq!((&report["result"], &report["error"]["kind"]), (&json!("failed"), &json!("input")));
    for (flags, reason) in [
        ("-n json", "`--project-name`: `json` cannot be the name of a project"),
        ("-n ../x", "`--project-name`: `../x` is not a valid name"),
        ("-n shop -p previews", "`--profile`: `previews` cannot be the name of a target"),
        ("-n shop -c /etc/shop", "`--config-path`: `/etc/shop` is absolute"),
        ("-n shop -w ../../shop", "`--workflows-path`: `../../shop` leaves the project's folder"),
        ("-n shop -c x/../..", "`--config-path`: `x/../..` leaves the project's folder"),
        ("-n shop -c .", "the project's folder itself"),
        ("-n shop -c workflows/conf", "`workflows/conf` is in `workflows`, the folder of the specs"),
        ("-n shop -w shop", "`shop` is the folder of the code"),
        ("-n shop --working-directory no/such", "cannot open the folder `no/such`"),
    ] {
        shell.run(&format!("init {flags}")).ended(2).told(&[reason]);
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    let report = shell.run("init -n shop -t --output json").ended(0).json();
    assert_eq!((&report["result"], &report["project"]["name"]), (&json!("initialized"), &json!("shop")));
    let mut written: Vec<&str> = report["written"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    written.sort_unstable();
    assert_eq!((written, files(&folder)), (TEMPLATE.to_vec(), TEMPLATE.map(str::to_owned).to_vec()));
}

/// Makes the folder what a case needs.
type Before = fn(&Path);

#[test]
fn what_exists_is_named_and_nothing_is_written_beside_it() {
    let stage = Stage::new();
    let put = |folder: &Path, name: &str| {
        std::fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        std::fs::write(folder.join(name), "mine").unwrap();
    };
    let cases: [(Before, &[&str], bool); 8] = [
        (|folder| std::fs::write(folder.join("dltflow.yml"), "mine").unwrap(), &["`dltflow.yml` exists already"], true),
        (
            |folder| {
                std::fs::create_dir_all(folder.join("conf")).unwrap();
                std::fs::write(folder.join("conf/orders.json"), "mine").unwrap();
                std::fs::write(folder.join("dltflow.yml"), "mine").unwrap();
            },
            &["`dltflow.yml`, `conf/orders.json` exist already", "`--overwrite` replaces what exists"],
            true,
        ),
        (
            |folder| std::fs::write(folder.join("conf"), "mine").unwrap(),
            &["`conf` is a file where a folder is needed"],
            false,
        ),
        (|folder| std::fs::write(folder.join("shop"), "mine").unwrap(), &["`shop` is a file where"], false),
        (
            |folder| std::fs::create_dir(folder.join("dltflow.yml")).unwrap(),
            &["`dltflow.yml` is not a regular file"],
            false,
        ),
        (|folder| symlink("..", folder.join("workflows")).unwrap(), &["`workflows` is a symbolic link"], false),
        (
            |folder| symlink("/nonexistent/x", folder.join("dltflow.yml")).unwrap(),
            &["`dltflow.yml` is a symbolic link"],
            false,
        ),
        (|folder| symlink("..", folder.join("local")).unwrap(), &["local", "is a symbolic link"], false),
    ];
    for (before, words, replaceable) in cases {
        let (parent, folder) = empty();
        put(&folder, "mine.txt");
        before(&folder);
        let there = Tree::of([parent.path()]);
        let changed = || there.changed(&Tree::of([parent.path()]), &[]);
        let shell = Shell::elsewhere(&stage, &folder);
        shell.run("init -n shop -t").ended(2).told(words);
        assert_eq!(changed(), Vec::<PathBuf>::new(), "{words:?}");
        let again = shell.run("init -n shop -t --overwrite");
        if replaceable {
            again.ended(0);
            shell.run("check").ended(0);
        } else {
            again.ended(2).told(words);
            assert_eq!(changed(), Vec::<PathBuf>::new(), "{words:?}");
        }
        assert_eq!(read(&folder, "mine.txt"), "mine");
    }
}

#[test]
fn a_project_that_is_overwritten_still_owns_what_it_deployed_or_hears_how() {
    let stage = Stage::new();
    let (_parent, folder) = empty();
    let shell = Shell::elsewhere(&stage, &folder);
    let deploy = "deploy-py-dlt --deployment-file workflows/orders.yml --environment dev";
    shell.run("init -n shop -t").ended(0);
    shell.run(deploy).ended(0);
    let id = yaml(&folder, "dltflow.yml")["dltflow"]["id"].clone();
    shell.run("init -n store -o").ended(0);
    assert_eq!(yaml(&folder, "dltflow.yml")["dltflow"], json!({"name": "store", "id": id}));
    // One that had no id is known by its name.
    std::fs::write(folder.join("dltflow.yml"), "dltflow: {name: old}\ntargets: {dev: {}}\n").unwrap();
    shell.run("init -n shop -o").ended(0).told(&["--adopt 'project: old'"]);
    // One that nobody can read may have an id.
    std::fs::write(folder.join("dltflow.yml"), "[").unwrap();
    shell.run("init -n shop -o").ended(2).told(&["cannot be read, so its `id` would be lost", "nothing was written"]);
}

#[test]
fn a_flag_of_the_original_that_means_nothing_any_more_is_taken_with_a_word() {
    let stage = Stage::new();
    let (_parent, folder) = empty();
    let said = Shell::elsewhere(&stage, &folder).run("init -n shop -d").ended(0);
    said.told(&["warning: `--shared` has no effect: nothing is stored on DBFS any more"]);
}

/// The program on a terminal, with what is typed there.
fn on_terminal(folder: &Path, flags: &[&str], types: &[(&str, &str)]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dltflow"));
    command.arg("init").args(flags).current_dir(folder).env_clear().env("TERM", "xterm");
    let mut session = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
    let mut shown = String::new();
    for (question, answer) in types {
        shown.push_str(&session.exp_string(question).unwrap());
        shown.push_str(question);
        if *answer == "^C" {
            session.send_control('c').unwrap();
        } else {
            session.send_line(answer).unwrap();
        }
    }
    shown.push_str(&session.exp_eof().unwrap());
    match session.process().wait().unwrap() {
        rexpect::process::WaitStatus::Exited(_, code) => (code, shown),
        other => panic!("{other:?}: {shown}"),
    }
}

const QUESTIONS: [&str; 5] = [
    "Environment to deploy to",
    "Name of the project",
    "Folder of the configurations",
    "Folder of the specs",
    "Add a small pipeline?",
];

#[test]
fn on_a_terminal_it_asks_what_the_flags_leave_open() {
    let [environment, name, conf, workflows, template] = QUESTIONS;
    let (_parent, folder) = empty();
    let types = [(environment, ""), (name, ""), (conf, ""), (workflows, ""), (template, "y")];
    let (code, shown) = on_terminal(&folder, &[], &types);
    assert_eq!((code, files(&folder)), (0, TEMPLATE.map(str::to_owned).to_vec()), "{shown}");

    let (_parent, folder) = empty();
    let types = [(environment, "int"), (name, "store"), (workflows, "specs"), (template, "")];
    let (code, shown) = on_terminal(&folder, &["-c", "etc"], &types);
    assert_eq!((code, files(&folder)), (0, vec!["dltflow.yml".to_owned()]), "{shown}");
    assert!(!shown.contains(conf), "{shown}");
    let file = yaml(&folder, "dltflow.yml");
    assert_eq!((&file["dltflow"]["name"], &file["targets"]["int"]["default"]), (&json!("store"), &json!(true)));
    assert_eq!(file["include"]["conf"]["name"], "etc");
    assert_eq!(file["include"]["workflows"]["name"], "specs");

    let (_parent, folder) = empty();
    let all = ["-n", "store", "-p", "dev", "-c", "conf", "-w", "specs", "-t"];
    let (code, shown) = on_terminal(&folder, &all, &[]);
    assert_eq!((code, QUESTIONS.iter().any(|question| shown.contains(question))), (0, false), "{shown}");
}

#[test]
fn an_answer_that_is_refused_is_asked_for_again_and_an_interrupt_leaves_nothing() {
    let [environment, name, conf, ..] = QUESTIONS;
    let (_parent, folder) = empty();
    let types = [
        (environment, "previews"),
        ("cannot be the name of a target", "dev"),
        (name, "no such"),
        ("not a valid name", "store"),
        (conf, "^C"),
    ];
    let (code, shown) = on_terminal(&folder, &[], &types);
    assert_eq!((code, files(&folder)), (130, Vec::new()), "{shown}");
}
