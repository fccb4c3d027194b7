//! A text as somebody might read it: nothing in it splits or hides a word, and escapes are undone.

use std::ops::Range;

/// Each begins the escapes of one syntax: percent encoding; JSON and Markdown; HTML.
pub(super) const SIGNS: [char; 3] = ['%', '\\', '&'];
/// What a cut text ends with.
const CUT: char = '…';

/// The ASCII letters, digits and signs of a text, in lower case, and where each of them stands in it.
///
/// Secrets are made of little else, so whatever stands between them only splits them: line breaks and blanks, marks
/// without width, letters of other scripts.
#[derive(Default)]
pub(super) struct Reading {
    text: String,
    places: Vec<(usize, usize)>,
    /// Where something may have been cut off: before each [`CUT`], and at the end.
    cuts: Vec<usize>,
}

impl Reading {
    /// `text` with its escapes as they are.
    pub(super) fn of(text: &str) -> Self {
        let mut reading = Self::default();
        text.char_indices().for_each(|(at, c)| reading.push(c, at..at + c.len_utf8()));
        reading.cuts.push(reading.text.len());
        reading
    }

    /// The same with one layer of the escapes undone that begin with `sign`, one of [`SIGNS`]; `None` where there is none.
    pub(super) fn decoded(&self, sign: char) -> Option<Self> {
        if !self.text.contains(sign) {
            return None;
        }
        let (mut decoded, mut at) = (Self::default(), 0);
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

    /// Where `needle`, in lower case, stands in the original, and where at least `least` characters of its beginning do
    /// before a cut.
    pub(super) fn find(&self, needle: &str, least: usize) -> Vec<Range<usize>> {
        let mut hits = Vec::new();
        let mut from = 0;
        while let Some(found) = self.text[from..].find(needle) {
            let start = from + found;
            hits.push(self.place(start..start + needle.len()));
            from = start + 1;
        }
        let Some(beginning) = needle.get(..least) else { return hits };
        for cut in &self.cuts {
            let from = cut.saturating_sub(needle.len());
            let before = &self.text[from..*cut];
            let part = before.match_indices(beginning).find(|(at, _)| needle.starts_with(&before[*at..]));
            hits.extend(part.map(|(at, _)| self.place(from + at..*cut)));
        }
        hits
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

/// The character that `text`, ASCII in lower case, begins with as an escape, and the escape's length.
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
