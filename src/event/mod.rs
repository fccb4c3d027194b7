//! What happened: the runner's variables and the event's payload → [`Event`].
//!
//! The payload is read by structs of our own that know only what is needed, so that new fields and new values of old
//! ones do no harm. Names, refs and commits are checked here and are types afterwards.

mod names;
mod payload;

use crate::source::Sha;

pub use names::{Login, Reference};

/// What the runner says about the run, as it stands in the `GITHUB_*` variables.
///
/// The runner lets no workflow overwrite these (actions/runner source), so they are the measure of the payload.
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
    /// `GITHUB_REPOSITORY_ID`: the number that a repository keeps when it is renamed.
    pub repository_id: String,
    /// `GITHUB_ACTOR`: login of who started the run.
    pub actor: String,
    /// `GITHUB_RUN_ID`.
    pub run_id: String,
    /// `GITHUB_RUN_ATTEMPT`, from 1.
    pub run_attempt: String,
    /// `GITHUB_SERVER_URL`, without a slash at its end.
    pub server_url: String,
}

impl Runner {
    /// Address of the run's page.
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
    /// A merge queue asks for checks.
    MergeGroup(MergeGroup),
    /// A release was published, as its tag.
    Release(Head),
    /// Somebody started the workflow by hand, on this ref.
    Dispatch(Head),
    /// The clock started the workflow, on the default branch.
    Schedule(Head),
    /// Any other event, by its name; `release: edited` for a release to which something else happened.
    Other(String),
}

/// A ref and its commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The ref.
    pub reference: Reference,
    /// The commit.
    pub sha: Sha,
}

/// `push`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// What was pushed.
    pub reference: Reference,
    /// The commit it pointed at before; `None` where it is new.
    pub before: Option<Sha>,
    /// The commit it points at now; `None` where it was deleted. For an annotated tag, the commit that it names.
    pub after: Option<Sha>,
    /// Whether history was rewritten.
    pub forced: bool,
}

/// `pull_request` or `pull_request_target`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// `pull_request_target`: runs with the rights of the base repository.
    pub privileged: bool,
    /// What happened to it.
    pub action: Action,
    /// Its number.
    pub number: u64,
    /// Who opened it.
    pub author: Login,
    /// Where its code comes from.
    pub origin: Origin,
    /// The branch it goes into.
    pub base: Reference,
    /// The branch it comes from, in the head repository.
    pub branch: Reference,
    /// Its last commit: not the test merge that the runner checks out.
    pub head: Sha,
    /// Whether it is a draft.
    pub draft: bool,
}

/// What happened to a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It has new content, or may be looked at anew: opened, synchronize, reopened, `ready_for_review`.
    Updated,
    /// It was closed.
    Closed {
        /// Whether by a merge.
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
    /// Another repository, or one that is gone.
    Fork,
    /// Opened by Dependabot, or the run was started by it: GitHub gives both a fork's rights.
    Dependabot,
}

/// `merge_group`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeGroup {
    /// The branch that is merged into.
    pub base: Reference,
    /// Its commit before the merge.
    pub base_sha: Sha,
    /// The commit of the queue.
    pub head: Sha,
}

impl Event {
    /// Reads the event `name` from its `payload` (JSON).
    ///
    /// # Errors
    /// Kind `Input` where the payload is no JSON, too large, of another event, or at odds with the runner's variables.
    pub fn parse(name: &str, payload: &[u8], runner: &Runner) -> crate::diagnostic::Result<Self> {
        payload::read(name, payload, runner)
    }

    /// The pull request that this is about.
    pub fn pull_request(&self) -> Option<&PullRequest> {
        match self {
            Self::PullRequest(pull) => Some(pull),
            _ => None,
        }
    }

    /// The commit that this is about; `None` for deletions and events that nothing is done for.
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
