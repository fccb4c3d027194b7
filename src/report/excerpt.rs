//! A finding with the lines of the file that it points to.

use std::iter;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Snippet};

use super::escape;
use super::palette::Palette;
use crate::diagnostic::{Label, Located, Severity};
use crate::source::{Sources, Span};

/// The most of a file shown on either side of a location, in bytes.
const MAX_CONTEXT: usize = 400;

/// One finding with the lines that it points to.
pub(super) fn excerpt(located: &Located, sources: &Sources, palette: Palette) -> String {
    let finding = &located.finding;
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = escape::line(&finding.message);
    let mut group = Group::with_title(level.primary_title(title).id(finding.rule.code()));
    let related = finding.related.iter().map(|label| (label, AnnotationKind::Context));
    for (label, kind) in iter::once((&finding.at, AnnotationKind::Primary)).chain(related) {
        let path = escape::line(label.path.as_str());
        group = match window(label, sources) {
            Some(window) => {
                let note = (!label.text.is_empty()).then(|| escape::line(&label.text));
                let snippet = Snippet::source(window.text).path(path).line_start(window.line);
                group.element(snippet.annotation(kind.span(window.span).label(note)))
            }
            None => group.element(origin(path, label, sources)),
        };
    }
    let shown = palette.renderer().decor_style(DecorStyle::Ascii).render(&[group]);
    let help = finding.help.iter().map(|help| palette.hint(help));
    format!("{shown}\n{}\n", help.collect::<String>())
}

/// The location alone, if there is no text to show or its line is too long.
fn origin(path: String, label: &Label, sources: &Sources) -> Origin<'static> {
    let origin = Origin::path(path);
    match label.span.and_then(|span| Some(sources.get(&label.path)?.locate(span))) {
        Some(place) => origin.line(place.line).char_column(place.column),
        None => origin,
    }
}

/// The part of a file shown around a location.
struct Window {
    text: String,
    line: usize,
    span: std::ops::Range<usize>,
}

fn window(label: &Label, sources: &Sources) -> Option<Window> {
    let source = sources.get(&label.path)?;
    let span = label.span?;
    let text = source.text.as_str();
    let at = text.floor_char_boundary(span.start);
    let end = text.floor_char_boundary(span.end.min(span.start.saturating_add(MAX_CONTEXT))).max(at);
    let start = line_start(text, at)?;
    let stop = line_end(text, end);
    let line = source.locate(Span::new(start, start)).line;
    // Invisible characters would shift what follows; spaces of the same number of bytes do not.
    let mut shown = String::with_capacity(stop - start);
    for c in text[start..stop].chars() {
        let hidden = escape::is_invisible(c) && !matches!(c, '\n' | '\t');
        if hidden { shown.extend(iter::repeat_n(' ', c.len_utf8())) } else { shown.push(c) }
    }
    Some(Window { text: shown, line, span: at - start..end - start })
}

/// Where the line of `at` starts; `None` if that is too far away.
fn line_start(text: &str, at: usize) -> Option<usize> {
    let floor = text.ceil_char_boundary(at.saturating_sub(MAX_CONTEXT));
    match text[floor..at].rfind('\n') {
        Some(found) => Some(floor + found + 1),
        None => (floor == 0).then_some(0),
    }
}

/// Where the line of `end` ends or is truncated.
fn line_end(text: &str, end: usize) -> usize {
    let ceiling = text.floor_char_boundary(end.saturating_add(MAX_CONTEXT));
    text[end..ceiling].find('\n').map_or(ceiling, |found| end + found)
}
