//! Names of projects and targets.

/// Characters of a name at most: it becomes a part of paths.
const MAX_NAME: usize = 100;

/// Names of folders and keys of ours, which no target can have.
const RESERVED_TARGETS: &[&str] = &["environments", "previews"];

/// Why a text is not a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// It cannot be part of every path and name that is made of it.
    #[error("is not a valid name: use letters, digits, `-`, `_` and `.`, at most {MAX_NAME} of them")]
    Characters,
    /// It means something else where targets stand.
    #[error("cannot be the name of a target")]
    Reserved,
}

/// Whether a project, its id or a target can be called `name`.
pub fn plain_name(name: &str) -> Result<(), BadName> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if begins && name.len() <= MAX_NAME && name.chars().all(plain) { Ok(()) } else { Err(BadName::Characters) }
}

/// Whether a target can be called `name`.
pub fn target_name(name: &str) -> Result<(), BadName> {
    if is_reserved(name) { Err(BadName::Reserved) } else { plain_name(name) }
}

pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED_TARGETS.contains(&name)
}
