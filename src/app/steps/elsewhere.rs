//! What a change affects in other environments than that of the run: it is checked, and nothing of it is deployed.

use std::collections::BTreeMap;
use std::sync::Arc;

use time::Date;

use crate::app::subject::{Subject, Trigger};
use crate::change::ChangeSet;
use crate::codebase::Codebase;
use crate::diagnostic::{Diagnostics, Result};
use crate::impact::{self, Affected};
use crate::project::Project;
use crate::route::Purpose;
use crate::rules::{self, InEnvironment};
use crate::spec::Workflow;

use super::project_files::ProjectFiles;
use super::specified::{Specified, parted};

/// What a change affects in other environments.
#[derive(Clone)]
pub(in crate::app) struct Elsewhere {
    environments: Vec<AffectedEnvironment>,
    /// What is wrong with files, beside the workflows.
    findings: Diagnostics,
    /// The codebase with the files of the affected workflows.
    codebase: Arc<Codebase>,
    /// Whether errors fail the run. A pull request must not break any environment; what is merged already must not keep
    /// others from being deployed.
    counts: bool,
}

/// The workflows of one environment, of which some are affected.
#[derive(Clone)]
struct AffectedEnvironment {
    name: String,
    affected: Vec<Workflow>,
    /// Why each of them is, in the same order.
    reasons: Vec<Affected>,
    others: Vec<Workflow>,
}

impl Elsewhere {
    /// Looks for what the `changes` affect in the `environments`, and reads what its codebase has beside `read`, the files of
    /// the run's own `codebase`.
    ///
    /// # Errors
    /// Kind `Input` if errors count and a file is too large to be released.
    pub(super) fn find(
        subject: &Subject,
        environments: BTreeMap<String, Specified>,
        changes: &ChangeSet,
        codebase: &Arc<Codebase>,
        read: &ProjectFiles,
    ) -> Result<Self> {
        let environments =
            environments.into_iter().filter_map(|named| AffectedEnvironment::of(named, changes, codebase));
        let environments: Vec<AffectedEnvironment> = environments.collect();
        let counts = subject.is_about_all() || is_of_pull_request(subject);
        let affected = || environments.iter().flat_map(|environment| &environment.affected);
        let further = read.further(&subject.checkout, &subject.project, affected());
        if let Some(refused) = further.refused.filter(|_| counts) {
            return Err(refused);
        }
        let mut codebase = Arc::clone(codebase);
        if !environments.is_empty() {
            codebase = Arc::new(codebase.with(further.files, affected()));
        }
        Ok(Self { environments, findings: further.left_out, codebase, counts })
    }

    /// Whether there is something that can fail the run.
    pub(super) fn fails(&self) -> bool {
        self.counts && !self.environments.is_empty()
    }

    /// Adds what is wrong with a file of it.
    pub(super) fn add(&mut self, findings: Diagnostics) {
        self.findings.extend(findings);
    }

    /// The same without anything that is affected.
    pub(super) fn clear(&mut self) {
        self.environments.clear();
        self.findings = Diagnostics::default();
    }

    /// The codebase that findings may point into, which has that of the run in it.
    pub(super) fn codebase(&self) -> &Codebase {
        &self.codebase
    }

    /// What is affected, by environment, with the reasons.
    pub(in crate::app) fn affected(&self) -> impl Iterator<Item = (&str, &[Workflow], &[Affected])> {
        self.environments.iter().map(|it| (it.name.as_str(), it.affected.as_slice(), it.reasons.as_slice()))
    }

    /// All findings, and whether they count.
    pub(super) fn check(&self, project: &Project, today: Date) -> (Diagnostics, bool) {
        let mut found = project.apply_severities(self.findings.clone());
        for AffectedEnvironment { affected, others, .. } in &self.environments {
            let workflows = InEnvironment { selected: affected, aside: others, ..InEnvironment::on(today) };
            found.extend(rules::examine(project, workflows, &self.codebase));
        }
        (found, self.counts)
    }
}

impl AffectedEnvironment {
    fn of(
        (name, Specified { chosen, left_out }): (String, Specified),
        changes: &ChangeSet,
        codebase: &Codebase,
    ) -> Option<Self> {
        let reasons = impact::affected(changes, codebase, &chosen);
        let (affected, mut others) = parted(chosen, &reasons);
        others.extend(left_out);
        (!affected.is_empty()).then_some(Self { name, affected, reasons, others })
    }
}

/// Whether the run is about a pull request. The commands that reproduce such a run stand for one, so that they fail where
/// it fails.
fn is_of_pull_request(subject: &Subject) -> bool {
    let is_command = match &subject.trigger {
        Trigger::CommandLine { since, .. } => since.is_some() && subject.destination.purpose == Purpose::Check,
        Trigger::Event { .. } => false,
    };
    is_command || subject.pull_request().is_some() || subject.preview_of_pull_request().is_some()
}
