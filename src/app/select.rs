//! Which workflows a run is about: specs, what changed, what that touches, and whether it is right.

use crate::change::{self, ChangeSet};
use crate::diagnostic::{Diagnostics, Error, Result, Severity};
use crate::event::Event;
use crate::impact::{self, Affected};
use crate::observe::Deployed;
use crate::route::{Identity, Scope};
use crate::rules::{self, Validated};
use crate::source::{Files, RepoPath, Sha, Source, Sources};
use crate::spec::{SpecFile, Workflow};

use super::draft::Draft;
use super::{Stage, Trigger, files};

/// The workflows of a run.
pub(super) struct Selection {
    /// Those that are looked at.
    pub(super) workflows: Vec<Workflow>,
    /// Why each of them is, in the same order.
    pub(super) affected: Vec<Affected>,
    /// Whether all was looked at because what changed is not known.
    pub(super) everything: bool,
    /// What their release is made from.
    pub(super) files: Files,
    /// What is wrong with files as a whole, and whether that fails the run.
    broken: Vec<(Diagnostics, bool)>,
    /// Whether every spec of the project was read.
    pub(super) whole_project: bool,
    /// The other workflows of the environment, which cannot fail the run.
    pub(super) others: Vec<Workflow>,
}

impl Selection {
    /// Lets what is wrong with other spec files in the `folder` of specs than those of the workflows be worth knowing only.
    pub(super) fn forgive_other_specs(&mut self, folder: &RepoPath) {
        let own = |path: &RepoPath| self.workflows.iter().any(|workflow| workflow.spec == *path);
        for (found, fails) in &mut self.broken {
            *fails &= found.iter().any(|finding| own(&finding.at.path) || !finding.at.path.is_within(folder));
        }
    }
}

/// Reads the specs and picks the workflows of the environment that the change touches; `last` is the last complete
/// deployment of a shared environment, where one is known.
pub(super) async fn select(stage: &Stage<'_>, last: Option<&Deployed>, draft: &mut Draft) -> Result<Selection> {
    let globs = &stage.job.settings.workflows;
    let specs = files::specs(&stage.job.checkout, stage.project, globs, &mut draft.sources)?;
    let environment = &stage.destination.environment;
    if matches!(stage.job.trigger, Trigger::Order(_)) {
        named_with_environment(&specs.files, globs, environment)?;
    }
    let of_environment: Vec<Workflow> =
        in_environment(&specs.files, environment).flat_map(|found| found.workflows.clone()).collect();
    let changes = changes(stage, last).await?;
    if !matches!((&stage.job.trigger, &changes), (Trigger::Order(_), ChangeSet::Everything(_))) {
        tracing::info!("{}", told(&changes));
    }
    let affected = impact::affected(&changes, stage.project, &of_environment);
    let is_affected = |index: &usize| affected.iter().any(|affected| affected.index == *index);
    let (workflows, others): (Vec<_>, Vec<_>) =
        of_environment.into_iter().enumerate().partition(|(index, _)| is_affected(index));
    let [workflows, others] =
        [workflows, others].map(|part| part.into_iter().map(|(_, workflow)| workflow).collect::<Vec<_>>());
    let is_selected = |path: &RepoPath| touches(&changes, path);
    let mut broken: Vec<(Diagnostics, bool)> =
        specs.broken.into_iter().map(|(path, found)| (found, is_selected(&path))).collect();
    for file in &specs.files {
        let found = file.environment(environment).map(|found| (found.findings.clone(), is_selected(&file.path)));
        broken.extend(found);
    }
    let mut left_out = Diagnostics::default();
    let files = files::release_files(&stage.job.checkout, stage.project, &workflows, &others, &mut left_out)?;
    broken.push((left_out, !workflows.is_empty()));
    keep_configs(stage, workflows.iter().chain(&others), &files, &mut draft.sources);
    let everything = !matches!(changes, ChangeSet::Complete(_));
    Ok(Selection { workflows, affected, everything, files, broken, whole_project: globs.is_empty(), others })
}

/// Keeps the texts of the workflows' configurations, so that findings in them have lines.
fn keep_configs<'w>(
    stage: &Stage<'_>,
    workflows: impl Iterator<Item = &'w Workflow>,
    files: &Files,
    sources: &mut Sources,
) {
    let items = workflows.flat_map(|workflow| &workflow.items);
    for path in items.filter_map(|item| item.config_file(&stage.project.folder, files)) {
        let text = files.get(&path).and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
        sources.extend(text.map(|text| Source { path, text }));
    }
}

