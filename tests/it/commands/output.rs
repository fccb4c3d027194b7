//! What a command says, where it says it, and how it ends.

use serde_json::{Value, json};

use super::{Said, Shell, writes};
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
fn a_report_in_json_is_all_that_is_printed() {
    let stage = Stage::new();
    let steps = [
        ("check", "checked", "planned", 0),
        ("plan --environment dev", "planned", "planned", 2),
        (&format!("deploy {ORDERS}"), "deployed", "created", 1),
        (&format!("deploy {ORDERS} "), "unchanged", "unchanged", 1),
        (&format!("destroy --yes {ORDERS}"), "destroyed", "destroyed", 1),
    ];
    for (line, result, count, wanted) in steps {
        let said = Shell::of(&stage).run(&format!("{line} --output json")).ended(0);
        let report = said.json();
        assert_eq!((&report["result"], &report["counts"][count]), (&json!(result), &json!(wanted)), "{line}: {report}");
        assert_eq!(said.stderr, "", "{line}");
    }
}

/// What was asked for, and what is told beside it, of commands that succeed and fail.
#[test]
fn what_was_asked_for_is_on_stdout_and_what_is_wrong_on_stderr() {
    let stage = Stage::new();
    let shell = Shell::of(&stage);
    shell.run("deploy --environment dev --deployment-file workflows/returns.json").ended(0);
    stage.repo.replace("workflows/orders.yml", "target: shop_dev", "target: shop-dev");
    let cases: [(&str, i32, &[&str], &[&str]); 7] = [
        ("check", 0, &["-          done     shop-orders", "checked"], &["warning[dash-in-target]"]),
        ("plan --environment dev", 0, &["create     planned", "planned in `dev`"], &["warning[dash-in-target]"]),
        (&format!("deploy {ORDERS}"), 0, &["create     done", "deployed in `dev`"], &["warning[dash-in-target]"]),
        ("status", 0, &["dev: 2 pipelines", "deployments found"], &[]),
        ("sweep", 0, &["listed in `dev`"], &[]),
        ("check --environment staging", 2, &[], &["error: `staging` is not a target", "failed: exit code 2"]),
        (&format!("destroy --yes {ORDERS}"), 0, &["destroyed in `dev`"], &["warning: tables and checkpoints"]),
    ];
    for (line, code, result, beside) in cases {
        let said = shell.run(line).ended(code);
        for (words, is, is_not) in [(result, &said.stdout, &said.stderr), (beside, &said.stderr, &said.stdout)] {
            for word in words {
                assert!(is.contains(word) && !is_not.contains(word), "{line}: `{word}`\n{said:?}");
            }
        }
        assert!(code == 0 || said.stdout.is_empty(), "{line}: {said:?}");
    }
}

#[test]
fn in_a_file_progress_is_a_line_now_and_then_and_not_each_step() {
    let stage = Stage::new();
    let said = Shell::of(&stage).run(&format!("deploy {ORDERS}")).ended(0);
    let line = format!("signed in to `{}` as `octocat@github.com`\n", stage.sandbox.databricks_url());
    assert!(said.stderr.contains(&line) && !said.stdout.contains(&line), "{said:?}");
    assert!(!said.stderr.contains("uploading") && !said.stderr.contains("creating"), "{}", said.stderr);
}

#[test]
fn a_command_that_asks_a_workspace_says_which_and_as_whom() {
    let stage = Stage::new();
    let shell = Shell::of(&stage);
    let host = stage.sandbox.databricks_url();
    for line in ["plan --environment dev", &format!("deploy {ORDERS}"), &format!("destroy --yes {ORDERS}")] {
        let said = shell.run(line).ended(0);
        assert!(said.stdout.contains(&format!("workspace: {host}, as `octocat@github.com`\n")), "{line}: {said:?}");
        let report = shell.run(&format!("{line} --output json")).ended(0).json();
        assert_eq!(report["workspace"], json!({"host": host, "user": "octocat@github.com"}), "{line}");
    }
    let report = shell.run("check --output json").ended(0).json();
    assert_eq!(report["workspace"], Value::Null);
}

#[test]
fn somebody_at_a_terminal_sees_each_step_and_with_verbose_each_request() {
    let cases: [(&str, &[&str], &[&str]); 3] = [
        ("", &["uploading `", "creating `shop-orders`", "deployed in `dev`"], &["GET /api", "INFO"]),
        ("--verbose", &["GET /api/2.0/pipelines", "POST /api/2.0/pipelines", "uploading `"], &[]),
        ("--output json", &["\"deployed\""], &["uploading `", "creating"]),
    ];
    for (flags, wanted, unwanted) in cases {
        let stage = Stage::new();
        let said = Shell::of(&stage).on_terminal(&format!("deploy {ORDERS} {flags}"), &[]).ended(0);
        for word in wanted {
            assert!(said.stdout.contains(word), "`{word}` with `{flags}`: {}", said.stdout);
        }
        for word in unwanted {
            assert!(!said.stdout.contains(word), "`{word}` with `{flags}`: {}", said.stdout);
        }
    }
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let stage = Stage::new();
    stage.repo.replace("workflows/orders.yml", "target: shop_dev", "traget: shop_dev");
    let shell = Shell::offline(&stage);
    let colored = |said: &Said| [&said.stdout, &said.stderr].map(|text| text.contains("\u{1b}["));
    for (flags, expected) in
        [("", [false; 2]), ("--color auto", [false; 2]), ("--color never", [false; 2]), ("--color always", [true; 2])]
    {
        let [wrong, right] = [("check", 3), ("check workflows/returns.json", 0)]
            .map(|(line, code)| shell.run(&format!("{line} {flags}")).ended(code));
        assert_eq!([colored(&right)[0], colored(&wrong)[1]], expected, "`{flags}`: {right:?} {wrong:?}");
    }
    for (flags, variable, value, expected) in [
        ("", "UNUSED", "", true),
        ("", "NO_COLOR", "1", false),
        ("", "NO_COLOR", "", true),
        ("", "TERM", "dumb", false),
        ("--color never", "UNUSED", "", false),
        ("--color always", "NO_COLOR", "1", true),
    ] {
        let said = shell.on_terminal(&format!("check {flags}"), &[(variable, value)]).ended(3);
        assert_eq!(colored(&said)[0], expected, "`{flags}` {variable}={value}: {said:?}");
    }
    let report = shell.run("check --output json --color always").ended(3);
    assert!(!report.stdout.contains('\u{1b}'), "{report:?}");
    shell.run("check --color sometimes").ended(2).told(&["possible values: auto, always, never"]);
}

#[test]
fn the_exit_code_tells_the_sort_of_trouble() {
    let deploy = format!("deploy {ORDERS} --output json");
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
        assert!(said.all().contains(words), "{words} is not in:\n{}", said.stderr);
        for word in ["workflow file", "step", "`with:`", "actions/checkout", "the input", "nothing was deployed"] {
            assert!(!said.all().contains(word), "{word} is in:\n{}", said.stderr);
        }
    }
    stage.repo.write("workflows/orders.yml", "dev: 1\n");
    shell.run("check").ended(3).told(&["1 error found\n"]);
}
