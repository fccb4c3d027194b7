//! What a preview makes beside its pipelines, written down in its folder before it is made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ownership::OwnershipKey;
use super::{Schema, Settings};
use crate::source::hash;

/// What the names of all notes begin with.
const PREFIX: &str = "made-";
/// Most bytes of a note that are believed.
const MAX_BYTES: usize = 16 << 10;

/// A schema that a preview has for itself, and whose it is. Its note says where to look when the preview is taken down, as
/// no pipeline may name the schema by then; dropped is what itself carries the ownership, too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Made {
    /// The schema.
    pub schema: Schema,
    project: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    environment: String,
    preview: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
}

impl Made {
    /// The schema that the pipeline of a preview has for itself; `None` if it has none.
    pub fn of(settings: &Settings) -> Option<Self> {
        let owned = |key| settings.owned(key).map(str::to_owned);
        owned(OwnershipKey::BaseSchema)?;
        Some(Self {
            schema: settings.schema()?,
            project: owned(OwnershipKey::Project)?,
            folder: owned(OwnershipKey::Folder),
            environment: owned(OwnershipKey::Environment)?,
            preview: owned(OwnershipKey::Preview)?,
            repository: owned(OwnershipKey::Repository),
        })
    }

    /// Whether an object of that name in the folder of a preview is a note.
    pub fn is_note(name: &str) -> bool {
        name.starts_with(PREFIX)
    }

    /// The name of its note, which is that of its content.
    pub fn note(&self) -> String {
        format!("{PREFIX}{}.json", &hash(self.text())[..16])
    }

    /// The text of its note.
    pub fn text(&self) -> String {
        // It always serializes: its keys are strings, and it is written to memory.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a note; `None` if it cannot be understood.
    pub fn parse(text: &str) -> Option<Self> {
        let made: Self = serde_json::from_str(text).ok().filter(|_| text.len() <= MAX_BYTES)?;
        let named = [&made.schema.catalog, &made.schema.name, &made.preview].iter().all(|name| !name.is_empty());
        named.then_some(made)
    }

    /// Whose it is, as properties of a schema say it.
    pub fn properties(&self) -> BTreeMap<String, String> {
        let properties = [
            (OwnershipKey::Project, Some(&self.project)),
            (OwnershipKey::Folder, self.folder.as_ref()),
            (OwnershipKey::Environment, Some(&self.environment)),
            (OwnershipKey::Preview, Some(&self.preview)),
            (OwnershipKey::Repository, self.repository.as_ref()),
        ];
        properties.into_iter().filter_map(|(key, value)| Some((key.text().to_owned(), value?.clone()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Made, OwnershipKey, Settings};

    fn settings() -> Settings {
        let mut settings: Settings = serde_json::from_value(json!({"catalog": "Main", "target": "Shop_PR1"})).unwrap();
        for (key, value) in [
            (OwnershipKey::Project, "shop"),
            (OwnershipKey::Environment, "dev"),
            (OwnershipKey::Preview, "pr1"),
            (OwnershipKey::BaseSchema, "shop"),
            (OwnershipKey::Commit, "abc"),
        ] {
            settings.own(key, value);
        }
        settings
    }

    #[test]
    fn a_note_is_read_as_it_was_written_and_named_by_its_content() {
        let made = Made::of(&settings()).unwrap();
        assert_eq!(made.schema.full_name(), "main.shop_pr1");
        assert_eq!(Made::parse(&made.text()), Some(made.clone()));
        assert!(Made::is_note(&made.note()), "{}", made.note());
        let mut later = settings();
        later.own(OwnershipKey::Commit, "def");
        assert_eq!(Made::of(&later).unwrap().note(), made.note());
        later.own(OwnershipKey::Environment, "prod");
        assert_ne!(Made::of(&later).unwrap().note(), made.note());
    }

    #[test]
    fn a_shared_schema_is_nobodys_own() {
        for field in ["catalog", "target"] {
            let mut value = settings().to_value();
            value.as_object_mut().unwrap().remove(field);
            assert_eq!(Made::of(&serde_json::from_value(value).unwrap()), None, "{field}");
        }
        let mut shared = settings();
        shared.retain_configuration(|key| key != OwnershipKey::BaseSchema.text());
        assert_eq!(Made::of(&shared), None);
    }

    #[test]
    fn a_note_that_says_nothing_is_none() {
        let whole = Made::of(&settings()).unwrap().text();
        for text in ["", "{}", "null", &whole.replace("Shop", "").replace("shop_pr1", ""), &whole.replace("pr1", "")] {
            assert_eq!(Made::parse(text).filter(|made| made.text() == whole), None, "{text}");
        }
        assert_eq!(Made::parse(&format!("{whole}{}", " ".repeat(super::MAX_BYTES))), None);
    }
}
