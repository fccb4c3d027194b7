//! One pipeline: what is stored, and how it looks from outside.

use serde_json::{Map, Value, json};

use crate::ids::Ids;
use crate::settings::User;
use crate::stamp::{iso, now_ms};

/// Fields of a request that steer it and are never part of the stored spec.
const REQUEST_ONLY: &[&str] =
    &["allow_duplicate_names", "dry_run", "expected_last_modified", "pipeline_id", "id", "run_as", "parameters"];

/// Node type that classic compute gets when the request names none. Which one it is depends on the cloud.
const DEFAULT_NODE_TYPE: &str = "m5d.large";

/// A pipeline as the workspace keeps it.
#[derive(Debug, Clone)]
pub(super) struct Pipeline {
    pub(super) id: String,
    /// The spec as it was sent, without what is only part of a request. Defaults are added when it is shown.
    pub(super) spec: Map<String, Value>,
    parameters: Option<Value>,
    creator: String,
    /// The identity that was set explicitly.
    run_as: Option<Value>,
    /// Milliseconds since 1970; rises with every edit.
    pub(super) last_modified: u64,
    pub(super) state: String,
    health: String,
    /// Newest first.
    pub(super) updates: Vec<Update>,
    /// How many more listings do not show it.
    pub(super) unlisted: u32,
    /// Not visible to the caller: not listed, and refused when asked for.
    pub(super) hidden: bool,
    /// How many more `GET`s show it stopping.
    pub(super) stopping: u32,
    /// Its deletion, which goes on.
    pub(super) deletion: Option<Deletion>,
    /// Edits that cancelled the update of a continuous pipeline and started another.
    restarts: u32,
    edits: u32,
}

/// A deletion that goes on in the background.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deletion {
    /// How many more looks at the pipeline still show it.
    pub(super) looks: u32,
    /// Whether its tables go with it.
    pub(super) cascade: bool,
}

/// One run of a pipeline.
#[derive(Debug, Clone)]
pub(super) struct Update {
    pub(super) id: String,
    pub(super) state: &'static str,
    pub(super) cause: String,
    /// Milliseconds since 1970.
    pub(super) created: u64,
    /// The request that started it.
    pub(super) request: Map<String, Value>,
}

impl Update {
    pub(super) fn is_active(&self) -> bool {
        !["COMPLETED", "FAILED", "CANCELED"].contains(&self.state)
    }
}

impl Pipeline {
    pub(super) fn create(fields: Map<String, Value>, user: &User, ids: &mut Ids) -> Self {
        let mut pipeline = Self {
            id: ids.uuid(),
            spec: Map::new(),
            parameters: None,
            creator: user.user_name.clone(),
            run_as: None,
            last_modified: 0,
            state: "IDLE".into(),
            health: "HEALTHY".into(),
            updates: Vec::new(),
            unlisted: 0,
            hidden: false,
            stopping: 0,
            deletion: None,
            restarts: 0,
            edits: 0,
        };
        pipeline.store(fields);
        if pipeline.is("continuous") {
            pipeline.begin_update(ids, "API_CALL", Map::new());
        }
        pipeline
    }

    /// Replaces the whole definition. A continuous pipeline restarts, whatever changed or did not (databricks/cli#6745).
    pub(super) fn edit(&mut self, fields: Map<String, Value>, ids: &mut Ids) {
        let was_continuous = self.is("continuous");
        self.store(fields);
        self.edits += 1;
        if was_continuous {
            self.end_update("CANCELED");
            self.restarts += u32::from(self.is("continuous"));
        }
        if self.is("continuous") {
            self.end_update("CANCELED");
            self.begin_update(ids, "SETTINGS_CHANGE", Map::new());
        }
    }

