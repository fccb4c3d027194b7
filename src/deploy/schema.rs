//! Schemas of previews: created as ours before their first pipeline, dropped after the last one if they are empty.

use crate::databricks::ApiError;
use crate::pipeline::Schema;
use crate::plan::SchemaAction;

use super::{Executor, StepDone, StepError};

impl Executor<'_> {
    pub(super) async fn schema(&self, schema: &Schema, action: SchemaAction) -> Result<StepDone, StepError> {
        match action {
            SchemaAction::Create => self.create_schema(schema).await,
            SchemaAction::Destroy => Ok(self.drop_schema(&schema.full_name()).await),
        }
    }

    async fn create_schema(&self, schema: &Schema) -> Result<StepDone, StepError> {
        let name = schema.full_name();
        tracing::info!("creating the schema `{name}`");
        let made = self.workspace.make_schema(&schema.catalog, &schema.name, &self.owner.properties()).await;
        made.map(|()| StepDone::Made)
            .map_err(|error| StepError::of(&error, &format!("create the schema `{name}` of the preview")))
    }

    /// A schema that cannot be dropped, as something is in it, is reported and not a failure.
    async fn drop_schema(&self, name: &str) -> StepDone {
        match self.drop_if_ours(name).await {
            Ok(()) => StepDone::Removed,
            Err(error) => StepDone::Left { why: format!("the schema `{name}` of the preview is left: {error}") },
        }
    }

    async fn drop_if_ours(&self, name: &str) -> Result<(), ApiError> {
        match self.workspace.schema_properties(name).await? {
            Some(properties) if self.owner.claim_schema(&properties).is_of_preview() => {
                tracing::info!("dropping the schema `{name}`");
                self.workspace.drop_schema(name).await
            }
            _ => Ok(()),
        }
    }
}
