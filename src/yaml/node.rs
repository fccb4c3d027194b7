//! The tree: what a file holds, and where.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Number, Value as Json};

use crate::source::Span;

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
    /// A number that does not fit into 64 bits, as JSON writes it.
    Large(String),
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
            Value::Text(text) | Value::Large(text) => Json::String(text.clone()),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => {
                Json::Object(entries.iter().map(|entry| (entry.key.text.clone(), entry.node.to_json())).collect())
            }
        }
    }

    /// The value as the text of JSON: keys in their order, each once, no spaces.
    pub fn to_json_text(&self) -> String {
        let mut text = String::new();
        self.write_json(&mut text);
        text
    }

    fn write_json(&self, text: &mut String) {
        match &self.value {
            Value::List(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    text.push_str(if index > 0 { "," } else { "" });
                    item.write_json(text);
                }
                text.push(']');
            }
            Value::Map(entries) => {
                text.push('{');
                // Of a key that is there twice the last value counts, as Python has it.
                let last: BTreeMap<&str, &Self> =
                    entries.iter().map(|entry| (entry.key.text.as_str(), &entry.node)).collect();
                let mut seen = BTreeSet::new();
                for key in entries.iter().map(|entry| entry.key.text.as_str()).filter(|key| seen.insert(*key)) {
                    text.push_str(if text.ends_with('{') { "" } else { "," });
                    text.push_str(&Json::from(key).to_string());
                    text.push(':');
                    last[key].write_json(text);
                }
                text.push('}');
            }
            Value::Large(number) => text.push_str(number),
            _ => text.push_str(&self.to_json().to_string()),
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
