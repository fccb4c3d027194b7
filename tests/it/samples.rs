//! Every payload that GitHub publishes, as the runner presents it, and where it goes: the table is
//! `tests/samples/routes.md`. `BLESS=1` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use dltflow::event::{Event, Origin, Runner as Variables};
use dltflow::project::{DeployRules, Project};
use dltflow::route::{RouteOptions, route};
use dltflow::source::{RepoPath, Sha, Source};
use serde_json::Value;

use crate::events::{AFTER, runner};
use crate::routes::describe;
use crate::support::{Ran, Stage, Tree, material, tally};

const FOLDERS: [&str; 6] = ["api.github.com", "ghes-31", "ghes-32", "ghes-33", "ghes-34", "ghes-35"];

/// Kinds whose samples are distinguished in the table; all others are skipped, whatever their content.
const DISTINGUISHED: [&str; 11] = [
    "push",
    "pull_request",
    "pull_request_target",
    "merge_group",
    "create",
    "delete",
    "workflow_dispatch",
    "repository_dispatch",
    "release",
    "issue_comment",
    "workflow_run",
];

/// A payload and the kind of its event.
pub(crate) struct Sample {
    pub(crate) kind: String,
    pub(crate) payload: Value,
}

/// Event, what happened, whose code it is, ref of the run.
type Key = [String; 4];
/// How many samples there are of it, and where they go under each mapping.
type Routes = [String; 4];

/// All samples; those of pull requests once more as `pull_request_target`. `None` where they were not fetched.
pub(crate) fn samples() -> Option<Vec<Sample>> {
    let mut samples = Vec::new();
    for folder in FOLDERS {
        let kinds = material("events", &format!("@octokit/webhooks-examples/{folder}/index.json"))?;
        for kind in kinds.as_array().unwrap() {
            let name = kind["name"].as_str().unwrap();
            let names = if name == "pull_request" { vec![name, "pull_request_target"] } else { vec![name] };
            for payload in kind["examples"].as_array().unwrap() {
                samples.extend(names.iter().map(|name| Sample { kind: (*name).to_owned(), payload: payload.clone() }));
            }
        }
    }
    Some(samples)
}

impl Sample {
    fn text(&self, pointer: &str) -> Option<&str> {
        self.payload.pointer(pointer)?.as_str()
    }

    /// `GITHUB_REF`, as GitHub's documentation of events that trigger workflows says for each.
    fn reference(&self) -> String {
        let text = |pointer: &str| self.text(pointer).expect(pointer);
        let default = || format!("refs/heads/{}", self.text("/repository/default_branch").unwrap_or("main"));
        match self.kind.as_str() {
            "push" if self.payload["deleted"] == false => text("/ref").to_owned(),
            "workflow_dispatch" => text("/ref").to_owned(),
            "merge_group" => text("/merge_group/head_ref").to_owned(),
            "release" => format!("refs/tags/{}", text("/release/tag_name")),
            "create" if text("/ref_type") == "tag" => format!("refs/tags/{}", text("/ref")),
            "create" => format!("refs/heads/{}", text("/ref")),
            "pull_request" if self.payload["pull_request"]["merged"] == true => {
                format!("refs/heads/{}", text("/pull_request/base/ref"))
            }
            "pull_request" => format!("refs/pull/{}/merge", self.payload["number"]),
            _ => default(),
        }
    }

    /// The variables that the runner sets for it.
    pub(crate) fn variables(&self) -> Variables {
        let commits = ["/pull_request/merge_commit_sha", "/merge_group/head_sha", "/after"];
        let sha = commits.iter().find_map(|pointer| Sha::parse(self.text(pointer)?));
        Variables {
            sha: sha.map_or(AFTER.to_owned(), |sha| sha.as_str().to_owned()),
            repository: self.text("/repository/full_name").unwrap_or("octocat/shop").to_owned(),
            repository_id: self.payload.pointer("/repository/id").map_or("4711".to_owned(), Value::to_string),
            actor: self.text("/sender/login").unwrap_or("octocat").to_owned(),
            ..runner(&self.reference())
        }
    }

