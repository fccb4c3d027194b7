//! The hash of everything that belongs to a workflow: as long as it is equal, the workflow keeps its artifacts.

use std::collections::BTreeSet;
use std::fmt;

use super::digest::Fingerprint;
use super::layout::{self, Contents};
use crate::spec::{Dependency, Workflow};

/// `<scheme>:<64 hexadecimal digits>`. Closures of different schemes never agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure(String);

/// The whole code folder counts as imported.
const SCHEME: &str = "code1";

impl Closure {
    /// Settings, launched items, dependencies, the code and runtime in `contents`, and of its data the `named` files.
    ///
    /// The folder, the wheel's version, the commit and the run are not part of it.
    pub(super) fn of(
        workflow: &Workflow,
        cell: &str,
        by_environment: bool,
        local_wheels: &[&str],
        contents: &Contents<'_>,
        named: &BTreeSet<String>,
    ) -> Self {
        let install = if by_environment { "environment" } else { "notebook" };
        let mut fingerprint = Fingerprint::new(SCHEME).with(cell).with(install);
        fingerprint.add_json(&workflow.settings.to_value());
        fingerprint.add("dependencies");
        for dependency in &workflow.dependencies {
            match dependency {
                Dependency::Package { requirement, index } => {
                    fingerprint.add(&requirement.value);
                    fingerprint.add(index.as_deref().unwrap_or_default());
                }
                Dependency::RemoteWheel(wheel) => fingerprint.add(&wheel.value),
                Dependency::LocalWheel(_) => {} // by its content, in the next part
            }
        }
        fingerprint.add("local wheels");
        for name in local_wheels {
            fingerprint.add(name);
        }
        fingerprint.add("files");
        for (path, bytes) in contents.iter().filter(|(path, _)| !layout::is_data(path) || named.contains(*path)) {
            fingerprint.add(path);
            fingerprint.add(bytes);
        }
        Self(format!("{SCHEME}:{}", fingerprint.hex()))
    }

    /// Its text, as it is kept with a pipeline.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
