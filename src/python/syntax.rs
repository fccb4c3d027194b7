//! Whether Python parses, and what it imports.
//!
//! The parser is that of ruff. The newest syntax that it knows counts, as runtimes differ; a file that could only be
//! judged by guessing is left alone.

use std::collections::BTreeMap;
use std::sync::Mutex;

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{Expr, Mod, PythonVersion, Stmt};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::TextRange;

use crate::source::{RepoPath, Span};

/// Bytes of a file beyond which it is not parsed: it holds data, and how deeply it nests is not bounded otherwise.
const LARGEST: usize = 256 << 10;
/// Stack of a parser, which grows by itself where it has to; its tree is given back on it.
const STACK: usize = 8 << 20;
/// Bytes of a statement whose tree may be so deep that giving it back overflows the stack; it is kept instead.
const LONGEST_STATEMENT: usize = 4 << 10;

/// What a Python file is, as far as it can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PythonFile {
    /// Why Python does not take it, and where.
    pub error: Option<(Span, String)>,
    /// What only a Python takes that is newer than those of the runtimes, and where.
    pub newer: Option<(Span, String)>,
    /// The modules that it imports by their whole names, each with its place; not those in a `try`, or for types alone.
    pub imports: Vec<(String, Span)>,
}

/// Reads `files` side by side.
pub fn read_all<'f>(files: impl Iterator<Item = (&'f RepoPath, &'f [u8])>) -> BTreeMap<RepoPath, PythonFile> {
    let files: Vec<_> = files.filter(|(path, bytes)| !is_template(path) && bytes.len() <= LARGEST).collect();
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(files.len());
    let (next, read) = (Mutex::new(files.iter()), Mutex::new(BTreeMap::new()));
    let work = || {
        let mut own = Vec::new();
        while let Some((path, bytes)) = next.lock().ok().and_then(|mut next| next.next()) {
            own.push(((*path).clone(), read_one(bytes)));
        }
        if let Ok(mut read) = read.lock() {
            read.extend(own);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..workers {
            // A machine that gives no such thread checks nothing here.
            let _ = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        }
    });
    read.into_inner().unwrap_or_default()
}

/// Whether the path is one that a template engine fills in.
fn is_template(path: &RepoPath) -> bool {
    path.as_str().contains("{{")
}

fn read_one(bytes: &[u8]) -> PythonFile {
    let Ok(text) = std::str::from_utf8(bytes) else { return not_utf8(bytes) };
    if let Some(at) = text.find('\0') {
        let why = "a null character, which no Python file may have".to_owned();
        return PythonFile { error: Some((Span::new(at, at + 1), why)), ..PythonFile::default() };
    }
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    if nests_too_deeply(text) {
        return PythonFile::default();
    }
    // A notebook may have lines of IPython in it, which nothing else has.
    let mode = if text[start..].starts_with(NOTEBOOK) { Mode::Ipython } else { Mode::Module };
    let parsed = parse_unchecked(&text[start..], ParseOptions::from(mode).with_target_version(NEWEST));
    let at =
        |range: TextRange| within(Span::new(start + range.start().to_usize(), start + range.end().to_usize()), text);
    let error = parsed.errors().first().map(|error| (at(error.location), lower(&error.error.to_string())));
    let newer = parsed.unsupported_syntax_errors().first().map(|error| (at(error.range), lower(&error.to_string())));
    let imports = match parsed.syntax() {
        Mod::Module(module) if error.is_none() => imports(&module.body, start),
        _ => Vec::new(),
    };
    if longest_statement(text) > LONGEST_STATEMENT {
        std::mem::forget(parsed);
    }
    PythonFile { error, newer, imports }
}

/// Bytes of the longest statement, at least: brackets in strings and comments count as well.
fn longest_statement(text: &str) -> usize {
    let (mut longest, mut length, mut depth, mut before) = (0, 0, 0_usize, b'\n');
    for byte in text.bytes() {
        length += 1;
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'\n' if depth == 0 && before != b'\\' => length = 0,
            _ => {}
        }
        (longest, before) = (longest.max(length), byte);
    }
    longest
}

/// The first line of a notebook in source format.
const NOTEBOOK: &str = "# Databricks notebook source";
/// The newest Python that a runtime may have; what needs a newer one is told.
const NEWEST: PythonVersion = PythonVersion::PY313;
/// Brackets within brackets that Python's own parser takes.
const MOST_BRACKETS: usize = 200;

/// Whether the brackets nest more deeply than Python allows, strings and comments counted as well: such a file is not
/// parsed, as it would take more memory than it is worth.
fn nests_too_deeply(text: &str) -> bool {
    let mut depth = 0_usize;
    text.bytes().any(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MOST_BRACKETS
    })
}

/// A file that is not UTF-8 has to say what it is.
fn not_utf8(bytes: &[u8]) -> PythonFile {
    let mut lines = bytes.split(|byte| *byte == b'\n').take(2);
    if lines.any(|line| line.starts_with(b"#") && String::from_utf8_lossy(line).contains("coding")) {
        return PythonFile::default();
    }
    let error = Some((Span::default(), "it is not UTF-8, and declares no other encoding".to_owned()));
    PythonFile { error, ..PythonFile::default() }
}

