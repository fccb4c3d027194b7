//! The runner's own readers, written after the actions/runner source: workflow commands on stdout, command files.

use std::collections::BTreeMap;

/// A workflow command as the runner would obey it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) name: String,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) data: String,
}

/// Every command that the runner finds in `output`, in both syntaxes.
pub(crate) fn parse_commands(output: &str) -> Vec<Command> {
    let mut stopped: Option<String> = None;
    let mut found = Vec::new();
    for line in output.lines() {
        let Some(command) = v2(line).or_else(|| v1(line)) else { continue };
        match &stopped {
            Some(token) if command.name == *token => stopped = None,
            Some(_) => {}
            None if command.name == "stop-commands" => stopped = Some(command.data),
            None => found.push(command),
        }
    }
    found
}

/// `::name key=value,…::data` at the start of the line, blanks aside.
fn v2(line: &str) -> Option<Command> {
    let rest = line.trim_start().strip_prefix("::")?;
    let (header, data) = rest.split_once("::")?;
    Some(command(header, ',', data))
}

/// `##[name key=value;…]data` anywhere in the line.
fn v1(line: &str) -> Option<Command> {
    let (_, rest) = line.split_once("##[")?;
    let (header, data) = rest.split_once(']')?;
    Some(command(header, ';', data))
}

fn command(header: &str, separator: char, data: &str) -> Command {
    let (name, properties) = header.split_once(' ').unwrap_or((header, ""));
    let pairs = properties.split(separator).filter_map(|pair| pair.split_once('='));
    let properties =
        pairs.map(|(key, value)| (key.trim().to_owned(), unescape(value))).filter(|(_, value)| !value.is_empty());
    Command { name: name.to_lowercase(), properties: properties.collect(), data: unescape(data) }
}

fn unescape(text: &str) -> String {
    let pairs = [("%3B", ";"), ("%5D", "]"), ("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")];
    pairs.iter().fold(text.to_owned(), |text, (code, plain)| text.replace(code, plain))
}

/// The values of a `GITHUB_OUTPUT` file, or what the runner would fail the step with.
pub(crate) fn parse_outputs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut outputs = BTreeMap::new();
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
                outputs.insert(name.to_owned(), value.join("\n"));
            }
            (Some(equals), _) => _ = outputs.insert(line[..equals].to_owned(), line[equals + 1..].to_owned()),
            _ => return Err(format!("cannot process `{line}`")),
        }
    }
    Ok(outputs)
}
