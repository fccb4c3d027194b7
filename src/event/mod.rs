//! Stage `event`: the runner's variables and the event's payload → [`Event`].
//!
//! The payload is decoded into structs with only the needed fields, so that new fields and values do no harm. Names, refs
//! and commits are validated here and have types of their own.

mod names;
mod payload;

use crate::source::Sha;

pub use names::{Login, Ref};

/// The run as described by the `GITHUB_*` variables.
///
/// Workflows cannot overwrite these (actions/runner source), so the payload is checked against them.
#[derive(Clone, Debug, Default)]
pub struct Runner {
    /// `GITHUB_REF`: the full ref, `refs/heads/…`, `refs/tags/…` or `refs/pull/…/merge`.
    pub ref_: String,
    /// `GITHUB_REF_TYPE`: `branch` or `tag`.
    pub ref_type: String,
    /// `GITHUB_SHA`: the commit of the run.
    pub sha: String,
    /// `GITHUB_REPOSITORY`: `owner/name`.
    pub repository: String,
    /// `GITHUB_REPOSITORY_ID`, which survives a rename.
    pub repository_id: String,
    /// `GITHUB_ACTOR`: login of who started the run.
    pub actor: String,
    /// `GITHUB_RUN_ID`.
    pub run_id: String,
    /// `GITHUB_RUN_ATTEMPT`, from 1.
    pub run_attempt: String,
    /// `GITHUB_SERVER_URL`, without a trailing slash.
    pub server_url: String,
}

impl Runner {
    /// URL of the run's page.
    pub fn run_url(&self) -> String {
        format!("{}/{}/actions/runs/{}", self.server_url.trim_end_matches('/'), self.repository, self.run_id)
    }
}

/// What happened in the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A branch or a tag was pushed, or deleted.
    Push(Push),
    /// Something happened to a pull request.
    PullRequest(PullRequest),
    /// A merge queue requested checks.
    MergeGroup(MergeGroup),
    /// A release was published, as its tag.
    Release(Head),
    /// The workflow was started by hand, on this ref.
    Dispatch(Head),
    /// The workflow was started by its schedule, on the default branch.
    Schedule(Head),
    /// Any other event, by its name; `release: edited` for other actions on a release.
    Other(String),
}

/// A ref and its commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The ref.
    pub reference: Ref,
    /// The commit.
    pub sha: Sha,
}

/// `push`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// What was pushed.
    pub reference: Ref,
    /// The commit before the push; `None` for a new ref.
    pub before: Option<Sha>,
    /// The commit after the push; `None` for a deleted ref. For an annotated tag, the commit that it points to.
    pub after: Option<Sha>,
    /// Whether history was rewritten.
    pub forced: bool,
}

/// `pull_request` or `pull_request_target`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// `pull_request_target`: runs with the permissions of the base repository.
    pub privileged: bool,
    /// What happened to it.
    pub action: PullRequestAction,
    /// Its number.
    pub number: u64,
    /// Who opened it.
    pub author: Login,
    /// Where its code comes from.
    pub origin: Origin,
    /// The branch that it is merged into.
    pub base: Ref,
    /// The branch it comes from, in the head repository.
    pub branch: Ref,
    /// Its last commit, not the test merge that the runner checks out.
    pub head: Sha,
    /// Whether it is a draft.
    pub draft: bool,
}

/// What happened to a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PullRequestAction {
    /// It has new content or is open again: opened, synchronize, reopened, `ready_for_review`.
    Updated,
    /// It was closed.
    Closed {
        /// Whether it was merged.
        merged: bool,
    },
    /// Anything else (`labeled`, `edited`, …).
    Other(String),
}

/// Where the code of a pull request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A branch of the same repository.
    Repository,
    /// Another repository, or a deleted one.
    Fork,
    /// Opened by Dependabot, or the run was started by it: both have the permissions of a fork.
    Dependabot,
}

/// `merge_group`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeGroup {
    /// The branch that is merged into.
    pub base: Ref,
    /// Its commit before the merge.
    pub base_sha: Sha,
    /// The commit of the queue.
    pub head: Sha,
}

impl Event {
    /// Parses the event `name` from its `payload` (JSON).
    ///
    /// # Errors
    /// Kind `Input` if the payload is not JSON, too large, of another event, or contradicts the runner's variables.
    pub fn parse(name: &str, payload: &[u8], runner: &Runner) -> crate::diagnostic::Result<Self> {
        payload::parse(name, payload, runner)
    }

    /// The pull request, for events of one.
    pub fn pull_request(&self) -> Option<&PullRequest> {
        match self {
            Self::PullRequest(pull) => Some(pull),
            _ => None,
        }
    }

    /// The commit; `None` for deletions and unhandled events.
    pub fn head(&self) -> Option<&Sha> {
        match self {
            Self::Push(push) => push.after.as_ref(),
            Self::PullRequest(pull) => Some(&pull.head),
            Self::MergeGroup(group) => Some(&group.head),
            Self::Release(head) | Self::Dispatch(head) | Self::Schedule(head) => Some(&head.sha),
            Self::Other(_) => None,
        }
    }
}
