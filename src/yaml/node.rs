//! The tree: what a file holds, and where.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value as Json};
use serde_saphyr::{Location, Spanned, Tagged};

use crate::diagnostic::{Diagnostic, Diagnostics, Rule};
use crate::source::{Source, Span};

/// A value of a file and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it is written: the whole of a scalar, the first key or item of a collection.
    pub span: Span,
    /// Where it is used, when an alias or a merge key brought it there.
    pub used: Option<Span>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`, also capitalised.
    Bool(bool),
    /// A finite number. How it is written is in the file, at the node's span.
    Number(Number),
    /// Text, quoted or not.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order of the file, merged keys last.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// Its value.
    pub node: Node,
}

/// A key and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key; numbers as they are written.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

impl Node {
    /// The entries of a mapping; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of `key`, where this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key.text == key)
    }
}

impl Entry {
    /// Where its key and everything in its value are written, also where an alias brought them there.
    pub fn places(&self) -> BTreeSet<Span> {
        let mut places = BTreeSet::new();
        self.add_places(&mut places);
        places
    }

    fn add_places(&self, places: &mut BTreeSet<Span>) {
        places.insert(self.key.span);
        self.node.add_places(places);
    }
}

impl Node {
    fn add_places(&self, places: &mut BTreeSet<Span>) {
        places.insert(self.span);
        for entry in self.entries() {
            entry.add_places(places);
        }
        if let Value::List(items) = &self.value {
            for item in items {
                item.add_places(places);
            }
        }
    }
}

impl Node {
    /// The value as JSON.
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(flag) => Json::Bool(*flag),
            Value::Number(number) => Json::Number(number.clone()),
            Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => {
                Json::Object(entries.iter().map(|entry| (entry.key.text.clone(), entry.node.to_json())).collect())
            }
        }
    }

    /// JSON pointer → the place of what is there: the value of a scalar, the key of a collection; of the whole, `at`.
    pub fn places(&self, at: Span) -> BTreeMap<String, Span> {
        let mut places = BTreeMap::new();
        self.collect_places(String::new(), at, &mut places);
        places
    }

    fn collect_places(&self, at: String, key: Span, places: &mut BTreeMap<String, Span>) {
        let is_collection = matches!(self.value, Value::List(_) | Value::Map(_));
        for entry in self.entries() {
            entry.node.collect_places(pointer(&at, &entry.key.text), entry.key.span, places);
        }
        if let Value::List(items) = &self.value {
            for (index, item) in items.iter().enumerate() {
                item.collect_places(format!("{at}/{index}"), item.span, places);
            }
        }
        places.insert(at, if is_collection { key } else { self.span });
    }
}

/// The JSON pointer of `key` below `parent`.
pub fn pointer(parent: &str, key: &str) -> String {
    format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// A node as the library gives it.
pub(super) struct Raw(Spanned<Tagged<Content>>);

enum Content {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(Spanned<String>, Raw)>),
}

impl Raw {
    /// The node, and a finding for each tag: a tag changes what a value is, behind the back of who reads the field.
    pub(super) fn into_node(self, source: &Source, found: &mut Diagnostics) -> Node {
        let Spanned { value: Tagged(value, tag), referenced, defined } = self.0;
        let (span, used) = places(referenced, defined, source);
        if let Some(tag) = tag {
            let finding = Diagnostic::of(Rule::Syntax, &source.path, span, format!("the tag `{tag}` is not supported"));
            found.push(finding.help("remove it: only plain data is supported"));
        }
        let (value, first) = match value {
            Content::Null => (Value::Null, None),
            Content::Bool(flag) => (Value::Bool(flag), None),
            Content::Number(number) => (Value::Number(number), None),
            Content::Text(text) => (Value::Text(text), None),
            Content::List(items) => {
                let items: Vec<Node> = items.into_iter().map(|item| item.into_node(source, found)).collect();
                let first = items.first().map(|item| item.span);
                (Value::List(items), first)
            }
            Content::Map(entries) => {
                let entries: Vec<Entry> = entries.into_iter().map(|entry| into_entry(entry, source, found)).collect();
                let first = entries.first().map(|entry| entry.key.span);
                (Value::Map(entries), first)
            }
        };
        // The library gives collections no width: what comes first in them is where the eye has to go.
        Node { value, span: first.filter(|first| first.start >= span.start).unwrap_or(span), used }
    }
}

fn into_entry((key, raw): (Spanned<String>, Raw), source: &Source, found: &mut Diagnostics) -> Entry {
    let (span, _) = places(key.referenced, key.defined, source);
    Entry { key: Key { text: key.value, span }, node: raw.into_node(source, found) }
}

fn places(referenced: Location, defined: Location, source: &Source) -> (Span, Option<Span>) {
    let (used, span) = (bytes(referenced, source), bytes(defined, source));
    (span, (used != span && referenced != Location::UNKNOWN).then_some(used))
}

/// The stretch of `location`; kept inside the text and on its characters, whatever the library says.
pub(super) fn bytes(location: Location, source: &Source) -> Span {
    let (text, span) = (&source.text, location.span());
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    // Errors of the scanner know their place in characters only.
    let in_characters = || text.char_indices().nth(number(span.offset())).map_or(text.len(), |(offset, _)| offset);
    let start = span.byte_offset().map_or_else(in_characters, number);
    let start = text.floor_char_boundary(start);
    let end = start.saturating_add(span.byte_len().map_or(0, number));
    Span::new(start, text.floor_char_boundary(end))
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeBuilder)
    }
}

struct TreeBuilder;

impl<'de> Visitor<'de> for TreeBuilder {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Content, E> {
        Ok(Content::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Content, E> {
        Ok(Content::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Content, E> {
        Ok(Number::from_f64(value).map_or_else(|| Content::Text(value.to_string()), Content::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Content, E> {
        Ok(Content::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Content, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Content::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Content, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Content::Map(entries))
    }
}
