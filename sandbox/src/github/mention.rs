//! A repository as pull requests show it, with the many fields that every repository has.

use serde_json::{Value, json};

use super::repository::Repository;
use super::users;
use crate::stamp::iso;

/// Parts with an address of their own; what the real ones leave to be filled in (`{/sha}`) is left out.
const PARTS: &str = "\
    archive assignees blobs branches collaborators comments commits compare contents contributors deployments \
    downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels \
    languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags \
    teams trees";
const COUNTS: &str = "forks forks_count open_issues open_issues_count size stargazers_count watchers watchers_count";
const SWITCHES: &str = "archived disabled has_discussions has_downloads has_issues has_pages has_projects has_wiki";
const ABSENT: &str = "description homepage language license mirror_url";

/// The repository named `full_name`: this one, or a fork of it. `api` is the root of the API.
pub(super) fn repository(repository: &Repository, full_name: &str, api: &str) -> Value {
    let is_fork = full_name != repository.full_name();
    let id = repository.settings.id + if is_fork { 1_000_000 } else { 0 };
    let (owner, name) = full_name.split_once('/').unwrap_or((full_name, full_name));
    let url = format!("{api}/repos/{full_name}");
    let mut shown = json!({
        "id": id,
        "node_id": format!("R_{id}"),
        "name": name,
        "full_name": full_name,
        "owner": users::account(owner, api),
        "private": repository.settings.private,
        "visibility": if repository.settings.private { "private" } else { "public" },
        "fork": is_fork,
        "url": url,
        "default_branch": repository.settings.default_branch,
    });
    for part in PARTS.split_whitespace() {
        shown[format!("{part}_url")] = format!("{url}/{part}").into();
    }
    for place in ["html_url", "clone_url", "git_url", "ssh_url", "svn_url"] {
        shown[place] = format!("{api}/{full_name}").into();
    }
    for time in ["created_at", "updated_at", "pushed_at"] {
        shown[time] = iso(0).into();
    }
    for (names, value) in [(COUNTS, json!(0)), (SWITCHES, json!(false)), (ABSENT, Value::Null)] {
        for name in names.split_whitespace() {
            shown[name] = value.clone();
        }
    }
    shown
}
