//! Asking before something is destroyed that may be in use, or somebody else's.

use crate::app::context::Context;
use crate::app::deliver::terminal;
use crate::app::subject::Subject;
use crate::diagnostic::{Error, Result};
use crate::observe::Observed;
use crate::pipeline::ownership::OwnershipKey;
use crate::plan::{Action, FolderAction, Plan, Resource, SchemaAction, Step, Tables};
use crate::report::escape;

/// The answer to whether to destroy what is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Answer {
    /// Yes: by `--yes`, or by the event.
    Given,
    /// Somebody can be asked.
    ToAsk,
    /// There is nobody to ask.
    Missing,
}

/// Shows what goes and asks, if it needs an answer that was not given.
///
/// # Errors
/// Kind `Input` if the answer is no, or there is none; then nothing was written.
pub(in crate::app) async fn confirm(
    context: &Context,
    subject: &Subject,
    answer: Answer,
    (plan, observed): (&Plan, &Observed),
) -> Result<()> {
    if answer == Answer::Given || !plan.writes() || !needs_answer(subject, observed) {
        return Ok(());
    }
    if answer == Answer::Missing {
        return Err(unanswered());
    }
    // At the level that every verbosity shows.
    tracing::warn!("this is destroyed in `{}`:\n{}", subject.destination.environment, listed(plan));
    let question = || terminal::confirm("Destroy it?");
    if context.compute("waiting for an answer", question).await? {
        return Ok(());
    }
    Err(Error::input("not confirmed: nothing was destroyed"))
}

/// The error of a run that nobody can be asked about.
pub(in crate::app) fn unanswered() -> Error {
    Error::input("this has to be confirmed, and there is no terminal to ask on: nothing was destroyed")
        .hint("look at what goes, as `dltflow status` shows it, and add `--yes`")
}

/// Shared pipelines are in use, and the number of a pull request means nothing in another repository.
fn needs_answer(subject: &Subject, observed: &Observed) -> bool {
    let of_repository = observed
        .pipelines
        .iter()
        .any(|existing| existing.claim.is_of_preview() && existing.settings.owned(OwnershipKey::Repository).is_some());
    let is_of_pull_request = subject.preview_of_pull_request().is_some();
    subject.is_shared() || (subject.owner.repository.is_none() && (is_of_pull_request || of_repository))
}

/// What the plan destroys, a line each.
fn listed(plan: &Plan) -> String {
    let lines = plan.steps.iter().filter_map(line).map(|line| format!("  - {}", escape::line(&line)));
    lines.collect::<Vec<_>>().join("\n")
}

fn line(step: &Step) -> Option<String> {
    match &step.resource {
        Resource::Pipeline(step) => match &step.action {
            Action::Destroy { removal, .. } => {
                let tables = if removal.tables == Tables::Dropped { "dropped" } else { "kept" };
                Some(format!("pipeline `{}` (tables {tables})", step.name))
            }
            _ => None,
        },
        Resource::Schema { schema, action: SchemaAction::Destroy { .. } } => {
            Some(format!("schema `{}`", schema.full_name()))
        }
        Resource::Folder { path, action: FolderAction::Destroy { .. } } => Some(format!("folder `{path}`")),
        Resource::Schema { .. } | Resource::Folder { .. } | Resource::Object { .. } => None,
    }
}
