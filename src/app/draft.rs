//! The report of a run while it is being made: whatever happens, what is known so far can be told.

use crate::databricks::Identity;
use crate::deploy::{Done, Outcome, StepError};
use crate::diagnostic::{Diagnostics, Error, Kind};
use crate::impact::Affected;
use crate::plan::{Action, FieldChange, Plan, Step};
use crate::report::{Change, Failure, Field, Note, Project, Report, Row, Status, Trouble, Verdict};
use crate::route::{Destination, Identity as Whose};
use crate::source::Sources;
use crate::spec::Workflow;

use super::{Finished, commands};

/// What a run knows so far.
pub(super) struct Draft {
    pub(super) report: Report,
    pub(super) sources: Sources,
    pub(super) findings: Diagnostics,
    /// Sentences of why each selected workflow is looked at, by name.
    reasons: Vec<(String, Vec<String>)>,
}

impl Draft {
    pub(super) fn new(run: crate::report::Run) -> Self {
        let project = Project { name: String::new(), identity: String::new() };
        let mut report = Report::new(Verdict::Skipped, "", project);
        report.run = run;
        Self { report, sources: Sources::default(), findings: Diagnostics::default(), reasons: Vec::new() }
    }

    /// The result so far.
    pub(super) fn verdict(&mut self, result: Verdict, sentence: impl Into<String>) {
        self.report.result = result;
        self.report.sentence = sentence.into();
    }

    /// The run does nothing, for that reason.
    pub(super) fn skip(&mut self, reason: &'static str, why: impl Into<String>) {
        self.verdict(Verdict::Skipped, why);
        self.report.reason = Some(reason);
    }

    pub(super) fn note(&mut self, code: &'static str, message: impl Into<String>) {
        self.report.notes.push(Note { code, message: message.into() });
    }

    pub(super) fn destination(&mut self, destination: &Destination) {
        self.report.environment = Some(destination.environment.clone());
        self.report.preview = match &destination.identity {
            Whose::Shared => None,
            Whose::Preview(preview) => Some(preview.key.clone()),
        };
        self.report.reproduce = Some(commands::reproduce(destination));
        self.report.clean_up = commands::clean_up(destination);
    }

    /// The workflows that are looked at, before it is known what becomes of them.
    pub(super) fn selected(&mut self, workflows: &[Workflow], affected: &[Affected], status: Status) {
        let told = |affected: &Affected| affected.reasons.iter().map(ToString::to_string).collect::<Vec<_>>();
        self.reasons = workflows
            .iter()
            .zip(affected)
            .map(|(workflow, affected)| (workflow.name.value.clone(), told(affected)))
            .collect();
        self.report.workflows = workflows
            .iter()
            .map(|workflow| {
                let mut row = Row::new(&workflow.name.value, workflow.spec.as_str(), Change::None, status);
                row.reasons = self.reasons_of(&workflow.name.value);
                row
            })
            .collect();
    }

    /// What the plan would do.
    pub(super) fn planned(&mut self, plan: &Plan, page: impl Fn(&str) -> String) {
        self.report.workflows = plan.steps.iter().map(|step| self.row(step, &page)).collect();
        for name in plan.restored() {
            let message = format!("`{name}` was deleted from `{}`; a deployment uploads it again", plan.folder);
            self.note("object-missing", message);
        }
    }

    /// What was done.
    pub(super) fn done(&mut self, outcome: &Outcome, me: &Identity, page: impl Fn(&str) -> String) {
        for (row, step) in self.report.workflows.iter_mut().zip(&outcome.steps) {
            finish(row, step, me, &page);
        }
        if let Some(error) = &outcome.folder {
            self.note("folder-left", format!("{}; delete it by hand", error.message));
        }
        for sentence in &outcome.schemas_left {
            self.note("schema-left", sentence.clone());
        }
    }

