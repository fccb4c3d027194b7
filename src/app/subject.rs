//! What every task about workflows is about: a project in a checkout, and one environment.

use std::sync::Arc;

use crate::desired::{Deployment, Template};
use crate::diagnostic::Severity;
use crate::event::{Event, PullRequest};
use crate::fs::Checkout;
use crate::github::{self, Pull};
use crate::pipeline::ownership::{Owner, Provenance};
use crate::project::{Project, Target};
use crate::route::{Destination, Identity};

/// A project, and the environment in which something is done with its workflows.
pub(super) struct Subject {
    pub(super) checkout: Checkout,
    pub(super) project: Arc<Project>,
    /// Environment, identity, and which workflows are looked at.
    pub(super) destination: Destination,
    /// The target of `dltflow.yml` that the environment is.
    pub(super) target: Target,
    pub(super) trigger: Trigger,
    /// Globs of spec files, relative to the project's folder; none for all of its specs.
    pub(super) globs: Vec<String>,
    /// Folder and files as the user wrote them.
    pub(super) typed: Typed,
    /// How previews are named.
    pub(super) template: Template,
    /// The least severe finding that fails the run.
    pub(super) fail_on: Severity,
    /// Whose the pipelines of this run are.
    pub(super) owner: Owner,
    /// Commit and run, as far as they are known.
    pub(super) run: Provenance,
}

/// Where and about which files, as the user wrote it.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    /// `--working-directory` or the input `working-directory`.
    pub(super) working_directory: String,
    /// Spec files and globs of them.
    pub(super) files: Vec<String>,
}

/// What set the run off.
pub(super) enum Trigger {
    /// Something happened on GitHub.
    Event {
        event: Box<Event>,
        /// The pull request as it was when the run began, or why it could not be read.
        live: Option<Result<Pull, github::Error>>,
        /// Why the files that GitHub lists are not those of the checkout, if they are not.
        unrelated: Option<String>,
    },
    /// A command.
    CommandLine {
        /// Only what changed since this revision counts.
        since: Option<String>,
        /// Whether it is about all environments, of which the destination is one.
        everywhere: bool,
    },
}

impl Subject {
    /// Whose the pipelines at `destination` are, as far as project and destination say it.
    pub(super) fn owner_of(project: &Project, destination: &Destination) -> Owner {
        let preview = match &destination.identity {
            Identity::Shared => None,
            Identity::Preview(preview) => Some(preview.key.clone()),
        };
        Owner {
            identity: project.identity(),
            environment: destination.environment.clone(),
            preview,
            repository: None,
            others: None,
            adopts: Vec::new(),
        }
    }

    /// Whether it is about all environments, not about that of the destination alone.
    pub(super) fn is_about_all(&self) -> bool {
        matches!(self.trigger, Trigger::CommandLine { everywhere: true, .. })
    }

    /// The event that set it off.
    pub(super) fn event(&self) -> Option<&Event> {
        match &self.trigger {
            Trigger::Event { event, .. } => Some(event),
            Trigger::CommandLine { .. } => None,
        }
    }

    /// The pull request that set it off.
    pub(super) fn pull_request(&self) -> Option<&PullRequest> {
        self.event()?.pull_request()
    }

    /// Where and for whom a release is meant.
    pub(super) fn deployment(&self) -> Deployment<'_> {
        Deployment {
            target: &self.target,
            identity: &self.destination.identity,
            owner: &self.owner,
            template: &self.template,
            run: &self.run,
        }
    }

    /// The workspace folder of its release.
    pub(super) fn folder(&self) -> String {
        self.deployment().folder(&self.target.artifact_root(&self.project))
    }

    /// Whether it is about the environment's own pipelines.
    pub(super) fn is_shared(&self) -> bool {
        self.destination.identity == Identity::Shared
    }

    /// Whether the run is of a branch or tag, and about the environment's own pipelines: a pull request and a command deploy
    /// what was asked for, which is not all that changed between two commits.
    pub(super) fn is_of_ref(&self) -> bool {
        self.is_shared() && self.event().is_some_and(|event| event.pull_request().is_none())
    }

    /// `{user}` of a pull request's preview, or what it ends in: the set of its pipelines is what the request touches now.
    pub(super) fn preview_of_pull_request(&self) -> Option<&str> {
        match &self.destination.identity {
            Identity::Preview(preview) if preview.pull_request().is_some() => Some(&preview.user),
            _ => None,
        }
    }
}
