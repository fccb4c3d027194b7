//! The runner's own readers, written after the actions/runner source: workflow commands on its streams, command files.
//!
//! Where the runner's behaviour depends on its platform, they are stricter: every line break is one, characters without
//! a weight are skipped where texts are compared, and any name is a command's, as a stop token is.

use std::collections::BTreeMap;

/// A workflow command as the runner would obey it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) name: String,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) data: String,
}

/// The commands of the runner.
const KNOWN: [&str; 17] = [
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "internal-set-repo-path",
    "notice",
    "remove-matcher",
    "resume-logging",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
];

/// Every command that the runner finds in `output`, in both syntaxes; one that stops the others stops none here.
pub(crate) fn parse_commands(output: &str) -> Vec<Command> {
    let weightless =
        |c: char| matches!(c, '\0' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    let breaks = ['\r', '\u{85}', '\u{2028}', '\u{2029}'];
    let mut found = Vec::new();
    for line in output.split('\n') {
        if line.is_ascii() && !line.as_bytes().contains(&0) && !line.as_bytes().contains(&b'\r') {
            found.extend(command_of(line));
        } else {
            let line: String = line.chars().filter(|c| !weightless(*c)).collect();
            found.extend(line.split(breaks).filter_map(command_of));
        }
    }
    found
}

/// The newer syntax first, and the older where the newer gives no name that is known.
fn command_of(line: &str) -> Option<Command> {
    let (new, old) = (v2(line), v1(line));
    let known = |command: &&Command| KNOWN.contains(&command.name.as_str());
    let first = [&new, &old].into_iter().flatten().find(known).cloned();
    first.or(new).or(old)
}

/// `::name key=value,…::data` at the start of the line, blanks aside.
fn v2(line: &str) -> Option<Command> {
    let rest = line.trim_start().strip_prefix("::")?;
    let (header, data) = rest.split_once("::")?;
    let property =
        |value: &str| unescape(value, &[("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]);
    Some(command(header, ',', property, unescape(data, &[("%0D", "\r"), ("%0A", "\n"), ("%25", "%")])))
}

/// `##[name key=value;…]data` anywhere in the line.
fn v1(line: &str) -> Option<Command> {
    let (_, rest) = line.as_bytes().contains(&b'#').then(|| line.split_once("##["))??;
    let (header, data) = rest.split_once(']')?;
    let decode = |text: &str| unescape(text, &[("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%")]);
    Some(command(header, ';', decode, decode(data)))
}

fn command(header: &str, separator: char, decode: impl Fn(&str) -> String, data: String) -> Command {
    let (name, properties) = header.split_once(' ').unwrap_or((header, ""));
    let pairs = properties.trim().split(separator).filter_map(|pair| pair.split_once('='));
    let properties = pairs.map(|(key, value)| (key.to_owned(), decode(value))).filter(|(_, value)| !value.is_empty());
    Command { name: name.to_lowercase(), properties: properties.collect(), data }
}

/// In the runner's order, the percent sign last.
fn unescape(text: &str, codes: &[(&str, &str)]) -> String {
    codes.iter().fold(text.to_owned(), |text, (code, plain)| text.replace(code, plain))
}

/// The values of a `GITHUB_OUTPUT` file, or what the runner would fail the step with; a name that comes twice, too, which
/// it takes the last of.
pub(crate) fn parse_outputs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut outputs = BTreeMap::new();
    let mut keep = |name: &str, value: String| match outputs.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(format!("`{name}` comes twice")),
    };
    let mut lines = text.split('\n');
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        match (line.find('='), line.find("<<")) {
            (equals, Some(heredoc)) if equals.is_none_or(|equals| heredoc < equals) => {
                let (name, delimiter) = (&line[..heredoc], &line[heredoc + 2..]);
                if name.is_empty() || delimiter.is_empty() {
                    return Err(format!("no name or delimiter in `{line}`"));
                }
                let mut value = Vec::new();
                loop {
                    match lines.next() {
                        Some(end) if end == delimiter => break,
                        Some(part) => value.push(part),
                        None => return Err(format!("the delimiter `{delimiter}` never comes")),
                    }
                }
                keep(name, value.join("\n"))?;
            }
            (Some(equals), _) => keep(&line[..equals], line[equals + 1..].to_owned())?,
            _ => return Err(format!("cannot process `{line}`")),
        }
    }
    Ok(outputs)
}
