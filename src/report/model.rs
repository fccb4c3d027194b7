//! The report as data; its JSON form is a public schema.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::iter;

use serde::Serialize;
use serde_json::Value;

use super::words::words;
use super::{Change, DeploymentStatus, Fate, LocalReport, Row, Status, SweptThing, ThingKind};
use crate::diagnostic::{Error, Kind, Located};
use crate::secret::Redactor;
use crate::source::RepoPath;

/// Code of the note that no spec has the environment.
pub const NO_ENVIRONMENT: &str = "no-environment";

/// Version of the JSON schema; it is raised when a field changes its meaning or is removed, not when one is added.
pub const SCHEMA: u32 = 1;

words! {
    /// How the run ended, in one word: the output `result`.
    Verdict {
        /// Pipelines were created or updated as planned.
        Deployed = "deployed",
        /// Everything was already up to date.
        Unchanged = "unchanged",
        /// Compared with the workspace; nothing was written.
        Planned = "planned",
        /// What was asked for was listed; nothing was written.
        Listed = "listed",
        /// Only the files were checked.
        Checked = "checked",
        /// A project was started.
        Initialized = "initialized",
        /// Run on this machine.
        Ran = "ran",
        /// Everything that belongs to the identity was deleted.
        Destroyed = "destroyed",
        /// The event requires no action.
        Skipped = "skipped",
        /// The run failed; see the error, the findings and the failed workflows.
        Failed = "failed",
    }
}

/// What one run found, planned and did.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How the run ended.
    pub result: Verdict,
    /// Stable code of the reason, if there is one beyond `result` (`no-rule`, `superseded`, …).
    pub reason: Option<&'static str>,
    /// The result as one sentence.
    pub sentence: String,
    /// Name of the environment; `None` if the event maps to none.
    pub environment: Option<String>,
    /// The environments, of a command about all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<String>,
    /// Key of the preview (`pr42`, or a user); `None` for the environment's own pipelines.
    pub preview: Option<String>,
    /// The project.
    pub project: ProjectInfo,
    /// The workspace that has answered.
    pub workspace: Option<WorkspaceInfo>,
    /// Facts about the run.
    pub run: RunInfo,
    /// One row per workflow, in a stable order.
    pub workflows: Vec<Row>,
    /// The plan, if one was made; secrets are hidden.
    pub plan: Option<Value>,
    /// Problems found in the files.
    #[serde(serialize_with = "super::json::findings")]
    pub findings: Vec<Located>,
    /// Warnings that concern no file.
    pub notes: Vec<Note>,
    /// The error that ended the run.
    pub error: Option<RunError>,
    /// The command that does the same from a terminal, as program and arguments.
    pub reproduce: Option<Vec<String>>,
    /// The command that deletes what was deployed, as program and arguments; `None` where nothing was.
    pub clean_up: Option<Vec<String>>,
    /// The command that deletes the preview, whether this run deployed anything or not.
    #[serde(skip)]
    pub removal: Option<Vec<String>>,
    /// The line that is missing in the calling workflow file (`permissions: …`).
    pub permission: Option<String>,
    /// What a sweep found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Vec<SweptThing>>,
    /// What is deployed: the answer to `status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployments: Option<Vec<DeploymentStatus>>,
    /// The files of a project that was started, by their paths in its folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<Vec<String>>,
    /// The results of a local run; its fields are at the top level of the JSON.
    #[serde(flatten)]
    pub local: Option<LocalReport>,
}

/// The project a run was about.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ProjectInfo {
    /// Its name in `dltflow.yml`.
    pub name: String,
    /// Its `id`, else its name.
    pub identity: String,
    /// Its folder in the repository (`.` for the root), where that tells it from others of its name: it has no `id`, and a
    /// repository was found.
    pub folder: Option<String>,
}

/// The workspace of a run.
#[derive(Clone, Debug, Serialize)]
pub struct WorkspaceInfo {
    /// Its address.
    pub host: String,
    /// Whose token it is: a mail address, or the application id of a service principal.
    pub user: String,
}

