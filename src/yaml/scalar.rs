//! What a plain scalar is: the core schema of YAML 1.2, without what people do not mean.

use serde_json::Number;

use super::Value;

/// What a scalar without quotes is. Numbers that a reader may take for something else stay text: `010`, `1_000`, `.inf`,
/// and those that no number of a computer holds.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::Text(text.to_owned()), Value::Number),
    }
}

/// The number that `text` writes, if there is one that a computer holds.
pub(super) fn number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let based =
        [("0x", 16), ("0o", 8)].into_iter().find_map(|(prefix, radix)| Some((unsigned.strip_prefix(prefix)?, radix)));
    if let Some((digits, radix)) = based {
        let is_plain = digits.starts_with(|c: char| c.is_ascii_hexdigit()) && unsigned.len() == text.len();
        return is_plain.then(|| u64::from_str_radix(digits, radix).ok()).flatten().map(Number::from);
    }
    let mut bytes = unsigned.bytes();
    if bytes.next() == Some(b'0') && bytes.next().is_some_and(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        let plain = text.strip_prefix('+').unwrap_or(text);
        return plain.parse::<i64>().map(Number::from).or_else(|_| plain.parse::<u64>().map(Number::from)).ok();
    }
    is_float(unsigned).then(|| text.parse::<f64>().ok()).flatten().and_then(Number::from_f64)
}

/// Whether digits with a point, an exponent, or both.
fn is_float(unsigned: &str) -> bool {
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !before.is_empty() || !after.is_empty();
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
    has_digits
        && digits(before)
        && digits(after)
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}
