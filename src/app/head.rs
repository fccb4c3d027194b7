//! The live head of a branch or pull request: a run that is not the newest any more writes nothing.

use crate::diagnostic::Result;
use crate::event::{Event, Reference};
use crate::github;
use crate::report::Status;
use crate::route::Purpose;
use crate::route::reason::{PULL_REQUEST_CLOSED, SUPERSEDED};

use super::draft::Draft;
use super::{Stage, Trigger};

/// Reads the live head of the branch or pull request; says why the run writes nothing where it is another.
pub(super) async fn is_current(stage: &Stage<'_>, draft: &mut Draft) -> Result<bool> {
    let (Trigger::Event(event), Some(github)) = (&stage.job.trigger, &stage.world.github) else { return Ok(true) };
    let superseded = match live_head(event, stage.destination.purpose, github).await {
        Ok(superseded) => superseded,
        Err(error) => {
            let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
            draft.note("head-unknown", format!("whether something newer was pushed could not be read: {error}{hint}"));
            None
        }
    };
    let Some((reason, why)) = superseded else { return Ok(true) };
    draft
        .report
        .workflows
        .iter_mut()
        .filter(|row| row.status == Status::Planned)
        .for_each(|row| row.status = Status::Skipped);
    draft.skip(reason, why);
    Ok(false)
}

/// Why the event is not the newest of its branch or pull request any more; `None` where it is.
async fn live_head(
    event: &Event,
    purpose: Purpose,
    github: &github::Client,
) -> Result<Option<(&'static str, String)>, github::Error> {
    if let Some(pull) = event.pull_request() {
        let live = github.pull(pull.number).await?;
        return Ok(match purpose {
            Purpose::Destroy if live.open => Some((SUPERSEDED, format!("pull request #{} was reopened", pull.number))),
            Purpose::Destroy => None,
            _ if !live.open => Some((PULL_REQUEST_CLOSED, format!("pull request #{} was closed", pull.number))),
            _ if live.head != pull.head => Some((
                SUPERSEDED,
                format!("`{}` was pushed to pull request #{} meanwhile", live.head.short(), pull.number),
            )),
            _ => None,
        });
    }
    let Event::Push(push) = event else { return Ok(None) };
    let (Reference::Branch(branch), Some(after)) = (&push.reference, &push.after) else { return Ok(None) };
    Ok(match github.branch(branch).await? {
        Some(live) if live == *after => None,
        Some(live) => Some((SUPERSEDED, format!("`{}` was pushed to `{branch}` meanwhile", live.short()))),
        None => Some((SUPERSEDED, format!("the branch `{branch}` is gone, or the job lacks `contents: read`"))),
    })
}
