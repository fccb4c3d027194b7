//! The schemas' API. The statuses of a taken name and of a schema that is not empty are unverified; codes follow the
//! official SDKs. Names are kept in lower case, whatever was sent (acceptance tests of the official CLI).

use serde_json::{Value, json};

use super::catalog::Schema;
use super::replies::{done, error, invalid};
use super::request::{read_flag, read_object};
use super::state::Databricks;
use crate::call::{Answer, Call, Reply};
use crate::settings::Behaviour;

/// `POST /api/2.1/unity-catalog/schemas`.
pub(super) fn create(databricks: &mut Databricks, behaviour: &Behaviour, call: &Call) -> Answer {
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
    let (catalog, name) = (catalog.to_lowercase(), name.to_lowercase());
    let full_name = format!("{catalog}.{name}");
    let schemas = &mut databricks.schemas.0;
    if schemas.contains_key(&full_name) {
        return Err(error(400, "SCHEMA_ALREADY_EXISTS", format!("Schema '{full_name}' already exists")));
    }
    let owner = &behaviour.user.user_name;
    for (key, value) in [("catalog_name", &catalog), ("name", &name), ("full_name", &full_name), ("owner", owner)] {
        info.insert(key.to_owned(), json!(value));
    }
    let reply = Reply::json(200, &json!(info));
    schemas.insert(full_name, Schema::new(info));
    Ok(reply)
}

/// `GET /api/2.1/unity-catalog/schemas/{full_name}`.
pub(super) fn get(databricks: &mut Databricks, _: &Behaviour, call: &Call) -> Answer {
    let name = call.parameter("name").to_lowercase();
    match databricks.schemas.0.get(&name) {
        Some(schema) => Ok(Reply::json(200, &schema.details())),
        None => Err(missing(&name)),
    }
}

/// `DELETE /api/2.1/unity-catalog/schemas/{full_name}`: refused while tables are in it, unless forced. The text is that of
/// terraform-provider-databricks#3659; an attempt counts as a look at the pipelines whose tables are in the way.
pub(super) fn delete(databricks: &mut Databricks, _: &Behaviour, call: &Call) -> Answer {
    let (name, force) = (call.parameter("name").to_lowercase(), read_flag(call, "force")?.unwrap_or(false));
    let schema = databricks.schemas.0.get(&name).ok_or_else(|| missing(&name))?;
    let (tables, writers) = (schema.tables.len(), schema.writers());
    if tables > 0 && !force {
        for id in &writers {
            databricks.look_at_deletion(id);
        }
        let counts = format!("The schema has {tables} tables(s), 0 functions(s), 0 volumes(s)");
        return Err(error(400, "INVALID_STATE", format!("Schema '{name}' is not empty. {counts}")));
    }
    databricks.schemas.0.remove(&name);
    Ok(done())
}

fn missing(name: &str) -> Reply {
    error(404, "SCHEMA_DOES_NOT_EXIST", format!("Schema '{name}' does not exist."))
}
