//! Whole runs as folders: `tests/cases/<name>/case.json` says what happens to the example project, `want/` what comes of
//! its last step. `BLESS=1` writes `want/` anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{Ran, Runner, Stage, masked, tally};

/// A test for each folder, so that they run side by side and fail by name.
macro_rules! cases {
    ($($name:ident),+ $(,)?) => {
        const NAMES: &[&str] = &[$(stringify!($name)),+];
        $(#[test] fn $name() { play(stringify!($name)); })+
    };
}

cases!(
    closed,
    config_mistakes,
    create_refused,
    dependabot,
    dispatch,
    fork,
    labeled,
    mapping,
    merge_group,
    no_permission,
    nothing_touched,
    one_of_several,
    push_to_main,
    reverted,
    schedule,
    tag,
    three_mistakes,
);

/// What happens, one thing after the other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What is shown, for the reader.
    #[serde(rename = "about")]
    _about: String,
    steps: Vec<Step>,
}

/// A change to the repository, if there is one, and the event that follows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// Name of the event.
    event: String,
    /// What a pull request's event says happened.
    #[serde(default)]
    action: String,
    /// Branch that is gone to before the change.
    #[serde(default = "main")]
    branch: String,
    /// Folder that is laid over the files, of the case or (beginning with `_`) of all cases.
    change: Option<String>,
    /// Files that become again what they are on `main`.
    #[serde(default)]
    restore: Vec<String>,
    /// Tag that is put on the commit, and pushed.
    tag: Option<String>,
    #[serde(default)]
    inputs: BTreeMap<String, String>,
    /// Environment of the step; null takes a variable away.
    #[serde(default)]
    variables: BTreeMap<String, Option<String>>,
    /// Fields of the payload by JSON pointer.
    #[serde(default)]
    payload: BTreeMap<String, Value>,
    /// Fields of the pull request as GitHub has it.
    pull: Option<Value>,
    /// What the GitHub token may do.
    permissions: Option<Value>,
    /// What goes wrong in the services.
    faults: Option<Value>,
}

fn main() -> String {
    "main".to_owned()
}

const NUMBER: u64 = 42;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn read(name: &str) -> Case {
    let text = fs::read_to_string(folder().join(name).join("case.json")).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}/case.json: {error}"))
}

fn play(name: &str) {
    let (stage, case) = (Stage::new(), read(name));
    let mut runs = Vec::new();
    for (index, step) in case.steps.iter().enumerate() {
        let mut runner = prepare(&stage, name, step);
        runner.set("GITHUB_RUN_ID", &(101 + index).to_string());
        stage.control("DELETE", "log", &Value::Null);
        let ran = stage.run(&runner);
        let last = index + 1 == case.steps.len();
        assert!(last || ran.code == 0, "step {index} of {name} failed:\n{}", ran.stderr);
        runs.push(ran);
    }
    compare(name, &came_of(&stage, &runs));
}

fn prepare(stage: &Stage, name: &str, step: &Step) -> Runner {
    let repo = &stage.repo;
    let before = repo.branch(&step.branch).head();
    if let Some(change) = &step.change {
        let case = if change.starts_with('_') { folder() } else { folder().join(name) };
        repo.lay_over(&case.join(change));
    }
    for path in &step.restore {
        repo.git(&["checkout", "--quiet", "main", "--", path]);
    }
    if step.change.is_some() || !step.restore.is_empty() {
        repo.commit("change");
    }
    let branch = format!("refs/heads/{}", step.branch);
    let mut runner = match (step.event.as_str(), &step.tag) {
        ("pull_request", _) => stage.on_pull_request(&step.action, NUMBER, &step.branch),
        ("push", Some(tag)) => {
            repo.git(&["tag", tag]);
            stage.on_push(&format!("refs/tags/{tag}"), None)
        }
        ("push", None) => {
            stage.on_push(&branch, Some(&before).filter(|before| **before != repo.head()).map(String::as_str))
        }
        ("merge_group", _) => {
            let (base, head) = (repo.rev("main"), repo.head());
            let queue = format!("refs/heads/gh-readonly-queue/main/pr-{NUMBER}-{base}");
            let group = json!({"base_ref": "refs/heads/main", "base_sha": base, "head_ref": queue, "head_sha": head});
            stage.on("merge_group", &json!({"action": "checks_requested", "merge_group": group}), &queue, &head)
        }
        (event, _) => stage.on(event, &json!({"ref": branch}), &branch, &repo.head()),
    };
    if let Some(pull) = &step.pull {
        stage.control("PUT", &format!("github/repositories/octo-org/shop/pulls/{NUMBER}"), pull);
    }
    if let Some(permissions) = &step.permissions {
        stage.control("PUT", "github/permissions", permissions);
    }
    if let Some(faults) = &step.faults {
        stage.control("POST", "faults", faults);
    }
    step.inputs.iter().for_each(|(id, value)| _ = runner.input(id, value));
    step.payload.iter().for_each(|(pointer, value)| _ = runner.payload(pointer, value.clone()));
    for (variable, value) in &step.variables {
        match value {
            Some(value) => runner.set(variable, value),
            None => runner.unset(variable),
        };
    }
    runner
}

