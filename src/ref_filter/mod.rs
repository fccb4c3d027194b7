//! Patterns of branches and tags, with the meaning that the filters of GitHub's workflows give them.
//!
//! `*` is any text without `/`, `**` any text, `?` and `+` repeat the character before them, `[]` is one of some letters
//! and digits, `\` takes the next character as it is. In a list, `!` excludes, and the last pattern that matches decides.

mod names;
mod pattern;
mod syntax;

pub use names::RefNames;
pub use pattern::{BadPattern, RefPattern};

/// A list of patterns, in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefFilter {
    entries: Vec<ListedPattern>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ListedPattern {
    text: String,
    excludes: bool,
    pattern: RefPattern,
}

/// What a filter says of a name, and the pattern that decided, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'f> {
    /// It is one of those that were meant.
    Included(&'f str),
    /// A pattern with `!` takes it out.
    Excluded(&'f str),
}

impl RefFilter {
    /// Adds a pattern of names of branches or tags, which decides where it matches; one with `!` excludes.
    ///
    /// # Errors
    /// One that is not valid, or that matches no name of a branch or tag.
    pub fn push(&mut self, text: &str) -> Result<(), BadPattern> {
        let excluded = text.strip_prefix('!');
        let pattern = RefPattern::parse(excluded.unwrap_or(text), RefNames::Short)?;
        self.entries.push(ListedPattern { text: text.to_owned(), excludes: excluded.is_some(), pattern });
        Ok(())
    }

    /// The filter of those patterns.
    ///
    /// # Errors
    /// The first of them that [`Self::push`] refuses.
    pub fn parse(texts: &[&str]) -> Result<Self, BadPattern> {
        let mut filter = Self::default();
        texts.iter().try_for_each(|text| filter.push(text))?;
        Ok(filter)
    }

    /// The patterns as they were written.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.text.as_str())
    }

    /// What it says of a branch or tag of that name; `None` if nothing matches.
    pub fn verdict(&self, name: &str) -> Option<Verdict<'_>> {
        let last = self.entries.iter().rfind(|entry| entry.pattern.matches(name))?;
        Some(if last.excludes { Verdict::Excluded(&last.text) } else { Verdict::Included(&last.text) })
    }

    /// Whether there are patterns, and all of them exclude.
    pub fn only_excludes(&self) -> bool {
        !self.entries.is_empty() && self.entries.iter().all(|entry| entry.excludes)
    }
}
