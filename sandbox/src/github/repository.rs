//! One repository: where its git data lies, its pull requests and its comments.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::git;
use crate::refusal::{Refusal, merged};
use crate::settings::Author;
use crate::stamp::{iso, now_ms};

/// A repository that the control API registered.
#[derive(Debug)]
pub(super) struct Repository {
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) settings: Registration,
    pub(super) pulls: BTreeMap<u64, Pull>,
    /// In the order of their ids.
    pub(super) comments: Vec<Comment>,
}

/// What the control API sets of a repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Registration {
    pub(super) id: u64,
    /// A work tree or a bare repository.
    pub(super) path: PathBuf,
    pub(super) private: bool,
    pub(super) default_branch: String,
}

/// A pull request. While it is open its ends follow the branches; closing it freezes them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pull {
    pub(super) id: u64,
    pub(super) title: String,
    pub(super) base_ref: String,
    /// Tip of the base when the control API last set the open pull request.
    pub(super) base_sha: Option<String>,
    pub(super) head_ref: String,
    /// Replaces the branch's tip if it is given, as for the commit of a fork, whose objects must be in this
    /// repository (as GitHub keeps them under `refs/pull`).
    pub(super) head_sha: Option<String>,
    /// `owner/name` of the head; null when the fork was deleted.
    pub(super) head_repo: Option<String>,
    /// `open` or `closed`.
    pub(super) state: String,
    pub(super) merged: bool,
    pub(super) draft: bool,
    pub(super) locked: bool,
    /// Login of its author.
    pub(super) user: String,
    pub(super) created: u64,
}

/// A comment of a pull request.
#[derive(Debug)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) number: u64,
    pub(super) author: Author,
    pub(super) body: String,
    pub(super) created: u64,
    pub(super) updated: u64,
}

impl Repository {
    pub(super) fn new(owner: &str, name: &str, id: u64) -> Self {
        let settings = Registration { id, path: PathBuf::new(), private: false, default_branch: "main".into() };
        Self { owner: owner.into(), name: name.into(), settings, pulls: BTreeMap::new(), comments: Vec::new() }
    }

    pub(super) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    pub(super) fn add_comment(&mut self, id: u64, number: u64, author: Author, body: &str) -> &Comment {
        let now = now_ms();
        self.comments.push(Comment { id, number, author, body: body.into(), created: now, updated: now });
        &self.comments[self.comments.len() - 1]
    }

    pub(super) fn set_pull(&mut self, number: u64, id: u64, fields: &Value) -> Result<(), Refusal> {
        let full_name = self.full_name();
        let old = self.pulls.get(&number).cloned().unwrap_or_else(|| Pull {
            id,
            title: format!("Pull request {number}"),
            base_ref: self.settings.default_branch.clone(),
            base_sha: None,
            head_ref: String::new(),
            head_sha: None,
            head_repo: Some(full_name),
            state: "open".into(),
            merged: false,
            draft: false,
            locked: false,
            user: "octocat".into(),
            created: now_ms(),
        });
        let mut pull = merged(&old, fields)?;
        if pull.state == "open" || pull.base_sha.is_none() {
            pull.base_sha = fields["base_sha"].as_str().map(str::to_owned).or_else(|| self.branch_tip(&pull.base_ref));
        }
        match (old.state.as_str(), pull.state.as_str()) {
            // It keeps the head that it was closed with, whatever becomes of its branch.
            (_, "closed") if pull.head_sha.is_none() => pull.head_sha = self.branch_tip(&pull.head_ref),
            ("closed", "open") if fields["head_sha"].is_null() => pull.head_sha = None,
            _ => {}
        }
        self.pulls.insert(number, pull);
        Ok(())
    }

    fn branch_tip(&self, branch: &str) -> Option<String> {
        git::resolve(&self.settings.path, &format!("refs/heads/{branch}"))
    }

    /// Base and head commit of a pull request; `None` when one of them is not in the repository.
    pub(super) fn ends(&self, pull: &Pull) -> Option<(String, String)> {
        let live = if pull.state == "open" { self.branch_tip(&pull.base_ref) } else { None };
        let base = live.or_else(|| pull.base_sha.clone());
        let head = pull.head_sha.clone().or_else(|| self.branch_tip(&pull.head_ref));
        base.zip(head)
    }

    pub(super) fn to_json(&self) -> Value {
        let comment = |comment: &Comment| {
            json!({"id": comment.id, "number": comment.number, "body": comment.body, "user": comment.author.login,
                "created_at": iso(comment.created), "edited": comment.updated > comment.created})
        };
        json!({
            "settings": self.settings,
            "pulls": self.pulls,
            "comments": self.comments.iter().map(comment).collect::<Vec<_>>(),
        })
    }
}
