//! Folders of a workspace as people write them.

/// Why a text is not a folder of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFolder {
    /// A workspace path starts at the root.
    #[error("is not an absolute workspace path, such as `/Shared/.dltflow/orders`")]
    Relative,
    /// `.`, `..`, an empty part, a control character or a backslash.
    #[error("has a part that is not allowed in a workspace folder")]
    Part,
    /// Notebooks can be in the workspace only.
    #[error("is not a workspace folder: notebooks cannot be stored there")]
    Elsewhere,
}

/// A workspace folder: absolute, without `/Workspace` in front and without a slash at the end.
pub(super) fn workspace_folder(text: &str) -> Result<String, BadFolder> {
    if on_dbfs(text) || text.starts_with("/Volumes/") || text.contains("://") {
        return Err(BadFolder::Elsewhere);
    }
    let path = text.strip_prefix("/Workspace").filter(|rest| rest.starts_with('/')).unwrap_or(text);
    let parts = path.strip_prefix('/').ok_or(BadFolder::Relative)?.trim_end_matches('/');
    let bad = |part: &str| matches!(part, "" | "." | "..") || part.contains(|c: char| c.is_control() || c == '\\');
    if parts.split('/').any(bad) { Err(BadFolder::Part) } else { Ok(format!("/{parts}")) }
}

/// Whether a path is on DBFS, as a URI or through its mount.
pub(super) fn on_dbfs(text: &str) -> bool {
    text.starts_with("dbfs:") || text.starts_with("/dbfs/")
}

#[cfg(test)]
mod tests {
    use super::workspace_folder;

    #[test]
    fn a_workspace_folder_is_absolute_and_plain() {
        for (text, expected) in [
            ("/Shared/x/", Some("/Shared/x")),
            ("/Workspace/Users/octocat@github.com/x", Some("/Users/octocat@github.com/x")),
            ("/WorkspaceOther/x", Some("/WorkspaceOther/x")),
            ("Shared/x", None),
            ("~/x", None),
            ("/", None),
            ("/Shared/../x", None),
            ("/Shared//x", None),
            ("/Shared/a\nb", None),
            ("dbfs:/x", None),
            ("/Volumes/a/b/c", None),
        ] {
            assert_eq!(workspace_folder(text).ok().as_deref(), expected, "{text:?}");
        }
    }
}
