//! The report as data; its JSON form is a public schema.

use std::borrow::Cow;
use std::iter;

use serde::Serialize;

use super::words::words;
use super::{Change, LocalRun, Row, Status};
use crate::diagnostic::{Error, Kind, Located};
use crate::secret::Redactor;
use crate::source::RepoPath;

/// Version of the JSON form; it grows when a field changes its meaning or goes, not when one is added.
pub const SCHEMA: u32 = 1;

words! {
    /// How the run ended, in one word: the output `result`.
    Verdict {
        /// Pipelines were created or updated; all that was planned is done.
        Deployed = "deployed",
        /// Everything stood already as it should.
        Unchanged = "unchanged",
        /// Compared with the workspace, nothing written.
        Planned = "planned",
        /// Only the files were looked at.
        Checked = "checked",
        /// Run on this machine.
        Ran = "ran",
        /// What carried the identity's marks is gone.
        Destroyed = "destroyed",
        /// The event asks for nothing.
        Skipped = "skipped",
        /// Something is wrong; exit code and findings say what.
        Failed = "failed",
    }
}

/// What one run found, planned and did.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How the run ended.
    pub result: Verdict,
    /// Stable code of why, where there is more to say than `result` does (`no-rule`, `superseded`, …).
    pub reason: Option<&'static str>,
    /// The same in one sentence for people.
    pub sentence: String,
    /// Name of the environment; `None` where the event maps to none.
    pub environment: Option<String>,
    /// Key of the preview (`pr42`, or a user); `None` for the environment's own pipelines.
    pub preview: Option<String>,
    /// Whose workflows.
    pub project: Project,
    /// Where and why it ran.
    pub run: Run,
    /// One a workflow, in a stable order.
    pub workflows: Vec<Row>,
    /// What is wrong in the files.
    #[serde(serialize_with = "super::json::findings")]
    pub findings: Vec<Located>,
    /// What people should know beside.
    pub notes: Vec<Note>,
    /// Why the run could not go on.
    pub error: Option<Trouble>,
    /// Program and arguments that do the same from a laptop.
    pub reproduce: Option<Vec<String>>,
    /// Program and arguments that take away what was deployed.
    pub clean_up: Option<Vec<String>>,
    /// The line that the calling workflow lacks, as it is written there (`permissions: …`).
    pub permission: Option<String>,
    /// What a run on this machine made; its fields are the report's own in JSON.
    #[serde(flatten)]
    pub local: Option<LocalRun>,
}

/// The project a run was about.
#[derive(Clone, Debug, Serialize)]
pub struct Project {
    /// Its name in `dltflow.yml`.
    pub name: String,
    /// What tells it from its namesakes: its `id`, else its name.
    pub identity: String,
}

/// Facts of the run; all of them are missing on a laptop.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Run {
    /// `owner/name`.
    pub repository: Option<String>,
    /// Full commit hash.
    pub commit: Option<String>,
    /// The event's word, such as `pull_request`.
    pub event: Option<String>,
    /// Login of who set it off.
    pub actor: Option<String>,
    /// Address of the run's page.
    pub url: Option<String>,
    /// When it began: UTC, RFC 3339, whole seconds.
    pub started: Option<String>,
}

/// Something people should know beside the result.
#[derive(Clone, Debug, Serialize)]
pub struct Note {
    /// Stable code, kebab-case.
    pub code: &'static str,
    /// What it is.
    pub message: String,
}

/// Why the run could not go on.
#[derive(Clone, Debug, Serialize)]
pub struct Trouble {
    /// The sort of trouble, in one word.
    pub kind: &'static str,
    /// The process's exit code.
    pub exit_code: u8,
    /// What happened.
    pub message: String,
    /// What to do, one step each.
    pub hints: Vec<String>,
}

/// How many workflows came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Pipelines made.
    pub created: usize,
    /// Pipelines changed or made anew.
    pub updated: usize,
    /// Pipelines that stood as they should.
    pub unchanged: usize,
    /// Pipelines taken away.
    pub destroyed: usize,
    /// Changes that would be made.
    pub planned: usize,
    /// Changes that a rule forbids.
    pub blocked: usize,
    /// Workflows that the run did not come to.
    pub skipped: usize,
    /// Workflows that failed.
    pub failed: usize,
}

impl Report {
    /// A report with nothing in it yet but its result.
    pub fn new(result: Verdict, sentence: impl Into<String>, project: Project) -> Self {
        Self {
            result,
            reason: None,
            sentence: sentence.into(),
            environment: None,
            preview: None,
            project,
            run: Run::default(),
            workflows: Vec::new(),
            findings: Vec::new(),
            notes: Vec::new(),
            error: None,
            reproduce: None,
            clean_up: None,
            permission: None,
            local: None,
        }
    }

    /// How many workflows came to what.
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
        counts
    }

    /// Whether the run changed a pipeline.
    pub fn wrote(&self) -> bool {
        let counts = self.counts();
        counts.created + counts.updated + counts.destroyed > 0
    }

    /// Takes known secrets and what looks like one out of every text, before a renderer can cut one in half.
    pub fn redact(&mut self, redactor: &Redactor) {
        for text in self.texts() {
            if let Cow::Owned(clean) = redactor.redact(text) {
                *text = clean;
            }
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

    /// Every text that came from outside.
    fn texts(&mut self) -> Vec<&mut String> {
        let Self {
            result: _,
            reason: _,
            sentence,
            environment,
            preview,
            project,
            run,
            workflows,
            findings,
            notes,
            error,
            reproduce,
            clean_up,
            permission,
            local,
        } = self;
        let Run { repository, commit, event, actor, url, started } = run;
        let mut texts = vec![sentence, &mut project.name, &mut project.identity];
        texts.extend([environment, preview, repository, commit, event, actor, url, started].into_iter().flatten());
        texts.extend(permission);
        texts.extend(local.iter_mut().flat_map(LocalRun::texts));
        texts.extend([reproduce, clean_up].into_iter().flatten().flatten());
        texts.extend(notes.iter_mut().map(|note| &mut note.message));
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

impl From<&Error> for Trouble {
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
