//! The report as one page of Markdown within a limit: the step summary, and the visible part of the comment.

use std::fmt::Write as _;

use super::Report;
use super::history::{Past, StandingPipeline};
use super::section::{self, Section};

/// Limits of a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Size of the page.
    pub(super) bytes: usize,
    /// Rows of its table.
    pub(super) rows: usize,
    /// Where to find what is left out.
    pub(super) elsewhere: &'static str,
}

/// A step summary may have 1,048,576 bytes (GitHub docs).
const SUMMARY: Limits = Limits { bytes: 1_000_000, rows: 2_000, elsewhere: "the JSON report" };

/// Bytes reserved for the sentences about what is left out.
const SPARE: usize = 200;

/// What is known of earlier runs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Before<'a> {
    /// The runs, the latest first.
    pub(super) runs: &'a [Past],
    /// What they deployed, and the report does not show.
    pub(super) standing: &'a [&'a StandingPipeline],
}

/// The step summary: the layout of the comment, at most 1,000,000 bytes.
pub fn summary(report: &Report) -> String {
    page(report, Before::default(), SUMMARY)
}

/// Header, footer and, between them, what fits, the most important first.
pub(super) fn page(report: &Report, before: Before<'_>, limits: Limits) -> String {
    let footer = section::footer(report, !before.standing.is_empty());
    let mut page = PageWriter {
        text: section::header(report),
        limit: limits.bytes.saturating_sub(footer.len() + SPARE),
        truncated: false,
    };
    let (quarter, half, all) = (page.limit / 4, page.limit / 2, page.limit);
    page.add(section::run_error(report), quarter);
    page.add(section::failures(report), quarter);
    page.add(section::table(report, limits.rows), half);
    page.add(section::standing(before.standing), quarter);
    page.add(section::sweep(report, limits.rows), half);
    page.add(section::notes(report), quarter);
    page.add(section::findings(report), all);
    page.add(section::elsewhere(report), all);
    page.add(section::plan(report), all);
    page.add(section::reasons(report), all);
    page.add(section::history(before.runs), all);
    if page.truncated {
        _ = writeln!(page.text, "Some details are left out: see {}.\n", limits.elsewhere);
    }
    page.text + &footer
}

struct PageWriter {
    text: String,
    limit: usize,
    truncated: bool,
}

impl PageWriter {
    /// Adds a section of at most `share` bytes; lines that do not fit are left out and counted.
    fn add(&mut self, section: Section<'_>, share: usize) {
        let Section { open, lines, total, most, close } = section;
        let left = self.limit.saturating_sub(self.text.len());
        let mut room = left.min(share).saturating_sub(open.len() + close.len() + SPARE);
        let mut shown = 0;
        for line in lines.take(most) {
            if line.len() > room {
                self.truncated = true;
                break;
            }
            room -= line.len();
            self.text.push_str(if shown == 0 { &open } else { "" });
            self.text.push_str(&line);
            shown += 1;
        }
        if (1..total).contains(&shown) {
            _ = writeln!(self.text, "\nand {} more", total - shown);
        }
        self.text.push_str(if shown == 0 { "" } else { close });
    }
}
