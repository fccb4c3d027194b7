//! What a request may reach.

use super::replies::{error, not_found};
use super::repository::{Pull, Repository};
use super::state::GitHub;
use crate::call::{Call, Reply};
use crate::settings::{Behaviour, Permission, Token};

/// The repository of the path, if the caller holds the permission on it: the one that the operation's page in GitHub's
/// REST documentation lists under "fine-grained access tokens". Public repositories can be read without any.
///
/// # Errors
/// 404 for an unknown repository, and for a private one that may not be read (see `hides_private`); 401 for a write
/// without a token; for one without the permission, what its kind of token gets.
pub(super) fn find<'a>(
    github: &'a mut GitHub,
    behaviour: &Behaviour,
    call: &Call,
    name: &str,
    level: Permission,
) -> Result<&'a mut Repository, Reply> {
    let held = match call.token() {
        Some(_) => behaviour.permissions.get(name).copied().unwrap_or(Permission::None),
        None => Permission::None,
    };
    let (token, hides) = (behaviour.github_token, behaviour.hides_private || call.token().is_none());
    let repository = match call.parameter("repository_id") {
        "" => github.by_name(call.parameter("owner"), call.parameter("repo")),
        id => github.by_id(id),
    };
    let repository = repository.ok_or_else(not_found)?;
    match (level, repository.settings.private) {
        _ if held >= level => Ok(repository),
        (Permission::Write, _) if call.token().is_none() => Err(error(401, "Requires authentication")),
        (Permission::Write, _) => Err(refused(token)),
        (_, true) => Err(if hides { not_found() } else { refused(token) }),
        (_, false) => Ok(repository),
    }
}

/// The answer to a token that lacks a permission (the messages are those of reports; for scopes GitHub's page on
/// troubleshooting the REST API).
fn refused(token: Token) -> Reply {
    match token {
        Token::Installation => error(403, "Resource not accessible by integration"),
        Token::FineGrained => error(403, "Resource not accessible by personal access token"),
        Token::Classic => not_found(),
    }
}

/// The pull request of the path.
pub(super) fn pull<'a>(repository: &'a Repository, call: &Call) -> Result<(u64, &'a Pull), Reply> {
    let number = call.parameter("number").parse().map_err(|_| not_found())?;
    repository.pulls.get(&number).map(|pull| (number, pull)).ok_or_else(not_found)
}
