//! Pipelines: list, get, create, edit, delete, stop.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::http::Idempotency;
use crate::pipeline::Settings;

use super::client::{decode, segment};
use super::{ApiError, Workspace};

const PIPELINES: &str = "/api/2.0/pipelines";
/// The most rows that the API gives on one page.
const PAGE: &str = "100";

/// A row of a list: it carries no settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Listed {
    /// The pipeline's id.
    #[serde(rename = "pipeline_id")]
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Who made it.
    #[serde(default, rename = "creator_user_name")]
    pub creator: String,
}

/// A pipeline as the workspace has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its settings as they came back (`spec`), with the top-level `parameters` and `run_as` among them; the latter is
    /// there only if it was set explicitly.
    pub settings: Settings,
    /// The name of the identity that it runs as, explicitly or not.
    pub runs_as: Option<String>,
    /// The name of who created it, and whom it runs as unless another identity was set.
    pub creator: Option<String>,
    /// When it was last changed, in milliseconds; what `expected_last_modified` takes.
    pub last_modified: Option<i64>,
    /// Its state, such as `IDLE` or `RUNNING`.
    pub state: String,
}

impl Pipeline {
    /// Whether it was deleted, and is still seen: its state is the one that the API has for that.
    pub fn is_deleted(&self) -> bool {
        self.state == "DELETED"
    }
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    statuses: Vec<Listed>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Got {
    pipeline_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    spec: Settings,
    parameters: Option<Value>,
    run_as: Option<Value>,
    run_as_user_name: Option<String>,
    creator_user_name: Option<String>,
    last_modified: Option<i64>,
    #[serde(default)]
    state: String,
}

/// The body of an edit.
#[derive(Serialize)]
struct Edit<'a> {
    pipeline_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_last_modified: Option<i64>,
    #[serde(flatten)]
    settings: Settings,
}

#[derive(Deserialize)]
struct Created {
    pipeline_id: String,
}

impl Workspace {
    /// All pipelines whose name matches `pattern` in the service's view, where `%` is any text; all pages.
    ///
    /// Whether `_` is any one character is not documented, nor how a quote or a backslash is written, so these two are
    /// replaced by `%`: the rows are candidates, compare the names.
    pub async fn list_pipelines(&self, pattern: &str) -> Result<Vec<Listed>, ApiError> {
        self.list(Some(&format!("name LIKE '{}'", pattern.replace(['\'', '\\'], "%")))).await
    }

    /// All pipelines that run the notebook at `path`; none for a path that a filter cannot hold.
    pub async fn list_pipelines_of(&self, path: &str) -> Result<Vec<Listed>, ApiError> {
        if path.contains(['\'', '\\']) {
            return Ok(Vec::new());
        }
        self.list(Some(&format!("notebook='{path}'"))).await
    }

    /// All pipelines that the token can list; all pages.
    pub async fn list_all_pipelines(&self) -> Result<Vec<Listed>, ApiError> {
        self.list(None).await
    }

    async fn list(&self, filter: Option<&str>) -> Result<Vec<Listed>, ApiError> {
        let mut rows = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut query = vec![("max_results", PAGE)];
            query.extend(filter.map(|filter| ("filter", filter)));
            query.extend(token.as_deref().map(|token| ("page_token", token)));
            let page: Page = self.get(PIPELINES, &query).await?;
            rows.extend(page.statuses);
            match page.next_page_token.filter(|next| !next.is_empty() && token.as_ref() != Some(next)) {
                Some(next) => token = Some(next),
                None => return Ok(rows),
            }
        }
    }

    /// One pipeline with its settings.
    pub async fn pipeline(&self, id: &str) -> Result<Pipeline, ApiError> {
        let got: Got = self.get(&format!("{PIPELINES}/{}", segment(id)), &[]).await?;
        let mut settings = got.spec;
        got.parameters.into_iter().for_each(|parameters| settings.set_parameters(parameters));
        got.run_as.into_iter().for_each(|identity| settings.set_run_as(identity));
        Ok(Pipeline {
            id: got.pipeline_id,
            name: got.name,
            settings,
            runs_as: got.run_as_user_name,
            creator: got.creator_user_name,
            last_modified: got.last_modified,
            state: got.state,
        })
    }

    /// Creates a pipeline and returns its id. Never sent twice: the service may have created it although no reply came.
    pub async fn create_pipeline(&self, settings: &Settings) -> Result<String, ApiError> {
        let reply = self.post(PIPELINES, &settings.to_value(), Idempotency::Once).await?;
        Ok(decode::<Created>(&reply)?.pipeline_id)
    }

    /// Replaces all settings of a pipeline; refused with a conflict if it changed after `last_modified`.
    pub async fn edit_pipeline(
        &self,
        id: &str,
        settings: &Settings,
        last_modified: Option<i64>,
    ) -> Result<(), ApiError> {
        let edit = Edit { pipeline_id: id, expected_last_modified: last_modified, settings: settings.for_edit() };
        let body = Some(("application/json", json!(edit).to_string().into_bytes()));
        // With `expected_last_modified` a repeat of an edit that was done is refused as a conflict, so it is not repeated
        // blindly: whoever calls looks at what is there.
        let idempotency = if last_modified.is_some() { Idempotency::Once } else { Idempotency::Write };
        self.call(Method::PUT, &format!("{PIPELINES}/{}", segment(id)), &[], body, idempotency).await.map(drop)
    }

    /// Deletes a pipeline, which goes on in the background; `cascade` says whether its tables are dropped, and is left out for
    /// the default of the service. One that is already gone is fine.
    pub async fn delete_pipeline(&self, id: &str, cascade: Option<bool>) -> Result<(), ApiError> {
        let query: &[(&str, &str)] = match cascade {
            Some(true) => &[("cascade", "true")],
            Some(false) => &[("cascade", "false")],
            None => &[],
        };
        let deleted =
            self.call(Method::DELETE, &format!("{PIPELINES}/{}", segment(id)), query, None, Idempotency::Write).await;
        super::files::gone_is_fine(deleted)
    }

    /// Asks a pipeline to stop its running update; asynchronous, nothing happens if none is running.
    pub async fn stop_pipeline(&self, id: &str) -> Result<(), ApiError> {
        let path = format!("{PIPELINES}/{}/stop", segment(id));
        self.post(&path, &json!({}), Idempotency::Write).await.map(drop)
    }
}
