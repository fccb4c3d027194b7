//! Stage `route`: an event → environment, identity, and what to do there.

mod decide;
mod options;
mod preview;
pub mod reason;
mod request;
mod rules;

use crate::diagnostic::Result;
use crate::event::Event;
use crate::project::Project;

pub use options::{AsIndividual, Mode, OnClose, Prune, RouteOptions};
pub use request::{RouteRequest, Whose, requested, requested_target};

/// Decides what to do for `event`, and in which environment.
///
/// The environment is the first of these that applies: the input `environment`; the first matching line of the input
/// `environments`; without that input, the first target of `dltflow.yml` whose `deploy` matches; for a pull request, the
/// default target. A pull request of a fork or of Dependabot is at most checked, whatever the inputs, and a pull request
/// never destroys the shared pipelines of an environment, nor sweeps it.
///
/// # Errors
/// Kind `Input` for an environment that is not a target, an invalid pattern, a pull request without a default target, and
/// `pull_request_target` with the code of a fork, which would run with the permissions of this repository.
pub fn route(event: &Event, project: &Project, options: &RouteOptions) -> Result<Route> {
    decide::route(event, project, options)
}

/// What a run does, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Nothing.
    Skip {
        /// Stable code from [`reason`], an output of the action.
        reason: &'static str,
        /// The reason as a sentence.
        why: String,
    },
    /// Something, in one environment.
    Go(Destination),
}

/// An environment and what to do there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Name of the environment: a target of `dltflow.yml` and a key of the specs.
    pub environment: String,
    /// Whose pipelines: the shared ones or a preview's.
    pub identity: Identity,
    /// What to do.
    pub purpose: Purpose,
    /// Which workflows are included.
    pub scope: Scope,
    /// The rule that applied, as a sentence.
    pub why: String,
}

/// What a run does at its destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Check the files, without credentials.
    Check,
    /// Compare with the workspace, without writing.
    Plan,
    /// Update the workspace.
    Deploy,
    /// Delete what belongs to the identity.
    Destroy,
    /// Find what is no longer needed in the environment.
    Sweep {
        /// Whether it is deleted; else only listed.
        confirmed: bool,
    },
}

/// The owner of the pipelines of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The environment: shared pipelines.
    Shared,
    /// A preview.
    Preview(Preview),
}

/// A preview: pipelines beside the shared ones, with their own names, schemas and folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// `{user}` of the name template: `octocat_pr42`, or the short name of a user. Letters, digits, `-`, `_` only.
    pub user: String,
    /// Its key in `dltflow.preview`: `pr42`, or the user.
    pub key: String,
    /// The suffix of its schema, storage and folder: `pr42_ab12`. Letters, digits and `_` only.
    pub suffix: String,
}

/// Which workflows a run includes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those affected by the change.
    Changed,
    /// All of the environment; the text says why.
    All(String),
}

/// What a destination allows a run to do: the only place that gives the right to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Look at the files only.
    Check,
    /// Compare with the workspace, write nothing.
    Plan,
    /// Make the workspace so.
    Deploy(Permit),
    /// Delete what belongs to this identity.
    Destroy(Permit),
    /// List what is no longer needed, and delete it if that was confirmed.
    Sweep(Option<Permit>),
}

/// The right to write. Only a route that deploys or destroys gives it, or that of a sweep which was confirmed, never that of a pull request from a fork.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit(());

/// The right to carry out exactly one plan.
#[derive(Debug)]
pub struct Consent {
    fingerprint: String,
}

impl Permit {
    /// The right to carry out the plan of that fingerprint.
    pub fn consent(self, fingerprint: &str) -> Consent {
        Consent { fingerprint: fingerprint.to_owned() }
    }
}

impl Consent {
    /// The fingerprint of the plan that may be applied.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

impl Destination {
    /// What may be done here.
    pub fn grant(&self) -> Grant {
        match self.purpose {
            Purpose::Check => Grant::Check,
            Purpose::Plan => Grant::Plan,
            Purpose::Deploy => Grant::Deploy(Permit(())),
            Purpose::Destroy => Grant::Destroy(Permit(())),
            Purpose::Sweep { confirmed } => Grant::Sweep(confirmed.then_some(Permit(()))),
        }
    }
}
