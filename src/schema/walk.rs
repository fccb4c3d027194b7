//! The one walk over a value and its schema, and the words for every mistake that it can find.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::definition::{JsonSchema, Type};
use super::{KeyPath, Problem, Problems, number_text, quoted, scalar};
use crate::diagnostic::{Rule, did_you_mean, listed};
use crate::source::Source;
use crate::yaml::{Entry, Key, Node, Value};

/// Keys that a message lists; a longer list helps nobody.
const MOST_LISTED: usize = 12;

/// How files of one kind are read: the rules that mistakes are filed under, and what is taken for what.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// A value of another type.
    pub wrong_type: Rule,
    /// A key that the schema does not have.
    pub unknown_key: Rule,
    /// A value beside those that the schema lists.
    pub unknown_value: Rule,
    /// A required key that is not given.
    pub missing_key: Rule,
    /// Anything else.
    pub bad_value: Rule,
    /// How scalars are taken.
    pub scalars: Scalars,
}

/// How scalars are taken.
#[derive(Clone, Copy, Debug)]
pub enum Scalars {
    /// By their type, and numbers become strings as Python writes them. `key` gives what a key is that is not a string.
    Strict {
        /// What a key is, if not a string with text.
        key: fn(&Key, &Source) -> Option<Value>,
    },
    /// A number where a string is expected is taken as it is written, `"true"` as `true`. Unknown keys are passed on.
    Lenient {
        /// Whether a boolean in quotes is worth a warning.
        warn_of_quotes: bool,
    },
}

/// The value with the types of `schema` and the keys under today's names, without those that have no value and without
/// what is wrong; `None` where the whole is. `root` is the file that `schema` is a part of.
pub fn read(
    node: &Node,
    schema: &JsonSchema,
    root: &JsonSchema,
    at: &KeyPath,
    dialect: &Dialect,
    problems: &mut Problems<'_>,
) -> Option<Node> {
    Walker { root, dialect, problems }.value(node, schema, at)
}

struct Walker<'w, 'p> {
    root: &'w JsonSchema,
    dialect: &'w Dialect,
    problems: &'w mut Problems<'p>,
}

