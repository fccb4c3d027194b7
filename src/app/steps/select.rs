//! Which workflows a run is about: reads the specs, selects what a change affects, and checks it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::context::{Context, Face};
use crate::app::record::Record;
use crate::app::subject::{Subject, Trigger};
use crate::change::{self, ChangeSet};
use crate::codebase::Codebase;
use crate::diagnostic::{Diagnostics, Error, Result, Severity};
use crate::event::Event;
use crate::github;
use crate::impact::{self, Affected};
use crate::report::NO_ENVIRONMENT;
use crate::route::{Purpose, Scope};
use crate::source::{RepoPath, Sha};
use crate::spec::{SpecFile, Workflow};

use super::elsewhere::Elsewhere;
use super::files::{self, Broken, Specs};
use super::project_files;
use super::specified::{self, Specified};

/// The workflows of a run.
#[derive(Clone)]
pub(in crate::app) struct Selection {
    /// Those that were selected.
    pub(in crate::app) workflows: Vec<Workflow>,
    /// Why each of them was, in the same order.
    pub(in crate::app) affected: Vec<Affected>,
    /// Whether all were selected, as what changed is not known.
    pub(super) everything: bool,
    /// The files of the project and their content, as far as a release of the environment may carry them.
    pub(in crate::app) codebase: Arc<Codebase>,
    /// What the change affects in other environments.
    pub(in crate::app) elsewhere: Elsewhere,
    /// Whether all files were read that a release carries.
    pub(super) can_release: bool,
    /// What is wrong with files as a whole, and whether that fails the run.
    pub(super) broken: Vec<(Diagnostics, bool)>,
    /// Whether the run is about every spec of the project.
    pub(super) whole_project: bool,
    /// The other workflows of the environment in the same specs, which cannot fail the run by themselves.
    pub(in crate::app) untouched: Vec<Workflow>,
    /// The workflows of the environment in the specs of the project that the run's own choice of files leaves out.
    pub(super) left_out: Vec<Workflow>,
    /// The environment, where no spec of the project has a section for it.
    without_section: Option<String>,
    /// Where further workflows of the project may be: its specs that could not be read completely, or their folder. While
    /// there is one, a name that is not among [`names`](Self::names) may still be that of a workflow.
    pub(in crate::app) unread: BTreeSet<RepoPath>,
}

impl Selection {
    /// The names of all workflows of the environment in the specs of the project, whatever the run is about.
    pub(in crate::app) fn names(&self) -> impl Iterator<Item = &str> {
        let all = self.workflows.iter().chain(&self.untouched).chain(&self.left_out);
        all.map(|workflow| workflow.name.value.as_str())
    }

    /// Says that nothing can be deployed to an environment that no spec has: everything selected is nothing then.
    pub(in crate::app) fn note_absence(&self, record: &mut Record) {
        if let Some(environment) = &self.without_section {
            record.note(
                NO_ENVIRONMENT,
                format!("no spec has the environment `{environment}`, so there is nothing to deploy: add a section `{environment}` to a spec"),
            );
        }
    }

    /// Selects only those that `keep` accepts of the selected workflows.
    pub(in crate::app) fn retain(&mut self, keep: impl Fn(&Workflow) -> bool) {
        let pairs = std::mem::take(&mut self.workflows).into_iter().zip(std::mem::take(&mut self.affected));
        for (workflow, why) in pairs {
            if keep(&workflow) {
                self.workflows.push(workflow);
                self.affected.push(why);
            } else {
                self.untouched.push(workflow);
            }
        }
    }

    /// The specs that have an error beside their workflows.
    pub(super) fn broken_specs(&self) -> BTreeSet<&RepoPath> {
        let findings = self.broken.iter().flat_map(|(findings, _)| findings.iter());
        findings.filter(|finding| finding.severity == Severity::Error).map(|finding| &finding.at.path).collect()
    }

