//! The report for people at a terminal or in a log.

use std::fmt::Write as _;
use std::iter;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::section::{command_line, counted};
use super::{Change, Report, Row, escape, local, status, sweep};
use crate::diagnostic::{Label, Located, Severity};
use crate::source::{Sources, Span};

/// The most of a file shown on either side of a location, in bytes.
const MAX_CONTEXT: usize = 400;
/// The widest column, in characters.
const MAX_WIDTH: usize = 60;

/// The report as plain text that is safe in a runner's log, with excerpts of `sources`.
pub fn text(report: &Report, sources: &Sources) -> String {
    let mut out: String = report.findings.iter().map(|located| excerpt(located, sources)).collect();
    out.push_str(&report.local.as_ref().map_or_else(|| table(&report.workflows), local::text));
    out.push_str(&report.sweep.as_deref().map_or_else(String::new, sweep::text));
    out.push_str(&report.deployments.as_deref().map_or_else(String::new, status::text));
    out.extend(report.written.iter().flatten().map(|path| format!("wrote {}\n", escape::line(path))));
    for row in &report.workflows {
        let Some(error) = &row.error else { continue };
        out.push_str(&message("error", &format!("`{}`: {}", row.pipeline_name, error.message), &error.hints));
        let twins =
            error.twins.iter().map(|twin| format!("    {}  {}\n", escape::line(&twin.id), escape::line(&twin.url)));
        out.extend(twins);
    }
    for note in &report.notes {
        let url = note.url.iter().map(|url| format!(" ({url})"));
        out.push_str(&message("warning", &format!("{}{}", note.message, url.collect::<String>()), &[]));
    }
    if let Some(error) = &report.error {
        out.push_str(&message("error", &error.message, &error.hints));
    }
    for (title, command) in [("to reproduce", &report.reproduce), ("to clean up", &report.clean_up)] {
        let command = command.iter().map(|command| format!("{title}: {}\n", command_line(command)));
        out.extend(command);
    }
    if let Some(permission) = &report.permission {
        _ = writeln!(out, "missing in the workflow file: {}", escape::line(permission));
    }
    out.push_str(&result(report));
    escape::log(&out)
}

/// The last line, such as ``deployed in `dev`, preview `pr42`: 2 pipelines up to date (2 created)``.
fn result(report: &Report) -> String {
    let place = report.environment.iter().map(|name| format!(" in `{}`", escape::line(name)));
    let preview = report.preview.iter().map(|key| format!(", preview `{}`", escape::line(key)));
    let place: String = place.chain(preview).collect();
    let counts = counted(report.counts());
    let counts = if counts.is_empty() { counts } else { format!(" ({counts})") };
    let reason = report.reason.map(|reason| format!(" [{reason}]")).unwrap_or_default();
    let outcome = match &report.error {
        Some(error) => format!("exit code {}", error.exit_code),
        None => escape::line(&report.sentence),
    };
    format!("{}{place}: {outcome}{counts}{reason}\n", report.result.word())
}

fn message(level: &str, message: &str, hints: &[String]) -> String {
    let first = format!("{level}: {}\n", escape::line(message));
    hints.iter().fold(first, |text, hint| format!("{text}hint: {}\n", escape::line(hint)))
}

/// One line per workflow, and below it what differs.
fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.pipeline_name.chars().count()).max().unwrap_or(0).min(MAX_WIDTH);
    let mut out = String::new();
    for row in rows {
        let change = if row.change == Change::None { "-" } else { row.change.word() };
        let (status, name) = (row.status.word(), escape::line(&row.pipeline_name));
        let url = row.url.iter().filter(|_| !row.is_gone()).map(|url| escape::line(url));
        let flags = [
            (row.restarts, "restarts"),
            (row.changes_identity, "runs as another identity"),
            (row.drift, "changed by hand"),
        ];
        let flags = flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| format!("({flag})"));
        let tables = row.tables.iter().map(|fate| format!("(tables {})", fate.word()));
        let rest: Vec<String> = url.chain(flags).chain(tables).collect();
        let line = format!("{change:<9}  {status:<7}  {name:<width$}  {}", rest.join("  "));
        out.extend([line.trim_end(), "\n"]);
        for field in &row.fields {
            if field.from().is_none() && field.to().is_none() {
                _ = writeln!(out, "    {}", escape::line(field.path()));
                continue;
            }
            let [path, from, to] = [field.path(), field.from().unwrap_or("not set"), field.to().unwrap_or("not set")]
                .map(|text| escape::line(&escape::truncate(text, 200)));
            _ = writeln!(out, "    {path}: {from} -> {to}");
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// One finding with the lines that it points to.
fn excerpt(located: &Located, sources: &Sources) -> String {
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
        let path = label.path.to_string();
        group = match window(label, sources) {
            Some(window) => {
                let note = (!label.text.is_empty()).then(|| escape::line(&label.text));
                let snippet = Snippet::source(window.text).path(path).line_start(window.line);
                group.element(snippet.annotation(kind.span(window.span).label(note)))
            }
            None => group.element(origin(path, label, sources)),
        };
    }
    let plain = Renderer::plain().decor_style(DecorStyle::Ascii).render(&[group]);
    let help = finding.help.iter().map(|help| format!("hint: {}\n", escape::line(help)));
    format!("{plain}\n{}\n", help.collect::<String>())
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
