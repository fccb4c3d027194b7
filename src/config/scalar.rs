//! Keys of a configuration that are no strings to the authoring runtime.

use crate::source::{Source, Span};
use crate::yaml::{Key, Value, yaml_1_1};

/// What `PyYAML` makes of a key that is in `source` without quotes; `None` for text in quotes, and for plain text.
fn plain(text: &str, span: Span, source: &Source) -> Option<Value> {
    if source.text.get(span.start..span.end) != Some(text) {
        return None;
    }
    yaml_1_1::typed(text)
}

/// What a key of a JSON file is, if not a string with text.
pub(super) fn odd_json_key(key: &Key, _: &Source) -> Option<Value> {
    key.text.trim().is_empty().then(|| Value::Text(key.text.clone()))
}

/// The same for a key of a YAML file, which may be a number or a boolean.
pub(super) fn odd_yaml_key(key: &Key, source: &Source) -> Option<Value> {
    plain(&key.text, key.span, source).or_else(|| odd_json_key(key, source))
}
