//! What became of the lines of `adopt`.

use crate::app::record::Record;
use crate::observe::{ExistingPipeline, Observed};
use crate::pipeline::Adopt;
use crate::pipeline::ownership::{Claim, Owner, OwnershipKey};

/// Notes the lines that take nothing over: a pipeline may have another name than was written, or be ours already.
pub(super) fn note_unused(owner: &Owner, observed: &Observed, record: &mut Record) {
    for line in &owner.adopts {
        let named = |existing: &&ExistingPipeline| line.names(&existing.name, &existing.settings);
        let mut named = observed.pipelines.iter().filter(named);
        if named.clone().any(|existing| matches!(existing.claim, Claim::Adopted(_) | Claim::Hidden)) {
            continue;
        }
        let why = match line {
            Adopt::Pipeline(_) if named.any(|existing| existing.claim == Claim::Ours) => {
                "the pipeline is this project's already".to_owned()
            }
            Adopt::Pipeline(_) => "no workflow of this run has a pipeline of exactly that name".to_owned(),
            Adopt::Project(project) if owner.repository.is_none() && named.any(is_of_repository) => {
                format!(
                    "a run on GitHub deployed the pipelines of `{project}`, and a command does not know whether from this \
                 repository: name each pipeline, or take them over in a run on GitHub"
                )
            }
            Adopt::Project(project) => {
                format!("no workflow of this run has a pipeline of a project `{project}` that the checkout has no more")
            }
        };
        record.note("adopt-unused", format!("the line `{line}` of `adopt` takes nothing over: {why}"));
    }
}

fn is_of_repository(existing: &ExistingPipeline) -> bool {
    existing.settings.owned(OwnershipKey::Repository).is_some()
}
