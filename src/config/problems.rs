//! What is found in a configuration, filed under the rules for that.

use crate::diagnostic::Rule;
use crate::schema::{KeyPath, Problem, Problems};
use crate::source::Span;

impl Problems<'_> {
    /// Something that cannot be meant; `help` says what to do, or nothing.
    pub(super) fn error(&mut self, at: &KeyPath, text: &str, help: &str) {
        self.add(Rule::InvalidConfig, at, text, help, None);
    }

    /// The same, with another place that belongs to it.
    pub(super) fn error_beside(&mut self, at: &KeyPath, text: &str, help: &str, other: (Span, &'static str)) {
        self.add(Rule::InvalidConfig, at, text, help, Some(other));
    }

    /// Something that another entry makes already.
    pub(super) fn duplicate(&mut self, at: &KeyPath, text: &str, other: (Span, &'static str)) {
        self.add(Rule::DuplicateDataset, at, text, "", Some(other));
    }

    /// Something that is understood and has a better spelling, or no effect.
    pub(super) fn warning(&mut self, rule: Rule, at: &KeyPath, text: &str, help: &str) {
        self.add(rule, at, text, help, None);
    }

    /// The warnings as the runtime writes them.
    pub(super) fn as_runtime_warnings(&self) -> Vec<String> {
        let written = self.warnings().map(|Problem { at, text, help, .. }| {
            let colon = if help.is_empty() { "" } else { ": " };
            format!("{}: {}: {text}{colon}{help}", self.source.path, at.path)
        });
        written.collect()
    }

    fn add(&mut self, rule: Rule, at: &KeyPath, text: &str, help: &str, related: Option<(Span, &'static str)>) {
        self.push(Problem { rule, at: at.clone(), text: text.to_owned(), help: help.to_owned(), related });
    }
}
