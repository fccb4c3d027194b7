//! The sections of a page. Values are in code spans; everything else is fixed text.

use std::fmt::Write as _;

use super::escape::{cell, code, fence, link, prose, shell, truncate};
use super::history::{Past, StandingPipeline};
use super::{Change, Counts, Failure, Field, Note, Report, Row, Status, Twin, Verdict, sweep};
use crate::diagnostic::{Located, Severity};

/// Unchanged pipelines that the table lists.
const MAX_UNCHANGED: usize = 10;
/// Failures and notes shown.
const MAX_MESSAGES: usize = 20;
/// Reasons and hints shown per workflow or error.
const MAX_DETAILS: usize = 5;
/// The longest command shown, in characters.
const MAX_COMMAND: usize = 1_000;

/// A part of a page; its last lines may be left out.
pub(super) struct Section<'a> {
    /// What precedes the lines: a heading, a table's head.
    pub(super) open: String,
    /// The lines, each with its line break; there may be fewer than `total`.
    pub(super) lines: Box<dyn Iterator<Item = String> + 'a>,
    /// How many items there are.
    pub(super) total: usize,
    /// How many lines are shown at most.
    pub(super) most: usize,
    /// What follows the lines.
    pub(super) close: &'static str,
}

impl<'a> Section<'a> {
    fn plain(open: impl Into<String>, total: usize, lines: impl Iterator<Item = String> + 'a) -> Self {
        Self { open: open.into(), lines: Box::new(lines), total, most: usize::MAX, close: "\n" }
    }

    fn folded(title: &str, total: usize, lines: impl Iterator<Item = String> + 'a) -> Self {
        let open = format!("<details><summary>{title}</summary>\n\n");
        Self { close: "\n</details>\n\n", ..Self::plain(open, total, lines) }
    }

    /// The same, unfolded.
    fn unfolded(self) -> Self {
        Self { open: self.open.replacen("<details>", "<details open>", 1), ..self }
    }
}

/// Heading, facts about the run, and the result as a sentence.
pub(super) fn header(report: &Report) -> String {
    let icon = match report.result {
        Verdict::Deployed if report.lost_its_last_pipeline() => "🧹",
        Verdict::Deployed | Verdict::Unchanged | Verdict::Checked | Verdict::Ran | Verdict::Initialized => "✅",
        Verdict::Planned | Verdict::Listed => "📝",
        Verdict::Destroyed => "🧹",
        Verdict::Skipped => "⏭️",
        Verdict::Failed => "❌",
    };
    let environment = report.environment.as_deref().map(|name| format!("{} · ", code(name))).unwrap_or_default();
    let reason = report.reason.map(|reason| format!(" ({})", code(reason))).unwrap_or_default();
    // The error that ended the run follows in full.
    let sentence = if report.error.is_some() { String::new() } else { prose(&report.sentence) };
    let sentences = [format!("{sentence}{reason}"), counted(report.counts())];
    let sentences: Vec<String> =
        sentences.iter().filter(|text| !text.is_empty()).map(|text| format!("{text}.")).collect();
    let result = if report.lost_its_last_pipeline() { "no pipeline left" } else { report.result.word() };
    let facts = facts(report);
    format!("### {icon} dltflow · {environment}{result}\n\n{facts}\n\n{}\n\n", sentences.join(" "))
}

fn facts(report: &Report) -> String {
    let run = &report.run;
    let short = |commit: &String| code(&commit.chars().take(7).collect::<String>());
    let facts = [
        Some(format!("project {}", code(&report.project.name))),
        report.preview.as_ref().map(|preview| format!("preview {}", code(preview))),
        run.commit.as_ref().map(|commit| format!("commit {}", short(commit))),
        run.url.as_ref().and_then(|url| link("run", url)),
        run.event.as_ref().map(|event| format!("on {}", code(event))),
        run.actor.as_ref().map(|actor| format!("by {}", code(actor))),
        run.started.as_ref().map(|started| format!("at {}", code(started))),
    ];
    facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// `2 created, 1 failed`; empty if all are zero.
pub(super) fn counted(counts: Counts) -> String {
    let Counts { created, updated, unchanged, destroyed, planned, blocked, skipped, failed } = counts;
    let named = [
        (failed, "failed"),
        (blocked, "blocked"),
        (created, "created"),
        (updated, "updated"),
        (destroyed, "destroyed"),
        (planned, "planned"),
        (skipped, "skipped"),
        (unchanged, "unchanged"),
    ];
    let some = named.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    some.collect::<Vec<_>>().join(", ")
}

/// The error that ended the run.
pub(super) fn run_error(report: &Report) -> Section<'_> {
    let lines = report.error.iter().map(|error| {
        let first = format!("**error** (exit code {}): {}\n", error.exit_code, prose(&error.message));
        hints(&error.hints, "").fold(first, |text, hint| text + &hint)
    });
    Section::plain("", lines.len(), lines)
}

