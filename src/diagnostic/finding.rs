//! Findings: data, without formatting and without the text they point into.

use std::collections::BTreeMap;

use super::Rule;
use crate::source::{Cursor, Location, RepoPath, Sources, Span};

/// How much a finding weighs, lightest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Works, but is likely not what was meant.
    Warning,
    /// Cannot be deployed.
    Error,
}

impl Severity {
    /// The word for it, lower case.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place in a file and what to say there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The file.
    pub path: RepoPath,
    /// Where in it; `None` for the file as a whole.
    pub span: Option<Span>,
    /// A few words, may be empty.
    pub text: String,
}

/// One finding: what is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code of the rule, kebab-case, as `check:` in `dltflow.yml` names it.
    pub rule: &'static str,
    /// Its weight.
    pub severity: Severity,
    /// What is wrong: one sentence, lower-case start, no full stop, literals in backticks.
    pub message: String,
    /// Where.
    pub at: Label,
    /// Other places that belong to it.
    pub related: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding of `rule` at `span` of `path`.
    pub fn new(
        rule: &'static str,
        severity: Severity,
        path: &RepoPath,
        span: impl Into<Option<Span>>,
        message: impl Into<String>,
    ) -> Self {
        let at = Label { path: path.clone(), span: span.into(), text: String::new() };
        Self { rule, severity, message: message.into(), at, related: Vec::new(), help: None }
    }

    /// A finding of `rule` with the weight that the catalogue gives it.
    pub fn of(rule: &'static str, path: &RepoPath, span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        let severity = Rule::named(rule).map_or(Severity::Error, |rule| rule.severity);
        Self::new(rule, severity, path, span, message)
    }

    /// The same finding with what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same finding with a further place.
    #[must_use]
    pub fn related(mut self, path: &RepoPath, span: impl Into<Option<Span>>, text: impl Into<String>) -> Self {
        self.related.push(Label { path: path.clone(), span: span.into(), text: text.into() });
        self
    }
}

/// Findings in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of `others`.
    pub fn extend(&mut self, others: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(others);
    }

    /// All findings.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// All findings, to change their weight.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Diagnostic> {
        self.0.iter_mut()
    }

    /// The heaviest weight among them, `None` where there are none.
    pub fn worst(&self) -> Option<Severity> {
        self.0.iter().map(|finding| finding.severity).max()
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.worst() == Some(Severity::Error)
    }

    /// The same findings about something that this run does not deploy: worth knowing, and no error.
    #[must_use]
    pub fn downgraded(mut self) -> Self {
        for finding in &mut self.0 {
            finding.severity = finding.severity.min(Severity::Warning);
        }
        self
    }

    /// Only the findings that `keep` holds on to; it may change them.
    pub fn retain(&mut self, keep: impl FnMut(&mut Diagnostic) -> bool) {
        self.0.retain_mut(keep);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every finding with its lines and columns, ordered by file and place; equal findings are told once.
    pub fn located(&self, sources: &Sources) -> Vec<Located> {
        let mut sorted: Vec<&Diagnostic> = self.0.iter().collect();
        sorted.sort_by(|a, b| {
            let place = (&a.at.path, a.at.span).cmp(&(&b.at.path, b.at.span));
            place.then_with(|| (a.rule, &a.message).cmp(&(b.rule, &b.message)))
        });
        sorted.dedup();
        let mut cursors: BTreeMap<&RepoPath, Cursor> = BTreeMap::new();
        let located = sorted.into_iter().map(|finding| {
            let Label { path, span, .. } = &finding.at;
            let place = span.zip(sources.get(path)).map(|(span, source)| {
                let cursor = cursors.entry(path).or_default();
                cursor.locate(source, span)
            });
            Located { finding: finding.clone(), place }
        });
        located.collect()
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A finding together with its place in lines and columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The finding.
    pub finding: Diagnostic,
    /// Its place, where the file was read and the finding points into it.
    pub place: Option<Location>,
}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, Diagnostics, RepoPath, Severity, Sources, Span};
    use crate::source::Source;

    #[test]
    fn findings_are_told_once_in_the_order_of_the_file() {
        let path = RepoPath::parse("a.yml").unwrap();
        let mut sources = Sources::default();
        sources.insert(Source { path: path.clone(), text: "a: 1\nb: 2\n".to_owned() });
        let at = |offset, message: &str| Diagnostic::of("syntax", &path, Span::new(offset, offset + 1), message);
        let elsewhere = Diagnostic::of("syntax", &RepoPath::parse("b.yml").unwrap(), Span::new(1, 2), "x");
        let mut findings = Diagnostics::default();
        findings.extend([elsewhere, at(5, "y"), at(0, "z"), at(5, "x"), at(5, "y"), at(0, "z")]);
        let told = findings
            .located(&sources)
            .into_iter()
            .map(|located| (located.finding.message.clone(), located.place.map(|place| (place.line, place.column))));
        let wanted = [("z", Some((1, 1))), ("x", Some((2, 1))), ("y", Some((2, 1))), ("x", None)];
        assert_eq!(told.collect::<Vec<_>>(), wanted.map(|(message, place)| (message.to_owned(), place)));
        assert_eq!((findings.worst(), findings.downgraded().worst()), (Some(Severity::Error), Some(Severity::Warning)));
    }
}
