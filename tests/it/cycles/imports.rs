//! Who imports whom, read from the tokens of a crate's sources.
//!
//! An import is a `use` or a path in the code, resolved to the file that defines the name, through the `use` of other
//! modules where need be. Declarations (`mod x;`), comments, attributes and code that only tests compile import nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// File → the files that it imports.
pub(super) type Imports = BTreeMap<String, BTreeSet<String>>;

type Segments = Vec<String>;
type Tokens<'a> = &'a [TokenTree];

/// Most names that lead from one to the next, against those that lead in circles themselves.
const MAX_STEPS: usize = 16;

/// The imports of a crate called `name`, from the path below its root and the text of each file.
pub(super) fn imports<'a>(name: &str, files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Imports {
    let mut tree = Tree { name: name.to_owned(), ..Tree::default() };
    for (path, text) in files {
        let tokens = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        tree.read_module(path, place_of(path), tokens);
    }
    let tests = std::mem::take(&mut tree.tests);
    tree.modules.retain(|place, _| !tests.iter().any(|test| place.starts_with(test)));
    let mut imports = Imports::new();
    for (place, module) in &tree.modules {
        let targets = module.paths.iter().filter_map(|path| tree.file_of(place, path));
        imports.entry(module.file.clone()).or_default().extend(targets.filter(|target| *target != module.file));
    }
    imports
}

/// The place of a file's module below the root of the crate. A binary's root is treated as a module of the library.
fn place_of(path: &str) -> Segments {
    let stem = path.trim_end_matches(".rs");
    let place = if stem == "lib" { "" } else { stem.strip_suffix("/mod").unwrap_or(stem) };
    place.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
}

#[derive(Default)]
struct Module {
    file: String,
    /// The items that it defines.
    items: BTreeSet<String>,
    /// What it brings in: name → path.
    names: BTreeMap<String, Segments>,
    /// What it brings in all of.
    globs: Vec<Segments>,
    /// Every path that it mentions, those above included.
    paths: Vec<Segments>,
}

/// The modules of a crate.
#[derive(Default)]
struct Tree {
    /// What its binary calls it.
    name: String,
    modules: BTreeMap<Segments, Module>,
    /// Modules that only tests compile.
    tests: Vec<Segments>,
}

/// Reading.
impl Tree {
    fn read_module(&mut self, file: &str, place: Segments, tokens: TokenStream) {
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        while !rest.is_empty() {
            if let Some(name) = defined(rest) {
                module.items.insert(name);
            }
            rest = match rest {
                [keyword, name, TokenTree::Group(body), after @ ..] if is_word(keyword, "mod") => {
                    self.read_module(file, [place.as_slice(), &[name.to_string()]].concat(), body.stream());
                    after
                }
                _ => module.read_some(rest, |name| self.tests.push([place.as_slice(), &[name]].concat())),
            };
        }
        self.modules.insert(place, module);
    }
}

impl Module {
    /// Reads what belongs together at the beginning and gives what follows. `tested` hears of modules that only tests
    /// compile.
    fn read_some<'a>(&mut self, tokens: Tokens<'a>, tested: impl FnOnce(String)) -> Tokens<'a> {
        if let Some((attribute, after)) = attribute(tokens) {
            return if is_test(attribute) { after_item(after, tested) } else { after };
        }
        match tokens {
            [TokenTree::Group(group), after @ ..] => {
                self.read_body(group);
                after
            }
            [keyword, next, ..] if is_word(keyword, "use") && !is_punct(next, '<') => {
                let end = tokens.iter().position(|token| is_punct(token, ';')).unwrap_or(tokens.len());
                self.read_use(&tokens[1..end], &[]);
                &tokens[end..]
            }
            [keyword, TokenTree::Group(group), after @ ..] if is_word(keyword, "pub") && is_visibility(group) => after,
            _ => {
                let (path, after) = path(tokens);
                let after = if path.is_empty() { &tokens[1..] } else { after };
                self.paths.extend(Some(path).filter(|path| path.len() > 1));
                after
            }
        }
    }

    /// The inside of an item: it defines nothing that others can name.
    fn read_body(&mut self, group: &Group) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        let mut rest = tokens.as_slice();
        while !rest.is_empty() {
            rest = self.read_some(rest, drop);
        }
    }

    /// One branch of a `use`, below `prefix`.
    fn read_use(&mut self, tokens: Tokens<'_>, prefix: &[String]) {
        if tokens.is_empty() {
            return;
        }
        let (below, rest) = path(tokens);
        let mut full = [prefix, &below].concat();
        match rest {
            [TokenTree::Group(group)] => {
                let branches: Vec<TokenTree> = group.stream().into_iter().collect();
                branches.split(|token| is_punct(token, ',')).for_each(|branch| self.read_use(branch, &full));
                return;
            }
            [star] if is_punct(star, '*') => self.globs.push(full.clone()),
            _ => {
                full.pop_if(|last| last == "self");
                let alias = rest.get(1).map(ToString::to_string);
                self.names.extend(alias.or_else(|| full.last().cloned()).map(|name| (name, full.clone())));
            }
        }
        self.paths.push(full);
    }
}

/// Resolving.
impl Tree {
    /// The file that defines what the module at `place` calls `path`; `None` for what is not of this crate.
    fn file_of(&self, place: &[String], path: &[String]) -> Option<String> {
        let absolute = self.absolute(place, path, MAX_STEPS)?;
        // What a macro defines is only known to lie in the module.
        self.definition(&absolute, MAX_STEPS).or_else(|| Some(self.split(&absolute)?.0.file.clone()))
    }

