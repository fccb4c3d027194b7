//! All that the sandbox holds, behind one lock.

use serde_json::{Value, json};

use crate::databricks::state::Databricks;
use crate::faults::Faults;
use crate::github::state::GitHub;
use crate::log::Log;
use crate::settings::Behaviour;

/// The two services, and what is done to their traffic.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) behaviour: Behaviour,
    pub(crate) databricks: Databricks,
    pub(crate) github: GitHub,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
}

impl State {
    pub(crate) fn new(behaviour: Behaviour) -> Self {
        Self {
            databricks: Databricks::new(&behaviour.user),
            github: GitHub::default(),
            faults: Faults::default(),
            log: Log::default(),
            behaviour,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "databricks": self.databricks.to_json(),
            "github": self.github.to_json(),
            "settings": self.behaviour,
        })
    }
}
