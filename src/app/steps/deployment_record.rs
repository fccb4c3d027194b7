//! The deployment record of a shared environment: read when a run begins, written before and after its writes.
//!
//! Before the first write it loses its commit, as what a run leaves half done, or does for some workflows only, is a
//! difference to the specs that no difference between commits shows. It gets the names of the pipelines then, so that none
//! is created that no later run would look for.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::record::Record;
use crate::app::session::Session;
use crate::app::subject::Subject;
use crate::clock;
use crate::databricks::ApiError;
use crate::deploy::{DeploymentRecord, Outcome};
use crate::diagnostic::Result;
use crate::observe::Observed;
use crate::pipeline::KeptFields;
use crate::plan::{Action, Plan};
use crate::route::Scope;

use super::select::Selection;

/// What is recorded of a shared environment, and what this run has to add.
#[derive(Default)]
pub(in crate::app) struct Recorded {
    /// As it was read; that of a preview only says what is kept.
    record: Option<DeploymentRecord>,
    /// The folder that it is in, where that is not the subject's: a preview may have another suffix.
    folder: Option<String>,
    /// Names that pipelines of this run may have.
    names: BTreeSet<String>,
    /// Names that are recorded, and that no pipeline of ours has any more.
    gone: BTreeSet<String>,
}

impl Recorded {
    /// Reads the record of the subject's environment.
    pub(in crate::app) async fn read(subject: &Subject, session: &Session) -> Result<Self> {
        if !subject.is_shared() {
            return Ok(Self::default());
        }
        let record = DeploymentRecord::read(&session.workspace, &subject.folder(), &subject.owner).await;
        record.map(Self::of).map_err(|error| error.ending_run("read what is recorded of earlier deployments"))
    }

    /// What is known by `record`.
    pub(super) fn of(record: Option<DeploymentRecord>) -> Self {
        Self { record, ..Self::default() }
    }

    /// Reads the record of a preview, if there is one, which is only for what is kept: one that cannot be read costs an edit.
    pub(super) async fn of_preview(
        (subject, session): (&Subject, &Session),
        folder: &str,
        observed: &Observed,
    ) -> Self {
        let mut record = None;
        if observed.has_object(&DeploymentRecord::file(&subject.owner)) {
            record = DeploymentRecord::read(&session.workspace, folder, &subject.owner).await.unwrap_or_default();
        }
        Self { folder: Some(folder.to_owned()), ..Self::of(record) }
    }

    /// By the name of a pipeline: what is known to be stored in another way than it was written.
    pub(super) fn kept(&self) -> BTreeMap<String, KeptFields> {
        self.record.as_ref().map(|record| record.kept.clone()).unwrap_or_default()
    }

    /// Records what turned out to be stored in another way than it was written. It is advice: a failure is a note.
    pub(super) async fn keep(
        &mut self,
        subject: &Subject,
        session: &Session,
        outcome: &Outcome<'_>,
        observed: &Observed,
        record: &mut Record,
    ) {
        if outcome.kept().next().is_none() {
            return;
        }
        let mut next = match &self.record {
            record if !subject.is_shared() => record.clone().unwrap_or_default(),
            _ => self.next(observed).incomplete(),
        };
        for (step, kept) in outcome.kept() {
            let fields = kept.iter().map(|change| (change.path.clone(), change.into()));
            next.kept.entry(step.name.clone()).or_default().extend(fields);
        }
        if let Err(error) = self.write(subject, session, &next, false).await {
            record.note(
                "record-not-written",
                format!("what the service stores in its own way could not be recorded, so the next run edits it again: {error}"),
            );
        }
        self.record = Some(next);
    }

