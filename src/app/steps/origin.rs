//! Which repository a checkout is of, as git remembers where it was fetched from.

use crate::fs::Checkout;
use crate::source::RepoPath;

/// Limit of the configuration of a repository, in bytes.
const LIMIT: usize = 1 << 20;

/// The repository on `server` that the checkout is of, if that is known and is another than `repository`.
pub(in crate::app) fn another(checkout: &Checkout, server: &str, repository: &str) -> Option<String> {
    let config = checkout.read_text(&RepoPath::parse(".git/config").ok()?, LIMIT).ok()?;
    named(&config.text, server, repository)
}

/// The same, from git's configuration.
fn named(config: &str, server: &str, repository: &str) -> Option<String> {
    let (host, name) = parted(origin(config)?)?;
    let is_there = parted(&format!("{server}/{repository}")).is_some_and(|(own, _)| own.eq_ignore_ascii_case(host));
    (is_there && !name.eq_ignore_ascii_case(repository)).then(|| name.to_owned())
}

/// The address in the section that `git clone` and `actions/checkout` write.
fn origin(config: &str) -> Option<&str> {
    let mut lines = config.lines().map(str::trim).skip_while(|line| *line != "[remote \"origin\"]").skip(1);
    lines
        .by_ref()
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .find_map(|(key, value)| key.trim().eq_ignore_ascii_case("url").then(|| value.trim()))
}

/// Host and name of a repository, from an address as git takes it: `https://host/owner/name.git`, or `user@host:owner/name`.
fn parted(address: &str) -> Option<(&str, &str)> {
    let (host, path) = match address.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?,
        None => address.split_once(':')?,
    };
    let host = host.rsplit('@').next()?;
    let path = path.trim_matches('/');
    let name = path.strip_suffix(".git").unwrap_or(path);
    (name.split('/').filter(|part| !part.is_empty()).count() == 2).then_some((host, name))
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn another_repository_is_one_of_the_same_server_with_another_name() {
        let github = "https://github.com";
        for (server, url, expected) in [
            (github, "https://github.com/octo-org/shop", None),
            (github, "https://github.com/Octo-Org/Shop.git/", None),
            (github, "https://x-access-token@github.com/octo-org/shop", None),
            (github, "git@github.com:octo-org/shop.git", None),
            (github, "ssh://git@github.com/octo-org/shop.git", None),
            (github, "https://github.com/octo-org/tools.git", Some("octo-org/tools")),
            (github, "git@github.com:octo-org/tools", Some("octo-org/tools")),
            (github, "https://mirror.example.com/octo-org/tools", None),
            (github, "/srv/git/octo-org/tools", None),
            (github, "https://github.com/octo-org", None),
            (github, "", None),
            ("https://ghe.example.com", "https://ghe.example.com/a/b", Some("a/b")),
            ("http://127.0.0.1:7", "http://127.0.0.1:7/octo-org/tools", Some("octo-org/tools")),
        ] {
            let config = format!(
                "[remote \"fork\"]\n\turl = https://github.com/x/y\n[remote \"origin\"]\n\tfetch = +refs/*\n\tURL = {url}\n"
            );
            assert_eq!(named(&config, server, "octo-org/shop").as_deref(), expected, "{url}");
            assert_eq!(named(&config, server, ""), None, "{url}");
        }
    }
}