    /// Adds what is wrong with a spec: an error of this run if that is touched or has a workflow that is selected.
    fn add(&mut self, broken: Broken, subject: &Subject, changes: &ChangeSet) {
        let Broken { path, environment, findings } = broken;
        let is_touched = changes.touches(&path);
        if environment.is_none_or(|name| name == subject.destination.environment) {
            let is_selected = self.workflows.iter().any(|workflow| workflow.spec == path);
            self.broken.push((findings, is_touched || is_selected));
        } else if is_touched {
            self.elsewhere.add(findings);
        }
    }

    /// Mistakes in spec files of the `folder` that have none of the selected workflows do not fail the run, and those of
    /// other environments are not looked for.
    pub(in crate::app) fn forgive_other_specs(&mut self, folder: &RepoPath) {
        self.elsewhere.clear();
        let own = |path: &RepoPath| self.workflows.iter().any(|workflow| workflow.spec == *path);
        for (found, fails) in &mut self.broken {
            *fails &= found.iter().any(|finding| own(&finding.at.path) || !finding.at.path.is_within(folder));
        }
    }
}

/// What differs, and from what.
struct Changes {
    set: ChangeSet,
    /// The revision that was compared with, as `--changed-since` takes it.
    base: Option<String>,
}

/// Reads the specs and selects the workflows of the environment that the change affects; `last` is the commit of the last
/// complete deployment of a shared environment, if known.
pub(in crate::app) async fn select(
    context: &Context,
    subject: &Arc<Subject>,
    last: Option<&str>,
    record: &mut Record,
) -> Result<Arc<Selection>> {
    let (on, face) = (Arc::clone(subject), context.face);
    let mut specs = context.compute("reading the specs", move || files::specs(&on, face)).await??;
    record.sources(std::mem::take(&mut specs.sources));
    if face == Face::CommandLine {
        named_with_environment(&specs.files, subject)?;
    }
    let Changes { set, base } = changes(context, subject, last).await?;
    if face == Face::Action || !matches!(set, ChangeSet::Everything(_)) {
        tracing::info!("{}", describe(&set));
    }
    record.compared_with(base);
    let on = Arc::clone(subject);
    let work = move || assemble(&on, specs, &set);
    Ok(Arc::new(context.compute("reading the code and the configuration", work).await??))
}

/// Reads the files of the workflows, and splits them into those that the change affects and the others.
fn assemble(subject: &Subject, specs: Specs, changes: &ChangeSet) -> Result<Selection> {
    let (checkout, project) = (&subject.checkout, &subject.project);
    let (mut environments, broken) = Specified::of(specs.files, specs.left_out, project);
    let environment = &subject.destination.environment;
    let specified = environments.remove(environment);
    let all_read = !specs.broken.iter().any(|broken| broken.findings.has_errors());
    let whole = subject.globs.is_empty() || specs.unread.is_empty();
    let without_section = (specified.is_none() && all_read && whole).then(|| environment.clone());
    let Specified { chosen, left_out } = specified.unwrap_or_default();
    let mut read = project_files::read(checkout, project, &chosen)?;
    let codebase = Arc::new(Codebase::new(project, std::mem::take(&mut read.files), &chosen));
    let affected = impact::affected(changes, &codebase, &chosen);
    let (workflows, untouched) = specified::parted(chosen, &affected);
    let elsewhere = Elsewhere::find(subject, environments, changes, &codebase, &read)?;
    let can_release = read.refused.is_none();
    if let Some(refused) = read.refused.filter(|_| !workflows.is_empty() || elsewhere.fails()) {
        return Err(refused);
    }
    let mut selection = Selection {
        affected,
        everything: !matches!(changes, ChangeSet::Complete(_)),
        codebase,
        elsewhere,
        can_release,
        broken: vec![(read.left_out, !workflows.is_empty())],
        whole_project: subject.globs.is_empty(),
        untouched,
        left_out,
        without_section,
        unread: specs.unread,
        workflows,
    };
    for broken in specs.broken.into_iter().chain(broken) {
        selection.add(broken, subject, changes);
    }
    Ok(selection)
}

