//! Schemas of Unity Catalog.

use serde::Serialize;

/// A schema of Unity Catalog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Schema {
    /// Its catalog.
    pub catalog: String,
    /// Its name within the catalog.
    pub name: String,
}

impl Schema {
    /// `catalog.schema`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.catalog, self.name)
    }
}
