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

impl PreviewNote {
    /// What a note that was read, if it could be, is to `owner`.
    pub(super) fn of(owner: &Owner, made: Option<Made>) -> Self {
        match made {
            Some(made) if owner.claim_schema(&made.properties()).is_of_preview() => Self::Ours(made),
            Some(_) => Self::Anothers,
            None => Self::Unreadable,
        }
    }
}

impl PreviewFolder {
    /// Our notes, by name.
    pub fn ours(&self) -> impl Iterator<Item = (&str, &Made)> {
        self.notes.iter().filter_map(|(name, note)| match note {
            PreviewNote::Ours(made) => Some((name.as_str(), made)),
            PreviewNote::Anothers | PreviewNote::Unreadable => None,
        })
    }

    /// The folders that are noted in it.
    pub fn noted(&self) -> impl Iterator<Item = &str> {
        self.ours().filter_map(|(_, made)| made.preview_folder())
    }

    /// The folder at `path`; `None` if it is missing. One listing, and one request a note.
    pub async fn look(workspace: &Workspace, owner: &Owner, path: &str) -> Result<Option<Self>, ApiError> {
        let Some(objects) = objects(workspace, path).await? else { return Ok(None) };
        Self::read(workspace, owner, path, &objects).await.map(Some)
    }

    /// The same of a folder whose `objects` are known.
    pub async fn read(workspace: &Workspace, owner: &Owner, path: &str, objects: &Objects) -> Result<Self, ApiError> {
        let names = objects.keys().filter(|name| Made::is_note(name));
        let notes = together(workspace, names.map(|name| read_note(workspace, path, name))).await?;
        let notes = notes.into_iter().flatten().map(|(name, made)| (name, PreviewNote::of(owner, made)));
        Ok(Self { path: path.to_owned(), notes: notes.collect() })
    }
}

/// The name of a note, and what it says if it can be understood; `None` if it is gone since it was listed. What cannot be
/// understood is read once more, as a reply may be garbled.
pub(super) async fn read_note(
    workspace: &Workspace,
    folder: &str,
    name: &str,
) -> Result<Option<(String, Option<Made>)>, ApiError> {
    let path = format!("{folder}/{name}");
    for _ in 0..READS {
        let Some(text) = workspace.read_file(&path).await? else { return Ok(None) };
        if let Some(made) = Made::parse(&text) {
            return Ok(Some((name.to_owned(), Some(made))));
        }
    }
    Ok(Some((name.to_owned(), None)))
}
