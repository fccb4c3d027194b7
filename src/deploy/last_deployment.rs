//! `deployed.json`: the commit of the last complete deployment of a shared environment, kept beside its wheels.
//!
//! Advice only: it narrows what is looked at. What is deployed is read from the pipelines.

use serde::{Deserialize, Serialize};

use crate::databricks::{ApiError, Workspace};

/// The last complete deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastDeployment {
    /// The commit that was deployed, 40 hex digits.
    pub commit: String,
    /// The version that deployed it: another one may ship another runtime, so everything is looked at again.
    pub version: String,
}

impl LastDeployment {
    /// The file's name.
    pub const FILE: &str = "deployed.json";

    /// The one recorded in `folder`; `None` if there is none that this version can rely on.
    pub async fn read(workspace: &Workspace, folder: &str) -> Result<Option<Self>, ApiError> {
        let text = workspace.read_file(&path(folder)).await?;
        Ok(text.and_then(|text| Self::parse(&text)))
    }

    /// Records `commit` as the last complete deployment, by this version, of the environment in `folder`.
    pub async fn write(workspace: &Workspace, folder: &str, commit: &str) -> Result<(), ApiError> {
        let text = serde_json::to_vec(&Self::by_this_version(commit)).unwrap_or_default();
        workspace.upload_file(&path(folder), text).await
    }

    /// Clears what is recorded in `folder`, by overwriting: whoever may edit a file cannot always delete it.
    pub async fn clear(workspace: &Workspace, folder: &str) -> Result<(), ApiError> {
        workspace.upload_file(&path(folder), b"{}".to_vec()).await
    }

    fn by_this_version(commit: &str) -> Self {
        Self { commit: commit.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }

    fn parse(text: &str) -> Option<Self> {
        let last: Self = serde_json::from_str(text).ok()?;
        let is_commit =
            matches!(last.commit.len(), 40 | 64) && last.commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_commit && last == Self::by_this_version(&last.commit)).then_some(last)
    }
}

fn path(folder: &str) -> String {
    format!("{folder}/{}", LastDeployment::FILE)
}

#[cfg(test)]
mod tests {
    use super::LastDeployment;

    #[test]
    fn only_a_commit_of_this_version_is_relied_on() {
        let commit = "a".repeat(40);
        let text = serde_json::to_string(&LastDeployment::by_this_version(&commit)).unwrap();
        assert_eq!(LastDeployment::parse(&text), Some(LastDeployment::by_this_version(&commit)));
        for bad in [
            text.replace(env!("CARGO_PKG_VERSION"), "0.0.1-older"),
            text.replace("aaaa", "../x"),
            "[]".into(),
            String::new(),
        ] {
            assert_eq!(LastDeployment::parse(&bad), None, "{bad}");
        }
    }
}
