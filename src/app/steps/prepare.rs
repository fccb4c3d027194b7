//! From the specs to a plan: what is desired, what exists, and the difference. Nothing is written.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::context::Context;
use crate::app::record::Record;
use crate::app::subject::Subject;
use crate::desired::{Deployment, DesiredPipeline};
use crate::diagnostic::Result;
use crate::observe::{ExistingPipeline, Observed, PreviewFolder, Query};
use crate::plan::{self, Allowed, Plan};
use crate::release::{self, Release};
use crate::route::Identity;
use crate::rules::Validated;
use crate::secret::hide;
use crate::spec::Workflow;

use super::deployment_record::Recorded;
use super::select::{self, Selection};
use super::standing::Standing;
use super::{adopt, leftovers, look, preview, untouched, validate};
use crate::app::session::Session;

/// A plan, and what it was made from.
pub(in crate::app) struct Prepared {
    pub(in crate::app) selection: Arc<Selection>,
    pub(in crate::app) release: Release,
    pub(in crate::app) observed: Observed,
    pub(in crate::app) plan: Plan,
    pub(in crate::app) recorded: Recorded,
    /// Names of the workflows that the change does not affect and that are planned all the same.
    pub(in crate::app) untouched: BTreeSet<String>,
}

/// Selects and checks the workflows, packs their release, looks at what exists, and compares.
pub(in crate::app) async fn prepare(
    context: &Context,
    subject: &Arc<Subject>,
    session: &Session,
    allowed: Allowed,
    record: &mut Record,
) -> Result<Prepared> {
    let prepared = if subject.is_shared() {
        of_shared(context, subject, session, allowed, record).await?
    } else {
        of_preview(context, subject, session, allowed, record).await?
    };
    record.planned(&prepared.plan);
    tell_unmanaged(&prepared.plan);
    Ok(prepared)
}

/// The plan of a preview: of what the change affects.
async fn of_preview(
    context: &Context,
    subject: &Arc<Subject>,
    session: &Session,
    allowed: Allowed,
    record: &mut Record,
) -> Result<Prepared> {
    let identity = preview::identity(subject, session).await?;
    let deployment = Deployment { identity: &identity, ..subject.deployment() };
    let folder = deployment.folder(&subject.target.artifact_root(&subject.project));
    let selection = select::select(context, subject, None, record).await?;
    selection.note_absence(record);
    let valid = validate::validate(context, subject, &selection, record).await?;
    record.selected(&selection.workflows, &selection.affected);
    let packed = pack(context, (subject, &folder), &selection, valid.selected, Vec::new()).await?;
    let desired = deployment.desired(&packed.workflows, &packed.release);
    let preview_user = subject.preview_of_pull_request().map(|_| user_of(&identity));
    let mut observed = Observed::default();
    if !desired.is_empty() || preview_user.is_some() {
        let names = desired.iter().map(|desired| desired.name.clone()).collect();
        observed = look(session, &subject.owner, Query { folder: folder.clone(), names, preview_user }).await?;
    }
    let recorded = Recorded::of_preview((subject, session), &folder, &observed).await;
    observed.kept = recorded.kept();
    let stands = (folder.as_str(), &observed);
    let folders = if desired.is_empty() {
        preview::unused_folders(subject, session, stands).await?
    } else {
        preview::other_folders(subject, session, stands).await?
    };
    let Compared { plan, observed, .. } =
        compare(context, &folder, (desired, BTreeSet::new()), (observed, folders), allowed).await?;
    Ok(Prepared { selection, release: packed.release, observed, plan, recorded, untouched: packed.untouched })
}

/// The plan of a shared environment: of what the change affects, and of what does not stand as its specs say.
async fn of_shared(
    context: &Context,
    subject: &Arc<Subject>,
    session: &Session,
    allowed: Allowed,
    record: &mut Record,
) -> Result<Prepared> {
    let mut standing = Standing::of(subject, session).await?;
    let commit = standing.recorded.commit(subject).map(str::to_owned);
    // Most names are recorded, so that GitHub need not have answered.
    let nothing = BTreeSet::new();
    let selecting = select::select(context, subject, commit.as_deref(), record);
    let (selection, listed) = tokio::join!(selecting, standing.list(session, &nothing));
    let selection = selection?;
    selection.note_absence(record);
    listed?;
    let valid = validate::validate(context, subject, &selection, record).await?;
    record.selected(&selection.workflows, &selection.affected);
    let present: BTreeSet<String> = selection.names().map(str::to_owned).collect();
    standing.list(session, &present).await?;
    standing.recorded.add_names(present.iter().cloned());
    let total = selection.workflows.len() + selection.untouched.len();
    let untouched = untouched::planned(subject, valid.untouched, total, &standing, record);
    let packed = pack(context, (subject, &subject.folder()), &selection, valid.selected, untouched).await?;
    if let Some(why) = &packed.left_out {
        record.note("not-compared", format!("workflows that the change does not affect were not looked at: {why}"));
    }
    let desired = subject.deployment().desired(&packed.workflows, &packed.release);
    let mut found = observe(context, subject, session, &mut standing, (&desired, &present)).await?;
    adopt::note_unused(&subject.owner, &found, record);
    let leftovers = std::mem::take(&mut found.leftovers);
    found.leftovers =
        leftovers::settle(context, subject, session, (&selection, leftovers), allowed.prune, record).await?;
    let untouched = packed.untouched;
    let Compared { plan, observed, left_alone } =
        compare(context, &subject.folder(), (desired, untouched.clone()), (found, Vec::new()), allowed).await?;
    for sentence in left_alone {
        record.note("left-alone", sentence);
    }
    record.untouched(untouched.clone());
    Ok(Prepared { selection, release: packed.release, observed, plan, recorded: standing.recorded, untouched })
}

