//! The two APIs by name.

use serde::{Deserialize, Serialize};

/// Which of the two APIs a request went to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Service {
    /// The Databricks workspace.
    Databricks,
    /// The GitHub API.
    GitHub,
}

impl Service {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Databricks => "databricks",
            Self::GitHub => "github",
        }
    }
}
