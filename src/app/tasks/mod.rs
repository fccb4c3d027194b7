//! The use cases, one file each: a task is all that a run is asked to do.

mod check;
mod deploy;
mod destroy;
mod plan;
mod repeat;
mod run_local;
mod status;
mod sweep;
mod swept;

use crate::diagnostic::Result;

use super::context::Context;
use super::record::Record;
use super::subject::Subject;

pub(super) use check::Check;
pub(super) use deploy::Deploy;
pub(super) use destroy::{Destroy, How};
pub(super) use plan::Plan;
pub(super) use run_local::RunLocal;
pub(super) use status::Status;
pub(super) use sweep::Sweep;

/// What a run is asked to do.
pub(super) enum Task {
    Check(Check),
    Plan(Plan),
    Deploy(Deploy),
    Destroy(Destroy),
    RunLocal(Box<RunLocal>),
    Sweep(Sweep),
    Status(Status),
}

impl Task {
    /// Runs it; whatever becomes known meanwhile is in the record, even if it fails.
    pub(super) async fn run(&self, context: &Context, record: &mut Record) -> Result<()> {
        if self.subject().is_about_all() {
            record.environments(self.subject().project.targets.iter().map(|target| target.name.clone()).collect());
        } else {
            record.subject(self.subject());
        }
        let ended = match self {
            Self::Check(task) => task.run(context, record).await,
            Self::Plan(task) => task.run(context, record).await,
            Self::Deploy(task) => task.run(context, record).await,
            Self::Destroy(task) => task.run(context, record).await,
            Self::RunLocal(task) => task.run(context, record).await,
            Self::Sweep(task) => task.run(context, record).await,
            Self::Status(task) => task.run(context, record).await,
        };
        record.repeat(self.reproduce(record.base()), self.removal());
        ended
    }

    fn subject(&self) -> &Subject {
        match self {
            Self::Check(task) => &task.subject,
            Self::Plan(task) => &task.subject,
            Self::Deploy(task) => &task.subject,
            Self::Destroy(task) => &task.subject,
            Self::RunLocal(task) => &task.subject,
            Self::Sweep(task) => &task.subject,
            Self::Status(task) => &task.subject,
        }
    }
}
