//! Values against a JSON Schema: one walk gives them their types and reports every mistake, each at its place.
//!
//! Specs, `dltflow.yml` and pipeline configurations each have a schema file; what differs between them is a [`Dialect`].

mod definition;
mod problem;
mod quote;
mod scalar;
#[cfg(test)]
mod tests;
mod walk;

pub use definition::JsonSchema;
#[cfg(test)]
pub(crate) use definition::tests::check;
pub use problem::{KeyPath, Problem, Problems};
pub use quote::{number_text, quoted};
pub use walk::{Dialect, Scalars, read};

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::diagnostic::Diagnostics;
use crate::source::{Source, Span};
use crate::yaml::Node;

/// A value as JSON, and everything that is wrong with it.
#[derive(Debug)]
pub struct Decoded {
    /// The value with the types of the schema, without what was wrong; `Null` where the whole was.
    pub value: Json,
    /// JSON pointer into the value → its place: the value of a scalar, the key of a collection.
    pub places: BTreeMap<String, Span>,
    /// Every mistake.
    pub findings: Diagnostics,
}

/// Checks `node` against `schema` and gives it the types of that. `null` counts as not given.
///
/// `at` is what messages call the whole, and the place of findings about something that is missing.
pub fn decode(source: &Source, node: &Node, at: &KeyPath, schema: &JsonSchema, dialect: &Dialect) -> Decoded {
    let mut problems = Problems::new(source);
    let node = read(node, schema, schema, at, dialect, &mut problems);
    let value = node.as_ref().map(Node::to_json).unwrap_or_default();
    let places = node.map(|node| node.places(at.span)).unwrap_or_default();
    Decoded { value, places, findings: problems.into_findings() }
}
