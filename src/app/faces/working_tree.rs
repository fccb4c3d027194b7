//! The workspace of a runner: where in it the repository of the event is checked out.

use std::path::Path;

use crate::app::steps::origin;
use crate::diagnostic::Result;
use crate::event::{Event, Origin, Runner};
use crate::fs::Checkout;
use crate::source::RepoPath;

/// What a step works on. `actions/checkout` may put a repository into a folder of the workspace (`path:`), while GitHub's
/// paths begin at the root of the repository; so the checkout is that, and all paths of a run are GitHub's.
pub(super) struct WorkingTree {
    /// The repository; the whole workspace where none was found.
    pub(super) checkout: Checkout,
    /// Folder of `dltflow.yml` in the checkout.
    pub(super) project: RepoPath,
    /// Why the files that GitHub lists are not those of the checkout, if they are not.
    pub(super) unrelated: Option<String>,
}

impl WorkingTree {
    /// Looks for the repository around `project`, a folder of the workspace at `path`.
    pub(super) fn open(path: &Path, project: &RepoPath, event: &Event, runner: &Runner) -> Result<Self> {
        let workspace = Checkout::open(path)?;
        let root = workspace.superproject(project);
        let found = root.and_then(|root| {
            let below = project.below(&root).and_then(|below| RepoPath::parse(below).ok())?;
            Some((workspace.beneath(&root).ok()?, below))
        });
        let Some((checkout, project)) = found else {
            let unrelated = Some("no repository (`.git`) was found, so which files changed is not known".to_owned());
            return Ok(Self { checkout: workspace, project: project.clone(), unrelated });
        };
        // A fork has another name and the same paths.
        let is_fork = event.pull_request().is_some_and(|pull| pull.origin == Origin::Fork);
        let other = origin::another(&checkout, &runner.server_url, &runner.repository).filter(|_| !is_fork);
        let unrelated = other.map(|other| {
            format!("the project is in a checkout of `{other}`, whose changes are not those of this event")
        });
        Ok(Self { checkout, project, unrelated })
    }
}
