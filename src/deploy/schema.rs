//! Schemas of previews: made with our mark before the first pipeline, dropped after the last, never with anything in them.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::databricks::{ApiError, Workspace};
use crate::desired::{Owner, Schema};
use crate::plan::{Action, Plan};

use super::{Done, StepError};

/// Makes the schemas and gives what failed, by full name.
pub(super) async fn make(workspace: &Workspace, owner: &Owner, schemas: &[Schema]) -> BTreeMap<String, StepError> {
    let properties = owner.properties();
    let made = join_all(schemas.iter().map(async |schema| {
        let name = schema.full_name();
        tracing::info!("making the schema `{name}`");
        let outcome = workspace.make_schema(&schema.catalog, &schema.name, &properties).await;
        (name, outcome)
    }));
    let failed = |(name, outcome): (String, Result<(), ApiError>)| {
        let error = StepError::of(&outcome.err()?, &format!("make the schema `{name}` of the preview"));
        Some((name, error))
    };
    made.await.into_iter().filter_map(failed).collect()
}

/// The schemas that go, without those of pipelines that could not be deleted. The others go now: the next run would not
/// see the pipelines that name them.
pub(super) fn unused(plan: &Plan, steps: &[Result<Done, StepError>]) -> Vec<Schema> {
    let failed = plan.steps.iter().zip(steps).filter(|(_, outcome)| outcome.is_err());
    let used = failed.filter_map(|(step, _)| match &step.action {
        Action::Destroy { schema, .. } => schema.as_ref(),
        _ => None,
    });
    let used: Vec<&Schema> = used.collect();
    plan.drop_schemas.iter().filter(|schema| !used.contains(schema)).cloned().collect()
}

/// Drops those of the schemas that are ours, and gives a sentence for each that stays.
pub(super) async fn drop_ours(workspace: &Workspace, owner: &Owner, schemas: &[Schema]) -> Vec<String> {
    let dropped = join_all(schemas.iter().map(async |schema| {
        let name = schema.full_name();
        let outcome = drop_if_ours(workspace, owner, &name).await;
        outcome.err().map(|error| format!("the schema `{name}` of the preview stays: {error}"))
    }));
    dropped.await.into_iter().flatten().collect()
}

async fn drop_if_ours(workspace: &Workspace, owner: &Owner, name: &str) -> Result<(), ApiError> {
    match workspace.schema_properties(name).await? {
        Some(properties) if owner.owns_schema(&properties) => {
            tracing::info!("dropping the schema `{name}`");
            workspace.drop_schema(name).await
        }
        _ => Ok(()),
    }
}
