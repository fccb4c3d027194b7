//! Places of a workspace as people write them: its host, and folders in it.

use url::Url;

/// Why a text names no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPlace {
    /// It is no URL of a workspace.
    #[error("is no URL of a workspace, such as `https://dbc-1234.cloud.databricks.com`")]
    NoUrl,
    /// A token would travel readable.
    #[error("is not `https`; only loopback may be reached by `http`")]
    Insecure,
    /// More than scheme, host and port; what would do is given.
    #[error("names more than a host: write `{0}`")]
    Beyond(String),
    /// A workspace path starts at the root.
    #[error("is no absolute workspace path, such as `/Shared/.dltflow/orders`")]
    Relative,
    /// `.`, `..`, an empty part, a control character or a backslash.
    #[error("has a part that no workspace folder can have")]
    Part,
    /// Notebooks can lie in the workspace only.
    #[error("is no workspace folder: notebooks cannot lie there")]
    Elsewhere,
}

/// The host of a workspace as every part of the program compares it: `https://host[:port]`, lower case, nothing behind.
///
/// # Errors
/// [`BadPlace`] for anything but https (http on loopback), for credentials in the URL, for a path or a query.
pub fn normal_host(text: &str) -> Result<String, BadPlace> {
    let text = text.trim();
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&with_scheme).map_err(|_| BadPlace::NoUrl)?;
    let host = url.host().ok_or(BadPlace::NoUrl)?;
    let loopback = match host {
        url::Host::Domain(name) => name == "localhost",
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err(BadPlace::Insecure),
        _ => return Err(BadPlace::NoUrl),
    }
    let origin = url.origin().ascii_serialization();
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    if bare && anonymous { Ok(origin) } else { Err(BadPlace::Beyond(origin)) }
}

/// A workspace folder: absolute, without `/Workspace` in front and without a slash at the end.
pub(super) fn workspace_folder(text: &str) -> Result<String, BadPlace> {
    if on_dbfs(text) || text.starts_with("/Volumes/") || text.contains("://") {
        return Err(BadPlace::Elsewhere);
    }
    let path = text.strip_prefix("/Workspace").filter(|rest| rest.starts_with('/')).unwrap_or(text);
    let parts = path.strip_prefix('/').ok_or(BadPlace::Relative)?.trim_end_matches('/');
    let bad = |part: &str| matches!(part, "" | "." | "..") || part.contains(|c: char| c.is_control() || c == '\\');
    if parts.split('/').any(bad) { Err(BadPlace::Part) } else { Ok(format!("/{parts}")) }
}

/// Whether a path lies on DBFS, as a URI or through its mount.
pub(super) fn on_dbfs(text: &str) -> bool {
    text.starts_with("dbfs:") || text.starts_with("/dbfs/")
}

#[cfg(test)]
mod tests {
    use super::{normal_host, workspace_folder};

    #[test]
    fn a_host_is_https_and_nothing_more() {
        for (text, wanted) in [
            ("https://DBC-1.cloud.databricks.com/", Ok("https://dbc-1.cloud.databricks.com")),
            ("adb-1.2.azuredatabricks.net", Ok("https://adb-1.2.azuredatabricks.net")),
            ("https://h:443", Ok("https://h")),
            ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080")),
            ("http://[::1]:80/", Ok("http://[::1]")),
            ("http://localhost.octocat.dev", Err("is not `https`; only loopback may be reached by `http`")),
            ("http://h", Err("is not `https`; only loopback may be reached by `http`")),
            ("https://h/?o=7", Err("names more than a host: write `https://h`")),
            ("https://user:pw@h", Err("names more than a host: write `https://h`")),
            ("file:///etc", Err("is no URL of a workspace, such as `https://dbc-1234.cloud.databricks.com`")),
            ("", Err("is no URL of a workspace, such as `https://dbc-1234.cloud.databricks.com`")),
        ] {
            let told = normal_host(text).map_err(|bad| bad.to_string());
            assert_eq!(told.as_deref().map_err(String::as_str), wanted, "{text}");
        }
    }

    #[test]
    fn a_workspace_folder_is_absolute_and_plain() {
        for (text, wanted) in [
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
            assert_eq!(workspace_folder(text).ok().as_deref(), wanted, "{text:?}");
        }
    }
}
