//! What a schema file says: the part of JSON Schema that is read here, and keywords beside that.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::yaml::Value;

/// A schema, or a part of one. Without a type it takes any value.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JsonSchema {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "$defs")]
    definitions: BTreeMap<String, JsonSchema>,
    #[serde(rename = "oneOf")]
    branches: Vec<JsonSchema>,
    #[serde(rename = "type")]
    types: Types,
    #[serde(rename = "enum")]
    choices: Vec<Json>,
    pattern: Option<Pattern>,
    #[serde(rename = "minItems")]
    pub(super) min_items: usize,
    items: Option<Box<JsonSchema>>,
    properties: BTreeMap<String, JsonSchema>,
    #[serde(rename = "additionalProperties")]
    additional: Additional,
    required: Vec<String>,
    /// Required keys of which an older name will do.
    #[serde(rename = "x-required")]
    required_by_any_name: Vec<String>,
    /// Keys of which one can be given.
    #[serde(rename = "x-excludes")]
    pub(super) excludes: Vec<Vec<String>>,
    /// The key of which this is an older name.
    #[serde(rename = "x-alias-of")]
    pub(super) alias_of: Option<String>,
    /// Whether the choices are taken in any letter case, and become what is listed.
    #[serde(rename = "x-any-case")]
    any_case: bool,
    /// Whether numbers and booleans become strings.
    #[serde(rename = "x-text")]
    pub(super) becomes_text: bool,
    /// Why the key is read and has no effect.
    #[serde(rename = "x-ignored")]
    pub(super) ignored: Option<String>,
    /// Why the key cannot be set.
    #[serde(rename = "x-reserved")]
    pub(super) reserved: Option<String>,
    // Keywords for people and editors.
    #[serde(rename = "$schema")]
    _dialect: Option<String>,
    #[serde(rename = "title")]
    _title: Option<String>,
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(rename = "default")]
    _default: Option<Json>,
    #[serde(rename = "deprecated")]
    _deprecated: bool,
}

/// A type of values.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Type {
    Object,
    Array,
    String,
    Boolean,
    Integer,
    Number,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Types {
    One(Type),
    Several(Vec<Type>),
}

impl Default for Types {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

/// The one pattern that the files use.
#[derive(Debug, Deserialize)]
enum Pattern {
    #[serde(rename = "\\S")]
    NotBlank,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Additional {
    Of(Box<JsonSchema>),
    None(Refused),
}

/// `false`: `true` would be a schema that takes anything, which is written `{}`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "bool")]
struct Refused;

impl TryFrom<bool> for Refused {
    type Error = &'static str;

    fn try_from(allowed: bool) -> Result<Self, Self::Error> {
        if allowed { Err("write `{}` for keys of any kind") } else { Ok(Self) }
    }
}

impl Default for Additional {
    fn default() -> Self {
        Self::None(Refused)
    }
}

impl Type {
    /// What a message calls it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Object => "a mapping",
            Self::Array => "a list",
            Self::String => "a string",
            Self::Boolean => "`true` or `false`",
            Self::Integer => "a whole number",
            Self::Number => "a number",
        }
    }

    fn is_of(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Object, Value::Map(_))
            | (Self::Array, Value::List(_))
            | (Self::String, Value::Text(_))
            | (Self::Boolean, Value::Bool(_))
            | (Self::Number, Value::Number(_)) => true,
            (Self::Integer, Value::Number(number)) => !number.is_f64(),
            _ => false,
        }
    }
}

impl JsonSchema {
    /// The schema that a file holds. That this program's own files are read without an error is what tests see to.
    pub fn of(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The schema that takes any value.
    pub(super) fn any() -> &'static Self {
        static ANY: LazyLock<JsonSchema> = LazyLock::new(JsonSchema::default);
        &ANY
    }

    /// The part of that name below `$defs`.
    pub fn definition(&self, name: &str) -> Option<&Self> {
        self.definitions.get(name)
    }

    /// What of `self` is about values of one type each; `root` is what references begin at.
    pub(super) fn branches<'s>(&'s self, root: &'s Self) -> Vec<&'s Self> {
        let schema = self.followed(root);
        if schema.branches.is_empty() {
            return vec![schema];
        }
        schema.branches.iter().map(|branch| branch.followed(root)).collect()
    }

    /// What a `$ref` stands for.
    pub(super) fn followed<'s>(&'s self, root: &'s Self) -> &'s Self {
        let mut schema = self;
        while let Some(target) = schema.reference.as_deref().and_then(|reference| root.find(reference)) {
            schema = target;
        }
        schema
    }

