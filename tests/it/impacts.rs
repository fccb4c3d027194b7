//! Which workflows a change touches, and why.

use std::collections::BTreeMap;

use dltflow::change::{ChangeSet, FileChange, FileStatus};
use dltflow::codebase::Codebase;
use dltflow::diagnostic::Diagnostics;
use dltflow::impact::affected;
use dltflow::project::Project;
use dltflow::source::{Files, RepoPath, Span};
use dltflow::spec::{Dependency, Item, Spanned, Workflow};

use crate::routes::project;

fn path(text: &str) -> RepoPath {
    RepoPath::parse(text).unwrap()
}

fn spanned<T>(value: T) -> Spanned<T> {
    Spanned { value, span: Span::default() }
}

fn workflow(spec: &str, python_file: &str, parameters: &[&str], wheel: Option<&str>) -> Workflow {
    Workflow {
        name: spanned(spec.to_owned()),
        environment: "dev".to_owned(),
        spec: path(spec),
        settings: dltflow::pipeline::Settings::default(),
        places: BTreeMap::new(),
        items: vec![Item {
            python_file: spanned(path(python_file)),
            parameters: parameters.iter().map(|text| spanned((*text).to_owned())).collect(),
        }],
        dependencies: wheel.map(|wheel| Dependency::LocalWheel(spanned(path(wheel)))).into_iter().collect(),
        findings: Diagnostics::default(),
    }
}

fn changed(paths: &[&str]) -> ChangeSet {
    let change = |text: &&str| FileChange { path: path(text), status: FileStatus::Removed, old_path: None };
    ChangeSet::Complete(paths.iter().map(change).collect())
}

/// `index: reason, reason` of each workflow that is touched.
fn touched(changes: &ChangeSet, project: &Project, workflows: &[Workflow]) -> Vec<String> {
    let codebase = Codebase::new(project, Files::default(), workflows);
    let reasons = |index: usize, reasons: &[dltflow::impact::Reason]| {
        let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        format!("{index}: {}", reasons.join(", "))
    };
    affected(changes, &codebase, workflows).iter().map(|affected| reasons(affected.index, &affected.reasons)).collect()
}

#[test]
fn a_workflow_is_touched_by_what_it_names_and_by_the_code() {
    let orders = workflow("workflows/orders.yml", "jobs/orders.py", &["--conf", "conf/orders.yml"], Some("libs/a.whl"));
    let stock = workflow("workflows/stock.yml", "shop/stock.py", &["--conf=conf/stock.json", "dev", ".", "/etc"], None);
    let both = |reason: &str| vec![format!("0: {reason}"), format!("1: {reason}")];
    let only = |index: usize, reason: &str| vec![format!("{index}: {reason}")];
    for (paths, expected) in [
        (&["workflows/orders.yml"][..], only(0, "its spec changed")),
        (&["jobs/orders.py"], only(0, "`jobs/orders.py` changed")),
        (&["conf/orders.yml"], only(0, "its configuration `conf/orders.yml` changed")),
        (&["conf/stock.json"], only(1, "its configuration `conf/stock.json` changed")),
        (&["dev/a.json"], only(1, "its configuration `dev/a.json` changed")),
        (&["libs/a.whl"], only(0, "its wheel `libs/a.whl` changed")),
        (&["dltflow.yml"], both("`dltflow.yml` changed")),
        (&["pyproject.toml"], both("`pyproject.toml` changed")),
        (&["shop/deep/er.sql"], both("`shop/deep/er.sql` changed")),
        (&["workflows/other.yml", "README.md", "conf/other.yml", "shopping/a.py", "sub/pyproject.toml"], vec![]),
        (
            &["workflows/orders.yml", "jobs/orders.py", "jobs/orders.py"],
            only(0, "its spec changed, `jobs/orders.py` changed"),
        ),
    ] {
        let found = touched(&changed(paths), &project(vec![]), &[orders.clone(), stock.clone()]);
        assert_eq!(found, expected, "{paths:?}");
    }
}

#[test]
fn the_files_of_a_project_in_a_folder_are_named_from_there() {
    let project = Project { folder: path("data"), file: path("data/dltflow.yml"), ..project(vec![]) };
    let orders = workflow("data/workflows/orders.yml", "data/shop/orders.py", &["conf/a.yml", "../conf/b.yml"], None);
    for (changes, touches) in [
        ("data/conf/a.yml", true),
        ("conf/a.yml", false),
        ("conf/b.yml", true),
        ("data/pyproject.toml", true),
        ("pyproject.toml", false),
    ] {
        assert_eq!(touched(&changed(&[changes]), &project, std::slice::from_ref(&orders)).len(), usize::from(touches));
    }
}

#[test]
fn specs_inside_the_code_folder_touch_only_themselves() {
    let project = Project { code: RepoPath::root(), ..project(vec![]) };
    let workflows = [workflow("workflows/a.yml", "a.py", &[], None), workflow("workflows/b.yml", "b.py", &[], None)];
    assert_eq!(touched(&changed(&["workflows/b.yml"]), &project, &workflows), ["1: its spec changed"]);
    assert_eq!(touched(&changed(&["c.py"]), &project, &workflows), ["0: `c.py` changed", "1: `c.py` changed"]);
}

#[test]
fn what_is_not_known_touches_everything_and_says_why() {
    let workflows = [workflow("workflows/a.yml", "a.py", &[], None), workflow("workflows/b.yml", "b.py", &[], None)];
    let why = "the tag `v1` deploys every workflow".to_owned();
    for changes in [ChangeSet::Everything(why.clone()), ChangeSet::Truncated(why.clone())] {
        assert_eq!(touched(&changes, &project(vec![]), &workflows), [format!("0: {why}"), format!("1: {why}")]);
    }
    assert!(touched(&changed(&[]), &project(vec![]), &workflows).is_empty());
}
