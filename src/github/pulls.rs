//! Pull requests, commits and branches.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::error::Call;
use super::{Client, Error};
use crate::source::Sha;

/// Characters of a ref that are not encoded; slashes are part of the route.
const REF: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A changed file as GitHub lists it, unchecked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ChangedFile {
    /// Path from the root of the repository.
    #[serde(rename = "filename")]
    pub path: String,
    /// `added`, `removed`, `modified`, `renamed`, `copied`, `changed`, `unchanged`, or an unknown status.
    pub status: String,
    /// Path before a rename.
    #[serde(rename = "previous_filename")]
    pub previous: Option<String>,
}

/// The comparison of two commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// How the head relates to the base.
    pub relation: Relation,
    /// Files that differ between their merge base and the head; at most 300.
    pub files: Vec<ChangedFile>,
}

/// How a head relates to its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// They are the same commit.
    Identical,
    /// The head is a descendant of the base.
    Ahead,
    /// The base has commits that the head lacks (`behind`, `diverged`).
    Diverged,
}

/// The current state of a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pull {
    /// Its last commit.
    pub head: Sha,
    /// Whether it is open.
    pub open: bool,
    /// Whether it was merged.
    pub merged: bool,
    /// Number of changed files.
    pub changed_files: u64,
}

#[derive(Deserialize)]
struct ComparisonReply {
    status: String,
    files: Vec<ChangedFile>,
}

#[derive(Deserialize)]
struct PullReply {
    state: String,
    #[serde(default)]
    merged: bool,
    changed_files: u64,
    head: Commit,
}

#[derive(Deserialize)]
struct RefReply {
    object: Commit,
}

#[derive(Deserialize)]
struct Commit {
    sha: String,
}

impl Commit {
    fn id(&self, call: Call) -> Result<Sha, Error> {
        Sha::parse(&self.sha).ok_or_else(|| Error::shape(call, "`sha` is not a commit id"))
    }
}

impl Client {
    /// Files that pull request `number` changes relative to its merge base; at most 3000 (`GET pulls/N/files`).
    pub async fn pull_files(&self, number: u64) -> Result<Vec<ChangedFile>, Error> {
        let call = Call { doing: "list the files of the pull request", permission: "pull-requests: read" };
        self.list(call, &format!("/pulls/{number}/files")).await
    }

    /// What `head` has that `base` lacks (`GET compare/BASE...HEAD`); 404 if one of them is unknown.
    pub async fn compare(&self, base: &Sha, head: &Sha) -> Result<Comparison, Error> {
        let call = Call { doing: "compare the commits", permission: "contents: read" };
        let reply: ComparisonReply = self.get(call, &format!("/compare/{base}...{head}")).await?;
        let relation = match reply.status.as_str() {
            "identical" => Relation::Identical,
            "ahead" => Relation::Ahead,
            _ => Relation::Diverged,
        };
        Ok(Comparison { relation, files: reply.files })
    }

    /// The current state of pull request `number`.
    pub async fn pull(&self, number: u64) -> Result<Pull, Error> {
        let call = Call { doing: "read the pull request", permission: "pull-requests: read" };
        let reply: PullReply = self.get(call, &format!("/pulls/{number}")).await?;
        let head = reply.head.id(call)?;
        Ok(Pull { head, open: reply.state == "open", merged: reply.merged, changed_files: reply.changed_files })
    }

    /// The last commit of the branch `name` (without `refs/heads/`); `None` if there is no such branch, and in a
    /// private repository also if the job lacks `contents: read`: GitHub answers 404 for both.
    pub async fn branch(&self, name: &str) -> Result<Option<Sha>, Error> {
        let call = Call { doing: "read the branch", permission: "contents: read" };
        let reply = self.get::<RefReply>(call, &format!("/git/ref/heads/{}", utf8_percent_encode(name, REF))).await;
        match reply {
            Ok(reply) => reply.object.id(call).map(Some),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
