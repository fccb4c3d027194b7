//! What to do: what should be and what is there → [`Plan`], a value that is printed before it is done.

mod diff;
mod keep;
mod schema;

use serde_json::{Map, Value, json};

use crate::desired::{Claim, DEFINITION, Desired, Schema, read};
use crate::observe::{Observed, Standing};
use crate::source::{RepoPath, hash};

pub use diff::FieldChange;

/// All that a run will do.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Workspace folder of the release, absolute and without `/Workspace`.
    pub folder: String,
    /// Whether the folder has to be made first.
    pub make_folder: bool,
    /// Schemas that previews need and that may be missing.
    pub schemas: Vec<Schema>,
    /// Names of the objects that have to be uploaded before a pipeline can use them.
    pub uploads: Vec<String>,
    /// One step a pipeline: those of the workflows in their order, then what goes.
    pub steps: Vec<Step>,
    /// Whether the folder goes with the last pipeline.
    pub drop_folder: bool,
    /// Ids of pipelines that stay and use the folder, such as another environment's: it goes once they are gone.
    pub folder_users: Vec<String>,
    /// Schemas that go with it, where they carry our marks and nothing is left in them.
    pub drop_schemas: Vec<Schema>,
}

/// What becomes of one pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The workflow's name as written, or as the pipeline's mark says.
    pub workflow: String,
    /// The file that holds it, where it is still there.
    pub spec: Option<RepoPath>,
    /// The pipeline's name.
    pub name: String,
    /// What is done.
    pub action: Action,
}

/// What is done to one pipeline.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Nothing of that name is there.
    Create(Wanted),
    /// It is there and differs.
    Update {
        /// Its id.
        id: String,
        /// What it becomes.
        wanted: Wanted,
        /// When it was last changed; the edit is refused where it changed since.
        last_modified: Option<i64>,
        /// The fields that differ.
        changes: Vec<FieldChange>,
        /// Whether somebody else changed it: what differs is not what was last sent.
        drift: bool,
        /// Whether the edit restarts an update that runs.
        restarts: bool,
    },
    /// It is there as it should be.
    Keep {
        /// Its id.
        id: String,
        /// Names of the objects that it uses; those that somebody deleted are uploaded again.
        artifacts: Vec<String>,
    },
    /// A field that cannot be changed differs, and dropping it was allowed: it is deleted and made anew.
    Recreate {
        /// Its id; the new one gets another.
        id: String,
        /// What it becomes.
        wanted: Wanted,
        /// The fields that differ.
        changes: Vec<FieldChange>,
        /// How it is deleted.
        removal: Removal,
    },
    /// It goes.
    Destroy {
        /// Its id.
        id: String,
        /// What cannot go with it: schema and storage of a Hive pipeline.
        left_behind: Option<String>,
        /// The schema of Unity Catalog that it publishes to.
        schema: Option<Schema>,
        /// Why it goes, in a sentence.
        why: String,
        /// How it is deleted.
        removal: Removal,
    },
    /// Nothing is done, and that is no success.
    Blocked {
        /// Its id, where it is known.
        id: Option<String>,
        /// What is in the way.
        why: String,
        /// What to do.
        hint: String,
    },
}

/// What a pipeline becomes.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The body of the request.
    pub settings: Map<String, Value>,
    /// Names of the objects that it uses.
    pub artifacts: Vec<String>,
}

/// How a pipeline is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Its tables go with it; only Unity Catalog pipelines can.
    pub cascade: bool,
    /// An update runs and is stopped first.
    pub running: bool,
}

/// What a plan may contain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Deleting and making anew where a field cannot be changed.
    pub recreate: bool,
}

/// Compares what should be with what is there. Pipelines of ours that nobody asks for go where `observed` holds any:
/// it does so for the previews of a pull request, whose set is what the request touches now.
pub fn plan(folder: &str, desired: &[Desired], observed: &Observed, allowed: Allowed) -> Plan {
    let mut steps: Vec<Step> = desired.iter().map(|desired| step(folder, desired, observed, allowed)).collect();
    let stale =
        observed.pipelines.iter().filter(|standing| desired.iter().all(|desired| desired.name != standing.name));
    steps.extend(
        stale
            .filter(|standing| standing.claim == Claim::Ours)
            .map(|standing| destroy(standing, "no change of the pull request touches it any more")),
    );
    let uploads = uploads(&steps, observed);
    let drop_folder = observed.objects.is_some()
        && !steps.is_empty()
        && steps.iter().all(|step| matches!(step.action, Action::Destroy { .. }));
    Plan {
        folder: folder.to_owned(),
        make_folder: observed.objects.is_none() && !uploads.is_empty(),
        schemas: schema::to_make(desired, &steps),
        uploads,
        steps,
        drop_folder,
        folder_users: users(folder, observed),
        drop_schemas: if drop_folder { schema::to_drop(observed) } else { Vec::new() },
    }
}

