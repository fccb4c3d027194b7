//! A secret, in every form in which it could be recovered.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A shorter part of a secret occurs by chance, and is of no use.
const PART: usize = 8;

/// A secret that must not occur anywhere.
pub(crate) struct Canary {
    text: String,
    forms: Vec<String>,
}

impl Canary {
    pub(crate) fn new(text: &str) -> Self {
        let echoes = Self { text: text.to_owned(), forms: Vec::new() }.echoes();
        let mut forms = forms(text);
        forms.extend(echoes.into_iter().map(|(_, echo)| echo));
        let mut forms: Vec<String> = forms.iter().map(|form| plain(form)).filter(|form| form.len() >= PART).collect();
        // Whoever finds the shorter one has found the longer.
        forms.sort_by_key(String::len);
        let mut least: Vec<String> = Vec::new();
        for form in forms {
            if !least.iter().any(|shorter| form.contains(shorter)) {
                least.push(form);
            }
        }
        Self { text: text.to_owned(), forms: least }
    }

    /// The ways in which a service may say it again, by name; each is found by [`Canary::seen`].
    pub(crate) fn echoes(&self) -> Vec<(&'static str, String)> {
        let text = self.text.as_str();
        let half = text.len() / 2;
        let json = serde_json::Value::from(text).to_string();
        let lines = serde_json::Value::from(format!("{}\n  {}", &text[..half], &text[half..])).to_string();
        let unicode = |text: &str| text.bytes().fold(String::new(), |out, byte| format!("{out}\\u{byte:04x}"));
        let percent = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let all_percent = text.bytes().fold(String::new(), |out, byte| format!("{out}%{byte:02X}"));
        let hex = text.bytes().fold(String::new(), |out, byte| format!("{out}{byte:02x}"));
        let wrapped = |width: usize, end: &str| {
            text.as_bytes().chunks(width).map(|part| str::from_utf8(part).unwrap()).collect::<Vec<_>>().join(end)
        };
        let basic = BASE64_STANDARD_NO_PAD.encode(format!("token:{text}"));
        vec![
            ("as it is", text.to_owned()),
            ("in a header", format!("Authorization: Bearer {text}")),
            ("in capitals", text.to_ascii_uppercase()),
            ("JSON", json[1..json.len() - 1].to_owned()),
            ("JSON within JSON", serde_json::Value::from(json.as_str()).to_string()),
            ("JSON by numbers", unicode(text)),
            ("percent", percent.clone()),
            ("percent, small letters", small_escapes(&percent)),
            ("percent, every character", all_percent.clone()),
            ("percent of percent", utf8_percent_encode(&all_percent, NON_ALPHANUMERIC).to_string()),
            ("a form", percent.replace("%20", "+")),
            ("HTML", html(text)),
            ("HTML by numbers", text.bytes().fold(String::new(), |out, byte| format!("{out}&#{byte};"))),
            (
                "HTML by numbers, hexadecimal",
                text.bytes().fold(String::new(), |out, byte| format!("{out}&#x{byte:X};")),
            ),
            ("hex", hex.clone()),
            ("hex in capitals", hex.to_uppercase()),
            ("base64", BASE64_STANDARD_NO_PAD.encode(text)),
            ("base64, shifted by one", BASE64_STANDARD_NO_PAD.encode(format!("x{text}"))),
            ("base64, shifted by two", BASE64_STANDARD_NO_PAD.encode(format!("xy{text}"))),
            ("base64 for addresses", BASE64_URL_SAFE_NO_PAD.encode(text)),
            ("base64 over lines", format!("{}\r\n  {}", &basic[..10], &basic[10..])),
            ("basic authorization", format!("Basic {basic}")),
            ("over two lines", format!("{}\n{}", &text[..half], &text[half..])),
            ("over indented lines", format!("{}\r\n    {}", &text[..half], &text[half..])),
            ("over many lines", wrapped(7, "\n")),
            ("without width between", wrapped(3, "\u{200b}")),
            ("over lines, escaped", lines[1..lines.len() - 1].to_owned()),
        ]
    }

    /// The form of it, or of a part, that `text` contains, also across line breaks and zero-width characters.
    pub(crate) fn seen(&self, text: &str) -> Option<&str> {
        let plain = plain(text);
        self.forms.iter().find(|form| plain.contains(*form)).map(String::as_str)
    }
}

/// The whole in each encoding, and of the raw text its beginning and its end.
fn forms(text: &str) -> Vec<String> {
    let json = serde_json::Value::from(text).to_string();
    let percent = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let hex = text.bytes().fold(String::new(), |out, byte| format!("{out}{byte:02x}"));
    let mut forms = vec![
        text.to_owned(),
        json[1..json.len() - 1].to_owned(),
        small_escapes(&percent),
        percent,
        html(text),
        hex.clone(),
        hex.to_uppercase(),
    ];
    for shift in 0..3 {
        let bytes = format!("{}{text}", "x".repeat(shift));
        let (start, end) = ((shift * 8).div_ceil(6), bytes.len() * 8 / 6);
        forms.push(BASE64_STANDARD_NO_PAD.encode(&bytes)[start..end].to_owned());
        forms.push(BASE64_URL_SAFE_NO_PAD.encode(&bytes)[start..end].to_owned());
    }
    forms.extend([text[..PART.min(text.len())].to_owned(), text[text.len() - PART.min(text.len())..].to_owned()]);
    forms
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// `%2F` as `%2f`.
fn small_escapes(percent: &str) -> String {
    let mut out = String::new();
    let mut left = 0_u8;
    for c in percent.chars() {
        left = if c == '%' { 3 } else { left };
        out.push(if left > 0 { c.to_ascii_lowercase() } else { c });
        left = left.saturating_sub(1);
    }
    out
}

/// A text without characters that could split a word.
fn plain(text: &str) -> String {
    text.to_ascii_lowercase().chars().filter(|c| c.is_ascii_graphic() && *c != '\\').collect()
}
