//! The one comment on a pull request, edited in place.

use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::Call;
use super::{Client, Error};

/// Reading needs less, but a job that comments needs this line anyway.
const PERMISSION: &str = "pull-requests: write";
/// Before a comment is looked for whose creation got no reply: nothing but the list shows that it is there.
const LOOKUP_DELAY: Duration = Duration::from_secs(1);

/// What happened to the comment; the text is its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommentOutcome {
    /// It was created.
    Created(String),
    /// It was edited.
    Updated(String),
    /// It was left as it is.
    Kept(String),
    /// There is none, and none was needed.
    Absent,
}

impl CommentOutcome {
    /// The URL of the comment, if there is one.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Created(url) | Self::Updated(url) | Self::Kept(url) => Some(url),
            Self::Absent => None,
        }
    }
}

#[derive(Deserialize)]
struct CommentReply {
    id: u64,
    body: Option<String>,
    html_url: String,
    user: Option<AccountReply>,
    /// Null or absent for a visible comment.
    minimized: Option<Value>,
}

#[derive(Deserialize)]
struct AccountReply {
    login: String,
}

/// The account of the token.
enum Author {
    /// A user.
    User(String),
    /// An app, such as `github-actions[bot]`; its token may not read its own name.
    App,
}

impl Author {
    fn wrote(&self, comment: &CommentReply) -> bool {
        let Some(user) = &comment.user else { return false };
        match self {
            Self::User(login) => user.login == *login,
            Self::App => user.login.ends_with("[bot]"),
        }
    }
}

/// Creates or edits the comment on pull request `number` that begins with `key`.
///
/// `write` gets the body of the existing comment, if any, and returns the new one, or `None` to change nothing; it may
/// be called twice. A comment matches only if the account of the token wrote it, it begins with `key`, and it is not
/// hidden; of several, the oldest is used and the others are left alone. If its creation gets no reply, the comment is
/// looked up before it is created again.
///
/// # Errors
/// [`Error`]; see [`Error::missing_permission`] for what the job lacks.
pub async fn upsert(
    client: &Client,
    number: u64,
    key: &str,
    write: impl Fn(Option<&str>) -> Option<String>,
) -> Result<CommentOutcome, Error> {
    let (mut attempts, mut second, mut last) = (client.attempts(), false, None);
    loop {
        let found = find(client, number, key).await?;
        let Some(body) = write(found.as_ref().and_then(|comment| comment.body.as_deref())) else {
            return Ok(found.map_or(CommentOutcome::Absent, |comment| CommentOutcome::Kept(comment.html_url)));
        };
        let written = match (&found, last.take()) {
            (Some(comment), _) => edit(client, comment.id, &body).await,
            (None, Some(error)) => return Err(error),
            (None, None) => create(client, number, &body).await,
        };
        match written {
            Err(error) if !second && found.is_none() && error.may_be_done() => {
                tracing::debug!("{error}; looking for the comment before creating it again");
                client.pause(LOOKUP_DELAY).await;
                last = if attempts.pause(error.ended()).await { None } else { Some(error) };
            }
            // It was deleted between the look-up and the edit.
            Err(error) if !second && found.is_some() && error.is_not_found() => {}
            written => return written,
        }
        second = true;
    }
}

async fn find(client: &Client, number: u64, key: &str) -> Result<Option<CommentReply>, Error> {
    let call = Call { doing: "list the comments of the pull request", permission: PERMISSION };
    let mut candidates: Vec<CommentReply> = client.list(call, &format!("/issues/{number}/comments")).await?;
    candidates.retain(|comment| is_keyed(comment, key));
    if candidates.is_empty() {
        return Ok(None);
    }
    let author = author(client).await?;
    candidates.retain(|comment| author.wrote(comment));
    if candidates.len() > 1 {
        tracing::debug!(count = candidates.len(), "several comments have the key: using the oldest");
    }
    Ok(candidates.into_iter().min_by_key(|comment| comment.id))
}

fn is_keyed(comment: &CommentReply, key: &str) -> bool {
    let visible = comment.minimized.as_ref().is_none_or(|minimized| matches!(minimized, Value::Bool(false)));
    visible && comment.body.as_deref().is_some_and(|body| body.starts_with(key))
}

/// The account of the token; GitHub refuses `GET /user` to apps.
async fn author(client: &Client) -> Result<Author, Error> {
    let call = Call { doing: "look up the account of the token", permission: PERMISSION };
    match client.get_global::<AccountReply>(call, "/user").await {
        Ok(account) => Ok(Author::User(account.login)),
        Err(error) if error.is_refusal() => Ok(Author::App),
        Err(error) => Err(error),
    }
}

async fn create(client: &Client, number: u64, body: &str) -> Result<CommentOutcome, Error> {
    let call = Call { doing: "comment on the pull request", permission: PERMISSION };
    let path = format!("/issues/{number}/comments");
    let comment: CommentReply = client.write(call, Method::POST, &path, &json!({ "body": body })).await?;
    Ok(CommentOutcome::Created(comment.html_url))
}

/// With `PATCH`: octocrab's own method sends `POST`, which GitHub does not document.
async fn edit(client: &Client, id: u64, body: &str) -> Result<CommentOutcome, Error> {
    let call = Call { doing: "edit the comment on the pull request", permission: PERMISSION };
    let path = format!("/issues/comments/{id}");
    let comment: CommentReply = client.write(call, Method::PATCH, &path, &json!({ "body": body })).await?;
    Ok(CommentOutcome::Updated(comment.html_url))
}
