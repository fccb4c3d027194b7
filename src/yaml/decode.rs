//! Typed access to a tree: a [`Shape`] is a table of fields, one walk checks a node against it and tells every mistake.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::{Entry, Node, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, nearest};
use crate::source::{Source, Span};

/// What a value may be.
#[derive(Debug)]
pub enum Shape {
    /// A text; a number is taken as it is written.
    Text,
    /// A text; numbers and booleans are taken as they are written.
    Scalar,
    /// `true` or `false`; the same as a text is read with a warning (`old-spelling`).
    Flag,
    /// `true` or `false`, also as a text.
    LooseFlag,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// A list of such values.
    List(&'static Shape),
    /// A mapping from any text to such values.
    Map(&'static Shape),
    /// A mapping with these keys. Others are an `unknown-field` and taken as they are.
    Object(&'static [Field]),
    /// Whatever stands there.
    Any,
    /// Read and left out, with a warning (`old-spelling`) that says why.
    Dropped(&'static str),
    /// An error (`reserved-field`) that says why.
    Refused(&'static str),
}

/// A key of a [`Shape::Object`].
#[derive(Debug)]
pub struct Field {
    name: &'static str,
    shape: Shape,
    required: bool,
}

/// A field that may be left out.
pub const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, required: false }
}

/// A field that has to be there.
pub const fn required(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, required: true }
}

/// What a walk gives.
#[derive(Debug)]
pub struct Decoded {
    /// The value with all types as the shape wants them, without what was wrong; `Null` where the whole was.
    pub value: Json,
    /// JSON pointer into the value → where that stands: the value of a scalar, the key of a collection.
    pub places: BTreeMap<String, Span>,
    /// Every mistake.
    pub findings: Diagnostics,
}

/// The JSON pointer of `key` below `parent`.
pub fn pointer(parent: &str, key: &str) -> String {
    format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Checks `node` against `shape` and gives it the types of the shape. `null` counts as not given.
///
/// `at` is the place that stands for the whole, for findings about something that is missing.
pub fn decode(source: &Source, node: &Node, at: Span, shape: &Shape) -> Decoded {
    let mut walk = Walk { source, places: BTreeMap::new(), findings: Diagnostics::default() };
    let value = walk.value(node, shape, &Place { pointer: String::new(), name: String::new(), span: at });
    Decoded { value: value.unwrap_or_default(), places: walk.places, findings: walk.findings }
}

/// Where the walk is.
struct Place {
    pointer: String,
    /// The key, as messages name it.
    name: String,
    /// The key's place.
    span: Span,
}

struct Walk<'a> {
    source: &'a Source,
    places: BTreeMap<String, Span>,
    findings: Diagnostics,
}

impl Walk<'_> {
    fn value(&mut self, node: &Node, shape: &Shape, at: &Place) -> Option<Json> {
        let written = || self.source.text.get(node.span.start..node.span.end).unwrap_or_default().to_owned();
        let value = match (shape, &node.value) {
            (Shape::Text | Shape::Scalar, Value::Text(text)) => Json::String(text.clone()),
            (Shape::Text | Shape::Scalar, Value::Number(_)) | (Shape::Scalar, Value::Bool(_)) => {
                Json::String(written())
            }
            (Shape::Flag | Shape::LooseFlag, Value::Bool(flag)) => Json::Bool(*flag),
            (Shape::Flag | Shape::LooseFlag, Value::Text(text)) => self.flag(text, node, shape, at)?,
            (Shape::Integer, Value::Number(number)) if !number.is_f64() => Json::Number(number.clone()),
            (Shape::Number, Value::Number(number)) => Json::Number(number.clone()),
            (Shape::Choice(choices), Value::Text(text)) => self.choice(text, choices, node, at),
            (Shape::List(item), Value::List(nodes)) => self.list(nodes, item, at),
            (Shape::Map(shape), Value::Map(entries)) => self.map(entries, shape, at),
            (Shape::Object(fields), Value::Map(entries)) => self.object(entries, fields, at),
            (Shape::Any, _) => self.any(node, at),
            (Shape::Dropped(why), _) => return self.left_out(Rule::OldSpelling, at, node, "is left out", why),
            (Shape::Refused(why), _) => return self.left_out(Rule::ReservedField, at, node, "cannot be set", why),
            _ => return self.wrong(node, shape, at),
        };
        let span = if matches!(value, Json::Array(_) | Json::Object(_)) { at.span } else { node.span };
        self.places.insert(at.pointer.clone(), span);
        Some(value)
    }

    fn flag(&mut self, text: &str, node: &Node, shape: &Shape, at: &Place) -> Option<Json> {
        let flag = match text.to_ascii_lowercase().as_str() {
            "true" => true,
            "false" => false,
            _ => return self.wrong(node, shape, at),
        };
        if matches!(shape, Shape::Flag) {
            let message = format!("`{}` is a boolean, written as a text", at.name);
            self.push(Rule::OldSpelling, node, message, Some(format!("write `{flag}` without quotes")));
        }
        Some(Json::Bool(flag))
    }

    fn choice(&mut self, text: &str, choices: &[&str], node: &Node, at: &Place) -> Json {
        if !choices.contains(&text) {
            let help = match nearest(text, choices.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it takes {}", listed(choices)),
            };
            self.push(Rule::UnknownValue, node, format!("`{text}` is no value of `{}`", at.name), Some(help));
        }
        Json::String(text.to_owned())
    }

    fn list(&mut self, nodes: &[Node], shape: &Shape, at: &Place) -> Json {
        let mut items = Vec::new();
        for node in nodes {
            let pointer = format!("{}/{}", at.pointer, items.len());
            let place = Place { pointer, name: at.name.clone(), span: node.span };
            items.extend(self.value(node, shape, &place));
        }
        Json::Array(items)
    }

    fn map(&mut self, entries: &[Entry], shape: &Shape, at: &Place) -> Json {
        let entries = entries.iter().filter_map(|entry| {
            let empty = Node { value: Value::Map(Vec::new()), ..entry.node.clone() };
            // A key with nothing behind it is an entry without settings, where entries are mappings.
            let node = match (&entry.node.value, shape) {
                (Value::Null, Shape::Object(_)) => &empty,
                (Value::Null, _) => return None,
                _ => &entry.node,
            };
            let value = self.value(node, shape, &at.below(entry))?;
            Some((entry.key.text.clone(), value))
        });
        Json::Object(entries.collect())
    }

    fn object(&mut self, entries: &[Entry], fields: &[Field], at: &Place) -> Json {
        let mut object = Map::new();
        for entry in entries.iter().filter(|entry| entry.node.value != Value::Null) {
            let known = fields.iter().find(|field| field.name == entry.key.text);
            if known.is_none() {
                self.unknown(entry, fields, at);
            }
            let shape = known.map_or(&Shape::Any, |field| &field.shape);
            if let Some(value) = self.value(&entry.node, shape, &at.below(entry)) {
                object.insert(entry.key.text.clone(), value);
            }
        }
        let given = |field: &&Field| entries.iter().any(|e| e.key.text == field.name && e.node.value != Value::Null);
        for field in fields.iter().filter(|field| field.required && !given(field)) {
            let owner = if at.name.is_empty() { String::new() } else { format!(" in `{}`", at.name) };
            let message = format!("`{}` is missing{owner}", field.name);
            self.findings.push(Diagnostic::of(Rule::MissingField, &self.source.path, at.span, message));
        }
        Json::Object(object)
    }

    fn any(&mut self, node: &Node, at: &Place) -> Json {
        match &node.value {
            Value::Null => Json::Null,
            Value::Bool(flag) => Json::Bool(*flag),
            Value::Number(number) => Json::Number(number.clone()),
            Value::Text(text) => Json::String(text.clone()),
            Value::List(nodes) => self.list(nodes, &Shape::Any, at),
            Value::Map(entries) => self.map(entries, &Shape::Any, at),
        }
    }

    fn unknown(&mut self, entry: &Entry, fields: &[Field], at: &Place) {
        let offered = fields.iter().filter(|field| !matches!(field.shape, Shape::Dropped(_) | Shape::Refused(_)));
        let names: Vec<&str> = offered.map(|field| field.name).collect();
        let owner = if at.name.is_empty() { String::new() } else { format!(" of `{}`", at.name) };
        let message = format!("`{}` is no field{owner}", entry.key.text);
        let mut finding = Diagnostic::of(Rule::UnknownField, &self.source.path, entry.key.span, message);
        finding.help = match nearest(&entry.key.text, names.iter().copied()) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            // A list longer than a line helps nobody.
            None => (names.len() <= 12).then(|| format!("known are {}", listed(&names))),
        };
        self.findings.push(finding);
    }

