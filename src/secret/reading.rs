//! A normalized text, to find secrets that are split, escaped or truncated.

use std::collections::BTreeSet;
use std::ops::Range;

/// First characters of escapes: percent encoding; JSON and Markdown; HTML.
pub(super) const SIGNS: [char; 3] = ['%', '\\', '&'];
/// The end of a truncated text.
const CUT: char = '…';

/// The forms of secrets that are looked for, in printable ASCII, in lower case and without spaces: each once, by its first
/// byte.
#[derive(Default)]
pub(super) struct Needles(Vec<BTreeSet<String>>);

impl Needles {
    pub(super) fn insert(&mut self, needle: String) {
        let Some(first) = needle.bytes().next().map(usize::from) else { return };
        if self.0.len() <= first {
            self.0.resize_with(first + 1, BTreeSet::new);
        }
        self.0[first].insert(needle);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(BTreeSet::len).sum()
    }

    fn starting_with(&self, first: u8) -> impl Iterator<Item = &String> {
        self.0.get(usize::from(first)).into_iter().flatten()
    }
}

/// The printable ASCII characters of a text, in lower case, and their positions in it.
///
/// Secrets consist of these, so anything else only splits them: line breaks and spaces, zero-width characters, letters
/// of other scripts.
pub(super) struct Reading {
    text: String,
    places: Vec<(usize, usize)>,
    /// Where the text may have been truncated: before each [`CUT`], and at the end.
    cuts: Vec<usize>,
}

impl Reading {
    /// `text` without decoding escapes.
    pub(super) fn of(text: &str) -> Self {
        let mut reading = Self::with_capacity(text.len());
        text.char_indices().for_each(|(at, c)| reading.push(c, at..at + c.len_utf8()));
        reading.cuts.push(reading.text.len());
        reading
    }

    fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), places: Vec::with_capacity(bytes), cuts: Vec::new() }
    }

    /// The same with one layer of the escapes of `sign`, one of [`SIGNS`], decoded; `None` if there are none.
    pub(super) fn decoded(&self, sign: char) -> Option<Self> {
        if !self.text.contains(sign) {
            return None;
        }
        let (mut decoded, mut at) = (Self::with_capacity(self.text.len()), 0);
        let mut cuts = self.cuts.iter().copied().peekable();
        while let Some(first) = self.text[at..].chars().next() {
            let (c, length) =
                Some(first).filter(|c| *c == sign).and_then(|_| escape(&self.text[at..])).unwrap_or((first, 1));
            while cuts.next_if(|cut| *cut < at + length).is_some() {
                decoded.cuts.push(decoded.text.len());
            }
            decoded.push(c, self.place(at..at + length));
            at += length;
        }
        decoded.cuts.push(decoded.text.len());
        Some(decoded)
    }

    /// Positions of each of `needles` in the original text, and of its first `least` or more characters before a cut.
    pub(super) fn find(&self, needles: &Needles, least: usize) -> Vec<Range<usize>> {
        let text = self.text.as_bytes();
        let mut hits = Vec::new();
        for (start, first) in text.iter().enumerate() {
            for needle in needles.starting_with(*first) {
                let common = text[start..].iter().zip(needle.as_bytes()).take_while(|(a, b)| a == b).count();
                let end = if common == needle.len() { Some(start + common) } else { self.cut(start, least, common) };
                hits.extend(end.map(|end| self.place(start..end)));
            }
        }
        hits
    }

    /// The last cut after at least `least` and at most `most` characters from `start`.
    fn cut(&self, start: usize, least: usize, most: usize) -> Option<usize> {
        if most < least {
            return None;
        }
        let after = self.cuts.partition_point(|cut| *cut <= start + most);
        self.cuts[..after].last().copied().filter(|cut| *cut >= start + least)
    }

    fn place(&self, range: Range<usize>) -> Range<usize> {
        self.places[range.start].0..self.places[range.end - 1].1
    }

    fn push(&mut self, c: char, place: Range<usize>) {
        if c == CUT {
            self.cuts.push(self.text.len());
        }
        if c.is_ascii_graphic() {
            self.text.push(c.to_ascii_lowercase());
            self.places.push((place.start, place.end));
        }
    }
}

/// Decodes the escape at the start of `text`, ASCII in lower case: the character, and the length of the escape.
fn escape(text: &str) -> Option<(char, usize)> {
    let number = |range: Range<usize>, radix| {
        let code = u32::from_str_radix(text.get(range)?, radix).ok()?;
        char::from_u32(code)
    };
    match text.as_bytes() {
        [b'%', ..] => Some((number(1..3, 16)?, 3)),
        [b'\\', b'u', ..] => Some((number(2..6, 16)?, 6)),
        [b'\\', b'x', ..] => Some((number(2..4, 16)?, 4)),
        [b'\\', b'n' | b'r' | b't', ..] => Some(('\n', 2)),
        [b'\\', sign, ..] if sign.is_ascii_punctuation() => Some((char::from(*sign), 2)),
        [b'&', ..] => {
            let end = text.bytes().take(10).position(|byte| byte == b';')?;
            let c = match &text[1..end] {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                name if name.starts_with("#x") => number(3..end, 16)?,
                name if name.starts_with('#') => number(2..end, 10)?,
                _ => return None,
            };
            Some((c, end + 1))
        }
        _ => None,
    }
}
