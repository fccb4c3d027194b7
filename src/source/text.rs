//! Texts of the checkout and locations in them.

use std::collections::BTreeMap;

use super::RepoPath;

/// A range of a text in bytes, `start..end`; lines and columns are computed at the end, by [`Source::locate`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` to `end`, exclusive.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

/// A location for people and annotations; lines and columns (characters) count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line of the last character.
    pub end_line: usize,
    /// Column one past the last character.
    pub end_column: usize,
}

/// A text of the checkout and its path.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path relative to the root of the checkout.
    pub path: RepoPath,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// The location of `span`, clamped to the text.
    pub fn locate(&self, span: Span) -> Location {
        Cursor::default().locate(self, span)
    }
}

/// A position in a text from which to continue counting: many locations in order cost one pass over the text.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    offset: usize,
    line: usize,
    column: usize,
}

impl Default for Cursor {
    fn default() -> Self {
        Self { offset: 0, line: 1, column: 1 }
    }
}

impl Cursor {
    /// The location of `span`, clamped to the text of `source`; a span before the last one restarts from the top.
    pub fn locate(&mut self, source: &Source, span: Span) -> Location {
        if span.start < self.offset {
            *self = Self::default();
        }
        self.advance(&source.text, span.start);
        let mut end = *self;
        end.advance(&source.text, span.end.max(span.start));
        Location { line: self.line, column: self.column, end_line: end.line, end_column: end.column }
    }

    fn advance(&mut self, text: &str, to: usize) {
        let to = text.floor_char_boundary(to);
        let passed = &text[self.offset..to];
        if let Some(newline) = passed.rfind('\n') {
            self.line += passed.matches('\n').count();
            self.column = 1 + passed[newline + 1..].chars().count();
        } else {
            self.column += passed.chars().count();
        }
        self.offset = to;
    }
}

/// The texts that diagnostics may point into.
#[derive(Clone, Debug, Default)]
pub struct Sources(BTreeMap<RepoPath, Source>);

impl Sources {
    /// Adds a text, replacing an earlier one with the same path.
    pub fn insert(&mut self, source: Source) {
        self.0.insert(source.path.clone(), source);
    }

    /// Adds all of `others`.
    pub fn extend(&mut self, others: impl IntoIterator<Item = Source>) {
        others.into_iter().for_each(|source| self.insert(source));
    }

    /// Adds all of `others`.
    pub fn merge(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The text of `path`, if it was read.
    pub fn get(&self, path: &RepoPath) -> Option<&Source> {
        self.0.get(path)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Location, RepoPath, Source, Span};

    #[test]
    fn columns_count_characters_and_lines_from_one() {
        let source = Source { path: RepoPath::root(), text: "é: 1\nnäme: x\n".to_owned() };
        let at = |start, end| source.locate(Span::new(start, end));
        assert_eq!(at(0, 2), Location { line: 1, column: 1, end_line: 1, end_column: 2 });
        assert_eq!(at(13, 14), Location { line: 2, column: 7, end_line: 2, end_column: 8 });
        assert_eq!(at(900, 901).line, 3);
        let mut cursor = Cursor::default();
        for span in [(0, 2), (0, 9), (4, 5), (13, 14), (1, 1), (900, 901)].map(|(start, end)| Span::new(start, end)) {
            assert_eq!(cursor.locate(&source, span), source.locate(span), "{span:?}");
        }
    }
}