    /// The schema at `#/$defs/<name>/properties/<name>`.
    fn find(&self, reference: &str) -> Option<&Self> {
        let mut steps = reference.strip_prefix("#/")?.split('/');
        let mut schema = self;
        while let Some(step) = steps.next() {
            let name = steps.next()?;
            schema = match step {
                "$defs" => schema.definitions.get(name)?,
                "properties" => schema.properties.get(name)?,
                _ => return None,
            };
        }
        Some(schema)
    }

    /// The types that it takes; none if it takes any value.
    pub(super) fn types(&self) -> &[Type] {
        match &self.types {
            Types::One(one) => std::slice::from_ref(one),
            Types::Several(several) => several,
        }
    }

    /// Whether values of the type of `value` are taken.
    pub(super) fn takes(&self, value: &Value) -> bool {
        self.types().is_empty() || self.types().iter().any(|one| one.is_of(value))
    }

    /// Whether it takes mappings and nothing else.
    pub(super) fn is_object(&self) -> bool {
        self.types() == [Type::Object]
    }

    /// The schema of the items of a list.
    pub(super) fn items(&self) -> &Self {
        self.items.as_deref().unwrap_or(Self::any())
    }

    /// The schema of the value under `key`, where such a key can be.
    pub(super) fn property(&self, key: &str) -> Option<&Self> {
        self.properties.get(key).or(match &self.additional {
            Additional::Of(schema) => Some(&**schema),
            Additional::None(Refused) => self.types().is_empty().then(Self::any),
        })
    }

    /// Whether `key` is one that it names.
    pub(super) fn names(&self, key: &str) -> bool {
        self.properties.contains_key(key)
    }

    /// The keys that can be set.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> + Clone {
        let settable = |schema: &Self| schema.ignored.is_none() && schema.reserved.is_none();
        self.properties.iter().filter(move |(_, schema)| settable(schema)).map(|(key, _)| key.as_str())
    }

    /// The keys that have to be there.
    pub(super) fn required(&self) -> impl Iterator<Item = &String> {
        self.required.iter().chain(&self.required_by_any_name)
    }

    /// The values that it takes, once each, if it takes no others.
    pub(super) fn choices(&self) -> Vec<String> {
        let mut choices: Vec<String> = Vec::new();
        for choice in &self.choices {
            let choice = choice.as_str().map_or_else(|| choice.to_string(), str::to_owned);
            if !choices.contains(&choice) {
                choices.push(choice);
            }
        }
        choices
    }

    /// The choice that `text` is in another letter case, where that is taken.
    pub(super) fn choice_in_any_case(&self, text: &str) -> Option<&str> {
        let mut choices = self.choices.iter().filter(|_| self.any_case).filter_map(Json::as_str);
        choices.find(|choice| choice.eq_ignore_ascii_case(text))
    }

    /// Whether `value` is one of its choices, or it has none.
    pub(super) fn allows(&self, value: &Value) -> bool {
        let is_chosen = |choice: &Json| match value {
            Value::Text(text) => choice.as_str() == Some(text) || self.choice_in_any_case(text).is_some(),
            Value::Number(number) => choice.as_number() == Some(number),
            _ => false,
        };
        self.choices.is_empty() || self.choices.iter().any(is_chosen)
    }

    /// Whether strings have to have something in them.
    pub(super) fn refuses_blank(&self) -> bool {
        matches!(self.pattern, Some(Pattern::NotBlank))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Additional, JsonSchema};

    /// Fails where a keyword of a schema file is not known, or a reference leads nowhere; gives the number of its parts.
    #[track_caller]
    pub(crate) fn check(text: &str) -> usize {
        let root: JsonSchema = serde_json::from_str(text).unwrap();
        let mut seen = 0;
        walk(&root, &root, &mut seen);
        seen
    }

    fn walk(schema: &JsonSchema, root: &JsonSchema, seen: &mut usize) {
        *seen += 1;
        if let Some(reference) = &schema.reference {
            assert!(root.find(reference).is_some(), "{reference}");
        }
        let listed = schema.branches.iter().chain(schema.items.as_deref());
        let named = schema.properties.values().chain(schema.definitions.values());
        let more = match &schema.additional {
            Additional::Of(schema) => Some(&**schema),
            Additional::None(_) => None,
        };
        for inner in listed.chain(named).chain(more) {
            walk(inner, root, seen);
        }
    }

    #[test]
    fn an_unknown_keyword_is_an_error() {
        for odd in
            [r#"{"maxItems": 1}"#, r#"{"additionalProperties": true}"#, r#"{"pattern": "a+"}"#, r#"{"type": "null"}"#]
        {
            assert!(serde_json::from_str::<JsonSchema>(odd).is_err(), "{odd}");
        }
    }
}
