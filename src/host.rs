//! The URL of a workspace, normalized for comparison.

use std::fmt;

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
    Beyond(Host),
}

impl Host {
    /// Parses a URL; `https://` may be omitted.
    pub fn parse(text: &str) -> Result<Self, BadHost> {
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
        if host.0 == url { Ok(host) } else { Err(BadHost::Beyond(host)) }
    }

    /// The same, but ignores a path or query, as in a URL pasted from a browser; a user name is still an error.
    pub fn pasted(text: &str) -> Result<Self, BadHost> {
        match Self::parse(text) {
            Err(BadHost::Beyond(host)) if !text.contains('@') => Ok(host),
            parsed => parsed,
        }
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

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::Host;

    #[test]
    fn a_host_is_https_without_path_or_user() {
        for (text, expected, pasted) in [
            ("https://DBC-1.cloud.databricks.com/", Ok("https://dbc-1.cloud.databricks.com"), true),
            ("adb-1.2.azuredatabricks.net", Ok("https://adb-1.2.azuredatabricks.net"), true),
            ("https://h:443", Ok("https://h"), true),
            ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080"), true),
            ("http://[::1]:80/", Ok("http://[::1]"), true),
            (
                "http://localhost.octocat.dev",
                Err("does not start with `https://`; plain `http` is allowed for loopback only"),
                false,
            ),
            ("http://h", Err("does not start with `https://`; plain `http` is allowed for loopback only"), false),
            ("https://h/?o=7", Err("must be a host only: write `https://h`"), true),
            ("https://user:pw@h", Err("must be a host only: write `https://h`"), false),
            (
                "file:///etc",
                Err("is not the URL of a workspace, such as `https://dbc-1234.cloud.databricks.com`"),
                false,
            ),
            ("", Err("is not the URL of a workspace, such as `https://dbc-1234.cloud.databricks.com`"), false),
        ] {
            let parsed = Host::parse(text).map(|host| host.to_string()).map_err(|bad| bad.to_string());
            assert_eq!(parsed.as_deref().map_err(String::as_str), expected, "{text}");
            assert_eq!(Host::pasted(text).is_ok(), pasted, "{text}");
        }
    }
}
