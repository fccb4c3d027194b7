//! How a pipeline is deleted, and what becomes of its tables.

use serde::Serialize;

use super::Allowed;
use crate::observe::ExistingPipeline;
use crate::pipeline::ownership::OwnershipKey;

/// How a pipeline is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Removal {
    /// What becomes of its tables.
    pub tables: Tables,
    /// A running update is stopped first.
    pub running: bool,
}

/// What becomes of the tables of a pipeline that is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tables {
    /// They are dropped with it.
    Dropped,
    /// They stay, as people may read them.
    Kept,
    /// They stay, as the service cannot drop tables of the Hive metastore.
    NotTheServices,
}

impl Removal {
    /// How `existing` is deleted. The tables of a shared pipeline are people's data: they stay unless it is `allowed` to
    /// drop them; those of a preview go with it.
    pub(super) fn of(existing: &ExistingPipeline, allowed: Allowed) -> Self {
        let is_shared = existing.settings.owned(OwnershipKey::Preview).is_none();
        let tables = match existing.settings.catalog() {
            None => Tables::NotTheServices,
            Some(_) if is_shared && !allowed.drop_tables => Tables::Kept,
            Some(_) => Tables::Dropped,
        };
        Self { tables, running: existing.running }
    }

    /// What it means for a pipeline that it is recreated, as the end of a sentence.
    pub fn when_recreated(self) -> String {
        let tables = self.tables.effect();
        format!("gives it another id, loses the permissions that were granted on it, and {tables}")
    }
}

impl Tables {
    /// What deleting a pipeline does to its tables, as the end of a sentence.
    pub fn effect(self) -> &'static str {
        match self {
            Self::Dropped => "drops its tables",
            Self::Kept => "keeps its tables",
            Self::NotTheServices => "leaves its tables and checkpoints behind",
        }
    }

    /// The parameter `cascade` of the deletion: left out, the service drops the tables of Unity Catalog, and what says
    /// that tables of the Hive metastore are to be dropped it refuses.
    pub fn cascade(self) -> Option<bool> {
        match self {
            Self::Dropped => Some(true),
            Self::Kept => Some(false),
            Self::NotTheServices => None,
        }
    }
}
