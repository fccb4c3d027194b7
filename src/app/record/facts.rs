//! What a run knows, as it becomes known.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::session::Session;
use crate::app::subject::Subject;
use crate::deploy::{Done, Outcome, StepError};
use crate::diagnostic::Diagnostics;
use crate::impact::Affected;
use crate::pipeline::ProjectIdentity;
use crate::plan::Plan;
use crate::project::Project;
use crate::report::{DeploymentStatus, LocalReport, Note, ProjectInfo, RunInfo, SweptThing};
use crate::route::Identity;
use crate::source::{Source, Sources};
use crate::spec::Workflow;

/// The facts of a run.
#[derive(Default)]
pub(in crate::app) struct Record {
    pub(super) run: RunInfo,
    pub(super) project: Option<ProjectInfo>,
    pub(super) environment: Option<String>,
    /// The environments, of a command about all of them.
    pub(super) environments: Vec<String>,
    pub(super) preview: Option<String>,
    pub(super) session: Option<Arc<Session>>,
    pub(super) sources: Sources,
    pub(super) findings: Diagnostics,
    pub(super) base: Option<String>,
    pub(super) selected: Vec<Selected>,
    /// Names of the workflows that the change does not affect and that are looked at all the same.
    pub(super) untouched: BTreeSet<String>,
    /// Plans in the order in which they were made; the last one is what the run came to.
    pub(super) plans: Vec<Planned>,
    pub(super) swept: Option<Vec<SweptThing>>,
    pub(super) deployments: Option<Vec<DeploymentStatus>>,
    pub(super) notes: Vec<Note>,
    pub(super) reason: Option<&'static str>,
    pub(super) conclusion: Option<Conclusion>,
    pub(super) reproduce: Option<Vec<String>>,
    /// The command that deletes the preview.
    pub(super) removal: Option<Vec<String>>,
}

/// A workflow that is looked at.
pub(super) struct Selected {
    pub(super) name: String,
    pub(super) spec: String,
    /// Its environments, where the run is about several.
    pub(super) environments: Vec<String>,
    /// Sentences of why it is.
    pub(super) reasons: Vec<String>,
}

/// A plan, and what came of it where it was carried out.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) outcome: Option<PlanOutcome>,
    /// Whether it destroys what belongs to an identity.
    pub(super) destroys: bool,
}

/// What came of a plan.
pub(super) struct PlanOutcome {
    /// What came of each pipeline, in the plan's order.
    pub(super) pipelines: Vec<Result<Done, StepError>>,
    /// Whether any pipeline was changed.
    pub(super) changed: bool,
    /// How many objects were uploaded.
    pub(super) uploaded: usize,
    /// Whether anything stands of what it is about.
    pub(super) leaves_something: bool,
    /// Why the folder of the preview is left.
    pub(super) folder_left: Option<StepError>,
    /// A sentence for each schema that is left.
    pub(super) schemas_left: Vec<String>,
    /// How many schemas were dropped.
    pub(super) schemas_dropped: usize,
}

/// What a run came to, where it came to its end.
pub(in crate::app) enum Conclusion {
    /// There is nothing to do, or no longer.
    Skipped {
        /// One of `route::reason`.
        reason: &'static str,
        /// The same in a sentence.
        why: String,
    },
    /// The files were checked.
    Checked {
        /// How many workflows.
        workflows: usize,
    },
    /// It was compared with the workspace.
    Planned,
    /// What is no longer needed was looked for.
    Swept {
        /// Whether it was to be deleted; else it is only listed.
        confirmed: bool,
    },
    /// What is deployed was looked at.
    Looked,
    /// A project was started.
    Initialized {
        /// The files that were written.
        written: Vec<String>,
        /// What to do next.
        next: String,
    },
    /// A workflow was run on this machine.
    Ran {
        /// What the run made, where it said so.
        made: Option<LocalReport>,
        /// Whether it succeeded.
        succeeded: bool,
    },
}

impl Selected {
    fn of(workflows: &[Workflow], affected: &[Affected]) -> impl Iterator<Item = Self> {
        workflows.iter().zip(affected).map(|(workflow, affected)| Self {
            name: workflow.name.value.clone(),
            spec: workflow.spec.as_str().to_owned(),
            environments: Vec::new(),
            reasons: affected.reasons.iter().map(ToString::to_string).collect(),
        })
    }
}

impl Record {
    /// A record of the run with those facts.
    pub(in crate::app) fn of(run: RunInfo) -> Self {
        Self { run, ..Self::default() }
    }

    pub(in crate::app) fn project(&mut self, project: &Project) {
        let ProjectIdentity { project: identity, folder } = project.identity();
        let folder = folder.map(|folder| folder.to_string());
        self.project = Some(ProjectInfo { name: project.name.clone(), identity, folder });
    }

