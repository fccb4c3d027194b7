//! What a file says in a way that other readers take otherwise.

use crate::diagnostic::{Diagnostic, Rule};
use crate::source::{Source, Span};

/// One such place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// Where it is written.
    pub span: Span,
    /// What it is.
    pub kind: OddityKind,
}

/// The ways in which readers differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OddityKind {
    /// A tag as it is written.
    Tag(String),
    /// A tag of YAML itself whose value every reader has: `!!str`, `!!int` before a whole number, and the like.
    PlainTag(String),
    /// A tag of YAML itself before what is not written like its value, such as `!!float 12`.
    TypedTag(String),
    /// A tag before nothing, right before a comma or a bracket.
    TagAtEnd(String),
    /// A character that is written as two escapes.
    EscapedSurrogates,
    /// A scalar in brackets that begins with `?` or `:`.
    FlowIndicator,
    /// A key without a value of its own, such as `null` or nothing.
    NullKey,
    /// A key that is a number or a switch to other readers.
    TypedKey,
    /// A merged key that several of the merged mappings set, each in its own way.
    MergedTwice(String),
    /// A tab outside of quotes, text blocks and comments.
    Tab,
    /// The name of an anchor that was used before.
    AnchorAgain(String),
    /// The name of an anchor with more than letters, digits, `-` and `_`.
    AnchorName(String),
    /// A character that is a line break in YAML 1.1, or not allowed in it.
    Character(char),
    /// A plain scalar, as it is written.
    Plain,
    /// A number that does not fit into 64 bits, as it is written.
    LargeNumber,
}

impl Oddity {
    /// The finding in a file of ours, where it is not allowed.
    pub(super) fn refused(&self, source: &Source) -> Option<Diagnostic> {
        let (message, help) = match &self.kind {
            OddityKind::Tag(tag)
            | OddityKind::PlainTag(tag)
            | OddityKind::TypedTag(tag)
            | OddityKind::TagAtEnd(tag) => {
                (format!("the tag `{tag}` is not supported"), "remove it: only plain data is supported")
            }
            OddityKind::NullKey => ("a key is not a string".to_owned(), "write keys as plain strings"),
            _ => return None,
        };
        Some(Diagnostic::of(Rule::Syntax, &source.path, self.span, message).help(help))
    }
}
