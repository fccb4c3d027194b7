//! Marks: what a pipeline of ours says of itself in its `configuration`, and whose it therefore is.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::source::hash;
use crate::spec::Workflow;

const PROJECT: &str = "dltflow.project";
const NAME: &str = "dltflow.name";
const WORKFLOW: &str = "dltflow.workflow";
const SPEC: &str = "dltflow.spec";
const ENVIRONMENT: &str = "dltflow.environment";
const PREVIEW: &str = "dltflow.preview";
const REPOSITORY: &str = "dltflow.repository";
const COMMIT: &str = "dltflow.commit";
const RUN: &str = "dltflow.run";
/// Hash of all that belongs to the workflow: spec, configuration, code, runtime.
pub const CLOSURE: &str = "dltflow.closure";
/// Hash of the settings that were last sent: what differs from it was changed by somebody else.
pub const DEFINITION: &str = "dltflow.definition";
/// Names of the objects in the release's folder that the pipeline uses, joined by commas.
pub const RELEASE: &str = "dltflow.release";

/// Marks that every run sets anew, and that follow from the rest: no difference between two definitions.
const NO_PART_OF_EQUALITY: [&str; 4] = [COMMIT, RUN, REPOSITORY, DEFINITION];

/// Whose pipelines a run is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The project's id, or its name where it has none.
    pub project: String,
    /// The environment.
    pub environment: String,
    /// The preview's key, such as `pr42`; `None` for the shared pipelines.
    pub preview: Option<String>,
    /// Numeric id of the repository; a laptop knows none.
    pub repository: Option<String>,
}

/// Commit and run, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The commit that is deployed.
    pub commit: Option<String>,
    /// Id of the run.
    pub run: Option<String>,
}

/// Whose a pipeline is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It carries our marks.
    Ours,
    /// It carries no mark: a person or another tool made it.
    Unmarked,
    /// It carries the marks of something else; the text says which mark differs.
    Foreign(String),
    /// It is there, but its settings cannot be read with this token.
    Hidden,
}

impl Owner {
    /// Whose the pipeline `name` with those settings is. Project, environment, preview and name must agree; the
    /// repository vetoes only where both sides know one.
    pub fn claim(&self, name: &str, settings: &Map<String, Value>) -> Claim {
        if read(settings, PROJECT).is_none() {
            return Claim::Unmarked;
        }
        let preview = self.preview.as_deref();
        let wanted = [
            (PROJECT, Some(self.project.as_str())),
            (ENVIRONMENT, Some(&self.environment)),
            (PREVIEW, preview),
            (NAME, Some(name)),
        ];
        let differs = wanted.into_iter().find(|(key, wanted)| read(settings, key) != *wanted).map(|(key, _)| key);
        let veto = match (self.repository.as_deref(), read(settings, REPOSITORY)) {
            (Some(ours), Some(theirs)) if ours != theirs => Some(REPOSITORY),
            _ => None,
        };
        match differs.or(veto) {
            Some(key) => Claim::Foreign(format!(
                "its `{key}` is {}",
                read(settings, key).map_or("not set".to_owned(), |is| format!("`{is}`"))
            )),
            None => Claim::Ours,
        }
    }

