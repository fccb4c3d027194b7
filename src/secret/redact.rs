//! Takes secrets out of texts that leave the process.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::reading::{Needles, Reading, SIGNS};
use super::shape::shapes;
use super::{MASK, Secret};

/// Shorter secrets are no secrets; masking them would wreck every text.
const SHORTEST: usize = 4;
/// Fewer characters of base64, or of a secret whose end was cut off, occur by chance.
const SHORTEST_PART: usize = 8;
/// Escapes within escapes, such as JSON within JSON.
const LAYERS: usize = 3;

/// Knows the secrets of this run, in the forms in which they might come back, and the shapes of common tokens.
///
/// Clones share what they know.
#[derive(Clone, Default)]
pub struct Redactor {
    needles: Arc<RwLock<Needles>>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} forms)", self.needles.read().unwrap_or_else(PoisonError::into_inner).len())
    }
}

impl Redactor {
    /// Takes every form of `secret` out from now on: as it is, in base64 and hex; with any case, escapes, blanks and line
    /// breaks; also the beginning of one that was cut.
    pub(super) fn add(&self, secret: &Secret) {
        let bare = |form: String| form.to_ascii_lowercase().replace(' ', "");
        let mut needles = self.needles.write().unwrap_or_else(PoisonError::into_inner);
        let forms = forms(secret.expose()).into_iter().map(bare).filter(|form| form.len() >= SHORTEST);
        forms.for_each(|form| needles.insert(form));
    }

    /// `text` with `***` for each secret; borrowed where there is none.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.replaced(text, |_| MASK.to_owned())
    }

    /// `text` with secrets painted over, so that every line and every byte stays where it is.
    pub fn cover<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let paint = |c: char| if matches!(c, '\r' | '\n') { c.to_string() } else { "*".repeat(c.len_utf8()) };
        self.replaced(text, |hit| hit.chars().map(paint).collect())
    }

    fn replaced<'a>(&self, text: &'a str, by: impl Fn(&str) -> String) -> Cow<'a, str> {
        let hits = self.hits(text);
        if hits.is_empty() {
            return Cow::Borrowed(text);
        }
        let (mut clean, mut done) = (String::with_capacity(text.len()), 0);
        for hit in hits {
            clean.push_str(&text[done..hit.start]);
            clean.push_str(&by(&text[hit.clone()]));
            done = hit.end;
        }
        clean.push_str(&text[done..]);
        Cow::Owned(clean)
    }

    /// Where secrets stand: in order, none touching another.
    fn hits(&self, text: &str) -> Vec<Range<usize>> {
        let mut hits = shapes(text);
        hits.extend(self.known(text));
        hits.sort_by_key(|hit| hit.start);
        hits.dedup_by(|next, hit| {
            let touches = next.start <= hit.end;
            hit.end = if touches { hit.end.max(next.end) } else { hit.end };
            touches
        });
        hits
    }

    /// Where known secrets stand in any reading of the text.
    fn known(&self, text: &str) -> Vec<Range<usize>> {
        let needles = self.needles.read().unwrap_or_else(PoisonError::into_inner);
        let mut hits = Vec::new();
        if !needles.is_empty() {
            look(&needles, &Reading::of(text), LAYERS, &mut hits);
        }
        hits
    }
}

/// Looks for the needles in a reading, and in each with one layer of escapes less.
fn look(needles: &Needles, reading: &Reading, layers: usize, hits: &mut Vec<Range<usize>>) {
    hits.extend(reading.find(needles, SHORTEST_PART));
    if layers > 0 {
        let decoded = SIGNS.into_iter().filter_map(|sign| reading.decoded(sign));
        decoded.for_each(|reading| look(needles, &reading, layers - 1, hits));
    }
}

fn forms(secret: &str) -> Vec<String> {
    let encoded =
        base64_forms(secret).into_iter().chain([hex::encode(secret)]).filter(|form| form.len() >= SHORTEST_PART);
    encoded.chain([secret.to_owned(), secret.replace(' ', "+")]).collect()
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
