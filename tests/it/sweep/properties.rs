//! Whatever looks alike: what a sweep deletes, and what a closing deletes, is a subset of what is ours.

use std::collections::{BTreeMap, BTreeSet};

use dltflow::desired::{Deployment, Template};
use dltflow::observe::{ExistingPipeline, Observed, Survey, SurveyedFolder};
use dltflow::pipeline::ownership::{Claim, Owner, OwnershipKey, Provenance};
use dltflow::pipeline::{Made, ProjectIdentity, Settings};
use dltflow::plan::sweep::previews;
use dltflow::plan::{self, Action, Allowed, FolderAction, Plan, Resource, SchemaAction};
use dltflow::project::Project;
use dltflow::route::Identity;
use dltflow::source::{RepoPath, Source};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::{close_unheard, confirmed, schemas};
use crate::support::Stage;

const ROOT: &str = "/Shared/.dltflow/shop";
const PROJECT: &str = "0d6d5a52-2f0c-4f1e-9c38-6f0f2b1f7a11";
/// Another project of the checkout, and one that it has no more.
const NEIGHBOUR: &str = "0d6d5a52-2f0c-4f1e-9c38-6f0f2b1f7a12";
const FORMER: &str = "harbour";
const REPOSITORY: &str = "4242";
const KEYS: [&str; 5] =
    ["dltflow.project", "dltflow.environment", "dltflow.preview", "dltflow.repository", "dltflow.name"];
/// Values that each key may have: ours first, then what looks like it.
const VALUES: [&[Option<&str>]; 5] = [
    &[Some(PROJECT), Some(NEIGHBOUR), Some(FORMER), None],
    &[Some("dev"), Some("prod"), Some("dev2"), None],
    &[Some("pr4"), Some("pr42"), Some("pr42_"), Some("pr042"), Some("pr+4"), Some("PR4"), Some("octocat"), None],
    &[Some(REPOSITORY), Some("424"), Some("42420"), None],
    &[],
];
const TAGS: [&str; 3] = ["TAG", "abcd", "0000"];

/// Marks by key.
type Marks = BTreeMap<String, String>;

/// Something that looks as if a preview had made it.
#[derive(Clone, Debug)]
struct Alike {
    name: String,
    marks: Marks,
    folder: String,
    schema: String,
    hidden: bool,
}

/// A folder of previews, and a note in it.
#[derive(Clone, Debug)]
struct Noted {
    name: String,
    note: Option<(Marks, String)>,
}

fn marks() -> impl Strategy<Value = Marks> {
    // Of the four, all but one or two are ours.
    let values = (subsequence(vec![0, 1, 3], 0..=1), select(VALUES[2]), any::<prop::sample::Index>());
    values.prop_map(|(others, preview, index)| {
        let mut marks = Marks::new();
        for (at, key) in KEYS.iter().enumerate().take(4) {
            let value = match at {
                2 => preview,
                _ if others.contains(&at) => *index.get(VALUES[at]),
                _ => VALUES[at][0],
            };
            marks.extend(value.map(|value| ((*key).to_owned(), value.to_owned())));
        }
        marks
    })
}

fn folder_name() -> impl Strategy<Value = String> {
    (select(&["pr4", "pr42", "pr042", "octocat", "pr4_2"][..]), select(&TAGS[..]))
        .prop_map(|(key, tag)| format!("{key}_{tag}"))
}

fn schema_name() -> impl Strategy<Value = String> {
    select(&["shop_pr4_TAG", "shop_pr42_TAG", "shop_pr42_abcd", "shop"][..]).prop_map(str::to_owned)
}

prop_compose! {
    fn alike(index: usize)(
        marks in marks(), folder in folder_name(), schema in schema_name(),
        user in select(&["octocat_pr4", "octocat_pr42", "pr4", "octocat"][..]), copied in prop::bool::weighted(0.2),
        hidden in prop::bool::weighted(0.05),
    ) -> Alike {
        let name = format!("[dev_{user}] orders{index}");
        let mut marks = marks;
        let named = if copied { format!("{name} (copy)") } else { name.clone() };
        marks.insert(KEYS[4].to_owned(), named);
        Alike { name, marks, folder, schema, hidden }
    }
}

