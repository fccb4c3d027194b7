//! Validated names of GitHub.

use std::fmt;

/// A full git ref. A branch may be called `v1.2.3` or `refs/tags/v1` and a tag `main`, so only the full ref
/// distinguishes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ref {
    /// `refs/heads/…`; the name after it.
    Branch(String),
    /// `refs/tags/…`; the name after it.
    Tag(String),
    /// Any other, such as `refs/pull/42/merge`; the whole ref.
    Other(String),
}

impl Ref {
    /// Parses a full ref; `None` if git would not accept it.
    pub fn parse(full: &str) -> Option<Self> {
        let is_invalid = |c: char| c.is_ascii_control() || " ~^:?*[\\".contains(c);
        let parts = full.strip_prefix("refs/")?;
        let name = parts.split_once('/').map_or("", |(_, name)| name);
        let is_complete = !name.is_empty() && parts.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
        if !is_complete || full.contains(is_invalid) || full.contains("..") || full.contains("@{") || full.len() > 4096
        {
            return None;
        }
        Some(match (full.strip_prefix("refs/heads/"), full.strip_prefix("refs/tags/")) {
            (Some(branch), _) => Self::Branch(branch.to_owned()),
            (_, Some(tag)) => Self::Tag(tag.to_owned()),
            _ => Self::Other(full.to_owned()),
        })
    }

    /// The name without `refs/heads/` or `refs/tags/`.
    pub fn name(&self) -> &str {
        let (Self::Branch(name) | Self::Tag(name) | Self::Other(name)) = self;
        name
    }

    /// The full ref.
    pub fn full(&self) -> String {
        match self {
            Self::Branch(name) => format!("refs/heads/{name}"),
            Self::Tag(name) => format!("refs/tags/{name}"),
            Self::Other(full) => full.clone(),
        }
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Branch(name) => write!(f, "branch `{name}`"),
            Self::Tag(name) => write!(f, "tag `{name}`"),
            Self::Other(full) => write!(f, "ref `{full}`"),
        }
    }
}

/// The login of an account: ASCII letters, digits, `-`, `_`, and `[bot]` after the name of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login(String);

impl Login {
    /// Parses a login; `None` for what GitHub would not accept.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.strip_suffix("[bot]").unwrap_or(text);
        let is_valid = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        (is_valid && (1..=100).contains(&name.len())).then(|| Self(text.to_owned()))
    }

    /// The login as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Login, Ref};

    #[test]
    fn the_type_of_a_ref_comes_from_its_full_name() {
        let branch = |name: &str| Some(Ref::Branch(name.to_owned()));
        for (full, expected) in [
            ("refs/heads/main", branch("main")),
            ("refs/heads/v1.2.3", branch("v1.2.3")),
            ("refs/heads/refs/tags/v1", branch("refs/tags/v1")),
            ("refs/heads/$(id);`'\"%0A<&>é", branch("$(id);`'\"%0A<&>é")),
            ("refs/tags/main", Some(Ref::Tag("main".to_owned()))),
            ("refs/pull/42/merge", Some(Ref::Other("refs/pull/42/merge".to_owned()))),
            ("main", None),
            ("refs/heads/", None),
            ("refs/heads/a..b", None),
            ("refs/heads/a\nb", None),
            ("refs/heads//a", None),
        ] {
            assert_eq!(Ref::parse(full), expected, "{full:?}");
            assert!(expected.is_none_or(|reference| reference.full() == full));
        }
    }

    #[test]
    fn a_login_is_letters_digits_and_hyphens() {
        for (text, is_valid) in [
            ("octocat", true),
            ("octo-cat_corp", true),
            ("dependabot[bot]", true),
            ("", false),
            ("[bot]", false),
            ("octo cat", false),
            ("octo`cat", false),
            ("octo[bot]cat", false),
        ] {
            assert_eq!(Login::parse(text).is_some(), is_valid, "{text:?}");
        }
    }
}
