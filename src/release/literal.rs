//! Text as a literal of Python source, and as a word of a `%pip` line: the only ways for it to get there.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::diagnostic::{Error, ErrorContext as _, Kind, Result};

/// A Python string literal of `text`: one line of printable ASCII, whatever the text holds.
pub(super) fn python(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for character in text.chars() {
        let _ = match (character, u32::from(character)) {
            ('"' | '\\', _) => write!(literal, "\\{character}"),
            (' '..='~', _) => write!(literal, "{character}"),
            (_, code @ ..=0xff) => write!(literal, "\\x{code:02x}"),
            (_, code @ ..=0xffff) => write!(literal, "\\u{code:04x}"),
            (_, code) => write!(literal, "\\U{code:08x}"),
        };
    }
    literal.push('"');
    literal
}

/// `text` as one word of a `%pip` line, which a POSIX shell reads.
///
/// # Errors
/// Control characters: a line break would end the line, and no requirement holds one.
pub(super) fn pip_word(text: &str) -> Result<String> {
    if text.chars().any(char::is_control) {
        return Err(Error::input(format!("{text:?} holds a control character, which a `%pip` line cannot carry")));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    // It refuses NUL alone, which is a control character.
    shlex::try_quote(text).map(Cow::into_owned).or_kind(Kind::Input, format!("{text:?} cannot be quoted"))
}

#[cfg(test)]
mod tests {
    use super::{pip_word, python};

    #[test]
    fn no_text_leaves_its_literal() {
        for (text, literal) in [
            ("conf/a.json", r#""conf/a.json""#),
            ("a\"b\\", r#""a\"b\\""#),
            ("a\n# COMMAND ----------\r\n# MAGIC %sh x", r#""a\x0a# COMMAND ----------\x0d\x0a# MAGIC %sh x""#),
            ("é\u{2028}\u{1f600}\0\u{85}", r#""\xe9\u2028\U0001f600\x00\x85""#),
        ] {
            assert_eq!(python(text), literal);
        }
    }

    #[test]
    fn words_of_a_pip_line_stay_one_word() {
        for (text, word) in [
            ("/Workspace/Shared/a+b@c.whl", Some("/Workspace/Shared/a+b@c.whl")),
            ("requests[socks]>=2; python_version < '3.9'", Some(r#""requests[socks]>=2; python_version < '3.9'""#)),
            ("a b", Some("'a b'")),
            ("$(id)`id`", Some("'$(id)`id`'")),
            ("", Some("''")),
            ("a\n# MAGIC %sh id", None),
        ] {
            assert_eq!(pip_word(text).ok().as_deref(), word, "{text:?}");
        }
    }
}
