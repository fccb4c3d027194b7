//! Takes secrets out of texts that leave the process.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::shape::shapes;
use super::{MASK, Secret};

/// Shorter secrets are no secrets; masking them would wreck every text.
const SHORTEST: usize = 4;
/// Fewer characters of base64 occur by chance.
const SHORTEST_BASE64: usize = 8;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Knows the secrets of this run, in the forms in which they might come back, and the shapes of common tokens.
#[derive(Clone, Default)]
pub struct Redactor {
    needles: Vec<String>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} forms)", self.needles.len())
    }
}

impl Redactor {
    /// Takes every form of `secrets` out: as it is, in base64, percent-encoded, inside JSON; also split over lines.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let secrets = secrets.into_iter().map(Secret::expose).filter(|text| text.len() >= SHORTEST);
        let mut needles: Vec<String> = secrets.flat_map(forms).collect();
        needles.sort();
        needles.dedup();
        Self { needles }
    }

    /// `text` with `***` for each secret; borrowed where there is none.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut hits = shapes(text);
        hits.extend(self.known(text));
        if hits.is_empty() {
            return Cow::Borrowed(text);
        }
        hits.sort_by_key(|hit| hit.start);
        let (mut clean, mut done) = (String::with_capacity(text.len()), 0);
        for hit in hits {
            if hit.start >= done {
                clean.push_str(&text[done..hit.start]);
                clean.push_str(MASK);
            }
            done = done.max(hit.end);
        }
        clean.push_str(&text[done..]);
        Cow::Owned(clean)
    }

    /// Where known secrets stand, looked for as if line breaks and the indentation after them were not there.
    fn known(&self, text: &str) -> Vec<Range<usize>> {
        if self.needles.is_empty() {
            return Vec::new();
        }
        let (joined, origin) = join_lines(text);
        let mut hits = Vec::new();
        for needle in &self.needles {
            let mut from = 0;
            while let Some(found) = joined[from..].find(needle.as_str()) {
                let start = from + found;
                hits.push(origin[start]..origin[start + needle.len() - 1] + 1);
                from = start + 1;
            }
        }
        hits
    }
}

/// `text` on one line, and for each of its bytes the place it came from. Needles are ASCII, so every hit starts and
/// ends between characters.
fn join_lines(text: &str) -> (String, Vec<usize>) {
    let (mut joined, mut origin) = (String::with_capacity(text.len()), Vec::with_capacity(text.len()));
    let mut after_break = false;
    for (at, c) in text.char_indices() {
        after_break = matches!(c, '\r' | '\n') || (after_break && matches!(c, ' ' | '\t'));
        if !after_break {
            joined.push(c);
            origin.extend(at..at + c.len_utf8());
        }
    }
    (joined, origin)
}

fn forms(secret: &str) -> Vec<String> {
    let percent = [NON_ALPHANUMERIC, UNRESERVED].map(|set| utf8_percent_encode(secret, set).to_string());
    let lower = percent.clone().map(|text| lower_escapes(&text));
    let json = serde_json::Value::from(secret).to_string();
    let mut forms = vec![secret.to_owned(), json[1..json.len() - 1].to_owned()];
    forms.extend(percent.into_iter().chain(lower));
    forms.extend(base64_forms(secret).into_iter().filter(|form| form.len() >= SHORTEST_BASE64));
    forms
}

/// The part of the base64 text that depends on the secret alone, wherever in the encoded bytes the secret began.
fn base64_forms(secret: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for before in 0..3 {
        let bytes = [&vec![0; before], secret.as_bytes()].concat();
        // A character carries six bits: leave out those that also carry bits of a neighbour.
        let (start, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for text in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            forms.push(text[start..end].to_owned());
        }
    }
    forms
}

/// `%2F` as `%2f`.
fn lower_escapes(text: &str) -> String {
    let mut parts = text.split('%');
    let mut lower = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at(2);
        lower.extend(["%", &code.to_ascii_lowercase(), rest]);
    }
    lower
}
