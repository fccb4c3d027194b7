//! What looks like a secret: by the shape of the text, or by its key.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

use super::MASK;

/// Prefixes of tokens, and the minimum number of characters that follow.
///
/// Databricks personal access tokens and OAuth secrets; GitHub's "behind the token formats" for the others.
const PREFIXES: &[(&str, usize)] = &[
    ("dapi", 8),
    ("dose", 8),
    ("ghp_", 16),
    ("gho_", 16),
    ("ghu_", 16),
    ("ghs_", 16),
    ("ghr_", 16),
    ("github_pat_", 16),
];

/// Words in the key of a secret.
const WORDS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "secret",
    "secrets",
    "token",
    "tokens",
    "credential",
    "credentials",
    "sas",
    "apikey",
];
/// Pairs of words in the key of a secret.
const PAIRS: &[[&str; 2]] = &[
    ["account", "key"],
    ["access", "key"],
    ["api", "key"],
    ["private", "key"],
    ["shared", "key"],
    ["connection", "string"],
];

/// Ranges of `text` with the shape of a token, sorted and without overlaps.
pub(super) fn shapes(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match may_begin(text.as_bytes(), at).then(|| shape(&text[at..])).flatten() {
            Some(range) => {
                found.push(at + range.start..at + range.end);
                at += range.end;
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

/// Whether a token may begin there: at the start of a word, with the first letter of a prefix or a scheme. Most places are
/// ruled out by that.
fn may_begin(text: &[u8], at: usize) -> bool {
    let inside_word = at > 0 && (text[at - 1].is_ascii_alphanumeric() || text[at - 1] == b'_');
    let first = |prefix: &str| prefix.as_bytes().first() == Some(&text[at]);
    !inside_word && (matches!(text[at], b'e' | b'b' | b'B') || PREFIXES.iter().any(|(prefix, _)| first(prefix)))
}

/// The token at the start of `text`; for `Bearer x` the `x`.
fn shape(text: &str) -> Option<Range<usize>> {
    prefixed(text).or_else(|| web_token(text)).map(|end| 0..end).or_else(|| bearer(text))
}

fn prefixed(text: &str) -> Option<usize> {
    PREFIXES.iter().find_map(|(prefix, least)| {
        let rest = text.strip_prefix(prefix)?;
        let token = match *prefix {
            "dapi" | "dose" => run(rest, |c| c.is_ascii_hexdigit() || c == '-'),
            _ => run(rest, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')),
        };
        (token >= *least).then_some(prefix.len() + token)
    })
}

/// A JSON Web Token: three parts of base64url, the first of which is an object.
fn web_token(text: &str) -> Option<usize> {
    let part = |text: &str| run(text, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let header = text.starts_with("eyJ").then(|| part(text))?;
    let claims = part(text[header..].strip_prefix('.')?);
    let before = header + 1 + claims;
    let signature = part(text[before..].strip_prefix('.')?);
    (claims >= 4).then_some(before + 1 + signature)
}

/// The token after `Bearer` or `Basic`, unless it is a plain word.
fn bearer(text: &str) -> Option<Range<usize>> {
    let scheme = ["bearer ", "basic "]
        .into_iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))?;
    let rest = &text[scheme.len()..];
    let token = run(rest, |c| c.is_ascii_alphanumeric() || "-._~+/=".contains(c));
    let word = rest[..token].trim_end_matches('.');
    let secret = word.len() == 1 || !word.bytes().all(|byte| byte.is_ascii_lowercase());
    secret.then_some(scheme.len()..scheme.len() + token)
}

fn run(text: &str, matches: impl Fn(char) -> bool) -> usize {
    text.find(|c| !matches(c)).unwrap_or(text.len())
}

/// `value`, whose key is `key`, with the values of secret keys masked; references `{{secrets/scope/key}}` are kept.
pub fn hide<'a>(key: &str, value: &'a Value) -> Cow<'a, Value> {
    match value {
        Value::Object(fields) => {
            let hidden =
                fields.iter().map(|(name, value)| (name.clone(), hide(&format!("{key}.{name}"), value).into_owned()));
            Cow::Owned(Value::Object(hidden.collect()))
        }
        Value::Array(items) => Cow::Owned(items.iter().map(|item| hide(key, item).into_owned()).collect()),
        Value::String(text) if is_reference(text) => Cow::Borrowed(value),
        Value::String(_) | Value::Number(_) if looks_secret(key) => Cow::Owned(MASK.into()),
        _ => Cow::Borrowed(value),
    }
}

fn is_reference(text: &str) -> bool {
    let inner = text.strip_prefix("{{secrets/").and_then(|rest| rest.strip_suffix("}}"));
    inner.is_some_and(|path| !path.is_empty() && !path.contains(['{', '}']))
}

/// Whether the value of `key`, a field or a variable, is a secret, by the words in its name.
pub fn looks_secret(key: &str) -> bool {
    let words = words(key);
    words.iter().any(|word| WORDS.contains(&word.as_str()))
        || words.windows(2).any(|pair| PAIRS.iter().any(|[first, second]| pair[0] == *first && pair[1] == *second))
}

/// The words of a key in lower case, split at camel case and at characters other than letters and digits.
fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in key.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.extend(c.to_lowercase()));
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{hide, shapes};

    #[test]
    fn tokens_are_recognized_by_their_shape() {
        for (text, expected) in [
            ("a dapi0123456789abcdef0123456789abcdef-2 b", "dapi0123456789abcdef0123456789abcdef-2"),
            ("x=ghs_abcdefghijklmnop0123", "ghs_abcdefghijklmnop0123"),
            ("github_pat_11AAAAAAA0abcdefghij", "github_pat_11AAAAAAA0abcdefghij"),
            ("jwt eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln.", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln"),
            ("authorization: bearer x", "x"),
            ("Authorization: Basic dXNlcjpwdw==", "dXNlcjpwdw=="),
            ("the bearer token is missing", ""),
            ("dapifacade, ghp_short, basic auth.", ""),
            ("mydapi0123456789abcdef", ""),
        ] {
            let found: Vec<&str> = shapes(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found.concat(), expected, "{text}");
        }
    }

    #[test]
    fn values_under_secret_keys_are_hidden_at_any_depth() {
        let value = json!({
            "fs.azure.account.key.x.dfs.core.windows.net": "abc",
            "dbPassword": 12,
            "token": "{{secrets/scope/key}}",
            "tokens": ["a", "{{secrets/a/b}} b"],
            "primary_key": "id",
        });
        let expected = json!({
            "fs.azure.account.key.x.dfs.core.windows.net": "***",
            "dbPassword": "***",
            "token": "{{secrets/scope/key}}",
            "tokens": ["***", "***"],
            "primary_key": "id",
        });
        assert_eq!(*hide("configuration", &value), expected);
        assert_eq!(*hide("clusters[0].spark_conf.spark.hadoop.fs.s3a.secret.key", &json!("x")), json!("***"));
    }
}
