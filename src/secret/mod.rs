//! Secrets: values that cannot be printed, and the redaction of texts that might hold one.

mod reading;
mod redact;
mod shape;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

pub use redact::Redactor;
pub use shape::{hide, looks_secret};

/// What stands where a secret stood.
const MASK: &str = "***";

/// A credential. It has no `Display`; `Debug` hides it.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a credential in, trimmed; `None` for blank text or one with characters no header can carry.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let printable = text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
        (!text.is_empty() && printable).then(|| Self(SecretString::from(text.to_owned())))
    }

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
