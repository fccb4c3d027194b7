//! A plan while it is made.

use std::collections::{BTreeMap, BTreeSet};

use crate::observe::{Observed, PreviewFolder, PreviewNote};
use crate::pipeline::{Made, Schema};

use super::moves;
use super::step::Steps;
use super::{Action, FolderAction, ObjectAction, PipelineStep, Plan, Resource, SchemaAction, StepId, VERSION};

/// A plan while it is made: the needs of a step are found among the resources of earlier ones.
pub(super) struct PlanBuilder<'a> {
    folder: &'a str,
    observed: &'a Observed,
    /// Folders of the preview, which are taken down with it.
    folders: &'a [PreviewFolder],
    steps: Steps,
    /// The step that creates the folder.
    created: Option<StepId>,
    uploads: BTreeMap<String, StepId>,
    /// Notes that are written.
    notes: BTreeMap<Made, StepId>,
    /// Notes that are written in folders which pipelines leave, and these folders.
    moves: Vec<StepId>,
    moved: BTreeSet<String>,
    /// Schemas that are created.
    schemas: BTreeMap<Schema, StepId>,
    pipelines: Vec<PipelineNode>,
}

/// The step of a pipeline, as far as later steps depend on it.
struct PipelineNode {
    step: StepId,
    /// Its id, if it is deleted.
    deleted: Option<String>,
    /// The schema that it is taken out of.
    left: Option<Made>,
    /// Whether nothing can be done to it.
    blocked: bool,
}

impl<'a> PlanBuilder<'a> {
    pub(super) fn new(folder: &'a str, observed: &'a Observed, folders: &'a [PreviewFolder]) -> Self {
        Self {
            folder,
            observed,
            folders,
            steps: Steps::default(),
            created: None,
            uploads: BTreeMap::new(),
            notes: BTreeMap::new(),
            moves: Vec::new(),
            moved: BTreeSet::new(),
            schemas: BTreeMap::new(),
            pipelines: Vec::new(),
        }
    }

    /// The step that creates the folder, if there is none.
    fn folder(&mut self) -> Option<StepId> {
        if self.observed.objects.is_none() && self.created.is_none() {
            let folder = Resource::Folder { path: self.folder.to_owned(), action: FolderAction::Create };
            self.created = Some(self.steps.push(folder, Vec::new()));
        }
        self.created
    }

    fn object(&mut self, folder: &str, name: &str, action: ObjectAction, needs: Vec<StepId>) -> StepId {
        self.steps.push(Resource::Object { folder: folder.to_owned(), name: name.to_owned(), action }, needs)
    }

    pub(super) fn upload(&mut self, names: Vec<String>) {
        for name in names {
            let needs = self.folder().into_iter().collect();
            let step = self.object(self.folder, &name, ObjectAction::Upload, needs);
            self.uploads.insert(name, step);
        }
    }

    /// Writes down what is made, and what no pipeline will name any more, unless that was done before.
    pub(super) fn note(&mut self, made: impl IntoIterator<Item = Made>) {
        let known: BTreeSet<Made> =
            self.folders.iter().flat_map(PreviewFolder::ours).map(|(_, made)| made.clone()).collect();
        for made in made.into_iter().collect::<BTreeSet<_>>() {
            // A folder's note has to be here: that in the folder itself does not say where it is.
            let is_known = made.schema().is_some() && known.contains(&made);
            if !self.observed.has_object(&made.note()) && !is_known {
                let needs = self.folder().into_iter().collect();
                let step = self.object(self.folder, &made.note(), ObjectAction::Note { made: made.clone() }, needs);
                self.notes.insert(made, step);
            }
        }
    }

    /// Writes down each other folder that `steps` take pipelines of the preview out of: in it, that it is the preview's, and
    /// here, where it is, unless it is beside this one. No pipeline tells that any more.
    pub(super) fn note_moves(&mut self, steps: &[PipelineStep]) {
        for made in moves::left(steps, self.observed) {
            let is_left = |folder: &&PreviewFolder| made.preview_folder() == Some(&folder.path);
            let Some(left) = self.folders.iter().filter(|folder| folder.path != self.folder).find(is_left) else {
                continue;
            };
            let step = self.note_inside(left, &made);
            self.moves.extend(step);
            self.moved.insert(left.path.clone());
            if !moves::are_beside(&left.path, self.folder) {
                self.note([made]);
            }
        }
    }

    /// Writes down in a folder that it is the preview's, unless that was done before: the other notes in it go before it does.
    fn note_inside(&mut self, folder: &PreviewFolder, made: &Made) -> Option<StepId> {
        let is_known = folder.noted().any(|path| path == folder.path);
        let action = ObjectAction::Note { made: made.clone() };
        (!is_known).then(|| self.object(&folder.path, &made.note(), action, Vec::new()))
    }

    pub(super) fn create_schemas(&mut self, made: BTreeSet<Made>) {
        for made in made {
            let needs = self.notes.get(&made).copied().into_iter().collect();
            let Some(schema) = made.schema().cloned() else { continue };
            let resource = Resource::Schema { schema: schema.clone(), action: SchemaAction::Create };
            let step = self.steps.push(resource, needs);
            self.schemas.insert(schema, step);
        }
    }