    /// Names of pipelines that earlier deployments left, and that this one may have.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let recorded = self.record.iter().flat_map(|record| &record.pipelines);
        recorded.chain(&self.names).cloned().collect()
    }

    /// Whether it is recorded which pipelines there may be.
    pub(super) fn knows_names(&self) -> bool {
        self.record.as_ref().is_some_and(|record| !record.pipelines.is_empty())
    }

    /// The commit of the last complete deployment, where what changed since then is what the run is about.
    pub(super) fn commit(&self, subject: &Subject) -> Option<&str> {
        let counts = subject.is_of_ref() && subject.destination.scope == Scope::Changed;
        self.record.as_ref().filter(|_| counts)?.commit()
    }

    /// Adds names that pipelines of this run may have.
    pub(super) fn add_names(&mut self, names: impl IntoIterator<Item = String>) {
        self.names.extend(names);
    }

    /// Takes out names that no pipeline of ours has any more.
    pub(super) fn forget(&mut self, names: impl IntoIterator<Item = String>) {
        self.gone.extend(names);
    }

    /// Writes down that a deployment has begun, unless that is what the record says.
    pub(super) async fn begin(&self, subject: &Subject, session: &Session, observed: &Observed) -> Result<()> {
        let next = self.next(observed).incomplete();
        let (nothing, known) = (DeploymentRecord::default(), self.record.as_ref());
        let is_known = |record: &DeploymentRecord| record.is_incomplete() && record.pipelines == next.pipelines;
        if is_known(known.unwrap_or(&nothing)) {
            return Ok(());
        }
        let written = self.write(subject, session, &next, observed.objects.is_none()).await;
        written.map_err(|error| error.ending_run("record that a deployment has begun"))
    }

    /// Records the commit if the whole project was deployed and the record would change. It is advice: a failure is a note.
    pub(in crate::app) async fn complete(
        &self,
        subject: &Subject,
        session: &Session,
        selection: &Selection,
        (plan, observed): (&Plan, &Observed),
        record: &mut Record,
    ) {
        let Some(commit) = subject.run.commit.as_ref().filter(|_| subject.is_of_ref()) else { return };
        let nothing = selection.workflows.is_empty() && selection.untouched.is_empty() && self.record.is_none();
        if nothing || !selection.whole_project || !(plan.writes() || self.is_stale(subject, selection)) {
            return;
        }
        let mut next = self.next(observed).complete(commit);
        let destroyed = plan.pipelines().filter(|step| matches!(step.action, Action::Destroy { .. }));
        destroyed.for_each(|step| _ = next.pipelines.remove(&step.name));
        let make_folder = observed.objects.is_none() && !plan.writes();
        if let Err(error) = self.write(subject, session, &next, make_folder).await {
            record.note(
                "record-not-written",
                format!(
                    "the commit of this deployment could not be recorded, so the next run looks at every workflow: {error}"
                ),
            );
        }
    }

    /// Whether the next run would not know by the record what changed since this one.
    fn is_stale(&self, subject: &Subject, selection: &Selection) -> bool {
        let Some(commit) = self.record.as_ref().and_then(DeploymentRecord::commit) else { return true };
        // What did not tell what changed would not tell it the next time either.
        let told_nothing = selection.everything && subject.destination.scope == Scope::Changed;
        told_nothing && Some(commit) != subject.run.commit.as_deref()
    }

    /// The record with what this run adds to it, and without what is gone.
    fn next(&self, observed: &Observed) -> DeploymentRecord {
        let mut next = self.record.clone().unwrap_or_default();
        next.pipelines.extend(self.names.iter().cloned());
        next.pipelines.retain(|name| !self.gone.contains(name));
        next.kept.retain(|name, _| next.pipelines.contains(name));
        let notebooks: BTreeSet<&str> = observed.notebooks().collect();
        next.seen.retain(|name, _| notebooks.contains(name.as_str()));
        for notebook in notebooks {
            next.seen.entry(notebook.to_owned()).or_insert_with(clock::unix_time);
        }
        next
    }

    async fn write(
        &self,
        subject: &Subject,
        session: &Session,
        record: &DeploymentRecord,
        make_folder: bool,
    ) -> Result<(), ApiError> {
        let folder = self.folder.clone().unwrap_or_else(|| subject.folder());
        if make_folder {
            session.workspace.make_folder(&folder).await?;
        }
        record.write(&session.workspace, &folder, &subject.owner).await
    }
}
