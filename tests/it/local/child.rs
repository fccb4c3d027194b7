//! The Python process: its input, the meaning of its exit, and how it is stopped.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Finished, Laptop, report};
use crate::support::{Canary, DATABRICKS_TOKEN, GITHUB_TOKEN, send};

#[test]
fn no_secret_is_passed_on_and_the_modules_of_the_release_come_first() {
    let mut laptop = Laptop::new().set("RUN", "/usr/bin/env > \"$RECORD.env\"; echo \"$RESULT\"; echo \"$MINE\" >&2");
    for (name, value) in [
        ("DATABRICKS_TOKEN", DATABRICKS_TOKEN),
        ("GITHUB_TOKEN", GITHUB_TOKEN),
        ("INPUT_DATABRICKS-TOKEN", DATABRICKS_TOKEN),
        ("ACTIONS_RUNTIME_TOKEN", "runtime"),
        ("MY_PASSWORD", "pass"),
        ("OTHER", DATABRICKS_TOKEN),
        ("PIP_INDEX_URL", "https://user:pass@h/simple"),
        ("SPARK_REMOTE", "sc://elsewhere"),
        ("SPARK_HOME", "/elsewhere"),
        ("PYTHONPATH", "/mine:/too"),
        ("RESULT", &report().to_string()),
    ] {
        laptop = laptop.set(name, value);
    }
    laptop.orders("").ended(0, &[]);
    let env = std::fs::read_to_string(laptop.path("record.env")).unwrap();
    assert_eq!(
        [DATABRICKS_TOKEN, GITHUB_TOKEN].map(|token| Canary::new(token).seen(&env).map(str::to_owned)),
        [None, None]
    );
    for name in
        ["DATABRICKS", "GITHUB_TOKEN", "INPUT_", "ACTIONS_", "PASSWORD", "OTHER", "PIP_", "SPARK_REMOTE", "SPARK_HOME"]
    {
        assert!(!env.lines().any(|line| line.contains(name)), "{name}:\n{env}");
    }
    let value = |name: &str| env.lines().find_map(|line| line.strip_prefix(&format!("{name}="))).unwrap_or_default();
    let bin = laptop.environments()[0].join("venv/bin");
    assert_eq!(value("PYSPARK_PYTHON"), bin.join("python").to_str().unwrap());
    assert_eq!(value("PATH"), format!("{}:{}", bin.display(), laptop.path("bin").display()));
    let code = value("PYTHONPATH").strip_suffix(":/mine:/too").unwrap();
    assert!(
        code.ends_with("/code") && !std::path::Path::new(code).exists(),
        "{code}: what was unpacked goes with the run"
    );
}

#[test]
fn the_driver_is_the_notebook_that_is_deployed_beside_the_unpacked_wheel() {
    let laptop =
        Laptop::new().set("RUN", "/bin/cp -r \"$PYTHONPATH\" \"$RECORD.code\"; /bin/cp \"$9\" \"$RECORD.py\"; exit 1");
    laptop.orders("").ended(1, &["the run failed (exit code 1)"]);
    let driver = std::fs::read_to_string(laptop.path("record.py")).unwrap();
    assert!(
        driver.starts_with(
            "# Databricks notebook source\n# MAGIC %pip install /Workspace/Shared/.dltflow/shop/dev/dltflow_project_shop-"
        ),
        "{driver}"
    );
    assert!(driver.contains("dltflow.launch(\n    \"shop.pipelines.orders\""), "{driver}");
    for file in ["shop/pipelines/orders.py", "dltflow/driver.py", "_dltflow_data/conf/orders.json"] {
        assert!(laptop.path("record.code").join(file).is_file(), "{file}");
    }
    assert_eq!(laptop.repo.git(&["status", "--porcelain"]), "", "git sees nothing of a run");
    assert_eq!(laptop.repo.read(".dltflow/.gitignore"), "*\n");
}

