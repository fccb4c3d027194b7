//! A text as somebody might read it: nothing in it splits or hides a word, and escapes are undone.

use std::ops::Range;

/// What a cut text ends with.
const CUT: char = '…';

/// The ASCII letters, digits, signs and blanks of a text, in lower case, and where each of them stands in it.
///
/// Secrets are made of nothing else, so whatever stands between them only splits them: line breaks and the indentation
/// after them, marks without width, letters of other scripts.
#[derive(Default)]
pub(super) struct Reading {
    text: String,
    places: Vec<Range<usize>>,
    /// Where something may have been cut off: before each [`CUT`], and at the end.
    cuts: Vec<usize>,
    after_break: bool,
}

impl Reading {
    /// `text` with its escapes as they are.
    pub(super) fn of(text: &str) -> Self {
        let mut reading = Self::default();
        text.char_indices().for_each(|(at, c)| reading.push(c, at..at + c.len_utf8()));
        reading.cuts.push(reading.text.len());
        reading
    }

    /// The same with one layer of escapes undone: percent, backslash, HTML; `None` where there is none.
    pub(super) fn decoded(&self) -> Option<Self> {
        if !self.text.contains(['%', '\\', '&']) {
            return None;
        }
        let (mut decoded, mut at) = (Self::default(), 0);
        let mut cuts = self.cuts.iter().copied().peekable();
        while let Some(first) = self.text[at..].chars().next() {
            let (c, length) = escape(&self.text[at..]).unwrap_or((first, 1));
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
        for cut in &self.cuts {
            let before = &self.text[..*cut];
            let part = (least..needle.len()).rev().find(|length| before.ends_with(&needle[..*length]));
            hits.extend(part.map(|length| self.place(cut - length..*cut)));
        }
        hits
    }

    fn place(&self, range: Range<usize>) -> Range<usize> {
        self.places[range.start].start..self.places[range.end - 1].end
    }

    fn push(&mut self, c: char, place: Range<usize>) {
        if c == CUT {
            self.cuts.push(self.text.len());
        }
        let seen = c.is_ascii_graphic() || (c == ' ' && !self.after_break);
        self.after_break = !c.is_ascii_graphic() && (c != ' ' || self.after_break);
        if seen {
            self.text.push(c.to_ascii_lowercase());
            self.places.push(place);
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
