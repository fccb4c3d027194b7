//! The one comment of a pull request that is found again and edited in place.

use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::Call;
use super::{Client, Error};

/// Whoever may write may read, so reading asks for the same line.
const PERMISSION: &str = "pull-requests: write";
/// Before looking for a comment whose creation got no answer.
const BEFORE_LOOKING_AGAIN: Duration = Duration::from_secs(1);

/// What became of the comment; the text is its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    Created(String),
    /// It was edited.
    Updated(String),
    /// It stands as it was.
    Kept(String),
    /// There is none, and none was wanted.
    Absent,
}

impl Outcome {
    /// The comment's address, where there is a comment.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Created(url) | Self::Updated(url) | Self::Kept(url) => Some(url),
            Self::Absent => None,
        }
    }
}

#[derive(Deserialize)]
struct Comment {
    id: u64,
    body: Option<String>,
    html_url: String,
    user: Option<Account>,
    /// Null or absent for a comment that can be seen.
    minimized: Option<Value>,
}

#[derive(Deserialize)]
struct Account {
    login: String,
}

/// Who writes with the token.
enum Author {
    /// A person, or an account of a machine.
    User(String),
    /// An app, such as `github-actions[bot]`: its token may not ask for its own name.
    App,
}

impl Author {
    fn wrote(&self, comment: &Comment) -> bool {
        let Some(user) = &comment.user else { return false };
        match self {
            Self::User(login) => user.login == *login,
            Self::App => user.login.ends_with("[bot]"),
        }
    }
}

/// Creates or edits the comment of pull request `number` that begins with `key`, as no other comment of ours does.
///
/// `write` is given the body that stands there, if one does, and gives the new one, or `None` to leave all as it is; it
/// may be asked twice. A comment counts only if the token's own account wrote it, `key` is at its very beginning, and
/// nobody hid it; the oldest of several is taken and the others are left alone. A comment whose creation got no
/// answer is looked for before it is created again.
///
/// # Errors
/// [`Error`], whose [`Error::missing_permission`] says what the job lacks.
pub async fn upsert(
    client: &Client,
    number: u64,
    key: &str,
    write: impl Fn(Option<&str>) -> Option<String>,
) -> Result<Outcome, Error> {
    let mut second = false;
    loop {
        let found = find(client, number, key).await?;
        let Some(body) = write(found.as_ref().and_then(|comment| comment.body.as_deref())) else {
            return Ok(found.map_or(Outcome::Absent, |comment| Outcome::Kept(comment.html_url)));
        };
        let written = match &found {
            Some(comment) => edit(client, comment.id, &body).await,
            None => create(client, number, &body).await,
        };
        match written {
            Err(error) if !second && found.is_none() && error.may_be_done() => {
                tracing::debug!("{error}; looking whether the comment is there all the same");
                client.pause(BEFORE_LOOKING_AGAIN).await;
            }
            // Somebody deleted it between our look and our edit.
            Err(error) if !second && found.is_some() && error.is_not_found() => {}
            written => return written,
        }
        second = true;
    }
}

async fn find(client: &Client, number: u64, key: &str) -> Result<Option<Comment>, Error> {
    let call = Call { doing: "list the comments of the pull request", permission: PERMISSION };
    let mut candidates: Vec<Comment> = client.list(call, &format!("/issues/{number}/comments")).await?;
    candidates.retain(|comment| is_keyed(comment, key));
    if candidates.is_empty() {
        return Ok(None);
    }
    let author = author(client).await?;
    candidates.retain(|comment| author.wrote(comment));
    if candidates.len() > 1 {
        tracing::debug!(count = candidates.len(), "several comments carry the key: the oldest is taken");
    }
    Ok(candidates.into_iter().min_by_key(|comment| comment.id))
}

fn is_keyed(comment: &Comment, key: &str) -> bool {
    let visible = comment.minimized.as_ref().is_none_or(|minimized| matches!(minimized, Value::Bool(false)));
    visible && comment.body.as_deref().is_some_and(|body| body.starts_with(key))
}

/// Whose token this is; an app's is refused `GET /user`.
async fn author(client: &Client) -> Result<Author, Error> {
    let call = Call { doing: "read whose token this is", permission: PERMISSION };
    match client.get_global::<Account>(call, "/user").await {
        Ok(account) => Ok(Author::User(account.login)),
        Err(error) if error.is_refusal() => Ok(Author::App),
        Err(error) => Err(error),
    }
}

async fn create(client: &Client, number: u64, body: &str) -> Result<Outcome, Error> {
    let call = Call { doing: "comment on the pull request", permission: PERMISSION };
    let path = format!("/issues/{number}/comments");
    let comment: Comment = client.write(call, Method::POST, &path, &json!({ "body": body })).await?;
    Ok(Outcome::Created(comment.html_url))
}

/// By `PATCH`: octocrab's own call sends `POST`, which GitHub does not document.
async fn edit(client: &Client, id: u64, body: &str) -> Result<Outcome, Error> {
    let call = Call { doing: "edit the comment on the pull request", permission: PERMISSION };
    let path = format!("/issues/comments/{id}");
    let comment: Comment = client.write(call, Method::PATCH, &path, &json!({ "body": body })).await?;
    Ok(Outcome::Updated(comment.html_url))
}
