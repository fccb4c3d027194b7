//! One pattern.

use std::fmt;

use regex_automata::meta::Regex;

use super::names::RefNames;
use super::syntax;

/// Bytes of a pattern at most; git's own names are hardly longer.
const LONGEST: usize = 300;

/// A pattern of branches and tags, which takes time in proportion to a name to match.
#[derive(Clone)]
pub struct RefPattern {
    text: String,
    regex: Regex,
}

/// Why a text is no pattern: what follows the text in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    /// Longer than any name.
    #[error("is not a valid pattern: it is longer than {LONGEST} bytes")]
    TooLong,
    /// `[]`
    #[error("is not a valid pattern: `[]` is empty")]
    Empty,
    /// `[` without its `]`.
    #[error("is not a valid pattern: `[` is not closed")]
    Unclosed,
    /// A character that brackets do not take.
    #[error("is not a valid pattern: `[]` takes letters, digits and ranges of them, not `{0}`")]
    Bracketed(char),
    /// A range without an end, or from the later to the earlier.
    #[error(
        "is not a valid pattern: the range from `{0}` has no end; ranges are of letters or of digits, such as `a-z`"
    )]
    Range(char),
    /// `?` or `+` after another one.
    #[error("is not a valid pattern: there is no character before `{0}` to repeat")]
    Repeated(char),
    /// `\` at the end.
    #[error("is not a valid pattern: nothing follows the `\\` at its end")]
    Unescaped,
    /// Valid, and no ref is called so; the rule of git that is in the way.
    #[error("can never match: {0}")]
    Never(&'static str),
}

impl BadPattern {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Never(_) => {
                "write the name of a branch or tag without `refs/heads/` or `refs/tags/`; `*`, `?`, `+` and `[]` make it a pattern"
            }
            _ => "patterns are those of `on.push.branches` on GitHub; `\\` takes a special character as it is",
        }
    }
}

impl RefPattern {
    /// The pattern of that text, of `names`.
    ///
    /// # Errors
    /// A text that is not valid, or that matches none of the names.
    pub fn parse(text: &str, names: RefNames) -> Result<Self, BadPattern> {
        if text.len() > LONGEST {
            return Err(BadPattern::TooLong);
        }
        let expression = syntax::translate(text)?;
        let regex = Regex::new(&expression).map_err(|_| BadPattern::TooLong)?;
        match names.obstacle(&expression) {
            Some(obstacle) => Err(BadPattern::Never(obstacle)),
            None => Ok(Self { text: text.to_owned(), regex }),
        }
    }

    /// Whether it matches all of `name`.
    pub fn matches(&self, name: &str) -> bool {
        self.regex.is_match(name)
    }
}

impl fmt::Debug for RefPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RefPattern").field(&self.text).finish()
    }
}

impl PartialEq for RefPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for RefPattern {}
