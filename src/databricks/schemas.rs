//! Schemas of Unity Catalog: where a preview writes its tables.

use std::collections::BTreeMap;

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use crate::http::Idempotency;

use super::client::segment;
use super::files::gone_is_fine;
use super::{ApiError, Refusal, Workspace};

const SCHEMAS: &str = "/api/2.1/unity-catalog/schemas";

/// Properties of a schema.
pub type Properties = BTreeMap<String, String>;

#[derive(Deserialize)]
struct SchemaInfo {
    #[serde(default)]
    properties: Properties,
}

impl Workspace {
    /// Creates the schema `name` in `catalog`; one that exists is a conflict, whoever created it. Never sent twice: a second
    /// request would find what the first one made.
    pub async fn create_schema(&self, catalog: &str, name: &str, properties: &Properties) -> Result<(), ApiError> {
        let body = json!({ "catalog_name": catalog, "name": name, "properties": properties, "comment": "a preview's, made by dltflow" });
        self.post(SCHEMAS, &body, Idempotency::Once).await.map(drop)
    }

    /// The properties of `catalog.schema`; `None` if it does not exist.
    pub async fn schema_properties(&self, full_name: &str) -> Result<Option<Properties>, ApiError> {
        match self.get::<SchemaInfo>(&format!("{SCHEMAS}/{}", segment(full_name)), &[]).await {
            Ok(info) => Ok(Some(info.properties)),
            Err(error) if error.refusal() == Some(Refusal::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Drops `catalog.schema`, which the service refuses while anything is in it.
    pub async fn drop_schema(&self, full_name: &str) -> Result<(), ApiError> {
        let path = format!("{SCHEMAS}/{}", segment(full_name));
        gone_is_fine(self.call(Method::DELETE, &path, &[], None, Idempotency::Write).await)
    }
}
