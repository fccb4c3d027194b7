//! What a change breaks in other environments than that of the run.

use serde_json::{Value, json};

use super::{found, opened, spec, writes};
use crate::support::{DATABRICKS_TOKEN, Stage};

/// What somebody commits.
type Change = fn(&Stage);

/// A mistake that only a deployment to `prod` would meet.
struct Mistake {
    about: &'static str,
    make: fn(&Stage),
    /// `rule path:line` of its finding.
    found: &'static str,
}

const NO_TASKS: &str = "prod: {workflows: [{name: nightly}]}\n";

const MISTAKES: [Mistake; 9] = [
    Mistake {
        about: "a field in the section of another environment",
        make: |stage| {
            _ = stage.repo.replace("workflows/orders.yml", "target: shop\n", "target: shop\n      photn: true\n");
        },
        found: "unknown-field workflows/orders.yml:23",
    },
    Mistake {
        about: "what rules find in it",
        make: |stage| _ = stage.repo.replace("workflows/orders.yml", "/mnt/lake/shop/prod/orders", "mnt/orders"),
        found: "relative-storage workflows/orders.yml:21",
    },
    Mistake {
        about: "a spec that only another environment has",
        make: |stage| _ = stage.repo.write("workflows/nightly.yml", NO_TASKS),
        found: "missing-field workflows/nightly.yml:1",
    },
    Mistake {
        about: "a workflow without a name",
        make: |stage| _ = stage.repo.write("workflows/nightly.yml", NO_TASKS.replace("name", "nam")),
        found: "missing-field workflows/nightly.yml:1",
    },
    Mistake {
        about: "a key that is given twice in its section",
        make: |stage| {
            _ = stage.repo.replace("workflows/orders.yml", "target: shop\n", "target: shop\n      target: x\n");
        },
        found: "duplicate-key workflows/orders.yml:23",
    },
    Mistake {
        about: "a copy of a workflow that is not touched",
        make: |stage| _ = stage.repo.write("workflows/copy.yml", spec("prod", "shop-returns")),
        found: "duplicate-workflow-name workflows/copy.yml:4",
    },
    Mistake {
        about: "a configuration that only another environment names",
        make: |stage| {
            stage.repo.replace("workflows/nightly.yml", "conf/orders.json", "nightly/prod.json");
            stage
                .repo
                .write("nightly/prod.json", "{\n  \"dlt\": {\"func_name\": \"orders\", \"kind\": \"tabel\"}\n}\n");
        },
        found: "invalid-config nightly/prod.json:2",
    },
    Mistake {
        about: "a configuration that is gone",
        make: |stage| _ = stage.repo.git(&["rm", "--quiet", "conf/gone.json"]),
        found: "missing-config-file workflows/gone.yml:7",
    },
    Mistake {
        about: "a Python file that is gone",
        make: |stage| _ = stage.repo.git(&["mv", "jobs/daily.py", "jobs/weekly.py"]),
        found: "missing-python-file workflows/daily.yml:7",
    },
];

/// The example, with workflows that only production has.
fn with_production() -> Stage {
    let stage = Stage::new();
    let production = |name: &str, from: &str, to: &str| {
        stage.repo.write(&format!("workflows/{name}.yml"), spec("prod", name).replace(from, to));
    };
    production("nightly", "", "");
    production("gone", "conf/orders.json", "conf/gone.json");
    production("daily", "shop/pipelines/orders.py", "jobs/daily.py");
    stage.repo.write("conf/gone.json", "{\"dlt\": {\"func_name\": \"x\", \"kind\": \"table\"}}");
    stage
        .repo
        .write("jobs/daily.py", "")
        .write("dltflow.yml", stage.repo.read("dltflow.yml") + "check: {python-file-outside-code: off}\n");
    stage.repo.commit("production");
    stage
}

/// The line of a report to do the same.
fn reproduce(report: &Value) -> String {
    let words: Vec<&str> = report["reproduce"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    words[1..].join(" ")
}

#[test]
fn what_a_pull_request_breaks_in_another_environment_fails_it_and_the_line_that_reproduces_it() {
    for Mistake { about, make, found: wanted } in MISTAKES {
        let stage = with_production();
        let ran = opened(&stage, make);
        assert_eq!((ran.code, ran.output("result")), (3, "failed"), "{about}: {}", ran.report);
        assert!(found(&ran.report).contains(&format!("error {wanted}")), "{about}: {:#?}", found(&ran.report));
        assert_eq!(writes(&stage), Vec::<String>::new(), "{about}");
        stage.repo.git(&["update-ref", "refs/remotes/origin/main", "main"]);
        let line = reproduce(&ran.report);
        assert!(line.starts_with("plan --environment dev --pull-request 42 --changed-since"), "{line}");
        assert_eq!(code_and_findings(&stage, &line), (3, found(&ran.report)), "{about}");
        let line = "check --environment dev --changed-since origin/main";
        assert_eq!(code_and_findings(&stage, line), (3, found(&ran.report)), "{about}");
    }
}

/// Runs a command line: its exit code and findings.
fn code_and_findings(stage: &Stage, line: &str) -> (i32, Vec<String>) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_dltflow"));
    command.current_dir(stage.repo.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command.env("DATABRICKS_HOST", stage.sandbox.databricks_url()).env("DATABRICKS_TOKEN", DATABRICKS_TOKEN);
    let output = command.args(line.split_whitespace()).args(["--output", "json"]).output().unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), found(&report))
}