/// Facts about the run in GitHub Actions; all are `None` elsewhere.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RunInfo {
    /// `owner/name`.
    pub repository: Option<String>,
    /// Full commit hash.
    pub commit: Option<String>,
    /// Name of the event, such as `pull_request`.
    pub event: Option<String>,
    /// Login of the user who triggered it.
    pub actor: Option<String>,
    /// URL of the run's page.
    pub url: Option<String>,
    /// When it started: UTC, RFC 3339, whole seconds.
    pub started: Option<String>,
}

/// A warning that concerns no file.
#[derive(Clone, Debug, Serialize)]
pub struct Note {
    /// Stable code, kebab-case.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// URL of the page of what it is about.
    pub url: Option<String>,
}

impl Note {
    /// A note about nothing that has a page.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), url: None }
    }
}

/// The error that ended a run.
#[derive(Clone, Debug, Serialize)]
pub struct RunError {
    /// Its kind, in one word.
    pub kind: &'static str,
    /// The process's exit code.
    pub exit_code: u8,
    /// What happened.
    pub message: String,
    /// What to do, one step each.
    pub hints: Vec<String>,
}

/// The number of workflows by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Pipelines created.
    pub created: usize,
    /// Pipelines updated or recreated.
    pub updated: usize,
    /// Pipelines that were up to date.
    pub unchanged: usize,
    /// Pipelines deleted.
    pub destroyed: usize,
    /// Changes that would be made.
    pub planned: usize,
    /// Changes that a rule forbids.
    pub blocked: usize,
    /// Workflows that the run did not get to.
    pub skipped: usize,
    /// Workflows that failed.
    pub failed: usize,
}

impl Report {
    /// A report with only its result.
    pub fn new(result: Verdict, sentence: impl Into<String>, project: ProjectInfo) -> Self {
        Self {
            result,
            reason: None,
            sentence: sentence.into(),
            environment: None,
            environments: Vec::new(),
            preview: None,
            project,
            workspace: None,
            run: RunInfo::default(),
            workflows: Vec::new(),
            plan: None,
            findings: Vec::new(),
            notes: Vec::new(),
            error: None,
            reproduce: None,
            clean_up: None,
            removal: None,
            permission: None,
            sweep: None,
            deployments: None,
            written: None,
            local: None,
        }
    }

