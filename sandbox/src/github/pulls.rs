//! Pull requests and their files.

use serde_json::{Value, json};

use super::access::{self, find};
use super::diff::{self, File, MAX_FILES};
use super::paging::{Page, api_root, array};
use super::replies::not_found;
use super::repository::{Pull, Repository};
use super::state::GitHub;
use super::{git, mention, users};
use crate::call::{Answer, Call, Reply};
use crate::settings::Behaviour;
use crate::settings::Permission::Read;
use crate::stamp::iso;

const PERMISSION: &str = "pull-requests";

/// `GET …/pulls/{number}`.
pub(super) fn get(github: &mut GitHub, behaviour: &Behaviour, call: &Call) -> Answer {
    let api = api_root(call);
    let repository = find(github, behaviour, call, PERMISSION, Read)?;
    let (number, pull) = access::pull(repository, call)?;
    let (base, head) = repository.ends(pull).ok_or_else(not_found)?;
    let files = changed(repository, &base, &head)?;
    let mut shown = describe(repository, number, pull, &api);
    shown["comments"] = repository.comments.iter().filter(|comment| comment.number == number).count().into();
    shown["changed_files"] = files.len().into();
    shown["additions"] = files.iter().map(|file| file.additions).sum::<u64>().into();
    shown["deletions"] = files.iter().map(|file| file.deletions).sum::<u64>().into();
    let range = format!("{base}..{head}");
    let commits = git::line(&repository.settings.path, &["rev-list", "--count", &range]);
    shown["commits"] = commits.and_then(|count| count.parse::<u64>().ok()).into();
    shown["base"] = end(&pull.base_ref, &base, Some(&repository.full_name()), repository, &api);
    shown["head"] = end(&pull.head_ref, &head, pull.head_repo.as_deref(), repository, &api);
    Ok(Reply::json(200, &shown))
}

/// `GET …/pulls/{number}/files`: at most 3,000 in all, however many there are.
pub(super) fn files(github: &mut GitHub, behaviour: &Behaviour, call: &Call) -> Answer {
    let repository = find(github, behaviour, call, PERMISSION, Read)?;
    let (_, pull) = access::pull(repository, call)?;
    let (base, head) = repository.ends(pull).ok_or_else(not_found)?;
    let mut all = changed(repository, &base, &head)?;
    all.truncate(MAX_FILES);
    let page = Page::read(call, 30, 100);
    let url = format!("{}/repos/{}", api_root(call), repository.full_name());
    let reply = array(page.of(&all).iter().map(|file| file.to_json(&url, &head)));
    Ok(page.link(reply, all.len(), call, repository))
}

/// What the head changed since it left the base.
fn changed(repository: &Repository, base: &str, head: &str) -> Result<Vec<File>, Reply> {
    let path = &repository.settings.path;
    let fork_point = git::merge_base(path, base, head).ok_or_else(not_found)?;
    diff::between(path, &fork_point, head).ok_or_else(not_found)
}

/// One end of a pull request. A head in another repository gets a repository of its own, a deleted one none.
fn end(branch: &str, sha: &str, full_name: Option<&str>, repository: &Repository, api: &str) -> Value {
    let owner = full_name.and_then(|name| name.split('/').next()).unwrap_or("ghost");
    let mention = full_name.map(|name| mention::repository(repository, name, api));
    let user = users::account(owner, api);
    json!({"label": format!("{owner}:{branch}"), "ref": branch, "sha": sha, "user": user, "repo": mention})
}

/// All that does not need `git`.
fn describe(repository: &Repository, number: u64, pull: &Pull, api: &str) -> Value {
    let closed = (pull.state == "closed").then(|| iso(pull.created));
    let mut shown = links(&format!("{api}/repos/{}", repository.full_name()), number);
    let facts = json!({
        "id": pull.id,
        "node_id": format!("PR_{}", pull.id),
        "number": number,
        "state": pull.state,
        "locked": pull.locked,
        "title": pull.title,
        "user": users::account(&pull.user, api),
        "created_at": iso(pull.created),
        "updated_at": iso(pull.created),
        "closed_at": closed,
        "merged_at": closed.as_ref().filter(|_| pull.merged),
        "draft": pull.draft,
        "merged": pull.merged,
        "mergeable_state": "unknown",
        "author_association": "CONTRIBUTOR",
        "review_comments": 0,
        "maintainer_can_modify": false,
    });
    for (name, value) in facts.as_object().into_iter().flatten() {
        shown[name] = value.clone();
    }
    for list in ["labels", "assignees", "requested_reviewers", "requested_teams"] {
        shown[list] = json!([]);
    }
    for absent in [
        "body",
        "milestone",
        "merge_commit_sha",
        "assignee",
        "auto_merge",
        "active_lock_reason",
        "mergeable",
        "merged_by",
    ] {
        shown[absent] = Value::Null;
    }
    shown
}

/// The addresses around a pull request. `repository` is the API's URL of the repository.
fn links(repository: &str, number: u64) -> Value {
    let (url, issue) = (format!("{repository}/pulls/{number}"), format!("{repository}/issues/{number}"));
    let html = format!("{repository}/pull/{number}");
    let around = [
        ("issue", issue.clone()),
        ("comments", format!("{issue}/comments")),
        ("commits", format!("{url}/commits")),
        ("review_comments", format!("{url}/comments")),
        ("review_comment", format!("{repository}/pulls/comments{{/number}}")),
        ("statuses", format!("{repository}/statuses")),
    ];
    let mut links = json!({
        "url": url,
        "html_url": html,
        "diff_url": format!("{html}.diff"),
        "patch_url": format!("{html}.patch"),
        "_links": {"self": {"href": url}, "html": {"href": html}},
    });
    for (name, href) in around {
        links["_links"][name] = json!({"href": href});
        links[format!("{name}_url")] = href.into();
    }
    links
}
