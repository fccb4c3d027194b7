//! Texts of a run without what differs from run to run.

use super::{Ran, Stage};

/// `text` with placeholders for addresses, times, commits, ids and hashes.
pub(crate) fn masked(text: &str, stage: &Stage, runs: &[Ran]) -> String {
    let mut text = text.replace(stage.sandbox.databricks_url(), "https://workspace");
    text = text.replace(stage.sandbox.github_url(), "https://github");
    for ran in runs {
        let started = ran.report["run"]["started"].as_str().unwrap();
        // Hyphens are escaped in the hidden line of a comment.
        text = text.replace(started, "{time}").replace(&started.replace('-', "\\u002d"), "{time}");
    }
    for commit in stage.repo.git(&["rev-list", "--all"]).lines() {
        text = text.replace(commit, "{commit}").replace(&commit[..7], "{commit}");
    }
    for row in runs.iter().flat_map(|ran| ran.report["workflows"].as_array().into_iter().flatten()) {
        if let Some(id) = row["pipeline_id"].as_str() {
            text = text.replace(&id.replace('-', "\\u002d"), "{id}");
        }
    }
    without_hashes(&text)
}

/// Words that are ids (`8-4-4-4-12` hex digits) or hashes (eight hex digits or more, perhaps after a `g`).
fn without_hashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let id = rest.get(..36).filter(|id| is_id(id));
        let (word, mask) = match (id, &rest[..end]) {
            (Some(id), _) => (id, "{id}"),
            (None, word) if is_hash(word) => (word, "{hash}"),
            (None, word) => (word, word),
        };
        out.push_str(mask);
        rest = &rest[word.len()..];
    }
    out + rest
}

fn is_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths = parts.iter().map(|part| part.len());
    lengths.eq([8, 4, 4, 4, 12]) && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_hash(word: &str) -> bool {
    let word = word.strip_prefix('g').unwrap_or(word);
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    word.len() >= 8 && word.bytes().all(hex) && word.bytes().any(|byte| byte.is_ascii_digit())
}
