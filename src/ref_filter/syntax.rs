//! The text of a pattern → the regular expression that it stands for.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

use super::BadPattern;

/// What `*` stands for: any text within one part of a name.
const WITHIN_PART: &str = "[^/]*";

/// What `**` stands for: any text.
const ANYTHING: &str = ".*";

/// What `**/` stands for where a part begins: folders, or none.
const FOLDERS: &str = "(?:.+/)?";

/// The expression that matches whole names, and those alone.
pub(super) fn translate(pattern: &str) -> Result<String, BadPattern> {
    let mut translation =
        Translation { rest: pattern.chars().peekable(), previous: Previous::Start, expression: String::new() };
    while let Some(character) = translation.rest.next() {
        translation.step(character)?;
    }
    Ok(format!("(?s)^(?:{})$", translation.expression))
}

/// What stands before a `?` or `+`, which decides what it means.
#[derive(Clone, Copy, PartialEq)]
enum Previous {
    /// Nothing, so there is nothing to repeat.
    Start,
    /// The slash between two parts.
    Slash,
    /// One character, or one of some.
    Character,
    /// `**/`, after which a part begins.
    Folders,
    /// `*`, `**`, `?` or `+`.
    Quantifier,
    /// A quantifier, and a `?` that changes nothing about it.
    Lazy,
}

struct Translation<'p> {
    rest: Peekable<Chars<'p>>,
    previous: Previous,
    expression: String,
}

impl Translation<'_> {
    fn step(&mut self, character: char) -> Result<(), BadPattern> {
        self.previous = match (character, self.previous) {
            ('*', before) => self.star(before),
            ('?' | '+', Previous::Slash | Previous::Character) => {
                self.expression.push(character);
                Previous::Quantifier
            }
            // As in expressions: another preference, and the same texts.
            ('?', Previous::Folders | Previous::Quantifier) => Previous::Lazy,
            ('?' | '+', Previous::Folders | Previous::Quantifier | Previous::Lazy) => {
                return Err(BadPattern::Repeated(character));
            }
            ('[', _) => {
                self.brackets()?;
                Previous::Character
            }
            ('\\', _) => {
                let escaped = self.rest.next().ok_or(BadPattern::Unescaped)?;
                self.literal(escaped);
                Previous::Character
            }
            (other, _) => {
                self.literal(other);
                if other == '/' { Previous::Slash } else { Previous::Character }
            }
        };
        Ok(())
    }

    fn star(&mut self, before: Previous) -> Previous {
        let begins = matches!(before, Previous::Start | Previous::Slash | Previous::Folders);
        let (expression, previous) = if self.rest.next_if_eq(&'*').is_none() {
            (WITHIN_PART, Previous::Quantifier)
        } else if begins && self.rest.next_if_eq(&'/').is_some() {
            (FOLDERS, Previous::Folders)
        } else {
            (ANYTHING, Previous::Quantifier)
        };
        self.expression.push_str(expression);
        previous
    }

    /// Letters, digits and ranges of them up to the `]`; `[` was read.
    fn brackets(&mut self) -> Result<(), BadPattern> {
        self.expression.push('[');
        let mut is_empty = true;
        loop {
            match self.rest.next().ok_or(BadPattern::Unclosed)? {
                ']' if is_empty => return Err(BadPattern::Empty),
                ']' => break,
                first => self.range(first)?,
            }
            is_empty = false;
        }
        self.expression.push(']');
        Ok(())
    }

    /// `a`, or `a-z`.
    fn range(&mut self, first: char) -> Result<(), BadPattern> {
        if !is_word(first) {
            return Err(BadPattern::Bracketed(first));
        }
        self.literal(first);
        if self.rest.next_if_eq(&'-').is_some() {
            let last = self.rest.next().filter(|last| *last != ']');
            let last =
                last.filter(|last| first <= *last && is_word(*last) && first.is_ascii_digit() == last.is_ascii_digit());
            self.expression.push('-');
            self.literal(last.ok_or(BadPattern::Range(first))?);
        }
        Ok(())
    }

    /// Written by its number, no character means anything to the expression.
    fn literal(&mut self, character: char) {
        _ = write!(self.expression, r"\x{{{:x}}}", u32::from(character));
    }
}

/// What GitHub takes in brackets: digits, letters, and the few characters between those of upper and lower case.
fn is_word(character: char) -> bool {
    matches!(character, '0'..='9' | 'A'..='z')
}
