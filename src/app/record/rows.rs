//! A workflow's row of the report: from the plan, and its outcome.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::session::Session;
use crate::databricks::CurrentUser;
use crate::deploy::{Done, StepError};
use crate::diagnostic::Kind;
use crate::pipeline::ownership::OwnershipKey;
use crate::plan::{Action, Definition, FieldChange, PipelineStep, Plan, Removal, Tables};
use crate::report::{Change, Failure, Field, Row, Status, TableFate, Twin};

use serde_json::Value;

use super::facts::Selected;

/// A selected workflow without a plan.
pub(super) fn selected(workflow: &Selected, status: Status) -> Row {
    let mut row = Row::new(&workflow.name, &workflow.spec, Change::None, status);
    row.reasons.clone_from(&workflow.reasons);
    row.environments.clone_from(&workflow.environments);
    row
}

/// What the plan would do.
pub(super) fn planned(
    plan: &Plan,
    selected: &[Selected],
    untouched: &BTreeSet<String>,
    session: Option<&Session>,
) -> Vec<Row> {
    // Of two workflows of one name the first counts.
    let reasons: BTreeMap<&str, &[String]> =
        selected.iter().rev().map(|workflow| (workflow.name.as_str(), workflow.reasons.as_slice())).collect();
    let row = |step| {
        let mut row = row(step, &reasons, session);
        if untouched.contains(&step.workflow) {
            row.reasons.extend(reason_to_touch(&step.action).map(str::to_owned));
        }
        row
    };
    plan.pipelines().map(row).collect()
}

/// Why something is done for a workflow that the change does not affect.
fn reason_to_touch(action: &Action) -> Option<&'static str> {
    match action {
        Action::Create { .. } => Some("its pipeline was missing in the workspace"),
        Action::Update { drift: true, .. } => Some("its pipeline was changed in the workspace"),
        Action::Update { .. } | Action::Recreate { .. } => Some("its pipeline was not what its spec says"),
        Action::Keep { .. } | Action::Destroy { .. } | Action::Blocked { .. } => None,
    }
}

/// What was done.
pub(super) fn applied(rows: &mut [Row], outcome: &[Result<Done, StepError>], session: Option<&Session>) {
    for (row, step) in rows.iter_mut().zip(outcome) {
        finish(row, step, session);
    }
}

fn row(step: &PipelineStep, reasons: &BTreeMap<&str, &[String]>, session: Option<&Session>) -> Row {
    let (change, status) = match &step.action {
        Action::Create { .. } => (Change::Create, Status::Planned),
        Action::Update { .. } => (Change::Update, Status::Planned),
        Action::Recreate { .. } => (Change::Recreate, Status::Planned),
        Action::Keep { .. } => (Change::Unchanged, Status::Done),
        Action::Destroy { .. } => (Change::Destroy, Status::Planned),
        Action::Blocked { .. } => (Change::None, Status::Blocked),
    };
    let spec = step.spec.as_ref().map_or("", |spec| spec.as_str());
    let mut row = Row::new(&step.workflow, spec, change, status);
    row.pipeline_name.clone_from(&step.name);
    row.reasons = reasons.get(step.workflow.as_str()).map(|reasons| reasons.to_vec()).unwrap_or_default();
    describe(&mut row, &step.action, session);
    row.url = page(session, row.pipeline_id.as_deref());
    row
}

fn page(session: Option<&Session>, id: Option<&str>) -> Option<String> {
    Some(session?.page(id?))
}

/// The details of the action: pipeline, fields, why it is blocked.
fn describe(row: &mut Row, action: &Action, session: Option<&Session>) {
    match action {
        Action::Create { definition } => row.fields = made(definition),
        Action::Keep { id, .. } => row.pipeline_id = Some(id.clone()),
        Action::Update { id, changes, drift, restarts, .. } => {
            row.pipeline_id = Some(id.clone());
            row.fields = fields(changes);
            (row.drift, row.restarts) = (*drift, *restarts);
            row.changes_identity = changes.iter().any(FieldChange::is_of_identity);
        }
        Action::Recreate { id, changes, removal, .. } => {
            row.pipeline_id = Some(id.clone());
            row.tables = Some(fate(*removal));
            row.fields = fields(changes);
            row.changes_identity = changes.iter().any(FieldChange::is_of_identity);
        }
        Action::Destroy { id, why, removal, .. } => {
            row.pipeline_id = Some(id.clone());
            row.tables = Some(fate(*removal));
            row.reasons = vec![why.clone()];
        }
        Action::Blocked { id, twins, why, hint } => {
            row.pipeline_id.clone_from(id);
            let page = |id: &String| Some(Twin { id: id.clone(), url: page(session, Some(id))? });
            let twins = twins.iter().filter_map(page).collect();
            row.error = Some(Failure { message: why.clone(), hints: vec![hint.clone()], twins });
        }
    }
}

fn fate(removal: Removal) -> TableFate {
    match removal.tables {
        Tables::Dropped => TableFate::Dropped,
        Tables::Kept | Tables::NotTheServices => TableFate::Kept,
    }
}

/// What a new pipeline has, value by value.
fn made(definition: &Definition) -> Vec<Field> {
    let mut fields = Vec::new();
    leaves("", &definition.settings.to_value(), &mut fields);
    fields
}

/// The values in `value`, which is at `path`, as far as they are not ours.
fn leaves(path: &str, value: &Value, found: &mut Vec<Field>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                let is_ours = path == "configuration" && OwnershipKey::is_reserved(key);
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                if !is_ours {
                    leaves(&path, value, found);
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                leaves(&format!("{path}[{index}]"), item, found);
            }
        }
        value => found.push(Field::new(path, None, Some(value))),
    }
}

fn fields(changes: &[FieldChange]) -> Vec<Field> {
    let owned = |path: &str| {
        path.strip_prefix("configuration.").filter(|key| OwnershipKey::is_reserved(key)).map(str::to_owned)
    };
    let shown = changes.iter().filter_map(|change| match owned(&change.path) {
        // What the ownership keys stand for says more than their hashes.
        Some(key) if key == OwnershipKey::Closure.text() => {
            Some(Field::new("code, configuration or spec of the workflow", None, None))
        }
        Some(_) => None,
        None => Some(Field::new(&change.path, change.from.as_ref(), change.to.as_ref())),
    });
    shown.collect()
}

fn finish(row: &mut Row, step: &Result<Done, StepError>, session: Option<&Session>) {
    match step {
        Ok(Done::Created { id } | Done::Updated { id, .. } | Done::Kept { id }) => {
            (row.status, row.url, row.pipeline_id) = (Status::Done, page(session, Some(id)), Some(id.clone()));
        }
        Ok(Done::Destroyed { .. }) => (row.status, row.url) = (Status::Done, None),
        Ok(Done::Unseen) => (row.change, row.status) = (Change::None, Status::Done),
        Err(_) if row.status == Status::Blocked => {}
        Err(error) => {
            let begun = !matches!(error.kind, Kind::Stopped(_)) || error.changed;
            row.status = if begun { Status::Failed } else { Status::Skipped };
            let me = session.and_then(|session| as_whom(error, &session.me));
            let hints = error.hint.iter().cloned().chain(me).collect();
            row.error = Some(Failure { message: error.message.clone(), hints, ..Failure::default() });
        }
    }
}

/// Whose permission is missing, if one is.
fn as_whom(error: &StepError, me: &CurrentUser) -> Option<String> {
    (error.kind == Kind::Refused).then(|| format!("the token belongs to `{}`", me.user_name))
}
