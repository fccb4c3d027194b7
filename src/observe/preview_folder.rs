//! The folder of a preview, and what is noted in it.

use std::collections::BTreeMap;

use crate::databricks::{ApiError, Workspace};
use crate::pipeline::Made;
use crate::pipeline::ownership::Owner;

use super::{Objects, objects, together};

/// How often a note is read that cannot be understood.
const READS: usize = 2;

/// The folder of a preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewFolder {
    /// Its path, absolute and without `/Workspace`.
    pub path: String,
    /// The notes in it, by name.
    pub notes: BTreeMap<String, PreviewNote>,
}

/// What a note in the folder of a preview says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreviewNote {
    /// What we made.
    Ours(Made),
    /// Something that is another's, such as that of another environment.
    Anothers,
    /// Nothing that this version understands.
    Unreadable,
}

impl PreviewFolder {
    /// Our notes, by name.
    pub fn ours(&self) -> impl Iterator<Item = (&str, &Made)> {
        self.notes.iter().filter_map(|(name, note)| match note {
            PreviewNote::Ours(made) => Some((name.as_str(), made)),
            PreviewNote::Anothers | PreviewNote::Unreadable => None,
        })
    }

    /// The folder at `path`; `None` if it is missing. One listing, and one request a note.
    pub async fn look(workspace: &Workspace, owner: &Owner, path: &str) -> Result<Option<Self>, ApiError> {
        let Some(objects) = objects(workspace, path).await? else { return Ok(None) };
        Self::read(workspace, owner, path, &objects).await.map(Some)
    }

    /// The same of a folder whose `objects` are known.
    pub async fn read(workspace: &Workspace, owner: &Owner, path: &str, objects: &Objects) -> Result<Self, ApiError> {
        let names = objects.keys().filter(|name| Made::is_note(name));
        let notes = together(workspace, names.map(|name| read(workspace, owner, path, name))).await?;
        Ok(Self { path: path.to_owned(), notes: notes.into_iter().flatten().collect() })
    }
}

/// A note and its name; `None` if it is gone since it was listed. What cannot be understood is read once more, as a reply may
/// be garbled.
async fn read(
    workspace: &Workspace,
    owner: &Owner,
    folder: &str,
    name: &str,
) -> Result<Option<(String, PreviewNote)>, ApiError> {
    let path = format!("{folder}/{name}");
    for _ in 0..READS {
        let Some(text) = workspace.read_file(&path).await? else { return Ok(None) };
        if let Some(made) = Made::parse(&text) {
            let ours = owner.claim_schema(&made.properties()).is_of_preview();
            return Ok(Some((name.to_owned(), if ours { PreviewNote::Ours(made) } else { PreviewNote::Anothers })));
        }
    }
    Ok(Some((name.to_owned(), PreviewNote::Unreadable)))
}
