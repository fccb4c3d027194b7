//! `deployed.json`: the commit of the last complete deployment of a shared environment, kept beside its wheels.
//!
//! Advice only: it narrows what is looked at. What is deployed is read from the pipelines.

use serde::{Deserialize, Serialize};

use crate::databricks::{ApiError, Workspace};

/// The file's name.
pub const FILE: &str = "deployed.json";

/// The last complete deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    /// The commit that was deployed, 40 hex digits.
    pub commit: String,
    /// The version that deployed it: another one may ship another runtime, so everything is looked at again.
    pub version: String,
}

impl Deployed {
    /// A deployment of `commit` by this version.
    pub fn by_this_version(commit: &str) -> Self {
        Self { commit: commit.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }

    /// The last one below `folder`; `None` where there is none, or none that this version can rely on.
    pub async fn read(workspace: &Workspace, folder: &str) -> Result<Option<Self>, ApiError> {
        let text = workspace.read_file(&format!("{folder}/{FILE}")).await?;
        Ok(text.and_then(|text| Self::parse(&text)))
    }

    fn parse(text: &str) -> Option<Self> {
        let deployed: Self = serde_json::from_str(text).ok()?;
        let is_commit =
            matches!(deployed.commit.len(), 40 | 64) && deployed.commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_commit && deployed == Self::by_this_version(&deployed.commit)).then_some(deployed)
    }
}

#[cfg(test)]
mod tests {
    use super::Deployed;

    #[test]
    fn only_a_commit_of_this_version_is_relied_on() {
        let commit = "a".repeat(40);
        let text = serde_json::to_string(&Deployed::by_this_version(&commit)).unwrap();
        assert_eq!(Deployed::parse(&text), Some(Deployed::by_this_version(&commit)));
        for bad in [
            text.replace(env!("CARGO_PKG_VERSION"), "0.0.1-older"),
            text.replace("aaaa", "../x"),
            "[]".into(),
            String::new(),
        ] {
            assert_eq!(Deployed::parse(&bad), None, "{bad}");
        }
    }
}
