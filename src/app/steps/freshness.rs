//! The live head of a branch or pull request: a run that is no longer the newest writes nothing.

use crate::app::context::Context;
use crate::app::record::{Conclusion, Record};
use crate::app::subject::Subject;
use crate::diagnostic::{Error, Result};
use crate::event::{Event, Head, PullRequest, Push, Ref};
use crate::fs::Checkout;
use crate::github::{self, Pull};
use crate::route::reason::{PULL_REQUEST_CLOSED, SUPERSEDED};
use crate::source::RepoPath;

/// Limit of `.git/HEAD`.
const HEAD_LIMIT: usize = 8 << 10;

/// How new a run has to be to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Freshness {
    /// Its commit is the newest of the branch or pull request, which is open.
    Newest,
    /// Its pull request is still closed.
    Closed,
    /// A pull request may be in any state: the destruction of its preview was requested.
    Requested,
}

/// Why a run is outdated: a stable code, and a sentence.
type Outdated = (&'static str, String);

/// Refuses the files of another branch in place of those of the pull request: `pull_request_target` runs on the default
/// branch (GitHub docs), and checks that out unless the workflow says otherwise.
pub(in crate::app) fn is_checked_out(checkout: &Checkout, event: &Event) -> Result<()> {
    let Some(pull) = event.pull_request().filter(|pull| pull.privileged) else { return Ok(()) };
    // A commit that was checked out by its id leaves none.
    let source = RepoPath::parse(".git/HEAD").ok().and_then(|path| checkout.read_text(&path, HEAD_LIMIT).ok());
    let branch = source.and_then(|source| Ref::parse(source.text.trim_end().strip_prefix("ref: ")?));
    match branch.filter(|branch| *branch != pull.branch) {
        None => Ok(()),
        Some(other) => Err(Error::input(format!("the {other} is checked out, not pull request #{}", pull.number))
            .hint(
                "use `on: pull_request`, or `actions/checkout` with `ref: ${{ github.event.pull_request.head.sha }}`",
            )),
    }
}

/// Why a run for `pull` is outdated before anything is looked at: GitHub lists the changes of the newest head only, and
/// what is wrong in an older checkout may be fixed.
pub(in crate::app) fn outdated_at_start(
    pull: &PullRequest,
    live: &Result<Pull, github::Error>,
    freshness: Freshness,
) -> Option<Outdated> {
    outdated(pull, live.as_ref().ok()?, freshness)
}

/// Reads the live head of the branch or pull request; concludes that the run is superseded if it is another.
pub(super) async fn is_current(
    context: &Context,
    subject: &Subject,
    freshness: Freshness,
    record: &mut Record,
) -> Result<bool> {
    let (Some(event), Some(github)) = (subject.event(), &context.github) else { return Ok(true) };
    let outdated = match live_head(event, freshness, github).await {
        Ok(outdated) => outdated,
        Err(error) => {
            let why = error.describe();
            record.note("head-unknown", format!("could not read whether something newer was pushed: {why}"));
            None
        }
    };
    let Some((reason, why)) = outdated else { return Ok(true) };
    record.conclude(Conclusion::Skipped { reason, why });
    Ok(false)
}

/// Why the commit of `event` is not known to be the live head of its branch; `None` if it is.
pub(super) async fn not_the_head(context: &Context, event: &Event) -> Option<String> {
    let Some(github) = &context.github else {
        return Some("without `github-token` it is not known whether something newer was pushed".to_owned());
    };
    match live_head(event, Freshness::Newest, github).await {
        Ok(outdated) => outdated.map(|(_, why)| why),
        Err(error) => Some(format!("it could not be read whether something newer was pushed: {}", error.describe())),
    }
}

/// Why the event is outdated; `None` if it is the newest of its branch or pull request.
async fn live_head(
    event: &Event,
    freshness: Freshness,
    github: &github::Client,
) -> Result<Option<Outdated>, github::Error> {
    if let Some(pull) = event.pull_request() {
        return match freshness {
            Freshness::Requested => Ok(None),
            _ => Ok(outdated(pull, &github.pull(pull.number).await?, freshness)),
        };
    }
    let (reference, sha) = match event {
        Event::Push(Push { reference, after: Some(after), .. }) => (reference, after),
        Event::Dispatch(Head { reference, sha }) | Event::Schedule(Head { reference, sha }) => (reference, sha),
        _ => return Ok(None),
    };
    let Ref::Branch(branch) = reference else { return Ok(None) };
    Ok(match github.branch(branch).await? {
        Some(live) if live == *sha => None,
        Some(live) => Some((SUPERSEDED, format!("`{}` was pushed to `{branch}` since", live.short()))),
        None => Some((SUPERSEDED, format!("the branch `{branch}` is gone, or the job lacks `contents: read`"))),
    })
}

fn outdated(pull: &PullRequest, live: &Pull, freshness: Freshness) -> Option<Outdated> {
    let number = pull.number;
    match freshness {
        Freshness::Closed => live.open.then(|| (SUPERSEDED, format!("pull request #{number} was reopened"))),
        Freshness::Newest if !live.open => Some((PULL_REQUEST_CLOSED, format!("pull request #{number} was closed"))),
        Freshness::Newest if live.head != pull.head => {
            Some((SUPERSEDED, format!("`{}` was pushed to pull request #{number} since", live.head.short())))
        }
        Freshness::Newest | Freshness::Requested => None,
    }
}