    /// A pipeline needs the objects that it uses, the schema that it publishes to, the note of the one that it is taken out of,
    /// of which there is one for each step in `left`, and the notes of folders that pipelines leave.
    pub(super) fn pipelines(&mut self, pipelines: Vec<PipelineStep>, left: Vec<Option<Made>>) {
        for (step, left) in pipelines.into_iter().zip(left) {
            let action = &step.action;
            let objects = action.artifacts().iter().filter_map(|name| self.uploads.get(name));
            let schema = action.definition().and_then(|definition| definition.settings.schema());
            let schema = schema.and_then(|schema| self.schemas.get(&schema));
            let note = left.as_ref().and_then(|made| self.notes.get(made));
            let folders = self.notes.iter().filter(|(made, _)| made.preview_folder().is_some()).map(|(_, step)| step);
            let folders = folders.chain(&self.moves);
            let needs = objects.chain(note).chain(schema).chain(folders).copied().collect();
            let deleted = if let Action::Destroy { id, .. } = action { Some(id.clone()) } else { None };
            let blocked = matches!(action, Action::Blocked { .. });
            let step = self.steps.push(Resource::Pipeline(step), needs);
            self.pipelines.push(PipelineNode { step, deleted, left, blocked });
        }
    }

    /// Takes a preview down after its pipelines: the schemas that they had and those that are noted, then each note whose
    /// schema is gone, and the folders last; at the very end its own, which says where the others are. Whatever is left is
    /// found again.
    pub(super) fn take_down(&mut self) {
        let dropped = self.drop_schemas();
        let made_now = PreviewFolder { path: self.folder.to_owned(), notes: BTreeMap::new() };
        let made_now = self.created.is_some().then_some(&made_now);
        let (own, others): (Vec<_>, Vec<_>) =
            self.folders.iter().chain(made_now).partition(|folder| folder.path == self.folder);
        let others: Vec<StepId> = others.into_iter().map(|folder| self.destroy_folder(folder, &dropped, &[])).collect();
        for folder in own {
            self.destroy_folder(folder, &dropped, &others);
        }
    }

    /// Deletes a folder after the pipelines and what it notes; `first` are steps that it has to wait for besides.
    fn destroy_folder(&mut self, folder: &PreviewFolder, dropped: &BTreeMap<Made, StepId>, first: &[StepId]) -> StepId {
        let is_noted = self.moved.contains(&folder.path) || folder.path == self.folder;
        let other = folder.ours().next().filter(|_| !is_noted).map(|(_, made)| made.folder_of_the_same(&folder.path));
        let noted = other.and_then(|made| self.note_inside(folder, &made));
        let pipelines = self.pipelines.iter().map(|planned| planned.step);
        let mut needs: Vec<StepId> = pipelines.chain(dropped.values().copied()).chain(first.iter().copied()).collect();
        for (name, made) in self.notes_in(folder) {
            // A note of a folder goes with the folder that it is in.
            if made.schema().is_some() {
                let needed = dropped.get(&made).copied().into_iter().chain(noted).collect();
                needs.push(self.object(&folder.path, &name, ObjectAction::Destroy, needed));
            }
        }
        let foreign = folder.notes.iter().filter(|(_, note)| !matches!(note, PreviewNote::Ours(_)));
        let action = FolderAction::Destroy {
            unless_used_by: users(&folder.path, self.observed),
            unless_noted: foreign.map(|(name, _)| name.clone()).collect(),
        };
        self.steps.push(Resource::Folder { path: folder.path.clone(), action }, needs)
    }

    /// A schema is dropped after the pipelines that publish to it, which may be one of which nothing can be read.
    fn drop_schemas(&mut self) -> BTreeMap<Made, StepId> {
        let noted = self.folders.iter().flat_map(PreviewFolder::ours).map(|(_, made)| made);
        let left = self.pipelines.iter().filter_map(|planned| planned.left.as_ref());
        let made: BTreeSet<Made> = noted.chain(left).cloned().collect();
        let mut dropped = BTreeMap::new();
        for made in made {
            let Some(schema) = made.schema().cloned() else { continue };
            let publishes = |planned: &&PipelineNode| planned.left.as_ref().and_then(Made::schema) == Some(&schema);
            let users = self.pipelines.iter().filter(|planned| planned.blocked || publishes(planned));
            let (needs, deleted): (Vec<_>, Vec<_>) =
                users.map(|planned| (planned.step, planned.deleted.clone())).unzip();
            let action = SchemaAction::Destroy { after: deleted.into_iter().flatten().collect() };
            let step = self.steps.push(Resource::Schema { schema: schema.clone(), action }, needs);
            dropped.insert(made, step);
        }
        dropped
    }

    /// Our notes in a folder, those that the plan writes included.
    fn notes_in(&self, folder: &PreviewFolder) -> Vec<(String, Made)> {
        let there = folder.ours().map(|(name, made)| (name.to_owned(), made.clone()));
        let written = self.notes.keys().filter(|_| folder.path == self.folder).map(|made| (made.note(), made.clone()));
        there.chain(written).collect()
    }

    pub(super) fn finish(self) -> Plan {
        Plan { version: VERSION, folder: self.folder.to_owned(), steps: self.steps.into_vec() }
    }
}

/// Ids of the pipelines that are not ours and whose notebooks are in the folder.
fn users(folder: &str, observed: &Observed) -> Vec<String> {
    let inside = |path: &str| {
        let path = path.strip_prefix("/Workspace").unwrap_or(path);
        path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    let others = observed.pipelines.iter().filter(|existing| !existing.claim.is_of_preview());
    others.filter(|existing| existing.settings.notebooks().any(inside)).map(|existing| existing.id.clone()).collect()
}