fn hints<'a>(hints: &'a [String], indent: &'a str) -> impl Iterator<Item = String> + 'a {
    hints.iter().take(MAX_DETAILS).map(move |hint| format!("{indent}- hint: {}\n", prose(hint)))
}

/// Failed workflows.
pub(super) fn failures(report: &Report) -> Section<'_> {
    let describe = |row: &Row, Failure { message, hints: steps, twins }: &Failure| {
        let first = format!("- {} {}: {}\n", icon(row.status), code(&row.pipeline_name), prose(message));
        let twins = twins.iter().take(MAX_DETAILS).map(twin);
        hints(steps, "  ").chain(twins).fold(first, |text, line| text + &line)
    };
    let failed = report.workflows.iter().filter_map(|row| Some((row, row.error.as_ref()?)));
    let lines = failed.clone().map(move |(row, error)| describe(row, error));
    Section { most: MAX_MESSAGES, ..Section::plain("", failed.count(), lines) }
}

fn twin(Twin { id, url }: &Twin) -> String {
    let page = link("open", url).unwrap_or_else(|| code(url));
    format!("  - {}: {page}\n", code(id))
}

/// Failures first, unchanged pipelines last.
pub(super) fn table(report: &Report, most: usize) -> Section<'_> {
    let mut rows: Vec<&Row> = report.workflows.iter().collect();
    let is_unchanged = |row: &&Row| row.change == Change::Unchanged && row.status == Status::Done;
    rows.sort_by_key(|row| (is_unchanged(row), row.status));
    let unchanged = rows.iter().filter(|row| is_unchanged(row)).count();
    rows.truncate(rows.len() - unchanged.saturating_sub(MAX_UNCHANGED));
    let open = "| pipeline | change | status | link |\n|---|---|---|---|\n";
    Section { most, ..Section::plain(open, report.workflows.len(), rows.into_iter().map(line)) }
}

fn line(row: &Row) -> String {
    let change = if row.change == Change::None { "–" } else { row.change.word() };
    let restarts = if row.restarts { ", restarts" } else { "" };
    let identity = if row.changes_identity { ", runs as another identity" } else { "" };
    let drift = if row.drift { ", changed by hand" } else { "" };
    let tables = row.tables.map(|fate| format!(", tables {}", fate.word())).unwrap_or_default();
    let link = row.url.as_ref().filter(|_| !row.is_gone());
    let link = link.map(|url| self::link("open", url).unwrap_or_else(|| cell(url))).unwrap_or_default();
    let (name, status) = (cell(&row.pipeline_name), row.status);
    format!("| {name} | {change}{restarts}{identity}{drift}{tables} | {} {} | {link} |\n", icon(status), status.word())
}

/// What a sweep found.
pub(super) fn sweep(report: &Report, most: usize) -> Section<'_> {
    let things = report.sweep.iter().flatten();
    let open = "| sweep | kind | name | why |\n|---|---|---|---|\n";
    Section { most, ..Section::plain(open, things.clone().count(), things.map(sweep::row)) }
}

/// `1 pipeline`, `3 pipelines`.
pub(super) fn counted_pipelines(count: usize) -> String {
    if count == 1 { "1 pipeline".to_owned() } else { format!("{count} pipelines") }
}

/// Warnings that concern no file.
pub(super) fn notes(report: &Report) -> Section<'_> {
    let line = |note: &Note| {
        let link = note.url.as_ref().and_then(|url| link("open", url)).map(|link| format!(" ({link})"));
        format!("- ⚠️ {}{}\n", prose(&note.message), link.unwrap_or_default())
    };
    let lines = report.notes.iter().map(line);
    Section { most: MAX_MESSAGES, ..Section::plain("", lines.len(), lines) }
}

/// The planned changes, by workflow and field.
pub(super) fn plan(report: &Report) -> Section<'_> {
    let changed = report.workflows.iter().filter(|row| !row.shown_fields().is_empty());
    let total = changed.clone().map(|row| 1 + row.shown_fields().len()).sum();
    let lines = changed.flat_map(|row| {
        let head = format!("- {}: {}\n", code(&row.pipeline_name), row.change.word());
        std::iter::once(head).chain(row.shown_fields().iter().map(|field| self::field(row.change, field)))
    });
    Section::folded("Plan, field by field", total, lines)
}

