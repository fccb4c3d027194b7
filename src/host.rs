//! The address of a workspace, in the one form in which every part of the program compares it.

use std::fmt;

use url::Url;

/// The address of a workspace: https (plain http on loopback only), host and port, nothing behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(Url);

/// Why a text is no address of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHost {
    /// No URL can be read from it.
    #[error("is no URL of a workspace, such as `https://dbc-1234.cloud.databricks.com`")]
    NoUrl,
    /// Plain http to another machine: a token would travel readable.
    #[error("does not start with `https://`; unencrypted `http` is for loopback only")]
    Insecure,
    /// A user name or password, a path, a query; what would do is given.
    #[error("names more than a host: write `{0}`")]
    Beyond(Host),
}

impl Host {
    /// Reads an address; `https://` may be left out.
    pub fn parse(text: &str) -> Result<Self, BadHost> {
        let text = text.trim();
        // A reader of URLs drops line breaks and turns backslashes, so that a text is not the address that it looks like.
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

    /// The same where a path or query is forgiven, as in an address pasted from a browser; not so a user name.
    pub fn pasted(text: &str) -> Result<Self, BadHost> {
        match Self::parse(text) {
            Err(BadHost::Beyond(host)) if !text.contains('@') => Ok(host),
            parsed => parsed,
        }
    }

    /// The name or address alone, without port.
    pub fn name(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The address of `path` (absolute and percent-encoded) on this host.
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
    fn a_host_is_https_and_nothing_more() {
        for (text, wanted, pasted) in [
            ("https://DBC-1.cloud.databricks.com/", Ok("https://dbc-1.cloud.databricks.com"), true),
            ("adb-1.2.azuredatabricks.net", Ok("https://adb-1.2.azuredatabricks.net"), true),
            ("https://h:443", Ok("https://h"), true),
            ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080"), true),
            ("http://[::1]:80/", Ok("http://[::1]"), true),
            (
                "http://localhost.octocat.dev",
                Err("does not start with `https://`; unencrypted `http` is for loopback only"),
                false,
            ),
            ("http://h", Err("does not start with `https://`; unencrypted `http` is for loopback only"), false),
            ("https://h/?o=7", Err("names more than a host: write `https://h`"), true),
            ("https://user:pw@h", Err("names more than a host: write `https://h`"), false),
            ("file:///etc", Err("is no URL of a workspace, such as `https://dbc-1234.cloud.databricks.com`"), false),
            ("", Err("is no URL of a workspace, such as `https://dbc-1234.cloud.databricks.com`"), false),
        ] {
            let told = Host::parse(text).map(|host| host.to_string()).map_err(|bad| bad.to_string());
            assert_eq!(told.as_deref().map_err(String::as_str), wanted, "{text}");
            assert_eq!(Host::pasted(text).is_ok(), pasted, "{text}");
        }
    }
}
