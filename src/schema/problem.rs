//! What is wrong with a value: data, from which diagnostics are made.

use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Severity, truncate};
use crate::source::{Source, Span};
use crate::yaml::Node;

/// Characters of a key in a path: below a key that fills the file, the path of each value would be as long as that.
const LONGEST_KEY: usize = 60;

/// The keys that lead to a value, and where in the file to look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyPath {
    /// The keys, as `dlt[0].write_opts`; empty for the whole.
    pub path: String,
    /// Where it is written: the key, or what an item of a list begins with.
    pub span: Span,
}

impl KeyPath {
    /// The whole of a file, or of a part that messages do not name.
    pub fn root(span: Span) -> Self {
        Self { path: String::new(), span }
    }

    /// The value of `key`, which is written at `span`.
    #[must_use]
    pub fn key(&self, key: &str, span: Span) -> Self {
        let key = truncate(key, LONGEST_KEY);
        let path = if self.path.is_empty() { key.into_owned() } else { format!("{}.{key}", self.path) };
        Self { path, span }
    }

    /// An item of a list.
    #[must_use]
    pub fn item(&self, index: usize, node: &Node) -> Self {
        Self { path: format!("{}[{index}]", self.path), span: node.span }
    }

    /// The same keys with another place to look at.
    #[must_use]
    pub fn at(&self, span: Span) -> Self {
        Self { path: self.path.clone(), span }
    }
}

/// One mistake.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The rule that it is filed under.
    pub rule: Rule,
    /// The value.
    pub at: KeyPath,
    /// What is wrong with it.
    pub text: String,
    /// What to do, or nothing.
    pub help: String,
    /// Another place that belongs to it.
    pub related: Option<(Span, &'static str)>,
}

/// The mistakes in a file so far.
#[derive(Debug)]
pub struct Problems<'a> {
    /// The file.
    pub source: &'a Source,
    found: Vec<Problem>,
    errors: usize,
}

impl<'a> Problems<'a> {
    /// None so far.
    pub fn new(source: &'a Source) -> Self {
        Self { source, found: Vec::new(), errors: 0 }
    }

    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        self.errors += usize::from(problem.rule.severity() == Severity::Error);
        self.found.push(problem);
    }

    /// Those that are warnings, in the order in which they were found.
    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.found.iter().filter(|problem| problem.rule.severity() == Severity::Warning)
    }

    /// How many are errors.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// All of them, as diagnostics.
    pub fn into_findings(self) -> Diagnostics {
        let mut findings = Diagnostics::default();
        findings.extend(self.found.into_iter().map(|problem| problem.into_finding(self.source)));
        findings
    }
}

impl Problem {
    fn into_finding(self, source: &Source) -> Diagnostic {
        let Self { rule, at, text, help, related } = self;
        let message = if at.path.is_empty() { text } else { format!("`{}`: {text}", at.path) };
        let mut finding = Diagnostic::of(rule, &source.path, at.span, message);
        if !help.is_empty() {
            finding = finding.help(help);
        }
        match related {
            Some((span, label)) if span != at.span => finding.related(&source.path, span, label),
            _ => finding,
        }
    }
}