    fn store(&mut self, mut fields: Map<String, Value>) {
        self.parameters = fields.get("parameters").cloned();
        // An edit without it keeps the identity that stands (databricks/cli, libs/testserver/pipelines.go).
        self.run_as = fields.get("run_as").cloned().or(self.run_as.take());
        in_the_services_case(&mut fields);
        fields.retain(|name, _| !REQUEST_ONLY.contains(&name.as_str()));
        for cluster in fields.get_mut("clusters").and_then(Value::as_array_mut).into_iter().flatten() {
            // Documented as not stored.
            cluster.as_object_mut().map(|cluster| cluster.remove("apply_policy_default_values"));
        }
        self.spec = fields;
        self.touch();
    }

    fn touch(&mut self) {
        self.last_modified = now_ms().max(self.last_modified + 1);
    }

    pub(super) fn begin_update(&mut self, ids: &mut Ids, cause: &str, request: Map<String, Value>) -> String {
        let id = ids.uuid();
        self.updates
            .insert(0, Update { id: id.clone(), state: "RUNNING", cause: cause.into(), created: now_ms(), request });
        self.state = "RUNNING".into();
        id
    }

    /// Ends the active update, if there is one.
    pub(super) fn end_update(&mut self, state: &'static str) {
        for update in self.updates.iter_mut().filter(|update| update.is_active()) {
            update.state = state;
        }
        self.state = if state == "FAILED" { "FAILED" } else { "IDLE" }.into();
    }

