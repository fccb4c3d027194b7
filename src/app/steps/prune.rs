//! Whether what is left over of shared workflows is destroyed: only where nothing is in doubt.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::context::Context;
use crate::app::subject::Subject;
use crate::diagnostic::Result;
use crate::event::{Event, Head, Push, Ref};
use crate::git;
use crate::github::Relation;
use crate::observe::ExistingPipeline;
use crate::pipeline::ownership::OwnershipKey;
use crate::route::Purpose;
use crate::source::{RepoPath, Sha};

use super::freshness;
use super::select::Selection;
use super::sparse::is_sparse;

/// Why a run of a branch does not destroy what a command deployed.
const OF_A_COMMAND: &str =
    "a command deployed it last, from a commit that is not known: it may be of a branch that is not merged";

/// Why each of the `leftovers` is not destroyed; `None` for one that is.
pub(super) async fn doubts(
    context: &Context,
    subject: &Arc<Subject>,
    selection: &Selection,
    leftovers: &[ExistingPipeline],
) -> Result<Vec<Option<String>>> {
    if leftovers.is_empty() {
        return Ok(Vec::new());
    }
    let run = match files_in_doubt(subject, selection) {
        None => run_in_doubt(context, subject).await,
        doubt => doubt,
    };
    if run.is_some() {
        return Ok(vec![run; leftovers.len()]);
    }
    // Pipelines are deployed together, so their commits are few.
    let mut known: BTreeMap<&str, Option<String>> = BTreeMap::new();
    let mut doubts = Vec::new();
    for existing in leftovers {
        let commit = existing.settings.owned(OwnershipKey::Commit).unwrap_or_default();
        if !known.contains_key(commit) {
            known.insert(commit, commit_in_doubt(context, subject, commit).await?);
        }
        doubts.push(twin_in_doubt(existing, leftovers).or_else(|| known[commit].clone()));
    }
    Ok(doubts)
}

/// Whether the pipeline has its name for itself: of two that look alike, one may be somebody's copy.
fn twin_in_doubt(existing: &ExistingPipeline, leftovers: &[ExistingPipeline]) -> Option<String> {
    let twins: Vec<String> = leftovers
        .iter()
        .filter(|other| other.name == existing.name && other.id != existing.id)
        .map(|other| format!("`{}`", other.id))
        .collect();
    (!twins.is_empty()).then(|| format!("{} has the same name and ownership", twins.join(", ")))
}

/// Whether the files show all workflows of the project.
fn files_in_doubt(subject: &Subject, selection: &Selection) -> Option<String> {
    if let Some(path) = selection.unread.first() {
        return Some(format!("`{path}` could not be read completely, so it may have the workflow"));
    }
    let repository = subject.project.repository.clone().unwrap_or_else(RepoPath::root);
    is_sparse(&subject.checkout, &repository).then(|| {
        "the checkout is sparse, or git's configuration cannot be read, so specs may be missing in it".to_owned()
    })
}

/// Whether the run is of a branch, and of its newest commit. A command is about the working tree, whatever that is.
async fn run_in_doubt(context: &Context, subject: &Subject) -> Option<String> {
    let event = subject.event()?;
    let reference = match event {
        Event::Push(Push { reference, .. })
        | Event::Dispatch(Head { reference, .. })
        | Event::Schedule(Head { reference, .. }) => reference,
        Event::MergeGroup(_) if subject.destination.purpose == Purpose::Plan => return None,
        _ => return Some("only a branch prunes".to_owned()),
    };
    match reference {
        Ref::Branch(_) if subject.destination.purpose == Purpose::Plan => None,
        Ref::Branch(_) => freshness::not_the_head(context, event).await,
        _ => Some(format!("only a branch prunes, not the {reference}")),
    }
}

/// Whether the commit that a pipeline was deployed from is part of what is deployed now. If not, its workflow may never
/// have been in these specs: several branches may be deployed to one environment. A command leaves no commit, so that only
/// another command may prune what it deployed.
async fn commit_in_doubt(context: &Context, subject: &Arc<Subject>, commit: &str) -> Result<Option<String>> {
    let Some(commit) = Sha::parse(commit) else { return Ok(subject.event().map(|_| OF_A_COMMAND.to_owned())) };
    let short = commit.short().to_owned();
    let is_part = if let Some(event) = subject.event() {
        is_part_on_github(context, event, &commit).await
    } else {
        let on = Arc::clone(subject);
        let work = move || git::head_contains(on.checkout.path(), &commit);
        let is_part = context.compute("asking git where a pipeline was deployed from", work).await?;
        is_part.map_err(|error| error.to_string())
    };
    Ok(match is_part {
        Ok(true) => None,
        Ok(false) => Some(format!("`{short}`, which deployed it, is not part of the history of this commit")),
        Err(why) => {
            Some(format!("whether `{short}`, which deployed it, is part of this commit's history is not known: {why}"))
        }
    })
}

/// Whether the commit of `event` descends from `commit`, or why that is not known.
async fn is_part_on_github(context: &Context, event: &Event, commit: &Sha) -> Result<bool, String> {
    let (Some(head), Some(github)) = (event.head(), &context.github) else {
        return Err("there is no `github-token`".to_owned());
    };
    match github.compare(commit, head).await {
        Ok(comparison) => Ok(comparison.relation != Relation::Diverged),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error.describe()),
    }
}
