//! Where an event goes: environment, identity, and what may be done there.

mod decide;
mod options;
mod preview;
pub mod reason;
mod rules;

use crate::diagnostic::Result;
use crate::event::Event;
use crate::project::Project;

pub use options::{AsIndividual, Mode, OnClose, Options};

/// Finds where `event` goes.
///
/// The first of these that answers decides on the environment: the input `environment`; the first line of the input
/// `environments` that matches; where that input is not given, the first target of `dltflow.yml` whose `deploy`
/// matches; for a pull request the default target. A fork's or Dependabot's pull request is checked at most, whatever
/// the inputs say, and a pull request never destroys the shared pipelines of an environment.
///
/// # Errors
/// Kind `Input` for an environment that is no target, a pattern that is none, a pull request without a default target,
/// and `pull_request_target` with the code of a fork: it would run a stranger's code with this repository's rights.
pub fn route(event: &Event, project: &Project, options: &Options) -> Result<Route> {
    decide::route(event, project, options)
}

/// What the run is to do, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Nothing: the event concerns no environment.
    Skip {
        /// Stable code, an output of the action: one of [`reason`]'s.
        reason: &'static str,
        /// The same in a sentence.
        why: String,
    },
    /// Something, in one environment.
    Go(Destination),
}

/// One environment and what is to be done there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Name of the environment: a target of `dltflow.yml` and a key of the specs.
    pub environment: String,
    /// Whose pipelines: the shared ones or a preview's.
    pub identity: Identity,
    /// What may be done.
    pub purpose: Purpose,
    /// Which workflows are looked at.
    pub scope: Scope,
    /// Which rule led here, in a sentence.
    pub why: String,
}

/// What may be done at a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Look at the files only; no credentials are used.
    Check,
    /// Compare with the workspace, write nothing.
    Plan,
    /// Make the workspace so.
    Deploy,
    /// Take away what carries the marks of this identity.
    Destroy,
}

/// Whose pipelines a run is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The environment's own.
    Shared,
    /// A preview's.
    Preview(Preview),
}

/// A preview: names and places of its own beside the shared ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// `{user}` of the name template: `octocat_pr42`, or the short name of a user. Letters, digits, `-`, `_` only.
    pub user: String,
    /// The mark `dltflow.preview`: `pr42`, or the user.
    pub key: String,
    /// What its schema, storage and folder are named after: `pr42_ab12`. Letters, digits and `_` only.
    pub suffix: String,
}

/// Which workflows a run looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those that the change touches.
    Changed,
    /// All of the environment; the text says why.
    All(String),
}

/// The right to write: only a route that deploys or destroys gives one, for exactly one plan.
#[derive(Debug)]
pub struct Consent {
    fingerprint: String,
}

impl Consent {
    /// The fingerprint of the plan that may be carried out.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

impl Destination {
    /// The right to carry out the plan of that fingerprint; `None` where the route only checks or plans, as it does
    /// for every pull request of a fork.
    pub fn consent(&self, fingerprint: &str) -> Option<Consent> {
        matches!(self.purpose, Purpose::Deploy | Purpose::Destroy)
            .then(|| Consent { fingerprint: fingerprint.to_owned() })
    }
}
