//! Commit ids.

use std::fmt;

/// A full commit id: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits, never all zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sha(String);

impl Sha {
    /// Parses a full id; `None` for anything else, including the zeros that mean "no commit".
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let length = matches!(text.len(), 40 | 64);
        (length && digits && text.bytes().any(|byte| byte != b'0')).then(|| Self(text.to_owned()))
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..7]
    }
}

impl fmt::Display for Sha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Sha;

    #[test]
    fn only_a_full_id_is_a_commit() {
        let full = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(Sha::parse(full).map(|sha| sha.short().to_owned()), Some("0123456".to_owned()));
        assert!(Sha::parse(&"a".repeat(64)).is_some());
        for wrong in ["", "main", "0123456", &full.to_uppercase(), &"0".repeat(40), &format!("{full} ")] {
            assert_eq!(Sha::parse(wrong), None, "{wrong:?}");
        }
    }
}
