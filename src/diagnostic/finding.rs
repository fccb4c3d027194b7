//! Findings: data, without formatting and without the text they point into.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Rule;
use crate::source::{Cursor, Location, RepoPath, Sources, Span};

/// Findings that are told of one file: nobody reads more, and a hostile file can hold a hundred thousand.
const MOST_OF_A_FILE: usize = 100;

/// Findings that are told of all files.
const MOST_OF_ALL: usize = 500;

/// Characters of a message, which may quote a text of any length.
const LONGEST_MESSAGE: usize = 1_000;

/// How severe a finding is, least first.
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
    pub rule: Rule,
    /// Its severity.
    pub severity: Severity,
    /// What is wrong: one sentence, lower-case start, no full stop, literals in backticks, cut in its middle where it is long.
    pub message: String,
    /// Where.
    pub at: Label,
    /// Other places that belong to it.
    pub related: Vec<Label>,
    /// What to do, cut like the message.
    pub help: Option<String>,
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
        Self { rule, severity, message: shortened(message.into()), at, related: Vec::new(), help: None }
    }

    /// A finding of `rule` with the severity that the catalogue gives it.
    pub fn of(rule: Rule, path: &RepoPath, span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        let severity = rule.severity();
        Self::new(rule, severity, path, span, message)
    }

    /// The same finding with what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(shortened(help.into()));
        self
    }

    /// The same finding with a further place.
    #[must_use]
    pub fn related(mut self, path: &RepoPath, span: impl Into<Option<Span>>, text: impl Into<String>) -> Self {
        self.related.push(Label { path: path.clone(), span: span.into(), text: text.into() });
        self
    }
}

/// The text, or its beginning and its end: what is quoted stands first, what is said of it last.
fn shortened(text: String) -> String {
    let half = LONGEST_MESSAGE / 2;
    match (text.char_indices().nth(half), text.char_indices().nth_back(half), text.char_indices().nth(2 * half)) {
        (Some((head, _)), Some((tail, _)), Some(_)) => format!("{} … {}", &text[..head], &text[tail..]),
        _ => text,
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

    /// All findings, to change their severity.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Diagnostic> {
        self.0.iter_mut()
    }

    /// The highest severity among them, `None` where there are none.
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

    /// What a reader can use of them, ordered by file and place: equal findings once; of those of one file the hundred
    /// most severe, of all five hundred, with the number of the others.
    #[must_use]
    pub fn bounded(&self) -> Self {
        Self(few(&self.sorted()))
    }

    /// Each finding once, at its highest severity, ordered by file and place.
    #[must_use]
    pub fn distinct(&self) -> Self {
        Self(self.sorted().into_iter().cloned().collect())
    }

    /// Every finding with its lines and columns, ordered by file and place; equal findings are told once.
    pub fn located(&self, sources: &Sources) -> Vec<Located> {
        let mut cursors: BTreeMap<&RepoPath, Cursor> = BTreeMap::new();
        let located = self.sorted().into_iter().map(|finding| {
            let Label { path, span, .. } = &finding.at;
            let place = span.zip(sources.get(path)).map(|(span, source)| {
                let cursor = cursors.entry(path).or_default();
                cursor.locate(source, span)
            });
            Located { finding: finding.clone(), place }
        });
        located.collect()
    }

    fn sorted(&self) -> Vec<&Diagnostic> {
        let mut sorted: Vec<&Diagnostic> = self.0.iter().collect();
        sorted.sort_by(|a, b| {
            let place = (&a.at.path, a.at.span).cmp(&(&b.at.path, b.at.span));
            let words = place.then_with(|| (a.rule.code(), &a.message).cmp(&(b.rule.code(), &b.message)));
            words.then_with(|| b.severity.cmp(&a.severity))
        });
        // What is wrong with a file of two workflows is found twice, and with less severity where one of them is not selected.
        sorted.dedup_by(|a, b| {
            (&a.at, a.rule, &a.message, &a.help, &a.related) == (&b.at, b.rule, &b.message, &b.help, &b.related)
        });
        sorted
    }
}

