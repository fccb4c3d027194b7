//! The state of the workspace.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::catalog::Schemas;
use super::pipeline::Pipeline;
use super::tree::Tree;
use crate::ids::Ids;
use crate::refusal::Refusal;
use crate::settings::User;

/// All that the workspace holds.
#[derive(Debug)]
pub(crate) struct Databricks {
    /// By id.
    pub(super) pipelines: BTreeMap<String, Pipeline>,
    pub(super) schemas: Schemas,
    pub(super) tree: Tree,
    pub(super) ids: Ids,
}

impl Databricks {
    pub(crate) fn new(user: &User) -> Self {
        let mut ids = Ids::default();
        let tree = Tree::new(&user.user_name, &mut ids);
        Self { pipelines: BTreeMap::new(), schemas: Schemas::default(), tree, ids }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "pipelines": self.pipelines.values().map(Pipeline::to_json).collect::<Vec<_>>(),
            "objects": self.tree.to_json(),
            "schemas": self.schemas.to_json(),
        })
    }

    /// Edits a pipeline as somebody else would: no check, but `last_modified` moves when the spec does.
    pub(crate) fn tamper(&mut self, id: &str, changes: &Value) -> Result<(), Refusal> {
        let pipeline = self.pipelines.get_mut(id).ok_or_else(|| Refusal::missing(format!("no pipeline `{id}`")))?;
        pipeline.tamper(changes, &mut self.ids).map_err(Refusal::bad)
    }

    /// Counts a look at a pipeline whose deletion goes on. After the last one it is gone, and so are its tables if the
    /// deletion was to cascade.
    pub(super) fn look_at_deletion(&mut self, id: &str) {
        let deletion = self.pipelines.get_mut(id).and_then(|pipeline| pipeline.deletion.as_mut());
        let Some(deletion) = deletion else { return };
        deletion.looks = deletion.looks.saturating_sub(1);
        self.end_deletion(id);
    }

    /// Removes a pipeline whose deletion has no looks left.
    pub(super) fn end_deletion(&mut self, id: &str) {
        let deletion = self.pipelines.get(id).and_then(|pipeline| pipeline.deletion);
        let Some(deletion) = deletion.filter(|deletion| deletion.looks == 0) else { return };
        self.pipelines.remove(id);
        if deletion.cascade {
            self.schemas.drop_tables_of(id);
        }
    }

    /// Gives a file another time, as if it had been there for long.
    pub(crate) fn tamper_object(&mut self, path: &str, changes: &Value) -> Result<(), Refusal> {
        let modified = changes["modified_at"].as_u64().ok_or_else(|| Refusal::bad("`modified_at` must be a number"))?;
        self.tree.tamper(path, modified).map_err(Refusal::missing)
    }

    /// Gives a schema tables, making it if it is missing.
    pub(crate) fn tamper_schema(&mut self, name: &str, changes: &Value) -> Result<(), Refusal> {
        self.schemas.tamper(name, changes)
    }
}
