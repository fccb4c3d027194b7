//! What a sweep found, what became of it, and why the rest stays.

use std::fmt::Write as _;

use serde::Serialize;

use super::escape;
use super::words::words;

/// The widest column, in characters.
const MAX_NAME: usize = 80;

words! {
    /// What a thing is that a sweep found.
    ThingKind {
        /// All of the preview of a pull request.
        Preview = "preview",
        /// A pipeline of a preview.
        Pipeline = "pipeline",
        /// A schema of a preview.
        Schema = "schema",
        /// A folder in the workspace.
        Folder = "folder",
        /// A wheel of a release.
        Wheel = "wheel",
        /// A notebook of a release.
        Notebook = "notebook",
    }
}

words! {
    /// What becomes of a thing that a sweep found.
    Fate {
        /// It would be deleted.
        Listed = "to delete",
        /// It was deleted.
        Deleted = "deleted",
        /// It could not be deleted.
        Failed = "failed",
        /// It stays.
        Stays = "stays",
    }
}

/// A thing that a sweep found.
#[derive(Clone, Debug, Serialize)]
pub struct SweptThing {
    /// What it is.
    pub kind: ThingKind,
    /// Its name; a path for what is in the workspace's folders.
    pub name: String,
    /// Key of the preview that it belongs to.
    pub preview: Option<String>,
    /// What becomes of it.
    pub fate: Fate,
    /// Why, in a sentence.
    pub why: String,
    /// Page of the pipeline.
    pub url: Option<String>,
}

impl SweptThing {
    /// Every untrusted text.
    pub(super) fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let Self { kind: _, name, preview, fate: _, why, url } = self;
        [name, why].into_iter().chain([preview, url].into_iter().flatten())
    }
}

/// Two lines per thing: what becomes of it, and why.
pub(super) fn text(things: &[SweptThing]) -> String {
    let mut out = String::new();
    for SweptThing { kind, name, fate, why, url, .. } in things {
        let name = escape::line(&escape::truncate(name, MAX_NAME));
        let url = url.as_deref().map(|url| format!("  {}", escape::line(url))).unwrap_or_default();
        _ = writeln!(out, "{:<9}  {:<8}  {name}{url}", fate.word(), kind.word());
        _ = writeln!(out, "    {}", escape::line(why));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// The row of a thing in a table of Markdown.
pub(super) fn row(thing: &SweptThing) -> String {
    let SweptThing { kind, name, fate, why, .. } = thing;
    format!("| {} | {} | {} | {} |\n", fate.word(), kind.word(), escape::cell(name), escape::cell(why))
}
