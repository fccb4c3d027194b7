//! Names that GitHub hands out, checked.

use std::fmt;

/// A full git ref. A branch may be called `v1.2.3` or `refs/tags/v1` and a tag `main`, so only the full ref says what
/// a name is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// `refs/heads/…`; the name after it.
    Branch(String),
    /// `refs/tags/…`; the name after it.
    Tag(String),
    /// Any other, such as `refs/pull/42/merge`; the whole ref.
    Other(String),
}

impl Reference {
    /// Reads a full ref; `None` where git would not take it as one.
    pub fn parse(full: &str) -> Option<Self> {
        let refused = |c: char| c.is_ascii_control() || " ~^:?*[\\".contains(c);
        let parts = full.strip_prefix("refs/")?;
        let name = parts.split_once('/').map_or("", |(_, name)| name);
        let whole = !name.is_empty() && parts.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
        if !whole || full.contains(refused) || full.contains("..") || full.contains("@{") || full.len() > 4096 {
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

impl fmt::Display for Reference {
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
    /// Reads a login; `None` for anything that GitHub would not give one.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.strip_suffix("[bot]").unwrap_or(text);
        let fits = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        (fits && (1..=100).contains(&name.len())).then(|| Self(text.to_owned()))
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
    use super::{Login, Reference};

    #[test]
    fn a_ref_is_what_its_full_name_says() {
        let branch = |name: &str| Some(Reference::Branch(name.to_owned()));
        for (full, wanted) in [
            ("refs/heads/main", branch("main")),
            ("refs/heads/v1.2.3", branch("v1.2.3")),
            ("refs/heads/refs/tags/v1", branch("refs/tags/v1")),
            ("refs/heads/$(id);`'\"%0A<&>é", branch("$(id);`'\"%0A<&>é")),
            ("refs/tags/main", Some(Reference::Tag("main".to_owned()))),
            ("refs/pull/42/merge", Some(Reference::Other("refs/pull/42/merge".to_owned()))),
            ("main", None),
            ("refs/heads/", None),
            ("refs/heads/a..b", None),
            ("refs/heads/a\nb", None),
            ("refs/heads//a", None),
        ] {
            assert_eq!(Reference::parse(full), wanted, "{full:?}");
            assert!(wanted.is_none_or(|reference| reference.full() == full));
        }
    }

    #[test]
    fn a_login_is_letters_digits_and_hyphens() {
        for (text, fits) in [
            ("octocat", true),
            ("octo-cat_corp", true),
            ("dependabot[bot]", true),
            ("", false),
            ("[bot]", false),
            ("octo cat", false),
            ("octo`cat", false),
            ("octo[bot]cat", false),
        ] {
            assert_eq!(Login::parse(text).is_some(), fits, "{text:?}");
        }
    }
}