    pub(in crate::app) fn subject(&mut self, subject: &Subject) {
        self.environment = Some(subject.destination.environment.clone());
        self.preview = match &subject.destination.identity {
            Identity::Shared => None,
            Identity::Preview(preview) => Some(preview.key.clone()),
        };
    }

    /// Where the event leads, though nothing is done there.
    pub(in crate::app) fn destination(&mut self, environment: &str, identity: &Identity) {
        self.environment = Some(environment.to_owned());
        if let Identity::Preview(preview) = identity {
            self.preview = Some(preview.key.clone());
        }
    }

    pub(in crate::app) fn signed_in(&mut self, session: Arc<Session>) {
        self.session = Some(session);
    }

    /// The workspace that has answered.
    pub(in crate::app) fn session(&self) -> Option<Arc<Session>> {
        self.session.clone()
    }

    pub(in crate::app) fn source(&mut self, source: Source) {
        self.sources.insert(source);
    }

    pub(in crate::app) fn sources(&mut self, sources: Sources) {
        self.sources.merge(sources);
    }

    pub(in crate::app) fn findings(&mut self, findings: Diagnostics) {
        self.findings.extend(findings);
    }

    /// The revision that the files were compared with.
    pub(in crate::app) fn compared_with(&mut self, base: Option<String>) {
        self.base = base;
    }

    pub(in crate::app) fn base(&self) -> Option<&str> {
        self.base.as_deref()
    }

    /// The workflows that are looked at, before it is known what becomes of them.
    pub(in crate::app) fn selected(&mut self, workflows: &[Workflow], affected: &[Affected]) {
        self.selected = Selected::of(workflows, affected).collect();
    }

    /// The same of a run about several environments, in one of them; a workflow may be in more.
    pub(in crate::app) fn selected_in(&mut self, environment: &str, workflows: &[Workflow], affected: &[Affected]) {
        for mut found in Selected::of(workflows, affected) {
            found.environments.push(environment.to_owned());
            match self.selected.iter_mut().find(|known| (&known.spec, &known.name) == (&found.spec, &found.name)) {
                Some(known) => known.environments.extend(found.environments),
                None => self.selected.push(found),
            }
        }
    }

    /// The environments, of a command about all of them.
    pub(in crate::app) fn environments(&mut self, names: Vec<String>) {
        self.environments = names;
    }

    /// How many workflows are looked at.
    pub(in crate::app) fn workflows(&self) -> usize {
        self.selected.len()
    }

    /// What a deployment would do.
    pub(in crate::app) fn planned(&mut self, plan: &Plan) {
        self.plans.push(Planned { plan: plan.clone(), outcome: None, destroys: false });
    }

    /// What a destruction would do.
    pub(in crate::app) fn destroying(&mut self, plan: &Plan) {
        self.plans.push(Planned { plan: plan.clone(), outcome: None, destroys: true });
    }

    /// What came of the last plan.
    pub(in crate::app) fn applied(&mut self, outcome: &Outcome<'_>) {
        let applied = PlanOutcome {
            pipelines: outcome.pipelines().map(|(_, came)| came.cloned().map_err(Clone::clone)).collect(),
            changed: outcome.changed(),
            uploaded: outcome.uploaded(),
            leaves_something: outcome.leaves_something(),
            folder_left: outcome.folder_left().cloned(),
            schemas_left: outcome.schemas_left().map(str::to_owned).collect(),
            schemas_dropped: outcome.schemas_dropped().count(),
        };
        if let Some(planned) = self.plans.last_mut() {
            planned.outcome = Some(applied);
        }
    }

    /// What a sweep found.
    pub(in crate::app) fn swept(&mut self, things: Vec<SweptThing>) {
        self.swept = Some(things);
    }

    /// What is deployed.
    pub(in crate::app) fn deployed(&mut self, deployments: Vec<DeploymentStatus>) {
        self.deployments = Some(deployments);
    }

    /// Something that people should know beside the result.
    pub(in crate::app) fn note(&mut self, code: &'static str, message: impl Into<String>) {
        self.notes.push(Note::new(code, message));
    }

    /// The same about something that has a page.
    pub(in crate::app) fn note_about(&mut self, url: String, code: &'static str, message: String) {
        self.notes.push(Note { url: Some(url), ..Note::new(code, message) });
    }

    /// The workflows that the change does not affect and that are looked at all the same.
    pub(in crate::app) fn untouched(&mut self, names: BTreeSet<String>) {
        self.untouched = names;
    }

    /// Why it came out as it did, as a stable code.
    pub(in crate::app) fn reason(&mut self, reason: &'static str) {
        self.reason = Some(reason);
    }

    pub(in crate::app) fn conclude(&mut self, conclusion: Conclusion) {
        self.conclusion = Some(conclusion);
    }

    /// The commands that do the same, and that delete the preview that it is about.
    pub(in crate::app) fn repeat(&mut self, reproduce: Vec<String>, removal: Option<Vec<String>>) {
        self.reproduce = Some(reproduce);
        self.removal = removal;
    }
}
