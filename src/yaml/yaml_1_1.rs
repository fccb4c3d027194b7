//! Plain scalars of YAML 1.1, as `PyYAML` reads them: what a class gets that is launched on a cluster.

use serde_json::Number;

use super::{MOST_DIGITS, Value};

const TRUE: [&str; 9] = ["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"];
const FALSE: [&str; 9] = ["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"];

/// What a scalar without quotes is. Dates, `.inf` and numbers of base 60 such as `1:30` are text: JSON has none of them.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        _ => typed(text).unwrap_or_else(|| Value::Text(text.to_owned())),
    }
}

/// The number or switch that the text is.
pub fn typed(text: &str) -> Option<Value> {
    match (TRUE.contains(&text), FALSE.contains(&text)) {
        (false, false) => number(text).map(Value::Number).or_else(|| large(text)),
        (flag, _) => Some(Value::Bool(flag)),
    }
}

/// A decimal number that does not fit into 64 bits.
fn large(text: &str) -> Option<Value> {
    let unsigned_float = text.strip_prefix(['-', '+']).unwrap_or(text);
    if float(text, &unsigned_float.replace('_', "")).is_some_and(f64::is_infinite) {
        let (mantissa, exponent) = text.trim_start_matches('+').split_once(['e', 'E'])?;
        let mantissa = mantissa.replace('_', "");
        let point = if mantissa.ends_with('.') { "0" } else { "" };
        let zero = if mantissa.trim_start_matches('-').starts_with('.') { "0" } else { "" };
        let is_json = !mantissa.trim_start_matches('-').starts_with('0') && zero.is_empty();
        return is_json.then(|| Value::Large(format!("{mantissa}{point}e{exponent}")));
    }
    let (sign, unsigned) =
        text.strip_prefix('-').map_or(("", text.strip_prefix('+').unwrap_or(text)), |rest| ("-", rest));
    let digits = unsigned.replace('_', "");
    let is_decimal =
        unsigned.starts_with(|c: char| ('1'..='9').contains(&c)) && digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_decimal && digits.len() <= MOST_DIGITS).then(|| Value::Large(format!("{sign}{digits}")))
}

/// Whether the text is a whole number to `PyYAML`, and too large for one here.
pub fn is_large(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text).replace('_', "");
    let digits = |text: &str, radix| !text.is_empty() && text.chars().all(|c| c.is_digit(radix));
    let is_integer = unsigned.strip_prefix("0x").map_or_else(
        || unsigned.strip_prefix("0b").map_or_else(|| digits(&unsigned, 10), |digits_| digits(digits_, 2)),
        |digits_| digits(digits_, 16),
    );
    let is_octal =
        unsigned.len() > 1 && unsigned.starts_with('0') && !unsigned.starts_with("0x") && !unsigned.starts_with("0b");
    is_integer && (!is_octal || digits(&unsigned, 8)) && !text.starts_with('_') && typed(text).is_none()
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
        return float(text, &digits).and_then(|value| Number::from_f64(if sign.is_empty() { value } else { -value }));
    };
    integer.and_then(Number::from_i128)
}

fn float(written: &str, digits: &str) -> Option<f64> {
    let (mantissa, exponent) = digits.split_once(['e', 'E']).map_or((digits, None), |(m, e)| (m, Some(e)));
    let (before, after) = mantissa.split_once('.')?;
    // A point at the start takes no sign and no `_` after it.
    if before.is_empty() && (!written.starts_with('.') || written.starts_with("._")) {
        return None;
    }
    let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let exponent_is_right = exponent.is_none_or(|exponent| {
        exponent.strip_prefix(['-', '+']).is_some_and(|digits| !digits.is_empty() && is_number(digits))
    });
    let has_digits = !before.is_empty() || !after.is_empty();
    let fits = exponent_is_right && has_digits && is_number(before) && is_number(after) && !written.starts_with('_');
    if fits { digits.parse().ok() } else { None }
}
