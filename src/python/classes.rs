//! Whether a module has a pipeline class, as far as its text shows without being run.

use std::collections::BTreeSet;

/// The class that needs a configuration.
const MIXIN: &str = "DLTMetaMixin";
/// The package that has it.
const PACKAGE: &str = "dltflow";
/// Bases that add no mixin.
const PLAIN: [&str; 4] = ["object", "ABC", "abc.ABC", "Protocol"];

/// What the text of a module shows about its pipeline class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PipelineClass {
    /// This class inherits from `DLTMetaMixin`.
    WithMixin(String),
    /// No class does.
    Without,
    /// A class inherits from one that is defined elsewhere.
    Unknown,
}

impl PipelineClass {
    /// That of a module with the text `source`; only statements at the top are looked at.
    pub fn of(source: &str) -> Self {
        let code = without_literals(source);
        let statements = statements(&code);
        let mixins: BTreeSet<String> = statements.iter().flat_map(|line| imported_as(line)).collect();
        let (mut with, mut without, mut unknown) = (Vec::new(), BTreeSet::new(), false);
        for (name, bases) in statements.iter().filter_map(|line| class(line)) {
            let has = |base: &String| mixins.contains(base) || with.contains(base) || is_qualified_mixin(base);
            if bases.iter().any(has) {
                with.push(name);
            } else if bases.iter().all(|base| PLAIN.contains(&base.as_str()) || without.contains(base)) {
                without.insert(name);
            } else {
                unknown = true;
            }
        }
        match with.pop() {
            Some(name) => Self::WithMixin(name),
            None if unknown => Self::Unknown,
            None => Self::Without,
        }
    }
}

fn is_qualified_mixin(base: &str) -> bool {
    let mut parts = base.split('.');
    parts.next() == Some(PACKAGE) && parts.next_back() == Some(MIXIN)
}

/// The names under which a statement imports the mixin.
fn imported_as(statement: &str) -> Vec<String> {
    let imported = statement.strip_prefix("from ").and_then(|rest| rest.split_once(" import "));
    let is_ours = |module: &str| module.trim().split('.').next() == Some(PACKAGE);
    let Some((_, names)) = imported.filter(|(module, _)| is_ours(module)) else { return Vec::new() };
    let names = names.split(['(', ')', ',']).map(|name| name.split_whitespace().collect::<Vec<_>>());
    let alias = |words: Vec<&str>| match words[..] {
        [MIXIN] => Some(MIXIN.to_owned()),
        [MIXIN, "as", alias] => Some(alias.to_owned()),
        _ => None,
    };
    names.filter_map(alias).collect()
}

/// The name and the bases of a class statement.
fn class(statement: &str) -> Option<(String, Vec<String>)> {
    let head = statement.strip_prefix("class ")?;
    let name: String = head.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let bases = head.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(bases, _)| bases);
    let bases = bases.split(',').map(str::trim).filter(|base| !base.is_empty() && !base.contains('='));
    // `Generic[T]` is a base like another one.
    Some((name, bases.map(|base| base.split_whitespace().collect()).collect()))
}

/// The statements that begin at the start of a line, each on one line.
fn statements(code: &str) -> Vec<String> {
    let (mut found, mut open) = (Vec::<String>::new(), 0_i32);
    for line in code.lines() {
        match found.last_mut().filter(|_| open > 0) {
            Some(last) => {
                last.push(' ');
                last.push_str(line);
            }
            None if line.starts_with(|c: char| c.is_alphabetic()) => found.push(line.to_owned()),
            None => {}
        }
        open += line.chars().map(|c| i32::from("([{".contains(c)) - i32::from(")]}".contains(c))).sum::<i32>();
    }
    found
}

/// The text without comments and without the content of its strings.
fn without_literals(source: &str) -> String {
    let (mut code, mut rest) = (String::with_capacity(source.len()), source);
    while let Some(c) = rest.chars().next() {
        match c {
            '#' => rest = &rest[rest.find('\n').unwrap_or(rest.len())..],
            '"' | '\'' => {
                code.push_str("\"\"");
                rest = after_string(rest, c);
            }
            _ => {
                code.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    // A line that goes on after a backslash.
    code.replace("\\\n", " ").replace("\\\r\n", " ")
}

/// What follows the string that `rest` begins with.
fn after_string(rest: &str, quote: char) -> &str {
    let triple: String = std::iter::repeat_n(quote, 3).collect();
    let (end, is_triple) = if rest.starts_with(&triple) { (triple, true) } else { (quote.to_string(), false) };
    let mut at = &rest[end.len()..];
    while let Some(c) = at.chars().next() {
        if let Some(after) = at.strip_prefix(&end) {
            return after;
        }
        if c == '\n' && !is_triple {
            return at;
        }
        let skipped = if c == '\\' { at.chars().nth(1).map_or(1, |next| 1 + next.len_utf8()) } else { c.len_utf8() };
        at = &at[skipped..];
    }
    at
}

#[cfg(test)]
mod tests {
    use super::PipelineClass;

    #[test]
    fn a_class_has_the_mixin_if_the_text_shows_it_and_nothing_is_guessed() {
        let with = |name: &str| PipelineClass::WithMixin(name.to_owned());
        for (source, expected) in [
            ("from dltflow.quality import DLTMetaMixin\nclass Orders(DLTMetaMixin):\n    pass\n", with("Orders")),
            ("from dltflow import (\n    DLTMetaMixin as M,  # ours\n)\nclass A(\n    Base, M\n): ...\n", with("A")),
            ("import dltflow\nclass A(dltflow.DLTMetaMixin): ...\nclass B(A): ...\n", with("B")),
            ("from dltflow.quality import DLTMetaMixin\r\nclass A (DLTMetaMixin, metaclass=M):\r\n", with("A")),
            ("from dltflow.quality \\\n    import DLTMetaMixin\nclass A(DLTMetaMixin): ...\n", with("A")),
            ("from shop.base import Base\nclass A(Base): ...\n", PipelineClass::Unknown),
            ("class DLTMetaMixin: ...\nclass A(DLTMetaMixin): ...\n", PipelineClass::Without),
            ("from shop import DLTMetaMixin\nclass A(DLTMetaMixin): ...\n", PipelineClass::Unknown),
            ("class A: ...\nclass B(A, object): ...\n", PipelineClass::Without),
            ("'''\nfrom dltflow import DLTMetaMixin\nclass A(DLTMetaMixin): ...\n'''\n", PipelineClass::Without),
            ("from dltflow import DLTMetaMixin\n# class A(DLTMetaMixin):\n", PipelineClass::Without),
            ("x = '\\'\\\\'  # (\nfrom dltflow import DLTMetaMixin\nclass A(DLTMetaMixin): ...\n", with("A")),
            ("from dltflow import DLTMetaMixin\nif x:\n    class A(DLTMetaMixin): ...\n", PipelineClass::Without),
            ("x = \"unfinished\nclass A(", PipelineClass::Without),
            ("", PipelineClass::Without),
        ] {
            assert_eq!(PipelineClass::of(source), expected, "{source}");
        }
    }
}