fn workspace() -> impl Strategy<Value = (Vec<Alike>, Vec<Noted>)> {
    let pipelines: Vec<_> = (0..6).map(alike).collect();
    let note = prop::option::of((marks(), schema_name()));
    let folders = prop::collection::btree_map(folder_name(), note, 0..6);
    let folders =
        folders.prop_map(|folders| folders.into_iter().map(|(name, note)| Noted { name, note }).collect::<Vec<_>>());
    (pipelines, folders)
}

/// Whether those marks are exactly those of the preview of our pull request `number`, also under the name that our project
/// once had.
fn ours(marks: &Marks, number: u64) -> bool {
    let is = |key: &str, value: &str| marks.get(key).is_some_and(|found| found == value);
    (is(KEYS[0], PROJECT) || is(KEYS[0], FORMER))
        && is(KEYS[1], "dev")
        && is(KEYS[2], &format!("pr{number}"))
        && is(KEYS[3], REPOSITORY)
}

impl Alike {
    fn ours(&self, number: u64) -> bool {
        !self.hidden && ours(&self.marks, number) && self.marks.get(KEYS[4]) == Some(&self.name)
    }

    fn settings(&self, tag: &str) -> Value {
        let mut configuration = self.marks.clone();
        configuration.insert("dltflow.base_schema".to_owned(), "shop".to_owned());
        let notebook = format!("{}/orders-0123456789ab", path(&self.folder, tag));
        json!({"name": self.name, "catalog": "main", "schema": self.schema.replace("TAG", tag), "serverless": true,
               "configuration": configuration, "libraries": [{"notebook": {"path": notebook}}]})
    }
}

fn path(folder: &str, tag: &str) -> String {
    format!("{ROOT}/previews/{}", folder.replace("TAG", tag))
}

/// The text of a note.
fn note(marks: &Marks, schema: &str, tag: &str) -> String {
    let mut note = json!({"schema": {"catalog": "main", "name": schema.replace("TAG", tag)}});
    for (key, value) in marks {
        note[key.trim_start_matches("dltflow.")] = value.clone().into();
    }
    note.to_string()
}

fn project() -> Project {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/shop/dltflow.yml")).unwrap();
    Project::decode(&Source { path: RepoPath::parse("dltflow.yml").unwrap(), text }).0.unwrap()
}

/// Four digits of our project's own.
fn tag(project: &Project) -> String {
    let preview = dltflow::route::Preview::of_number(4, project);
    preview.suffix.rsplit('_').next().unwrap().to_owned()
}

fn existing(alike: &Alike, index: usize, tag: &str, owner: &Owner) -> ExistingPipeline {
    let settings: Settings = serde_json::from_value(alike.settings(tag)).unwrap();
    let hidden = ExistingPipeline {
        id: index.to_string(),
        name: alike.name.clone(),
        settings: Settings::default(),
        runs_as: None,
        creator: None,
        last_modified: None,
        running: false,
        claim: Claim::Hidden,
    };
    if alike.hidden {
        return hidden;
    }
    let claim = owner.claim(&alike.name, &settings);
    ExistingPipeline { settings, claim, ..hidden }
}

fn survey(pipelines: &[Alike], folders: &[Noted], tag: &str, owner: &Owner) -> Survey {
    let folder = |noted: &Noted| {
        let made = noted.note.as_ref().map(|(marks, schema)| Made::parse(&note(marks, schema, tag)));
        let notes = made.map(|made| ("made-0123456789abcdef.json".to_owned(), made)).into_iter().collect();
        SurveyedFolder { path: path(&noted.name, tag), notes, ..SurveyedFolder::default() }
    };
    Survey {
        pipelines: pipelines.iter().enumerate().map(|(index, alike)| existing(alike, index, tag, owner)).collect(),
        folders: folders.iter().map(folder).collect(),
        ..Survey::default()
    }
}

/// What a plan deletes: ids of pipelines, schemas, folders with who keeps them.
type Deletions = (BTreeSet<String>, BTreeSet<String>, BTreeMap<String, BTreeSet<String>>);