/// The files of `want/`, by name.
fn came_of(stage: &Stage, runs: &[Ran]) -> BTreeMap<&'static str, String> {
    let last = runs.last().unwrap();
    let comments = stage.comments(NUMBER);
    let files = [
        ("outputs.json", outputs(last)),
        ("comment.md", comments.iter().map(|comment| comment["body"].as_str().unwrap()).collect()),
        ("summary.md", last.summary.clone()),
        (
            "annotations.txt",
            last.stdout.split_inclusive('\n').filter(|line| !line.starts_with("::add-mask::")).collect(),
        ),
        ("requests.txt", requests(&stage.sandbox.log())),
    ];
    let files = files.into_iter().filter(|(_, text)| !text.is_empty());
    files.map(|(name, text)| (name, masked(&text, stage, runs))).collect()
}

/// Exit code and outputs, those that are JSON as such.
fn outputs(ran: &Ran) -> String {
    let value = |(name, text): (&String, &String)| {
        let is_json = matches!(name.as_str(), "workflows" | "pipeline-urls");
        let value = if is_json { serde_json::from_str(text).unwrap() } else { Value::from(text.as_str()) };
        (name.clone(), value)
    };
    let outputs: serde_json::Map<String, Value> = ran.outputs.iter().map(value).collect();
    format!("{}\n", serde_json::to_string_pretty(&json!({"exit": ran.code, "outputs": outputs})).unwrap())
}

/// A line a request; what is sent side by side arrives in any order, so they are sorted.
fn requests(log: &Value) -> String {
    let line = |entry: &Value| {
        let [service, method, path] = ["service", "method", "path"].map(|field| entry[field].as_str().unwrap());
        format!("{service:<10} {method:<6} {path} -> {}\n", entry["status"])
    };
    let mut lines: Vec<String> = log.as_array().unwrap().iter().map(line).collect();
    lines.sort();
    lines.concat()
}

/// Compares with `want/`, or writes it.
fn compare(name: &str, came: &BTreeMap<&'static str, String>) {
    let want = folder().join(name).join("want");
    if std::env::var_os("BLESS").is_some() {
        _ = fs::remove_dir_all(&want);
        fs::create_dir(&want).unwrap();
        for (file, text) in came {
            fs::write(want.join(file), text).unwrap();
        }
        return;
    }
    let wanted: BTreeSet<String> = entries(&want);
    let mut wrong = String::new();
    for file in wanted.iter().map(String::as_str).chain(came.keys().copied()).collect::<BTreeSet<_>>() {
        let (wanted, came) = (fs::read_to_string(want.join(file)).unwrap_or_default(), came.get(file));
        if came != Some(&wanted) {
            _ = write!(wrong, "--- {name}/want/{file}\n{wanted}\n--- came\n{}\n", came.map_or("", String::as_str));
        }
    }
    assert!(wrong.is_empty(), "BLESS=1 writes it anew, if it is right\n{wrong}");
}

/// Names in a folder; none where there is no such folder.
fn entries(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn no_folder_is_forgotten_and_none_is_left_over() {
    if std::env::var_os("BLESS").is_some() {
        return;
    }
    let mut shared = BTreeSet::new();
    for name in NAMES {
        let case = read(name);
        let changes = case.steps.iter().filter_map(|step| step.change.clone());
        let (of_all, own): (BTreeSet<_>, BTreeSet<_>) = changes.partition(|change| change.starts_with('_'));
        shared.extend(of_all);
        let known = own.into_iter().chain(["case.json", "want"].map(str::to_owned)).collect::<BTreeSet<_>>();
        assert_eq!(entries(&folder().join(name)), known, "{name}");
    }
    let known = NAMES.iter().copied().chain(["README.md"]).map(str::to_owned).chain(shared).collect::<BTreeSet<_>>();
    assert_eq!(entries(&folder()), known);
    tally("golden", &format!("{} whole runs, compared with the pages and outputs wanted", NAMES.len()));
}
