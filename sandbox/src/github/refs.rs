//! References, read live.

use serde_json::json;

use super::access::find;
use super::git;
use super::paging::api_root;
use super::replies::not_found;
use super::state::GitHub;
use crate::call::{Answer, Call, Reply};
use crate::settings::Behaviour;
use crate::settings::Permission::Read;

/// `GET …/git/ref/heads/{branch}` and `…/git/ref/tags/{tag}`. An annotated tag points at its tag object.
pub(super) fn get(github: &mut GitHub, behaviour: &Behaviour, call: &Call) -> Answer {
    let repository = find(github, behaviour, call, "contents", Read)?;
    let name = format!("refs/{}", call.parameter("ref"));
    let (sha, kind) = git::reference(&repository.settings.path, &name).ok_or_else(not_found)?;
    let url = format!("{}/repos/{}/git", api_root(call), repository.full_name());
    let object = json!({"type": kind, "sha": sha, "url": format!("{url}/{kind}s/{sha}")});
    Ok(Reply::json(
        200,
        &json!({"ref": name, "node_id": format!("REF_{name}"), "url": format!("{url}/{name}"), "object": object}),
    ))
}