/// Reads what stands of the `desired` pipelines, and what is left over of workflows that are not `present`.
async fn observe(
    context: &Context,
    subject: &Arc<Subject>,
    session: &Session,
    standing: &mut Standing,
    (desired, present): (&[DesiredPipeline], &BTreeSet<String>),
) -> Result<Observed> {
    let candidates = leftovers::candidates(subject, session, standing, present).await?;
    let names: BTreeSet<&str> = desired.iter().map(|desired| desired.name.as_str()).collect();
    let wanted = |name: &str| names.contains(name) || candidates.contains(name);
    let found = standing.read(subject, session, wanted).await?;
    let (rest, pipelines): (Vec<ExistingPipeline>, _) =
        found.into_iter().partition(|existing| candidates.contains(&existing.name));
    let rest: Vec<ExistingPipeline> = rest.into_iter().filter(leftovers::may_be_ours).collect();
    let stand: BTreeSet<String> = rest.iter().map(|existing| existing.name.clone()).collect();
    standing.recorded.forget(candidates.difference(&stand).cloned());
    standing.recorded.add_names(stand);
    let leftovers = leftovers::confirmed(context, subject, rest).await?;
    let (objects, kept) = (standing.objects.take(), standing.recorded.kept());
    Ok(Observed { pipelines, leftovers, objects, kept })
}

/// A release, and whose it is.
struct Packed {
    release: Release,
    /// The workflows in it.
    workflows: Vec<Validated<Workflow>>,
    /// Names of those that the change does not affect.
    untouched: BTreeSet<String>,
    /// Why there are none of these, although there could be.
    left_out: Option<String>,
}

/// Packs the release of both; what is wrong with `untouched` workflows only, leaves them out.
async fn pack(
    context: &Context,
    (subject, folder): (&Arc<Subject>, &str),
    selection: &Arc<Selection>,
    selected: Vec<Validated<Workflow>>,
    untouched: Vec<Validated<Workflow>>,
) -> Result<Packed> {
    let (on, chosen, folder) = (Arc::clone(subject), Arc::clone(selection), folder.to_owned());
    let names = untouched.iter().map(|workflow| workflow.get().name.value.clone()).collect();
    let work = move || {
        let build = |workflows: &[_]| release::build(&on.project, workflows, &chosen.codebase, &folder);
        let both = [selected.clone(), untouched].concat();
        match build(&both) {
            Ok(release) => Ok(Packed { release, workflows: both, untouched: names, left_out: None }),
            Err(error) if both.len() > selected.len() => {
                let release = build(&selected)?;
                let left_out = Some(error.message());
                Ok(Packed { release, workflows: selected, untouched: BTreeSet::new(), left_out })
            }
            Err(error) => Err(error),
        }
    };
    context.compute("packing the release", work).await?
}

/// A plan, and what it was compared with.
struct Compared {
    plan: Plan,
    observed: Observed,
    /// A sentence for each workflow that the change does not affect and for which nothing can be done.
    left_alone: Vec<String>,
}

async fn compare(
    context: &Context,
    folder: &str,
    (mut desired, untouched): (Vec<DesiredPipeline>, BTreeSet<String>),
    (mut observed, folders): (Observed, Vec<PreviewFolder>),
    allowed: Allowed,
) -> Result<Compared> {
    let folder = folder.to_owned();
    let work = move || {
        let left_alone = untouched::leave_blocked(&folder, &untouched, &mut desired, &mut observed);
        let plan = plan::plan(&folder, &desired, &observed, &folders, allowed);
        Compared { plan, observed, left_alone }
    };
    context.compute("comparing with the workspace", work).await
}

/// Logs what exists beside what the specs write.
fn tell_unmanaged(plan: &Plan) {
    for step in plan.pipelines() {
        for (path, value) in &step.unmanaged {
            tracing::debug!("`{}`: `{path}` is the service's own and left as it is: {}", step.name, hide(path, value));
        }
    }
}

fn user_of(identity: &Identity) -> String {
    match identity {
        Identity::Shared => String::new(),
        Identity::Preview(preview) => preview.user.clone(),
    }
}
