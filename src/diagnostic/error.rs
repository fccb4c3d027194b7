//! Errors that end a run: a kind, causes, and hints.

use std::fmt;

/// The kind of an error, which determines the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Unexpected: a bug, or a problem of the machine.
    Internal,
    /// Bad input or configuration.
    Input,
    /// Specs are invalid.
    Invalid,
    /// The deployment failed and nothing was changed.
    Failed,
    /// The deployment failed part-way.
    Partial,
    /// The service refused the credentials or lacks a permission.
    Refused,
    /// The run was stopped by a signal (2 or 15).
    Stopped(u8),
}

impl Kind {
    /// The exit code of the process, as listed in the README.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Input => 2,
            Self::Invalid => 3,
            Self::Failed => 4,
            Self::Partial => 5,
            Self::Refused => 6,
            Self::Stopped(signal) => 128 + signal,
        }
    }
}

/// An error that ends a run.
#[derive(Debug)]
pub struct Error {
    /// Its kind.
    pub kind: Kind,
    /// The message, with its causes.
    pub cause: anyhow::Error,
    /// What to do, one step each.
    pub hints: Vec<String>,
}

/// The result of a stage that can end the run.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind`; `message` starts in lower case and has no full stop.
    pub fn new(kind: Kind, message: impl fmt::Display + fmt::Debug + Send + Sync + 'static) -> Self {
        Self { kind, cause: anyhow::Error::msg(message), hints: Vec::new() }
    }

    /// Bad input or configuration.
    pub fn input(message: impl fmt::Display + fmt::Debug + Send + Sync + 'static) -> Self {
        Self::new(Kind::Input, message)
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The message followed by its causes, joined by colons.
    pub fn message(&self) -> String {
        format!("{:#}", self.cause)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

/// Adds a kind and a context to an error.
pub trait ErrorContext<T> {
    /// `context` says what failed, in lower case.
    fn or_kind(self, kind: Kind, context: impl fmt::Display + Send + Sync + 'static) -> Result<T>;
}

impl<T, E: Into<anyhow::Error>> ErrorContext<T> for std::result::Result<T, E> {
    fn or_kind(self, kind: Kind, context: impl fmt::Display + Send + Sync + 'static) -> Result<T> {
        self.map_err(|error| Error { kind, cause: error.into().context(context), hints: Vec::new() })
    }
}
