//! `deploy`: makes the release, plans the difference to the workspace, and carries the plan out.

use std::sync::Arc;

use crate::app::context::Context;
use crate::app::record::Record;
use crate::app::session::Session;
use crate::app::steps::apply::{self, Applied};
use crate::app::steps::confirm::Answer;
use crate::app::steps::freshness::Freshness;
use crate::app::steps::prepare;
use crate::app::steps::sign_in::sign_in;
use crate::app::subject::Subject;
use crate::diagnostic::Result;
use crate::plan::Allowed;
use crate::route::Permit;
use crate::route::reason::PULL_REQUEST_CLOSED;

use super::destroy;

/// Deploy the selected workflows.
pub(in crate::app) struct Deploy {
    pub(in crate::app) subject: Arc<Subject>,
    pub(in crate::app) permit: Permit,
    pub(in crate::app) allowed: Allowed,
}

impl Deploy {
    pub(super) async fn run(&self, context: &Context, record: &mut Record) -> Result<()> {
        let session = sign_in(context, &self.subject.target, record).await?;
        let mut prepared = prepare::prepare(context, &self.subject, &session, self.allowed, record).await?;
        let to_apply = apply::ToApply {
            subject: &self.subject,
            permit: self.permit,
            freshness: Freshness::Newest,
            plan: &prepared.plan,
            observed: &prepared.observed,
            recorded: &mut prepared.recorded,
            artifacts: prepared.release.artifacts().collect(),
            untouched: &prepared.untouched,
        };
        let Applied::Done { changed } = apply::apply(context, &session, to_apply, record).await? else { return Ok(()) };
        destroy::note_hive_data(&prepared.plan, record);
        let found = (&prepared.plan, &prepared.observed);
        prepared.recorded.complete(&self.subject, &session, &prepared.selection, found, record).await;
        if changed { self.destroy_if_closed(context, &session, record).await } else { Ok(()) }
    }

    /// Nobody but this run would destroy a preview that was deployed while its pull request was closed.
    async fn destroy_if_closed(&self, context: &Context, session: &Session, record: &mut Record) -> Result<()> {
        let pull = self.subject.pull_request().filter(|_| !self.subject.is_shared());
        let Some((pull, github)) = pull.zip(context.github.as_ref()) else { return Ok(()) };
        match github.pull(pull.number).await {
            Ok(live) if live.open => Ok(()),
            Ok(_) => {
                record.reason(PULL_REQUEST_CLOSED);
                let answer = Answer::Given;
                let how = destroy::How { permit: self.permit, closed: true, allowed: self.allowed, answer };
                destroy::destroy_preview(context, &self.subject, session, how, record).await
            }
            Err(error) => {
                let why = error.describe();
                record.note("head-unknown", format!("could not read whether the pull request is still open: {why}"));
                Ok(())
            }
        }
    }
}