    /// The path from the root of the crate.
    fn absolute(&self, place: &[String], path: &[String], steps: usize) -> Option<Segments> {
        let (first, rest) = path.split_first()?;
        let here = self.modules.get(place)?;
        match first.as_str() {
            _ if steps == 0 => None,
            "crate" => Some(rest.to_vec()),
            "self" => Some([place, rest].concat()),
            "super" => {
                let ups = path.iter().take_while(|segment| *segment == "super").count();
                Some([&place[..place.len().checked_sub(ups)?], &path[ups..]].concat())
            }
            name if name == self.name => Some(rest.to_vec()),
            name if here.items.contains(name) => Some([place, path].concat()),
            name => {
                let named = here.names.get(name).and_then(|target| self.absolute(place, target, steps - 1));
                let target = named.or_else(|| {
                    let all = here.globs.iter().filter_map(|target| self.absolute(place, target, steps - 1));
                    let mut paths = all.map(|target| [target.as_slice(), slice::from_ref(first)].concat());
                    paths.find(|path| self.definition(path, steps - 1).is_some())
                });
                Some([target?.as_slice(), rest].concat())
            }
        }
    }

    /// The file that defines a path from the root, where that is clear.
    fn definition(&self, path: &[String], steps: usize) -> Option<String> {
        let (module, place, below) = self.split(path)?;
        let Some((name, rest)) = below.split_first().filter(|(name, _)| !module.items.contains(*name)) else {
            return Some(module.file.clone());
        };
        let follow = |target: &[String], rest: &[String]| {
            let target = self.absolute(place, target, steps)?;
            self.definition(&[target.as_slice(), rest].concat(), steps.checked_sub(1)?)
        };
        let named = module.names.get(name).and_then(|target| follow(target, rest));
        named.or_else(|| module.globs.iter().find_map(|target| follow(target, below)))
    }

    /// The deepest module of a path, its place, and what is below it.
    fn split<'a>(&self, path: &'a [String]) -> Option<(&Module, &'a [String], &'a [String])> {
        let mut ends = (0..=path.len()).rev();
        ends.find_map(|end| Some((self.modules.get(&path[..end])?, &path[..end], &path[end..])))
    }
}

/// The item that begins here, by its name.
fn defined(tokens: Tokens<'_>) -> Option<String> {
    const KEYWORDS: [&str; 9] = ["const", "enum", "fn", "mod", "static", "struct", "trait", "type", "union"];
    match tokens {
        [TokenTree::Ident(keyword), TokenTree::Ident(name), ..] if KEYWORDS.iter().any(|known| keyword == known) => {
            Some(name.to_string())
        }
        [keyword, _, name, ..] if is_word(keyword, "macro_rules") => Some(name.to_string()),
        _ => None,
    }
}

/// The path that begins here, maybe none, and what follows it.
fn path(tokens: Tokens<'_>) -> (Segments, Tokens<'_>) {
    let mut segments = Segments::new();
    let mut rest = tokens;
    while let [TokenTree::Ident(segment), after @ ..] = rest {
        segments.push(segment.to_string());
        match after {
            [TokenTree::Punct(first), second, next @ ..]
                if first.as_char() == ':' && first.spacing() == Spacing::Joint && is_punct(second, ':') =>
            {
                rest = next;
            }
            _ => return (segments, after),
        }
    }
    (segments, rest)
}

/// An attribute that stands here, and what follows it.
fn attribute(tokens: Tokens<'_>) -> Option<(&Group, Tokens<'_>)> {
    match tokens {
        [hash, TokenTree::Group(group), after @ ..] if is_punct(hash, '#') => Some((group, after)),
        [hash, bang, TokenTree::Group(group), after @ ..] if is_punct(hash, '#') && is_punct(bang, '!') => {
            Some((group, after))
        }
        _ => None,
    }
}

/// `cfg(test)`, also as one of several conditions.
fn is_test(attribute: &Group) -> bool {
    let text = attribute.stream().to_string().replace(' ', "");
    let words = text.split(|c: char| !c.is_alphanumeric());
    text.starts_with("cfg(") && words.into_iter().any(|word| word == "test") && !text.contains("not(test")
}

/// What follows the item that begins here; `tested` hears of it where it is a module in a file of its own.
fn after_item(tokens: Tokens<'_>, tested: impl FnOnce(String)) -> Tokens<'_> {
    let is_end = |token: &TokenTree| is_punct(token, ';') || is_braces(token);
    let mut end = tokens.iter().position(is_end).unwrap_or(tokens.len());
    if tokens[..end].iter().any(|token| is_word(token, "use")) {
        end = tokens.iter().position(|token| is_punct(token, ';')).unwrap_or(tokens.len());
    }
    let (item, after) = tokens.split_at(tokens.len().min(end + 1));
    if let [.., keyword, name, semicolon] = item
        && is_word(keyword, "mod")
        && is_punct(semicolon, ';')
    {
        tested(name.to_string());
    }
    after
}

/// `(crate)`, `(super)`, `(self)` or `(in …)`.
fn is_visibility(group: &Group) -> bool {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    group.delimiter() == Delimiter::Parenthesis
        && tokens.first().is_some_and(|first| tokens.len() == 1 || is_word(first, "in"))
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

fn is_braces(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}