    /// The end, and the exit code.
    pub(super) fn finish(mut self, ended: Result<(), &Error>) -> Finished {
        let exit_code = match ended {
            Ok(()) => 0,
            Err(error) => {
                self.verdict(Verdict::Failed, error.message());
                self.report.error = Some(Trouble::from(error));
                error.kind.exit_code()
            }
        };
        self.report.findings = self.findings.bounded().located(&self.sources);
        Finished { report: self.report, sources: self.sources, exit_code }
    }

    fn reasons_of(&self, workflow: &str) -> Vec<String> {
        let found = self.reasons.iter().find(|(name, _)| name == workflow);
        found.map(|(_, reasons)| reasons.clone()).unwrap_or_default()
    }

    fn row(&self, step: &Step, page: &impl Fn(&str) -> String) -> Row {
        let (change, status) = match &step.action {
            Action::Create(_) => (Change::Create, Status::Planned),
            Action::Update { .. } => (Change::Update, Status::Planned),
            Action::Recreate { .. } => (Change::Recreate, Status::Planned),
            Action::Keep { .. } => (Change::Unchanged, Status::Done),
            Action::Destroy { .. } => (Change::Destroy, Status::Planned),
            Action::Blocked { .. } => (Change::None, Status::Blocked),
        };
        let spec = step.spec.as_ref().map_or("", |spec| spec.as_str());
        let mut row = Row::new(&step.workflow, spec, change, status);
        row.pipeline_name.clone_from(&step.name);
        row.reasons = self.reasons_of(&step.workflow);
        describe(&mut row, &step.action);
        row.url = row.pipeline_id.as_deref().map(page);
        row
    }
}

/// What the action says of itself: the pipeline, the fields, what is in the way.
fn describe(row: &mut Row, action: &Action) {
    match action {
        Action::Create(_) => {}
        Action::Keep { id, .. } => row.pipeline_id = Some(id.clone()),
        Action::Update { id, changes, drift, restarts, .. } => {
            row.pipeline_id = Some(id.clone());
            row.fields = fields(changes);
            (row.drift, row.restarts) = (*drift, *restarts);
        }
        Action::Recreate { id, changes, .. } => {
            row.pipeline_id = Some(id.clone());
            row.fields = fields(changes);
        }
        Action::Destroy { id, why, .. } => {
            row.pipeline_id = Some(id.clone());
            row.reasons = vec![why.clone()];
        }
        Action::Blocked { id, why, hint } => {
            row.pipeline_id.clone_from(id);
            row.error = Some(Failure { message: why.clone(), hints: vec![hint.clone()] });
        }
    }
}

fn fields(changes: &[FieldChange]) -> Vec<Field> {
    let shown = changes.iter().filter_map(|change| match change.path.strip_prefix("configuration.dltflow.") {
        // What the marks stand for says more than their hashes.
        Some("closure") => Some(Field::new("code, configuration or spec of the workflow", None, None)),
        Some(_) => None,
        None => Some(Field::new(&change.path, change.from.as_ref(), change.to.as_ref())),
    });
    shown.collect()
}

fn finish(row: &mut Row, step: &Result<Done, StepError>, me: &Identity, page: &impl Fn(&str) -> String) {
    match step {
        Ok(Done::Created { id } | Done::Updated { id } | Done::Kept { id }) => {
            (row.status, row.url, row.pipeline_id) = (Status::Done, Some(page(id)), Some(id.clone()));
        }
        Ok(Done::Destroyed { .. }) => (row.status, row.url) = (Status::Done, None),
        Err(_) if row.status == Status::Blocked => {}
        Err(error) => {
            let begun = !matches!(error.kind, Kind::Stopped(_)) || error.changed;
            row.status = if begun { Status::Failed } else { Status::Skipped };
            let hints = error.hint.iter().cloned().chain(as_whom(error, me)).collect();
            row.error = Some(Failure { message: error.message.clone(), hints });
        }
    }
}

/// Whose permission is missing, where one is.
fn as_whom(error: &StepError, me: &Identity) -> Option<String> {
    (error.kind == Kind::Refused).then(|| format!("the token belongs to `{}`", me.user_name))
}
