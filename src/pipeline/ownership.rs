//! Ownership: what a pipeline made by dltflow records in its `configuration`, and whose it therefore is.

use std::collections::BTreeMap;

use super::Settings;
use crate::source::hash;

/// What every ownership key begins with.
pub const PREFIX: &str = "dltflow.";

/// A key of the ownership that a pipeline made by dltflow carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnershipKey {
    /// The project's id, or its name if it has none.
    Project,
    /// The pipeline's own name.
    Name,
    /// The workflow's name as written.
    Workflow,
    /// The file that holds the workflow.
    Spec,
    /// The environment.
    Environment,
    /// The preview's key; missing on shared pipelines.
    Preview,
    /// Numeric id of the repository.
    Repository,
    /// The commit that was deployed.
    Commit,
    /// Id of the run that deployed it.
    Run,
    /// Hash of all that belongs to the workflow: spec, configuration, code, runtime.
    Closure,
    /// Hash of the settings that were last sent: what differs from it was changed by somebody else.
    Definition,
    /// Names of the objects in the release's folder that the pipeline uses, joined by commas.
    Release,
    /// The shared schema of a preview with a schema of its own, for reads of upstream tables.
    BaseSchema,
}

/// The text of each key.
const TEXTS: [(OwnershipKey, &str); 13] = [
    (OwnershipKey::Project, "dltflow.project"),
    (OwnershipKey::Name, "dltflow.name"),
    (OwnershipKey::Workflow, "dltflow.workflow"),
    (OwnershipKey::Spec, "dltflow.spec"),
    (OwnershipKey::Environment, "dltflow.environment"),
    (OwnershipKey::Preview, "dltflow.preview"),
    (OwnershipKey::Repository, "dltflow.repository"),
    (OwnershipKey::Commit, "dltflow.commit"),
    (OwnershipKey::Run, "dltflow.run"),
    (OwnershipKey::Closure, "dltflow.closure"),
    (OwnershipKey::Definition, "dltflow.definition"),
    (OwnershipKey::Release, "dltflow.release"),
    (OwnershipKey::BaseSchema, "dltflow.base_schema"),
];

/// Keys that every run sets, or that follow from the others: they make no difference between two definitions.
const NOT_COMPARED: [OwnershipKey; 4] =
    [OwnershipKey::Commit, OwnershipKey::Run, OwnershipKey::Repository, OwnershipKey::Definition];

/// Whose pipelines a run is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The project's id, or its name if it has none.
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
pub struct Provenance {
    /// The commit that is deployed.
    pub commit: Option<String>,
    /// Id of the run.
    pub run: Option<String>,
}

/// Whose a pipeline is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is ours.
    Ours,
    /// It carries no ownership: a person or another tool made it.
    Unowned,
    /// It belongs to something else; the text says which key differs.
    Foreign(String),
    /// It exists, but its settings cannot be read with this token.
    Hidden,
}

impl OwnershipKey {
    /// How it is spelled in a pipeline's `configuration`.
    pub fn text(self) -> &'static str {
        TEXTS.iter().find(|(key, _)| *key == self).map_or("", |(_, text)| text)
    }

    /// Whether `key` of a `configuration` is one that only dltflow sets.
    pub fn is_reserved(key: &str) -> bool {
        key.starts_with(PREFIX)
    }
}

impl Owner {
    /// Whose the pipeline `name` with those settings is. Project, environment, preview and name must agree; the
    /// repository vetoes only if both sides know one.
    pub fn claim(&self, name: &str, settings: &Settings) -> Claim {
        if settings.owned(OwnershipKey::Project).is_none() {
            return Claim::Unowned;
        }
        let expected = [
            (OwnershipKey::Project, Some(self.project.as_str())),
            (OwnershipKey::Environment, Some(&self.environment)),
            (OwnershipKey::Preview, self.preview.as_deref()),
            (OwnershipKey::Name, Some(name)),
        ];
        let differs = expected.into_iter().find(|(key, expected)| settings.owned(*key) != *expected);
        let veto = match (self.repository.as_deref(), settings.owned(OwnershipKey::Repository)) {
            (Some(ours), Some(theirs)) if ours != theirs => Some(OwnershipKey::Repository),
            _ => None,
        };
        match differs.map(|(key, _)| key).or(veto) {
            Some(key) => {
                let is = settings.owned(key).map_or("not set".to_owned(), |is| format!("`{is}`"));
                Claim::Foreign(format!("its `{}` is {is}", key.text()))
            }
            None => Claim::Ours,
        }
    }

