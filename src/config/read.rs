//! A value and its schema: the value under today's names, or every mistake in it, each at its place.

use std::collections::BTreeMap;

use super::scalar::{plain, shown, text_of};
use super::schema::Schema;
use super::told::{Place, Told};
use crate::diagnostic::{Rule, nearest};
use crate::yaml::{Entry, Key, Node, Value};

/// Reads values by their schema.
pub(super) struct Reader<'a, 't> {
    /// Whether plain scalars are those of YAML; in JSON, every key is text.
    pub(super) is_yaml: bool,
    pub(super) told: &'t mut Told<'a>,
}

impl Reader<'_, '_> {
    /// The value as the program uses it: keys under today's names, without those that have no value; `None` where
    /// something in it is wrong. `at` is its key.
    pub(super) fn read(&mut self, node: &Node, schema: &'static Schema, at: &Place) -> Option<Node> {
        let schema = match schema.branch(node) {
            Ok(schema) => schema,
            Err(wanted) => return self.wrong(node, at, &format!("must be {wanted}, not {}", shown(&node.value)), ""),
        };
        if !schema.choices.is_empty() && !is_chosen(&node.value, schema) {
            return self.unknown_choice(node, schema, at);
        }
        let before = self.told.errors;
        let value = match &node.value {
            Value::Map(entries) => Value::Map(self.mapping(entries, schema, at)),
            Value::List(items) if items.len() < schema.min_items => {
                return self.wrong(node, at, "must not be empty", "");
            }
            Value::List(items) => {
                let items = items.iter().enumerate();
                let read = items.filter_map(|(i, item)| self.read(item, schema.items(), &at.item(i, item)));
                Value::List(read.collect())
            }
            Value::Text(text) if schema.refuses_blank() && text.trim().is_empty() => {
                return self.wrong(node, at, "must not be empty", "");
            }
            Value::Bool(flag) if schema.becomes_text => Value::Text(flag.to_string()),
            Value::Number(number) if schema.becomes_text => Value::Text(text_of(number)),
            other => other.clone(),
        };
        (self.told.errors == before).then_some(Node { value, ..*node })
    }

    fn mapping(&mut self, entries: &[Entry], schema: &'static Schema, at: &Place) -> Vec<Entry> {
        let mut found = Vec::new();
        // Today's name of what is given → the key as it is written.
        let mut given: BTreeMap<&str, &str> = BTreeMap::new();
        for Entry { key, node } in entries {
            let inner = self.inner(key, schema, at);
            let Some(inner) = inner.filter(|_| node.value != Value::Null) else { continue };
            let (written, name) = (key.text.as_str(), inner.alias_of.as_deref().unwrap_or(&key.text));
            if let Some(other) = given.get(name) {
                self.twice(if written == name { other } else { written }, name, key, at);
                continue;
            }
            if name != written {
                let problem = format!("`{written}` is an older name of `{name}`");
                self.told.warning(Rule::OldSpelling, &at.at(key.span), &problem, "write that");
            }
            given.insert(name, written);
            let value = self.read(node, inner, &at.key(written, key.span));
            let key = Key { text: name.to_owned(), span: key.span };
            found.extend(value.map(|node| Entry { key, node }));
        }
        let lacks = |name: &&String| !given.contains_key(name.as_str());
        for name in schema.required.iter().chain(&schema.required_by_any_name).filter(lacks) {
            self.told.error(at, &format!("`{name}` is missing"), "");
        }
        for group in &schema.excludes {
            let both: Vec<_> = group.iter().filter(|name| !lacks(name)).collect();
            if let [first, second, ..] = both[..] {
                self.told.error(at, &format!("`{first}` and `{second}` exclude each other"), "");
            }
        }
        found
    }

    /// The schema of the value under `key`.
    fn inner(&mut self, key: &Key, schema: &'static Schema, at: &Place) -> Option<&'static Schema> {
        let other = self.is_yaml.then(|| plain(&key.text, key.span, self.told.source)).flatten();
        if other.is_some() || key.text.trim().is_empty() {
            let key_shown = shown(&other.unwrap_or_else(|| Value::Text(key.text.clone())));
            self.told.error(&at.at(key.span), &format!("a key must be text, not {key_shown}"), "");
            return None;
        }
        let inner = schema.property(&key.text);
        if inner.is_none() {
            let help = near(&key.text, schema.properties.keys().map(String::as_str));
            self.told.error(&at.at(key.span), &format!("unknown key `{}`", key.text), &help);
        }
        inner
    }

    /// A key of which an older or newer name stands before it. The very same key is a `duplicate-key`, told before.
    fn twice(&mut self, alias: &str, name: &str, key: &Key, at: &Place) {
        if alias != name {
            let problem = format!("`{alias}` is an older name of `{name}`");
            self.told.error(&at.at(key.span), &problem, "keep one of the two");
        }
    }

    fn unknown_choice(&mut self, node: &Node, schema: &Schema, at: &Place) -> Option<Node> {
        let mut choices: Vec<String> = Vec::new();
        for choice in &schema.choices {
            let choice = choice.as_str().map_or_else(|| choice.to_string(), str::to_owned);
            if !choices.contains(&choice) {
                choices.push(choice);
            }
        }
        let help = match &node.value {
            Value::Text(text) => near(text, choices.iter().map(String::as_str)),
            _ => String::new(),
        };
        let listed = choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
        self.wrong(node, at, &format!("must be one of {listed}, not {}", shown(&node.value)), &help)
    }

    /// A value that cannot be meant; where an alias or a merge key brought it there, with the place of that.
    fn wrong(&mut self, node: &Node, at: &Place, problem: &str, help: &str) -> Option<Node> {
        let used = node.used.unwrap_or(node.span);
        self.told.error_beside(&at.at(node.span), problem, help, (used, "used here"));
        None
    }
}

fn is_chosen(value: &Value, schema: &Schema) -> bool {
    schema.choices.iter().any(|choice| match value {
        Value::Text(text) => choice.as_str() == Some(text),
        Value::Number(number) => choice.as_number() == Some(number),
        _ => false,
    })
}

/// The nearest of `known`, as a hint.
pub(super) fn near<'n>(written: &str, known: impl Iterator<Item = &'n str>) -> String {
    nearest(written, known).map(|near| format!("did you mean `{near}`?")).unwrap_or_default()
}
