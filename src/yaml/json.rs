//! JSON → the tree. What is not JSON by the letter is an error, as Python's own reader has it.

use jsonc_parser::ast::{ObjectPropName, Value as Ast};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::fault::Fault;
use super::node::{Entry, Key, Node, Value};
use super::oddity::{Oddity, OddityKind};
use super::{Limits, scalar};
use crate::source::{Source, Span};

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(super) fn tree(source: &Source, limits: Limits, oddities: &mut Vec<Oddity>) -> Result<Node, Fault> {
    let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    let start = source.text.len() - text.len();
    if text.trim().is_empty() {
        return Err(super::fault::empty());
    }
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        return Err(Fault::json(source, start, &error));
    }
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT);
    let parsed = parsed.map_err(|error| match error.kind() {
        jsonc_parser::errors::ParseErrorKind::NestingDepthExceeded => super::fault::too_deep(),
        kind => Fault::at(Span::new(start + error.range().start, start + error.range().end), &kind.to_string()),
    })?;
    let value = parsed.value.ok_or_else(super::fault::empty)?;
    let mut reader = Reader { start, limits, nodes: 0, oddities };
    reader.node(value, 0)
}

struct Reader<'o> {
    /// Where the text begins in its file.
    start: usize,
    limits: Limits,
    nodes: usize,
    oddities: &'o mut Vec<Oddity>,
}

impl Reader<'_> {
    fn node(&mut self, value: Ast<'_>, depth: usize) -> Result<Node, Fault> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(super::fault::too_many());
        }
        if depth > self.limits.depth {
            return Err(super::fault::too_deep());
        }
        let mut span = self.span(value.range());
        let value = match value {
            Ast::NullKeyword(_) => Value::Null,
            Ast::BooleanLit(flag) => Value::Bool(flag.value),
            Ast::StringLit(text) => Value::Text(text.value.into_owned()),
            Ast::NumberLit(number) => {
                scalar::number(number.value).map_or_else(|| self.large(number.value, span), Value::Number)
            }
            Ast::Array(array) => {
                let items = array.elements.into_iter().map(|item| self.node(item, depth + 1));
                let items = items.collect::<Result<Vec<_>, _>>()?;
                span = items.first().map_or(Span::new(span.start, span.start), |first| first.span);
                Value::List(items)
            }
            Ast::Object(object) => {
                let mut entries = Vec::new();
                for property in object.properties {
                    let key = self.span(property.name.range());
                    let text = match property.name {
                        ObjectPropName::String(text) => text.value.into_owned(),
                        ObjectPropName::Word(word) => word.value.to_owned(),
                    };
                    entries.push(Entry { key: Key { text, span: key }, node: self.node(property.value, depth + 1)? });
                }
                span = entries.first().map_or(Span::new(span.start, span.start), |first| first.key.span);
                Value::Map(entries)
            }
        };
        Ok(Node { value, span, used: None })
    }

    /// A number that is none of 64 bits; Python reads whole ones up to a limit of its own.
    fn large(&mut self, text: &str, span: Span) -> Value {
        if text.len() <= super::MOST_DIGITS {
            return Value::Large(text.to_owned());
        }
        self.oddities.push(Oddity { span, kind: OddityKind::LargeNumber });
        Value::Text(text.to_owned())
    }

    fn span(&self, range: Range) -> Span {
        Span::new(self.start + range.start, self.start + range.end)
    }
}
