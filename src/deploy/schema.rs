//! Schemas of previews: created as ours before their first pipeline, dropped after the last one once they are empty.

use crate::databricks::{ApiError, Refusal};
use crate::pipeline::Schema;
use crate::pipeline::ownership::Claim;
use crate::plan::SchemaAction;

use super::deletion::PATIENCE;
use super::{Executor, StepDone, StepError};

impl Executor<'_> {
    pub(super) async fn schema(&self, schema: &Schema, action: &SchemaAction) -> Result<StepDone, StepError> {
        match action {
            SchemaAction::Create => self.create_schema(schema).await,
            SchemaAction::Destroy { after } => self.drop_schema(&schema.full_name(), after).await,
        }
    }

    /// Creates a schema. If the reply is lost, it is looked up, and created again only if it is not there: what this run made
    /// has to be told.
    async fn create_schema(&self, schema: &Schema) -> Result<StepDone, StepError> {
        let name = schema.full_name();
        tracing::info!("creating the schema `{name}`");
        let doing = format!("create the schema `{name}` of the preview");
        let properties = self.owner.properties();
        let (mut attempts, mut in_doubt) = (self.workspace.attempts(), false);
        loop {
            let created = self.workspace.create_schema(&schema.catalog, &schema.name, &properties).await;
            let Err(error) = created else { return Ok(StepDone::Made) };
            let exists = error.refusal() == Some(Refusal::Conflict);
            if exists && !in_doubt {
                return Ok(StepDone::Unchanged);
            }
            if !exists && !error.may_be_done() {
                return Err(StepError::of(&error, &doing));
            }
            let again = !exists && attempts.pause(error.ended()).await;
            match self.workspace.schema_properties(&name).await {
                Ok(Some(properties)) if self.owner.claim_schema(&properties) == Claim::Ours => {
                    return Ok(StepDone::Made);
                }
                Ok(Some(_)) => return Ok(StepDone::Unchanged),
                Ok(None) if again => in_doubt = true,
                Ok(None) => return Err(StepError::of(&error, &doing)),
                Err(cause) => return Err(StepError::unknown(&error, &cause, &doing)),
            }
        }
    }

    /// Drops a schema if it is ours, once the deletion of the pipelines `after` which it comes is over. One that is not
    /// empty then, as something else is in it, is left, which is no failure.
    async fn drop_schema(&self, name: &str, after: &[String]) -> Result<StepDone, StepError> {
        let doing = format!("drop the schema `{name}` of the preview");
        let failed = |error: &ApiError| StepError { changed: error.may_be_done(), ..StepError::of(error, &doing) };
        match self.workspace.schema_properties(name).await {
            Ok(Some(properties)) if self.owner.claim_schema(&properties).is_of_preview() => {}
            Ok(_) => return Ok(StepDone::Unchanged),
            Err(error) => return Err(StepError::of(&error, &doing)),
        }
        tracing::info!("dropping the schema `{name}`");
        let mut patience = self.workspace.patience(PATIENCE);
        loop {
            let why = if self.are_seen(after).await {
                "the deletion of its pipelines goes on".to_owned()
            } else {
                match self.workspace.drop_schema(name).await {
                    Ok(()) => return Ok(StepDone::Removed),
                    Err(error) if error.is_not_empty() => error.to_string(),
                    Err(error) => return Err(failed(&error)),
                }
            };
            if !patience.pause().await {
                return Ok(StepDone::left(format!(
                    "the schema `{name}` of the preview is left: {why}; once it is empty, destroying the preview again or a \
                     sweep drops it"
                )));
            }
        }
    }
}
