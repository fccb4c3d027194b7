//! What the answers to `init` may be.

use crate::project::{LOCAL_INPUT, plain_name, target_name};
use crate::rules::owner_of_module;
use crate::source::{BadPath, RepoPath, is_hidden};

/// Words that Python keeps for itself; a package cannot be imported by one.
#[rustfmt::skip]
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or",
    "pass", "raise", "return", "try", "while", "with", "yield",
];

/// The name of a project, if its code can be imported under it.
pub fn project_name(text: &str) -> Result<String, String> {
    plain_name(text).map_err(|bad| format!("`{text}` {bad}"))?;
    let package = package(text);
    match owner_of_module(&package) {
        Some(owner) => Err(format!("`{text}` cannot be the name of a project: `{package}` is a module of {owner}")),
        None if package == LOCAL_INPUT => {
            Err(format!("`{text}` cannot be the name of a project: `{LOCAL_INPUT}` is the folder of local input"))
        }
        None => Ok(text.to_owned()),
    }
}

/// The name of the default target.
pub fn environment(text: &str) -> Result<String, String> {
    target_name(text).map(|()| text.to_owned()).map_err(|bad| format!("`{text}` {bad}"))
}

/// A folder of a project that deployments read.
pub fn folder(text: &str) -> Result<RepoPath, String> {
    let path = RepoPath::parse(text).map_err(|bad| match bad {
        BadPath::Absolute => format!("`{text}` is absolute: name a folder in the project"),
        BadPath::Outside => format!("`{text}` leaves the project's folder"),
        BadPath::Character => format!("`{}` {bad}", text.escape_debug()),
    })?;
    let why = if path.is_root() {
        "is the project's folder itself: name one in it"
    } else if path.parts().next() == Some(LOCAL_INPUT) {
        "is in the folder of local input, which is not deployed"
    } else if path.parts().any(|part| is_hidden(part.as_bytes())) {
        "is hidden, and hidden folders are not read"
    } else {
        return Ok(path);
    };
    Err(format!("`{text}` {why}"))
}

/// The package of a project's code: its name as Python can import it.
pub fn package(project: &str) -> String {
    let name = identifier(project);
    if KEYWORDS.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// A plain name as an identifier.
pub(super) fn identifier(name: &str) -> String {
    let name = name.replace(['-', '.'], "_");
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}
