//! The URL of a workspace, normalized for comparison, and which of its workspaces a host is asked for.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// The URL of a workspace: https (plain http on loopback only), host and port, nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(Url);

/// Why a text is not the URL of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHost {
    /// It is not a URL.
    #[error("is not the URL of a workspace, such as `https://dbc-1234.cloud.databricks.com`")]
    NoUrl,
    /// Plain http to another machine, which would expose the token.
    #[error("does not start with `https://`; plain `http` is allowed for loopback only")]
    Insecure,
    /// It has a user name, a password, a path or a query; the host alone is given.
    #[error("must be a host only: write `{0}`")]
    Beyond(Address),
    /// It names a workspace by something else than a number.
    #[error("names a workspace by something else than a number such as `1234567890123456`")]
    Workspace(#[from] BadWorkspaceId),
    /// It names two workspaces.
    #[error("names two workspaces, `{0}` and `{1}`")]
    Workspaces(WorkspaceId, WorkspaceId),
}

/// The number of a workspace, by which a host that serves several is asked for one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceId(u64);

/// Why a text is not the number of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not the id of a workspace, which is a number such as `1234567890123456`")]
pub struct BadWorkspaceId;

/// A workspace as people give it: its host, and its id where the host needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The host.
    pub host: Host,
    /// Which of its workspaces; `None` where the host alone says it, or nothing does.
    pub workspace: Option<WorkspaceId>,
}

/// The parameters of a URL that name a workspace.
const WORKSPACE_PARAMETERS: [&str; 3] = ["o", "w", "workspace_id"];
/// Those that name an account, which no request here needs.
const ACCOUNT_PARAMETERS: [&str; 2] = ["a", "account_id"];

impl Host {
    /// Parses a URL; `https://` may be omitted.
    pub fn parse(text: &str) -> Result<Self, BadHost> {
        let (host, url) = Self::split(text)?;
        if host.0 == url { Ok(host) } else { Err(BadHost::Beyond(Address { host, workspace: None })) }
    }

    /// The host of a URL, and the URL.
    fn split(text: &str) -> Result<(Self, Url), BadHost> {
        let text = text.trim();
        // URL parsers drop line breaks and turn backslashes into slashes, so the URL would not be what it looks like.
        if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(BadHost::NoUrl);
        }
        let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = Url::parse(&whole).map_err(|_| BadHost::NoUrl)?;
        let loopback = match url.host().ok_or(BadHost::NoUrl)? {
            url::Host::Domain(name) => name == "localhost",
            url::Host::Ipv4(address) => address.is_loopback(),
            url::Host::Ipv6(address) => address.is_loopback(),
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(BadHost::Insecure),
            _ => return Err(BadHost::NoUrl),
        }
        let host = Self(Url::parse(&url.origin().ascii_serialization()).map_err(|_| BadHost::NoUrl)?);
        Ok((host, url))
    }

    /// The host name or IP address, without the port.
    pub fn name(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The URL of `path` (absolute and percent-encoded) on this host.
    pub fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }
}

impl Address {
    /// Parses a host that may have a query with the id of a workspace (`?o=`, `?w=`, `?workspace_id=`), and nothing else.
    pub fn parse(text: &str) -> Result<Self, BadHost> {
        let (host, mut url) = Host::split(text)?;
        let known = |name: &str| WORKSPACE_PARAMETERS.contains(&name) || ACCOUNT_PARAMETERS.contains(&name);
        let only_ids = url.query().is_some() && url.query_pairs().all(|(name, _)| known(&name));
        let workspace = workspace_of(&url)?;
        if only_ids {
            url.set_query(None);
        }
        let exact = host.0 == url;
        let address = Self { host, workspace };
        if exact { Ok(address) } else { Err(BadHost::Beyond(address)) }
    }

    /// The same, but ignores a path and the rest of the query, as in a URL pasted from a browser; a user name is still an
    /// error.
    pub fn pasted(text: &str) -> Result<Self, BadHost> {
        let (host, url) = Host::split(text)?;
        let user = host.0 != url && text.contains('@');
        let address = Self { workspace: workspace_of(&url)?, host };
        if user { Err(BadHost::Beyond(address)) } else { Ok(address) }
    }
}

/// The workspace that the query of a URL names.
fn workspace_of(url: &Url) -> Result<Option<WorkspaceId>, BadHost> {
    let mut found = None;
    for (_, text) in url.query_pairs().filter(|(name, _)| WORKSPACE_PARAMETERS.contains(&name.as_ref())) {
        let Some(id) = WorkspaceId::given(&text)? else { continue };
        match found.take() {
            Some(other) if other != id => return Err(BadHost::Workspaces(other, id)),
            _ => found = Some(id),
        }
    }
    Ok(found)
}

