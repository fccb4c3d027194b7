//! The commit of the last complete deployment of a shared environment, which narrows what is looked at.
//!
//! Every run clears it before its first write: what it leaves half done, or does for some workflows only, is a difference
//! to the specs that no difference between commits shows.

use crate::app::record::Record;
use crate::app::subject::{Subject, Trigger};
use crate::databricks::ApiError;
use crate::deploy::LastDeployment;
use crate::diagnostic::Result;
use crate::observe::Observed;
use crate::plan::Plan;
use crate::route::Scope;

use super::select::Selection;
use crate::app::session::Session;

/// What is known about the last complete deployment.
pub(in crate::app) enum LastKnown {
    /// Not recorded: a preview deploys what its pull request affects, and a command what was requested, which is not all
    /// that changed between two commits.
    NotKept,
    /// Not read, as every workflow is looked at anyway.
    NotAsked,
    /// As read.
    Read(Option<LastDeployment>),
}

impl LastKnown {
    pub(super) async fn read(subject: &Subject, session: &Session) -> Result<Self> {
        let of_ref = matches!(&subject.trigger, Trigger::Event { event, .. } if event.pull_request().is_none());
        if !subject.is_shared() || !of_ref {
            return Ok(Self::NotKept);
        }
        if subject.destination.scope != Scope::Changed {
            return Ok(Self::NotAsked);
        }
        let last = LastDeployment::read(&session.workspace, &subject.folder()).await;
        last.map(Self::Read).map_err(|error| error.ending_run("read the last deployment"))
    }

    /// The deployment, if one is known.
    pub(super) fn known(&self) -> Option<&LastDeployment> {
        match self {
            Self::Read(last) => last.as_ref(),
            Self::NotKept | Self::NotAsked => None,
        }
    }

    /// Records the commit if the whole project was deployed and the record would change. It is advice: a failure is a note.
    pub(in crate::app) async fn keep(
        &self,
        subject: &Subject,
        session: &Session,
        selection: &Selection,
        (plan, observed): (&Plan, &Observed),
        record: &mut Record,
    ) {
        let Some(commit) = &subject.run.commit else { return };
        let stale = match self {
            Self::NotKept => return,
            Self::NotAsked => !is_there(observed),
            // What was kept and did not say what changed would not say it the next time either.
            Self::Read(last) => selection.everything && last.as_ref().is_none_or(|last| last.commit != *commit),
        };
        if !(stale || plan.writes())
            || !selection.whole_project
            || selection.workflows.len() + selection.others.len() == 0
        {
            return;
        }
        let make_folder = plan.uploads().next().is_none() && observed.objects.is_none();
        if let Err(error) = write(session, &plan.folder, make_folder, commit).await {
            record.note(
                "deployed-json",
                format!(
                    "the commit of this deployment could not be kept, so the next run looks at every workflow: {error}"
                ),
            );
        }
    }
}

/// Clears the record of a shared environment before it is written to.
pub(super) async fn clear(session: &Session, folder: &str, observed: &Observed) -> Result<()> {
    if !is_there(observed) {
        return Ok(());
    }
    let cleared = LastDeployment::clear(&session.workspace, folder).await;
    cleared.map_err(|error| error.ending_run("clear what is kept of the last deployment"))
}

fn is_there(observed: &Observed) -> bool {
    observed.has_object(LastDeployment::FILE)
}

async fn write(session: &Session, folder: &str, make_folder: bool, commit: &str) -> Result<(), ApiError> {
    if make_folder {
        session.workspace.make_folder(folder).await?;
    }
    LastDeployment::write(&session.workspace, folder, commit).await
}
