//! Takes secrets out of texts that leave the process.

use std::borrow::Cow;
use std::iter;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::reading::Reading;
use super::shape::shapes;
use super::{MASK, Secret};

/// Shorter secrets are no secrets; masking them would wreck every text.
const SHORTEST: usize = 4;
/// Fewer characters of base64, or of a secret whose end was cut off, occur by chance.
const SHORTEST_PART: usize = 8;
/// Escapes within escapes: JSON in a form in a JSON text.
const LAYERS: usize = 3;

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
    /// Takes every form of `secrets` out: as it is, in base64 and hex; with any case, escapes and line breaks; also the
    /// beginning of one that was cut.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let secrets = secrets.into_iter().map(Secret::expose).filter(|text| text.len() >= SHORTEST);
        let mut needles: Vec<String> = secrets.flat_map(forms).map(|form| form.to_ascii_lowercase()).collect();
        needles.sort();
        needles.dedup();
        Self { needles }
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
        if self.needles.is_empty() {
            return Vec::new();
        }
        let readings = iter::successors(Some(Reading::of(text)), Reading::decoded).take(1 + LAYERS);
        readings
            .flat_map(|reading| {
                self.needles.iter().flat_map(move |needle| reading.find(needle, SHORTEST_PART)).collect::<Vec<_>>()
            })
            .collect()
    }
}

fn forms(secret: &str) -> Vec<String> {
    let nibbles = secret.bytes().flat_map(|byte| [byte >> 4, byte & 15]);
    let hex = nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16)).collect();
    let mut forms = vec![secret.to_owned(), secret.replace(' ', "+"), hex];
    forms.extend(base64_forms(secret).into_iter().filter(|form| form.len() >= SHORTEST_PART));
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
