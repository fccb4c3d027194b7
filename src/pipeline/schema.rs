//! Schemas of Unity Catalog.

use serde::{Deserialize, Serialize};

/// A schema of Unity Catalog, which keeps its names in lower case, whatever was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Schema {
    /// Its catalog.
    pub catalog: String,
    /// Its name within the catalog.
    pub name: String,
}

impl Schema {
    /// The schema that `catalog` and `name` mean.
    pub fn new(catalog: &str, name: &str) -> Self {
        Self { catalog: catalog.to_lowercase(), name: name.to_lowercase() }
    }

    /// `catalog.schema`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.catalog, self.name)
    }
}