/// Of findings ordered by file those that are told, in the same order.
fn few(sorted: &[&Diagnostic]) -> Vec<Diagnostic> {
    let files = sorted.chunk_by(|a, b| a.at.path == b.at.path);
    let told = files.flat_map(|file| most_severe(file, MOST_OF_A_FILE, "the file has")).collect::<Vec<_>>();
    most_severe(&told.iter().collect::<Vec<_>>(), MOST_OF_ALL, "this and later files have")
}

/// The `most` most severe of `findings`, in their order, and one finding that counts the others.
fn most_severe(findings: &[&Diagnostic], most: usize, whose: &str) -> Vec<Diagnostic> {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|index| Reverse(findings[*index].severity));
    let others = order.split_off(order.len().min(most));
    order.sort_unstable();
    let mut told: Vec<Diagnostic> = order.into_iter().map(|index| findings[index].clone()).collect();
    told.extend(others.first().map(|first| {
        let first = findings[*first];
        let message = format!("{whose} {} more findings", others.len());
        Diagnostic::new(first.rule, first.severity, &first.at.path, first.at.span, message)
            .help("correct those that are told, and run this again")
    }));
    told
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
    use super::{Diagnostic, Diagnostics, RepoPath, Rule, Severity, Sources, Span};
    use crate::source::Source;

    #[test]
    fn findings_are_told_once_in_the_order_of_the_file() {
        let path = RepoPath::parse("a.yml").unwrap();
        let mut sources = Sources::default();
        sources.insert(Source { path: path.clone(), text: "a: 1\nb: 2\n".to_owned() });
        let at = |offset, message: &str| Diagnostic::of(Rule::Syntax, &path, Span::new(offset, offset + 1), message);
        let elsewhere = Diagnostic::of(Rule::Syntax, &RepoPath::parse("b.yml").unwrap(), Span::new(1, 2), "x");
        let mut findings = Diagnostics::default();
        findings.extend([elsewhere, at(5, "y"), at(0, "z"), at(5, "x"), at(5, "y"), at(0, "z")]);
        let told = findings
            .located(&sources)
            .into_iter()
            .map(|located| (located.finding.message.clone(), located.place.map(|place| (place.line, place.column))));
        let wanted = [("z", Some((1, 1))), ("x", Some((2, 1))), ("y", Some((2, 1))), ("x", None)];
        assert_eq!(told.collect::<Vec<_>>(), wanted.map(|(message, place)| (message.to_owned(), place)));
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
        let told: Vec<_> = bounded.iter().collect();
        assert_eq!(
            (told.len(), told[0].severity, told[99].at.span),
            (102, Severity::Warning, Some(Span::new(1_000, 1_000)))
        );
        assert_eq!(told.iter().filter(|finding| finding.severity == Severity::Error).count(), 99);
        assert_eq!(
            (told[100].message.as_str(), told[100].severity),
            ("the file has 4999 more findings", Severity::Warning)
        );
        assert_eq!(told[101].at.path, path("b.yml"));
        findings.extend((0..600).map(|file| finding(&format!("c{file}.yml"), Severity::Error, 0)));
        let bounded = findings.bounded();
        let told: Vec<_> = bounded.iter().collect();
        assert_eq!((told.len(), told[500].message.as_str()), (501, "this and later files have 202 more findings"));
        assert!(told.iter().all(|finding| finding.severity == Severity::Error));
    }

    #[test]
    fn a_long_message_keeps_what_it_quotes_and_what_it_says() {
        let message = |quoted: &str| {
            Diagnostic::of(Rule::Syntax, &RepoPath::root(), None, format!("`{quoted}` is no value of `edition`"))
                .message
        };
        assert_eq!(message("PRO").chars().count(), 30);
        let long = message(&"é".repeat(1 << 20));
        assert!(long.starts_with("`éé") && long.ends_with("é` is no value of `edition`"), "{long}");
        assert_eq!(long.chars().count(), 1_004);
    }
}
