//! The record of a run → its report and its exit code.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::iter;

use crate::deploy::Done;
use crate::diagnostic::Error;
use crate::plan::Action;
use crate::report::{Note, Report, Row, RunError, Status, Verdict};
use crate::secret::Redactor;
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
    let mut report = Report::new(verdict, sentence, project.unwrap_or_default());
    (report.run, report.environment, report.preview) = (run, environment, preview);
    report.workflows = rows;
    report.notes = plan_notes(&plans).chain(notes).collect();
    report.plan = plans.last().map(|planned| planned.plan.describe());
    report.error = ended.err().map(RunError::from);
    (report.reproduce, report.clean_up) = (record.reproduce, record.clean_up);
    report.reason = reason;
    match conclusion {
        Some(Conclusion::Skipped { reason, .. }) => report.reason = Some(reason),
        Some(Conclusion::Ran { made, .. }) => report.local = made,
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
        (Some(Conclusion::Ran { made, .. }), _) => {
            let count = made.as_ref().map_or(0, |made| made.datasets.len());
            (Verdict::Ran, format!("{} updated", counted(count, "dataset")))
        }
        (_, Some(Planned { outcome: Some(outcome), destroys, .. })) => applied(outcome, *destroys),
        (_, Some(Planned { plan, .. })) => {
            let unchanged = |action: &Action| matches!(action, Action::Keep { .. } | Action::Blocked { .. });
            let changes = plan.pipelines().filter(|step| !unchanged(&step.action)).count();
            let total = plan.pipelines().count();
            (Verdict::Planned, format!("{changes} of {total} pipelines would change"))
        }
        (_, None) => (Verdict::Skipped, String::new()),
    }
}

fn applied(outcome: &PlanOutcome, destroys: bool) -> (Verdict, String) {
    let destroyed = outcome.pipelines.iter().filter(|step| matches!(step, Ok(Done::Destroyed { .. }))).count();
    let kept = outcome.pipelines.len() - destroyed;
    let verdict = match outcome.changed {
        _ if destroys => Verdict::Destroyed,
        true => Verdict::Deployed,
        false => Verdict::Unchanged,
    };
    let sentence = match (verdict, kept) {
        (Verdict::Destroyed, _) if destroyed == 0 => "there was no pipeline to destroy".to_owned(),
        (Verdict::Destroyed, _) => format!("{} destroyed", counted(destroyed, "pipeline")),
        (_, 0) if destroyed > 0 => "no workflow is affected any more".to_owned(),
        (_, 0) => "no workflow is affected".to_owned(),
        (_, 1) => "1 pipeline is up to date".to_owned(),
        _ => format!("{kept} pipelines are up to date"),
    };
    (verdict, sentence)
}

/// One row per workflow: from the last plan, else from the selection.
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
    let mut rows = rows::planned(plan, &record.selected, record.session.as_deref());
    if let Some(outcome) = outcome {
        rows::applied(&mut rows, &outcome.pipelines, record.session.as_deref());
    } else if verdict == Verdict::Skipped {
        let planned = rows.iter_mut().filter(|row| row.status == Status::Planned);
        planned.for_each(|row| row.status = Status::Skipped);
    }
    rows
}

/// Notes about plans and outcomes.
fn plan_notes(plans: &[Planned]) -> impl Iterator<Item = Note> + '_ {
    plans.iter().flat_map(|Planned { plan, outcome, .. }| {
        let restored = plan.restored().map(|name| Note {
            code: "object-missing",
            message: format!("`{name}` was deleted from `{}`; a deployment uploads it again", plan.folder),
        });
        let folder = outcome.iter().filter_map(|outcome| outcome.folder_left.as_ref());
        let folder =
            folder.map(|error| Note { code: "folder-left", message: format!("{}; delete it by hand", error.message) });
        let schemas = outcome.iter().flat_map(|outcome| &outcome.schemas_left);
        let schemas = schemas.map(|sentence| Note { code: "schema-left", message: sentence.clone() });
        restored.chain(folder).chain(schemas).collect::<Vec<_>>()
    })
}
