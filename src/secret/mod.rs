//! Secrets: values that cannot be printed, the registry that knows all of a run, and the redaction of texts that might
//! hold one.

mod reading;
mod redact;
mod registry;
mod shape;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

pub use redact::Redactor;
pub use registry::Secrets;
pub use shape::{hide, looks_secret};

/// What is shown in place of a secret.
const MASK: &str = "***";

/// A credential. It has no `Display`, `Debug` hides it, and only [`Secrets::admit`] makes one: whoever holds a credential
/// has registered it for masks and redaction.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The credential itself, for the one header it belongs into.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
