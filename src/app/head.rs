//! The live head of a branch or pull request: a run that is not the newest any more writes nothing.

use crate::diagnostic::{Error, Result};
use crate::event::{Event, Head, PullRequest, Push, Reference};
use crate::github::{self, Pull};
use crate::report::Status;
use crate::route::Purpose;
use crate::route::reason::{PULL_REQUEST_CLOSED, SUPERSEDED};
use crate::source::RepoPath;

use super::draft::Draft;
use super::{Job, Stage, Trigger, World};

/// Most that is read of `.git/HEAD`.
const HEAD_LIMIT: usize = 8 << 10;

/// Refuses to take another branch's files for those of the pull request: the run of `pull_request_target` stands on the
/// default branch (GitHub docs), and so does its checkout unless the workflow says otherwise.
pub(super) fn is_checked_out(job: &Job, purpose: Purpose) -> Result<()> {
    let Trigger::Event(Event::PullRequest(pull)) = &job.trigger else { return Ok(()) };
    if !pull.privileged || purpose == Purpose::Destroy {
        return Ok(());
    }
    // A commit that was checked out by its id leaves none.
    let source = RepoPath::parse(".git/HEAD").ok().and_then(|path| job.checkout.read_text(&path, HEAD_LIMIT).ok());
    let branch = source.and_then(|source| Reference::parse(source.text.trim_end().strip_prefix("ref: ")?));
    match branch.filter(|branch| *branch != pull.branch) {
        None => Ok(()),
        Some(other) => Err(Error::input(format!("the {other} is checked out, not pull request #{}", pull.number))
            .hint(
                "use `on: pull_request`, or `actions/checkout` with `ref: ${{ github.event.pull_request.head.sha }}`",
            )),
    }
}

/// The pull request whose changes a run is about, as it is now; `None` where it is about none, or there is nobody to ask.
pub(super) async fn live_pull(job: &Job, world: &World, purpose: Purpose) -> Option<Result<Pull, github::Error>> {
    let Trigger::Event(event) = &job.trigger else { return None };
    if purpose == Purpose::Destroy {
        return None;
    }
    let (pull, github) = event.pull_request().zip(world.github.as_ref())?;
    Some(github.pull(pull.number).await)
}

/// Why a run is not the newest of its pull request any more; `None` where it is.
fn outdated(pull: &PullRequest, live: &Pull, purpose: Purpose) -> Option<(&'static str, String)> {
    let number = pull.number;
    match purpose {
        Purpose::Destroy if live.open => Some((SUPERSEDED, format!("pull request #{number} was reopened"))),
        Purpose::Destroy => None,
        _ if !live.open => Some((PULL_REQUEST_CLOSED, format!("pull request #{number} was closed"))),
        _ if live.head != pull.head => {
            Some((SUPERSEDED, format!("`{}` was pushed to pull request #{number} meanwhile", live.head.short())))
        }
        _ => None,
    }
}

/// The same before anything is looked at: what GitHub lists as changed is the newest head's, so an older checkout has
/// nothing to go by, and what is wrong in it is mended perhaps.
pub(super) fn outdated_at_start(
    job: &Job,
    live: Option<&Result<Pull, github::Error>>,
    purpose: Purpose,
) -> Option<(&'static str, String)> {
    let Trigger::Event(event) = &job.trigger else { return None };
    outdated(event.pull_request()?, live?.as_ref().ok()?, purpose)
}

/// Reads the live head of the branch or pull request; says why the run writes nothing where it is another.
pub(super) async fn is_current(stage: &Stage<'_>, draft: &mut Draft) -> Result<bool> {
    let (Trigger::Event(event), Some(github)) = (&stage.job.trigger, &stage.world.github) else { return Ok(true) };
    let superseded = match live_head(event, stage, github).await {
        Ok(superseded) => superseded,
        Err(error) => {
            let told = error.describe();
            draft.note("head-unknown", format!("whether something newer was pushed could not be read: {told}"));
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
    stage: &Stage<'_>,
    github: &github::Client,
) -> Result<Option<(&'static str, String)>, github::Error> {
    if let Some(pull) = event.pull_request() {
        if stage.job.destroys_by_mode() {
            return Ok(None);
        }
        return Ok(outdated(pull, &github.pull(pull.number).await?, stage.destination.purpose));
    }
    let (reference, sha) = match event {
        Event::Push(Push { reference, after: Some(after), .. }) => (reference, after),
        Event::Dispatch(Head { reference, sha }) | Event::Schedule(Head { reference, sha }) => (reference, sha),
        _ => return Ok(None),
    };
    let Reference::Branch(branch) = reference else { return Ok(None) };
    Ok(match github.branch(branch).await? {
        Some(live) if live == *sha => None,
        Some(live) => Some((SUPERSEDED, format!("`{}` was pushed to `{branch}` meanwhile", live.short()))),
        None => Some((SUPERSEDED, format!("the branch `{branch}` is gone, or the job lacks `contents: read`"))),
    })
}
