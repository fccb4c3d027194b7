//! What makes foreign text harmless where it is shown: in Markdown, in workflow commands, in logs and in a shell.
//!
//! Every value from a repository, an event or a service passes one of these on its way out.

use std::cmp::Ordering;

pub use crate::diagnostic::truncate;

/// Longest value shown in a line of Markdown, in characters.
const VALUE: usize = 200;
/// Longest sentence shown in Markdown, in characters.
const SENTENCE: usize = 1_000;
/// Backticks in a row that are shown. GitHub's engine takes no more than 80 for the end of a span, and no more than 255
/// for the length of a fence (cmark-gfm source).
const RUN: usize = 40;
/// What stands for a line break inside a line.
const BREAK: char = '↵';

/// `text` on one line: line breaks become `↵`, tabs blanks; characters that cannot be seen are dropped.
pub fn line(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let shown = text.chars().map(|c| match c {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => BREAK,
        '\t' => ' ',
        c => c,
    });
    shown.filter(|c| !is_invisible(*c)).collect()
}

/// The lines of `text` as they are, less the characters that cannot be seen.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").chars().filter(|c| matches!(c, '\n' | '\t') || !is_invisible(*c)).collect()
}

/// Controls, and what hides, reorders or joins the characters around it.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}'
        )
        || matches!(c, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// A Markdown code span: no link, mention or HTML lives in it.
pub fn code(text: &str) -> String {
    let text = short_runs(&line(truncate(text, VALUE).as_ref()));
    if text.trim().is_empty() {
        return "` `".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let outer = |c: char| c == '`' || c == ' ';
    let pad = if text.starts_with(outer) || text.ends_with(outer) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A code span inside a table, where a bare `|` would end the cell.
pub fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// `text` with `…` for what is too much of a run of backticks: a longer run around it would be no longer counted.
fn short_runs(text: &str) -> String {
    let mut run = 0;
    let shown = text.chars().filter_map(|c| {
        run = if c == '`' { run + 1 } else { 0 };
        match run.cmp(&RUN) {
            Ordering::Less => Some(c),
            Ordering::Equal => Some('…'),
            Ordering::Greater => None,
        }
    });
    shown.collect()
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A sentence of ours that quotes foreign values in backticks, as Markdown on one line.
///
/// Quoted parts become code spans, and so does every word that is more than letters and common punctuation: wherever a
/// foreign backtick shifts the quotes, nothing in it can act.
pub fn prose(text: &str) -> String {
    let text = line(truncate(text, SENTENCE).as_ref());
    let mut out = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            push_code(&mut out, part);
            continue;
        }
        for (index, word) in part.split(' ').enumerate() {
            if index > 0 && !out.ends_with(' ') {
                out.push(' ');
            }
            if is_plain(word) { out.push_str(word) } else { push_code(&mut out, word) }
        }
    }
    out.trim().to_owned()
}

/// Two code spans that touch would read as one.
fn push_code(out: &mut String, text: &str) {
    if out.ends_with('`') {
        out.push(' ');
    }
    out.push_str(&code(text));
}

/// Whether Markdown sees nothing in `word`: no mark-up, list, mention, reference to an issue or commit, or address.
fn is_plain(word: &str) -> bool {
    if matches!(word, "" | "–" | "→" | "…") {
        return true;
    }
    let core = word.trim_start_matches(['(', '\'']).trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'', '…']);
    let numbered = core.starts_with(|c: char| c.is_ascii_digit()) && word.ends_with(['.', ')']);
    let web = core.to_ascii_lowercase().contains("www.");
    let mut pieces = core.split(['-', '\'', '/', '.', '’']);
    let letters = core.is_empty() || pieces.all(|piece| !piece.is_empty() && piece.chars().all(char::is_alphanumeric));
    let reference = core.split('-').skip(1).any(|piece| piece.starts_with(|c: char| c.is_ascii_digit()));
    let runs = || core.split(|c: char| !c.is_ascii_alphanumeric());
    letters && !numbered && !web && !reference && !runs().any(is_hash)
}

/// Seven hex digits or more may be taken for a commit.
fn is_hash(text: &str) -> bool {
    text.len() >= 7
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// A block of Markdown code, its fence longer than any run of backticks inside.
pub fn fence(language: &'static str, text: &str) -> String {
    let text = short_runs(&lines(text));
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// A Markdown link with a text of ours; `None` for an address that is not plainly https, or http on loopback.
pub fn link(label: &'static str, url: &str) -> Option<String> {
    let rest = match url.strip_prefix("https://") {
        Some(rest) => rest,
        None => ["localhost", "127.0.0.1"].iter().find_map(|host| {
            let rest = url.strip_prefix("http://")?;
            rest.strip_prefix(host)?.starts_with([':', '/']).then_some(rest)
        })?,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#&=+,%".contains(c);
    (rest.starts_with(|c: char| c.is_ascii_alphanumeric()) && url.len() <= 500 && rest.chars().all(plain))
        .then(|| format!("[{label}]({url})"))
}

/// One word for a shell that people paste into.
pub fn shell(word: &str) -> String {
    let word = line(word);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._/:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// The message of a workflow command, at most `limit` characters after escaping.
pub fn message(text: &str, limit: usize) -> String {
    encoded(&lines(text), limit, |c| match c {
        '%' => Some("%25"),
        '\n' => Some("%0A"),
        _ => None,
    })
}

/// A property of a workflow command, at most `limit` characters after escaping.
pub fn property(text: &str, limit: usize) -> String {
    encoded(&line(text), limit, |c| match c {
        '%' => Some("%25"),
        ':' => Some("%3A"),
        ',' => Some("%2C"),
        ';' => Some("%3B"),
        ']' => Some("%5D"),
        _ => None,
    })
}

/// `code` for each character that has one, whole, until `limit`; the older command syntax is broken up.
fn encoded(text: &str, limit: usize, code: impl Fn(char) -> Option<&'static str>) -> String {
    let (mut out, mut left) = (String::new(), limit);
    for c in break_old_commands(text).chars() {
        let mut buffer = [0; 4];
        let piece = code(c).unwrap_or(c.encode_utf8(&mut buffer));
        let needs = piece.chars().count();
        if needs >= left {
            out.push('…');
            break;
        }
        out.push_str(piece);
        left -= needs;
    }
    out
}

/// Lines for a log that the runner reads: no line of them is a workflow command, in either syntax.
pub fn log(text: &str) -> String {
    let text = break_old_commands(&lines(text));
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let start = line.len() - line.trim_start().len();
        let mark = if line[start..].starts_with("::") { "\\" } else { "" };
        out.extend([&line[..start], mark, &line[start..]]);
    }
    out
}

/// `##[command]` is understood anywhere in a line.
fn break_old_commands(text: &str) -> String {
    text.replace("##[", "##\\[")
}

/// JSON text in ASCII alone, as harmless in a terminal or a log as in a file.
pub fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' {
            out.push(c);
        } else {
            let mut units = [0; 2];
            out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    // Two number signs before a bracket stand only inside a string.
    out.replace("##[", "##\\u005b")
}
