//! Values as messages quote them.

use serde_json::Number;

use crate::yaml::Value;

/// Characters of a value that a message quotes, and bytes that are written to find them.
const LONGEST: usize = 60;
const ENOUGH: usize = 512;

/// The value as JSON in backticks, cut if it is long.
pub fn quoted(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    match text.char_indices().nth(LONGEST - 3) {
        Some((cut, _)) if text.chars().count() > LONGEST => format!("`{}...`", &text[..cut]),
        _ => format!("`{text}`"),
    }
}

/// The number as Python writes it: `1.0`, `1e+16`.
pub fn number_text(number: &Number) -> String {
    let Some(value) = number.as_f64().filter(|_| number.is_f64()) else { return number.to_string() };
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>().unwrap_or_default() {
        -4..16 => format!("{value:?}"),
        exponent => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
        }
    }
}

/// Writes no more of `value` than a message can need.
fn write(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Value::Large(number) => text.push_str(number),
        Value::Number(number) => text.push_str(&number_text(number)),
        Value::Text(inner) => text.push_str(&json_string(inner)),
        Value::List(items) => write_all(['[', ']'], items, text, |item, text| write(&item.value, text)),
        Value::Map(entries) => write_all(['{', '}'], entries, text, |entry, text| {
            text.push_str(&json_string(&entry.key.text));
            text.push_str(": ");
            write(&entry.node.value, text);
        }),
    }
}

fn write_all<T>([open, close]: [char; 2], items: &[T], text: &mut String, write: impl Fn(&T, &mut String)) {
    text.push(open);
    for (index, item) in items.iter().enumerate() {
        if text.len() > ENOUGH {
            break;
        }
        text.push_str(if index > 0 { ", " } else { "" });
        write(item, text);
    }
    text.push(close);
}

fn json_string(text: &str) -> String {
    serde_json::Value::from(text.chars().take(ENOUGH).collect::<String>()).to_string()
}
