//! What `dltflow check` costs: processor time and peak memory of the program on workflows that share one configuration, and
//! on many specs with many files of code.
//!
//! `cargo bench --bench check` measures, with `-- --before PATH` beside another build of the program, the two taking turns;
//! `cargo test --bench check` shows on small projects that it still measures something. It fails where a program checks
//! another number of workflows than there are, never by the time that it takes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "it is the outside world of the program")]
#![expect(clippy::print_stdout, reason = "its table is its result")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The argument with which this program starts another one and prints what that cost.
const MEASURE: &str = "--measure";

/// How large a project is.
#[derive(Clone, Copy)]
enum Size {
    /// Workflows that share one configuration of so many entries.
    Shared { workflows: usize, entries: usize },
    /// Specs with a workflow and a configuration each, and files of code.
    Apart { specs: usize, files: usize },
}

/// What a program took for one project.
#[derive(Clone, Copy, Default)]
struct Cost {
    /// Processor time, that of the kernel included.
    time: Duration,
    /// Peak memory in kilobytes.
    memory: u64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, program, folder] = arguments.as_slice()
        && first == MEASURE
    {
        return print_cost(Path::new(program), Path::new(folder));
    }
    // `cargo bench` says so, `cargo test` does not.
    let full = arguments.iter().any(|argument| argument == "--bench");
    let mut programs = vec![("now", PathBuf::from(env!("CARGO_BIN_EXE_dltflow")))];
    let before = arguments.iter().position(|argument| argument == "--before").map(|at| at + 1);
    programs.extend(before.and_then(|at| arguments.get(at)).map(|path| ("before", PathBuf::from(path))));
    println!("`dltflow check`; over one: processor time over that of the same program for the first project\n");
    println!(
        "project                                      program  processor time  over one  peak memory  before / now"
    );
    let mut first: Vec<Cost> = Vec::new();
    for size in sizes(full) {
        let folder = TempDir::new().unwrap();
        write(folder.path(), size);
        let costs = measure(&programs, folder.path(), size, if full { 3 } else { 1 });
        if first.is_empty() {
            first.clone_from(&costs);
        }
        for (index, (name, _)) in programs.iter().enumerate() {
            println!("{}", line(size, name, costs[index], first[index], costs[0]));
        }
    }
}

fn sizes(full: bool) -> Vec<Size> {
    let (workflows, entries): (&[usize], usize) = if full { (&[1, 10, 100], 6_000) } else { (&[1, 3], 60) };
    let (specs, files) = if full { (1_000, 2_000) } else { (10, 20) };
    let shared = workflows.iter().map(|&workflows| Size::Shared { workflows, entries });
    shared.chain([Size::Apart { specs, files }]).collect()
}

fn line(size: Size, program: &str, cost: Cost, first: Cost, now: Cost) -> String {
    let project = match size {
        Size::Shared { workflows, entries } => format!("{workflows} workflows, one file of {entries} entries"),
        Size::Apart { specs, files } => format!("{specs} specs, {files} files of code"),
    };
    let ratio = |a: Cost, b: Cost| a.time.as_secs_f64() / b.time.as_secs_f64();
    format!(
        "{project:<43}  {program:<7}  {:>11.0} ms  {:>8.2}  {:>8} kB  {:>12.1}",
        cost.time.as_secs_f64() * 1_000.0,
        ratio(cost, first),
        cost.memory,
        ratio(cost, now)
    )
}

/// What each program takes at its best of some rounds, in which they take turns.
fn measure(programs: &[(&str, PathBuf)], folder: &Path, size: Size, rounds: usize) -> Vec<Cost> {
    let mut best: Vec<Option<Cost>> = vec![None; programs.len()];
    for _ in 0..rounds {
        for ((_, program), best) in programs.iter().zip(&mut best) {
            let cost = measured(program, folder, size);
            *best = Some(best.filter(|best| best.time <= cost.time).unwrap_or(cost));
        }
    }
    best.into_iter().map(Option::unwrap_or_default).collect()
}

/// What `program` takes once. It is started by a process of its own, so that its peak memory is not that of another one.
fn measured(program: &Path, folder: &Path, size: Size) -> Cost {
    let this = std::env::current_exe().unwrap();
    let measured = Command::new(this).arg(MEASURE).args([program, folder]).output().unwrap();
    assert!(measured.status.success(), "{}", String::from_utf8_lossy(&measured.stderr));
    let measured: Value = serde_json::from_slice(&measured.stdout).unwrap();
    let (Size::Shared { workflows: expected, .. } | Size::Apart { specs: expected, .. }) = size;
    assert_eq!(measured["checked"], json!(expected), "{}: {measured}", program.display());
    let number = |name: &str| measured[name].as_u64().unwrap();
    Cost { time: Duration::from_micros(number("microseconds")), memory: number("kilobytes") }
}

/// Runs `program` and prints what it found and took.
fn print_cost(program: &Path, folder: &Path) {
    let ran = Command::new(program)
        .args(["check", "--output", "json"])
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let report: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let checked = report["workflows"].as_array().map_or(0, Vec::len);
    let used = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let time = used.user_time() + used.system_time();
    let microseconds = time.tv_sec() * 1_000_000 + time.tv_usec();
    println!("{}", json!({"checked": checked, "microseconds": microseconds, "kilobytes": used.max_rss()}));
}

/// Writes a project of that size.
fn write(folder: &Path, size: Size) {
    let put = |name: String, text: String| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put(
        "dltflow.yml".to_owned(),
        "dltflow: {name: shop}\n\
         include: {code: {name: shop}, conf: {name: conf}, workflows: {name: workflows}}\n\
         targets: {dev: {default: true}}\n"
            .to_owned(),
    );
    let (workflows, files, configurations, entries) = match size {
        Size::Shared { workflows, entries } => (workflows, 1, 1, entries),
        Size::Apart { specs, files } => (specs, files, specs, 1),
    };
    for index in 0..files {
        put(format!("shop/part_{}/file_{index}.py", index / 50), "class Orders:\n    pass\n".to_owned());
    }
    for index in 0..configurations {
        let entries: Vec<Value> = (0..entries).map(entry).collect();
        put(format!("conf/conf_{index}.json"), json!({"dlt": entries}).to_string());
    }
    for index in 0..workflows {
        let (file, configuration) = (index % files, index % configurations);
        let parameters = ["--conf".to_owned(), format!("conf/conf_{configuration}.json")];
        let python_file = format!("shop/part_{}/file_{file}.py", file / 50);
        let spec = json!({"dev": {"workflows": [{
            "name": format!("workflow-{index}"), "target": "shop", "storage": format!("/mnt/lake/shop/{index}"), "edition": "PRO",
            "tasks": {"items": [{"python_file": python_file, "parameters": parameters}]},
        }]}});
        put(format!("workflows/workflow_{index}.json"), format!("{spec:#}\n"));
    }
}

/// An entry of a configuration, of some 113 bytes.
fn entry(index: usize) -> Value {
    json!({
        "func_name": format!("orders_{index}"),
        "kind": "table",
        "expectations": [{"name": "something_ordered", "constraint": format!("n > {index}")}],
    })
}
