//! The `git` program, kept from running anything that a repository's configuration names.
//!
//! It must be 2.38 or newer, which takes `safe.directory` from the command line. Only formats that are the same in every
//! such version are read: object names, NUL-separated lists, seconds.

use std::path::Path;
use std::process::{Command, Stdio};

/// Flags before every subcommand.
const HARDENED: &[&str] = &[
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "log.showSignature=false",
    "-c",
    "safe.directory=*",
];

/// The output of a subcommand; `None` when it fails or `git` is missing.
pub(super) fn run(repository: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(HARDENED)
        .args(arguments)
        .envs([
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("LC_ALL", "C"),
            ("TZ", "UTC"),
        ])
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}

/// The output as one trimmed line of text.
pub(super) fn line(repository: &Path, arguments: &[&str]) -> Option<String> {
    String::from_utf8(run(repository, arguments)?).ok().map(|text| text.trim().to_owned())
}

/// The commit that a full or short sha, a branch, a tag or a full reference names.
pub(super) fn resolve(repository: &Path, name: &str) -> Option<String> {
    let commit = |name: &str| {
        line(repository, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")])
    };
    if !is_plain(name) {
        return None;
    }
    let is_sha = (7..=40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if name.starts_with("refs/") {
        return commit(name);
    }
    commit(&format!("refs/heads/{name}"))
        .or_else(|| commit(&format!("refs/tags/{name}")))
        .or_else(|| is_sha.then(|| commit(name))?)
}

/// The object that a full reference points at, a tag object itself if there is one, and its type.
pub(super) fn reference(repository: &Path, full_name: &str) -> Option<(String, String)> {
    if !is_plain(full_name) {
        return None;
    }
    let sha = line(repository, &["rev-parse", "--verify", "--quiet", "--end-of-options", full_name])?;
    let kind = line(repository, &["cat-file", "-t", &sha])?;
    Some((sha, kind))
}

/// The best common ancestor; `None` when the histories are unrelated.
pub(super) fn merge_base(repository: &Path, base: &str, head: &str) -> Option<String> {
    line(repository, &["merge-base", base, head])
}

/// No revision operator (`~`, `^`, `:`, `..`, `@{`) and nothing else that a reference name cannot hold.
fn is_plain(name: &str) -> bool {
    let forbidden = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    !name.is_empty()
        && !name.starts_with('-')
        && !name.contains(forbidden)
        && !name.contains("..")
        && !name.contains("@{")
}
