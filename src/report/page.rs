//! The report as one page of Markdown within a limit: the step summary, and the visible part of the comment.

use std::fmt::Write as _;

use super::Report;
use super::history::Past;
use super::section::{self, Section};

/// What a page may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Size of the page.
    pub(super) bytes: usize,
    /// Rows of its table.
    pub(super) rows: usize,
    /// Where the reader finds what was left out.
    pub(super) elsewhere: &'static str,
}

/// A step summary may have 1,048,576 bytes (GitHub docs).
const SUMMARY: Limits = Limits { bytes: 1_000_000, rows: 2_000, elsewhere: "the JSON report" };

/// Room kept for the words on what was left out.
const SPARE: usize = 200;

/// The step summary: the comment's layout with more room, at most 1,000,000 bytes.
pub fn summary(report: &Report) -> String {
    page(report, &[], SUMMARY)
}

/// Header and footer always; between them what fits, the most important first.
pub(super) fn page(report: &Report, history: &[Past], limits: Limits) -> String {
    let footer = section::footer(report);
    let mut page =
        Page { text: section::header(report), limit: limits.bytes.saturating_sub(footer.len() + SPARE), cut: false };
    let (quarter, half, all) = (page.limit / 4, page.limit / 2, page.limit);
    page.add(section::trouble(report), quarter);
    page.add(section::failures(report), quarter);
    page.add(section::table(report, limits.rows), half);
    page.add(section::notes(report), quarter);
    page.add(section::findings(report), all);
    page.add(section::plan(report), all);
    page.add(section::reasons(report), all);
    page.add(section::history(history), all);
    if page.cut {
        _ = writeln!(page.text, "Details were left out here: {} has them.\n", limits.elsewhere);
    }
    page.text + &footer
}

struct Page {
    text: String,
    limit: usize,
    cut: bool,
}

impl Page {
    /// Adds a section of at most `share` bytes, its last lines left out and counted where they do not fit.
    fn add(&mut self, section: Section<'_>, share: usize) {
        let Section { open, lines, total, most, close } = section;
        let left = self.limit.saturating_sub(self.text.len());
        let mut room = left.min(share).saturating_sub(open.len() + close.len() + SPARE);
        let mut shown = 0;
        for line in lines.take(most) {
            if line.len() > room {
                self.cut = true;
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