/// A command that names one spec is about its workflows: a spec without that environment is a mistake, not a deployment of
/// nothing.
fn named_with_environment(files: &[SpecFile], subject: &Subject) -> Result<()> {
    let environment = &subject.destination.environment;
    let [glob] = subject.globs.as_slice() else { return Ok(()) };
    if subject.is_about_all() {
        return Ok(());
    }
    let lacks = |file: &&SpecFile| !files::is_pattern(glob) && file.environment(environment).is_none();
    let Some(file) = files.iter().find(lacks).filter(|file| !file.environments.is_empty()) else { return Ok(()) };
    let has: Vec<String> = file.environments.iter().map(|found| format!("`{}`", found.name.value)).collect();
    Err(Error::input(format!("the spec file `{}` has no environment `{environment}`", file.path))
        .hint(format!("it has {}", has.join(", "))))
}

async fn changes(context: &Context, subject: &Arc<Subject>, last: Option<&str>) -> Result<Changes> {
    if let Scope::All(why) = &subject.destination.scope {
        return Ok(Changes { set: ChangeSet::Everything(why.clone()), base: None });
    }
    match &subject.trigger {
        Trigger::CommandLine { since, .. } => {
            let (on, base) = (Arc::clone(subject), since.clone());
            let revision = base.clone().unwrap_or_else(|| "HEAD".to_owned());
            let work = move || change::of_working_tree(on.checkout.path(), &revision);
            Ok(Changes { set: context.compute("asking git what changed", work).await??, base })
        }
        Trigger::Event { event, .. } => Ok(on_github(context, subject, event, last).await),
    }
}

async fn on_github(context: &Context, subject: &Subject, event: &Event, last: Option<&str>) -> Changes {
    let unknown = |why: &str| Changes { set: ChangeSet::Truncated(why.to_owned()), base: None };
    let Some(github) = &context.github else {
        return unknown("there is no `github-token`, so what changed is not known");
    };
    if let Trigger::Event { unrelated: Some(why), .. } = &subject.trigger {
        return unknown(why);
    }
    let Changes { mut set, base } = listed(github, subject, event, last).await;
    if let Some(root) = &subject.project.repository {
        set = set.in_repository(root);
    }
    Changes { base: base.filter(|_| matches!(set, ChangeSet::Complete(_))), set }
}

/// What GitHub lists as changed.
async fn listed(github: &github::Client, subject: &Subject, event: &Event, last: Option<&str>) -> Changes {
    if let (Some(pull), Trigger::Event { live, .. }) = (event.pull_request(), &subject.trigger) {
        let set = match live {
            Some(Ok(live)) => change::of_pull_request(github, pull.number, live.changed_files).await,
            Some(Err(error)) => {
                ChangeSet::Truncated(format!("what the pull request changes is not known: {}", error.describe()))
            }
            None => ChangeSet::Truncated("the pull request was not read".to_owned()),
        };
        return Changes { set, base: Some(format!("origin/{}", pull.base.name())) };
    }
    let base = match (last, event) {
        (Some(commit), _) => Sha::parse(commit),
        // Without credentials nothing is known of the deployment: the push itself is all there is to look at.
        (None, Event::Push(push)) if subject.destination.purpose == Purpose::Check => push.before.clone(),
        _ => None,
    };
    let (Some(base), Some(head)) = (base, event.head()) else {
        let why = "no complete deployment of this version is known".to_owned();
        return Changes { set: ChangeSet::Everything(why), base: None };
    };
    Changes { set: change::since(github, &base, head).await, base: Some(base.as_str().to_owned()) }
}

fn describe(changes: &ChangeSet) -> String {
    match changes {
        ChangeSet::Complete(changes) if changes.len() == 1 => "1 file changed".to_owned(),
        ChangeSet::Complete(changes) => format!("{} files changed", changes.len()),
        ChangeSet::Truncated(why) | ChangeSet::Everything(why) => format!("looking at every workflow: {why}"),
    }
}
