//! Whether git was told to leave files of the commit out of the working tree: what is not there says nothing then.

use crate::fs::Checkout;
use crate::source::RepoPath;

/// Where git keeps the configuration of a repository and of its main working tree.
const CONFIG: [&str; 2] = [".git/config", ".git/config.worktree"];
/// Limit of one of those, in bytes.
const LIMIT: usize = 1 << 20;

/// Whether the working tree of `repository` may lack files; where its configuration cannot be read, it may.
pub(super) fn is_sparse(checkout: &Checkout, repository: &RepoPath) -> bool {
    let paths = CONFIG.iter().filter_map(|path| repository.join(path).ok());
    paths.filter(|path| checkout.exists(path)).any(|path| {
        let config = checkout.read_text(&path, LIMIT);
        config.map_or(true, |config| config.text.lines().any(says_so))
    })
}

fn says_so(line: &str) -> bool {
    let line: String = line.split_whitespace().collect();
    line.to_ascii_lowercase().strip_prefix("sparsecheckout=").is_some_and(|value| value == "true")
}