/// A place that is inside the text, and on one line of it.
fn within(span: Span, text: &str) -> Span {
    let start = text.floor_char_boundary(span.start);
    let line = text[start..].find('\n').map_or(text.len(), |length| start + length);
    Span::new(start, text.floor_char_boundary(span.end.clamp(start, line)))
}

fn lower(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{}", characters.as_str())
}

fn imports(body: &[Stmt], start: usize) -> Vec<(String, Span)> {
    let mut found = Imports { start, found: Vec::new() };
    for statement in body {
        found.visit_stmt(statement);
    }
    found.found
}

struct Imports {
    start: usize,
    found: Vec<(String, Span)>,
}

impl Imports {
    fn add(&mut self, module: &str, at: TextRange) {
        let span = Span::new(self.start + at.start().to_usize(), self.start + at.end().to_usize());
        self.found.push((module.to_owned(), span));
    }
}

impl<'a> StatementVisitor<'a> for Imports {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.add(&alias.name, alias.name.range)),
            Stmt::ImportFrom(import) if import.level == 0 => {
                if let Some(module) = &import.module {
                    self.add(module, module.range);
                }
            }
            // What fails here is expected to, or never runs.
            Stmt::Try(attempt) => {
                attempt.orelse.iter().chain(&attempt.finalbody).for_each(|statement| self.visit_stmt(statement));
            }
            Stmt::If(condition) if is_for_types(&condition.test) => {}
            _ => walk_stmt(self, statement),
        }
    }
}

/// `if TYPE_CHECKING:`
fn is_for_types(test: &Expr) -> bool {
    match test {
        Expr::Name(name) => name.id.as_str() == "TYPE_CHECKING",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "TYPE_CHECKING",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, read_all, read_one};
    use crate::source::RepoPath;

    #[test]
    fn python_that_does_not_parse_is_told_at_its_place() {
        for (text, at, why) in [
            ("def f(:\n    pass\n", 6, "expected"),
            ("x = (1,\n", 8, "unexpected"),
            ("\u{feff}x = = 1\n", 7, "expected an expression"),
            ("class A\n    pass\n", 7, "expected `:`"),
            ("print 'x'\n", 6, ""),
            ("a\0b\n", 1, "null character"),
        ] {
            let (span, found) = read_one(text.as_bytes()).error.unwrap_or_else(|| panic!("{text}"));
            assert!(found.to_lowercase().contains(&why.to_lowercase()), "{text}: {found}");
            assert!(span.start.abs_diff(at) <= 1, "{text}: {span:?}");
        }
        assert!(read_one(b"x = '\xe9'\n").error.is_some());
        let python_2 = read_one(b"try:\n    pass\nexcept A, e:\n    pass\n");
        assert!(python_2.error.is_some() || python_2.newer.is_some());
    }

    #[test]
    fn what_python_takes_is_no_error() {
        for text in [
            "",
            "# Databricks notebook source\n# MAGIC %pip install x\n\n# COMMAND ----------\n\nimport dlt\n",
            "\u{feff}x = 1\r\nif x:\r\n\ty = 2\r\n\x0c\n",
            "match x:\n    case {'a': [1, *_]}:\n        pass\n",
            "def f[T](x: T) -> T:\n    return x\ntype A = int\n",
            "async def f():\n    async with a as b, c as d:\n        return [x async for x in y]\n",
            "# Databricks notebook source\n%pip install x\n",
            "f'{x!r:>{width}} {'nested'}'\nlambda *a, **k: (yield)\n",
            "try:\n    pass\nexcept* ValueError:\n    pass\n",
        ] {
            assert_eq!(read_one(text.as_bytes()).error, None, "{text}");
        }
        assert_eq!(read_one(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n").error, None);
    }

    #[test]
    fn imports_are_found_wherever_they_are() {
        let text = "import a.b, c\nfrom d.e import f\nfrom . import g\nif x:\n    def h():\n        import i\n";
        let imports = read_one(text.as_bytes()).imports;
        let names: Vec<&str> = imports.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a.b", "c", "d.e", "i"]);
        assert!(imports.iter().all(|(name, span)| &text[span.start..span.end] == name));
    }

    #[test]
    fn no_nesting_overflows_the_stack() {
        let unit = ["(", "[", "-", "not ", "a+", "a.", "lambda:", "x if y else ", "{1:", "f(", "a[", "*"];
        let texts: Vec<Vec<u8>> = unit.map(|unit| unit.repeat(LARGEST / unit.len()).into_bytes()).into();
        let paths: Vec<RepoPath> =
            (0..texts.len()).map(|index| RepoPath::parse(&format!("{index}.py")).unwrap()).collect();
        let files = paths.iter().zip(texts.iter().map(Vec::as_slice));
        assert_eq!(read_all(files).len(), texts.len());
    }
}