    fn left_out(&mut self, rule: Rule, at: &Place, node: &Node, what: &str, why: &str) -> Option<Json> {
        let at_key = Node { value: Value::Null, span: at.span, used: node.used };
        self.push(rule, &at_key, format!("`{}` {what}", at.name), Some(why.to_owned()));
        None
    }

    fn wrong(&mut self, node: &Node, shape: &Shape, at: &Place) -> Option<Json> {
        let owner = if at.name.is_empty() { "the file holds".to_owned() } else { format!("`{}` is", at.name) };
        let message = format!("{owner} {}, where {} is wanted", node.kind(), wanted(shape));
        self.push(Rule::WrongType, node, message, None);
        None
    }

    fn push(&mut self, rule: Rule, node: &Node, message: String, help: Option<String>) {
        let path = &self.source.path;
        let mut finding = Diagnostic::of(rule, path, node.span, message);
        finding.help = help;
        self.findings.push(match node.used {
            Some(used) => finding.related(path, used, "used here"),
            None => finding,
        });
    }
}

impl Place {
    fn below(&self, entry: &Entry) -> Self {
        let key = &entry.key;
        Self { pointer: pointer(&self.pointer, &key.text), name: key.text.clone(), span: key.span }
    }
}

fn wanted(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text | Shape::Scalar | Shape::Choice(_) => "a text",
        Shape::Flag | Shape::LooseFlag => "`true` or `false`",
        Shape::Integer => "a whole number",
        Shape::Number => "a number",
        Shape::List(_) => "a list",
        Shape::Map(_) | Shape::Object(_) => "a mapping",
        Shape::Any | Shape::Dropped(_) | Shape::Refused(_) => "anything",
    }
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
