//! Texts of others at a length that people read.

use std::borrow::Cow;

/// At most `limit` characters of `text`; the last of them says where it was cut, so that half a secret is known for one.
pub fn truncate(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()),
    }
}
