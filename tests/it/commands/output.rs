//! What a command says, where it says it, and how it ends.

use serde_json::{Value, json};

use super::{Shell, writes};
use crate::support::Stage;

const ORDERS: &str = "--environment dev --deployment-file workflows/orders.yml";

#[test]
fn check_needs_no_workspace_and_asks_none() {
    let stage = Stage::new();
    stage.repo.replace("workflows/returns.json", "\"target\"", "\"targets\"");
    for shell in [Shell::offline(&stage), Shell::of(&stage)] {
        shell.run("check workflows/orders.yml").ended(0).told(&["1 workflow checked"]);
        let report = shell.run("check --output json").ended(3).json();
        let found = &report["findings"][0];
        assert_eq!((&found["rule"], &found["line"]), (&json!("unknown-field"), &json!(8)), "{report}");
        shell.run("check").ended(3).told(&["workflows/returns.json:8:", "did you mean `target`?"]);
        shell.run("check --environment prod").ended(3);
    }
    assert_eq!(stage.requests(), Vec::<String>::new());
}

#[test]
fn check_looks_only_at_what_was_touched_since_a_revision() {
    let stage = Stage::new();
    let names = |since: &str| {
        let report =
            Shell::offline(&stage).run(&format!("check --changed-since {since} --output json")).ended(0).json();
        report["workflows"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("HEAD"), Vec::<Value>::new());
    stage.repo.write("conf/returns.json", stage.repo.read("conf/returns.json") + "\n");
    assert_eq!(names("HEAD"), ["shop-returns"]);
    stage.repo.commit("returns");
    stage.repo.write("shop/prices.py", "# nothing is priced\n");
    assert_eq!(names("HEAD"), ["shop-orders", "shop-returns"]);
    let unknown = Shell::offline(&stage).run("check --changed-since no-such-branch");
    unknown.ended(2).told(&["revision `no-such-branch` is not a commit"]);
}

#[test]
fn json_alone_is_on_stdout_and_text_alone_on_stderr() {
    let stage = Stage::new();
    let steps = [
        ("check", "checked", "planned", 0),
        ("plan --environment dev", "planned", "planned", 2),
        (&format!("deploy-py-dlt {ORDERS}"), "deployed", "created", 1),
        (&format!("deploy-py-dlt {ORDERS} "), "unchanged", "unchanged", 1),
        (&format!("destroy --yes {ORDERS}"), "destroyed", "destroyed", 1),
    ];
    for (line, result, count, wanted) in steps {
        let said = Shell::of(&stage).run(&format!("{line} --output json")).ended(0);
        let report = said.json();
        assert_eq!((&report["result"], &report["counts"][count]), (&json!(result), &json!(wanted)), "{line}: {report}");
        assert_eq!(said.stderr, "", "{line}");
    }
    let said = Shell::of(&stage).run(&format!("deploy-py-dlt {ORDERS}")).ended(0);
    assert_eq!(said.stdout, "");
    assert!(!said.stderr.contains("uploading") && !said.stderr.contains("creating"), "nobody watches: {}", said.stderr);
}

#[test]
fn somebody_at_a_terminal_sees_each_step_and_with_verbose_each_request() {
    let terminal = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    let cases: [(&str, &[&str], &[&str]); 3] = [
        ("", &["uploading `", "creating `shop-orders`", "deployed in `dev`"], &["GET /api", "INFO"]),
        ("--verbose", &["GET /api/2.0/pipelines", "POST /api/2.0/pipelines", "uploading `"], &[]),
        ("--output json", &["\"deployed\""], &["uploading `", "creating"]),
    ];
    for (flags, wanted, unwanted) in cases {
        let stage = Stage::new();
        let shell = Shell::of(&stage);
        let mut command = shell.command("python3");
        command.args(["-c", terminal, env!("CARGO_BIN_EXE_dltflow"), "deploy-py-dlt"]);
        let said = shell.said(command.args(ORDERS.split(' ')).args(flags.split_whitespace())).ended(0);
        for word in wanted {
            assert!(said.stdout.contains(word), "`{word}` with `{flags}`: {}", said.stdout);
        }
        for word in unwanted {
            assert!(!said.stdout.contains(word), "`{word}` with `{flags}`: {}", said.stdout);
        }
    }
}

#[test]
fn the_exit_code_tells_the_sort_of_trouble() {
    let deploy = format!("deploy-py-dlt {ORDERS} --output json");
    let fault = |method: &str, path: &str, status: u16| json!({"method": method, "path": path, "action": "respond", "status": status});
    let me = "/api/2.0/preview/scim/v2/Me";
    let cases = [
        (fault("GET", me, 401), 6, "refused"),
        (fault("GET", me, 403), 6, "refused"),
        (fault("POST", "/api/2.0/pipelines", 400), 4, "failed"),
        (fault("POST", "/api/2.0/pipelines", 403), 6, "refused"),
    ];
    for (fault, code, kind) in cases {
        let stage = Stage::new();
        stage.control("POST", "faults", &fault);
        let report = Shell::of(&stage).run(&deploy).ended(code).json();
        let error = &report["error"];
        assert_eq!((&error["kind"], &error["exit_code"]), (&json!(kind), &json!(code)), "{fault}: {report}");
    }
    let stage = Stage::new();
    Shell::offline(&stage).run(&deploy).ended(2);
    stage.repo.replace("conf/orders.json", "\"dlt\"", "\"dlt\",");
    stage.repo.replace("workflows/orders.yml", "shop/pipelines/orders.py", "shop/pipelines/gone.py");
    Shell::of(&stage).run(&deploy).ended(3);
    assert_eq!(writes(&stage), Vec::<String>::new());
}

#[test]
fn a_terminal_reads_nothing_about_workflow_files() {
    let stage = Stage::new();
    let shell = Shell::of(&stage);
    let plan = "plan --environment dev";
    for (variable, value, line, words) in [
        ("DATABRICKS_TOKEN", "one\ntwo", plan, "set the environment variable `DATABRICKS_TOKEN` to the token alone"),
        ("DATABRICKS_TOKEN", " ", plan, "set the environment variable `DATABRICKS_TOKEN`"),
        ("DATABRICKS_HOST", " ", plan, "set the environment variable `DATABRICKS_HOST`"),
        ("DATABRICKS_HOST", "http://example.com", plan, "`DATABRICKS_HOST`"),
        ("UNUSED", "", "check --environment dev workflows/none.yml", "paths are relative to the working directory"),
        (
            "UNUSED",
            "",
            "check --environment dev --working-directory workflows none*.yml",
            "no file matches `workflows/none*.yml`",
        ),
    ] {
        let mut command = shell.command(env!("CARGO_BIN_EXE_dltflow"));
        let said = shell.said(command.env(variable, value).args(line.split_whitespace()));
        assert_eq!(said.code, 2, "{}", said.stderr);
        assert!(said.stderr.contains(words), "{words} is not in:\n{}", said.stderr);
        for word in ["workflow file", "step", "`with:`", "actions/checkout", "the input", "nothing was deployed"] {
            assert!(!said.stderr.contains(word), "{word} is in:\n{}", said.stderr);
        }
    }
    stage.repo.write("workflows/orders.yml", "dev: 1\n");
    shell.run("check").ended(3).told(&["1 error found\n"]);
}
