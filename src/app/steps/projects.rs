//! The other projects of the checkout: what belongs to none of the projects there belonged to one that is gone.

use crate::app::context::Context;
use crate::diagnostic::{Error, Result};
use crate::fs::{Checkout, Search};
use crate::pipeline::ProjectIdentity;
use crate::project::Project;
use crate::source::RepoPath;

use super::files::PROJECT_FILE;
use super::sparse::is_sparse;

/// Limit of one `dltflow.yml` of another project, in bytes.
const FILE_LIMIT: usize = 64 << 10;
/// Most projects that are looked at.
const MOST: usize = 500;

/// The projects beside this one.
pub(in crate::app) struct Neighbours {
    /// Their files and identities.
    known: Vec<(RepoPath, ProjectIdentity)>,
    /// Whether these are all.
    complete: bool,
}

impl Neighbours {
    /// Looks for the other projects in the repository of `project`, and gives the checkout back.
    pub(in crate::app) async fn find(
        context: &Context,
        checkout: Checkout,
        project: &Project,
    ) -> Result<(Checkout, Self)> {
        let (file, repository) = (project.file.clone(), project.repository.clone());
        let work = move || {
            let found = find(&checkout, &file, repository.as_ref());
            (checkout, found)
        };
        context.compute("looking for other projects", work).await
    }

    /// Fails if another project has the identity of `project`: each would take the other's pipelines for its own.
    pub(in crate::app) fn apart_from(&self, project: &Project) -> Result<()> {
        let identity = project.identity();
        let Some((file, _)) = self.known.iter().find(|(_, other)| other.is_one_with(&identity)) else { return Ok(()) };
        let (own, project) = (&project.file, &identity.project);
        Err(Error::input(format!("`{own}` and `{file}` have one identity, `{project}`"))
            .hint("give one of them an `id` of its own: each would take the pipelines of the other for its own"))
    }

    /// The identities, if all are known.
    pub(in crate::app) fn all(&self) -> Option<Vec<ProjectIdentity>> {
        self.complete.then(|| self.known.iter().map(|(_, identity)| identity.clone()).collect())
    }
}

fn find(checkout: &Checkout, own: &RepoPath, repository: Option<&RepoPath>) -> Neighbours {
    // Without a repository nothing says where to begin.
    let Some(root) = repository else { return Neighbours { known: Vec::new(), complete: false } };
    let Search { found, complete } = checkout.search(root, PROJECT_FILE);
    let mut neighbours =
        Neighbours { known: Vec::new(), complete: complete && found.len() <= MOST && !is_sparse(checkout, root) };
    for path in found.into_iter().filter(|path| path != own).take(MOST) {
        // What is wrong with another project is for its own run to say; here it only means that its identity is not known.
        let source = checkout.read_text(&path, FILE_LIMIT).ok();
        match source.and_then(|source| Project::identity_in(&source, repository)) {
            Some(identity) => neighbours.known.push((path, identity)),
            None => neighbours.complete = false,
        }
    }
    neighbours
}
