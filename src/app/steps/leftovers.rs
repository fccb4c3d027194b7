//! Shared pipelines whose workflow no spec of the project has any more: they are reported until they are gone, and
//! destroyed where that is asked for and nothing is in doubt.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::context::{Context, Face};
use crate::app::record::Record;
use crate::app::session::Session;
use crate::app::subject::Subject;
use crate::diagnostic::Result;
use crate::event::{Event, Head, Push, Ref};
use crate::observe::ExistingPipeline;
use crate::pipeline::ownership::{Claim, OwnershipKey};
use crate::plan::Allowed;
use crate::release;
use crate::route::{Prune, Purpose};
use crate::source::RepoPath;

use super::select::Selection;
use super::standing::Standing;
use super::{files, freshness};

/// Pipelines, and notebooks without a known workflow, that one run looks at at most.
const MAX_LOOKED_AT: usize = 200;
/// Where git keeps the configuration of a repository and of its main working tree.
const GIT_CONFIG: [&str; 2] = [".git/config", ".git/config.worktree"];
/// Limit of one of those.
const GIT_CONFIG_LIMIT: usize = 1 << 20;

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

/// What is allowed with regard to the `leftovers`: the note about each that stays says why.
pub(super) async fn settle(
    context: &Context,
    subject: &Subject,
    session: &Session,
    (selection, leftovers): (&Selection, &[ExistingPipeline]),
    allowed: Allowed,
    record: &mut Record,
) -> Allowed {
    let asked = allowed.prune == Prune::Destroy;
    let prevented = if asked && !leftovers.is_empty() { prevented(context, subject, selection).await } else { None };
    let unread = selection.unread.first();
    let goes = |existing: &ExistingPipeline| asked && prevented.is_none() && existing.claim == Claim::Ours;
    for existing in leftovers.iter().filter(|existing| !goes(existing)) {
        let next = match (&prevented, context.face) {
            _ if existing.claim == Claim::Hidden => "give the token's owner `CAN_VIEW` on it".to_owned(),
            (Some(why), _) => format!("it was not pruned: {why}"),
            (None, Face::Action) => "delete it in the workspace, or let `prune: destroy` do that".to_owned(),
            (None, Face::CommandLine) => "delete it in the workspace, or let `--prune destroy` do that".to_owned(),
        };
        let sentence = format!("{}; {next}", sentence(existing, unread));
        record.note_about(session.page(&existing.id), "leftover", sentence);
    }
    Allowed { prune: if asked && prevented.is_none() { Prune::Destroy } else { Prune::Report }, ..allowed }
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

/// Why nothing is pruned, although that is asked for.
async fn prevented(context: &Context, subject: &Subject, selection: &Selection) -> Option<String> {
    if let Some(path) = selection.unread.first() {
        return Some(format!("`{path}` could not be read completely, so it may have the workflow"));
    }
    if is_sparse(subject) {
        return Some("the checkout is sparse, so specs may be missing in it".to_owned());
    }
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

/// Whether git leaves files of the commit out of the working tree.
fn is_sparse(subject: &Subject) -> bool {
    let config = |path: &&str| subject.checkout.read_text(&RepoPath::parse(path).ok()?, GIT_CONFIG_LIMIT).ok();
    GIT_CONFIG.iter().filter_map(config).any(|config| {
        let lines = config.text.lines().map(|line| line.split_whitespace().collect::<String>().to_ascii_lowercase());
        lines.filter_map(|line| line.strip_prefix("sparsecheckout=").map(str::to_owned)).any(|value| value == "true")
    })
}
