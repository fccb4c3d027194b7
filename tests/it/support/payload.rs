//! Event payloads with the fields that GitHub sends and that matter here, from the state of a real repository.

use serde_json::{Value, json};

pub(super) const FULL_NAME: &str = "octo-org/shop";
pub(super) const REPOSITORY_ID: u64 = 4242;
const ZEROS: &str = "0000000000000000000000000000000000000000";

fn repository() -> Value {
    json!({"id": REPOSITORY_ID, "name": "shop", "full_name": FULL_NAME, "private": true, "fork": false, "default_branch": "main",
           "owner": {"login": "octo-org", "id": 7}})
}

/// A push of `reference` from `before` (`None`: it is new) to `after`.
pub(super) fn push(reference: &str, before: Option<&str>, after: &str) -> Value {
    json!({"ref": reference, "before": before.unwrap_or(ZEROS), "after": after, "created": before.is_none(), "deleted": false,
           "forced": false, "base_ref": null, "repository": repository(), "sender": {"login": "octocat", "id": 1},
           "pusher": {"name": "octocat"}, "commits": [], "head_commit": {"id": after}})
}

/// Something that happened to pull request `number` from `branch`.
pub(super) fn pull_request(
    action: &str,
    number: u64,
    branch: &str,
    base: &str,
    head: &str,
    changed_files: usize,
) -> Value {
    let side = |name: &str, sha: &str| json!({"ref": name, "sha": sha, "label": format!("octo-org:{name}"), "repo": repository()});
    let closed = action == "closed";
    json!({"action": action, "number": number, "repository": repository(), "sender": {"login": "octocat", "id": 1},
           "pull_request": {"number": number, "state": if closed { "closed" } else { "open" }, "merged": false, "draft": false,
                            "title": "A change", "user": {"login": "octocat", "id": 1, "type": "User"},
                            "head": side(branch, head), "base": side("main", base), "changed_files": changed_files,
                            "merge_commit_sha": null, "author_association": "MEMBER"}})
}
