//! Standard output and standard error.

use std::io::{self, BufRead as _, IsTerminal, Write};

use clap::ColorChoice;
use rustix::termios;

use crate::env::{self, Env};
use crate::report::{Colors, Passage};
use crate::secret::{Redactor, Secret};

/// Which streams show colours: those that are a terminal, unless `choice` or the environment says otherwise.
pub(in crate::app) fn colors(choice: ColorChoice, env: &Env) -> Colors {
    let unwanted = env.get(env::NO_COLOR).is_some() || env.get(env::TERM) == Some("dumb");
    let colored = |is_terminal: bool| match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => is_terminal && !unwanted,
    };
    Colors { output: colored(io::stdout().is_terminal()), error: colored(io::stderr().is_terminal()) }
}

/// Whether somebody can be asked.
pub(in crate::app) fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a question of yes or no. Only a whole line that says so is a yes, and what was typed before is no answer; a terminal
/// that is gone says no.
pub(in crate::app) fn confirm(question: &str) -> bool {
    // Where nothing can be thrown away, nothing was typed.
    let _ = termios::tcflush(io::stdin(), termios::QueueSelector::IFlush);
    error(&format!("{question} [y/N] "));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    if read.is_ok_and(|length| length == 0) {
        error("\n");
    }
    ["y", "yes"].contains(&answer.trim().to_lowercase().as_str())
}

/// Shows a report, each passage on its stream.
pub(in crate::app) fn show(passages: &[Passage], redactor: &Redactor) {
    for passage in passages {
        match passage {
            Passage::Result(text) => output(&redactor.redact(text)),
            Passage::Diagnostic(text) => error(&redactor.redact(text)),
        }
    }
}

/// Writes to standard output: what was asked for, and workflow commands.
pub(in crate::app) fn output(text: &str) {
    // A reader that is gone must not fail a deployment.
    drop(io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()));
}

/// Writes to standard error: diagnostics, and the log of a step.
pub(in crate::app) fn error(text: &str) {
    drop(io::stderr().write_all(text.as_bytes()));
}

/// Has the runner mask a secret in all that is printed from now on.
pub(in crate::app) fn mask(secret: &Secret) {
    // A secret is one line of ASCII: the percent sign is all that means something else in a command.
    output(&format!("::add-mask::{}\n", secret.expose().replace('%', "%25")));
}
