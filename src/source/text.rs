//! Texts of the checkout and locations in them.

use std::collections::BTreeMap;
use std::sync::Arc;

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

/// Files of the checkout with their content, from which a release is built; clones share the content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<RepoPath, Arc<Vec<u8>>>);

impl Files {
    /// Adds a file, replacing an earlier one with the same path.
    pub fn insert(&mut self, path: RepoPath, bytes: Vec<u8>) {
        self.0.insert(path, Arc::new(bytes));
    }

    /// Adds all of `others`.
    pub fn merge(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The bytes of `path`.
    pub fn get(&self, path: &RepoPath) -> Option<&[u8]> {
        self.0.get(path).map(|bytes| bytes.as_slice())
    }

    /// Whether `path` is one of the files.
    pub fn contains(&self, path: &RepoPath) -> bool {
        self.0.contains_key(path)
    }

    /// All of them, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&RepoPath, &[u8])> {
        self.0.iter().map(|(path, bytes)| (path, bytes.as_slice()))
    }

    /// The files inside `folder`, ordered by path; a file that is called so itself is the first.
    pub fn below<'a>(&'a self, folder: &'a RepoPath) -> impl Iterator<Item = (&'a RepoPath, &'a [u8])> {
        let itself = self.0.get_key_value(folder);
        let inside = self.0.range(folder.before_content()..).take_while(|(path, _)| path.is_within(folder));
        itself.into_iter().chain(inside).map(|(path, bytes)| (path, bytes.as_slice()))
    }

    /// Whether there is a file inside `folder`.
    pub fn has_folder(&self, folder: &RepoPath) -> bool {
        self.below(folder).any(|(path, _)| path != folder)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Files, Location, RepoPath, Source, Span};

    #[test]
    fn files_of_a_folder_are_those_inside_it_and_not_of_its_namesakes() {
        let path = |text: &str| RepoPath::parse(text).unwrap();
        let mut files = Files::default();
        for file in ["a", "conf", "conf-x/a", "conf.yml", "conf/a", "conf/b/c", "conf0", "z"] {
            files.insert(path(file), Vec::new());
        }
        let below = |folder: &str| files.below(&path(folder)).map(|(path, _)| path.to_string()).collect::<Vec<_>>();
        assert_eq!(below("conf"), ["conf", "conf/a", "conf/b/c"]);
        assert_eq!(below("conf/b"), ["conf/b/c"]);
        assert_eq!(below("").len(), 8);
        assert_eq!(
            ["conf", "conf/b", "a", ""].map(|folder| files.has_folder(&path(folder))),
            [true, true, false, true]
        );
    }

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
