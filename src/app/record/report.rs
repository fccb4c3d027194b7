//! The record of a run → its report and its exit code.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::iter;

use serde_json::Value;

use crate::app::session::Session;
use crate::deploy::{Done, StepError};
use crate::diagnostic::Error;
use crate::plan::{Action, FieldChange, PipelineStep, Plan};
use crate::report::{Change, Fate, Note, Report, Row, RunError, Status, SweptThing, Verdict};
use crate::secret::{Redactor, hide};
use crate::source::{Source, Sources};

use super::facts::{Conclusion, PlanOutcome, Planned, Record};
use super::rows;

/// A run that is over.
pub(in crate::app) struct Finished {
    pub(in crate::app) report: Report,
    pub(in crate::app) sources: Sources,
    pub(in crate::app) exit_code: u8,
}

impl Finished {
    /// Takes secrets out of all that is reported, before anything of it is cut: half a secret would not be known.
    fn redact(&mut self, redactor: &Redactor) {
        let findings = self.report.findings.iter().map(|located| &located.finding);
        let labels = findings.flat_map(|finding| iter::once(&finding.at).chain(&finding.related));
        for path in labels.map(|label| &label.path).collect::<BTreeSet<_>>() {
            let Some(source) = self.sources.get(path) else { continue };
            if let Cow::Owned(text) = redactor.cover(&source.text) {
                self.sources.insert(Source { path: path.clone(), text });
            }
        }
        self.report.redact(redactor);
    }
}

/// The report of a run that has ended, without secrets.
pub(in crate::app) fn finish(record: Record, ended: Result<(), &Error>, redactor: &Redactor) -> Finished {
    tracing::debug!("writing the report");
    let mut finished = finished(record, ended);
    finished.redact(redactor);
    finished
}

