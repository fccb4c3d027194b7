//! README's quick start, followed as it is written: its files and its commands, in an empty folder. Address and token are
//! those of the sandbox; the pipeline runs on real Spark where `scripts/test` has installed it.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::local::spark;
use crate::support::{DATABRICKS_TOKEN, Repo, Stage, tally};

/// Where README has the workflow file.
const WORKFLOW: &str = ".github/workflows/dltflow.yml";

/// A block of README, in its order.
#[derive(Debug)]
enum Step {
    File { name: String, text: String },
    Command(String),
}

/// The steps of the quick start. A file is named at the beginning of the paragraph above it, or at its end.
fn steps() -> Vec<Step> {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, rest) = readme.split_once("\n## Quick start\n").unwrap();
    let (section, _) = rest.split_once("\n## ").unwrap();
    let mut steps = Vec::new();
    let mut parts = section.split("```");
    while let (Some(before), Some(block)) = (parts.next(), parts.next()) {
        let (language, text) = block.split_once('\n').unwrap();
        if language == "sh" {
            let commands = text.lines().filter(|line| !line.starts_with("export "));
            steps.extend(commands.map(|line| Step::Command(line.to_owned())));
        } else {
            let paragraph = before.trim().rsplit("\n\n").next().unwrap();
            let quoted: Vec<&str> = paragraph.split('`').skip(1).step_by(2).collect();
            let begins = paragraph.starts_with('`');
            let name = if begins { quoted.first() } else { quoted.last() }.unwrap();
            steps.push(Step::File { name: (*name).to_owned(), text: text.to_owned() });
        }
    }
    steps
}

fn files(steps: &[Step]) -> Vec<(&str, &str)> {
    let named = steps.iter().filter_map(|step| match step {
        Step::File { name, text } => Some((name.as_str(), text.as_str())),
        Step::Command(_) => None,
    });
    named.collect()
}

fn commands(steps: &[Step]) -> Vec<&str> {
    steps.iter().filter_map(|step| if let Step::Command(line) = step { Some(line.as_str()) } else { None }).collect()
}

/// Somebody who follows README in a folder; the last command's standard error.
struct Reader<'a> {
    stage: &'a Stage,
    folder: &'a Path,
}

impl Reader<'_> {
    fn writes(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs a command line of README; one that needs Spark is left out where there is none.
    fn runs(&self, line: &str) -> Option<String> {
        let words: Vec<&str> = line.strip_prefix("dltflow ").unwrap().split_whitespace().collect();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dltflow"));
        command.args(&words).current_dir(self.folder).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.folder.join("../home"));
        command.env("DATABRICKS_HOST", self.stage.sandbox.databricks_url()).env("DATABRICKS_TOKEN", DATABRICKS_TOKEN);
        if words[0] == "run-local" {
            let (python, pyspark) = spark()?;
            command.arg("--python").arg(python).env("PYTHONPATH", pyspark);
        }
        let output = command.output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(0), "{line}\n{said}");
        assert!(!said.contains("warning"), "{line}\n{said}");
        Some(said)
    }
}

/// Whether a local run dropped the order of nothing, and kept the two others.
fn counted(told: &str) -> bool {
    let words: Vec<&str> = told.split_whitespace().collect();
    words.join(" ").contains("orders something_was_ordered drop 2 1")
}

fn folder() -> (TempDir, std::path::PathBuf) {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("empty");
    std::fs::create_dir(&folder).unwrap();
    (parent, folder)
}

#[test]
fn every_file_and_command_works_as_written_in_an_empty_folder() {
    let (stage, steps) = (Stage::new(), steps());
    let (_parent, folder) = folder();
    let reader = Reader { stage: &stage, folder: &folder };
    let mut told = Vec::new();
    for step in &steps {
        match step {
            Step::File { name, text } => reader.writes(name, text),
            Step::Command(line) => told.extend(reader.runs(line)),
        }
    }
    let all = told.join("\n");
    assert!(all.contains("wrote dltflow.yml") && all.contains("1 created") && all.contains("1 destroyed"), "{all}");
    if spark().is_some() {
        assert!(counted(&all), "{all}");
        tally(
            "quick-start",
            &format!("{} files and {} commands of README", files(&steps).len(), commands(&steps).len()),
        );
    }
    let first = commands(&steps)[0];
    assert!(first.starts_with("dltflow init "), "{first}");
    assert_eq!(stage.pipelines().len(), 0);
}

