//! Escaping of untrusted text for the places where it is shown: Markdown, workflow commands, logs and shells.
//!
//! Every value from a repository, an event or a service passes through one of these on its way out.

use std::cmp::Ordering;

pub use crate::diagnostic::truncate;

/// Longest value shown in a line of Markdown, in characters.
const MAX_VALUE: usize = 200;
/// Longest sentence shown in Markdown, in characters.
const MAX_SENTENCE: usize = 1_000;
/// Longest run of backticks shown. GitHub's engine supports at most 80 as the delimiter of a span, and 255 as a fence
/// (cmark-gfm source).
const MAX_BACKTICKS: usize = 40;
/// What a sequence that selects a colour begins with; it ends with `m`.
const COLOR: &str = "\u{1b}[";
/// Replaces a line break inside a line.
const LINE_BREAK: char = '↵';

/// `text` on one line: line breaks become `↵`, tabs become spaces, invisible characters are dropped.
pub fn line(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let shown = text.chars().map(|c| match c {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => LINE_BREAK,
        '\t' => ' ',
        c => c,
    });
    shown.filter(|c| !is_invisible(*c)).collect()
}

/// `text` with its line breaks, without invisible characters.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").chars().filter(|c| matches!(c, '\n' | '\t') || !is_invisible(*c)).collect()
}

/// Control characters, and those that hide, reorder or join the characters around them.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}'
        )
        || matches!(c, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// A Markdown code span, in which no link, mention or HTML is active.
pub fn code(text: &str) -> String {
    let text = short_runs(&line(truncate(text, MAX_VALUE).as_ref()));
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

/// `text` with long runs of backticks cut off by `…`: a delimiter longer than those would not be recognized.
fn short_runs(text: &str) -> String {
    let mut run = 0;
    let shown = text.chars().filter_map(|c| {
        run = if c == '`' { run + 1 } else { 0 };
        match run.cmp(&MAX_BACKTICKS) {
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

/// A sentence that quotes untrusted values in backticks, as Markdown on one line.
///
/// Quoted parts become code spans, and so does every word of more than letters and common punctuation: even if a
/// backtick in a value shifts the quotes, nothing in it is active.
pub fn prose(text: &str) -> String {
    let text = line(truncate(text, MAX_SENTENCE).as_ref());
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
            push_word(&mut out, word);
        }
    }
    out.trim().to_owned()
}

/// Punctuation before a word, in which Markdown sees nothing.
const BEFORE: [char; 2] = ['(', '\''];
/// The same after a word.
const AFTER: [char; 9] = ['.', ',', ';', ':', '!', '?', ')', '\'', '…'];

/// A word as it is, or as code between its punctuation.
fn push_word(out: &mut String, word: &str) {
    // Only what begins a line can number a list.
    let is_list = out.trim().is_empty() && word.starts_with(|c: char| c.is_ascii_digit()) && word.ends_with(['.', ')']);
    let core = word.trim_start_matches(BEFORE).trim_end_matches(AFTER);
    // Two colons begin a workflow command.
    if is_list || word.contains("::") {
        push_code(out, word);
    } else if is_plain(core) {
        out.push_str(word);
    } else {
        let start = word.find(core).unwrap_or_default();
        out.push_str(&word[..start]);
        push_code(out, core);
        out.push_str(&word[start + core.len()..]);
    }
}

/// Separates adjacent code spans, which Markdown would read as one.
fn push_code(out: &mut String, text: &str) {
    if out.ends_with('`') {
        out.push(' ');
    }
    out.push_str(&code(text));
}

/// Whether `core`, a word without its punctuation, has no meaning in Markdown: no mark-up, mention, reference to an issue or
/// commit, or URL.
fn is_plain(core: &str) -> bool {
    if matches!(core, "" | "–" | "→") {
        return true;
    }
    let web = core.to_ascii_lowercase().contains("www.");
    let mut pieces = core.split(['-', '\'', '/', '.', '’']);
    let letters = pieces.all(|piece| !piece.is_empty() && piece.chars().all(char::is_alphanumeric));
    let reference = core.split('-').skip(1).any(|piece| piece.starts_with(|c: char| c.is_ascii_digit()));
    let runs = || core.split(|c: char| !c.is_ascii_alphanumeric());
    letters && !web && !reference && !runs().any(is_hash)
}

/// Seven or more hex digits, which GitHub may link as a commit.
fn is_hash(text: &str) -> bool {
    text.len() >= 7
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// A Markdown code block whose fence is longer than any run of backticks inside.
pub fn fence(language: &'static str, text: &str) -> String {
    let text = short_runs(&lines(text));
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// A Markdown link with a fixed label; `None` for a URL that is not plain https, or http on loopback.
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

/// One word, quoted for pasting into a POSIX shell.
pub fn shell(word: &str) -> String {
    // Fails for NUL only, which `line` drops.
    shlex::try_quote(&line(word)).unwrap_or_default().into_owned()
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

/// Replaces characters by their `code` until `limit`, never splitting one; the older command syntax is broken up.
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

/// Lines for a log that the runner reads, none of which is a workflow command in either syntax.
pub fn log(text: &str) -> String {
    let text = break_old_commands(&lines(text));
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let start = line.len() - line.trim_start().len();
        let escape = if line[start..].starts_with("::") { "\\" } else { "" };
        out.extend([&line[..start], escape, &line[start..]]);
    }
    out
}

/// The same for text with colours of ours; of all control sequences these alone are left.
pub(super) fn colored_log(text: &str) -> String {
    let mut parts = text.split(COLOR);
    let mut out = log(parts.next().unwrap_or_default());
    for part in parts {
        let code = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').len();
        match part[code..].strip_prefix('m') {
            Some(rest) => out.extend([COLOR, &part[..code], "m", &log(rest)]),
            None => out.push_str(&log(part)),
        }
    }
    out
}

/// `##[command]` is understood anywhere in a line.
fn break_old_commands(text: &str) -> String {
    text.replace("##[", "##\\[")
}

/// JSON text as pure ASCII, safe in terminals, logs and files alike.
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
    // `##[` can occur only inside a string.
    out.replace("##[", "##\\u005b")
}
