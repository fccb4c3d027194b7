//! A client for a workspace: address, credentials, JSON requests.

use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::host::{Address, Host, WorkspaceId};
use crate::http::{Attempts, Http, Idempotency, Patience, Reply, Request};

use super::error::is_page;
use super::{ApiError, Credentials};

/// A workspace, reached with one source of credentials.
#[derive(Clone, Debug)]
pub struct Workspace {
    http: Http,
    address: Address,
    credentials: Arc<dyn Credentials>,
}

/// Who the token belongs to, and which workspace answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentUser {
    /// `userName`: a mail address, or a service principal's application id.
    pub user_name: String,
    /// `displayName`, may be empty.
    pub display_name: String,
    /// The id of the workspace that answered, from the `X-Databricks-Org-Id` header.
    pub workspace_id: Option<WorkspaceId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Me {
    user_name: String,
    #[serde(default)]
    display_name: String,
}

/// Names the workspace to a host that serves several; others take no notice of it.
const WORKSPACE_HEADER: &str = "x-databricks-workspace-id";

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes a text as one segment of a path, slashes included.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

impl CurrentUser {
    /// The short name that individual deployments carry: the part before `@` (a service principal's display name),
    /// lower case, everything but letters and digits as single `_`.
    pub fn short_name(&self) -> String {
        let principal = self.user_name.len() == 36 && self.user_name.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        let name = if principal && !self.display_name.is_empty() { &self.display_name } else { &self.user_name };
        let name = name.split('@').next().unwrap_or_default().to_lowercase();
        let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("_")
    }
}

impl Workspace {
    /// A client for the workspace at `address` that asks `credentials` for a token before each request.
    pub fn new(http: Http, address: Address, credentials: Arc<dyn Credentials>) -> Self {
        Self { http, address, credentials }
    }

    /// Waits before the workspace is looked at again; see [`Http::pause`].
    pub async fn pause(&self, pause: Duration) {
        self.http.pause(pause).await;
    }

    /// The attempts of a request that whoever sends it repeats by itself; see [`Http::attempts`].
    pub fn attempts(&self) -> Attempts<'_> {
        self.http.attempts()
    }

    /// Pauses between looks at something that takes a while; see [`Http::patience`].
    pub fn patience(&self, limit: Duration) -> Patience<'_> {
        self.http.patience(limit)
    }

    /// Its host.
    pub fn host(&self) -> &Host {
        &self.address.host
    }

    /// Its host, and its id where that was given.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The address of a pipeline's web page; the id of the workspace that `answered`, or else was asked for, is omitted if
    /// the host's name has it.
    pub fn page(&self, pipeline: &str, answered: Option<&WorkspaceId>) -> String {
        let Address { host, workspace } = &self.address;
        let page = format!("{host}/pipelines/{}", segment(pipeline));
        match answered.or(workspace.as_ref()).filter(|id| !host.name().starts_with(&format!("adb-{id}."))) {
            Some(id) => format!("{page}?w={id}"),
            None => page,
        }
    }

    /// Who the token belongs to (`GET /api/2.0/preview/scim/v2/Me`).
    pub async fn me(&self) -> Result<CurrentUser, ApiError> {
        let query = [("excludedAttributes", "entitlements")];
        let reply = self.call(Method::GET, "/api/2.0/preview/scim/v2/Me", &query, None, Idempotency::Read).await;
        let reply = reply.map_err(ApiError::of_every_workspace)?;
        // Old deployments of one workspace answer `0`, which is no id.
        let workspace_id = reply.header("x-databricks-org-id").and_then(|id| id.parse().ok());
        let me: Me = decode(&reply).map_err(ApiError::of_every_workspace)?;
        Ok(CurrentUser { user_name: me.user_name, display_name: me.display_name, workspace_id })
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, ApiError> {
        decode(&self.call(Method::GET, path, query, None, Idempotency::Read).await?)
    }

    pub(super) async fn post(&self, path: &str, body: &Value, idempotency: Idempotency) -> Result<Reply, ApiError> {
        self.call(Method::POST, path, &[], Some(("application/json", body.to_string().into_bytes())), idempotency).await
    }

    /// Sends one request; any status but success is an error, and so is a web page.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<(&'static str, Vec<u8>)>,
        idempotency: Idempotency,
    ) -> Result<Reply, ApiError> {
        let mut url = self.host().at(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let token = self.http.bounded(self.credentials.token()).await.map_err(ApiError::from).flatten();
        let token = token.map_err(|error| ApiError::NoToken(Box::new(error)))?;
        let route = format!("{method} {path}");
        let header = self.address.workspace.as_ref().map(|id| (WORKSPACE_HEADER, id.to_string()));
        let request = Request { method, url, token: Some(token), header, body, idempotency };
        let reply = self.http.send(&request).await?;
        if (200..300).contains(&reply.status) && !is_page(&reply) {
            Ok(reply)
        } else {
            Err(ApiError::of(&reply, &route))
        }
    }
}

/// Reads a successful reply; one without the documented shape is an error.
pub(super) fn decode<T: DeserializeOwned>(reply: &Reply) -> Result<T, ApiError> {
    serde_json::from_slice(&reply.body).map_err(|error| ApiError::shape(reply, &error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::CurrentUser;

    #[test]
    fn short_names_hold_only_letters_digits_and_underscores() {
        for (user, display, expected) in [
            ("Mona.Lisa+x@example.com", "Mona", "mona_lisa_x"),
            ("6f9619ff-8b86-d011-b42d-00cf4fc964ff", "CI Deployer (prod)", "ci_deployer_prod"),
            ("6f9619ff-8b86-d011-b42d-00cf4fc964ff", "", "6f9619ff_8b86_d011_b42d_00cf4fc964ff"),
        ] {
            let me = CurrentUser { user_name: user.into(), display_name: display.into(), workspace_id: None };
            assert_eq!(me.short_name(), expected);
        }
    }
}
