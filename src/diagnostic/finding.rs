//! Findings as data, without formatting and without the text that they point into.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Rule;
use crate::source::{Cursor, Location, RepoPath, Sources, Span};

/// Limit of findings per file: nobody reads more, and a hostile file can have a hundred thousand.
const MAX_PER_FILE: usize = 100;

/// Limit of findings in total.
const MAX_TOTAL: usize = 500;

/// Limit of related locations of a finding.
const MAX_RELATED: usize = 10;

/// Longest message, in characters; it may quote a text of any length.
const MAX_MESSAGE: usize = 1_000;

/// The severity of a finding, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For information.
    Note,
    /// Works, but is probably not what was meant.
    Warning,
    /// Prevents a deployment.
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

/// A location in a file, with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The file.
    pub path: RepoPath,
    /// The range in it; `None` for the whole file.
    pub span: Option<Span>,
    /// A few words; may be empty.
    pub text: String,
}

/// One finding: what is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule that was violated.
    pub rule: Rule,
    /// Its severity.
    pub severity: Severity,
    /// What is wrong: one sentence, starting in lower case, without a full stop, values in backticks; long ones are
    /// truncated in the middle.
    pub message: String,
    /// The location.
    pub at: Label,
    /// Related locations.
    pub related: Vec<Label>,
    /// What to do, truncated like the message.
    pub help: Option<String>,
    /// Whether it is about what the run does not deploy: it is counted, not listed, where space is scarce.
    pub elsewhere: bool,
}

impl Diagnostic {
    /// A finding of `rule` at `span` of `path`.
    pub fn new(
        rule: Rule,
        severity: Severity,
        path: &RepoPath,
        span: impl Into<Option<Span>>,
        message: impl Into<String>,
    ) -> Self {
        let at = Label { path: path.clone(), span: span.into(), text: String::new() };
        Self {
            rule,
            severity,
            message: truncate_middle(message.into()),
            at,
            related: Vec::new(),
            help: None,
            elsewhere: false,
        }
    }

    /// A finding of `rule` with its default severity.
    pub fn of(rule: Rule, path: &RepoPath, span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        let severity = rule.severity();
        Self::new(rule, severity, path, span, message)
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(truncate_middle(help.into()));
        self
    }

    /// Adds a related location.
    #[must_use]
    pub fn related(mut self, path: &RepoPath, span: impl Into<Option<Span>>, text: impl Into<String>) -> Self {
        self.related.push(Label { path: path.clone(), span: span.into(), text: text.into() });
        self
    }
}

/// The text, or its start and end: messages start with what they quote and end with what is wrong about it.
fn truncate_middle(text: String) -> String {
    let half = MAX_MESSAGE / 2;
    match (text.char_indices().nth(half), text.char_indices().nth_back(half), text.char_indices().nth(2 * half)) {
        (Some((head, _)), Some((tail, _)), Some(_)) => format!("{} … {}", &text[..head], &text[tail..]),
        _ => text,
    }
}

