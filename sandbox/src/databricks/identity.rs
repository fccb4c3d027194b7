//! The caller, the workspace, and the page behind a pipeline's link.

use serde_json::json;

use super::state::Databricks;
use crate::call::{Answer, Call, Reply};
use crate::settings::Behaviour;

/// `GET /api/2.0/preview/scim/v2/Me`, with the workspace's number in a header.
#[expect(clippy::unnecessary_wraps, reason = "the form of every handler")]
pub(super) fn me(_: &mut Databricks, behaviour: &Behaviour, call: &Call) -> Answer {
    let user = &behaviour.user;
    let mut me = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:workspace:2.0:User"],
        "id": user.id,
        "userName": user.user_name,
        "displayName": user.display_name,
        "active": true,
        "emails": [{"type": "work", "value": user.user_name, "primary": true}],
        "groups": [{"display": "users", "type": "direct", "value": "100000000000001"}],
        "entitlements": [{"value": "workspace-access"}],
    });
    for excluded in call.query("excludedAttributes").unwrap_or_default().split(',') {
        me.as_object_mut().map(|me| me.remove(excluded));
    }
    let scim = "application/scim+json; charset=utf-8";
    Ok(Reply::text(200, scim, me.to_string()).with("x-databricks-org-id", behaviour.workspace_id.to_string()))
}

/// `GET /.well-known/databricks-config`, which needs no token.
#[expect(clippy::unnecessary_wraps, reason = "the form of every handler")]
pub(super) fn discovery(_: &mut Databricks, behaviour: &Behaviour, call: &Call) -> Answer {
    let mut config = json!({
        "oidc_endpoint": format!("{}/oidc", call.origin()),
        "account_id": "00000000-0000-4000-8000-000000000000",
        "workspace_id": behaviour.workspace_id.to_string(),
        "cloud": "AWS",
        "host_type": "workspace",
    });
    if behaviour.serves_several {
        config["host_type"] = "unified".into();
        config.as_object_mut().map(|config| config.remove("workspace_id"));
    }
    Ok(Reply::json(200, &config))
}

/// Where the host serves several workspaces, only a request that `names` this one reaches it.
pub(super) fn named(behaviour: &Behaviour, name: &str) -> Result<(), Reply> {
    if behaviour.serves_several && name != behaviour.workspace_id.to_string() {
        return Err(html(200, "Choose a workspace"));
    }
    Ok(())
}

fn html(status: u16, title: &str) -> Reply {
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let body = format!("<!doctype html>\n<title>{title}</title>\n<h1>{title}</h1>\n");
    Reply::text(status, "text/html; charset=utf-8", body)
}

/// `GET /pipelines/{id}`: what a browser sees behind the link in a comment, which names the workspace in `w` or `o`.
pub(super) fn page(databricks: &mut Databricks, behaviour: &Behaviour, call: &Call) -> Answer {
    named(behaviour, call.query("w").or(call.query("o")).unwrap_or_default())?;
    match databricks.pipelines.get(call.parameter("id")) {
        Some(pipeline) => Ok(html(200, pipeline.text("name").unwrap_or_default())),
        None => Err(html(404, "Pipeline not found")),
    }
}