/// Everything of ours goes, and the folder with it where it is a preview's own. What cannot be seen may be ours, too:
/// it is in the way.
pub fn teardown(folder: &str, observed: &Observed, why: &str, own_folder: bool) -> Plan {
    let steps = observed.pipelines.iter().filter_map(|standing| match standing.claim {
        Claim::Ours => Some(destroy(standing, why)),
        Claim::Hidden => Some(Step { action: not_ours(standing)?, ..destroy(standing, why) }),
        Claim::Unmarked | Claim::Foreign(_) => None,
    });
    let steps = steps.collect();
    let drop_schemas = if own_folder { schema::to_drop(observed) } else { Vec::new() };
    let drop_folder = own_folder && observed.objects.is_some();
    Plan { steps, drop_folder, folder_users: users(folder, observed), drop_schemas, ..Plan::nothing(folder) }
}

impl Plan {
    /// A plan that does nothing.
    pub fn nothing(folder: &str) -> Self {
        let folder = folder.to_owned();
        Self {
            folder,
            make_folder: false,
            schemas: Vec::new(),
            uploads: Vec::new(),
            steps: Vec::new(),
            drop_folder: false,
            folder_users: Vec::new(),
            drop_schemas: Vec::new(),
        }
    }

    /// Whether it writes to the workspace at all.
    pub fn writes(&self) -> bool {
        self.drop_folder
            || !self.uploads.is_empty()
            || self.steps.iter().any(|step| !matches!(step.action, Action::Keep { .. } | Action::Blocked { .. }))
    }

    /// Names of the objects that somebody deleted, though a pipeline that stays as it is uses them.
    pub fn restored(&self) -> impl Iterator<Item = &String> {
        let kept =
            |step: &Step, name| matches!(&step.action, Action::Keep { artifacts, .. } if artifacts.contains(name));
        self.uploads.iter().filter(move |name| self.steps.iter().any(|step| kept(step, *name)))
    }

    /// The hash that a consent to exactly this plan carries, 16 hex digits.
    pub fn fingerprint(&self) -> String {
        hash(format!("{self:?}"))[..16].to_owned()
    }
}

impl Action {
    /// What the pipeline becomes, where it becomes something.
    pub fn wanted(&self) -> Option<&Wanted> {
        match self {
            Self::Create(wanted) | Self::Update { wanted, .. } | Self::Recreate { wanted, .. } => Some(wanted),
            Self::Keep { .. } | Self::Destroy { .. } | Self::Blocked { .. } => None,
        }
    }

    /// Names of the objects that the pipeline uses then.
    pub fn artifacts(&self) -> &[String] {
        match self {
            Self::Keep { artifacts, .. } => artifacts,
            other => other.wanted().map_or(&[], |wanted| &wanted.artifacts),
        }
    }

    /// Where data of a pipeline that goes stays behind.
    pub fn left_behind(&self) -> Option<&str> {
        match self {
            Self::Destroy { left_behind, .. } => left_behind.as_deref(),
            _ => None,
        }
    }
}

fn step(folder: &str, desired: &Desired, observed: &Observed, allowed: Allowed) -> Step {
    let named: Vec<&Standing> = observed.pipelines.iter().filter(|standing| standing.name == desired.name).collect();
    let action = match named.as_slice() {
        [] => Action::Create(Wanted { settings: desired.settings.clone(), artifacts: desired.artifacts.clone() }),
        [standing] => compare(folder, desired, standing, observed, allowed),
        several => Action::Blocked {
            id: None,
            why: format!("{} pipelines have the name `{}`", several.len(), desired.name),
            hint: "rename or delete all but one of them in the workspace".to_owned(),
        },
    };
    Step { workflow: desired.workflow.clone(), spec: Some(desired.spec.clone()), name: desired.name.clone(), action }
}

fn compare(folder: &str, desired: &Desired, standing: &Standing, observed: &Observed, allowed: Allowed) -> Action {
    if let Some(blocked) = not_ours(standing) {
        return blocked;
    }
    let id = standing.id.clone();
    let wanted = keep::with_standing_code(folder, desired, standing, observed);
    let mut changes = diff::diff(&wanted.settings, &standing.settings, &standing.id);
    let sent_last = read(&standing.settings, DEFINITION) == read(&wanted.settings, DEFINITION);
    if changes.is_empty() && !sent_last {
        changes.push(FieldChange { path: "fields that the service does not show".to_owned(), from: None, to: None });
    }
    if changes.is_empty() {
        return Action::Keep { id, artifacts: wanted.artifacts };
    }
    let immutable: Vec<&FieldChange> =
        changes.iter().filter(|change| diff::IMMUTABLE.contains(&change.path.as_str())).collect();
    if let Some(change) = immutable.first() {
        let removal = Removal { cascade: standing.on_unity_catalog(), running: standing.running };
        return if allowed.recreate {
            Action::Recreate { id, wanted, changes, removal }
        } else {
            cannot_change(id, &changes, change, removal)
        };
    }
    let restarts = standing.settings.get("continuous") == Some(&json!(true))
        || wanted.settings.get("continuous") == Some(&json!(true));
    Action::Update { id, wanted, last_modified: standing.last_modified, changes, drift: sent_last, restarts }
}