#[test]
fn how_python_ends_decides_how_the_run_ends() {
    let failed = json!({"engine": "sdp", "folder": "/t", "datasets": [
        {"name": "orders", "kind": "table", "outcome": "failed", "rows": 0, "dropped": 0, "quarantined": 0, "seconds": 1.25,
         "expectations": [{"name": "paid", "action": "fail", "passed": 9, "failed": 1}]},
        {"name": "totals\u{1b}[2J\n::error::x", "kind": "view", "outcome": "skipped", "rows": null, "dropped": 0,
         "quarantined": 0, "seconds": 0.0, "expectations": []}],
        "failed": [{"dataset": "orders", "expectation": "paid", "record": "{\"id\":7}", "count": 1}]});
    let print = |report: &serde_json::Value| {
        format!("echo '{}'", report.to_string().replace("\\n", "\\\\n").replace("\\u", "\\\\u"))
    };
    let mut more = report();
    more["more"] = json!(1);
    for (run, code, words) in [
        (
            format!("{}; exit 3", print(&failed)),
            3,
            &[
                "orders                   0        0            0  1.2 s  failed\n",
                "totals[2J↵::error::x     -        -            -      -  skipped\n",
                "orders   paid         fail         9       1\n",
                "error: `orders`: a row fails the expectation `paid`: {\"id\":7}\n",
                "1 expectation with the action `fail` stops the run",
            ][..],
        ),
        (
            "echo 'error: conf/x.json: dlt.kind: is no kind' >&2; exit 2".to_owned(),
            2,
            &["error: conf/x.json: dlt.kind: is no kind\n"],
        ),
        (
            "echo 'error: first' >&2; echo 'error: second' >&2; exit 1".to_owned(),
            1,
            &["error: first\n", "hint: second"],
        ),
        ("echo said >&2; exit 7".to_owned(), 1, &["said\n", "the run failed (exit code 7)"]),
        ("kill -9 $$".to_owned(), 1, &["the run was killed", "memory"]),
        ("echo '{}'".to_owned(), 1, &["cannot read the report of the run", "missing field"]),
        (print(&more), 1, &["unknown field `more`"]),
        ("echo; exit 0".to_owned(), 1, &["cannot read the report of the run"]),
        ("exit 0".to_owned(), 1, &["the run ended without a report"]),
        ("exit 3".to_owned(), 1, &["the run ended without a report"]),
        ("/bin/head -c 17000000 /dev/zero".to_owned(), 1, &["printed more than 16777216 bytes"]),
        (
            "echo \"$PYTHONPATH/shop/a.py: x, $PYTHONPATH/_dltflow_data/conf/b.json\" >&2; exit 1".to_owned(),
            1,
            &["\nshop/a.py: x, conf/b.json\n"],
        ),
        (
            "printf 'one\\ttwo\\033[1m\\r\\n::error::three\\n' >&2; exit 1".to_owned(),
            1,
            &["one\ttwo\\x1b[1m\n\\::error::three\n"],
        ),
        ("echo dapi''0123456789abcdef0123456789abcdef >&2; exit 1".to_owned(), 1, &["\n***\n"]),
    ] {
        let finished = Laptop::new().set("RUN", &run).orders("--python python3").ended(code, words);
        assert!(!format!("{}{}", finished.stderr, finished.stdout).contains('\u{1b}'), "{run}: {finished:?}");
        assert_eq!(finished.stdout.is_empty(), !run.contains("quarantined"), "{run}: {finished:?}");
    }
}

#[test]
fn the_json_report_holds_what_python_reported_or_why_there_is_none() {
    let mut made = report();
    made["datasets"] = json!([{"name": "orders", "kind": "table", "outcome": "completed", "rows": 2, "dropped": 1, "quarantined": 0,
        "seconds": 1.5, "expectations": [{"name": "paid", "action": "drop", "passed": 2, "failed": 1}]}]);
    let laptop = Laptop::new().set("RUN", &format!("echo '{made}'"));
    let printed = laptop.orders("--output json").ended(0, &["created the Python environment"]).json();
    for field in ["engine", "datasets", "failed", "folder"] {
        assert_eq!(printed[field], made[field], "{field}");
    }
    assert_eq!((&printed["schema"], &printed["result"]), (&json!(1), &json!("ran")));
    let printed = laptop.run("--output json --workflow none").ended(2, &[]).json();
    assert_eq!((&printed["datasets"], &printed["error"]["exit_code"]), (&json!(null), &json!(2)));
}

/// The program is stopped while Python waits for a child of its own.
#[test]
fn a_signal_ends_python_and_all_that_it_started() {
    for (signal, code, ignores) in [("INT", 130, ""), ("TERM", 143, ""), ("INT", 130, "trap '' TERM;")] {
        let run = format!("{ignores} /bin/sleep 300 & echo \"started $!\" >&2; wait; wait; /bin/sleep 300");
        let laptop = Laptop::new().set("RUN", &run);
        let mut command = laptop.command("--workflow shop-orders --engine spark --python python3");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let started = lines.find_map(|line| Some(line.strip_prefix("started ")?.to_owned())).unwrap();
        let asked = Instant::now();
        send(&child, signal);
        let lines: Vec<String> = lines.collect();
        let finished = Finished::of(child.wait_with_output().unwrap()).ended(code, &[]);
        assert!(finished.stdout.is_empty() && lines.iter().any(|line| line.contains("asked to stop")), "{lines:?}");
        assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
        let status = std::fs::read_to_string(format!("/proc/{started}/stat")).unwrap_or_default();
        assert!(status.is_empty() || status.contains(") Z "), "{signal}: {status}");
    }
}

#[test]
fn the_log_of_spark_is_named_only_where_it_may_hold_the_reason() {
    let log = "/bin/mkdir -p \"${11}\"; echo killed > \"${11}/spark.log\"";
    for (run, named) in [
        (format!("{log}; exit 7"), true),
        (format!("{log}; kill -9 $$"), true),
        (format!("{log}; exit 0"), true),
        // What Python reports says itself where to read on.
        (format!("{log}; echo 'error: a.py:3: SyntaxError: invalid syntax' >&2; exit 1"), false),
        // There is none, or nothing in it.
        ("exit 7".to_owned(), false),
        ("/bin/mkdir -p \"${11}\"; : > \"${11}/spark.log\"; exit 7".to_owned(), false),
    ] {
        let finished = Laptop::new().set("RUN", &run).orders("--python python3").ended(1, &[]);
        assert_eq!(finished.stderr.contains("spark.log"), named, "{run}: {}", finished.stderr);
    }
}
