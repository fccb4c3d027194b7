//! The settings of a pipeline, with the names of its fields in one place.

use serde::{Deserialize, Serialize};
use serde_json::map::Iter;
use serde_json::{Map, Value, json};

use super::Schema;

const CATALOG: &str = "catalog";
const CLUSTERS: &str = "clusters";
const CONFIGURATION: &str = "configuration";
const DEPENDENCIES: &str = "dependencies";
const ENVIRONMENT: &str = "environment";
const LIBRARIES: &str = "libraries";
const RUN_AS: &str = "run_as";
const SCHEMA: &str = "schema";
const STORAGE: &str = "storage";
const TARGET: &str = "target";

/// What makes a pipeline act without being asked to.
const POWERS: [&str; 4] = ["continuous", "trigger", "notifications", "restart_window"];
/// Fields that only a new pipeline takes.
const ONLY_AT_CREATION: &str = "parent_path";
/// A field of clusters that is documented as not stored.
const NEVER_STORED: &str = "apply_policy_default_values";
/// Fields that a `GET` never returns, or returns beside the settings.
const NEVER_RETURNED: [&str; 7] =
    ["allow_duplicate_names", "deployment", "dry_run", "id", ONLY_AT_CREATION, "pipeline_id", RUN_AS];

/// The settings of a pipeline: the body of `POST` and `PUT /api/2.0/pipelines`, and the `spec` that a `GET` returns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Settings(Map<String, Value>);

impl From<Map<String, Value>> for Settings {
    fn from(fields: Map<String, Value>) -> Self {
        Self(fields)
    }
}

