//! Truncation of untrusted text.

use std::borrow::Cow;

/// At most `limit` characters of `text`; the last is `…` if it was truncated, so that a part of a secret is recognized.
pub fn truncate(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()),
    }
}
