//! Events of the YAML parser → the tree.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, Tag};

use super::fault::{self, Fault};
use super::merge::merged;
use super::node::{Entry, Key, Node, Value};
use super::oddity::{Oddity, OddityKind};
use super::{Limits, Resolution, scalar, twice, yaml_1_1};
use crate::diagnostic::Diagnostics;
use crate::source::{Source, Span};

/// An event, where it is written, and where its tag is.
struct PlacedEvent<'s> {
    event: Event<'s>,
    span: Span,
    tag: Span,
}

/// Events of a node that an anchor names; the end is known once the node is complete.
type Anchored = HashMap<usize, (usize, Option<usize>)>;

pub(super) fn tree(
    source: &Source,
    (limits, resolution): (Limits, Resolution),
    findings: &mut Diagnostics,
    oddities: &mut Vec<Oddity>,
) -> Result<Node, Fault> {
    let events = events(source, limits, oddities)?;
    let mut builder = Builder {
        source,
        limits,
        plain: if resolution == Resolution::Core { scalar::plain } else { yaml_1_1::plain },
        events: &events,
        anchors: Anchored::new(),
        open: Vec::new(),
        root: None,
        nodes: 0,
        bytes: 0,
        findings,
        oddities,
    };
    builder.feed(0..events.len(), None)?;
    builder.root.ok_or_else(fault::empty)
}

/// Reads all events; what is odd about the text itself is noted.
fn events<'s>(source: &'s Source, limits: Limits, oddities: &mut Vec<Oddity>) -> Result<Vec<PlacedEvent<'s>>, Fault> {
    let options = granit_parser::options! {
        emit_anchor_events: true,
        max_buffered_comment_events: limits.bytes,
        // As PyYAML has it.
        block_scalar_eof_without_line_feed: true,
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
    };
    let mut events = Vec::new();
    let mut names = HashSet::new();
    // Where a tab is text, and not what parts it.
    let mut covered = Vec::new();
    let (mut documents, mut nodes) = (0, 0);
    for event in Parser::new_from_str_with_options(&source.text, options) {
        let (event, at) = event.map_err(|error| Fault::yaml(source, &error))?;
        let span = span_of(source, &at);
        match &event {
            Event::DocumentStart(..) => {
                documents += 1;
                if documents > 1 {
                    let message = "the file contains more than one document";
                    return Err(Fault::at(span, message).help("remove the `---` between them"));
                }
            }
            Event::Comment(..) => covered.push(span),
            Event::Anchor(_, name) => {
                if !names.insert(name.to_string()) {
                    oddities.push(Oddity { span, kind: OddityKind::AnchorAgain(name.to_string()) });
                }
                if !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
                    oddities.push(Oddity { span, kind: OddityKind::AnchorName(name.to_string()) });
                }
            }
            _ => {
                if matches!(&event, Event::Scalar(_, style, ..) if *style != ScalarStyle::Plain) {
                    covered.push(span);
                }
                nodes += usize::from(event.is_node());
            }
        }
        if nodes > limits.nodes {
            return Err(fault::too_many());
        }
        if !matches!(event, Event::Comment(..) | Event::Anchor(..)) {
            let tag = at.tag_span().map_or(span, |tag| span_of(source, &tag));
            events.push(PlacedEvent { event, span, tag });
        }
    }
    note_characters(source, &covered, oddities);
    Ok(events)
}

/// Tabs outside of what is `covered`, and characters that YAML 1.1 has other rules for.
fn note_characters(source: &Source, covered: &[Span], oddities: &mut Vec<Oddity>) {
    let is_odd = |c: char| match c {
        '\t' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}' => true,
        c => c < ' ' && c != '\n' && c != '\r',
    };
    let odd = source.text.match_indices(is_odd);
    for (at, text) in odd.take(MOST_CHARACTERS) {
        let span = Span::new(at, at + text.len());
        let inside = covered.partition_point(|span| span.end <= at);
        let is_covered = covered.get(inside).is_some_and(|span| span.start <= at);
        let c = text.chars().next().unwrap_or_default();
        match c {
            '\t' if is_covered => {}
            '\t' => oddities.push(Oddity { span, kind: OddityKind::Tab }),
            _ => oddities.push(Oddity { span, kind: OddityKind::Character(c) }),
        }
    }
}

/// Characters that are looked at one by one; a file with more is told about enough of them.
const MOST_CHARACTERS: usize = 10_000;

/// A collection whose end is to come.
struct Open {
    kind: OpenKind,
    span: Span,
    used: Option<Span>,
    anchor: usize,
    is_flow: bool,
}

enum OpenKind {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, merges: Vec<(Span, Node)>, key: Option<PendingKey> },
}

/// The key of the value that comes next.
enum PendingKey {
    Key(Key),
    Merge(Span),
}