    /// The other environment that a pipeline of the same preview belongs to.
    pub fn elsewhere<'a>(&self, settings: &'a Settings) -> Option<&'a str> {
        let same = |key: OwnershipKey, ours: Option<&str>| ours.is_some() && settings.owned(key) == ours;
        let repository = self
            .repository
            .as_deref()
            .is_none_or(|ours| settings.owned(OwnershipKey::Repository).is_none_or(|is| is == ours));
        let preview =
            same(OwnershipKey::Project, Some(&self.project)) && same(OwnershipKey::Preview, self.preview.as_deref());
        let environment = settings.owned(OwnershipKey::Environment)?;
        (preview && repository && environment != self.environment).then_some(environment)
    }

    /// The same ownership as properties of a schema.
    pub fn properties(&self) -> BTreeMap<String, String> {
        let properties = [
            (OwnershipKey::Project, Some(&self.project)),
            (OwnershipKey::Environment, Some(&self.environment)),
            (OwnershipKey::Preview, self.preview.as_ref()),
            (OwnershipKey::Repository, self.repository.as_ref()),
        ];
        properties.into_iter().filter_map(|(key, value)| Some((key.text().to_owned(), value?.clone()))).collect()
    }

    /// Whether a schema with those properties is ours.
    pub fn owns_schema(&self, properties: &BTreeMap<String, String>) -> bool {
        let both_know = |key: &str| key != OwnershipKey::Repository.text() || properties.contains_key(key);
        self.properties()
            .iter()
            .filter(|(key, _)| both_know(key))
            .all(|(key, value)| properties.get(key) == Some(value))
    }

    /// Makes the pipeline `name` ours, as that of `workflow` in the file `spec`, deployed by `run`.
    pub fn claim_settings(
        &self,
        settings: &mut Settings,
        name: &str,
        (workflow, spec): (&str, &str),
        run: &Provenance,
    ) {
        let values = [
            (OwnershipKey::Project, Some(self.project.as_str())),
            (OwnershipKey::Name, Some(name)),
            (OwnershipKey::Workflow, Some(workflow)),
            (OwnershipKey::Spec, Some(spec)),
            (OwnershipKey::Environment, Some(&self.environment)),
            (OwnershipKey::Preview, self.preview.as_deref()),
            (OwnershipKey::Repository, self.repository.as_deref()),
            (OwnershipKey::Commit, run.commit.as_deref()),
            (OwnershipKey::Run, run.run.as_deref()),
        ];
        for (key, value) in values.into_iter().filter_map(|(key, value)| Some((key, value?))) {
            settings.own(key, value);
        }
    }
}

/// The ownership among the settings.
impl Settings {
    /// The value of an ownership key.
    pub fn owned(&self, key: OwnershipKey) -> Option<&str> {
        self.configuration(key.text())
    }

    /// Sets the value of an ownership key.
    pub fn own(&mut self, key: OwnershipKey, value: &str) {
        self.set_configuration(key.text(), value);
    }

    /// Sets the hash of the definition, after everything else is set.
    pub fn seal(&mut self) {
        let definition = self.definition();
        self.own(OwnershipKey::Definition, &definition);
    }

    /// The settings without the ownership that is not compared.
    #[must_use]
    pub fn comparable(&self) -> Self {
        let mut settings = self.clone();
        settings.retain_configuration(|key| NOT_COMPARED.iter().all(|not_compared| not_compared.text() != key));
        settings
    }

    /// Hash of a whole definition, 16 hex digits; the same settings give the same hash whatever commit and run.
    pub fn definition(&self) -> String {
        // The JSON of a sorted map is the same for the same content.
        hash(self.comparable().to_value().to_string())[..16].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{Claim, Owner, OwnershipKey, Settings, TEXTS};

    fn settings(ownership: &[(OwnershipKey, &str)]) -> Settings {
        let mut settings = Settings::default();
        for (key, value) in ownership {
            settings.own(*key, value);
        }
        settings
    }

    #[test]
    fn a_pipeline_is_ours_only_where_its_whole_identity_agrees() {
        let owner = Owner {
            project: "shop".into(),
            environment: "dev".into(),
            preview: Some("pr1".into()),
            repository: Some("7".into()),
        };
        let ours = [
            (OwnershipKey::Project, "shop"),
            (OwnershipKey::Environment, "dev"),
            (OwnershipKey::Preview, "pr1"),
            (OwnershipKey::Name, "n"),
        ];
        let claim = |ownership: &[(OwnershipKey, &str)]| owner.claim("n", &settings(ownership));
        assert_eq!(claim(&ours), Claim::Ours);
        assert_eq!(claim(&[]), Claim::Unowned);
        assert_eq!(claim(&[&ours[..], &[(OwnershipKey::Repository, "7")]].concat()), Claim::Ours);
        for other in [
            (OwnershipKey::Project, "x"),
            (OwnershipKey::Environment, "prod"),
            (OwnershipKey::Preview, "pr11"),
            (OwnershipKey::Name, "m"),
            (OwnershipKey::Repository, "8"),
        ] {
            let ownership = [&ours[..], &[other]].concat();
            assert_eq!(claim(&ownership), Claim::Foreign(format!("its `{}` is `{}`", other.0.text(), other.1)));
        }
        assert!(matches!(claim(&[ours[0], ours[1], ours[3]]), Claim::Foreign(_)), "a shared pipeline is not a preview");
    }

    #[test]
    fn commit_and_run_are_not_part_of_a_definition() {
        let of = |ownership: &[(OwnershipKey, &str)]| settings(ownership).definition();
        assert_eq!(
            of(&[(OwnershipKey::Commit, "a"), (OwnershipKey::Run, "1"), (OwnershipKey::Closure, "c")]),
            of(&[(OwnershipKey::Commit, "b"), (OwnershipKey::Closure, "c")])
        );
        assert_ne!(of(&[(OwnershipKey::Closure, "c")]), of(&[(OwnershipKey::Closure, "d")]));
    }

    #[test]
    fn every_key_has_a_reserved_text_of_its_own() {
        for (index, (key, text)) in TEXTS.iter().enumerate() {
            assert!(OwnershipKey::is_reserved(text) && key.text() == *text, "{text}");
            assert!(TEXTS[..index].iter().all(|(other, earlier)| other != key && earlier != text), "{text}");
        }
    }
}
