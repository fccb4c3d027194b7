//! The address of a workspace.

use std::fmt;

use reqwest::Url;

/// The address of a workspace: https (plain http on loopback only), no path, no query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(Url);

/// Why a text is no address of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHost {
    /// No URL can be read from it.
    #[error("is no address: write it like `https://adb-123.4.azuredatabricks.net`")]
    Unreadable,
    /// Plain http to another machine.
    #[error("must start with `https://`: a token is never sent unencrypted")]
    Insecure,
    /// It carries a user name or password.
    #[error("must not carry a user name or password")]
    Credentials,
}

impl Host {
    /// Reads an address as people paste it: `https://` is added, path, query and fragment are dropped.
    pub fn parse(text: &str) -> Result<Self, BadHost> {
        let text = text.trim();
        let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let mut url = Url::parse(&whole).map_err(|_| BadHost::Unreadable)?;
        let loopback = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(BadHost::Unreadable),
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
            return Err(BadHost::Insecure);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadHost::Credentials);
        }
        url.set_path("");
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The address of the web page of a pipeline; the workspace id is left out where the host name holds it.
    pub fn pipeline_page(&self, pipeline: &str, workspace: Option<&str>) -> String {
        let page = format!("{self}/pipelines/{}", super::client::segment(pipeline));
        match workspace.filter(|id| !self.0.host_str().unwrap_or_default().contains(&format!("adb-{id}."))) {
            Some(id) => format!("{page}?w={id}"),
            None => page,
        }
    }

    /// The address of an API path (`/api/…`, already percent-encoded).
    pub(super) fn api(&self, path: &str) -> Url {
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
    use super::{BadHost, Host};

    #[test]
    fn addresses_are_read_as_people_paste_them() {
        for (text, wanted) in [
            ("https://dbc-1.cloud.databricks.com/?o=12#x", Ok("https://dbc-1.cloud.databricks.com")),
            ("dbc-1.cloud.databricks.com", Ok("https://dbc-1.cloud.databricks.com")),
            ("https://x.example:443/", Ok("https://x.example")),
            ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080")),
            ("http://x.example", Err(BadHost::Insecure)),
            ("ftp://x.example", Err(BadHost::Insecure)),
            ("https://me:pw@x.example", Err(BadHost::Credentials)),
            ("https://", Err(BadHost::Unreadable)),
        ] {
            assert_eq!(Host::parse(text).map(|host| host.to_string()), wanted.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn a_page_names_the_workspace_unless_the_host_does() {
        let page = |host: &str| Host::parse(host).unwrap().pipeline_page("p-1", Some("42"));
        assert_eq!(page("https://x.example"), "https://x.example/pipelines/p-1?w=42");
        assert_eq!(page("https://adb-42.7.azuredatabricks.net"), "https://adb-42.7.azuredatabricks.net/pipelines/p-1");
    }
}
