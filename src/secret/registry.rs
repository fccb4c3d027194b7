//! All secrets of a run, known from the moment they are read or minted.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

use super::{Redactor, Secret};

/// Has the outside world, such as the runner, mask a secret.
type Mask = dyn Fn(&Secret) + Send + Sync;

/// The registry of a run's secrets. Clones share it: a secret that one of them admits is masked and redacted by all.
#[derive(Clone, Default)]
pub struct Secrets {
    redactor: Redactor,
    mask: Option<Arc<Mask>>,
}

impl Secrets {
    /// An empty registry that has each new secret masked by `mask` before anybody else sees it.
    pub fn masked_by(mask: impl Fn(&Secret) + Send + Sync + 'static) -> Self {
        Self { redactor: Redactor::default(), mask: Some(Arc::new(mask)) }
    }

    /// Takes a credential in, trimmed; `None` for blank text and for characters that no header can carry.
    pub fn admit(&self, text: &str) -> Option<Secret> {
        let text = text.trim();
        let printable = text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
        if text.is_empty() || !printable {
            return None;
        }
        let secret = Secret(SecretString::from(text.to_owned()));
        if let Some(mask) = &self.mask {
            mask(&secret);
        }
        self.redactor.add(&secret);
        Some(secret)
    }

    /// What takes them out of texts: those admitted so far, and those still to come.
    pub fn redactor(&self) -> Redactor {
        self.redactor.clone()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({:?})", self.redactor)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::Secrets;

    #[test]
    fn a_secret_that_comes_late_is_masked_and_redacted_like_the_first() {
        let masked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&masked);
        let secrets = Secrets::masked_by(move |secret| seen.lock().unwrap().push(secret.expose().to_owned()));
        let redactor = secrets.redactor();
        secrets.admit(" first-secret ").unwrap();
        assert_eq!(redactor.redact("first-secret, minted-later"), "***, minted-later");
        secrets.clone().admit("minted-later").unwrap();
        assert_eq!(redactor.redact("first-secret, minted-later"), "***, ***");
        assert_eq!(*masked.lock().unwrap(), ["first-secret", "minted-later"]);
    }

    #[test]
    fn a_text_that_no_header_can_carry_is_not_a_secret() {
        for text in ["", "  ", "two\nlines", "ünicode"] {
            assert!(Secrets::default().admit(text).is_none(), "{text:?}");
        }
    }
}
