//! Schemas of Unity Catalog. Every catalog exists; a schema is empty until the control API gives it tables.
//!
//! The statuses of a taken name and of a schema that is not empty are unverified; codes follow the official SDKs.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{done, error, invalid, read_flag, read_object};
use crate::call::{Answer, Call, Reply};
use crate::control::Refusal;
use crate::state::State;

/// Schemas by full name, `catalog.schema`.
#[derive(Debug, Default)]
pub(super) struct Schemas(BTreeMap<String, Schema>);

#[derive(Debug)]
struct Schema {
    info: Map<String, Value>,
    tables: u64,
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

/// `POST /api/2.1/unity-catalog/schemas`.
pub(super) fn create(state: &mut State, call: &Call) -> Answer {
    let mut info = read_object(call)?;
    let known = ["catalog_name", "comment", "custom_max_retention_hours", "name", "properties", "storage_root"];
    if let Some(unknown) = info.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(invalid(format!("Unknown field '{unknown}'.")));
    }
    let text = |key: &str| info.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (Some(catalog), Some(name)) = (text("catalog_name"), text("name")) else {
        return Err(invalid("CreateSchema needs 'catalog_name' and 'name'."));
    };
    if name.contains(['.', '/', ' ']) {
        return Err(invalid(format!("'{name}' is not a valid name.")));
    }
    let texts = |value: &Value| value.as_object().is_some_and(|map| map.values().all(Value::is_string));
    if info.get("properties").is_some_and(|properties| !texts(properties)) {
        return Err(error(
            400,
            "MALFORMED_REQUEST",
            "Could not parse request object: 'properties' is a map of strings",
        ));
    }
    let full_name = format!("{catalog}.{name}").to_lowercase();
    let schemas = &mut state.databricks.schemas.0;
    if schemas.contains_key(&full_name) {
        return Err(error(400, "SCHEMA_ALREADY_EXISTS", format!("Schema '{full_name}' already exists")));
    }
    info.insert("full_name".to_owned(), json!(full_name));
    info.insert("owner".to_owned(), json!(state.behaviour.user.user_name));
    let reply = Reply::json(200, &json!(info));
    schemas.insert(full_name, Schema { info, tables: 0 });
    Ok(reply)
}

/// `GET /api/2.1/unity-catalog/schemas/{full_name}`.
pub(super) fn get(state: &mut State, call: &Call) -> Answer {
    let name = call.parameter("name").to_lowercase();
    match state.databricks.schemas.0.get(&name) {
        Some(schema) => Ok(Reply::json(200, &json!(schema.info))),
        None => Err(missing(&name)),
    }
}

/// `DELETE /api/2.1/unity-catalog/schemas/{full_name}`: refused while tables are in it, unless forced.
pub(super) fn delete(state: &mut State, call: &Call) -> Answer {
    let (name, force) = (call.parameter("name").to_lowercase(), read_flag(call, "force")?.unwrap_or(false));
    let schemas = &mut state.databricks.schemas.0;
    match schemas.get(&name) {
        None => Err(missing(&name)),
        Some(schema) if schema.tables > 0 && !force => {
            Err(error(400, "SCHEMA_NOT_EMPTY", format!("Cannot delete schema '{name}': it is not empty")))
        }
        Some(_) => {
            schemas.remove(&name);
            Ok(done())
        }
    }
}

fn missing(name: &str) -> Reply {
    error(404, "SCHEMA_DOES_NOT_EXIST", format!("Schema '{name}' does not exist."))
}
