//! Accounts.

use serde_json::{Value, json};

use super::replies::error;
use super::state::GitHub;
use crate::call::{Answer, Call, Reply};
use crate::settings::{Author, Behaviour};
use crate::stamp::iso;

/// `GET /user`: there is no user behind an app's token.
pub(super) fn user(_: &mut GitHub, behaviour: &Behaviour, call: &Call) -> Answer {
    let author = &behaviour.author;
    match call.token() {
        None => Err(error(401, "Requires authentication")),
        Some(_) if author.app.is_some() => Err(error(403, "Resource not accessible by integration")),
        Some(_) => Ok(Reply::json(200, &public(author, &call.origin()))),
    }
}

/// An account in the form that everybody sees.
fn public(author: &Author, api: &str) -> Value {
    let mut user = simple(author, api);
    for absent in ["name", "company", "blog", "location", "email", "hireable", "bio"] {
        user[absent] = Value::Null;
    }
    for count in ["public_repos", "public_gists", "followers", "following"] {
        user[count] = 0.into();
    }
    for time in ["created_at", "updated_at"] {
        user[time] = iso(0).into();
    }
    user["user_view_type"] = "public".into();
    user
}

/// An account that is known by its login alone; its number is made from the letters.
pub(super) fn account(login: &str, api: &str) -> Value {
    let id = login.bytes().fold(1000, |id, byte| (id * 31 + u64::from(byte)) % 100_000_000);
    let kind = if login.ends_with("[bot]") { "Bot" } else { "User" };
    simple(&Author { login: login.into(), id, kind: kind.into(), app: None }, api)
}

/// An account in the API's short form.
pub(super) fn simple(author: &Author, api: &str) -> Value {
    let login = percent_encoding::utf8_percent_encode(&author.login, percent_encoding::NON_ALPHANUMERIC);
    let url = format!("{api}/users/{login}");
    let mut user = json!({
        "login": author.login,
        "id": author.id,
        "node_id": format!("U_{}", author.id),
        "avatar_url": format!("{api}/avatars/{}", author.id),
        "gravatar_id": "",
        "url": url,
        "html_url": format!("{api}/{login}"),
        "type": author.kind,
        "site_admin": false,
    });
    for part in ["followers", "following", "gists", "starred", "subscriptions", "repos", "events", "received_events"] {
        user[format!("{part}_url")] = format!("{url}/{part}").into();
    }
    user["organizations_url"] = format!("{url}/orgs").into();
    user
}

/// The app behind a bot, as `performed_via_github_app` shows it.
pub(super) fn app(slug: &str, api: &str) -> Value {
    json!({
        "id": 15368,
        "slug": slug,
        "node_id": "A_15368",
        "owner": account("github", api),
        "name": slug,
        "description": "",
        "external_url": format!("{api}/apps/{slug}"),
        "html_url": format!("{api}/apps/{slug}"),
        "created_at": "2018-07-30T09:30:17Z",
        "updated_at": "2019-12-10T19:04:12Z",
        "permissions": {"contents": "write", "pull_requests": "write"},
        "events": [],
    })
}