/// A list of findings.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds a finding.
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

    /// All findings, to change their severity.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Diagnostic> {
        self.0.iter_mut()
    }

    /// The highest severity; `None` if there are no findings.
    pub fn worst(&self) -> Option<Severity> {
        self.0.iter().map(|finding| finding.severity).max()
    }

    /// Whether there is an error.
    pub fn has_errors(&self) -> bool {
        self.worst() == Some(Severity::Error)
    }

    /// The same findings as those about what this run does not deploy: errors are warnings.
    #[must_use]
    pub fn downgraded(mut self) -> Self {
        for finding in &mut self.0 {
            finding.elsewhere = true;
            finding.severity = finding.severity.min(Severity::Warning);
        }
        self
    }

    /// Keeps only the findings for which `keep` returns true; it may change them.
    pub fn retain(&mut self, keep: impl FnMut(&mut Diagnostic) -> bool) {
        self.0.retain_mut(keep);
    }

    /// Whether there are no findings.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The findings without duplicates, sorted by file and location: at most the hundred most severe per file and five
    /// hundred in total, with the number of the others.
    #[must_use]
    pub fn bounded(&self) -> Self {
        Self(limited(&self.sorted()))
    }

    /// The findings without duplicates, at their highest severity, sorted by file and location.
    #[must_use]
    pub fn distinct(&self) -> Self {
        Self(self.sorted())
    }

    /// The findings with lines and columns, without duplicates, sorted by file and location.
    pub fn located(&self, sources: &Sources) -> Vec<Located> {
        let mut cursors: BTreeMap<RepoPath, Cursor> = BTreeMap::new();
        let located = self.sorted().into_iter().map(|finding| {
            let Label { path, span, .. } = &finding.at;
            let place = span.zip(sources.get(path)).map(|(span, source)| {
                let cursor = cursors.entry(path.clone()).or_default();
                cursor.locate(source, span)
            });
            Located { finding, place }
        });
        located.collect()
    }

    fn sorted(&self) -> Vec<Diagnostic> {
        let mut sorted: Vec<&Diagnostic> = self.0.iter().collect();
        sorted.sort_by(|a, b| {
            let place = (&a.at.path, a.at.span).cmp(&(&b.at.path, b.at.span));
            let words = (a.rule.code(), &a.message, &a.help).cmp(&(b.rule.code(), &b.message, &b.help));
            let weight = |it: &Diagnostic| (Reverse(it.severity), it.elsewhere);
            place.then(words).then_with(|| weight(a).cmp(&weight(b)))
        });
        let same = |a: &&Diagnostic, b: &&Diagnostic| {
            (&a.at, a.rule, &a.message, &a.help) == (&b.at, b.rule, &b.message, &b.help)
        };
        sorted.chunk_by(same).map(merged).collect()
    }
}

/// What was found several times, with all related locations: in a file of two workflows, at a lower severity for one that
/// is not selected; behind an anchor, once for each place that uses it.
fn merged(same: &[&Diagnostic]) -> Diagnostic {
    let mut merged = Diagnostic::clone(same[0]);
    for label in same.iter().flat_map(|finding| &finding.related) {
        if merged.related.len() < MAX_RELATED && !merged.related.contains(label) {
            merged.related.push(label.clone());
        }
    }
    merged
}

/// The most severe of findings sorted by file, in the same order.
fn limited(sorted: &[Diagnostic]) -> Vec<Diagnostic> {
    let files = sorted.chunk_by(|a, b| a.at.path == b.at.path);
    let limited = files.flat_map(|file| most_severe(file, MAX_PER_FILE, "the file has")).collect::<Vec<_>>();
    most_severe(&limited, MAX_TOTAL, "this and later files have")
}