impl<'w> Walker<'w, '_> {
    fn value(&mut self, node: &Node, schema: &'w JsonSchema, at: &KeyPath) -> Option<Node> {
        let branches = schema.branches(self.root);
        let Some(schema) = branches.iter().copied().find(|branch| branch.takes(&node.value)) else {
            return self.converted(node, &branches, at);
        };
        if !schema.allows(&node.value) {
            self.unknown_value(node, schema, at);
        }
        let value = match &node.value {
            Value::Map(entries) => Value::Map(self.mapping(entries, schema, at)),
            Value::List(items) if items.len() < schema.min_items => return self.empty(node, at),
            Value::List(items) => {
                let items = items.iter().enumerate();
                let read = items.filter_map(|(i, item)| self.value(item, schema.items(), &at.item(i, item)));
                Value::List(read.collect())
            }
            Value::Text(text) if schema.refuses_blank() && text.trim().is_empty() => return self.empty(node, at),
            Value::Text(text) if schema.becomes_text => {
                self.tell_switch(text, node, at);
                node.value.clone()
            }
            Value::Text(text) => Value::Text(schema.choice_in_any_case(text).unwrap_or(text).to_owned()),
            Value::Bool(flag) if schema.becomes_text => {
                Value::Text(self.written(node).unwrap_or_else(|| flag.to_string()))
            }
            Value::Number(number) if schema.becomes_text => {
                Value::Text(self.written(node).unwrap_or_else(|| number_text(number)))
            }
            other => other.clone(),
        };
        Some(Node { value, ..*node })
    }

    /// A value of a type that the schema does not have: as one that it has, if that can be meant.
    fn converted(&mut self, node: &Node, branches: &[&JsonSchema], at: &KeyPath) -> Option<Node> {
        let value = match (&node.value, self.dialect.scalars) {
            (Value::Number(_), Scalars::Lenient { .. }) if takes_any(branches, Type::String) => {
                self.written(node).map(Value::Text)
            }
            (Value::Text(text), Scalars::Lenient { warn_of_quotes }) if takes_any(branches, Type::Boolean) => {
                let flag = [true, false].into_iter().find(|flag| text.eq_ignore_ascii_case(&flag.to_string()));
                if let Some(flag) = flag.filter(|_| warn_of_quotes) {
                    let problem = format!("{} is read as `{flag}`", quoted(&node.value));
                    self.report(Rule::OldSpelling, node, at, problem, format!("write `{flag}` without quotes"));
                }
                flag.map(Value::Bool)
            }
            _ => None,
        };
        if let Some(value) = value {
            return Some(Node { value, ..*node });
        }
        let mut expected: Vec<&str> = Vec::new();
        for words in branches.iter().flat_map(|schema| schema.types()).map(|one| one.words()) {
            if !expected.contains(&words) {
                expected.push(words);
            }
        }
        let problem = format!("must be {}, not {}", expected.join(" or "), quoted(&node.value));
        let help = node.text().and_then(|text| scalar::cure(text, &expected_types(branches)));
        self.report(self.dialect.wrong_type, node, at, problem, help.unwrap_or_default());
        None
    }

    /// Text that was a switch to a reader of YAML 1.1, as the original's was.
    fn tell_switch(&mut self, text: &str, node: &Node, at: &KeyPath) {
        let Some(flag) = scalar::switch(text).filter(|_| self.written(node).as_deref() == Some(text)) else { return };
        let problem = format!("`{text}` is text here; to the original it was `{flag}`");
        self.report(
            Rule::OldSpelling,
            node,
            at,
            problem,
            format!("write `{flag}`, or `\"{text}\"` where the text is meant"),
        );
    }

    /// The scalar as it is written, where the dialect takes it so.
    fn written(&self, node: &Node) -> Option<String> {
        let text = self.problems.source.text.get(node.span.start..node.span.end);
        text.filter(|_| self.is_lenient()).map(str::to_owned)
    }

    fn is_lenient(&self) -> bool {
        matches!(self.dialect.scalars, Scalars::Lenient { .. })
    }

    fn mapping(&mut self, entries: &[Entry], schema: &'w JsonSchema, at: &KeyPath) -> Vec<Entry> {
        let mut found = Vec::new();
        // Today's name of what is given → the key as it is written.
        let mut given: BTreeMap<&str, &str> = BTreeMap::new();
        for Entry { key, node } in entries {
            let before = self.problems.errors();
            let Some((inner, node)) = self.entry(key, node, schema, at) else {
                // It is reported where it is; that it is missing says no more.
                if node.value == Value::Null && self.problems.errors() > before {
                    given.insert(&key.text, &key.text);
                }
                continue;
            };
            let (written, name) = (key.text.as_str(), inner.alias_of.as_deref().unwrap_or(&key.text));
            if let Some(other) = given.get(name) {
                self.given_twice(if written == name { other } else { written }, name, key, at);
                continue;
            }
            if name != written {
                let problem = format!("`{written}` is an older name of `{name}`");
                self.report_key(Rule::OldSpelling, key, at, problem, "write that".to_owned());
            }
            given.insert(name, written);
            let value = self.value(&node, inner, &at.key(written, key.span));
            let key = Key { text: name.to_owned(), span: key.span };
            found.extend(value.map(|node| Entry { key, node }));
        }
        let lacks = |name: &&String| !given.contains_key(name.as_str());
        for name in schema.required().filter(lacks) {
            self.report_whole(self.dialect.missing_key, at, format!("`{name}` is missing"));
        }
        for group in &schema.excludes {
            let both: Vec<_> = group.iter().filter(|name| !lacks(name)).collect();
            if let [first, second, ..] = both[..] {
                self.report_whole(self.dialect.bad_value, at, format!("`{first}` and `{second}` exclude each other"));
            }
        }
        found
    }

    /// The schema of the value under `key` and that value, where the key can be there and has one.
    fn entry<'n>(
        &mut self,
        key: &Key,
        node: &'n Node,
        schema: &'w JsonSchema,
        at: &KeyPath,
    ) -> Option<(&'w JsonSchema, Cow<'n, Node>)> {
        let is_null = node.value == Value::Null;
        if let Scalars::Strict { key: other } = self.dialect.scalars
            && let Some(other) = other(key, self.problems.source)
        {
            let problem = format!("a key must be a string, not {}", quoted(&other));
            self.report_key(self.dialect.wrong_type, key, at, problem, String::new());
            return None;
        }
        let known = schema.property(&key.text);
        if known.is_none() && !(is_null && self.is_lenient()) {
            self.unknown_key(key, schema, at);
        }
        let inner = known.or(self.is_lenient().then(JsonSchema::any))?;
        let target = inner.followed(self.root);
        if is_null {
            // A key without a value is an entry without settings, where entries are mappings.
            let empty = Node { value: Value::Map(Vec::new()), ..*node };
            if target.is_object() {
                return (!schema.names(&key.text)).then_some((inner, Cow::Owned(empty)));
            }
            let is_known = !target.types().is_empty() && target.reserved.is_none() && target.ignored.is_none();
            if self.is_lenient() && is_known {
                self.no_value(key, node, at);
            }
            return None;
        }
        let (rule, what, why) = match (&target.ignored, &target.reserved) {
            (Some(why), _) => (Rule::OldSpelling, "is ignored", why),
            (_, Some(why)) => (Rule::ReservedField, "cannot be set", why),
            _ => return Some((inner, Cow::Borrowed(node))),
        };
        self.report_key(rule, key, at, format!("`{}` {what}", key.text), why.clone());
        None
    }

    /// A key without a value sets nothing; `null` at least says so.
    fn no_value(&mut self, key: &Key, node: &Node, at: &KeyPath) {
        let (rule, help) = if self.is_blank(node) {
            (Rule::MissingValue, "write its value, `\"\"` for none, or remove it")
        } else {
            (Rule::NullSetting, "remove it; where an anchor brings a value that is not wanted, leave it as it is")
        };
        self.report_key(rule, key, at, format!("`{}` has no value", key.text), help.to_owned());
    }

    /// Whether nothing at all is written where the value of a key should be.
    fn is_blank(&self, node: &Node) -> bool {
        node.value == Value::Null && self.written(node).is_some_and(|text| text.trim().is_empty())
    }

    fn unknown_key(&mut self, key: &Key, schema: &JsonSchema, at: &KeyPath) {
        let help = did_you_mean(&key.text, schema.keys()).unwrap_or_else(|| {
            let is_short = self.is_lenient() && schema.keys().count() <= MOST_LISTED;
            if is_short { format!("it takes {}", listed(schema.keys())) } else { String::new() }
        });
        self.report_key(self.dialect.unknown_key, key, at, format!("unknown key `{}`", key.text), help);
    }

    /// A key that is given before under an older or newer name. The very same key is a `duplicate-key`, found by the parser.
    fn given_twice(&mut self, alias: &str, name: &str, key: &Key, at: &KeyPath) {
        if alias != name {
            let problem = format!("`{alias}` is an older name of `{name}`");
            self.report_key(self.dialect.bad_value, key, at, problem, "keep one of the two".to_owned());
        }
    }

    fn unknown_value(&mut self, node: &Node, schema: &JsonSchema, at: &KeyPath) {
        let choices = schema.choices();
        let choices = || choices.iter().map(String::as_str);
        let near = node.text().and_then(|text| did_you_mean(text, choices()));
        let problem = format!("must be one of {}, not {}", listed(choices()), quoted(&node.value));
        self.report(self.dialect.unknown_value, node, at, problem, near.unwrap_or_default());
    }

    fn empty(&mut self, node: &Node, at: &KeyPath) -> Option<Node> {
        self.report(self.dialect.bad_value, node, at, "must not be empty".to_owned(), String::new());
        None
    }

    /// A mistake in a value; where an alias or a merge key brought it there, with the place of that.
    fn report(&mut self, rule: Rule, node: &Node, at: &KeyPath, text: String, help: String) {
        let related = node.used.map(|used| (used, "used here"));
        self.problems.push(Problem { rule, at: at.at(node.span), text, help, related });
    }

    /// A mistake in a key of the mapping `at`.
    fn report_key(&mut self, rule: Rule, key: &Key, at: &KeyPath, text: String, help: String) {
        self.problems.push(Problem { rule, at: at.at(key.span), text, help, related: None });
    }

    /// A mistake in a mapping as a whole.
    fn report_whole(&mut self, rule: Rule, at: &KeyPath, text: String) {
        self.problems.push(Problem { rule, at: at.clone(), text, help: String::new(), related: None });
    }
}

/// The types that one of `schemas` takes.
fn expected_types(schemas: &[&JsonSchema]) -> Vec<Type> {
    schemas.iter().flat_map(|schema| schema.types()).copied().collect()
}

/// Whether one of `schemas` takes every value of the type `one`.
fn takes_any(schemas: &[&JsonSchema], one: Type) -> bool {
    schemas.iter().any(|schema| schema.types().contains(&one) && schema.choices().is_empty())
}
