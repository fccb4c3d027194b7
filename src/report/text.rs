//! The report for people at a terminal or in a log.

use std::fmt::Write as _;

use super::excerpt::excerpt;
use super::palette::Palette;
use super::section::{command_line, counted};
use super::{Change, Report, Row, Verdict, escape, local, status, sweep};
use crate::source::Sources;

/// The widest column, in characters.
const MAX_WIDTH: usize = 60;

/// A part of the report, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passage {
    /// What was asked for: to standard output.
    Result(String),
    /// What is wrong, and what to do about it: to standard error.
    Diagnostic(String),
}

/// Which streams show colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Colors {
    /// Standard output.
    pub output: bool,
    /// Standard error.
    pub error: bool,
}

/// The report as plain text that is safe in a runner's log, with excerpts of `sources`.
pub fn text(report: &Report, sources: &Sources) -> String {
    let passages = passages(report, sources, Colors::default()).into_iter();
    passages.map(|(Passage::Result(text) | Passage::Diagnostic(text))| text).collect()
}

/// The same in parts, in the order in which a terminal shows them.
pub fn passages(report: &Report, sources: &Sources, colors: Colors) -> Vec<Passage> {
    let [output, error] = [colors.output, colors.error].map(Palette::of);
    let findings = report.findings.iter().map(|located| excerpt(located, sources, error)).collect();
    let violations = report.local.as_ref().map_or_else(String::new, local::violations);
    let ending = match report.error {
        Some(_) => Passage::Diagnostic(ending(report, error)),
        None => Passage::Result(ending(report, output)),
    };
    let results = if came_to_nothing(report) {
        Passage::Diagnostic(results(report, error))
    } else {
        Passage::Result(results(report, output))
    };
    let passages =
        [Passage::Diagnostic(findings), results, Passage::Diagnostic(violations + &problems(report, error)), ending];
    passages.into_iter().map(|passage| passage.escaped(colors)).filter(|passage| !passage.is_empty()).collect()
}

impl Passage {
    fn escaped(self, colors: Colors) -> Self {
        let safe = |colored: bool, text: &str| if colored { escape::colored_log(text) } else { escape::log(text) };
        match self {
            Self::Result(text) => Self::Result(safe(colors.output, &text)),
            Self::Diagnostic(text) => Self::Diagnostic(safe(colors.error, &text)),
        }
    }

    fn is_empty(&self) -> bool {
        let (Self::Result(text) | Self::Diagnostic(text)) = self;
        text.is_empty()
    }
}

/// Whether a run failed with nothing to show for it: no change is known, and nothing was run.
fn came_to_nothing(report: &Report) -> bool {
    let changes = report.workflows.iter().any(|row| row.change != Change::None);
    report.error.is_some() && !changes && report.local.is_none()
}

/// What the run found or did, in tables.
fn results(report: &Report, palette: Palette) -> String {
    let mut out = report.local.as_ref().map_or_else(|| table(&report.workflows, palette), local::text);
    out.push_str(&report.sweep.as_deref().map_or_else(String::new, sweep::text));
    out.push_str(&report.deployments.as_deref().map_or_else(String::new, status::text));
    out.extend(report.written.iter().flatten().map(|path| format!("wrote {}\n", escape::line(path))));
    out
}

/// What failed, and what people should know beside the result.
fn problems(report: &Report, palette: Palette) -> String {
    let mut out = String::new();
    for row in &report.workflows {
        let Some(error) = &row.error else { continue };
        out.push_str(&palette.message("error", &format!("`{}`: {}", row.pipeline_name, error.message), &error.hints));
        let twins =
            error.twins.iter().map(|twin| format!("    {}  {}\n", escape::line(&twin.id), escape::line(&twin.url)));
        out.extend(twins);
    }
    for note in &report.notes {
        let url = note.url.iter().map(|url| format!(" ({url})"));
        out.push_str(&palette.message("warning", &format!("{}{}", note.message, url.collect::<String>()), &[]));
    }
    if let Some(error) = &report.error {
        out.push_str(&palette.message("error", &error.message, &error.hints));
    }
    out
}

/// What can be done next, and how the run ended.
fn ending(report: &Report, palette: Palette) -> String {
    let mut out = String::new();
    for (title, command) in [("to reproduce", &report.reproduce), ("to clean up", &report.clean_up)] {
        let command = command.iter().map(|command| format!("{title}: {}\n", command_line(command)));
        out.extend(command);
    }
    if let Some(permission) = &report.permission {
        _ = writeln!(out, "missing in the workflow file: {}", escape::line(permission));
    }
    if let Some(workspace) = &report.workspace {
        let [host, user] = [&workspace.host, &workspace.user].map(|text| escape::line(text));
        _ = writeln!(out, "workspace: {host}, as `{user}`");
    }
    out + &result(report, palette)
}

/// The last line, such as ``deployed in `dev`, preview `pr42`: 2 pipelines up to date (2 created)``.
fn result(report: &Report, palette: Palette) -> String {
    let names: Vec<String> = report.environment.iter().chain(&report.environments).map(|name| code(name)).collect();
    let place = (!names.is_empty()).then(|| format!(" in {}", names.join(", "))).into_iter();
    let preview = report.preview.iter().map(|key| format!(", preview {}", code(key)));
    let place: String = place.chain(preview).collect();
    let counts = counted(report.counts());
    let counts = if counts.is_empty() { counts } else { format!(" ({counts})") };
    let reason = report.reason.map(|reason| format!(" [{reason}]")).unwrap_or_default();
    let outcome = match &report.error {
        Some(error) => format!("exit code {}", error.exit_code),
        None => escape::line(&report.sentence),
    };
    let head = palette.heading(&format!("{}{place}", report.result.word()), report.result == Verdict::Failed);
    format!("{head}: {outcome}{counts}{reason}\n")
}

/// A name in a sentence.
fn code(name: &str) -> String {
    format!("`{}`", escape::line(name))
}

/// One line per workflow, and below it what differs.
fn table(rows: &[Row], palette: Palette) -> String {
    let width = rows.iter().map(|row| row.pipeline_name.chars().count()).max().unwrap_or(0).min(MAX_WIDTH);
    let mut out = String::new();
    for row in rows {
        let (change, status) = (palette.change(row.change), palette.status(row.status));
        let name = escape::line(&row.pipeline_name);
        let url = row.url.iter().filter(|_| !row.is_gone()).map(|url| escape::line(url));
        let flags = [
            (row.restarts, "restarts"),
            (row.changes_identity, "runs as another identity"),
            (row.drift, "changed by hand"),
        ];
        let flags = flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| format!("({flag})"));
        let tables = row.tables.iter().map(|fate| format!("(tables {})", fate.word()));
        let environments: Vec<String> = row.environments.iter().map(|name| code(name)).collect();
        let environments = (!environments.is_empty()).then(|| format!("in {}", environments.join(", ")));
        let rest: Vec<String> = url.chain(flags).chain(tables).chain(environments).collect();
        let line = format!("{change}  {status}  {name:<width$}  {}", rest.join("  "));
        out.extend([line.trim_end(), "\n"]);
        for field in row.shown_fields() {
            if field.from().is_none() && field.to().is_none() {
                _ = writeln!(out, "    {}", escape::line(field.path()));
                continue;
            }
            let [path, from, to] = [field.path(), field.from().unwrap_or("not set"), field.to().unwrap_or("not set")]
                .map(|text| escape::line(&escape::truncate(text, 200)));
            let from = if row.change == Change::Create { String::new() } else { format!("{from} -> ") };
            _ = writeln!(out, "    {path}: {from}{to}");
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}
