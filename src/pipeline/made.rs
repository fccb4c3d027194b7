//! What a preview makes beside its pipelines, written down in its folder before it is made.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::ownership::OwnershipKey;
use super::{Schema, Settings};
use crate::source::hash;

/// What the names of all notes begin with.
const PREFIX: &str = "made-";
/// Most bytes of a note that are believed.
const MAX_BYTES: usize = 16 << 10;
/// The folder in which the folders of previews are.
const PREVIEWS: &str = "previews";
/// Digits that the name of the folder of a preview ends in.
const TAG: usize = 4;

/// Something that a preview has for itself, and whose it is. Its note says where to look when the preview is taken down, as no
/// pipeline may name the thing by then; a schema that is dropped itself carries the ownership, too, and a folder that is
/// deleted holds a note of ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Made {
    #[serde(flatten)]
    thing: MadeThing,
    project: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    environment: String,
    preview: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
}

/// What a preview has for itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MadeThing {
    /// A schema.
    Schema(Schema),
    /// A folder of the workspace: where it was before its project had another identity or root, absolute and without
    /// `/Workspace`.
    PreviewFolder(String),
}

impl Made {
    /// The schema that the pipeline of a preview has for itself; `None` if it has none.
    pub fn of(settings: &Settings) -> Option<Self> {
        settings.owned(OwnershipKey::BaseSchema)?;
        Self::by(settings, MadeThing::Schema(settings.schema()?))
    }

    /// The folders in which the pipeline of a preview runs, among those that can be the preview's.
    pub fn folders(settings: &Settings) -> BTreeSet<Self> {
        let folders = settings.notebooks().filter_map(|path| {
            let path = path.strip_prefix("/Workspace").unwrap_or(path);
            path.rsplit_once('/').map(|(folder, _)| folder.to_owned())
        });
        let preview = settings.owned(OwnershipKey::Preview).unwrap_or_default();
        let folders = folders.filter(|folder| is_folder_of(folder, preview));
        folders.filter_map(|folder| Self::by(settings, MadeThing::PreviewFolder(folder))).collect()
    }

    fn by(settings: &Settings, thing: MadeThing) -> Option<Self> {
        let owned = |key| settings.owned(key).map(str::to_owned);
        Some(Self {
            thing,
            project: owned(OwnershipKey::Project)?,
            folder: owned(OwnershipKey::Folder),
            environment: owned(OwnershipKey::Environment)?,
            preview: owned(OwnershipKey::Preview)?,
            repository: owned(OwnershipKey::Repository),
        })
    }

    /// The folder `path` of the same preview.
    #[must_use]
    pub fn folder_of_the_same(&self, path: &str) -> Self {
        Self { thing: MadeThing::PreviewFolder(path.to_owned()), ..self.clone() }
    }

    /// The schema, if it is one.
    pub fn schema(&self) -> Option<&Schema> {
        match &self.thing {
            MadeThing::Schema(schema) => Some(schema),
            MadeThing::PreviewFolder(_) => None,
        }
    }

    /// The folder, if it is one.
    pub fn preview_folder(&self) -> Option<&str> {
        match &self.thing {
            MadeThing::PreviewFolder(path) => Some(path),
            MadeThing::Schema(_) => None,
        }
    }

    /// What it is, in a sentence.
    pub fn title(&self) -> String {
        match &self.thing {
            MadeThing::Schema(schema) => format!("the schema `{}`", schema.full_name()),
            MadeThing::PreviewFolder(path) => format!("the folder `{path}`"),
        }
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
        let named = match &made.thing {
            MadeThing::Schema(schema) => !schema.catalog.is_empty() && !schema.name.is_empty(),
            MadeThing::PreviewFolder(path) => is_folder_of(path, &made.preview),
        };
        (named && !made.preview.is_empty()).then_some(made)
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

/// Whether a folder of the workspace can be that of the preview with that key: `…/previews/pr42_ab12` of `pr42`.
fn is_folder_of(path: &str, preview: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let plain =
        |part: &&str| !matches!(*part, "" | "." | "..") && !part.contains(|c: char| c.is_control() || c == '\\');
    let [first, above @ .., previews, name] = parts.as_slice() else { return false };
    let (stem, tag) = name.rsplit_once('_').unwrap_or_default();
    let is_tag = tag.len() == TAG && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_named = !stem.is_empty() && stem == preview.to_ascii_lowercase().replace('-', "_");
    first.is_empty() && above.iter().all(plain) && *previews == PREVIEWS && is_named && is_tag
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
        assert_eq!(made.schema().unwrap().full_name(), "main.shop_pr1");
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
    fn the_folders_of_a_preview_are_those_that_can_be_one() {
        let folders = |path: &str| {
            let mut settings = settings();
            settings.set_libraries(json!([{"notebook": {"path": path}}]));
            Made::folders(&settings).iter().map(|made| made.preview_folder().unwrap().to_owned()).collect::<Vec<_>>()
        };
        for path in ["/Shared/x/previews/pr1_ab12/n", "/Workspace/Shared/x/previews/pr1_ab12/n"] {
            assert_eq!(folders(path), ["/Shared/x/previews/pr1_ab12"], "{path}");
        }
        for path in [
            "/Shared/x/dev/n",
            "/Shared/x/previews/n",
            "/Shared/x/previews/pr1_ab12",
            "/Shared/x/previews/pr1_ab12/deeper/n",
            "/Shared/x/previews/pr1/n",
            "/Shared/x/previews/pr11_ab12/n",
            "/Shared/x/previews/pr1_1_ab12/n",
            "/Shared/x/previews/_ab12/n",
            "/Shared/x/previews/pr1_ab1/n",
            "/Shared/../previews/pr1_ab12/n",
            "Shared/x/previews/pr1_ab12/n",
            "//previews/pr1_ab12/n",
        ] {
            assert_eq!(folders(path), Vec::<String>::new(), "{path}");
        }
        let mut settings = settings();
        settings.set_libraries(json!([{"notebook": {"path": "/Shared/x/previews/pr1_ab12/n"}}]));
        let made = Made::folders(&settings).pop_first().unwrap();
        assert_eq!((Made::parse(&made.text()), made.schema()), (Some(made.clone()), None));
        assert_eq!(Made::parse(&made.text().replace("/Shared/x/previews", "/Shared/x")), None);
        settings.retain_configuration(|key| key != OwnershipKey::Preview.text());
        assert!(Made::folders(&settings).is_empty(), "a shared pipeline has none");
    }

    #[test]
    fn a_note_that_says_nothing_is_none() {
        let whole = Made::of(&settings()).unwrap().text();
        for text in ["", "{}", "null", &whole.replace("Shop", "").replace("shop_pr1", ""), &whole.replace("pr1", "")] {
            assert_eq!(Made::parse(text), None, "{text}");
        }
        assert_eq!(Made::parse(&format!("{whole}{}", " ".repeat(super::MAX_BYTES))), None);
    }
}
