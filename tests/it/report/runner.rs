//! What the runner understands, ported from actions/runner's grammar: commands on its streams, and output files.

use std::collections::BTreeMap;

const KNOWN: &[&str] = &[
    "debug",
    "notice",
    "warning",
    "error",
    "group",
    "endgroup",
    "add-mask",
    "add-matcher",
    "remove-matcher",
    "echo",
    "stop-commands",
    "set-output",
    "save-state",
    "set-env",
    "add-path",
];

/// A command as the runner takes it from a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) name: String,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) data: String,
}

/// The commands in a stream's text, in either syntax.
pub(super) fn commands(text: &str) -> Vec<Command> {
    text.split('\n').filter_map(|line| current(line).or_else(|| old(line))).collect()
}

/// `::name key=value,key=value::data` at the start of a line.
fn current(line: &str) -> Option<Command> {
    let (header, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let unescape = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
    let value = |text: &str| unescape(text).replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
    command(header, ',', value, unescape(data).replace("%25", "%"))
}

/// `##[name key=value;key=value]data` anywhere in a line.
fn old(line: &str) -> Option<Command> {
    let (header, data) = line.split_once("##[")?.1.split_once(']')?;
    command(header, ';', str::to_owned, data.to_owned())
}

fn command(header: &str, separator: char, value: impl Fn(&str) -> String, data: String) -> Option<Command> {
    let (name, properties) = header.split_once(' ').unwrap_or((header, ""));
    let name = name.to_ascii_lowercase();
    let pairs = properties.split(separator).filter_map(|pair| pair.split_once('='));
    let properties = pairs.filter(|(_, text)| !text.is_empty()).map(|(key, text)| (key.to_owned(), value(text)));
    KNOWN.contains(&name.as_str()).then(|| Command { properties: properties.collect(), name, data })
}

/// The outputs in a file, as `name=value` lines and heredocs; panics where the runner would fail the step.
pub(super) fn outputs(file: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = file.split('\n');
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let (equals, heredoc) = (line.find('='), line.find("<<"));
        match (equals, heredoc) {
            (Some(at), other) if other.is_none_or(|other| at < other) => {
                outputs.insert(line[..at].to_owned(), line[at + 1..].to_owned());
            }
            (_, Some(at)) => {
                let (name, delimiter) = (&line[..at], &line[at + 2..]);
                assert!(!name.is_empty() && !delimiter.is_empty(), "no name or no delimiter: {line:?}");
                let mut value = Vec::new();
                loop {
                    match lines.next().expect("the delimiter comes again") {
                        end if end == delimiter => break,
                        text => value.push(text),
                    }
                }
                outputs.insert(name.to_owned(), value.join("\n"));
            }
            _ => panic!("neither form: {line:?}"),
        }
    }
    outputs
}
