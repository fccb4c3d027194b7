//! Standard output and standard error.

use std::io::{self, Write};

use crate::secret::Secret;

/// Writes to standard output: workflow commands and JSON.
pub(in crate::app) fn output(text: &str) {
    // A reader that is gone must not fail a deployment.
    drop(io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()));
}

/// Writes to standard error, for people.
pub(in crate::app) fn error(text: &str) {
    drop(io::stderr().write_all(text.as_bytes()));
}

/// Has the runner mask a secret in all that is printed from now on.
pub(in crate::app) fn mask(secret: &Secret) {
    // A secret is one line of ASCII: the percent sign is all that means something else in a command.
    output(&format!("::add-mask::{}\n", secret.expose().replace('%', "%25")));
}