    /// The other environment that a pipeline of the same preview stands in.
    pub fn elsewhere<'a>(&self, settings: &'a Map<String, Value>) -> Option<&'a str> {
        let same = |key: &str, ours: Option<&str>| ours.is_some() && read(settings, key) == ours;
        let repository =
            self.repository.as_deref().is_none_or(|ours| read(settings, REPOSITORY).is_none_or(|is| is == ours));
        let preview = same(PROJECT, Some(&self.project)) && same(PREVIEW, self.preview.as_deref()) && repository;
        read(settings, ENVIRONMENT).filter(|environment| preview && *environment != self.environment)
    }

    /// The same marks as properties of a schema.
    pub fn properties(&self) -> BTreeMap<String, String> {
        let marks = [
            (PROJECT, Some(&self.project)),
            (ENVIRONMENT, Some(&self.environment)),
            (PREVIEW, self.preview.as_ref()),
            (REPOSITORY, self.repository.as_ref()),
        ];
        marks.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.clone()))).collect()
    }

    /// Whether a schema with those properties is ours.
    pub fn owns_schema(&self, properties: &BTreeMap<String, String>) -> bool {
        let both_know = |key: &str| key != REPOSITORY || properties.contains_key(key);
        self.properties()
            .iter()
            .filter(|(key, _)| both_know(key))
            .all(|(key, value)| properties.get(key) == Some(value))
    }

    /// Sets the marks of identity, commit and run.
    pub(super) fn mark(&self, settings: &mut Map<String, Value>, name: &str, workflow: &Workflow, run: &Run) {
        let marks = [
            (PROJECT, Some(self.project.as_str())),
            (NAME, Some(name)),
            (WORKFLOW, Some(&workflow.name.value)),
            (SPEC, Some(workflow.spec.as_str())),
            (ENVIRONMENT, Some(&self.environment)),
            (PREVIEW, self.preview.as_deref()),
            (REPOSITORY, self.repository.as_deref()),
            (COMMIT, run.commit.as_deref()),
            (RUN, run.run.as_deref()),
        ];
        for (key, value) in marks.into_iter().filter_map(|(key, value)| Some((key, value?))) {
            mark(settings, key, value);
        }
    }
}

/// Sets one mark.
pub fn mark(settings: &mut Map<String, Value>, key: &str, value: &str) {
    let configuration = settings.entry("configuration").or_insert_with(|| json!({}));
    if let Value::Object(configuration) = configuration {
        configuration.insert(key.to_owned(), json!(value));
    }
}

/// Reads one mark.
pub fn read<'a>(settings: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    settings.get("configuration")?.get(key)?.as_str()
}

/// The settings without the marks that are no part of equality.
pub fn comparable(settings: &Map<String, Value>) -> Map<String, Value> {
    let mut settings = settings.clone();
    if let Some(Value::Object(configuration)) = settings.get_mut("configuration") {
        configuration.retain(|key, _| !NO_PART_OF_EQUALITY.contains(&key.as_str()));
    }
    settings
}

/// Hash of a whole definition, 16 hex digits; the same settings give the same hash whatever commit and run.
pub fn definition(settings: &Map<String, Value>) -> String {
    // The JSON of a sorted map is the same for the same content.
    hash(Value::Object(comparable(settings)).to_string())[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Claim, Owner, definition};

    fn settings(marks: &[(&str, &str)]) -> Map<String, Value> {
        let marks: Map<String, Value> =
            marks.iter().map(|(key, value)| (format!("dltflow.{key}"), json!(value))).collect();
        Map::from_iter([("configuration".to_owned(), Value::Object(marks))])
    }

    #[test]
    fn a_pipeline_is_ours_only_where_every_mark_of_identity_agrees() {
        let owner = Owner {
            project: "shop".into(),
            environment: "dev".into(),
            preview: Some("pr1".into()),
            repository: Some("7".into()),
        };
        let ours = [("project", "shop"), ("environment", "dev"), ("preview", "pr1"), ("name", "n")];
        let claim = |marks: &[(&str, &str)]| owner.claim("n", &settings(marks));
        assert_eq!(claim(&ours), Claim::Ours);
        assert_eq!(claim(&[]), Claim::Unmarked);
        assert_eq!(claim(&[&ours[..], &[("repository", "7")]].concat()), Claim::Ours);
        for other in
            [("project", "x"), ("environment", "prod"), ("preview", "pr11"), ("name", "m"), ("repository", "8")]
        {
            let marks = [&ours[..], &[other]].concat();
            assert_eq!(claim(&marks), Claim::Foreign(format!("its `dltflow.{}` is `{}`", other.0, other.1)));
        }
        assert!(matches!(claim(&[ours[0], ours[1], ours[3]]), Claim::Foreign(_)), "a shared pipeline is no preview");
    }

    #[test]
    fn commit_and_run_are_no_part_of_a_definition() {
        let of = |marks: &[(&str, &str)]| definition(&settings(marks));
        assert_eq!(of(&[("commit", "a"), ("run", "1"), ("closure", "c")]), of(&[("commit", "b"), ("closure", "c")]));
        assert_ne!(of(&[("closure", "c")]), of(&[("closure", "d")]));
    }
}
