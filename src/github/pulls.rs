//! Pull requests, commits and branches.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::error::Call;
use super::{Client, Error};
use crate::source::Sha;

/// A ref may hold anything but a few characters; its slashes stay, they are part of the route.
const REF: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A file that GitHub lists as changed, as it names it: nothing here is checked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ChangedFile {
    /// Path from the root of the repository.
    #[serde(rename = "filename")]
    pub path: String,
    /// `added`, `removed`, `modified`, `renamed`, `copied`, `changed`, `unchanged`, or a word of a new kind.
    pub status: String,
    /// Where a renamed file was before.
    #[serde(rename = "previous_filename")]
    pub previous: Option<String>,
}

/// Two commits compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// How they lie to each other.
    pub relation: Relation,
    /// What differs between their merge base and the head; at most 300 files.
    pub files: Vec<ChangedFile>,
}

/// How a head lies to its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// They are the same commit.
    Identical,
    /// The head is a descendant of the base.
    Ahead,
    /// The base has commits that the head has not (`behind`, `diverged`).
    Apart,
}

/// A pull request as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pull {
    /// Its last commit.
    pub head: Sha,
    /// Whether it is open.
    pub open: bool,
    /// Whether it was merged.
    pub merged: bool,
    /// How many files it changes.
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
        Sha::parse(&self.sha).ok_or_else(|| Error::shape(call, "`sha` is no commit id"))
    }
}

impl Client {
    /// The files that the pull request `number` changes against its merge base; at most 3000 (`GET pulls/N/files`).
    pub async fn pull_files(&self, number: u64) -> Result<Vec<ChangedFile>, Error> {
        let call = Call { doing: "list the files of the pull request", permission: "pull-requests: read" };
        self.list(call, &format!("/pulls/{number}/files")).await
    }

    /// What `head` has that `base` has not (`GET compare/BASE...HEAD`); 404 where one of them is unknown.
    pub async fn compare(&self, base: &Sha, head: &Sha) -> Result<Comparison, Error> {
        let call = Call { doing: "compare the commits", permission: "contents: read" };
        let reply: ComparisonReply = self.get(call, &format!("/compare/{base}...{head}")).await?;
        let relation = match reply.status.as_str() {
            "identical" => Relation::Identical,
            "ahead" => Relation::Ahead,
            _ => Relation::Apart,
        };
        Ok(Comparison { relation, files: reply.files })
    }

    /// The pull request `number` as it is now.
    pub async fn pull(&self, number: u64) -> Result<Pull, Error> {
        let call = Call { doing: "read the pull request", permission: "pull-requests: read" };
        let reply: PullReply = self.get(call, &format!("/pulls/{number}")).await?;
        let head = reply.head.id(call)?;
        Ok(Pull { head, open: reply.state == "open", merged: reply.merged, changed_files: reply.changed_files })
    }

    /// The last commit of the branch `name` (without `refs/heads/`); `None` where there is no such branch,
    /// and in a private repository also where the job lacks `contents: read`: GitHub says 404 for both.
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
