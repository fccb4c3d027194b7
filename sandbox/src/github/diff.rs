//! The files that differ between two commits, as the API lists them.

use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::git;

/// The tree of no files, which every repository knows.
pub(super) const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// Most files of one page, whatever was asked for: of a comparison, that is all there is.
pub(super) const FILES_PER_PAGE: usize = 300;
/// Most files that any listing reaches.
pub(super) const MAX_FILES: usize = 3000;

/// All of a path that is kept in a URL.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// One changed file.
#[derive(Debug, PartialEq)]
pub(super) struct File {
    path: String,
    previous: Option<String>,
    status: &'static str,
    /// Blob at the head; at the base for a removed file.
    sha: String,
    pub(super) additions: u64,
    pub(super) deletions: u64,
}

/// Every file that differs, renames found, in the order of `git`. `None` when a commit is missing.
pub(super) fn between(repository: &Path, base: &str, head: &str) -> Option<Vec<File>> {
    let flags = ["--raw", "--numstat", "-z", "-M", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-color"];
    let arguments: Vec<&str> = ["diff"].into_iter().chain(flags).chain([base, head, "--"]).collect();
    parse(&git::run(repository, &arguments)?)
}

/// First all files by mode, blob and status, then all again with their counts of lines.
fn parse(output: &[u8]) -> Option<Vec<File>> {
    let mut tokens =
        output.split(|byte| *byte == 0).map(|token| String::from_utf8_lossy(token).into_owned()).peekable();
    let mut files = Vec::new();
    while let Some(head) = tokens.next_if(|token| token.starts_with(':')) {
        let fields: Vec<&str> = head.split(' ').collect();
        let [_, _, old, new, letter] = fields.as_slice() else { return None };
        let status = match letter.as_bytes().first()? {
            b'A' => "added",
            b'D' => "removed",
            b'R' => "renamed",
            b'C' => "copied",
            b'T' => "changed",
            _ => "modified",
        };
        let previous = if ["renamed", "copied"].contains(&status) { Some(tokens.next()?) } else { None };
        let sha = if status == "removed" { old } else { new };
        files.push(File { path: tokens.next()?, previous, status, sha: (*sha).to_owned(), additions: 0, deletions: 0 });
    }
    for file in &mut files {
        let counts = tokens.next()?;
        let mut counts = counts.splitn(3, '\t');
        // A binary file has dashes instead of counts.
        let mut count = || counts.next().and_then(|text| text.parse().ok()).unwrap_or(0);
        (file.additions, file.deletions) = (count(), count());
        if file.previous.is_some() {
            tokens.nth(1)?;
        }
    }
    Some(files)
}

impl File {
    /// An entry of the API, without the optional `patch`. `repository` is the API's URL of the repository.
    pub(super) fn to_json(&self, repository: &str, head: &str) -> Value {
        let path = utf8_percent_encode(&self.path, PATH);
        let mut entry = json!({
            "sha": self.sha,
            "filename": self.path,
            "status": self.status,
            "additions": self.additions,
            "deletions": self.deletions,
            "changes": self.additions + self.deletions,
            "blob_url": format!("{repository}/blob/{head}/{path}"),
            "raw_url": format!("{repository}/raw/{head}/{path}"),
            "contents_url": format!("{repository}/contents/{path}?ref={head}"),
        });
        if let Some(previous) = &self.previous {
            entry["previous_filename"] = previous.clone().into();
        }
        entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renames_and_binaries_and_odd_names_are_read() {
        let zero = "0".repeat(40);
        let one = "1".repeat(40);
        let output = format!(
            ":100644 100644 {one} {one} R100\0a\0:b\tc\0:000000 100644 {zero} {one} A\0x\ny\0:100644 000000 {one} {zero} D\0gone\0\
             3\t1\t\0a\0:b\tc\0-\t-\tx\ny\0\x30\t2\tgone\0"
        );
        let file = |path: &str, previous: Option<&str>, status, additions, deletions| File {
            path: path.into(),
            previous: previous.map(str::to_owned),
            status,
            sha: one.clone(),
            additions,
            deletions,
        };
        let expected = vec![
            file(":b\tc", Some("a"), "renamed", 3, 1),
            file("x\ny", None, "added", 0, 0),
            file("gone", None, "removed", 0, 2),
        ];
        assert_eq!(parse(output.as_bytes()), Some(expected));
    }
}
