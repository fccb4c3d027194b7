//! The schema of the `dlt` section: the very file that the authoring runtime reads configurations by.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::yaml::{Node, Value};

/// The schema. That it is one whose every keyword is known here is what a test sees to.
static ROOT: LazyLock<Schema> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../python/dltflow/config.schema.json")).unwrap_or_default());

/// The schema of the whole section.
pub(super) fn root() -> &'static Schema {
    &ROOT
}

/// What the file uses of JSON Schema, and its keywords beside that, which its `description` explains.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Schema {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "$defs")]
    definitions: BTreeMap<String, Schema>,
    #[serde(rename = "oneOf")]
    branches: Vec<Schema>,
    #[serde(rename = "type")]
    types: Types,
    #[serde(rename = "enum")]
    pub(super) choices: Vec<Json>,
    pattern: Option<Pattern>,
    #[serde(rename = "minItems")]
    pub(super) min_items: usize,
    items: Option<Box<Schema>>,
    pub(super) properties: BTreeMap<String, Schema>,
    #[serde(rename = "additionalProperties")]
    additional: Additional,
    pub(super) required: Vec<String>,
    #[serde(rename = "x-required")]
    pub(super) required_by_any_name: Vec<String>,
    #[serde(rename = "x-excludes")]
    pub(super) excludes: Vec<Vec<String>>,
    #[serde(rename = "x-alias-of")]
    pub(super) alias_of: Option<String>,
    #[serde(rename = "x-text")]
    pub(super) becomes_text: bool,
    // Keywords for people.
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

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Type {
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

/// The one pattern that the file uses.
#[derive(Debug, Deserialize)]
enum Pattern {
    #[serde(rename = "\\S")]
    NotBlank,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Additional {
    Of(Box<Schema>),
    None(Refused),
}

/// `false`: what any other key would have is not known.
#[derive(Debug, Deserialize)]
#[serde(try_from = "bool")]
struct Refused;

impl TryFrom<bool> for Refused {
    type Error = &'static str;

    fn try_from(allowed: bool) -> Result<Self, Self::Error> {
        if allowed { Err("keys of any kind are not read") } else { Ok(Self) }
    }
}

impl Default for Additional {
    fn default() -> Self {
        Self::None(Refused)
    }
}

impl Type {
    fn words(self) -> &'static str {
        match self {
            Self::Object => "a mapping",
            Self::Array => "a list",
            Self::String => "text",
            Self::Boolean => "`true` or `false`",
            Self::Integer | Self::Number => "a number",
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

impl Schema {
    /// What of it is about values of the type that `node` has, else the types that it takes, in words.
    pub(super) fn branch(&'static self, node: &Node) -> Result<&'static Self, String> {
        let schema = self.followed();
        let branches: Vec<_> = if schema.branches.is_empty() { vec![schema] } else { schema.branches.iter().collect() };
        let branches: Vec<_> = branches.into_iter().map(Self::followed).collect();
        let fits = |schema: &&&Self| schema.types().iter().any(|one| one.is_of(&node.value));
        if let Some(branch) = branches.iter().find(fits) {
            return Ok(branch);
        }
        let mut wanted: Vec<&str> = Vec::new();
        for words in branches.iter().flat_map(|schema| schema.types()).map(|one| one.words()) {
            if !wanted.contains(&words) {
                wanted.push(words);
            }
        }
        Err(wanted.join(" or "))
    }

    /// The schema of the items of a list.
    pub(super) fn items(&'static self) -> &'static Self {
        self.items.as_deref().unwrap_or(self)
    }

    /// The schema of the value under `key`, where such a key can be.
    pub(super) fn property(&'static self, key: &str) -> Option<&'static Self> {
        self.properties.get(key).or(match &self.additional {
            Additional::Of(schema) => Some(&**schema),
            Additional::None(Refused) => None,
        })
    }

    /// Whether text has to have something in it.
    pub(super) fn refuses_blank(&self) -> bool {
        matches!(self.pattern, Some(Pattern::NotBlank))
    }

    fn types(&self) -> &[Type] {
        match &self.types {
            Types::One(one) => std::slice::from_ref(one),
            Types::Several(several) => several,
        }
    }

    /// What a `$ref` stands for.
    fn followed(&'static self) -> &'static Self {
        let mut schema = self;
        while let Some(target) = schema.reference.as_deref().and_then(find) {
            schema = target;
        }
        schema
    }
}

/// The schema at `#/$defs/<name>/properties/<name>`.
fn find(reference: &str) -> Option<&'static Schema> {
    let mut steps = reference.strip_prefix("#/")?.split('/');
    let mut schema = root();
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

#[cfg(test)]
mod tests {
    use super::{Additional, ROOT, Schema, find};

    fn walk(schema: &'static Schema, seen: &mut usize) {
        *seen += 1;
        if let Some(reference) = &schema.reference {
            assert!(find(reference).is_some(), "{reference}");
        } else {
            assert!(!schema.types().is_empty() || !schema.branches.is_empty(), "{schema:?}");
        }
        let listed = schema.branches.iter().chain(schema.items.as_deref());
        let named = schema.properties.values().chain(schema.definitions.values());
        let more = match &schema.additional {
            Additional::Of(schema) => Some(&**schema),
            Additional::None(_) => None,
        };
        listed.chain(named).chain(more).for_each(|schema| walk(schema, seen));
    }

    #[test]
    fn every_keyword_of_the_file_is_known_and_every_reference_leads_somewhere() {
        let text = include_str!("../../python/dltflow/config.schema.json");
        serde_json::from_str::<Schema>(text).unwrap();
        let mut seen = 0;
        walk(&ROOT, &mut seen);
        assert!(seen > 100, "{seen}");
        let odd = text.replacen("\"minItems\"", "\"maxItems\"", 1);
        assert!(serde_json::from_str::<Schema>(&odd).unwrap_err().to_string().contains("maxItems"));
    }
}
