//! Commits and the comparison of two.

use std::path::Path;

use serde_json::{Value, json};

use super::access::find;
use super::diff::{self, EMPTY_TREE, FILES_PER_PAGE, MAX_FILES};
use super::git;
use super::paging::{Page, api_root};
use super::replies::{error, not_found};
use super::state::GitHub;
use crate::call::{Answer, Call, Reply};
use crate::settings::Behaviour;
use crate::settings::Permission::Read;
use crate::stamp::iso;

/// Most commits of a comparison that is not paged.
const MAX_COMMITS: usize = 250;
/// One line each: sha, tree, parents, author (name, mail, seconds since 1970), committer (the same); then the message.
/// How `git` writes a date differs between its versions; seconds do not.
const FORMAT: &str = "--format=%H%n%T%n%P%n%an%n%ae%n%at%n%cn%n%ce%n%ct%n%B";

/// `GET …/compare/{base}...{head}`. Files are on the first page only and never more than 300; commits come 250 at once,
/// or in pages when any page is asked for.
pub(super) fn compare(github: &mut GitHub, behaviour: &Behaviour, call: &Call) -> Answer {
    let repository = find(github, behaviour, call, "contents", Read)?;
    let path = &repository.settings.path;
    let (base, head) = call.parameter("basehead").split_once("...").ok_or_else(not_found)?;
    let ends = git::resolve(path, base).zip(git::resolve(path, head));
    let (base_sha, head_sha) = ends.ok_or_else(not_found)?;
    let fork_point = git::merge_base(path, &base_sha, &head_sha)
        .ok_or_else(|| error(404, &format!("No common ancestor between {base} and {head}.")))?;
    let (ahead, behind) = (count(path, &base_sha, &head_sha), count(path, &head_sha, &base_sha));
    let url = format!("{}/repos/{}", api_root(call), repository.full_name());
    let all = log(path, &url, &["--reverse", "--topo-order", &format!("{base_sha}..{head_sha}")]);
    let paged = call.query("page").is_some() || call.query("per_page").is_some();
    let page = if paged { Page::read(call, 30, 100) } else { Page { number: 1, size: MAX_COMMITS } };
    let mut files = diff::between(path, &fork_point, &head_sha).ok_or_else(not_found)?;
    files.truncate(if page.number == 1 { FILES_PER_PAGE } else { 0 });
    let this = format!("{url}/compare/{base_sha}...{head_sha}");
    let shown = json!({
        "url": this, "html_url": this, "permalink_url": this,
        "diff_url": format!("{this}.diff"), "patch_url": format!("{this}.patch"),
        "base_commit": log(path, &url, &["-1", &base_sha]).pop(),
        "merge_base_commit": log(path, &url, &["-1", &fork_point]).pop(),
        "status": match (ahead, behind) {
            (0, 0) => "identical",
            (_, 0) => "ahead",
            (0, _) => "behind",
            _ => "diverged",
        },
        "ahead_by": ahead, "behind_by": behind, "total_commits": ahead,
        "commits": page.of(&all),
        "files": files.iter().map(|file| file.to_json(&url, &head_sha)).collect::<Vec<_>>(),
    });
    let reply = Reply::json(200, &shown);
    Ok(if paged { page.link(reply, all.len(), call, repository) } else { reply })
}

/// `GET …/commits/{ref}`: 300 files a page, at most 3,000.
pub(super) fn get(github: &mut GitHub, behaviour: &Behaviour, call: &Call) -> Answer {
    let repository = find(github, behaviour, call, "contents", Read)?;
    let path = &repository.settings.path;
    let name = call.parameter("ref");
    let sha = git::resolve(path, name).ok_or_else(|| error(422, &format!("No commit found for SHA: {name}")))?;
    let url = format!("{}/repos/{}", api_root(call), repository.full_name());
    let mut commit = log(path, &url, &["-1", &sha]).pop().ok_or_else(not_found)?;
    let parent = commit["parents"][0]["sha"].as_str().unwrap_or(EMPTY_TREE).to_owned();
    let mut files = diff::between(path, &parent, &sha).ok_or_else(not_found)?;
    let (additions, deletions) = files.iter().fold((0, 0), |(a, d), file| (a + file.additions, d + file.deletions));
    commit["stats"] = json!({"additions": additions, "deletions": deletions, "total": additions + deletions});
    files.truncate(MAX_FILES);
    let page = Page::read(call, FILES_PER_PAGE, FILES_PER_PAGE);
    commit["files"] = page.of(&files).iter().map(|file| file.to_json(&url, &sha)).collect();
    Ok(page.link(Reply::json(200, &commit), files.len(), call, repository))
}

/// How many commits `head` has that `base` has not.
fn count(path: &Path, base: &str, head: &str) -> u64 {
    let count = git::line(path, &["rev-list", "--count", &format!("{base}..{head}")]);
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// Commits in the API's form, as `git log` orders them.
fn log(path: &Path, url: &str, range: &[&str]) -> Vec<Value> {
    let arguments: Vec<&str> = ["log", "-z", FORMAT].into_iter().chain(range.iter().copied()).collect();
    let output = git::run(path, &arguments).unwrap_or_default();
    let records = output.split(|byte| *byte == 0).filter(|record| !record.is_empty());
    records.filter_map(|record| show(&String::from_utf8_lossy(record), url)).collect()
}

/// The API's form of seconds since 1970.
fn date(seconds: &str) -> Option<String> {
    seconds.parse::<u64>().ok()?.checked_mul(1000).map(iso)
}

/// `author` and `committer` are null: no account is known by these mail addresses.
fn show(record: &str, url: &str) -> Option<Value> {
    let mut lines = record.splitn(10, '\n');
    let mut next = || lines.next();
    let (sha, tree, parents) = (next()?, next()?, next()?);
    let author = json!({"name": next()?, "email": next()?, "date": date(next()?)?});
    let committer = json!({"name": next()?, "email": next()?, "date": date(next()?)?});
    let message = next()?.trim_end();
    let this = format!("{url}/commits/{sha}");
    let parent = |sha: &str| json!({"sha": sha, "url": format!("{url}/commits/{sha}"), "html_url": format!("{url}/commit/{sha}")});
    Some(json!({
        "sha": sha,
        "node_id": format!("C_{sha}"),
        "url": this,
        "html_url": format!("{url}/commit/{sha}"),
        "comments_url": format!("{this}/comments"),
        "commit": {
            "url": format!("{url}/git/commits/{sha}"),
            "author": author, "committer": committer, "message": message, "comment_count": 0,
            "tree": {"sha": tree, "url": format!("{url}/git/trees/{tree}")},
        },
        "author": null,
        "committer": null,
        "parents": parents.split_whitespace().map(parent).collect::<Vec<_>>(),
    }))
}