impl WorkspaceId {
    /// The id that `text` names, if any: nothing, `0` (what hosts of one workspace answer) and `none` (what the Databricks
    /// CLI writes) name none.
    pub fn given(text: &str) -> Result<Option<Self>, BadWorkspaceId> {
        match text.trim() {
            "" | "0" | "none" => Ok(None),
            text => text.parse().map(Some),
        }
    }
}

impl FromStr for WorkspaceId {
    type Err = BadWorkspaceId;

    fn from_str(text: &str) -> Result<Self, BadWorkspaceId> {
        // A sign would parse as well.
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| digits && *number != 0);
        number.map(Self).ok_or(BadWorkspaceId)
    }
}

impl fmt::Display for WorkspaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.host.fmt(f)?;
        self.workspace.as_ref().map_or(Ok(()), |id| write!(f, "/?o={id}"))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, Host};

    const NO_URL: &str = "is not the URL of a workspace, such as `https://dbc-1234.cloud.databricks.com`";
    const NO_ID: &str = "names a workspace by something else than a number such as `1234567890123456`";

    #[test]
    fn a_host_is_https_without_path_or_user() {
        let insecure = "does not start with `https://`; plain `http` is allowed for loopback only";
        for (text, expected, pasted) in [
            ("https://DBC-1.cloud.databricks.com/", Ok("https://dbc-1.cloud.databricks.com"), true),
            ("adb-1.2.azuredatabricks.net", Ok("https://adb-1.2.azuredatabricks.net"), true),
            ("https://h:443", Ok("https://h"), true),
            ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080"), true),
            ("http://[::1]:80/", Ok("http://[::1]"), true),
            ("http://localhost.octocat.dev", Err(insecure), false),
            ("http://h", Err(insecure), false),
            ("https://h/?o=7", Err("must be a host only: write `https://h`"), true),
            ("https://user:pw@h", Err("must be a host only: write `https://h`"), false),
            ("file:///etc", Err(NO_URL), false),
            ("", Err(NO_URL), false),
        ] {
            let parsed = Host::parse(text).map(|host| host.to_string()).map_err(|bad| bad.to_string());
            assert_eq!(parsed.as_deref().map_err(String::as_str), expected, "{text}");
            assert_eq!(Address::pasted(text).is_ok(), pasted, "{text}");
        }
    }

    #[test]
    fn an_address_has_the_id_of_its_workspace_from_the_query() {
        let beyond = "must be a host only: write `https://h`";
        let with_id = "must be a host only: write `https://h/?o=5`";
        let two = "names two workspaces, `5` and `6`";
        for (text, parsed, pasted) in [
            ("https://h", Ok(""), Ok("")),
            ("https://h/?o=1234567890123456", Ok("1234567890123456"), Ok("1234567890123456")),
            ("h?w=5", Ok("5"), Ok("5")),
            ("https://h?workspace_id=5", Ok("5"), Ok("5")),
            ("https://h/?a=acc&o=5", Ok("5"), Ok("5")),
            ("https://h/?account_id=acc", Ok(""), Ok("")),
            ("https://h/?o=5&w=5", Ok("5"), Ok("5")),
            ("https://h/?o=0", Ok(""), Ok("")),
            ("https://h/?o=", Ok(""), Ok("")),
            ("https://h/?", Ok(""), Ok("")),
            ("https://h/?o=5#job/7", Err(with_id), Ok("5")),
            ("https://h/browse/folders/7?o=5&x=y", Err(with_id), Ok("5")),
            ("https://h/?O=5", Err(beyond), Ok("")),
            ("https://user@h/?o=5", Err(with_id), Err(with_id)),
            ("https://h/?o=5&w=6", Err(two), Err(two)),
            ("https://h/?o=acme", Err(NO_ID), Err(NO_ID)),
            ("https://h/?o=-5", Err(NO_ID), Err(NO_ID)),
            ("https://h/?o=%2B5", Err(NO_ID), Err(NO_ID)),
            ("https://h/?o=5%0d%0ax-evil:1", Err(NO_ID), Err(NO_ID)),
            ("https://h/?w=\u{665}", Err(NO_ID), Err(NO_ID)),
            ("https://h/?w=99999999999999999999", Err(NO_ID), Err(NO_ID)),
        ] {
            let id = |address: Address| address.workspace.map(|id| id.to_string()).unwrap_or_default();
            let read =
                |parse: fn(&str) -> Result<Address, super::BadHost>| parse(text).map(id).map_err(|bad| bad.to_string());
            let wanted = |it: Result<&str, &str>| it.map(str::to_owned).map_err(str::to_owned);
            assert_eq!((read(Address::parse), read(Address::pasted)), (wanted(parsed), wanted(pasted)), "{text}");
        }
    }
}