impl<'a> IntoIterator for &'a Settings {
    type Item = (&'a String, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Reading.
impl Settings {
    /// A field by its name, as the API spells it.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// The fields and their values.
    pub fn iter(&self) -> Iter<'_> {
        self.0.iter()
    }

    /// All of it as JSON.
    pub fn to_value(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// The text of a field, if it is one and not empty.
    fn text(&self, field: &str) -> Option<&str> {
        self.get(field)?.as_str().filter(|text| !text.is_empty())
    }

    /// Its catalog: set on pipelines of Unity Catalog only.
    pub fn catalog(&self) -> Option<&str> {
        self.text(CATALOG)
    }

    /// The schema that it publishes to, whichever of the two fields names it.
    pub fn schema_or_target(&self) -> Option<&str> {
        self.text(SCHEMA).or_else(|| self.text(TARGET))
    }

    /// The schema of Unity Catalog that it publishes to, in the case in which Unity Catalog keeps names: lower.
    pub fn schema(&self) -> Option<Schema> {
        Some(Schema::new(self.catalog()?, self.schema_or_target()?))
    }

    /// Where a Hive pipeline keeps tables and checkpoints.
    pub fn storage(&self) -> Option<&str> {
        self.text(STORAGE)
    }

    /// Whether it runs without end.
    pub fn is_continuous(&self) -> bool {
        self.is_on("continuous")
    }

    /// Whether it runs on serverless compute.
    pub fn is_serverless(&self) -> bool {
        self.is_on("serverless")
    }

    fn is_on(&self, field: &str) -> bool {
        match self.get(field) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// The identity that it runs as, if one is set explicitly.
    pub fn run_as(&self) -> Option<&Value> {
        self.get(RUN_AS).filter(|identity| !identity.is_null())
    }

    /// The paths of its notebooks.
    pub fn notebooks(&self) -> impl Iterator<Item = &str> {
        let libraries = self.get(LIBRARIES).and_then(Value::as_array).into_iter().flatten();
        libraries.filter_map(|library| library.pointer("/notebook/path")?.as_str())
    }

    /// Whether one of its notebooks is in the workspace folder `folder`, which is absolute and without `/Workspace`.
    pub fn runs_in(&self, folder: &str) -> bool {
        let inside = |path: &str| {
            let path = path.strip_prefix("/Workspace").unwrap_or(path);
            path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        };
        self.notebooks().any(inside)
    }

    /// Its clusters, in order.
    pub fn clusters(&self) -> &[Value] {
        self.get(CLUSTERS).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// Its environment on serverless compute and Unity Catalog.
    pub fn environment(&self) -> Option<&Value> {
        self.get(ENVIRONMENT)
    }

    /// The lines of its environment's dependencies.
    pub fn dependencies(&self) -> &[Value] {
        let lines = self.environment().and_then(|environment| environment.get(DEPENDENCIES)?.as_array());
        lines.map(Vec::as_slice).unwrap_or_default()
    }

    /// Its environment with `more` lines after its own dependencies.
    pub fn environment_with(&self, more: impl IntoIterator<Item = Value>) -> Value {
        let mut environment = self.environment().and_then(Value::as_object).cloned().unwrap_or_default();
        let lines = self.dependencies().iter().cloned().chain(more).collect();
        environment.insert(DEPENDENCIES.to_owned(), lines);
        environment.into()
    }

    /// A value of its `configuration`.
    pub fn configuration(&self, key: &str) -> Option<&str> {
        self.get(CONFIGURATION)?.get(key)?.as_str()
    }

    /// The keys of its `configuration`.
    pub fn configuration_keys(&self) -> impl Iterator<Item = &String> {
        self.get(CONFIGURATION).and_then(Value::as_object).into_iter().flat_map(Map::keys)
    }

    /// Where tables of a Hive pipeline lie, as field and place; they stay when the pipeline goes.
    pub fn hive_places(&self) -> Vec<String> {
        if self.catalog().is_some() {
            return Vec::new();
        }
        let place = |field: &&str| Some(format!("{field} `{}`", self.get(field)?.as_str()?));
        [TARGET, SCHEMA, STORAGE].iter().filter_map(place).collect()
    }

    /// The fields that are compared with what the workspace has: those that a `GET` returns, and of a Hive pipeline
    /// without a storage the one that the service chooses for `pipeline`. On Unity Catalog there is none, so a move from
    /// one to the other is seen as what it is, a change of the storage.
    #[must_use]
    pub fn into_returned(mut self, pipeline: &str) -> Self {
        self.0.retain(|field, _| !NEVER_RETURNED.contains(&field.as_str()));
        for cluster in self.clusters_mut() {
            cluster.remove(NEVER_STORED);
        }
        if self.catalog().is_some() {
            self.0.remove(STORAGE);
        } else if self.storage().is_none() {
            self.set(STORAGE, json!(format!("dbfs:/pipelines/{pipeline}")));
        }
        self
    }

    /// The fields that an edit takes.
    #[must_use]
    pub fn for_edit(&self) -> Self {
        let mut settings = self.clone();
        settings.0.remove(ONLY_AT_CREATION);
        settings
    }
}

/// Writing.
impl Settings {
    fn set(&mut self, field: &str, value: Value) {
        self.0.insert(field.to_owned(), value);
    }

    /// Sets the pipeline's name.
    pub fn set_name(&mut self, name: &str) {
        self.set("name", json!(name));
    }

    /// Sets what it runs.
    pub fn set_libraries(&mut self, libraries: Value) {
        self.set(LIBRARIES, libraries);
    }

    /// Sets its environment.
    pub fn set_environment(&mut self, environment: Value) {
        self.set(ENVIRONMENT, environment);
    }

    /// Sets the parameters that a `GET` returns beside its `spec`.
    pub fn set_parameters(&mut self, parameters: Value) {
        self.set("parameters", parameters);
    }

    /// Sets the identity that it runs as.
    pub fn set_run_as(&mut self, identity: Value) {
        self.set(RUN_AS, identity);
    }

    /// Sets one value of its `configuration`.
    pub fn set_configuration(&mut self, key: &str, value: &str) {
        let configuration = self.0.entry(CONFIGURATION).or_insert_with(|| json!({}));
        if let Value::Object(configuration) = configuration {
            configuration.insert(key.to_owned(), json!(value));
        }
    }

    /// Keeps those values of its `configuration` whose key passes.
    pub fn retain_configuration(&mut self, mut keep: impl FnMut(&str) -> bool) {
        if let Some(Value::Object(configuration)) = self.0.get_mut(CONFIGURATION) {
            configuration.retain(|key, _| keep(key));
        }
    }

    /// Makes it one for development, which does nothing unless it is started.
    pub fn make_passive(&mut self) {
        self.0.retain(|field, _| !POWERS.contains(&field.as_str()));
        self.set("development", json!(true));
    }

    /// The wish that its name may be another pipeline's too, taken out of it.
    pub fn take_allow_duplicate_names(&mut self) -> bool {
        self.0.remove("allow_duplicate_names") == Some(Value::Bool(true))
    }

    /// The fields that may name a schema to publish to, if they do.
    pub fn schema_names_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let named = self.0.iter_mut().filter(|(field, _)| [SCHEMA, TARGET].contains(&field.as_str()));
        named.filter_map(|(_, value)| as_text_mut(value)).filter(|name| !name.is_empty())
    }

    /// Its storage.
    pub fn storage_mut(&mut self) -> Option<&mut String> {
        as_text_mut(self.0.get_mut(STORAGE)?)
    }

    /// The name of its event log.
    pub fn event_log_name_mut(&mut self) -> Option<&mut String> {
        as_text_mut(self.0.get_mut("event_log")?.get_mut("name")?)
    }

    /// The fields of each of its clusters.
    pub fn clusters_mut(&mut self) -> impl Iterator<Item = &mut Map<String, Value>> {
        let clusters = self.0.get_mut(CLUSTERS).and_then(Value::as_array_mut);
        clusters.into_iter().flatten().filter_map(Value::as_object_mut)
    }

    /// Every text in it, keys of maps included.
    pub fn texts(&self) -> Vec<&str> {
        let mut texts = Vec::new();
        self.0.values().for_each(|value| collect_texts(value, &mut texts));
        texts
    }

    /// Replaces the value of every field by what `rewrite` makes of its name and value.
    pub fn rewrite_fields(&mut self, rewrite: impl Fn(&str, &Value) -> Value) {
        self.0.iter_mut().for_each(|(field, value)| *value = rewrite(field, value));
    }

    /// Rewrites every text in it.
    pub fn rewrite_texts(&mut self, rewrite: &impl Fn(&mut String)) {
        self.0.values_mut().for_each(|value| rewrite_texts(value, rewrite));
    }
}

/// Adds every text in `value`, keys included.
fn collect_texts<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(fields) => {
            for (key, field) in fields {
                texts.push(key);
                collect_texts(field, texts);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn as_text_mut(value: &mut Value) -> Option<&mut String> {
    if let Value::String(text) = value { Some(text) } else { None }
}

fn rewrite_texts(value: &mut Value, rewrite: &impl Fn(&mut String)) {
    match value {
        Value::String(text) => rewrite(text),
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite_texts(item, rewrite)),
        Value::Object(fields) => fields.values_mut().for_each(|field: &mut Value| rewrite_texts(field, rewrite)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Settings;

    fn settings(value: Value) -> Settings {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn settings_are_read_by_accessors_and_are_transparent_in_json() {
        let value = json!({
            "catalog": "main", "target": "harbour", "continuous": true, "storage": "",
            "libraries": [{"notebook": {"path": "/Shared/n"}}, {"jar": "x"}],
            "environment": {"dependencies": ["a"], "client": "3"}, "configuration": {"k": "v", "n": 1},
        });
        let settings = settings(value.clone());
        assert_eq!(settings.schema().unwrap().full_name(), "main.harbour");
        assert_eq!(settings.notebooks().collect::<Vec<_>>(), ["/Shared/n"]);
        assert_eq!((settings.storage(), settings.is_continuous(), settings.is_serverless()), (None, true, false));
        assert_eq!((settings.configuration("k"), settings.configuration("n")), (Some("v"), None));
        let with = settings.environment_with([json!("b")]);
        assert_eq!(with, json!({"dependencies": ["a", "b"], "client": "3"}));
        assert_eq!(serde_json::to_value(&settings).unwrap(), value);
    }

    #[test]
    fn an_empty_catalog_is_none_and_its_tables_are_hive_data() {
        let hive = settings(json!({"catalog": "", "target": "t", "storage": "/mnt/x"}));
        assert_eq!(hive.schema(), None);
        assert_eq!(hive.hive_places(), ["target `t`", "storage `/mnt/x`"]);
        assert_eq!(settings(json!({"catalog": "c", "target": "t"})).hive_places(), Vec::<String>::new());
    }

    #[test]
    fn every_text_is_rewritten_at_any_depth() {
        let mut all = settings(json!({"a": "x", "b": [{"c": "x"}, 1], "d": {"e": "y"}}));
        all.rewrite_texts(&|text| text.push('!'));
        assert_eq!(all.to_value(), json!({"a": "x!", "b": [{"c": "x!"}, 1], "d": {"e": "y!"}}));
    }
}