fn not_ours(standing: &Standing) -> Option<Action> {
    let (why, hint) = match &standing.claim {
        Claim::Ours => return None,
        Claim::Unmarked => (
            "a pipeline of this name is there that dltflow has not made".to_owned(),
            "rename the workflow, or rename or delete the pipeline in the workspace",
        ),
        Claim::Foreign(how) => (
            format!("a pipeline of this name belongs to another project, environment or repository: {how}"),
            "environments and projects that share a workspace need names of their own: rename the workflow in one of them",
        ),
        Claim::Hidden => (
            "a pipeline of this name is there, but its settings cannot be read with this token".to_owned(),
            "give the token's owner `CAN_VIEW` on it, or deploy as the principal that made it",
        ),
    };
    Some(Action::Blocked { id: Some(standing.id.clone()), why, hint: hint.to_owned() })
}

fn cannot_change(id: String, changes: &[FieldChange], change: &FieldChange, removal: Removal) -> Action {
    let show = |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), |value| format!("`{value}`"));
    let drops = if removal.cascade { "drops its tables" } else { "leaves its tables and checkpoints behind" };
    let catalog = changes.iter().find(|change| change.path == "catalog");
    let why = match catalog.map(|catalog| (&catalog.from, &catalog.to)) {
        Some((None, _)) => "a Hive pipeline cannot move to a `catalog` once it exists".to_owned(),
        Some((_, None)) => "a pipeline of Unity Catalog cannot do without its `catalog` once it exists".to_owned(),
        _ => format!(
            "`{}` cannot be changed from {} to {} once a pipeline exists",
            change.path,
            show(&change.from),
            show(&change.to)
        ),
    };
    Action::Blocked {
        id: Some(id),
        why,
        hint: format!(
            "set it back, or allow the pipeline to be made anew (`allow-recreate`), which {drops} and gives it another id"
        ),
    }
}

fn destroy(standing: &Standing, why: &str) -> Step {
    let workflow = read(&standing.settings, "dltflow.workflow").unwrap_or(&standing.name);
    let removal = Removal { cascade: standing.on_unity_catalog(), running: standing.running };
    let (id, left_behind, schema) = (standing.id.clone(), hive_data(standing), Schema::of(&standing.settings));
    let action = Action::Destroy { id, left_behind, schema, why: why.to_owned(), removal };
    Step { workflow: workflow.to_owned(), spec: None, name: standing.name.clone(), action }
}

fn hive_data(standing: &Standing) -> Option<String> {
    if standing.on_unity_catalog() {
        return None;
    }
    let place = |key: &str| standing.settings.get(key).and_then(Value::as_str).map(|place| format!("{key} `{place}`"));
    let places: Vec<String> = ["target", "schema", "storage"].into_iter().filter_map(place).collect();
    (!places.is_empty()).then(|| places.join(", "))
}

/// The pipelines that are not ours and whose notebooks lie in the folder.
fn users(folder: &str, observed: &Observed) -> Vec<String> {
    let inside = |path: &str| {
        let path = path.strip_prefix("/Workspace").unwrap_or(path);
        path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    let uses = |standing: &&Standing| {
        let libraries = standing.settings.get("libraries").and_then(Value::as_array).into_iter().flatten();
        libraries.filter_map(|library| library.pointer("/notebook/path")?.as_str()).any(inside)
    };
    let others = observed.pipelines.iter().filter(|standing| standing.claim != Claim::Ours);
    others.filter(uses).map(|standing| standing.id.clone()).collect()
}

/// What the steps need and the folder lacks, each once, in the order of the steps.
fn uploads(steps: &[Step], observed: &Observed) -> Vec<String> {
    let there = |name: &String| observed.objects.as_ref().is_some_and(|objects| objects.contains(name));
    let mut uploads: Vec<String> = Vec::new();
    for name in steps.iter().flat_map(|step| step.action.artifacts()) {
        if !there(name) && !uploads.contains(name) {
            uploads.push(name.clone());
        }
    }
    uploads
}

#[cfg(test)]
mod tests;