    pub(crate) fn event(&self, variables: &Variables) -> Event {
        let event = Event::parse(&self.kind, self.payload.to_string().as_bytes(), variables);
        event.unwrap_or_else(|error| panic!("{} on {}: {error}", self.kind, variables.ref_))
    }

    fn key(&self, event: &Event) -> Key {
        let [what, whose, reference] = if DISTINGUISHED.contains(&self.kind.as_str()) {
            let whose = match event.pull_request().map(|pull| pull.origin) {
                None => "",
                Some(Origin::Repository) => "its own",
                Some(Origin::Fork) => "a fork's",
                Some(Origin::Dependabot) => "Dependabot's",
            };
            [self.what(), whose.to_owned(), self.reference()]
        } else {
            ["anything".to_owned(), String::new(), String::new()]
        };
        [self.kind.clone(), what, whose, reference]
    }

    fn what(&self) -> String {
        let is = |field: &str| self.payload[field] == true;
        let pushed = if is("deleted") {
            "deleted"
        } else if is("created") {
            "new"
        } else {
            ""
        };
        let on = if self.payload["ref_type"] == "tag" { "tag" } else { "" };
        self.text("/action").unwrap_or(if self.kind == "push" { pushed } else { on }).to_owned()
    }
}

fn shop() -> Project {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop/dltflow.yml")).unwrap();
    let source = Source { path: RepoPath::parse("dltflow.yml").unwrap(), text };
    Project::decode(&source).0.unwrap()
}

/// The three mappings of the table.
fn mappings() -> [(Project, RouteOptions); 3] {
    let lines = "pull_request: dev\nmain: dev\nmaster: dev\ntag:*: prod".to_owned();
    let mut none = shop();
    for target in &mut none.targets {
        target.deploy = DeployRules::default();
    }
    let input = RouteOptions { environments: Some(lines), ..RouteOptions::default() };
    [(shop(), RouteOptions::default()), (shop(), input), (none, RouteOptions::default())]
}

/// The table as the program has it.
fn found(samples: &[Sample]) -> BTreeMap<Key, Routes> {
    let mappings = mappings();
    let mut rows = BTreeMap::<Key, BTreeMap<[String; 3], usize>>::new();
    for sample in samples {
        let event = sample.event(&sample.variables());
        let routes = mappings.each_ref().map(|(project, options)| describe(&route(&event, project, options).unwrap()));
        *rows.entry(sample.key(&event)).or_default().entry(routes).or_default() += 1;
    }
    let one = |(key, routes): (Key, BTreeMap<[String; 3], usize>)| {
        assert_eq!(routes.len(), 1, "samples of one row go different ways: {key:?} {routes:?}");
        let ([shop, input, none], count) = routes.into_iter().next().unwrap();
        (key, [count.to_string(), shop, input, none])
    };
    rows.into_iter().map(one).collect()
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/routes.md")
}

/// The expected table.
fn expected() -> BTreeMap<Key, Routes> {
    let text = std::fs::read_to_string(file()).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).skip(2).collect();
    let table: BTreeMap<Key, Routes> = rows.iter().map(|row| cells(row)).collect();
    assert_eq!(table.len(), rows.len(), "a row stands twice");
    table
}

fn cells(row: &str) -> (Key, Routes) {
    let cells: Vec<String> = row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    let [event, what, whose, reference, rest @ ..] = cells.as_slice() else { panic!("{row}") };
    let rest = rest.to_vec().try_into().unwrap_or_else(|_| panic!("{row}"));
    ([event, what, whose, reference].map(String::clone), rest)
}

