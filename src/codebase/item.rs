//! The files of an item: its Python file, its configuration, and the paths in its parameters.
//!
//! A parameter names the path that it consists of, such as `conf/a.json`, or the one after its first `=`, as in
//! `--conf=conf/a.json` and `input=conf/a.json`. Missing paths are listed as well, because a removed file is a change.

use super::Codebase;
use crate::source::{Files, RepoPath, Span};
use crate::spec::{Item, Spanned};

/// Flags whose value is the configuration of an item.
const CONFIG_FLAGS: [&str; 3] = ["--conf", "--conf-file", "--config"];

/// The files of an item.
#[derive(Clone, Debug)]
pub struct ItemFiles<'a> {
    /// Its Python file, which need not exist.
    pub python_file: &'a RepoPath,
    /// The value of `--conf`, `--conf-file` or `--config` as written; the last one if there are several.
    pub config_argument: Option<Spanned<&'a str>>,
    /// Its configuration: the path in [`config_argument`](Self::config_argument), which need not exist, else the last
    /// existing YAML or JSON file in its parameters.
    pub configuration: Option<RepoPath>,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter<'a>>,
}

/// A parameter and the paths in it.
#[derive(Clone, Debug)]
pub struct Parameter<'a> {
    /// The parameter as written.
    pub text: &'a str,
    /// Its place in the spec.
    pub span: Span,
    /// The paths that it may name, in order of precedence.
    pub paths: Vec<NamedPath<'a>>,
}

/// A path that a parameter may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPath<'a> {
    /// The text before it: `--conf=`, or empty.
    pub prefix: &'a str,
    /// The path.
    pub path: RepoPath,
    /// What exists there.
    pub kind: PathKind,
}

/// What exists at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// Nothing.
    Missing,
    /// A file.
    File,
    /// A folder that contains files.
    Folder,
}

impl<'a> ItemFiles<'a> {
    /// All paths that its parameters may name.
    pub fn paths(&self) -> impl Iterator<Item = &NamedPath<'a>> {
        self.parameters.iter().flat_map(|parameter| &parameter.paths)
    }
}

impl<'a> Parameter<'a> {
    /// The path that it names: the first that exists.
    pub fn named(&self) -> Option<&NamedPath<'a>> {
        self.paths.iter().find(|named| named.kind != PathKind::Missing)
    }

    /// The file that it names, if it names one.
    pub fn file(&self) -> Option<&NamedPath<'a>> {
        self.named().filter(|named| named.kind == PathKind::File)
    }
}

impl Codebase {
    /// The files of `item`.
    pub fn item<'i>(&self, item: &'i Item) -> ItemFiles<'i> {
        let config_argument = config_argument(item);
        let parameters: Vec<Parameter<'i>> =
            item.parameters.iter().map(|parameter| self.parameter(parameter)).collect();
        let configuration = match &config_argument {
            Some(argument) => self.layout.folder.join(argument.value).ok(),
            None => parameters
                .iter()
                .filter_map(Parameter::file)
                .map(|named| &named.path)
                .rfind(|path| is_checked(path))
                .cloned(),
        };
        ItemFiles { python_file: &item.python_file.value, config_argument, configuration, parameters }
    }

    fn parameter<'i>(&self, parameter: &'i Spanned<String>) -> Parameter<'i> {
        let text = parameter.value.as_str();
        let paths = candidates(text, &self.layout.folder);
        let mut paths: Vec<_> =
            paths.map(|(prefix, path)| NamedPath { prefix, kind: kind(&path, &self.files), path }).collect();
        let is_whole = paths.first().is_some_and(|first| first.prefix.is_empty() && first.kind != PathKind::Missing);
        if is_whole {
            paths.truncate(1);
        }
        Parameter { text, span: parameter.span, paths }
    }
}

fn kind(path: &RepoPath, files: &Files) -> PathKind {
    if files.contains(path) {
        PathKind::File
    } else if files.has_folder(path) {
        PathKind::Folder
    } else {
        PathKind::Missing
    }
}

/// The paths that a parameter may name, each with the text before it. The project's `folder` itself is not one of them.
pub(super) fn candidates<'t>(text: &'t str, folder: &RepoPath) -> impl Iterator<Item = (&'t str, RepoPath)> {
    let whole = (!is_option_with_value(text)).then_some(("", text));
    let value = text.find('=').map(|equals| text.split_at(equals + 1));
    let named = whole.into_iter().chain(value);
    let paths = named.filter_map(|(prefix, path)| Some((prefix, folder.join(path).ok()?)));
    paths.filter(move |(_, path)| !path.is_root() && path != folder)
}

fn is_option_with_value(text: &str) -> bool {
    text.starts_with('-') && text.contains('=')
}

/// Whether a configuration has one of the formats that rules check.
pub(super) fn is_checked(path: &RepoPath) -> bool {
    matches!(path.extension(), "json" | "yaml" | "yml")
}

fn config_argument(item: &Item) -> Option<Spanned<&str>> {
    let mut found = None;
    let mut before = "";
    for parameter in &item.parameters {
        let text = parameter.value.as_str();
        let value = match text.split_once('=') {
            Some((flag, value)) if CONFIG_FLAGS.contains(&flag) => Some(value),
            _ => CONFIG_FLAGS.contains(&before).then_some(text),
        };
        found = value.map(|value| Spanned { value, span: parameter.span }).or(found);
        before = text;
    }
    found
}