#[test]
fn the_files_alone_are_what_init_writes_and_work_without_it() {
    let (stage, steps) = (Stage::new(), steps());
    let (_parent, by_init) = folder();
    let init = commands(&steps)[0];
    Reader { stage: &stage, folder: &by_init }.runs(init).unwrap();
    for (name, text) in files(&steps).into_iter().filter(|(name, _)| *name != WORKFLOW) {
        let written = std::fs::read_to_string(by_init.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        // README leaves out the id, which is another one in each project, and the line that explains it.
        let lines: Vec<&str> = written
            .lines()
            .filter(|line| !line.contains("  # What its pipelines") && !line.contains("  id: "))
            .collect();
        assert_eq!(lines, text.lines().collect::<Vec<_>>(), "{name}");
    }
    let (_parent, by_hand) = folder();
    let reader = Reader { stage: &stage, folder: &by_hand };
    for (name, text) in files(&steps) {
        reader.writes(name, text);
    }
    for line in commands(&steps).into_iter().filter(|line| *line != init && !line.starts_with("dltflow run-local")) {
        reader.runs(line).unwrap();
    }
}

#[test]
fn what_it_sets_up_on_github_deploys_main_to_one_environment_and_a_tag_to_the_other() {
    let repo = Repo::new();
    for (name, text) in files(&steps()) {
        repo.write(name, text);
    }
    repo.commit("first");
    let stage = Stage::with(repo);
    stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
    stage.repo.git(&["tag", "v1.0.0"]);
    let ran = stage.run(&stage.on_push("refs/tags/v1.0.0", None));
    ran.ended(0, "deployed");
    assert_eq!((ran.output("environment"), ran.output("created")), ("prod", "1"));
    assert_eq!(ran.report["notes"], json!([]));
    let mut schemas: Vec<Value> = stage.pipelines().iter().map(|pipeline| pipeline["spec"]["schema"].clone()).collect();
    schemas.sort_by_key(ToString::to_string);
    assert_eq!(schemas, ["shop", "shop_dev"]);
}

/// The template on Spark's own pipelines, too; on plain Spark the commands of README run it.
#[test]
fn what_init_writes_runs_on_sparks_own_pipelines() {
    if spark().is_none() {
        return;
    }
    let stage = Stage::new();
    let (_parent, folder) = folder();
    let reader = Reader { stage: &stage, folder: &folder };
    reader.runs("dltflow init -n my-shop -c etc -w specs -t").unwrap();
    let told = reader.runs("dltflow run-local --engine sdp").unwrap();
    assert!(counted(&told), "{told}");
}

#[test]
fn the_last_line_about_a_table_that_has_no_rows_here_names_their_file() {
    let Some((python, pyspark)) = spark() else { return };
    let stage = Stage::new();
    let (_parent, folder) = folder();
    Reader { stage: &stage, folder: &folder }.runs("dltflow init -n shop -t").unwrap();
    std::fs::remove_file(folder.join("local/raw/orders.csv")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_dltflow"));
    command.args(["run-local", "--python"]).arg(python).current_dir(&folder).env("PYTHONPATH", pyspark);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    // What follows the error is how the run ended.
    let is_end = |line: &&str| line.starts_with("to reproduce: ") || line.starts_with("failed in ");
    let lines: Vec<&str> = said.lines().filter(|line| !is_end(line)).collect();
    let error = lines.last().unwrap();
    assert!(error.starts_with("error: ") && error.contains("its rows belong in `local/raw/orders.csv`"), "{said}");
    assert!(!said.contains("Traceback") && !said.contains("\tat ") && lines.len() < 12, "{said}");
}