fn finished(record: Record, ended: Result<(), &Error>) -> Finished {
    let (verdict, sentence) = match ended {
        Ok(()) => verdict(&record),
        Err(error) => (Verdict::Failed, error.message()),
    };
    let rows = rows(&record, verdict);
    let Record { run, project, environment, preview, sources, findings, plans, notes, reason, conclusion, .. } = record;
    let (sweep, deployments) = (record.swept, record.deployments);
    let mut report = Report::new(verdict, sentence, project.unwrap_or_default());
    (report.run, report.environment, report.preview) = (run, environment, preview);
    report.workspace = record.session.as_deref().map(Session::describe);
    report.workflows = rows;
    report.notes = plan_notes(&plans).chain(notes).collect();
    report.plan = plans.last().map(|planned| planned.plan.describe());
    report.error = ended.err().map(RunError::from);
    let stands = plans.last().and_then(|planned| planned.outcome.as_ref()).is_some_and(|came| came.leaves_something);
    report.clean_up = record.removal.clone().filter(|_| stands);
    (report.reproduce, report.removal, report.environments) = (record.reproduce, record.removal, record.environments);
    (report.sweep, report.deployments) = (sweep, deployments);
    report.reason = reason;
    match conclusion {
        Some(Conclusion::Skipped { reason, .. }) => report.reason = Some(reason),
        Some(Conclusion::Ran { made, .. }) => report.local = made,
        Some(Conclusion::Initialized { written, .. }) => report.written = Some(written),
        _ => {}
    }
    report.findings = findings.bounded().located(&sources);
    Finished { report, sources, exit_code: ended.err().map_or(0, |error| error.kind.exit_code()) }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The result of a run without an error.
fn verdict(record: &Record) -> (Verdict, String) {
    match (&record.conclusion, record.plans.last()) {
        (Some(Conclusion::Skipped { why, .. }), _) => (Verdict::Skipped, why.clone()),
        (Some(Conclusion::Checked { workflows }), _) => {
            (Verdict::Checked, format!("{} checked, no errors", counted(*workflows, "workflow")))
        }
        (Some(Conclusion::Initialized { next, .. }), _) => (Verdict::Initialized, next.clone()),
        (Some(Conclusion::Ran { made, .. }), _) => {
            let count = made.as_ref().map_or(0, |made| made.datasets.len());
            (Verdict::Ran, format!("{} updated", counted(count, "dataset")))
        }
        (Some(Conclusion::Swept { confirmed }), _) => swept(record.swept.as_deref().unwrap_or_default(), *confirmed),
        (Some(Conclusion::Looked), _) => (
            Verdict::Listed,
            format!("{} found", counted(record.deployments.as_deref().unwrap_or_default().len(), "deployment")),
        ),
        (_, Some(planned @ Planned { outcome: Some(outcome), .. })) => applied(planned, outcome, record),
        (_, Some(Planned { plan, .. })) => {
            let unchanged = |action: &Action| matches!(action, Action::Keep { .. } | Action::Blocked { .. });
            let changes = plan.pipelines().filter(|step| !unchanged(&step.action)).count();
            let total = plan.pipelines().count();
            (Verdict::Planned, format!("{changes} of {total} pipelines would change"))
        }
        (_, None) => (Verdict::Skipped, String::new()),
    }
}

fn swept(things: &[SweptThing], confirmed: bool) -> (Verdict, String) {
    let count = |fate: Fate| things.iter().filter(|thing| thing.fate == fate).count();
    let stay = count(Fate::Stays);
    if confirmed {
        return (
            Verdict::Destroyed,
            format!("{} deleted, {stay} left as they are", counted(count(Fate::Deleted), "thing")),
        );
    }
    (Verdict::Listed, format!("{} would be deleted, {stay} left as they are", counted(count(Fate::Listed), "thing")))
}

fn applied(planned: &Planned, outcome: &PlanOutcome, record: &Record) -> (Verdict, String) {
    let destroyed = outcome.pipelines.iter().filter(|step| matches!(step, Ok(Done::Destroyed { .. }))).count();
    let steps = planned.plan.pipelines().zip(&outcome.pipelines);
    let kept = steps.filter(|(_, came)| matches!(came, Ok(Done::Kept { .. })));
    let untouched = kept.filter(|(step, _)| record.untouched.contains(&step.workflow)).count();
    let unseen = outcome.pipelines.iter().filter(|step| matches!(step, Ok(Done::Unseen))).count();
    let verdict = match outcome.changed || outcome.uploaded > 0 {
        _ if planned.destroys => Verdict::Destroyed,
        true => Verdict::Deployed,
        false => Verdict::Unchanged,
    };
    let sentence = match (verdict, outcome.pipelines.len() - destroyed - untouched - unseen) {
        (Verdict::Destroyed, _) if destroyed == 0 && outcome.schemas_dropped > 0 => {
            format!("what was left of it is destroyed: {}", counted(outcome.schemas_dropped, "schema"))
        }
        (Verdict::Destroyed, _) if destroyed == 0 => "there was no pipeline to destroy".to_owned(),
        (Verdict::Destroyed, _) => format!("{} destroyed", counted(destroyed, "pipeline")),
        (_, 0) if untouched > 0 => format!("no workflow is affected, and {}", up_to_date(untouched)),
        (_, 0) if destroyed > 0 && record.preview.is_some() => "no workflow is affected any more".to_owned(),
        (_, 0) => "no workflow is affected".to_owned(),
        (_, own) if untouched > 0 => {
            let others = if untouched == 1 { "is 1 other".to_owned() } else { format!("are {untouched} others") };
            format!("{}, and so {others} that the change does not affect", up_to_date(own))
        }
        (_, own) => up_to_date(own),
    };
    let restored = match outcome.uploaded {
        count if count > 0 && !outcome.changed => restored(count),
        _ => String::new(),
    };
    (verdict, sentence + &restored)
}

/// What a run that changed no pipeline has uploaded: what somebody deleted.
fn restored(count: usize) -> String {
    let were = if count == 1 { "was" } else { "were" };
    format!("; {} {were} uploaded again", counted(count, "missing object"))
}

fn up_to_date(pipelines: usize) -> String {
    let verb = if pipelines == 1 { "is" } else { "are" };
    format!("{} {verb} up to date", counted(pipelines, "pipeline"))
}

/// One row per workflow: from the last plan, else from the selection. What the change does not affect and is up to date
/// has none.
fn rows(record: &Record, verdict: Verdict) -> Vec<Row> {
    let Some(Planned { plan, outcome, .. }) = record.plans.last() else {
        let status = match &record.conclusion {
            Some(Conclusion::Checked { .. }) => Status::Done,
            Some(Conclusion::Ran { succeeded, .. }) => {
                if *succeeded {
                    Status::Done
                } else {
                    Status::Failed
                }
            }
            _ => Status::Skipped,
        };
        return record.selected.iter().map(|workflow| rows::selected(workflow, status)).collect();
    };
    let mut rows = rows::planned(plan, &record.selected, &record.untouched, record.session.as_deref());
    if let Some(outcome) = outcome {
        rows::applied(&mut rows, &outcome.pipelines, record.session.as_deref());
    } else if verdict == Verdict::Skipped {
        let planned = rows.iter_mut().filter(|row| row.status == Status::Planned);
        planned.for_each(|row| row.status = Status::Skipped);
    }
    // The sentence counts what is up to date, and a note names what was left alone.
    let is_quiet = |row: &Row| matches!(row.change, Change::Unchanged | Change::None) && row.status == Status::Done;
    rows.retain(|row| !(is_quiet(row) && record.untouched.contains(&row.name)));
    rows
}

/// Notes about plans and outcomes.
fn plan_notes(plans: &[Planned]) -> impl Iterator<Item = Note> + '_ {
    plans.iter().flat_map(|Planned { plan, outcome, .. }| {
        let restored = plan.restored().map(|name| {
            let folder = &plan.folder;
            Note::new("object-missing", format!("`{name}` was deleted from `{folder}`; a deployment uploads it again"))
        });
        let kept = plan.beside_kept_tables().map(|(step, schema)| {
            let (name, schema) = (&step.name, schema.full_name());
            let sentence = format!(
                "the tables of the pipeline that `{name}` replaces stay in `{schema}`, where it writes, too: whether it can \
                 write tables of the same names is not known; if its first update fails, drop them by hand"
            );
            Note::new("tables-kept", sentence)
        });
        let folder = outcome.iter().filter_map(|outcome| outcome.folder_left.as_ref());
        let folder = folder.map(|error| Note::new("folder-left", format!("{}; delete it by hand", error.message)));
        let schemas = outcome.iter().flat_map(|outcome| &outcome.schemas_left);
        let schemas = schemas.map(|sentence| Note::new("schema-left", sentence));
        let plans = adopted(plan).chain(restored).chain(recreated(plan)).chain(kept);
        let values = outcome.iter().flat_map(|outcome| plan.pipelines().zip(&outcome.pipelines));
        let values = values.flat_map(|(step, outcome)| values_kept(step, outcome));
        plans.chain(identities_kept(plan)).chain(folder).chain(schemas).chain(values).collect::<Vec<_>>()
    })
}

