//! Objects of releases in an environment's own folder.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::observe::Survey;
use crate::pipeline::ownership::Claim;
use crate::plan::step::Steps;
use crate::plan::{ObjectAction, Plan, Resource, VERSION};
use crate::project::Project;
use crate::release::{ReleaseName, notebook_stem};

use super::uses::{Uses, uses};

/// How old an object has to be. A deployment that found it may be about to make a pipeline that uses it.
const AGE: Duration = Duration::from_hours(7 * 24);
/// The newest wheels, which stay, as somebody may go back to them.
const NEWEST: usize = 3;

/// What is known of the releases in a folder, beside the objects themselves.
#[derive(Clone, Copy, Debug)]
pub struct Releases<'a> {
    /// The project.
    pub project: &'a Project,
    /// The folder's path.
    pub folder: &'a str,
    /// Names that pipelines of the project may have there.
    pub pipelines: &'a BTreeSet<String>,
    /// When a deployment first saw each notebook, in seconds since 1970.
    pub seen: &'a BTreeMap<String, u64>,
    /// Name of the project's deployment record.
    pub record: &'a str,
    /// The time, in seconds since 1970.
    pub now: u64,
}

/// An object that a release of the project can have made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweptObject {
    /// Its name.
    pub name: String,
    /// Whether it is a notebook; else it is a wheel.
    pub is_notebook: bool,
    /// Why it stays; `None` for one that is deleted.
    pub stays: Option<String>,
}

/// The objects in the folder that a release can have made, and which of them stay.
pub fn objects(survey: &Survey, releases: &Releases<'_>) -> Vec<SweptObject> {
    let candidates = candidates(survey, releases);
    let names: Vec<&str> = candidates.iter().map(|candidate| candidate.name).collect();
    let users = Users::of(survey, releases.folder, &names);
    let newest = newest(&candidates);
    let is_shared = is_shared(survey, releases);
    let stays = |candidate: &Candidate<'_>| {
        users
            .of_object(candidate.name)
            .or_else(|| anothers(candidate, releases).filter(|_| is_shared))
            .or_else(|| young(candidate, releases))
            .or_else(|| newest.keeps(candidate))
            .or_else(|| users.unknown())
    };
    let swept = candidates.iter().map(|candidate| SweptObject {
        name: candidate.name.to_owned(),
        is_notebook: matches!(candidate.says, ReleaseName::Notebook { .. }),
        stays: stays(candidate),
    });
    swept.collect()
}

/// The plan that deletes those objects of `folder` that do not stay.
pub fn destroy_objects(folder: &str, objects: &[SweptObject]) -> Plan {
    let mut steps = Steps::default();
    for object in objects.iter().filter(|object| object.stays.is_none()) {
        let (folder, name) = (folder.to_owned(), object.name.clone());
        steps.push(Resource::Object { folder, name, action: ObjectAction::Destroy }, Vec::new());
    }
    Plan { version: VERSION, folder: folder.to_owned(), steps: steps.into_vec() }
}

/// An object by whose name a release can have made it.
struct Candidate<'a> {
    name: &'a str,
    says: ReleaseName<'a>,
    /// When it came, in seconds since 1970.
    since: Option<u64>,
}

fn candidates<'a>(survey: &'a Survey, releases: &Releases<'_>) -> Vec<Candidate<'a>> {
    let files = survey
        .files
        .iter()
        .filter_map(|(name, since)| Some(Candidate { name, says: ReleaseName::of_file(name)?, since: *since }));
    let notebooks = survey.notebooks.iter().filter_map(|name| {
        Some(Candidate { name, says: ReleaseName::of_notebook(name)?, since: releases.seen.get(name).copied() })
    });
    files.chain(notebooks).filter(|candidate| candidate.says.may_be_of(releases.project)).collect()
}

/// Who uses the objects of a folder.
struct Users<'a> {
    /// By object: the name of a pipeline that may use it.
    of: BTreeMap<&'a str, &'a str>,
    /// The name of a pipeline that may use all of them.
    of_all: Option<&'a str>,
    /// Names of pipelines that the token cannot read.
    hidden: Vec<&'a str>,
}