fn field(change: Change, field: &Field) -> String {
    if field.from().is_none() && field.to().is_none() {
        return format!("  - {}\n", prose(field.path()));
    }
    let shown = |value: Option<&str>| value.map_or_else(|| "not set".to_owned(), code);
    let from = if change == Change::Create { String::new() } else { format!("{} → ", shown(field.from())) };
    format!("  - {}: {from}{}\n", code(field.path()), shown(field.to()))
}

/// Findings about what the run deploys, the most severe first.
pub(super) fn findings(report: &Report) -> Section<'_> {
    let mut findings: Vec<&Located> = report.findings.iter().filter(|located| !located.finding.elsewhere).collect();
    findings.sort_by_key(|located| std::cmp::Reverse(located.finding.severity));
    let count = |severity| findings.iter().filter(|located| located.finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let title = format!("Diagnostics: errors {errors}, warnings {warnings}");
    let section = Section::folded(&title, findings.len(), findings.into_iter().map(finding));
    if errors > 0 { section.unfolded() } else { section }
}

/// The number of the other findings.
pub(super) fn elsewhere(report: &Report) -> Section<'_> {
    let count = report.findings.iter().filter(|located| located.finding.elsewhere).count();
    let findings = if count == 1 { "1 finding is".to_owned() } else { format!("{count} findings are") };
    let line = format!("{findings} about what this run does not deploy: the log lists them.\n");
    Section::plain("", 1, (count > 0).then_some(line).into_iter())
}

fn finding(Located { finding, place }: &Located) -> String {
    let place = place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
    let place = code(&format!("{}{place}", finding.at.path));
    let (severity, message) = (finding.severity.word(), prose(&finding.message));
    let line = format!("- **{severity}** {place} {message} ({})\n", code(finding.rule.code()));
    finding.help.iter().fold(line, |text, help| format!("{text}  - hint: {}\n", prose(help)))
}

/// Why each workflow was selected.
pub(super) fn reasons(report: &Report) -> Section<'_> {
    let reasoned = report.workflows.iter().filter(|row| !row.reasons.is_empty());
    let lines = reasoned.clone().map(|row| {
        let reasons: Vec<String> = row.reasons.iter().take(MAX_DETAILS).map(|reason| prose(reason)).collect();
        let more = row.reasons.len().saturating_sub(MAX_DETAILS);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        format!("- {}: {}{more}\n", code(&row.name), reasons.join("; "))
    });
    Section::folded("Why these workflows", reasoned.count(), lines)
}

/// Earlier runs, the latest first.
pub(super) fn history(history: &[Past]) -> Section<'_> {
    let lines = history.iter().map(|past| {
        let parts = [
            Some(past.result.clone()),
            past.commit.as_deref().map(code),
            past.started.as_deref().map(code),
            past.url.as_deref().and_then(|url| link("run", url)),
        ];
        format!("- {}\n", parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
    });
    Section::folded("Earlier runs", history.len(), lines)
}

/// Pipelines that earlier runs deployed, and of which the report has no link.
pub(super) fn standing<'a>(standing: &[&'a StandingPipeline]) -> Section<'a> {
    let line = |pipeline: &&'a StandingPipeline| {
        let link = link("open", &pipeline.url).unwrap_or_default();
        format!("| {} | {link} |\n", cell(&pipeline.name))
    };
    let lines: Vec<String> = standing.iter().map(line).collect();
    Section::plain("| still deployed by an earlier run | link |\n|---|---|\n", lines.len(), lines.into_iter())
}

/// Commands to reproduce and clean up, and the missing permission. What stands can be cleaned up, too.
pub(super) fn footer(report: &Report, stands: bool) -> String {
    let mut footer = String::new();
    let clean_up = report.clean_up.as_ref().or(report.removal.as_ref().filter(|_| stands));
    for (title, command) in [("Reproduce", report.reproduce.as_ref()), ("Clean up", clean_up)] {
        let Some(command) = command else { continue };
        let command = command_line(command);
        // A truncated command would do something else.
        if truncate(&command, MAX_COMMAND) == command {
            let command = fence("sh", &command);
            _ = writeln!(footer, "<details><summary>{title}</summary>\n\n{command}\n</details>\n");
        }
    }
    if let Some(permission) = &report.permission {
        let permission = fence("yaml", &truncate(permission, MAX_COMMAND));
        _ = writeln!(footer, "Missing in the workflow file:\n\n{permission}");
    }
    footer
}

/// Program and arguments as one shell command.
pub(super) fn command_line(words: &[String]) -> String {
    words.iter().map(|word| shell(word)).collect::<Vec<_>>().join(" ")
}

/// The icon of a status.
fn icon(status: Status) -> &'static str {
    match status {
        Status::Failed => "❌",
        Status::Blocked => "⛔",
        Status::Skipped => "⏭️",
        Status::Planned => "📝",
        Status::Done => "✅",
    }
}
