//! A run that cannot go on: a kind, its causes, and what to do.

use std::fmt;

/// What sort of trouble ended the run; it alone decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Unforeseen: a mistake of ours, or of the machine.
    Internal,
    /// Bad input or configuration.
    Input,
    /// Specs were found invalid.
    Invalid,
    /// The deployment failed and nothing was changed.
    Failed,
    /// The deployment failed part-way.
    Partial,
    /// The service refused: credentials or permission.
    Refused,
    /// A signal ended the run; the number is the signal's (2 or 15).
    Stopped(u8),
}

impl Kind {
    /// The process's exit code, as README lists them.
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

/// Why a run cannot go on.
#[derive(Debug)]
pub struct Error {
    /// The sort of trouble.
    pub kind: Kind,
    /// What happened, with its causes.
    pub cause: anyhow::Error,
    /// What to do, one step each.
    pub hints: Vec<String>,
}

/// What a stage gives that may end the run.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Trouble of `kind`; `message` starts in lower case and has no full stop.
    pub fn new(kind: Kind, message: impl fmt::Display + fmt::Debug + Send + Sync + 'static) -> Self {
        Self { kind, cause: anyhow::Error::msg(message), hints: Vec::new() }
    }

    /// Bad input or configuration.
    pub fn input(message: impl fmt::Display + fmt::Debug + Send + Sync + 'static) -> Self {
        Self::new(Kind::Input, message)
    }

    /// The same trouble with one more step to take.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The causes from the outermost in, joined by colons.
    pub fn message(&self) -> String {
        format!("{:#}", self.cause)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

/// Gives a foreign error its kind and says what was being done.
pub trait Context<T> {
    /// `doing` completes "failed to …" or names the thing in hand.
    fn or_kind(self, kind: Kind, doing: impl fmt::Display + Send + Sync + 'static) -> Result<T>;
}

impl<T, E: Into<anyhow::Error>> Context<T> for std::result::Result<T, E> {
    fn or_kind(self, kind: Kind, doing: impl fmt::Display + Send + Sync + 'static) -> Result<T> {
        self.map_err(|error| Error { kind, cause: error.into().context(doing), hints: Vec::new() })
    }
}