fn deletions(plan: &Plan) -> Deletions {
    let mut deletions = Deletions::default();
    for step in &plan.steps {
        match &step.resource {
            Resource::Pipeline(step) => {
                if let Action::Destroy { id, .. } = &step.action {
                    deletions.0.insert(id.clone());
                }
            }
            Resource::Schema { schema, action: SchemaAction::Destroy { .. } } => {
                deletions.1.insert(schema.full_name());
            }
            Resource::Folder { path, action: FolderAction::Destroy { unless_used_by, unless_noted } } => {
                let keeps = unless_used_by.iter().chain(unless_noted).cloned().collect();
                deletions.2.insert(path.clone(), keeps);
            }
            _ => {}
        }
    }
    deletions
}

/// Fails where a plan for the preview of `number` deletes what is not ours.
fn assert_ours(plan: &Plan, number: u64, pipelines: &[Alike], folders: &[Noted], tag: &str) {
    let (deleted, dropped, removed) = deletions(plan);
    let mine: Vec<&Alike> = pipelines.iter().filter(|alike| alike.ours(number)).collect();
    for id in &deleted {
        assert!(pipelines[id.parse::<usize>().unwrap()].ours(number), "pipeline {id}");
    }
    let notes = folders.iter().filter_map(|noted| noted.note.as_ref()).filter(|(marks, _)| ours(marks, number));
    let named = mine.iter().map(|alike| &alike.schema).chain(notes.map(|(_, schema)| schema));
    let named: BTreeSet<String> = named.map(|schema| format!("main.{}", schema.replace("TAG", tag))).collect();
    assert!(dropped.is_subset(&named), "{dropped:?} {named:?}");
    for (removed, keeps) in &removed {
        let is_noted = folders.iter().any(|noted| {
            path(&noted.name, tag) == *removed && noted.note.as_ref().is_some_and(|(marks, _)| ours(marks, number))
        });
        let is_used = mine.iter().any(|alike| path(&alike.folder, tag) == *removed);
        let is_there = folders.iter().any(|noted| path(&noted.name, tag) == *removed);
        let name = removed.rsplit('/').next().unwrap();
        assert!(name.starts_with(&format!("pr{number}_")), "{removed}");
        assert!(!is_there || is_noted || is_used, "{removed}");
        for (index, other) in pipelines.iter().enumerate() {
            let uses = !other.hidden && !other.ours(number) && path(&other.folder, tag) == *removed;
            assert!(!uses || keeps.contains(&index.to_string()), "{removed} is used by {other:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_of_a_sweep_or_a_closing_deletes_a_subset_of_what_is_ours((pipelines, folders) in workspace()) {
        let project = project();
        let tag = tag(&project);
        let owner = owner(&project);
        let survey = survey(&pipelines, &folders, &tag, &owner);
        let (template, run) = (Template::default(), Provenance::default());
        let target = project.target("dev").unwrap();
        let shared =
            Deployment { target, identity: &Identity::Shared, owner: &owner, template: &template, run: &run };
        let swept = previews(&survey, &project, &shared, ROOT);
        for preview in &swept.found {
            assert_ours(&preview.plan(), preview.number, &pipelines, &folders, &tag);
        }
        // All of ours is found, too.
        for number in [4, 42] {
            let found = swept.found.iter().find(|preview| preview.number == number);
            let deleted = found.map(|preview| deletions(&preview.plan()).0).unwrap_or_default();
            let mine = pipelines.iter().enumerate().filter(|(_, alike)| alike.ours(number));
            let mine: BTreeSet<String> = mine.map(|(index, _)| index.to_string()).collect();
            prop_assert_eq!(deleted, mine);
            // A closing sees no folder but its own.
            let owner = Owner { preview: Some(format!("pr{number}")), ..owner.clone() };
            let observed = survey.pipelines.iter().map(|existing| existing.claimed_by(&owner));
            let observed: Vec<ExistingPipeline> =
                observed.filter(|existing| existing.settings.owned(OwnershipKey::Repository).is_some()).collect();
            let own = format!("{ROOT}/previews/pr{number}_{tag}");
            let seen = survey.folders.iter().filter(|folder| folder.path == own).map(|folder| folder.of(&owner));
            let seen: Vec<_> = seen.collect();
            let observed = Observed { pipelines: observed, objects: Some(BTreeMap::new()), ..Observed::default() };
            let plan = plan::destroy(&own, &observed, &seen, "", Allowed::default());
            let (deleted, ..) = deletions(&plan);
            prop_assert!(deleted.iter().all(|id| pipelines[id.parse::<usize>().unwrap()].ours(number)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_not_ours_is_there_after_a_sweep((pipelines, folders) in workspace()) {
        let stage = Stage::new();
        stage.repo.write("neighbour/dltflow.yml", format!("dltflow: {{name: neighbour, id: {NEIGHBOUR}}}\n"));
        stage.repo.commit("neighbour");
        let tag = tag(&project());
        let made: Vec<(String, &Alike)> = pipelines.iter().map(|alike| (create(&stage, alike, &tag), alike)).collect();
        let mut properties = BTreeMap::new();
        for noted in &folders {
            let folder = path(&noted.name, &tag);
            stage.by_hand("POST", "/api/2.0/workspace/mkdirs", &json!({"path": folder}));
            stage.write_by_hand(&format!("{folder}/notes.txt"), "mine");
            if let Some((marks, schema)) = &noted.note {
                stage.write_by_hand(&format!("{folder}/made-0123456789abcdef.json"), &note(marks, schema, &tag));
                // The schema itself has the marks of the first that names it, or none at all.
                let schema = schema.replace("TAG", &tag);
                let marks = if schema == "shop" { Marks::new() } else { marks.clone() };
                properties.entry(schema).or_insert(marks);
            }
        }
        for (schema, properties) in &properties {
            let body = json!({"catalog_name": "main", "name": schema, "properties": properties});
            stage.by_hand("POST", "/api/2.1/unity-catalog/schemas", &body);
        }
        for number in [4, 42] {
            let pull = json!({"base_ref": "main", "head_ref": "main", "state": "closed", "user": "octocat"});
            stage.control("PUT", &format!("{}/{number}", super::PULLS), &pull);
            close_unheard(&stage, number);
        }
        let ran = stage.run(&confirmed(&stage));
        ran.ended(0, "destroyed");
        let there: BTreeSet<String> = stage
            .pipelines()
            .iter()
            .filter(|pipeline| pipeline["state"] != "DELETED")
            .map(|pipeline| pipeline["pipeline_id"].as_str().unwrap().to_owned())
            .collect();
        for (id, alike) in &made {
            let mine = alike.ours(4) || alike.ours(42);
            prop_assert!(mine || there.contains(id), "{:?}", alike);
        }
        let left = schemas(&stage);
        for (schema, properties) in &properties {
            let mine = ours(properties, 4) || ours(properties, 42);
            prop_assert!(mine || left.contains(&format!("main.{schema}")), "{} {:?}", schema, properties);
        }
        for noted in &folders {
            let mine = [4, 42].into_iter().any(|number| {
                let is_noted = noted.note.as_ref().is_some_and(|(marks, _)| ours(marks, number));
                is_noted || pipelines.iter().any(|alike| alike.ours(number) && alike.folder == noted.name)
            });
            let file = format!("{}/notes.txt", path(&noted.name, &tag));
            prop_assert!(mine || stage.objects().contains(&file), "{:?}", noted);
        }
    }
}

/// Creates the pipeline, and hides its settings from whoever asks if it is hidden.
fn create(stage: &Stage, alike: &Alike, tag: &str) -> String {
    let made = stage.by_hand("POST", "/api/2.0/pipelines", &alike.settings(tag));
    let id = made["pipeline_id"].as_str().unwrap().to_owned();
    if alike.hidden {
        let path = format!("/api/2.0/pipelines/{id}");
        stage.control("POST", "faults", &json!({"method": "GET", "path": path, "status": 403, "times": 99}));
    }
    id
}

/// Whose the shared pipelines of `dev` are.
fn owner(project: &Project) -> Owner {
    Owner {
        identity: project.identity(),
        environment: "dev".to_owned(),
        preview: None,
        repository: Some(REPOSITORY.to_owned()),
        adopts: Vec::new(),
        others: Some(vec![ProjectIdentity { project: NEIGHBOUR.to_owned(), folder: None }]),
    }
}
