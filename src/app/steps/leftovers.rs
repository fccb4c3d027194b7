//! Shared pipelines whose workflow no spec of the project has any more: they are reported until they are gone, and
//! destroyed where that is asked for and nothing is in doubt.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::context::{Context, Face};
use crate::app::record::Record;
use crate::app::session::Session;
use crate::app::subject::Subject;
use crate::diagnostic::Result;
use crate::observe::ExistingPipeline;
use crate::pipeline::ownership::{Claim, OwnershipKey};
use crate::release;
use crate::route::Prune;
use crate::source::RepoPath;

use super::select::Selection;
use super::standing::Standing;
use super::{files, prune};

/// Pipelines, and notebooks without a known workflow, that one run looks at at most.
const MAX_LOOKED_AT: usize = 200;

/// What may be left over, by name: what is recorded and of no present workflow. Without a record, the pipelines that run a
/// notebook of the folder which is none of a present workflow; they are listed here.
pub(super) async fn candidates(
    subject: &Subject,
    session: &Session,
    standing: &mut Standing,
    present: &BTreeSet<String>,
) -> Result<BTreeSet<String>> {
    if subject.pull_request().is_some() {
        return Ok(BTreeSet::new());
    }
    if standing.recorded.knows_names() {
        return Ok(standing.recorded.names().difference(present).take(MAX_LOOKED_AT).cloned().collect());
    }
    let stems: BTreeSet<String> = present.iter().map(|name| release::notebook_stem(name)).collect();
    let notebooks = standing.objects.iter().flatten().map(|(name, _)| name.as_str());
    let unknown = notebooks.filter(|name| release::stem_of(name).is_some_and(|stem| !stems.contains(stem)));
    let folder = subject.folder();
    let paths: Vec<String> = unknown.take(MAX_LOOKED_AT).map(|name| format!("{folder}/{name}")).collect();
    let found = standing.list_users(session, &paths).await?;
    Ok(found.difference(present).cloned().collect())
}

/// Whether a pipeline is ours, or hidden, so that nobody knows.
pub(super) fn may_be_ours(existing: &ExistingPipeline) -> bool {
    matches!(existing.claim, Claim::Ours | Claim::Hidden)
}

/// Those of the `pipelines` that are left over: the spec that one was made from may be outside the folder of specs.
pub(super) async fn confirmed(
    context: &Context,
    subject: &Arc<Subject>,
    pipelines: Vec<ExistingPipeline>,
) -> Result<Vec<ExistingPipeline>> {
    if pipelines.is_empty() {
        return Ok(pipelines);
    }
    let on = Arc::clone(subject);
    let work = move || pipelines.into_iter().filter(|existing| !has_its_spec(&on, existing)).collect();
    context.compute("looking for the specs of leftover pipelines", work).await
}

fn has_its_spec(subject: &Subject, existing: &ExistingPipeline) -> bool {
    let spec = existing.settings.owned(OwnershipKey::Spec).and_then(|path| RepoPath::parse(path).ok());
    let workflow = existing.settings.owned(OwnershipKey::Workflow);
    spec.zip(workflow).is_some_and(|(spec, workflow)| files::may_have(subject, &spec, workflow))
}

/// Those of the `leftovers` that are to be destroyed, which is none unless that is asked for; the note about each of the
/// others says why it stays.
pub(super) async fn settle(
    context: &Context,
    subject: &Arc<Subject>,
    session: &Session,
    (selection, leftovers): (&Selection, Vec<ExistingPipeline>),
    prune: Prune,
    record: &mut Record,
) -> Result<Vec<ExistingPipeline>> {
    let doubts = match prune {
        Prune::Destroy => prune::doubts(context, subject, selection, &leftovers).await?,
        Prune::Report => vec![None; leftovers.len()],
    };
    let mut pruned = Vec::new();
    for (existing, doubt) in leftovers.into_iter().zip(doubts) {
        let next = match (doubt, context.face) {
            _ if existing.claim == Claim::Hidden => "give the token's owner `CAN_VIEW` on it".to_owned(),
            (Some(why), _) => format!("it was not pruned: {why}"),
            (None, _) if prune == Prune::Destroy => {
                pruned.push(existing);
                continue;
            }
            (None, Face::Action) => "delete it in the workspace, or let `prune: destroy` do that".to_owned(),
            (None, Face::CommandLine) => "delete it in the workspace, or let `--prune destroy` do that".to_owned(),
        };
        let sentence = format!("{}; {next}", sentence(&existing, selection.unread.first()));
        record.note_about(session.page(&existing.id), "leftover", sentence);
    }
    Ok(pruned)
}

fn sentence(existing: &ExistingPipeline, unread: Option<&RepoPath>) -> String {
    let pipeline = format!("the pipeline `{}` (`{}`)", existing.name, existing.id);
    if existing.claim == Claim::Hidden {
        return format!(
            "{pipeline} may be left over: no spec has its workflow any more, but its settings cannot be read with this token"
        );
    }
    if let Some(path) = unread {
        return format!(
            "{pipeline} may be left over: no spec is known to have its workflow, but `{path}` could not be read completely"
        );
    }
    let places = match existing.settings.schema() {
        Some(schema) => vec![format!("schema `{}`", schema.full_name())],
        None => existing.settings.hive_places(),
    };
    let places =
        if places.is_empty() { String::new() } else { format!(", and it still writes to {}", places.join(", ")) };
    format!("{pipeline} is left over: no spec has its workflow any more{places}")
}
