//! `destroy`: deletes what belongs to an identity; pipelines first, then the preview's folder.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::context::Context;
use crate::app::record::Record;
use crate::app::session::Session;
use crate::app::steps::apply::{self, Applied};
use crate::app::steps::confirm::{self, Answer};
use crate::app::steps::deployment_record::Recorded;
use crate::app::steps::freshness::Freshness;
use crate::app::steps::sign_in::sign_in;
use crate::app::steps::{look, preview, select};
use crate::app::subject::Subject;
use crate::diagnostic::Result;
use crate::observe::{Observed, PreviewFolder, PreviewNote, Query};
use crate::pipeline::ownership::Claim;
use crate::plan::{self, Allowed, Plan};
use crate::route::{Identity, Permit};

/// By which right, and on what occasion, something is destroyed.
#[derive(Clone, Copy)]
pub(in crate::app) struct How {
    pub(in crate::app) permit: Permit,
    /// Whether it is done because the pull request was closed; else because it was requested.
    pub(in crate::app) closed: bool,
    /// What it may do beside that.
    pub(in crate::app) allowed: Allowed,
    /// Whether it was confirmed.
    pub(in crate::app) answer: Answer,
}

impl How {
    fn why(self) -> &'static str {
        if self.closed { "its pull request was closed" } else { "its destruction was requested" }
    }

    fn freshness(self) -> Freshness {
        if self.closed { Freshness::Closed } else { Freshness::Requested }
    }
}

/// Destroy a whole preview, without specs, as its branch may be gone; or the shared pipelines of specs.
pub(in crate::app) struct Destroy {
    pub(in crate::app) subject: Arc<Subject>,
    pub(in crate::app) how: How,
}

impl Destroy {
    pub(super) async fn run(&self, context: &Context, record: &mut Record) -> Result<()> {
        let session = sign_in(context, &self.subject.target, record).await?;
        match &self.subject.destination.identity {
            Identity::Preview(_) => destroy_preview(context, &self.subject, &session, self.how, record).await,
            Identity::Shared => self.shared(context, &session, record).await,
        }
    }

    async fn shared(&self, context: &Context, session: &Session, record: &mut Record) -> Result<()> {
        let selection = select::select(context, &self.subject, None, record).await?;
        let names = selection.workflows.iter().map(|workflow| workflow.name.value.clone()).collect();
        let query = Query { folder: self.subject.folder(), names, preview_user: None };
        let observed = look(session, &self.subject.owner, query).await?;
        let plan = plan::destroy(&self.subject.folder(), &observed, &[], self.how.why(), self.how.allowed);
        carry_out(context, &self.subject, session, self.how, (&plan, &observed), record).await?;
        note_others(&observed, record);
        Ok(())
    }
}

/// What has the name of a workflow and is not ours: without a word it would look as if it did not exist.
fn note_others(observed: &Observed, record: &mut Record) {
    for existing in &observed.pipelines {
        let why = match &existing.claim {
            Claim::Ours | Claim::Adopted(_) | Claim::Hidden => continue,
            Claim::Former(project) => format!("the project {project} deployed it"),
            Claim::Unowned => "dltflow has not made it".to_owned(),
            Claim::Foreign(how) => how.clone(),
        };
        record.note("not-ours", format!("`{}` was left, as it is not this project's: {why}", existing.name));
    }
}

/// Destroys the preview that the subject is about.
pub(super) async fn destroy_preview(
    context: &Context,
    subject: &Subject,
    session: &Session,
    how: How,
    record: &mut Record,
) -> Result<()> {
    let Identity::Preview(preview) = &subject.destination.identity else { return Ok(()) };
    let (folder, deployment) = (subject.folder(), subject.deployment());
    // Not by its author, whose account may have another name by now, or none.
    let query = Query { folder: folder.clone(), names: Vec::new(), preview_user: Some(preview.key.clone()) };
    let mut observed = look(session, &subject.owner, query).await?;
    observed.pipelines.retain(|existing| existing.claim != Claim::Hidden || deployment.may_name(&existing.name));
    let folders = preview::folders(subject, session, (&folder, &observed)).await?;
    let plan = plan::destroy(&folder, &observed, &folders, how.why(), how.allowed);
    carry_out(context, subject, session, how, (&plan, &observed), record).await?;
    note_other_environments(subject, &observed, record);
    note_undecided(subject, &observed, record);
    note_unreadable(&folders, record);
    Ok(())
}

async fn carry_out(
    context: &Context,
    subject: &Subject,
    session: &Session,
    how: How,
    (plan, observed): (&Plan, &Observed),
    record: &mut Record,
) -> Result<()> {
    record.destroying(plan);
    confirm::confirm(context, subject, how.answer, (plan, observed)).await?;
    let (permit, freshness) = (how.permit, how.freshness());
    let mut recorded = Recorded::read(subject, session).await?;
    let (recorded, artifacts, untouched) = (&mut recorded, Vec::new(), &BTreeSet::new());
    let to_apply = apply::ToApply { subject, permit, freshness, plan, observed, recorded, artifacts, untouched };
    if matches!(apply::apply(context, session, to_apply, record).await?, Applied::Done { .. }) {
        note_hive_data(plan, record);
    }
    Ok(())
}

/// No run of this commit destroys a preview in an environment that is no longer a target.
fn note_other_environments(subject: &Subject, observed: &Observed, record: &mut Record) {
    for existing in &observed.pipelines {
        let Some(environment) = subject.owner.elsewhere(&existing.settings) else { continue };
        if subject.project.target(environment).is_none() {
            let (name, file) = (&existing.name, &subject.project.file);
            record.note(
                "preview-left",
                format!(
                    "`{name}` was not destroyed: its environment `{environment}` is no longer a target of `{file}`; run \
                     `dltflow destroy` for it on a commit where it is one"
                ),
            );
        }
    }
}

/// What may be of a project that was renamed, and may be of another project of the checkout.
fn note_undecided(subject: &Subject, observed: &Observed, record: &mut Record) {
    for existing in &observed.pipelines {
        let Some(project) = subject.owner.may_have_been(&existing.name, &existing.settings) else { continue };
        let name = &existing.name;
        record.note(
            "preview-left",
            format!(
                "`{name}` was not destroyed: the project {project} deployed it, and not every project of the checkout is \
                 known, so it may be there still: check out the whole repository, with no `dltflow.yml` that cannot be read"
            ),
        );
    }
}

/// What cannot be understood keeps its folder, and nobody else would tell.
fn note_unreadable(folders: &[PreviewFolder], record: &mut Record) {
    for folder in folders {
        for (name, _) in folder.notes.iter().filter(|(_, note)| matches!(note, PreviewNote::Unreadable)) {
            let path = &folder.path;
            record.note(
                "folder-left",
                format!(
                    "the folder `{path}` is left, as `{name}` in it cannot be understood: a newer version of dltflow may have \
                     written it and can destroy the preview; otherwise delete the folder by hand"
                ),
            );
        }
    }
}

/// Tables of Hive pipelines are left when the pipeline is deleted; the report says where they are.
pub(super) fn note_hive_data(plan: &Plan, record: &mut Record) {
    for place in plan.pipelines().filter_map(|step| step.action.left_behind()) {
        record.note("hive-data-left", format!("tables and checkpoints of a Hive pipeline are left: {place}"));
    }
}
