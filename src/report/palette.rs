//! The colours of text on a terminal.

use annotate_snippets::Renderer;
use anstyle::{AnsiColor, Style};

use super::escape;
use super::{Change, Status};

/// The styles of one stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    colored: bool,
}

const BAD: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();
const GOOD: Style = AnsiColor::Green.on_default();
const CAREFUL: Style = AnsiColor::Yellow.on_default();

impl Palette {
    pub(super) fn of(colored: bool) -> Self {
        Self { colored }
    }

    /// What shows findings.
    pub(super) fn renderer(self) -> Renderer {
        if self.colored { Renderer::styled() } else { Renderer::plain() }
    }

    /// An error or a warning with its hints, a line each.
    pub(super) fn message(self, level: &'static str, message: &str, hints: &[String]) -> String {
        let style = if level == "error" { BAD } else { WARNING };
        let first = format!("{}: {}\n", self.paint(style, level), escape::line(message));
        hints.iter().fold(first, |text, hint| text + &self.hint(hint))
    }

    /// What to do, as a line.
    pub(super) fn hint(self, hint: &str) -> String {
        format!("{}: {}\n", self.paint(HINT, "hint"), escape::line(hint))
    }

    /// The word for a change, as wide as its column.
    pub(super) fn change(self, change: Change) -> String {
        let (word, style) = match change {
            Change::None => ("-", Style::new()),
            Change::Unchanged => (change.word(), Style::new()),
            Change::Create => (change.word(), GOOD),
            Change::Update => (change.word(), CAREFUL),
            Change::Recreate | Change::Destroy => (change.word(), BAD),
        };
        self.paint(style, &format!("{word:<9}"))
    }

    /// The word for a status, as wide as its column.
    pub(super) fn status(self, status: Status) -> String {
        let style = match status {
            Status::Failed | Status::Blocked => BAD,
            Status::Skipped | Status::Planned => Style::new(),
            Status::Done => GOOD,
        };
        self.paint(style, &format!("{:<7}", status.word()))
    }

    /// How the run ended, and where.
    pub(super) fn heading(self, text: &str, failed: bool) -> String {
        self.paint(if failed { BAD } else { Style::new().bold() }, text)
    }

    /// `text` is ours, or escaped.
    fn paint(self, style: Style, text: &str) -> String {
        if self.colored { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}
