//! A plan carried out: what a deployment and a destruction have in common.

use crate::deploy::{self, Done, Outcome};
use crate::desired::Owner;
use crate::diagnostic::{Error, Kind, Result};
use crate::observe::{self, Observed, Query};
use crate::plan::Plan;
use crate::release::Artifact;
use crate::report::Verdict;
use crate::route::Purpose;

use super::Stage;
use super::desk::Desk;
use super::draft::Draft;
use super::{head, memory};

/// Looks what is there.
pub(super) async fn look(desk: &Desk, owner: &Owner, query: Query) -> Result<Observed> {
    observe::observe(&desk.workspace, owner, &query).await.map_err(|error| error.ending_run("look what is deployed"))
}

/// Carries a plan out, once it is sure that nothing newer is to be deployed.
pub(super) async fn carry_out(
    stage: &Stage<'_>,
    desk: &Desk,
    (plan, observed): (&Plan, &Observed),
    artifacts: &[&Artifact],
    draft: &mut Draft,
) -> Result<()> {
    if plan.writes() && !head::is_current(stage, draft).await? {
        return Ok(());
    }
    if plan.writes() {
        memory::take_back(stage, desk, &plan.folder, observed).await?;
    }
    let fingerprint = plan.fingerprint();
    let consent = stage
        .destination
        .consent(&fingerprint)
        .ok_or_else(|| Error::new(Kind::Internal, "this route gives no consent to write"))?;
    let outcome = deploy::deploy(&desk.workspace, &stage.owner(), plan, artifacts, &consent).await?;
    draft.done(&outcome, &desk.me, |id| desk.page(id));
    ended(stage, &outcome, draft)
}

fn ended(stage: &Stage<'_>, outcome: &Outcome, draft: &mut Draft) -> Result<()> {
    let total = outcome.steps.len();
    if let Some(kind) = outcome.trouble() {
        let failed = outcome.steps.iter().filter(|step| step.is_err()).count();
        let rest = if outcome.changed() { "the table says what stands" } else { "nothing was changed" };
        let message = if failed == 0 {
            "the preview's folder could not be removed".to_owned()
        } else {
            format!("{failed} of {total} pipelines failed; {rest}")
        };
        return Err(Error::new(kind, message));
    }
    let changed = outcome.changed();
    let verdict = match stage.destination.purpose {
        Purpose::Destroy => Verdict::Destroyed,
        _ if changed => Verdict::Deployed,
        _ => Verdict::Unchanged,
    };
    let gone = outcome.steps.iter().filter(|step| matches!(step, Ok(Done::Destroyed { .. }))).count();
    let told_of = if verdict == Verdict::Destroyed { gone } else { total - gone };
    let sentence = match (verdict, told_of) {
        (Verdict::Destroyed, 0) => "no pipeline was there".to_owned(),
        (Verdict::Destroyed, 1) => "1 pipeline is gone".to_owned(),
        (Verdict::Destroyed, _) => format!("{told_of} pipelines are gone"),
        (_, 0) if gone > 0 => "no workflow is touched any more".to_owned(),
        (_, 0) => "no workflow is touched".to_owned(),
        (Verdict::Unchanged, _) => "everything stands as it should".to_owned(),
        (_, 1) => "1 pipeline stands as it should now".to_owned(),
        _ => format!("{told_of} pipelines stand as they should now"),
    };
    draft.verdict(verdict, sentence);
    Ok(())
}