/// Checks the selection; what it finds goes to the draft, heaviest or not.
///
/// # Errors
/// Kind `Invalid` where a finding of the selection is as heavy as `fail-on` says.
pub(super) fn validate(
    stage: &Stage<'_>,
    selection: &Selection,
    draft: &mut Draft,
) -> Result<Vec<Validated<Workflow>>> {
    let mut found = Diagnostics::default();
    for (findings, selected) in &selection.broken {
        let findings = stage.project.apply_severities(findings.clone());
        if *selected {
            found.extend(findings);
        } else {
            draft.findings.extend(findings.downgraded());
        }
    }
    for workflow in &selection.others {
        draft.findings.extend(rules::examine(stage.project, workflow, &selection.files).downgraded());
    }
    if matches!(stage.destination.identity, Identity::Preview(_)) {
        found.extend(
            selection.workflows.iter().flat_map(|workflow| rules::preview(stage.project, workflow, &selection.files)),
        );
    }
    let (validated, found) = rules::check(stage.project, &selection.workflows, &selection.files, found);
    let found = found.distinct();
    let heavy = found.iter().filter(|finding| finding.severity >= stage.job.settings.fail_on).count();
    let errors = found.iter().filter(|finding| finding.severity == Severity::Error).count();
    draft.findings.extend(found);
    if heavy > 0 || errors > 0 { Err(files::invalid(heavy.max(errors))) } else { Ok(validated) }
}

/// Who names one spec on the command line means its workflows: a spec without that environment is a slip, not a deployment
/// of nothing.
fn named_with_environment(files: &[SpecFile], globs: &[String], environment: &str) -> Result<()> {
    let [glob] = globs else { return Ok(()) };
    let lacks = |file: &&SpecFile| !files::is_pattern(glob) && file.environment(environment).is_none();
    let Some(file) = files.iter().find(lacks).filter(|file| !file.environments.is_empty()) else { return Ok(()) };
    let has: Vec<String> = file.environments.iter().map(|found| format!("`{}`", found.name.value)).collect();
    Err(Error::input(format!("the spec file `{}` has no environment `{environment}`", file.path))
        .hint(format!("it has {}", has.join(", "))))
}

fn in_environment<'a>(files: &'a [SpecFile], name: &'a str) -> impl Iterator<Item = &'a crate::spec::Environment> {
    files.iter().filter_map(move |file| file.environment(name))
}

async fn changes(stage: &Stage<'_>, last: Option<&Deployed>) -> Result<ChangeSet> {
    if let Scope::All(why) = &stage.destination.scope {
        return Ok(ChangeSet::Everything(why.clone()));
    }
    match &stage.job.trigger {
        Trigger::Order(order) => match &order.since {
            Some(revision) => change::of_working_tree(stage.job.checkout.path(), revision),
            None => Ok(ChangeSet::Everything("it was asked for".to_owned())),
        },
        Trigger::Event(event) => Ok(on_github(stage, event, last).await),
    }
}

async fn on_github(stage: &Stage<'_>, event: &Event, last: Option<&Deployed>) -> ChangeSet {
    let Some(github) = &stage.world.github else {
        return ChangeSet::Truncated("there is no `github-token`, so what changed is not known".to_owned());
    };
    if let Some(pull) = event.pull_request() {
        return match stage.live {
            Some(Ok(live)) => change::of_pull_request(github, pull.number, live.changed_files).await,
            Some(Err(error)) => {
                ChangeSet::Truncated(format!("what the pull request changes is not known: {}", error.describe()))
            }
            None => ChangeSet::Truncated("the pull request was not read".to_owned()),
        };
    }
    let base = match (last, event) {
        (Some(last), _) => Sha::parse(&last.commit),
        // Without credentials nothing is known of the deployment: the push itself is all there is to look at.
        (None, Event::Push(push)) if stage.destination.purpose == crate::route::Purpose::Check => push.before.clone(),
        _ => None,
    };
    match (base, event.head()) {
        (Some(base), Some(head)) => change::since(github, &base, head).await,
        _ => ChangeSet::Everything("no complete deployment of this version is known".to_owned()),
    }
}

fn touches(changes: &ChangeSet, path: &RepoPath) -> bool {
    match changes {
        ChangeSet::Complete(changes) => changes.iter().any(|change| change.path == *path),
        ChangeSet::Truncated(_) | ChangeSet::Everything(_) => true,
    }
}

fn told(changes: &ChangeSet) -> String {
    match changes {
        ChangeSet::Complete(changes) => format!("files that changed: {}", changes.len()),
        ChangeSet::Truncated(why) | ChangeSet::Everything(why) => format!("every workflow is looked at: {why}"),
    }
}
