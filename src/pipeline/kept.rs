//! Fields that the service stores in another way than they were written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The kept fields of one pipeline, by path.
pub type KeptFields = BTreeMap<String, KeptField>;

/// A field that the service stores in another way than it was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptField {
    /// What was written; null if nothing was.
    pub wanted: Value,
    /// What is stored; null if nothing is.
    pub is: Value,
}
