//! Comments of pull requests. An app with write access may edit and delete anyone's.

use serde_json::{Value, json};

use super::access::{self, find};
use super::paging::{Page, api_root, array};
use super::replies::{error, not_found, refusal};
use super::repository::{Comment, Repository};
use super::state::GitHub;
use super::users;
use crate::call::{Answer, Call, Reply};
use crate::settings::Behaviour;
use crate::settings::Permission::{self, Read, Write};
use crate::stamp::{iso, now_ms};

/// Most characters of a comment.
const MAX_BODY: usize = 65_536;
/// The permission that comments of a pull request need. GitHub's documentation lists `issues` as sufficient as well,
/// reports of that conflict; here it is not.
const PERMISSION: &str = "pull-requests";

/// `GET …/issues/{number}/comments`, oldest first.
pub(super) fn list(github: &mut GitHub, behaviour: &Behaviour, call: &Call) -> Answer {
    let repository = find(github, behaviour, call, PERMISSION, Read)?;
    let (number, _) = access::pull(repository, call)?;
    let page = Page::read(call, 30, 100);
    let all: Vec<&Comment> = repository.comments.iter().filter(|comment| comment.number == number).collect();
    let reply = array(page.of(&all).iter().map(|comment| show(comment, repository, call)));
    Ok(page.link(reply, all.len(), call, repository))
}

/// `POST …/issues/{number}/comments`.
pub(super) fn create(github: &mut GitHub, behaviour: &Behaviour, call: &Call) -> Answer {
    let (id, author) = (github.ids.rising(), behaviour.author.clone());
    let repository = find(github, behaviour, call, PERMISSION, Write)?;
    let (number, pull) = access::pull(repository, call)?;
    if pull.locked {
        let url = "https://docs.github.com/articles/locking-conversations/";
        let body = json!({"message": "Unable to create comment because issue is locked.", "documentation_url": url});
        return Err(refusal(403, body));
    }
    let body = read_body(call)?;
    repository.add_comment(id, number, author, &body);
    let (index, _) = position(repository, id)?;
    let shown = show(&repository.comments[index], repository, call);
    let location = shown["url"].as_str().unwrap_or_default().to_owned();
    Ok(Reply::json(201, &shown).with("location", location))
}

/// `GET …/issues/comments/{id}`.
pub(super) fn get(github: &mut GitHub, behaviour: &Behaviour, call: &Call) -> Answer {
    let (repository, index) = find_comment(github, behaviour, call, Read)?;
    Ok(Reply::json(200, &show(&repository.comments[index], repository, call)))
}

/// `PATCH …/issues/comments/{id}`.
pub(super) fn edit(github: &mut GitHub, behaviour: &Behaviour, call: &Call) -> Answer {
    let (repository, index) = find_comment(github, behaviour, call, Write)?;
    let body = read_body(call)?;
    let comment = &mut repository.comments[index];
    comment.body = body;
    comment.updated = now_ms().max(comment.updated + 1);
    Ok(Reply::json(200, &show(&repository.comments[index], repository, call)))
}

/// `DELETE …/issues/comments/{id}`.
pub(super) fn delete(github: &mut GitHub, behaviour: &Behaviour, call: &Call) -> Answer {
    let (repository, index) = find_comment(github, behaviour, call, Write)?;
    repository.comments.remove(index);
    Ok(Reply::empty(204))
}

fn find_comment<'a>(
    github: &'a mut GitHub,
    behaviour: &Behaviour,
    call: &Call,
    level: Permission,
) -> Result<(&'a mut Repository, usize), Reply> {
    let repository = find(github, behaviour, call, PERMISSION, level)?;
    let id = call.parameter("id").parse().map_err(|_| not_found())?;
    let (index, _) = position(repository, id)?;
    Ok((repository, index))
}

fn position(repository: &Repository, id: u64) -> Result<(usize, &Comment), Reply> {
    repository.comments.iter().enumerate().find(|(_, comment)| comment.id == id).ok_or_else(not_found)
}

fn read_body(call: &Call) -> Result<String, Reply> {
    let fields: Value = serde_json::from_slice(&call.body).map_err(|_| error(400, "Problems parsing JSON"))?;
    let body = fields["body"].as_str().ok_or_else(|| error(422, "Invalid request.\n\n\"body\" wasn't supplied."))?;
    // The field's name is taken from reports about comments that were too long.
    let unprocessable = |code: &str, message: &str| {
        let error = json!({"resource": "IssueComment", "code": code, "field": "data", "message": message});
        refusal(422, json!({"message": "Validation Failed", "errors": [error]}))
    };
    if body.trim().is_empty() {
        return Err(unprocessable("missing_field", "Body cannot be blank"));
    }
    if body.chars().count() > MAX_BODY {
        return Err(unprocessable("unprocessable", "Body is too long (maximum is 65536 characters)"));
    }
    Ok(body.to_owned())
}

fn show(comment: &Comment, repository: &Repository, call: &Call) -> Value {
    let api = api_root(call);
    let url = format!("{api}/repos/{}/issues", repository.full_name());
    let page =
        format!("{}/{}/pull/{}#issuecomment-{}", call.origin(), repository.full_name(), comment.number, comment.id);
    json!({
        "url": format!("{url}/comments/{}", comment.id),
        "html_url": page,
        "issue_url": format!("{url}/{}", comment.number),
        "id": comment.id,
        "node_id": format!("IC_{}", comment.id),
        "user": users::simple(&comment.author, &api),
        "created_at": iso(comment.created),
        "updated_at": iso(comment.updated),
        "author_association": if comment.author.app.is_some() { "NONE" } else { "CONTRIBUTOR" },
        "body": comment.body,
        "performed_via_github_app": comment.author.app.as_ref().map(|slug| users::app(slug, &api)),
    })
}