fn bless(table: &BTreeMap<Key, Routes>) {
    let head = ["event", "what", "whose code", "ref of the run", "samples", "dltflow.yml", "environments", "no rule"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(table.iter().map(|(key, routes)| [key.as_slice(), routes].concat()));
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap();
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    rows.insert(1, widths.iter().map(|width| "-".repeat(*width)).collect());
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let text = std::fs::read_to_string(file()).unwrap();
    let before = text.split_inclusive('\n').take_while(|line| !line.starts_with('|'));
    std::fs::write(file(), before.map(str::to_owned).chain(rows.iter().map(line)).collect::<String>()).unwrap();
}

#[test]
fn every_sample_is_routed_as_in_the_table_and_every_row_has_its_samples() {
    let Some(samples) = samples() else { return };
    let found = found(&samples);
    if std::env::var_os("BLESS").is_some() {
        bless(&found);
    }
    let [found, expected] = [found, expected()].map(|table| table.into_iter().collect::<BTreeSet<_>>());
    let [missing, extra] = [found.difference(&expected), expected.difference(&found)].map(Iterator::collect::<Vec<_>>);
    assert!(missing.is_empty() && extra.is_empty(), "not in the table: {missing:#?}\nonly in the table: {extra:#?}");
}

#[test]
fn every_sample_ends_in_the_program_as_the_table_says() {
    let Some(samples) = samples() else { return };
    let (stage, expected, next) = (Stage::new(), expected(), AtomicUsize::new(0));
    stage.repo.git(&["checkout", "--quiet", "--detach"]);
    let before = Tree::of([stage.repo.path()]);
    let work = || {
        while let Some(sample) = samples.get(next.fetch_add(1, Ordering::Relaxed)) {
            let key = sample.key(&sample.event(&sample.variables()));
            let [_, cell, ..] = expected.get(&key).unwrap_or_else(|| panic!("{key:?} is not in the table"));
            let (result, reason, environment) = checked(sample, cell);
            let ran = play(&stage, sample, result != "skipped");
            ran.ended(0, result);
            assert_eq!((ran.output("reason"), ran.output("environment")), (reason, environment), "{key:?}");
        }
    };
    let workers = std::thread::available_parallelism().unwrap().get();
    std::thread::scope(|scope| (0..workers).for_each(|_| _ = scope.spawn(work)));
    assert_eq!(stage.sandbox.log(), serde_json::json!([]), "somebody was asked");
    let changed = before.changed(&Tree::of([stage.repo.path()]), &[]);
    assert!(changed.is_empty(), "{changed:?}");
    let published: Vec<&Sample> = samples.iter().filter(|sample| sample.kind != "pull_request_target").collect();
    let kinds: BTreeSet<&String> = published.iter().map(|sample| &sample.kind).collect();
    let line = format!(
        "{} samples of {} kinds of events, those of pull requests twice: {} routed under 3 mappings and run",
        published.len(),
        kinds.len(),
        samples.len()
    );
    tally("events", &line);
}

/// Result, reason and environment of a run with `mode: check` whose route is `cell`.
fn checked<'c>(sample: &Sample, cell: &'c str) -> (&'static str, &'c str, &'c str) {
    match cell.split_once(' ') {
        None => ("skipped", cell, ""),
        Some(_) if sample.text("/action") == Some("closed") => ("skipped", "pull-request-closed", ""),
        Some((environment, _)) => ("checked", "", environment),
    }
}

/// Runs the sample with `mode: check` against services that are there; only one that is skipped has the token to ask GitHub.
fn play(stage: &Stage, sample: &Sample, alone: bool) -> Ran {
    let (mut runner, is) = (stage.runner(), sample.variables());
    runner.event(&sample.kind, &sample.payload).input("mode", "check");
    runner.set("GITHUB_REF", &is.ref_).set("GITHUB_REF_TYPE", &is.ref_type).set("GITHUB_SHA", &is.sha);
    runner.set("GITHUB_REPOSITORY", &is.repository).set("GITHUB_REPOSITORY_ID", &is.repository_id);
    runner.set("GITHUB_ACTOR", &is.actor);
    if alone {
        runner.input("github-token", "");
    }
    runner.run()
}
