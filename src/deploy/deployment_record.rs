//! The deployment record: what is kept of the deployments of one project to one environment, beside its wheels.
//!
//! Advice only: it narrows what is looked at, and says where else to look. What is deployed is read from the pipelines.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::databricks::{ApiError, Workspace};
use crate::pipeline::KeptFields;
use crate::pipeline::ownership::Owner;

/// Most bytes of a record that are believed.
const MAX_BYTES: usize = 4 << 20;
/// Most names in it; an environment has no more workflows.
const MAX_NAMES: usize = 10_000;
/// Most bytes of a name: they become part of a URL.
const MAX_NAME: usize = 1_000;

/// What is kept of the deployments of one project to one environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeploymentRecord {
    /// The commit of the last complete deployment; removed before the first write of the next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    /// The version that completed it: another one may ship another runtime, so everything is looked at again.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// Every name that a pipeline of the project may have here, present workflows' or not.
    pub pipelines: BTreeSet<String>,
    /// By pipeline and field: what the service stores instead of what was written.
    pub kept: BTreeMap<String, KeptFields>,
    /// By name: when a deployment first saw a notebook of the folder, in seconds since 1970. A listing has no times of
    /// notebooks.
    pub seen: BTreeMap<String, u64>,
}

impl DeploymentRecord {
    /// The name of its file, which is the owner's alone where several projects share a folder.
    pub fn file(owner: &Owner) -> String {
        format!("deployed-{}.json", owner.file_key())
    }

    /// The record of `owner` in `folder`; `None` if there is none, or none that can be understood.
    pub async fn read(workspace: &Workspace, folder: &str, owner: &Owner) -> Result<Option<Self>, ApiError> {
        let text = workspace.read_file(&path(folder, owner)).await?;
        Ok(text.and_then(|text| Self::parse(&text)))
    }

    /// Writes it, by overwriting: whoever may edit a file cannot always delete it.
    pub async fn write(&self, workspace: &Workspace, folder: &str, owner: &Owner) -> Result<(), ApiError> {
        let text = serde_json::to_vec(self).unwrap_or_default();
        workspace.upload_file(&path(folder, owner), text).await
    }

    /// The commit of the last complete deployment by this version, 40 hex digits (64 with SHA-256).
    pub fn commit(&self) -> Option<&str> {
        let is_hash = |text: &&str| matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let by_this_version = self.version.as_deref() == Some(env!("CARGO_PKG_VERSION"));
        self.commit.as_deref().filter(is_hash).filter(|_| by_this_version)
    }

    /// Whether the last deployment is not complete, whichever version it was by.
    pub fn is_incomplete(&self) -> bool {
        self.commit.is_none()
    }

    /// The same, of a deployment that is not complete.
    #[must_use]
    pub fn incomplete(self) -> Self {
        Self { commit: None, version: None, ..self }
    }

    /// The same, of a complete deployment of `commit` by this version.
    #[must_use]
    pub fn complete(self, commit: &str) -> Self {
        Self { commit: Some(commit.to_owned()), version: Some(env!("CARGO_PKG_VERSION").to_owned()), ..self }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut record: Self = serde_json::from_str(text).ok().filter(|_| text.len() <= MAX_BYTES)?;
        record.pipelines.retain(|name| name.len() <= MAX_NAME && !name.contains(char::is_control));
        (record.pipelines.len() <= MAX_NAMES).then_some(record)
    }
}

fn path(folder: &str, owner: &Owner) -> String {
    format!("{folder}/{}", DeploymentRecord::file(owner))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::DeploymentRecord;
    use crate::pipeline::KeptField;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let kept = KeptField { wanted: json!("Main"), is: json!("main") };
        let record = DeploymentRecord {
            pipelines: ["orders".to_owned()].into(),
            kept: [("orders".to_owned(), [("catalog".to_owned(), kept)].into())].into(),
            seen: [("orders-1a2b".to_owned(), 1_767_000_000)].into(),
            ..DeploymentRecord::default()
        };
        for record in [record.clone(), record.complete(&"a".repeat(40)), DeploymentRecord::default()] {
            let text = serde_json::to_string(&record).unwrap();
            assert_eq!(DeploymentRecord::parse(&text), Some(record), "{text}");
        }
    }

    #[test]
    fn only_a_commit_of_this_version_is_relied_on() {
        let commit = "a".repeat(40);
        let complete = DeploymentRecord::default().complete(&commit);
        assert_eq!(complete.commit(), Some(commit.as_str()));
        assert_eq!(complete.clone().incomplete().commit(), None);
        let text = serde_json::to_string(&complete).unwrap();
        for changed in [text.replace(env!("CARGO_PKG_VERSION"), "0.0.1-older"), text.replace("aaaa", "../x")] {
            assert_eq!(DeploymentRecord::parse(&changed).unwrap().commit(), None, "{changed}");
        }
    }

    #[test]
    fn a_record_that_cannot_be_understood_is_none_and_names_have_bounds() {
        let many: Vec<String> = (0..=super::MAX_NAMES).map(|number| number.to_string()).collect();
        let large = format!("{{\"version\": {:?}}}", "x".repeat(super::MAX_BYTES));
        let deep = format!("{{\"kept\": {}{}}}", "[".repeat(200), "]".repeat(200));
        let many = json!({"pipelines": many}).to_string();
        for text in ["", "{", "null", r#"{"pipelines": "x"}"#, r#"{"seen": {"x": -1}}"#, &many, &large, &deep] {
            assert_eq!(DeploymentRecord::parse(text), None, "{}", &text[..text.len().min(80)]);
        }
        let text = json!({"pipelines": ["orders", "a\nb", "x".repeat(super::MAX_NAME + 1)]}).to_string();
        assert_eq!(DeploymentRecord::parse(&text).unwrap().pipelines, ["orders".to_owned()].into());
    }
}