struct Builder<'b, 's> {
    source: &'s Source,
    limits: Limits,
    /// What a scalar without quotes is.
    plain: fn(&str) -> Value,
    events: &'b [PlacedEvent<'s>],
    anchors: Anchored,
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    bytes: usize,
    findings: &'b mut Diagnostics,
    oddities: &'b mut Vec<Oddity>,
}

impl Builder<'_, '_> {
    /// Takes a stretch of events, which an alias at `used` repeats.
    fn feed(&mut self, stretch: std::ops::Range<usize>, used: Option<Span>) -> Result<(), Fault> {
        for index in stretch {
            let PlacedEvent { event, span, tag: tag_at } = &self.events[index];
            match event {
                Event::Scalar(text, style, anchor, tag) => {
                    self.count(*span, used)?;
                    self.remember(*anchor, index, Some(index + 1), used);
                    self.scalar_tag(text, tag.as_deref(), *tag_at, used);
                    self.scalar(text, *style, tag.as_deref(), *span, used);
                }
                Event::SequenceStart(style, anchor, tag) => {
                    self.tag(tag.as_deref(), *tag_at, used, &["seq"]);
                    self.begin((OpenKind::List(Vec::new()), *style), *span, used, *anchor, index)?;
                }
                Event::MappingStart(style, anchor, tag) => {
                    self.tag(tag.as_deref(), *tag_at, used, &["map"]);
                    let kind = OpenKind::Map { entries: Vec::new(), merges: Vec::new(), key: None };
                    self.begin((kind, *style), *span, used, *anchor, index)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.end(index)?,
                Event::Alias(anchor) => {
                    let (start, end) = self.anchors.get(anchor).copied().unwrap_or_default();
                    let end = end.ok_or_else(|| Fault::at(*span, "an anchor contains itself"))?;
                    self.feed(start..end, Some(used.unwrap_or(*span)))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn count(&mut self, span: Span, used: Option<Span>) -> Result<(), Fault> {
        self.nodes += 1;
        self.bytes += span.end - span.start;
        if self.nodes <= self.limits.nodes && self.bytes <= self.limits.bytes.saturating_mul(2) {
            return Ok(());
        }
        Err(match used {
            Some(used) => Fault::at(used, "the aliases expand to too many values").help("use fewer aliases"),
            None => Fault::at(span, "the file has too many values"),
        })
    }

    /// Keeps where the events of an anchored node are.
    fn remember(&mut self, anchor: usize, start: usize, end: Option<usize>, used: Option<Span>) {
        if anchor > 0 && used.is_none() {
            self.anchors.insert(anchor, (start, end));
        }
    }

    fn begin(
        &mut self,
        (kind, style): (OpenKind, StructureStyle),
        span: Span,
        used: Option<Span>,
        anchor: usize,
        index: usize,
    ) -> Result<(), Fault> {
        self.count(span, used)?;
        if self.open.len() > self.limits.depth {
            return Err(Fault::at(span, "the file is nested too deeply").help("use fewer levels"));
        }
        let is_key = matches!(self.open.last(), Some(Open { kind: OpenKind::Map { key: None, .. }, .. }));
        if is_key {
            return Err(Fault::at(span, "a key is not a string").help("write keys as plain strings"));
        }
        self.remember(anchor, index, None, used);
        let is_flow = style == StructureStyle::Flow;
        self.open.push(Open { kind, span: Span::new(span.start, span.start), used, anchor, is_flow });
        Ok(())
    }

    fn end(&mut self, index: usize) -> Result<(), Fault> {
        let Some(Open { kind, span, used, anchor, .. }) = self.open.pop() else { return Ok(()) };
        if let Some(anchored) = self.anchors.get_mut(&anchor).filter(|_| anchor > 0 && used.is_none()) {
            anchored.1 = Some(index + 1);
        }
        let (value, first) = match kind {
            OpenKind::List(items) => {
                let first = items.first().map(|item| item.span);
                (Value::List(items), first)
            }
            OpenKind::Map { entries, merges, .. } => {
                let entries = merged(entries, merges, self.oddities)?;
                let first = entries.first().map(|entry| entry.key.span);
                (Value::Map(entries), first)
            }
        };
        // What comes first in a collection is where the eye has to go.
        let span = first.filter(|first| first.start >= span.start).unwrap_or(span);
        self.add(Node { value, span, used }, None);
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span, used: Option<Span>) {
        let is_plain = style == ScalarStyle::Plain && tag.is_none();
        let is_key = matches!(self.open.last(), Some(Open { kind: OpenKind::Map { key: None, .. }, .. }));
        if is_key && is_plain && text == "<<" {
            self.merge_key(span);
            return;
        }
        let suffix = tag.and_then(Tag::core_suffix);
        let value = match suffix {
            None if is_plain => (self.plain)(text),
            Some("int" | "float" | "bool" | "null") => (self.plain)(text),
            _ => Value::Text(text.to_owned()),
        };
        if style == ScalarStyle::DoubleQuoted && used.is_none() && self.has_surrogates(span) {
            self.oddities.push(Oddity { span, kind: OddityKind::EscapedSurrogates });
        }
        let in_flow = self.open.last().is_some_and(|open| open.is_flow);
        if is_plain && used.is_none() && in_flow && text.starts_with(['?', ':']) {
            self.oddities.push(Oddity { span, kind: OddityKind::FlowIndicator });
        }
        if is_plain && used.is_none() {
            let kind = match (&value, is_key) {
                (Value::Null, true) => Some(OddityKind::NullKey),
                (_, true) => Some(OddityKind::TypedKey),
                (Value::Text(_), false) => Some(OddityKind::Plain),
                _ => None,
            };
            self.oddities.extend(
                kind.filter(|kind| *kind == OddityKind::NullKey || may_differ(text)).map(|kind| Oddity { span, kind }),
            );
        }
        if is_key && tag.is_some() && suffix != Some("str") && used.is_none() {
            self.oddities.push(Oddity { span, kind: OddityKind::TypedTag(tag.map(Tag::original).unwrap_or_default()) });
        }
        let written = is_key.then(|| text.to_owned());
        self.add(Node { value, span, used }, written);
    }

    /// Whether one of the escapes in the text in quotes is half a character.
    fn has_surrogates(&self, span: Span) -> bool {
        let text = &self.source.text[span.start..span.end];
        let halves = text.match_indices("\\u").filter_map(|(at, _)| text.get(at + 2..at + 4));
        halves
            .into_iter()
            .any(|half| half.starts_with(['d', 'D']) && half[1..].contains(|c: char| !c.is_ascii_digit() || c >= '8'))
    }

    fn merge_key(&mut self, span: Span) {
        if let Some(Open { kind: OpenKind::Map { merges, key, .. }, .. }) = self.open.last_mut() {
            if let Some((first, _)) = merges.last() {
                self.findings.push(twice(self.source, "<<", span, *first));
            }
            *key = Some(PendingKey::Merge(span));
        }
    }

    /// A complete node; `written` is its text where it is a key.
    fn add(&mut self, node: Node, written: Option<String>) {
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.root = Some(node),
            Some(OpenKind::List(items)) => items.push(node),
            Some(OpenKind::Map { entries, merges, key }) => match key.take() {
                None => *key = Some(PendingKey::Key(Key { text: written.unwrap_or_default(), span: node.span })),
                Some(PendingKey::Key(key)) => entries.push(Entry { key, node }),
                Some(PendingKey::Merge(span)) => merges.push((span, node)),
            },
        }
    }

    /// Notes the tag of a scalar: of those of YAML itself, whether the value is written like one of the tag.
    fn scalar_tag(&mut self, text: &str, tag: Option<&Tag>, span: Span, used: Option<Span>) {
        let Some(found) = tag.filter(|_| used.is_none()) else { return };
        let next = self.source.text[span.end..].chars().next();
        if text.is_empty() && next.is_some_and(|c| ",]}".contains(c)) {
            self.oddities.push(Oddity { span, kind: OddityKind::TagAtEnd(found.original()) });
            return;
        }
        let is_written = match (found.core_suffix(), yaml_1_1::plain(text)) {
            (Some("int"), Value::Number(number)) => !number.is_f64(),
            (Some("float"), Value::Number(number)) => number.is_f64(),
            (Some("str"), _) | (Some("bool"), Value::Bool(_)) | (Some("null"), Value::Null) => true,
            _ => false,
        };
        if found.core_suffix().is_some() && !is_written {
            self.oddities.push(Oddity { span, kind: OddityKind::TypedTag(found.original()) });
            return;
        }
        self.tag(tag, span, used, &["str", "int", "float", "bool", "null"]);
    }

    /// Notes a tag; those of `plain` say what the value is anyway.
    fn tag(&mut self, tag: Option<&Tag>, span: Span, used: Option<Span>, plain: &[&str]) {
        let Some(tag) = tag.filter(|_| used.is_none()) else { return };
        let written = tag.original();
        let kind = if tag.core_suffix().is_some_and(|suffix| plain.contains(&suffix)) {
            OddityKind::PlainTag(written)
        } else {
            OddityKind::Tag(written)
        };
        self.oddities.push(Oddity { span, kind });
    }
}

/// Whether a plain scalar may be something else than text to a reader of YAML 1.1.
fn may_differ(text: &str) -> bool {
    matches!(text, "=" | "<<")
        || text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        || text.len() <= 5 && text.starts_with(|c: char| "yYnNoOtTfF".contains(c))
}

/// The stretch of an event; kept inside the text and on its characters, whatever the library says.
fn span_of(source: &Source, span: &granit_parser::Span) -> Span {
    let text = &source.text;
    let range = span.byte_range().unwrap_or_default();
    let start = text.floor_char_boundary(range.start);
    Span::new(start, text.floor_char_boundary(range.end.max(start)))
}
