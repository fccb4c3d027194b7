//! Real Spark, if `scripts/test` has installed it and there is Java. Each run takes seconds, so there are few.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{Finished, Laptop, here};
use crate::support::tally;

/// An interpreter with all that Spark needs except pyspark, and the folder of pyspark.
pub(crate) fn spark() -> Option<(PathBuf, PathBuf)> {
    static FOUND: LazyLock<Option<(PathBuf, PathBuf)>> = LazyLock::new(|| {
        let named = |name: &str, otherwise: &str| std::env::var_os(name).map_or_else(|| here(otherwise), PathBuf::from);
        let python = named("DLTFLOW_TEST_PYTHON", "target/engines/bin/python");
        let spark = named("DLTFLOW_SPARK", "target/spark/4.3.0");
        let java =
            Command::new("java").arg("-version").stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        let missing = [
            (!python.exists(), python.display().to_string()),
            (!spark.exists(), spark.display().to_string()),
            (!java, "java".to_owned()),
        ];
        let missing: Vec<String> = missing.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect();
        if missing.is_empty() {
            return Some((python, spark));
        }
        let line = format!("NOT RUN: there is no {}", missing.join(", no "));
        tally("run-local", &line);
        None
    });
    FOUND.clone()
}

/// Orders with what may be wrong with them, and totals of those that stay; both from one class.
const CODE: &str = r#"
import os
from dltflow.quality import DLTMetaMixin

class Shop(DLTMetaMixin):
    def __init__(self, spark, init_conf=None):
        self.spark = spark
    def orders(self):
        assert "DATABRICKS_TOKEN" not in os.environ
        rows = "(1, 'apples', 3, 0.4D), (2, 'pears', 0, 0.6D), (3, null, 12, 0.2D), (4, 'plums', 2, -1.0D)"
        return self.spark.sql(f"select * from values {rows} as rows(id, item, quantity, price)")
    def totals(self):
        return self.spark.read.table("orders").selectExpr("id", "quantity * price as total")
"#;

fn conf(action: &str) -> Value {
    json!({"dlt": [
        {"func_name": "orders", "kind": "table", "quarantine": {"table": "wrong_orders"}, "expectations": [
            {"name": "named", "constraint": "item is not null", "action": "allow"},
            {"name": "ordered", "constraint": "quantity > 0", "action": "drop"},
            {"name": "priced", "constraint": "price >= 0", "action": "quarantine"}]},
        {"func_name": "totals", "kind": "table", "expectation_action": action,
         "expectations": [{"name": "small", "constraint": "total < 2"}]}]})
}

/// A laptop whose Java is the real one, and whose workflow is the one above.
fn laptop(python_path: &Path, action: &str) -> Laptop {
    let laptop = Laptop::new().set("PYTHONPATH", python_path.to_str().unwrap());
    let laptop = laptop.set("PATH", &std::env::var("PATH").unwrap()).set("DATABRICKS_TOKEN", "dapi-not-for-you");
    laptop
        .repo
        .write("shop/pipelines/orders.py", CODE)
        .write("conf/orders.json", conf(action).to_string())
        .commit("shop");
    laptop
}

fn start(laptop: &Laptop, python: &Path, more: &str) -> std::process::Child {
    let mut command = laptop.command(&format!("--workflow shop-orders {more} --python"));
    command.arg(python).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn run(laptop: &Laptop, python: &Path, more: &str) -> Finished {
    Finished::of(start(laptop, python, more).wait_with_output().unwrap())
}

/// What a report says of each dataset, without the time.
fn counts(report: &Value) -> Value {
    let dataset = |dataset: &Value| {
        let found = dataset["expectations"].as_array().unwrap().iter();
        let found = found.map(|found| json!([found["name"], found["action"], found["passed"], found["failed"]]));
        json!([dataset["name"], dataset["rows"], dataset["dropped"], dataset["quarantined"], found.collect::<Vec<_>>()])
    };
    report["datasets"].as_array().unwrap().iter().map(dataset).collect()
}

const NAMED: [(&str, &str, u64, u64); 3] =
    [("named", "allow", 3, 1), ("ordered", "drop", 3, 1), ("priced", "quarantine", 3, 1)];

#[test]
fn both_engines_at_once_in_one_project_make_the_same_of_it() {
    let Some((python, spark)) = spark() else { return };
    let laptop = laptop(&spark, "allow");
    let engines = ["sdp", "spark"];
    let runs = engines.map(|engine| start(&laptop, &python, &format!("--output json --engine {engine}")));
    for (engine, run) in engines.into_iter().zip(runs) {
        let finished = Finished::of(run.wait_with_output().unwrap()).ended(0, &["running `shop-orders`"]);
        let report = finished.json();
        let folder = laptop.repo.path().join(".dltflow/local/shop-orders").join(engine);
        assert_eq!((&report["engine"], &report["folder"]), (&json!(engine), &json!(folder)), "{}", finished.stderr);
        let mut made = counts(&report);
        made.as_array_mut().unwrap().sort_by_key(|dataset| dataset[0].as_str().unwrap().to_owned());
        let totals = json!(["totals", 2, 0, 0, [["small", "allow", 1, 1]]]);
        assert_eq!(made[0], json!(["orders", 2, 2, 1, NAMED]), "{engine}: {}", finished.stderr);
        assert_eq!(made[1], totals, "{engine}");
        assert_eq!(made[2][0], "wrong_orders", "{engine}");
        assert!(folder.join("spark.log").is_file(), "{engine}");
    }
    assert_eq!(laptop.repo.git(&["status", "--porcelain"]), "");

    // Again in the same folder, now with a row that is not allowed.
    laptop.repo.write("conf/orders.json", conf("fail").to_string());
    let finished = run(&laptop, &python, "--engine spark").ended(
        3,
        &[
            "error: `totals`: a row fails the expectation `small`: {\"id\":3,\"total\":2.4",
            "1 expectation with the action `fail` stops the run",
        ],
    );
    for row in [
        "dataset       rows  dropped  quarantined",
        "orders           2        2            1",
        "totals   small        fail             1       1",
    ] {
        assert!(finished.stdout.contains(row), "`{row}` is no result:\n{}", finished.stdout);
    }
    tally("run-local", &format!("{} runs on real Spark, by both engines, two at once, one again", engines.len() + 1));
}
