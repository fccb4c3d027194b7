//! Schemas of Unity Catalog. Every catalog exists; a schema is empty until the control API gives it tables.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::refusal::Refusal;

/// Schemas by full name, `catalog.schema`.
#[derive(Debug, Default)]
pub(super) struct Schemas(pub(super) BTreeMap<String, Schema>);

/// One schema: its fields as the API shows them, and how many tables it has.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) info: Map<String, Value>,
    pub(super) tables: u64,
}

impl Schemas {
    pub(super) fn to_json(&self) -> Value {
        self.0.iter().map(|(name, schema)| json!({"full_name": name, "properties": schema.info.get("properties"), "tables": schema.tables})).collect()
    }

    /// Makes a schema as a pipeline update would, or gives one tables.
    pub(super) fn tamper(&mut self, name: &str, changes: &Value) -> Result<(), Refusal> {
        let tables = changes["tables"].as_u64().ok_or_else(|| Refusal::bad("`tables` must be a number"))?;
        let blank = || Schema { info: Map::from_iter([("full_name".to_owned(), json!(name))]), tables: 0 };
        self.0.entry(name.to_owned()).or_insert_with(blank).tables = tables;
        Ok(())
    }
}