/// The `max` most severe of `findings`, in their order, and a finding with the number of the others.
fn most_severe(findings: &[Diagnostic], max: usize, whose: &str) -> Vec<Diagnostic> {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|index| (Reverse(findings[*index].severity), findings[*index].elsewhere));
    let others = order.split_off(order.len().min(max));
    order.sort_unstable();
    let mut selected: Vec<Diagnostic> = order.into_iter().map(|index| findings[index].clone()).collect();
    selected.extend(others.first().map(|first| {
        let first = &findings[*first];
        let message = format!("{whose} {} more findings", others.len());
        let counted = Diagnostic::new(first.rule, first.severity, &first.at.path, first.at.span, message)
            .help("fix the findings shown, and run this again");
        Diagnostic { elsewhere: first.elsewhere, ..counted }
    }));
    selected
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A finding with its location in lines and columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The finding.
    pub finding: Diagnostic,
    /// Its location, if the file was read and the finding points into it.
    pub place: Option<Location>,
}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, Diagnostics, RepoPath, Rule, Severity, Sources, Span};
    use crate::source::Source;

    #[test]
    fn findings_are_reported_once_in_the_order_of_the_file() {
        let path = RepoPath::parse("a.yml").unwrap();
        let mut sources = Sources::default();
        sources.insert(Source { path: path.clone(), text: "a: 1\nb: 2\n".to_owned() });
        let at = |offset, message: &str| Diagnostic::of(Rule::Syntax, &path, Span::new(offset, offset + 1), message);
        let elsewhere = Diagnostic::of(Rule::Syntax, &RepoPath::parse("b.yml").unwrap(), Span::new(1, 2), "x");
        let mut findings = Diagnostics::default();
        findings.extend([elsewhere, at(5, "y"), at(0, "z"), at(5, "x"), at(5, "y"), at(0, "z")]);
        let located = findings
            .located(&sources)
            .into_iter()
            .map(|located| (located.finding.message.clone(), located.place.map(|place| (place.line, place.column))));
        let expected = [("z", Some((1, 1))), ("x", Some((2, 1))), ("y", Some((2, 1))), ("x", None)];
        assert_eq!(located.collect::<Vec<_>>(), expected.map(|(message, place)| (message.to_owned(), place)));
        assert_eq!(
            (findings.worst(), findings.clone().downgraded().worst()),
            (Some(Severity::Error), Some(Severity::Warning))
        );
        let mut twice = findings.clone().downgraded();
        twice.extend(findings);
        assert!(twice.distinct().iter().all(|finding| finding.severity == Severity::Error));
        assert_eq!(twice.distinct().iter().count(), 4);
    }

    #[test]
    fn what_several_share_by_an_anchor_is_reported_once_with_all_places_that_lead_there() {
        let path = RepoPath::parse("a.yml").unwrap();
        let used = |at: usize, severity| {
            let finding = Diagnostic::new(Rule::BadValue, severity, &path, Span::new(9, 10), "x");
            finding.related(&path, Span::new(at, at), "used here")
        };
        let mut findings = Diagnostics::default();
        findings.extend([used(1, Severity::Warning), used(2, Severity::Error), used(1, Severity::Error)]);
        findings.extend((0..100).map(|at| used(at, Severity::Warning).help("another one")));
        let distinct = findings.distinct();
        let found: Vec<_> = distinct.iter().map(|finding| (finding.severity, finding.related.len())).collect();
        assert_eq!(found, [(Severity::Error, 2), (Severity::Warning, 10)]);
    }

    #[test]
    fn of_many_findings_in_a_file_the_most_severe_are_reported_and_the_others_counted() {
        let path = |name: &str| RepoPath::parse(name).unwrap();
        let finding = |name: &str, severity: Severity, at| {
            Diagnostic::new(Rule::Syntax, severity, &path(name), Span::new(at, at), severity.word())
        };
        let mut findings = Diagnostics::default();
        findings.extend((0..99).map(|at| finding("a.yml", Severity::Error, 1_000 - at)));
        findings.extend((0..5_000).map(|at| finding("a.yml", Severity::Warning, at)));
        findings.push(finding("b.yml", Severity::Note, 0));
        let bounded = findings.bounded();
        let reported: Vec<_> = bounded.iter().collect();
        assert_eq!(
            (reported.len(), reported[0].severity, reported[99].at.span),
            (102, Severity::Warning, Some(Span::new(1_000, 1_000)))
        );
        assert_eq!(reported.iter().filter(|finding| finding.severity == Severity::Error).count(), 99);
        assert_eq!(
            (reported[100].message.as_str(), reported[100].severity),
            ("the file has 4999 more findings", Severity::Warning)
        );
        assert_eq!(reported[101].at.path, path("b.yml"));
        findings.extend((0..600).map(|file| finding(&format!("c{file}.yml"), Severity::Error, 0)));
        let bounded = findings.bounded();
        let reported: Vec<_> = bounded.iter().collect();
        assert_eq!(
            (reported.len(), reported[500].message.as_str()),
            (501, "this and later files have 202 more findings")
        );
        assert!(reported.iter().all(|finding| finding.severity == Severity::Error));
    }

    #[test]
    fn a_long_message_keeps_its_start_and_end() {
        let message = |quoted: &str| {
            Diagnostic::of(Rule::Syntax, &RepoPath::root(), None, format!("`{quoted}` is not one of `editions`"))
                .message
        };
        assert_eq!(message("PRO").chars().count(), 30);
        let long = message(&"é".repeat(1 << 20));
        assert!(long.starts_with("`éé") && long.ends_with("é` is not one of `editions`"), "{long}");
        assert_eq!(long.chars().count(), 1_004);
    }
}