    /// Begins its deletion; a second one changes nothing (unverified). Its state is the one that the API has for it.
    pub(super) fn begin_deletion(&mut self, deletion: Deletion) {
        if self.deletion.is_none() {
            self.end_update("CANCELED");
            self.state = "DELETED".into();
            self.deletion = Some(deletion);
        }
    }

    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.spec.get(field).and_then(Value::as_str)
    }

    pub(super) fn is(&self, field: &str) -> bool {
        self.spec.get(field) == Some(&Value::Bool(true))
    }

    /// Where the tables of a Hive pipeline lie: as sent, or the default; none on Unity Catalog.
    pub(super) fn storage(&self, spec: &Map<String, Value>) -> Option<String> {
        let text = |field: &str| spec.get(field).and_then(Value::as_str);
        match (text("storage"), text("catalog")) {
            (Some(storage), _) => Some(storage.to_owned()),
            (None, Some(_)) => None,
            (None, None) => Some(format!("dbfs:/pipelines/{}", self.id)),
        }
    }

    /// The spec as `GET` shows it, with what the service fills in: the id, the storage of a Hive pipeline, node types
    /// and disk encryption of clusters, the place of an event log.
    pub(super) fn shown_spec(&self) -> Map<String, Value> {
        let mut spec = self.spec.clone();
        spec.insert("id".into(), self.id.clone().into());
        if let Some(storage) = self.storage(&self.spec) {
            spec.insert("storage".into(), storage.into());
        }
        for cluster in spec.get_mut("clusters").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(cluster) = cluster.as_object_mut() {
                fill_cluster(cluster);
            }
        }
        let place = [("catalog", self.text("catalog")), ("schema", self.text("schema").or(self.text("target")))];
        if let Some(log) = spec.get_mut("event_log").and_then(Value::as_object_mut) {
            for (field, value) in place.into_iter().filter_map(|(field, value)| Some((field, value?))) {
                log.entry(field).or_insert_with(|| value.into());
            }
        }
        spec
    }

    /// A row of a listing: it has no spec and no configuration.
    pub(super) fn row(&self) -> Value {
        json!({
            "pipeline_id": self.id,
            "name": self.text("name"),
            "state": self.state,
            "health": self.health,
            "creator_user_name": self.creator,
            "run_as_user_name": self.run_as_user_name(),
            "latest_updates": self.latest_updates(),
        })
    }

    /// The name of the identity that it runs as: its creator's, unless another was set.
    fn run_as_user_name(&self) -> &str {
        let explicit = self.run_as.as_ref().and_then(Value::as_object);
        explicit.and_then(|identity| identity.values().find_map(Value::as_str)).unwrap_or(&self.creator)
    }

    /// The answer to `GET`. It has `run_as` if that was set explicitly (databricks/cli, libs/testserver/pipelines.go; seen
    /// in the cloud with a user).
    pub(super) fn details(&self) -> Value {
        let mut details = self.row();
        if let Some(identity) = &self.run_as {
            details["run_as"] = identity.clone();
        }
        details["spec"] = self.shown_spec().into();
        details["last_modified"] = self.last_modified.into();
        let legacy = self.spec.contains_key("target") || !self.spec.contains_key("catalog");
        details["effective_publishing_mode"] =
            if legacy { "LEGACY_PUBLISHING_MODE" } else { "DEFAULT_PUBLISHING_MODE" }.into();
        if let Some(parameters) = &self.parameters {
            details["parameters"] = parameters.clone();
        }
        details
    }

    /// At most the five newest.
    fn latest_updates(&self) -> Value {
        let newest = self.updates.iter().take(5);
        newest
            .map(|update| json!({"update_id": update.id, "state": update.state, "creation_time": iso(update.created)}))
            .collect()
    }

    /// The control API's view: what is stored, and what the API never shows.
    pub(super) fn to_json(&self) -> Value {
        let mut all = self.details();
        all["stored"] = self.spec.clone().into();
        all["restarts"] = self.restarts.into();
        all["edits"] = self.edits.into();
        all["hidden"] = self.hidden.into();
        all
    }

    /// # Errors
    /// A message for a field that the control API cannot change, or one of the wrong type.
    pub(super) fn tamper(&mut self, changes: &Value, ids: &mut Ids) -> Result<(), String> {
        for (field, value) in changes.as_object().ok_or("expected a JSON object")? {
            match (field.as_str(), value) {
                ("spec", Value::Object(fields)) => self.overlay(fields),
                ("run_as", Value::Object(_)) => self.run_as = Some(value.clone()),
                ("hidden", Value::Bool(hidden)) => self.hidden = *hidden,
                ("health", Value::String(health)) => self.health.clone_from(health),
                ("creator_user_name", Value::String(name)) => self.creator.clone_from(name),
                ("state", Value::String(state)) => self.force_state(state, ids),
                _ => return Err(format!("`{field}` cannot be set to {value}")),
            }
        }
        Ok(())
    }

    fn overlay(&mut self, fields: &Map<String, Value>) {
        self.spec.extend(fields.clone());
        self.spec.retain(|_, value| !value.is_null());
        self.touch();
    }

    /// An active state has an active update, an inactive one has none.
    fn force_state(&mut self, state: &str, ids: &mut Ids) {
        let active = !["IDLE", "FAILED", "DELETED"].contains(&state);
        let running = self.updates.iter().any(Update::is_active);
        match (active, running) {
            (true, false) => drop(self.begin_update(ids, "USER_ACTION", Map::new())),
            (false, true) => self.end_update(if state == "FAILED" { "FAILED" } else { "COMPLETED" }),
            _ => {}
        }
        state.clone_into(&mut self.state);
    }
}

/// Catalogs are kept in lower case (terraform-provider-databricks#4196), channel and edition in upper case
/// (databricks/cli#6747).
fn in_the_services_case(fields: &mut Map<String, Value>) {
    for (field, value) in fields.iter_mut() {
        let Value::String(text) = value else { continue };
        match field.as_str() {
            "catalog" => *text = text.to_lowercase(),
            "channel" | "edition" => *text = text.to_uppercase(),
            _ => {}
        }
    }
}

fn fill_cluster(cluster: &mut Map<String, Value>) {
    if !cluster.contains_key("instance_pool_id") {
        let node = cluster.entry("node_type_id").or_insert_with(|| DEFAULT_NODE_TYPE.into()).clone();
        if !cluster.contains_key("driver_instance_pool_id") {
            cluster.entry("driver_node_type_id").or_insert(node);
        }
    }
    cluster.entry("enable_local_disk_encryption").or_insert(false.into());
}