    /// The number of workflows by outcome.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in &self.workflows {
            *match (row.status, row.change) {
                (Status::Failed, _) => &mut counts.failed,
                (Status::Blocked, _) => &mut counts.blocked,
                (Status::Skipped, _) => &mut counts.skipped,
                (_, Change::Unchanged) => &mut counts.unchanged,
                (_, Change::None) => continue,
                (Status::Planned, _) => &mut counts.planned,
                (Status::Done, Change::Create) => &mut counts.created,
                (Status::Done, Change::Update | Change::Recreate) => &mut counts.updated,
                (Status::Done, Change::Destroy) => &mut counts.destroyed,
            } += 1;
        }
        let swept = self.sweep.iter().flatten().filter(|thing| thing.kind == ThingKind::Pipeline);
        counts.destroyed += swept.filter(|thing| thing.fate == Fate::Deleted).count();
        counts
    }

    /// Whether the run changed a pipeline.
    pub fn wrote(&self) -> bool {
        let counts = self.counts();
        counts.created + counts.updated + counts.destroyed > 0
    }

    /// Whether it deleted the last pipeline of a preview, as the pull request affects nothing any more.
    pub(super) fn lost_its_last_pipeline(&self) -> bool {
        let destroyed = !self.workflows.is_empty() && self.workflows.iter().all(Row::is_gone);
        self.preview.is_some() && self.result == Verdict::Deployed && destroyed
    }

    /// Redacts known secrets, and what looks like one, in every text, before a renderer can truncate one.
    pub fn redact(&mut self, redactor: &Redactor) {
        for text in self.texts() {
            if let Cow::Owned(clean) = redactor.redact(text) {
                *text = clean;
            }
        }
        if let Some(plan) = &mut self.plan {
            redact_value(plan, redactor, &mut BTreeSet::new());
        }
        for path in self.paths() {
            if let Cow::Owned(clean) = redactor.redact(path.as_str()) {
                *path = RepoPath::parse(&clean).unwrap_or_default();
            }
        }
    }

    /// The files that findings point into.
    fn paths(&mut self) -> impl Iterator<Item = &mut RepoPath> {
        let findings = self.findings.iter_mut().map(|located| &mut located.finding);
        findings
            .flat_map(|finding| iter::once(&mut finding.at).chain(&mut finding.related))
            .map(|label| &mut label.path)
    }

    /// Every untrusted text.
    fn texts(&mut self) -> Vec<&mut String> {
        let Self {
            result: _,
            reason: _,
            sentence,
            environment,
            environments,
            preview,
            project,
            workspace,
            run,
            workflows,
            // Its keys count, too: see `redact`.
            plan: _,
            findings,
            notes,
            error,
            reproduce,
            clean_up,
            removal,
            permission,
            sweep,
            deployments,
            written,
            local,
        } = self;
        let RunInfo { repository, commit, event, actor, url, started } = run;
        let mut texts = vec![sentence, &mut project.name, &mut project.identity];
        texts.extend(environments);
        texts.extend(&mut project.folder);
        texts.extend(workspace.iter_mut().flat_map(|workspace| [&mut workspace.host, &mut workspace.user]));
        texts.extend([environment, preview, repository, commit, event, actor, url, started].into_iter().flatten());
        texts.extend(permission);
        texts.extend(sweep.iter_mut().flatten().flat_map(SweptThing::texts));
        texts.extend(deployments.iter_mut().flatten().flat_map(DeploymentStatus::texts));
        texts.extend(local.iter_mut().flat_map(LocalReport::texts));
        texts.extend([written, reproduce, clean_up, removal].into_iter().flatten().flatten());
        texts.extend(notes.iter_mut().flat_map(|note| iter::once(&mut note.message).chain(&mut note.url)));
        texts.extend(error.iter_mut().flat_map(|error| iter::once(&mut error.message).chain(&mut error.hints)));
        texts.extend(workflows.iter_mut().flat_map(Row::texts));
        for finding in findings.iter_mut().map(|located| &mut located.finding) {
            texts.extend([&mut finding.message, &mut finding.at.text]);
            texts.extend(&mut finding.help);
            texts.extend(finding.related.iter_mut().map(|label| &mut label.text));
        }
        texts
    }
}

/// Takes secrets out of every text of `value`, keys included. Keys occur over and over: those in `clean` have none.
fn redact_value(value: &mut Value, redactor: &Redactor, clean: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(redacted) = redactor.redact(text) {
                *text = redacted;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact_value(item, redactor, clean)),
        Value::Object(fields) => {
            for field in fields.values_mut() {
                redact_value(field, redactor, clean);
            }
            let mut secret = Vec::new();
            for key in fields.keys().filter(|key| !clean.contains(*key)).cloned().collect::<Vec<_>>() {
                if let Cow::Owned(redacted) = redactor.redact(&key) {
                    secret.push((key, redacted));
                } else {
                    clean.insert(key);
                }
            }
            for (key, redacted) in secret {
                if let Some(field) = fields.remove(&key) {
                    fields.insert(redacted, field);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl From<&Error> for RunError {
    fn from(error: &Error) -> Self {
        let kind = match error.kind {
            Kind::Internal => "internal",
            Kind::Input => "input",
            Kind::Invalid => "invalid",
            Kind::Failed => "failed",
            Kind::Partial => "partial",
            Kind::Refused => "refused",
            Kind::Stopped(_) => "stopped",
        };
        Self { kind, exit_code: error.kind.exit_code(), message: error.message(), hints: error.hints.clone() }
    }
}