/// What each pipeline loses that is recreated.
fn recreated(plan: &Plan) -> impl Iterator<Item = Note> + '_ {
    plan.pipelines().filter_map(|step| match &step.action {
        Action::Recreate { removal, .. } => {
            Some(Note::new("recreate", format!("recreating `{}` {}", step.name, removal.when_recreated())))
        }
        _ => None,
    })
}

/// Each pipeline that is taken over, by name.
fn adopted(plan: &Plan) -> impl Iterator<Item = Note> + '_ {
    plan.pipelines().filter_map(|step| match &step.action {
        Action::Update { adopts: Some(whose), .. } => {
            Some(Note::new("adopted", format!("`{}`, {whose}, is taken over", step.name)))
        }
        _ => None,
    })
}

/// Each identity that an edit leaves to a pipeline whose spec names none.
fn identities_kept(plan: &Plan) -> impl Iterator<Item = Note> + '_ {
    let kept = plan.pipelines().filter_map(|step| Some((&step.name, step.action.identity_kept()?)));
    kept.map(|(name, identity)| {
        let sentence = format!(
            "`{name}` runs as `{identity}`, whom its spec does not name: an edit cannot take an identity back. Name the one \
             that it should run as in `run_as`, or destroy the pipeline and deploy it again"
        );
        Note::new("identity-kept", sentence)
    })
}

/// What the service stores in another way than it was just written.
fn values_kept(step: &PipelineStep, outcome: &Result<Done, StepError>) -> Vec<Note> {
    let Ok(Done::Updated { kept, .. }) = outcome else { return Vec::new() };
    let shown = |path: &str, value: &Option<Value>| {
        value.as_ref().map_or("nothing".to_owned(), |value| format!("`{}`", hide(path, value)))
    };
    let note = |change: &FieldChange| {
        let [is, written] = [&change.from, &change.to].map(|value| shown(&change.path, value));
        let spec = step.spec.as_ref().map_or("its spec".to_owned(), |spec| format!("`{spec}`"));
        let sentence = format!(
            "the service stores {is} as `{}` of `{}`, though {written} was written: write it so in {spec}. Later runs leave \
             it as it is",
            change.path, step.name
        );
        Note::new("value-kept", sentence)
    };
    kept.iter().map(note).collect()
}
