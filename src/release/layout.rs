//! Which files go into the wheel, and where.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::runtime;
use crate::codebase::Codebase;
use crate::config;
use crate::diagnostic::{Error, Result};
use crate::source::RepoPath;

/// The folder of the wheel that holds configuration and what parameters name, at paths relative to `dltflow.yml`.
pub const DATA: &str = "_dltflow_data";

/// The folder of the wheel that holds each configuration as it was read, as JSON at its path in the wheel.
pub(super) const READ: &str = "_dltflow_read";

/// What the wheel holds, by path in the wheel.
pub(super) type Contents<'a> = BTreeMap<String, Cow<'a, [u8]>>;

/// The folder of the wheel for the same outside of the project: below the number of folders up to where they lie, so that
/// no file of the project can have their path.
pub const OUTSIDE: &str = "_dltflow_outside";

/// Where a file of the checkout lies in the wheel; `None` for what is never shipped: git's own files, and what is not
/// there. Configuration inside the code folder is named as configuration.
pub(super) fn shipped_as(file: &RepoPath, codebase: &Codebase) -> Option<String> {
    if !codebase.contains(file) || file.is_of_git() {
        None
    } else if codebase.is_code(file) && !codebase.is_conf(file) {
        Some(code_path(file, codebase))
    } else {
        Some(data_path(file, codebase))
    }
}

/// Where a folder lies in the wheel, if all of its files are in one place.
pub(super) fn folder_shipped_as(folder: &RepoPath, codebase: &Codebase) -> Option<String> {
    let place = |file: &RepoPath| {
        let inside = format!("/{}", file.below(folder)?);
        Some(shipped_as(file, codebase)?.strip_suffix(&inside)?.to_owned())
    };
    let mut places = codebase.files().below(folder).map(|(file, _)| place(file));
    let first = places.next()??;
    places.all(|place| place.as_ref() == Some(&first)).then_some(first)
}

fn data_path(file: &RepoPath, codebase: &Codebase) -> String {
    match codebase.from_project(file) {
        (0, below) => format!("{DATA}/{below}"),
        (up, rest) => format!("{OUTSIDE}/{up}/{rest}"),
    }
}

/// The code, the configuration, the files that parameters name, and the authoring runtime.
///
/// # Errors
/// Two files on one path of the wheel, and a file where another one needs a folder.
pub(super) fn contents<'a>(codebase: &'a Codebase, named: &BTreeSet<RepoPath>) -> Result<Contents<'a>> {
    let mut placed = BTreeMap::new();
    for (path, text) in runtime::FILES {
        place(&mut placed, (*path).to_owned(), text.as_bytes().into(), "the authoring runtime".to_owned())?;
    }
    for (file, bytes) in codebase.code() {
        let path = code_path(file, codebase);
        if is_data(&path) {
            return Err(Error::input(format!(
                "`{file}` is `{path}` in the wheel of the project, a folder that dltflow fills"
            ))
            .hint("rename the folder"));
        }
        if let Some(read) = as_read(file, bytes, codebase) {
            place(&mut placed, read_path(&path), read, format!("`{file}`, as it was read,"))?;
        }
        place(&mut placed, path, bytes.into(), format!("`{file}`"))?;
    }
    let conf = codebase.conf().map(|(file, _)| file);
    for file in conf.chain(named).collect::<BTreeSet<_>>() {
        let Some(path) = shipped_as(file, codebase).filter(|path| is_data(path)) else { continue };
        let bytes = codebase.get(file).unwrap_or_default();
        if let Some(read) = as_read(file, bytes, codebase) {
            place(&mut placed, read_path(&path), read, format!("`{file}`, as it was read,"))?;
        }
        place(&mut placed, path, bytes.into(), format!("`{file}`"))?;
    }
    refuse_files_as_folders(&placed)?;
    Ok(placed.into_iter().map(|(path, (bytes, _))| (path, bytes)).collect())
}

/// Whether a file of the wheel is configuration, and not code that every workflow may import.
pub(super) fn is_data(path: &str) -> bool {
    [DATA, OUTSIDE, READ].iter().any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

/// JSON beyond which a file is not carried twice: what lies that large beside the configurations is data, and Python reads
/// JSON as it was read here.
const MOST_JSON: usize = 1 << 20;

/// A configuration as it was read, if it is one. All are carried, whichever workflow names them, so that no change of a spec
/// moves the wheel.
fn as_read<'a>(file: &RepoPath, bytes: &'a [u8], codebase: &'a Codebase) -> Option<Cow<'a, [u8]>> {
    let extension = file.extension().to_ascii_lowercase();
    if extension == "json" && bytes.len() > MOST_JSON {
        return None;
    }
    match codebase.configuration(file) {
        Some(config) => config.carried().map(Cow::Borrowed),
        None if !["json", "yaml", "yml"].contains(&extension.as_str()) => None,
        None => config::decode_bytes(file, bytes).carried().map(|read| Cow::Owned(read.to_vec())),
    }
}

/// Where the wheel has the configuration at `path` of it as it was read.
pub(super) fn read_path(path: &str) -> String {
    format!("{READ}/{path}")
}

fn code_path(file: &RepoPath, codebase: &Codebase) -> String {
    let root = codebase.import_root(file);
    file.below(&root).unwrap_or(file.as_str()).to_owned()
}

type InWheel<'a> = BTreeMap<String, (Cow<'a, [u8]>, String)>;

fn place<'a>(placed: &mut InWheel<'a>, path: String, bytes: Cow<'a, [u8]>, origin: String) -> Result<()> {
    if let Some((_, other)) = placed.get(&path) {
        return Err(Error::input(format!("{other} and {origin} are both `{path}` in the wheel of the project"))
            .hint("rename one of the two, or the package that holds it"));
    }
    placed.insert(path, (bytes, origin));
    Ok(())
}

fn refuse_files_as_folders(placed: &InWheel<'_>) -> Result<()> {
    for (path, (_, origin)) in placed {
        for (slash, _) in path.match_indices('/') {
            if let Some((_, file)) = placed.get(&path[..slash]) {
                let folder = &path[..slash];
                return Err(Error::input(format!("{file} is a file where {origin} needs the folder `{folder}`"))
                    .hint("rename one of the two, or the package that holds it"));
            }
        }
    }
    Ok(())
}
