//! Schemas of Unity Catalog and their tables. Every catalog exists; a schema is empty until the control API gives it tables.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::refusal::Refusal;

/// Unity Catalog adds defaults of its own to a new schema within seconds, on some clouds (acceptance tests of the
/// official CLI, recorded against them).
const MANAGED: (&str, &str) = ("unity.catalog.managed.delta.defaults.delta.enableRowTracking", "true");

/// Schemas by full name, `catalog.schema`.
#[derive(Debug, Default)]
pub(super) struct Schemas(pub(super) BTreeMap<String, Schema>);

/// One schema.
#[derive(Debug)]
pub(super) struct Schema {
    /// Its fields as they were sent.
    info: Map<String, Value>,
    /// Its tables by name, each with the id of the pipeline that writes it, if one does.
    pub(super) tables: BTreeMap<String, Option<String>>,
}

impl Schema {
    pub(super) fn new(info: Map<String, Value>) -> Self {
        Self { info, tables: BTreeMap::new() }
    }

    /// Its fields as a `GET` shows them.
    pub(super) fn details(&self) -> Value {
        let mut details = json!(self.info);
        details["properties"][MANAGED.0] = MANAGED.1.into();
        details
    }

    /// Ids of the pipelines that write its tables.
    pub(super) fn writers(&self) -> BTreeSet<String> {
        self.tables.values().flatten().cloned().collect()
    }
}

impl Schemas {
    pub(super) fn to_json(&self) -> Value {
        self.0.iter().map(|(name, schema)| json!({"full_name": name, "properties": schema.info.get("properties"), "tables": schema.tables})).collect()
    }

    /// Drops the tables that a pipeline writes, wherever they are.
    pub(super) fn drop_tables_of(&mut self, pipeline: &str) {
        for schema in self.0.values_mut() {
            schema.tables.retain(|_, writer| writer.as_deref() != Some(pipeline));
        }
    }

    /// Gives a schema tables in place of those that it has, and makes it if it is missing, as an update of a pipeline does.
    pub(super) fn tamper(&mut self, name: &str, changes: &Value) -> Result<(), Refusal> {
        let tables = serde_json::from_value(changes["tables"].clone());
        let tables = tables.map_err(|_| Refusal::bad("`tables` maps names of tables to ids of pipelines, or null"))?;
        let blank = || Schema::new(Map::from_iter([("full_name".to_owned(), json!(name))]));
        self.0.entry(name.to_owned()).or_insert_with(blank).tables = tables;
        Ok(())
    }
}
