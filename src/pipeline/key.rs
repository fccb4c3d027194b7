//! The keys of ownership, and how they are spelled.

/// What every ownership key begins with.
pub const PREFIX: &str = "dltflow.";

/// A key of the ownership that a pipeline made by dltflow carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnershipKey {
    /// The project's id, or its name if it has none.
    Project,
    /// Folder of the project's `dltflow.yml`, from the root of its repository (`.`); missing where the project has an id,
    /// where no repository was found, and on what was deployed before there was this key.
    Folder,
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
const TEXTS: [(OwnershipKey, &str); 14] = [
    (OwnershipKey::Project, "dltflow.project"),
    (OwnershipKey::Folder, "dltflow.folder"),
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

/// The values of ownership keys, wherever they are recorded.
pub(super) type Marks<'a, 'm> = &'m dyn Fn(OwnershipKey) -> Option<&'a str>;

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

#[cfg(test)]
mod tests {
    use super::{OwnershipKey, TEXTS};

    #[test]
    fn every_key_has_a_reserved_text_of_its_own() {
        for (index, (key, text)) in TEXTS.iter().enumerate() {
            assert!(OwnershipKey::is_reserved(text) && key.text() == *text, "{text}");
            assert!(TEXTS[..index].iter().all(|(other, earlier)| other != key && earlier != text), "{text}");
        }
    }
}
