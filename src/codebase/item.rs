//! The files of an item: its Python file, its configuration, and the paths in its parameters.
//!
//! A parameter names the path that it consists of, such as `conf/a.json`, or the one after its first `=`, as in
//! `--conf=conf/a.json` and `input=conf/a.json`; dbx's references, `file://conf/a.json` and `file:fuse://conf/a.json`, name
//! it, too. Missing paths are listed as well, because a removed file is a change.

use super::Codebase;
use crate::source::{Files, RepoPath, Span};
use crate::spec::{Item, Spanned};

/// Flags whose value is the configuration of an item.
pub const CONFIG_FLAGS: [&str; 3] = ["--conf", "--conf-file", "--config"];

/// How dbx refers to files of the project: as a URL, and as a path.
const REFERENCES: [&str; 2] = ["file://", "file:fuse://"];

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
    /// The path as it is written, without the scheme of a reference.
    pub text: &'a str,
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

impl NamedPath<'_> {
    /// Whether the text cannot be anything else than a path.
    pub fn is_written_as_path(&self) -> bool {
        self.text.contains('/') && !self.text.contains("://")
    }
}

impl<'a> Parameter<'a> {
    /// The path that it names: the first that exists.
    pub fn named(&self) -> Option<&NamedPath<'a>> {
        self.paths.iter().find(|named| named.kind != PathKind::Missing)
    }

    /// What has to be an absolute path where the release is installed: the file that it names, or a folder that is written
    /// as a path. A word like `dev` may be a folder by chance.
    pub fn carried(&self) -> Option<&NamedPath<'a>> {
        self.named().filter(|named| named.kind == PathKind::File || named.is_written_as_path())
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
            Some(argument) => self.path_of(referenced(argument.value)),
            None => parameters
                .iter()
                .filter_map(Parameter::file)
                .map(|named| &named.path)
                .rfind(|path| is_checked(path))
                .cloned(),
        };
        ItemFiles { python_file: &item.python_file.value, config_argument, configuration, parameters }
    }

    /// The path in the checkout that `text` is; a URL is none, unless a file is called so.
    fn path_of(&self, text: &str) -> Option<RepoPath> {
        let path = self.layout.folder.join(text).ok()?;
        (!text.contains(':') || self.files.contains(&path)).then_some(path)
    }

    fn parameter<'i>(&self, parameter: &'i Spanned<String>) -> Parameter<'i> {
        let text = parameter.value.as_str();
        let paths = candidates(text, &self.layout.folder).map(|PossiblePath { prefix, text, path }| {
            let kind = kind(&path, &self.files);
            NamedPath { prefix, text, path, kind }
        });
        let mut paths: Vec<_> = paths.collect();
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

/// A path that a parameter may name, whatever is there.
pub(super) struct PossiblePath<'t> {
    pub(super) prefix: &'t str,
    pub(super) text: &'t str,
    pub(super) path: RepoPath,
}

/// The paths that a parameter may name. The project's `folder` itself and those around it are none of them.
pub(super) fn candidates<'t>(text: &'t str, folder: &RepoPath) -> impl Iterator<Item = PossiblePath<'t>> {
    let candidates = written(text).filter_map(|(prefix, text)| {
        let text = referenced(text);
        Some(PossiblePath { prefix, text, path: folder.join(text).ok()? })
    });
    candidates.filter(move |candidate| !folder.is_within(&candidate.path))
}

/// The texts in a parameter that may be paths, each with what comes before it.
pub fn written(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let whole = (!is_option_with_value(text)).then_some(("", text));
    let value = text.find('=').map(|equals| text.split_at(equals + 1));
    whole.into_iter().chain(value)
}

/// `text` without the scheme of dbx's references to files of the project; `file:///` begins an absolute path.
pub fn referenced(text: &str) -> &str {
    let path = REFERENCES.iter().find_map(|scheme| text.strip_prefix(scheme));
    path.filter(|path| !path.starts_with('/')).unwrap_or(text)
}

/// The relative path that an absolute one, or one with backslashes, was probably meant to be.
pub fn meant(text: &str) -> Option<String> {
    let plain = referenced(text).replace('\\', "/");
    let relative = plain.trim_start_matches('/');
    let is_path = !relative.is_empty() && !relative.contains(':') && !relative.contains("//");
    (is_path && relative != referenced(text)).then(|| relative.to_owned())
}

/// Paths that a parameter may have been meant to name: of interest is only whether they exist.
pub(super) fn mistaken(text: &str, folder: &RepoPath) -> impl Iterator<Item = RepoPath> {
    let words = text.contains(char::is_whitespace).then(|| shlex::split(text)).flatten().unwrap_or_default();
    let meant = written(text).filter_map(|(_, text)| meant(text));
    let texts = words.into_iter().chain(meant);
    texts.filter_map(move |text| folder.join(referenced(&text)).ok()).filter(move |path| !folder.is_within(path))
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
