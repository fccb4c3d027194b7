//! What ends the reading of a file, in our words and at its place.

use granit_parser::{ErrorKind, ScanError};

use crate::diagnostic::{Diagnostic, Rule};
use crate::source::{Source, Span};

/// The one finding of a file that cannot be read.
#[derive(Debug)]
pub(super) struct Fault {
    span: Option<Span>,
    message: String,
    help: Option<&'static str>,
}

/// A file without content.
pub(super) fn empty() -> Fault {
    Fault {
        span: Some(Span::default()),
        message: "the file is empty".to_owned(),
        help: Some("write its content, or delete it"),
    }
}

pub(super) fn too_deep() -> Fault {
    Fault { span: None, message: "the file is nested too deeply".to_owned(), help: Some("use fewer levels") }
}

pub(super) fn too_many() -> Fault {
    Fault { span: None, message: "the file has too many values".to_owned(), help: None }
}

impl Fault {
    pub(super) fn at(span: Span, message: &str) -> Self {
        Self { span: Some(span), message: message.to_owned(), help: None }
    }

    pub(super) fn help(self, help: &'static str) -> Self {
        Self { help: Some(help), ..self }
    }

    /// An error of the parser of YAML.
    pub(super) fn yaml(source: &Source, error: &ScanError) -> Self {
        let at = byte_of(source, error.marker());
        let fault = |message: &str| Self::at(Span::new(at, at), message);
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => Self { span: Some(Span::new(at, at)), ..too_deep() },
            ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed => {
                fault("the line is indented with a tab").help("indent with spaces: YAML does not allow a tab there")
            }
            ErrorKind::UnknownAnchor => {
                let end = at + source.text[at..].find(|c: char| c.is_whitespace() || ",]}".contains(c)).unwrap_or(0);
                Self::at(Span::new(at, end), "the alias has no anchor before it").help("define it first, as `&name`")
            }
            _ => fault(&sentence(&error.info())),
        }
    }

    /// An error of the reader of JSON; `start` is where the text begins in its file.
    pub(super) fn json(source: &Source, start: usize, error: &serde_json::Error) -> Self {
        let text = &source.text[start..];
        let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = source.text.floor_char_boundary(start + before + error.column().saturating_sub(1));
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or_default();
        let fault = Self::at(Span::new(at, at), &format!("the file is not valid JSON: {what}"));
        let rest = source.text[at..].trim_start();
        let line = source.text[..at].rsplit('\n').next().unwrap_or_default();
        if rest.starts_with(['/', '#']) || line.trim_end().ends_with('/') {
            return fault.help("JSON has no comments: remove it, or write the file as YAML");
        }
        if rest.starts_with(['}', ']']) {
            return fault.help("remove the comma before it");
        }
        if rest.starts_with('\'') {
            return fault.help("write text in double quotes");
        }
        fault
    }

    pub(super) fn into_finding(self, source: &Source) -> Diagnostic {
        let Self { span, message, help } = self;
        let template = span.filter(|span| has_template(source, *span)).map(|_| TEMPLATE);
        let finding = Diagnostic::of(Rule::Syntax, &source.path, span, message);
        template.or(help).map_or(finding.clone(), |help| finding.help(help))
    }
}

const TEMPLATE: &str = "`{{ … }}` is the syntax of a template (Jinja), which nothing fills in: write the value";

/// Whether the line of `span` has a placeholder of a template.
fn has_template(source: &Source, span: Span) -> bool {
    let before = source.text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let line = source.text[before..].lines().next().unwrap_or_default();
    line.contains("{{") && line.contains("}}") || line.contains("{%")
}

/// The offset of a mark in bytes, inside the text and on its characters, whatever the library says.
fn byte_of(source: &Source, mark: &granit_parser::Marker) -> usize {
    let in_characters = || source.text.char_indices().nth(mark.index()).map_or(source.text.len(), |(offset, _)| offset);
    source.text.floor_char_boundary(mark.byte_offset().unwrap_or_else(in_characters))
}

/// A message of the parser as ours begin and end; it may quote the file, so control characters go.
fn sentence(message: &str) -> String {
    let line: String = message.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    let line = line.trim_end_matches('.');
    let mut characters = line.chars();
    let first = characters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    format!("the file cannot be read: {first}{}", characters.as_str())
}
