//! References, read live.

use serde_json::json;

use super::paging::api_root;
use super::repository::find;
use super::{git, not_found};
use crate::call::{Answer, Call, Reply};
use crate::settings::Permission::Read;
use crate::state::State;

/// `GET …/git/ref/heads/{branch}` and `…/git/ref/tags/{tag}`. An annotated tag points at its tag object.
pub(super) fn get(state: &mut State, call: &Call) -> Answer {
    let repository = find(state, call, "contents", Read)?;
    let name = format!("refs/{}", call.parameter("ref"));
    let (sha, kind) = git::reference(&repository.settings.path, &name).ok_or_else(not_found)?;
    let url = format!("{}/repos/{}/git", api_root(call), repository.full_name());
    let object = json!({"type": kind, "sha": sha, "url": format!("{url}/{kind}s/{sha}")});
    Ok(Reply::json(
        200,
        &json!({"ref": name, "node_id": format!("REF_{name}"), "url": format!("{url}/{name}"), "object": object}),
    ))
}
