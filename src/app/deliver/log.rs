//! The log: progress for people on standard error, without secrets and workflow commands.

use std::io::{self, IsTerminal, Write};

use crate::cli::OutputFormat;
use crate::report::escape;
use crate::secret::Redactor;

#[derive(Clone)]
struct Log(Redactor);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        io::stderr().write_all(escape::log(&self.0.redact(&text)).as_bytes())?;
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
    /// What is being done.
    Steps,
    /// Each stage and each request as well.
    Requests,
}

impl Verbosity {
    /// What people want to see: steps on a terminal, nothing if the output is for a program or a file.
    pub(in crate::app) fn of_command(output: OutputFormat, verbose: bool) -> Self {
        match output {
            _ if verbose => Self::Requests,
            OutputFormat::Text if io::stderr().is_terminal() => Self::Steps,
            OutputFormat::Text | OutputFormat::Json => Self::Quiet,
        }
    }
}

/// Starts the log, one plain line an event.
pub(in crate::app) fn start(redactor: &Redactor, progress: Verbosity) {
    let log = Log(redactor.clone());
    let level = match progress {
        Verbosity::Quiet => tracing::Level::WARN,
        Verbosity::Steps => tracing::Level::INFO,
        Verbosity::Requests => tracing::Level::DEBUG,
    };
    let builder = tracing_subscriber::fmt().with_max_level(level).without_time().with_target(false).with_level(false);
    // A second start, as in tests of the library, keeps the first log.
    drop(builder.with_ansi(false).with_writer(move || log.clone()).try_init());
}