#[test]
fn what_is_broken_in_another_environment_is_a_warning_where_it_is_merged() {
    for Mistake { about, make, found: wanted } in MISTAKES {
        let stage = with_production();
        let before = stage.repo.head();
        stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
        make(&stage);
        stage.repo.commit("merged all the same");
        let warning = format!("warning {wanted}");
        let ran = stage.run(&stage.on_push("refs/heads/main", Some(&before)));
        assert_eq!(ran.code, 0, "{about}: {}", ran.report);
        assert!(found(&ran.report).contains(&warning), "{about}: {:#?}", found(&ran.report));
        for line in ["check --environment dev", "plan --environment dev"] {
            let (code, found) = code_and_findings(&stage, line);
            // Of twins that both count as changed, the later one has the finding.
            let rule = warning.split(" workflows/").next().unwrap();
            assert!(code == 0 && found.iter().any(|found| found.starts_with(rule)), "{about}: {code} {found:?}");
        }
    }
}

#[test]
fn a_tag_deploys_although_the_environment_of_the_branches_is_broken() {
    let mistakes: [(&str, Change); 4] = [
        ("a field", |stage| _ = stage.repo.replace("workflows/orders.yml", "target: shop_dev", "targt: shop_dev")),
        ("a key twice", |stage| {
            _ = stage.repo.replace("workflows/orders.yml", "target: shop_dev", "target: x\n      target: y");
        }),
        ("a section that is no list", |stage| _ = stage.repo.write("workflows/new.yml", "dev: {workflows: 3}\n")),
        ("twins", |stage| _ = stage.repo.write("workflows/new.yml", spec("dev", "shop-orders"))),
    ];
    for (about, make) in mistakes {
        let stage = Stage::new();
        make(&stage);
        stage.repo.commit("broken");
        stage.repo.git(&["tag", "v1.0.0"]);
        let ran = stage.run(&stage.on_push("refs/tags/v1.0.0", None));
        ran.ended(0, "deployed");
        assert_eq!((ran.output("environment"), stage.pipelines().len()), ("prod", 2), "{about}");
        let found = found(&ran.report);
        assert!(!found.is_empty() && found.iter().all(|found| found.starts_with("warning ")), "{about}: {found:?}");
    }
}