impl<'a> Users<'a> {
    fn of(survey: &'a Survey, folder: &str, names: &[&'a str]) -> Self {
        let mut users = Self { of: BTreeMap::new(), of_all: None, hidden: Vec::new() };
        for existing in &survey.pipelines {
            if existing.claim == Claim::Hidden {
                users.hidden.push(&existing.name);
                continue;
            }
            match uses(&existing.settings, folder, names) {
                Uses::All => users.of_all = Some(&existing.name),
                Uses::Objects(used) => used.into_iter().for_each(|name| _ = users.of.insert(name, &existing.name)),
            }
        }
        users
    }

    fn of_object(&self, name: &str) -> Option<String> {
        let by_name = self.of.get(name).map(|user| format!("the pipeline `{user}` uses it"));
        by_name.or_else(|| {
            Some(format!("the settings of the pipeline `{}` mean its folder, or one above it", self.of_all?))
        })
    }

    /// Why nothing can be said about any of them.
    fn unknown(&self) -> Option<String> {
        let first = self.hidden.first()?;
        let more = match self.hidden.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(format!("the pipeline `{first}`{more} may use it and cannot be read: the token needs `CAN_VIEW` on it"))
    }
}

/// Whether the folder has releases of other projects, too.
fn is_shared(survey: &Survey, releases: &Releases<'_>) -> bool {
    let names = survey.files.keys();
    names.filter(|name| *name != releases.record).any(|name| name.starts_with("deployed"))
}

/// Why an object may be another project's, where several have releases in one folder.
fn anothers(candidate: &Candidate<'_>, releases: &Releases<'_>) -> Option<String> {
    let is_ours = match candidate.says {
        ReleaseName::Wheel { of_project, .. } => of_project,
        ReleaseName::Notebook { workflow } => releases.pipelines.iter().any(|name| notebook_stem(name) == workflow),
    };
    (!is_ours).then(|| "several projects share the folder, and it may be another's".to_owned())
}

/// Why an object is too young, as far as that is known.
fn young(candidate: &Candidate<'_>, releases: &Releases<'_>) -> Option<String> {
    match candidate.since {
        None => Some("no deployment has recorded yet since when it is there".to_owned()),
        Some(since) if since.saturating_add(AGE.as_secs()) > releases.now => {
            Some("it is not older than seven days".to_owned())
        }
        Some(_) => None,
    }
}

/// The newest wheels.
struct Newest<'a> {
    wheels: BTreeSet<&'a str>,
    /// When the oldest of those of the project came.
    since: Option<u64>,
}

/// The newest wheels of the project, whatever the build called them, and of each distribution of the repository.
fn newest<'a>(candidates: &[Candidate<'a>]) -> Newest<'a> {
    let mut of: BTreeMap<Option<&str>, Vec<&Candidate<'a>>> = BTreeMap::new();
    for candidate in candidates {
        if let ReleaseName::Wheel { distribution, of_project } = candidate.says {
            of.entry((!of_project).then_some(distribution)).or_default().push(candidate);
        }
    }
    let mut newest = Newest { wheels: BTreeSet::new(), since: None };
    for wheels in of.values_mut() {
        wheels.sort_by_key(|wheel| (std::cmp::Reverse(wheel.since), wheel.name));
        for wheel in wheels.iter().take(NEWEST) {
            newest.wheels.insert(wheel.name);
            if matches!(wheel.says, ReleaseName::Wheel { of_project: true, .. }) {
                newest.since = newest.since.into_iter().chain(wheel.since).min();
            }
        }
    }
    newest
}

impl Newest<'_> {
    /// Why an object stays for them: a notebook is first seen by the deployment after the one that brought it.
    fn keeps(&self, candidate: &Candidate<'_>) -> Option<String> {
        match candidate.says {
            ReleaseName::Wheel { .. } => {
                self.wheels.contains(candidate.name).then(|| format!("it is one of the {NEWEST} newest wheels"))
            }
            ReleaseName::Notebook { .. } => (candidate.since? >= self.since?)
                .then(|| format!("it came with one of the {NEWEST} newest wheels, or after them")),
        }
    }
}
