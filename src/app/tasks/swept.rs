//! What becomes of each thing that a sweep found.

use std::collections::BTreeSet;

use crate::app::session::Session;
use crate::deploy::{Outcome, StepDone, StepError};
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::{Action, FolderAction, ObjectAction, Plan, Resource, SchemaAction, Step};
use crate::report::{Fate, SweptThing, ThingKind};

/// Why objects of releases go.
const UNUSED: &str = "no pipeline uses it";
/// Why the rest of a preview goes.
const CLOSED: &str = "its pull request was closed";

/// What becomes of each thing, and how many could not be deleted.
#[derive(Default)]
pub(super) struct Swept {
    pub(super) things: Vec<SweptThing>,
    /// The kinds of the failures.
    failures: Vec<Kind>,
    /// Whether anything was deleted, or may have been.
    changed: bool,
}

impl Swept {
    pub(super) fn add(&mut self, thing: SweptThing, fate: Fate, why: String) {
        self.things.push(SweptThing { fate, why, ..thing });
    }

    /// Adds what a plan, which is not carried out, would delete.
    pub(super) fn planned(&mut self, plan: &Plan, session: &Session, preview: Option<&str>) {
        for (thing, why) in plan.steps.iter().filter_map(|step| deleted(step, session, preview)) {
            self.add(thing, Fate::Listed, why);
        }
    }

    /// Adds what became of each step of a plan.
    pub(super) fn outcome(&mut self, outcome: &Outcome<'_>, session: &Session, preview: Option<&str>) {
        // Failures of steps that only help: what fails with them failed.
        let mut unseen = BTreeSet::new();
        for (step, came) in outcome.steps() {
            let found = deleted(step, session, preview);
            match came {
                Ok(StepDone::Left { why, .. }) => self.add_step(found, Fate::Stays, why.clone()),
                Ok(StepDone::Unchanged) => self.add_step(found, Fate::Stays, "it is not there, or not ours".to_owned()),
                Ok(_) => {
                    self.changed |= found.is_some();
                    let gone = found.map(|(thing, why)| (SweptThing { url: None, ..thing }, why));
                    let why = gone.as_ref().map(|(_, why)| why.clone()).unwrap_or_default();
                    self.add_step(gone, Fate::Deleted, why);
                }
                Err(error) => {
                    if found.is_none() && error.cause.is_none() {
                        unseen.insert(step.id);
                    }
                    let is_first = error.cause.is_none_or(|cause| unseen.contains(&cause));
                    self.failed(found, error, if is_first { Fate::Failed } else { Fate::Stays });
                }
            }
        }
    }

    fn failed(&mut self, found: Option<(SweptThing, String)>, error: &StepError, fate: Fate) {
        self.changed |= error.changed;
        let hint = error.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
        let why = format!("{}{hint}", error.message);
        self.failures.extend(Some(error.kind).filter(|_| error.cause.is_none()));
        self.add_step(found, fate, why);
    }

    fn add_step(&mut self, found: Option<(SweptThing, String)>, fate: Fate, why: String) {
        if let Some((thing, _)) = found {
            self.add(thing, fate, why);
        }
    }

    /// How the sweep ended.
    ///
    /// # Errors
    /// If anything could not be deleted.
    pub(super) fn ended(&self) -> Result<()> {
        let kind = match self.failures.as_slice() {
            [] => return Ok(()),
            _ if self.changed => Kind::Partial,
            failures if failures.iter().all(|kind| *kind == Kind::Refused) => Kind::Refused,
            _ => Kind::Failed,
        };
        let rest = if self.changed { "the others are listed with what became of them" } else { "nothing was deleted" };
        let count = match self.failures.len() {
            1 => "1 thing".to_owned(),
            count => format!("{count} things"),
        };
        Err(Error::new(kind, format!("{count} could not be deleted; {rest}")))
    }
}

/// A thing of that kind and name.
pub(super) fn thing(kind: ThingKind, name: String) -> SweptThing {
    SweptThing { kind, name, preview: None, fate: Fate::Stays, why: String::new(), url: None }
}

/// The thing that a step deletes, and why; `None` for a step that only helps.
fn deleted(step: &Step, session: &Session, preview: Option<&str>) -> Option<(SweptThing, String)> {
    let (found, why) = match &step.resource {
        Resource::Pipeline(step) => {
            let Action::Destroy { id, why, .. } = &step.action else { return None };
            let found = thing(ThingKind::Pipeline, step.name.clone());
            (SweptThing { url: Some(session.page(id)), ..found }, why.clone())
        }
        Resource::Schema { schema, action: SchemaAction::Destroy { .. } } => {
            (thing(ThingKind::Schema, schema.full_name()), CLOSED.to_owned())
        }
        Resource::Folder { path, action: FolderAction::Destroy { .. } } => {
            (thing(ThingKind::Folder, path.clone()), CLOSED.to_owned())
        }
        Resource::Object { folder, name, action: ObjectAction::Destroy } if preview.is_none() => {
            let is_wheel = std::path::Path::new(name).extension().is_some_and(|extension| extension == "whl");
            let kind = if is_wheel { ThingKind::Wheel } else { ThingKind::Notebook };
            (thing(kind, format!("{folder}/{name}")), UNUSED.to_owned())
        }
        Resource::Schema { .. } | Resource::Folder { .. } | Resource::Object { .. } => return None,
    };
    Some((SweptThing { preview: preview.map(str::to_owned), ..found }, why))
}
