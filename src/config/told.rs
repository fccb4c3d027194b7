//! What is told while a configuration is read: in the words of the authoring runtime, each with its place.

use crate::diagnostic::{Diagnostic, Diagnostics, Rule};
use crate::source::{Source, Span};
use crate::yaml::Node;

/// A place in a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The keys that lead there, as `dlt[0].write_opts`.
    pub path: String,
    /// Where it is written: the key, or what an item of a list begins with.
    pub span: Span,
}

impl Place {
    /// The value of `key`, which is written at `span`.
    pub(super) fn key(&self, key: &str, span: Span) -> Self {
        Self { path: format!("{}.{key}", self.path), span }
    }

    /// An item of a list.
    pub(super) fn item(&self, index: usize, node: &Node) -> Self {
        Self { path: format!("{}[{index}]", self.path), span: node.span }
    }

    /// The same keys, where the eye has to go to something else.
    pub(super) fn at(&self, span: Span) -> Self {
        Self { path: self.path.clone(), span }
    }
}

/// The findings so far.
pub(super) struct Told<'a> {
    pub(super) source: &'a Source,
    pub(super) findings: Diagnostics,
    /// The warnings as the runtime writes them.
    pub(super) warnings: Vec<String>,
    /// How many are errors.
    pub(super) errors: usize,
}

impl<'a> Told<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self { source, findings: Diagnostics::default(), warnings: Vec::new(), errors: 0 }
    }

    /// Something that cannot be meant; `help` says what to do, or nothing.
    pub(super) fn error(&mut self, at: &Place, problem: &str, help: &str) {
        self.push(Rule::InvalidConfig, at, problem, help, None);
    }

    /// The same, with another place that belongs to it.
    pub(super) fn error_beside(&mut self, at: &Place, problem: &str, help: &str, other: (Span, &str)) {
        self.push(Rule::InvalidConfig, at, problem, help, Some(other));
    }

    /// Something that another entry makes already.
    pub(super) fn double(&mut self, at: &Place, problem: &str, other: (Span, &str)) {
        self.push(Rule::DuplicateDataset, at, problem, "", Some(other));
    }

    /// Something that is understood and has a better spelling, or no effect.
    pub(super) fn warning(&mut self, rule: Rule, at: &Place, problem: &str, help: &str) {
        let colon = if help.is_empty() { "" } else { ": " };
        self.warnings.push(format!("{}: {}: {problem}{colon}{help}", self.source.path, at.path));
        self.push(rule, at, problem, help, None);
    }

    fn push(&mut self, rule: Rule, at: &Place, problem: &str, help: &str, other: Option<(Span, &str)>) {
        let path = &self.source.path;
        let message = if at.path.is_empty() { problem.to_owned() } else { format!("`{}`: {problem}", at.path) };
        let mut finding = Diagnostic::of(rule, path, at.span, message);
        self.errors += usize::from(finding.severity == crate::diagnostic::Severity::Error);
        if !help.is_empty() {
            finding = finding.help(help);
        }
        self.findings.push(match other {
            Some((span, text)) if span != at.span => finding.related(path, span, text),
            _ => finding,
        });
    }
}
