//! Errors that are reported before anything is installed or started.

use super::Laptop;

/// Refused, and no program was asked for anything.
#[track_caller]
fn refused(laptop: &Laptop, line: &str, code: i32, words: &[&str]) {
    laptop.run(line).ended(code, words);
    assert_eq!(laptop.record(), "", "{line}");
    assert!(!laptop.repo.path().join(".dltflow").exists(), "{line}");
}

#[test]
fn a_workflow_is_known_by_its_name_in_its_environment() {
    let laptop = Laptop::new();
    for (line, words) in [
        ("", &["`dev` has several workflows", "hint: name one with `--workflow`: `shop-orders`, `shop-returns`"][..]),
        ("--workflow shop-order", &["is not a workflow of `dev`", "hint: did you mean `shop-orders`?"]),
        (
            "--workflow other",
            &["`other` is not a workflow of `dev`", "its workflows are `shop-orders`, `shop-returns`"],
        ),
        ("--environment prod", &["`prod` has several workflows"]),
        ("--environment test", &["`test` is not a target of `dltflow.yml`"]),
        ("--engine dlt", &["possible values: sdp, spark"]),
    ] {
        refused(&laptop, line, 2, words);
    }
    std::fs::remove_file(laptop.repo.path().join("workflows/returns.json")).unwrap();
    laptop
        .run("--engine spark")
        .ended(0, &["running `shop-orders` on plain Spark", "ran in `dev`: 0 datasets updated"]);
    laptop.repo.write("workflows/orders.yml", "prod: {workflows: []}\n");
    laptop.run("").ended(2, &["no spec has a workflow for `dev`"]);
}

#[test]
fn what_a_check_refuses_is_not_run() {
    let laptop = Laptop::new();
    laptop.repo.replace("workflows/orders.yml", "python_file: shop/pipelines/orders.py", "python_file: shop/none.py");
    refused(&laptop, "--workflow shop-orders", 3, &["error[missing-python-file]", "workflows/orders.yml:15:26"]);

    let laptop = Laptop::new();
    laptop.repo.replace("workflows/returns.json", "shop-returns", "shop-orders");
    refused(&laptop, "--workflow shop-orders", 3, &["error[duplicate-workflow-name]", "returns.json"]);

    laptop.repo.write("workflows/returns.json", "{");
    refused(&laptop, "--workflow shop-return", 3, &["returns.json"]);
    laptop.orders("").ended(0, &["warning", "returns.json", "ran in `dev`"]);
}

#[test]
fn java_is_looked_for_first() {
    let words = ["Spark", "hint: install Java 17 or newer"];
    let laptop = Laptop::new();
    laptop.lacks("java");
    refused(
        &laptop,
        "--workflow shop-orders",
        2,
        &[&["`java` is not on `PATH`, and `JAVA_HOME` is not set"], &words[..]].concat(),
    );
    let laptop = laptop.set("JAVA_HOME", "/nowhere");
    refused(
        &laptop,
        "--workflow shop-orders",
        2,
        &[&["`JAVA_HOME` is `/nowhere`, which has no `bin/java`"], &words[..]].concat(),
    );
    let laptop = Laptop::new().set("JAVA_IS", "11.0.24");
    refused(&laptop, "--workflow shop-orders", 2, &[&["is Java 11, but Spark needs 17"], &words[..]].concat());
}

#[test]
fn a_place_for_tables_is_never_a_link() {
    let laptop = Laptop::new();
    let outside = laptop.path("outside");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, laptop.repo.path().join(".dltflow")).unwrap();
    laptop.orders("").ended(2, &["/.dltflow` is a symbolic link", "--folder"]);
    assert!(laptop.environments().is_empty());
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    laptop.orders("--folder elsewhere").ended(0, &[]);
}