#[test]
fn what_the_change_does_not_touch_in_another_environment_is_not_its_business() {
    let stage = Stage::new();
    stage.repo.replace("workflows/returns.json", "/mnt/lake/shop/prod/returns", "relative").commit("broken");
    let ran =
        opened(&stage, |stage| _ = stage.repo.replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4"));
    ran.ended(0, "deployed");
    assert_eq!(found(&ran.report), Vec::<String>::new());
    // A file of the code is one of every workflow.
    stage.repo.write("shop/prices.py", "PRICES = {}\n").commit("code");
    let ran = stage.run(&stage.on_pull_request("synchronize", 42, "change"));
    ran.ended(3, "failed");
    assert_eq!(found(&ran.report), ["error relative-storage workflows/returns.json:21"]);
}

#[test]
fn a_mistake_that_environments_share_by_an_anchor_is_told_once() {
    for (about, text, wanted) in [
        (
            "a workflow",
            "x: &x {name: a, photn: true, tasks: {items: [{python_file: shop/prices.py}]}}\ndev: {workflows: [*x]}\nprod: {workflows: [*x]}\n",
            "error unknown-field workflows/a.yml:1",
        ),
        (
            "a cluster",
            "x: &x {label: default, num_workers: two}\ndev: {workflows: [{name: a, clusters: [*x], tasks: &t {items: [{python_file: shop/prices.py}]}}]}\nprod: {workflows: [{name: b, clusters: [*x], tasks: *t}]}\n",
            "error wrong-type workflows/a.yml:1",
        ),
        (
            "a section",
            "dev: &x\n  workflows:\n  - {name: a, storage: b, tasks: {items: [{python_file: shop/prices.py}]}}\nprod: *x\n",
            "error relative-storage workflows/a.yml:3",
        ),
        ("an item of a section", "dev: &x\n  workflows:\n  - 3\nprod: *x\n", "error wrong-type workflows/a.yml:3"),
        (
            "a key of a section",
            "dev: &x\n  workflows: []\n  jobs: []\nprod: *x\n",
            "error unknown-field workflows/a.yml:3",
        ),
        (
            "a key twice",
            "dev: &x\n  workflows: []\n  workflows: []\nprod: *x\n",
            "error duplicate-key workflows/a.yml:3",
        ),
        (
            "twins",
            "dev: &x\n  workflows:\n  - &y {name: a, tasks: {items: [{python_file: shop/prices.py}]}}\n  - *y\nprod: *x\n",
            "error duplicate-workflow-name workflows/a.yml:3",
        ),
        (
            "a configuration",
            "dev: &x\n  workflows:\n  - {name: a, tasks: {items: [{python_file: shop/prices.py, parameters: [a.json]}]}}\nprod: *x\n",
            "error missing-config-file workflows/a.yml:3",
        ),
    ] {
        let stage = Stage::new();
        let ran = opened(&stage, |stage| _ = stage.repo.write("workflows/a.yml", text));
        ran.ended(3, "failed");
        assert_eq!(found(&ran.report), [wanted], "{about}");
        assert!(
            ran.report["error"]["message"].as_str().unwrap().starts_with("1 error found"),
            "{about}: {}",
            ran.report
        );
    }
}

#[test]
fn rules_about_previews_are_for_the_environment_of_the_run() {
    let stage = Stage::new();
    let ran = opened(&stage, |stage| {
        stage.repo.replace(
            "workflows/orders.yml",
            "target: shop\n",
            "target: shop\n      run_as: {user_name: octocat@github.com}\n",
        );
        stage.repo.write(
            "conf/prod.json",
            "{\"dlt\": {\"func_name\": \"orders\", \"name\": \"lake.orders\", \"kind\": \"table\"}}",
        );
        stage.repo.write("workflows/prod.yml", spec("prod", "other").replace("conf/orders.json", "conf/prod.json"));
    });
    ran.ended(0, "deployed");
    assert_eq!(found(&ran.report), Vec::<String>::new());
}

#[test]
fn a_fork_is_told_what_it_breaks_in_any_environment() {
    let stage = Stage::new();
    stage.repo.branch("change").replace("workflows/orders.yml", "target: shop\n", "targt: shop\n").commit("change");
    let mut runner = stage.on_pull_request("opened", 42, "change");
    runner.payload("/pull_request/head/repo/full_name", json!("hubot/shop"));
    let ran = stage.run(&runner);
    ran.ended(3, "failed");
    assert_eq!(found(&ran.report), ["error unknown-field workflows/orders.yml:22"]);
    assert!(reproduce(&ran.report).starts_with("check --environment dev --changed-since origin/main"));
}

#[test]
fn files_that_another_environment_names_are_no_part_of_the_release() {
    // Whether `data/in` is a folder decides what a parameter means, and what is shipped.
    let stage = Stage::new();
    let parameters = "\"--conf\", \"conf/returns.json\"";
    stage.repo.replace("workflows/returns.json", parameters, &format!("\"data/in\", {parameters}"));
    stage.repo.write("data/in/rates.csv", "1\n").commit("a folder");
    stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
    let before = stage.repo.head();
    stage.repo.write(
        "workflows/nightly.yml",
        spec("prod", "nightly").replace("--conf, conf/orders.json", "data/in/rates.csv"),
    );
    stage.repo.commit("production");
    stage.requests();
    let mut runner = stage.on_push("refs/heads/main", Some(&before));
    let ran = stage.run(runner.input("all", "true"));
    ran.ended(0, "unchanged");
    assert_eq!(writes(&stage).len(), 0, "{:?}", ran.report);
}

#[test]
fn nothing_is_released_of_a_project_with_a_file_that_is_too_large() {
    let stage = Stage::new();
    let before = stage.repo.head();
    stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
    stage.repo.write("conf/large.json", vec![b' '; (10 << 20) + 1]).commit("large");
    stage.requests();
    let ran = stage.run(&stage.on_push("refs/heads/main", Some(&before)));
    ran.ended(0, "unchanged");
    assert_eq!(
        (found(&ran.report), writes(&stage)),
        (vec!["warning left-out conf/large.json:null".to_owned()], vec![])
    );
    // A pull request is told by what it changes, also for an environment that is not deployed by it.
    stage.repo.branch("change").write("workflows/nightly.yml", spec("prod", "nightly")).commit("change");
    let ran = stage.run(&stage.on_pull_request("opened", 42, "change"));
    ran.ended(2, "failed");
}
