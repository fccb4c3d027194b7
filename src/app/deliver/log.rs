//! The log: progress for people on standard error, without secrets and workflow commands.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

use super::pace::Pace;
use crate::cli::OutputFormat;
use crate::clock;
use crate::report::escape;
use crate::secret::Redactor;

struct Log {
    redactor: Redactor,
    /// The pace of progress, where not all of it is shown.
    pace: Option<Mutex<Pace>>,
}

/// One line of the log.
struct LogLine<'a> {
    redactor: &'a Redactor,
    shown: bool,
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = LogLine<'a>;

    fn make_writer(&'a self) -> LogLine<'a> {
        LogLine { redactor: &self.redactor, shown: true }
    }

    fn make_writer_for(&'a self, line: &Metadata<'_>) -> LogLine<'a> {
        let due = |pace: &Mutex<Pace>| pace.lock().unwrap_or_else(PoisonError::into_inner).admits(clock::instant());
        let is_progress = *line.level() > Level::WARN;
        let shown = self.pace.as_ref().is_none_or(|pace| !is_progress || due(pace));
        LogLine { redactor: &self.redactor, shown }
    }
}

impl Write for LogLine<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.shown {
            let text = String::from_utf8_lossy(bytes);
            io::stderr().write_all(escape::log(&self.redactor.redact(&text)).as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// How much of a run is shown while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Verbosity {
    /// Only what needs attention.
    Quiet,
    /// Now and then what is being done.
    Seldom,
    /// What is being done.
    Steps,
    /// Each stage and each request as well.
    Requests,
}

impl Verbosity {
    /// What people want to see: steps on a terminal, some of them in a file, nothing if the output is for a program.
    pub(in crate::app) fn of_command(output: OutputFormat, verbose: bool) -> Self {
        match output {
            _ if verbose => Self::Requests,
            OutputFormat::Text if io::stderr().is_terminal() => Self::Steps,
            OutputFormat::Text => Self::Seldom,
            OutputFormat::Json => Self::Quiet,
        }
    }
}

/// Starts the log, one plain line an event.
pub(in crate::app) fn start(redactor: &Redactor, progress: Verbosity) {
    let pace = (progress == Verbosity::Seldom).then(Mutex::default);
    let log = Log { redactor: redactor.clone(), pace };
    let level = match progress {
        Verbosity::Quiet => Level::WARN,
        Verbosity::Seldom | Verbosity::Steps => Level::INFO,
        Verbosity::Requests => Level::DEBUG,
    };
    let builder = tracing_subscriber::fmt().with_max_level(level).without_time().with_target(false).with_level(false);
    // A second start, as in tests of the library, keeps the first log.
    drop(builder.with_ansi(false).with_writer(log).try_init());
}
