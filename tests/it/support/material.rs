//! What GitHub publishes about itself, fetched by `scripts/test` from the packages that `tests/material` names.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::tally;

/// A JSON file of the packages, such as `@octokit/webhooks-examples/api.github.com/index.json`.
///
/// `None` where nothing was fetched: the tally then records that `theme` did not run. Where `MATERIAL` names the
/// folder, as it does in `scripts/test`, the file has to be there.
pub(crate) fn material(theme: &str, file: &str) -> Option<Value> {
    let named = std::env::var_os("MATERIAL").map(PathBuf::from);
    let default = || Path::new(env!("CARGO_TARGET_TMPDIR")).join("../material");
    let path = named.clone().unwrap_or_else(default).join("node_modules").join(file);
    match std::fs::read(&path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(error) => {
            assert!(named.is_none(), "{}: {error}", path.display());
            tally(theme, "did not run: GitHub's published material is missing, `scripts/test` fetches it");
            None
        }
    }
}
