//! The errors of the YAML library, in our words and at their places.

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{Error, Location};

use super::node;
use crate::diagnostic::{Diagnostic, Rule};
use crate::source::{Source, Span};

/// What to do about a file without content.
pub(super) const EMPTY: &str = "write its content, or delete it";

const TOO_DEEP: Message = ("the file is nested too deeply", Some("use fewer levels"));

/// What the library's scanner says without a variant of its own.
const SCANNER: &[(&str, Message)] = &[
    ("recursion limit", TOO_DEEP),
    (
        "tabs disallowed",
        ("the line is indented with a tab", Some("indent with spaces: YAML does not allow a tab there")),
    ),
];

/// What is wrong, and what to do about it.
type Message = (&'static str, Option<&'static str>);

/// The one finding of a file that cannot be read.
pub(super) fn diagnostic(source: &Source, error: &Error) -> Diagnostic {
    let error = error.without_snippet();
    let mut span = error.location().filter(|location| *location != Location::UNKNOWN).map(|at| node::bytes(at, source));
    if let (Error::UnsupportedTag { tag, .. }, Some(end)) = (error, span.map(|span| span.end)) {
        // The library names the end of the value; the tag is before it.
        let start = source.text[..end].rfind(tag.as_str());
        span = start.map(|start| Span::new(start, start + tag.len())).or(span);
    }
    let (message, help) = words(error);
    let finding = Diagnostic::of(Rule::Syntax, &source.path, span, message);
    help.map_or(finding.clone(), |help| finding.help(help))
}

fn words(error: &Error) -> (String, Option<&'static str>) {
    let (message, help) = match error {
        Error::MultipleDocuments { .. } => {
            ("the file contains more than one document", Some("remove the `---` between them"))
        }
        Error::Eof { .. } => ("the file is empty", Some(EMPTY)),
        Error::UnsupportedTag { tag, .. } => {
            return (format!("the tag `{tag}` is not supported"), Some("remove it: only plain data is supported"));
        }
        Error::UnknownAnchor { .. } => ("the alias has no anchor before it", Some("define it first, as `&name`")),
        Error::MergeValueNotMapOrSeqOfMaps { .. } => ("only mappings can be merged by `<<`", None),
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasExpansionLimitExceeded { .. } => {
            ("the aliases expand to too many values", Some("use fewer aliases"))
        }
        Error::RecursiveReferencesRequireWeakTypes { .. } => ("an anchor contains itself", None),
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => TOO_DEEP,
        Error::Budget { .. } => ("the file has too many values", None),
        Error::NullIntoString { .. } | Error::SerdeInvalidType { .. } | Error::Unexpected { .. } => {
            ("a key is not a string", Some("write keys as plain strings"))
        }
        Error::AliasError { error, .. } => return words(error),
        Error::ExternalMessage { msg, .. } | Error::Message { msg, .. } => return scanned(msg),
        other => return scanned(&other.to_string()),
    };
    (message.to_owned(), help)
}

/// What the scanner says, in our words if these are clearer.
fn scanned(message: &str) -> (String, Option<&'static str>) {
    let known = SCANNER.iter().find(|(words, _)| message.contains(words));
    known.map_or_else(|| (sentence(message), None), |(_, (text, help))| ((*text).to_owned(), *help))
}

/// A message of the parser as ours begin and end; it may quote the file, so control characters go.
fn sentence(message: &str) -> String {
    let line: String = message.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    let line = line.trim_end_matches('.');
    let mut characters = line.chars();
    let first = characters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    format!("the file cannot be read: {first}{}", characters.as_str())
}
