//! Scalars as the authoring runtime has them, which reads YAML by `PyYAML` (YAML 1.1).

use serde_json::Number;

use crate::source::{Source, Span};
use crate::yaml::{self, Entry, Key, Node, Value};

const TRUE: [&str; 9] = ["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"];
const FALSE: [&str; 9] = ["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"];

/// What `PyYAML` makes of a scalar that is in `source` without quotes; `None` for text in quotes, and for plain text.
///
/// Left to the runtime are dates, `.inf` and numbers of base 60 such as `1:30`, which are text here.
fn plain(text: &str, span: Span, source: &Source) -> Option<Value> {
    if source.text.get(span.start..span.end) != Some(text) {
        return None;
    }
    typed(text)
}

/// What `PyYAML` makes of a text without quotes that is text in YAML 1.2, or a number or switch there too.
pub(super) fn typed(text: &str) -> Option<Value> {
    match (TRUE.contains(&text), FALSE.contains(&text)) {
        (false, false) => number(text).map(Value::Number).or_else(|| large(text)),
        (flag, _) => Some(Value::Bool(flag)),
    }
}

/// A whole decimal number that does not fit into 64 bits.
fn large(text: &str) -> Option<Value> {
    let (sign, unsigned) =
        text.strip_prefix('-').map_or(("", text.strip_prefix('+').unwrap_or(text)), |rest| ("-", rest));
    let digits = unsigned.replace('_', "");
    let is_decimal =
        unsigned.starts_with(|c: char| ('1'..='9').contains(&c)) && digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_decimal && digits.len() <= yaml::MOST_DIGITS).then(|| Value::Large(format!("{sign}{digits}")))
}

/// Whether the text is a whole number to `PyYAML`, and too large for one here.
pub(super) fn is_large(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text).replace('_', "");
    let digits = |text: &str, radix| !text.is_empty() && text.chars().all(|c| c.is_digit(radix));
    let is_integer = unsigned.strip_prefix("0x").map_or_else(
        || unsigned.strip_prefix("0b").map_or_else(|| digits(&unsigned, 10), |digits_| digits(digits_, 2)),
        |digits_| digits(digits_, 16),
    );
    let is_octal = unsigned.len() > 1 && unsigned.starts_with('0');
    is_integer && (!is_octal || digits(&unsigned, 8)) && !text.starts_with('_') && typed(text).is_none()
}

/// What a key of a JSON file is, if not a string with text.
pub(super) fn odd_json_key(key: &Key, _: &Source) -> Option<Value> {
    key.text.trim().is_empty().then(|| Value::Text(key.text.clone()))
}

/// The same for a key of a YAML file, which may be a number or a boolean.
pub(super) fn odd_yaml_key(key: &Key, source: &Source) -> Option<Value> {
    plain(&key.text, key.span, source).or_else(|| odd_json_key(key, source))
}

/// The tree with its plain scalars as `PyYAML` reads them.
pub(super) fn as_pyyaml(node: Node, source: &Source) -> Node {
    let written = || source.text.get(node.span.start..node.span.end).unwrap_or_default();
    let value = match node.value {
        Value::Text(text) => plain(&text, node.span, source).unwrap_or(Value::Text(text)),
        Value::Number(_) => typed(written()).unwrap_or_else(|| Value::Text(written().to_owned())),
        Value::List(items) => Value::List(items.into_iter().map(|item| as_pyyaml(item, source)).collect()),
        Value::Map(entries) => {
            let entries = entries.into_iter();
            Value::Map(entries.map(|Entry { key, node }| Entry { key, node: as_pyyaml(node, source) }).collect())
        }
        value @ (Value::Null | Value::Bool(_) | Value::Large(_)) => value,
    };
    Node { value, ..node }
}

/// A number as YAML 1.1 writes it: `010` is eight, `1_000` a thousand; an exponent needs a point and a sign.
fn number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { "-" } else { "" };
    let digits = unsigned.replace('_', "");
    let whole = |digits: &str, radix| i128::from_str_radix(&format!("{sign}{digits}"), radix).ok();
    let is = |digits: &str, known: &str| !digits.is_empty() && digits.chars().all(|c| known.contains(c));
    let integer = if let Some(hex) = digits.strip_prefix("0x") {
        whole(hex, 16)
    } else if let Some(binary) = digits.strip_prefix("0b") {
        whole(binary, 2)
    } else if digits.len() > 1 && digits.starts_with('0') && is(&digits, "01234567") {
        whole(&digits, 8)
    } else if digits == "0" || is(&digits, "0123456789") && !unsigned.starts_with(['0', '_']) {
        whole(&digits, 10)
    } else {
        return float(unsigned, &digits)
            .and_then(|value| Number::from_f64(if sign.is_empty() { value } else { -value }));
    };
    integer.and_then(Number::from_i128)
}

fn float(written: &str, digits: &str) -> Option<f64> {
    let (mantissa, exponent) = digits.split_once(['e', 'E']).map_or((digits, None), |(m, e)| (m, Some(e)));
    let (before, after) = mantissa.split_once('.')?;
    let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let exponent_is_right = exponent.is_none_or(|exponent| {
        exponent.strip_prefix(['-', '+']).is_some_and(|digits| !digits.is_empty() && is_number(digits))
    });
    let has_digits = !before.is_empty() || !after.is_empty();
    let fits = exponent_is_right && has_digits && is_number(before) && is_number(after) && !written.starts_with('_');
    if fits { digits.parse().ok() } else { None }
}
