//! `plan`: what a deployment would do. It writes nothing.

use std::sync::Arc;

use crate::app::context::Context;
use crate::app::record::{Conclusion, Record};
use crate::app::steps::prepare;
use crate::app::steps::sign_in::sign_in;
use crate::app::subject::Subject;
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::{Action, Allowed, PipelineStep};

/// Show what a deployment would do.
pub(in crate::app) struct Plan {
    pub(in crate::app) subject: Arc<Subject>,
    pub(in crate::app) allowed: Allowed,
}

impl Plan {
    pub(super) async fn run(&self, context: &Context, record: &mut Record) -> Result<()> {
        let session = sign_in(context, &self.subject.target, record).await?;
        let prepared = prepare::prepare(context, &self.subject, &session, self.allowed, record).await?;
        let is_blocked = |step: &&PipelineStep| matches!(step.action, Action::Blocked { .. });
        let (blocked, total) =
            (prepared.plan.pipelines().filter(is_blocked).count(), prepared.plan.pipelines().count());
        if blocked > 0 {
            return Err(Error::new(Kind::Failed, format!("{blocked} of {total} pipelines are blocked")));
        }
        record.conclude(Conclusion::Planned);
        Ok(())
    }
}
