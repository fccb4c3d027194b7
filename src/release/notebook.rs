//! The generated notebook: a few lines around `dltflow.launch`.
//!
//! Source format of Databricks notebooks: the header at the first byte, cells between `# COMMAND ----------` lines,
//! magic lines after `# MAGIC`. A `%pip` line has a cell of its own.

use std::fmt::Write as _;

use super::arguments::{Argument, LaunchCall};
use super::digest::Fingerprint;
use super::literal::python;
use super::{Artifact, ArtifactKind};

const HEADER: &str = "# Databricks notebook source\n";
const NEXT_CELL: &str = "\n# COMMAND ----------\n\n";

/// The notebook of `workflow`; `install` is the `%pip` line if there is one.
pub(super) fn render(workflow: &str, install: Option<&str>, cell: &str) -> Artifact {
    let install = install.map(|line| format!("# MAGIC {line}\n{NEXT_CELL}")).unwrap_or_default();
    let bytes = format!("{HEADER}{install}{cell}").into_bytes();
    let name = format!("{}-{}", object_name(workflow), Fingerprint::new("notebook1").with(&bytes).short());
    Artifact { name, kind: ArtifactKind::Notebook, bytes }
}

/// The cell that launches each item in turn.
pub(super) fn launch_cell(calls: &[LaunchCall], method: Option<&str>) -> String {
    let mut cell = "# Generated from the workflow spec: change that, and deploy again.\nimport dltflow\n".to_owned();
    for call in calls {
        let _ = write!(cell, "\ndltflow.launch(\n    {},\n", python(&call.module));
        if !call.parameters.is_empty() {
            let parameters: Vec<String> = call.parameters.iter().map(argument).collect();
            let _ = writeln!(cell, "    parameters=[{}],", parameters.join(", "));
        }
        if let Some(config) = &call.config {
            let _ = writeln!(cell, "    config={},", shipped(config));
        }
        if let Some(method) = method {
            let _ = writeln!(cell, "    method={},", python(method));
        }
        cell.push_str(")\n");
    }
    cell
}

fn argument(argument: &Argument) -> String {
    match argument {
        Argument::Text(text) => python(text),
        Argument::Shipped { prefix, path, suffix } => {
            let text = |text: &str| (!text.is_empty()).then(|| python(text));
            let parts = [text(prefix), Some(shipped(path)), text(suffix)];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" + ")
        }
    }
}

fn shipped(path: &str) -> String {
    format!("dltflow.shipped({})", python(path))
}

/// What the notebook `name` begins with: the workflow that it launches, as [`object_name`] writes it.
pub(super) fn stem_of(name: &str) -> Option<&str> {
    let (stem, hash) = name.rsplit_once('-')?;
    (hash.len() == 12 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(stem)
}

/// `workflow` with nothing in it that a path, a URL or a shell reads otherwise.
pub(super) fn object_name(workflow: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name: String = workflow.chars().take(80).map(safe).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() { "workflow".to_owned() } else { name.to_owned() }
}
