//! The workspace's folders, files and notebooks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::ids::Ids;
use crate::stamp::now_ms;
use crate::transcript::readable;

/// All objects by path. `/Workspace/x` and `/x` are one object, kept as `/x`.
#[derive(Debug)]
pub(super) struct Tree(BTreeMap<String, Object>);

/// One object. Its number is new when it is made again.
#[derive(Debug, Clone)]
pub(super) struct Object {
    id: u64,
    created: u64,
    modified: u64,
    pub(super) content: Content,
}

/// What an object is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Directory,
    File(Vec<u8>),
    Notebook { language: &'static str, source: Vec<u8> },
}

impl Content {
    /// The API's name of the kind.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Directory => "DIRECTORY",
            Self::File(_) => "FILE",
            Self::Notebook { .. } => "NOTEBOOK",
        }
    }
}

/// Why nothing was written.
#[derive(Debug, PartialEq)]
pub(super) enum Refused {
    /// The folder above is missing.
    NoParent(String),
    /// Something of this kind is there, and overwriting was not asked for.
    Exists(&'static str),
    /// Something of another kind is there.
    OtherKind(&'static str),
}

impl Tree {
    /// A workspace with the folders that each one has.
    pub(super) fn new(user: &str, ids: &mut Ids) -> Self {
        let mut tree = Self(BTreeMap::new());
        for path in ["/", "/Shared", "/Users", &format!("/Users/{user}")] {
            tree.insert(path, Content::Directory, ids);
        }
        tree
    }

    pub(super) fn get(&self, path: &str) -> Option<&Object> {
        self.0.get(path)
    }

    /// The object as the API shows it.
    pub(super) fn status(&self, path: &str) -> Option<Value> {
        self.0.get(path).map(|object| object.info(path))
    }

    /// The objects one level below a folder, by path.
    pub(super) fn children(&self, folder: &str) -> Vec<Value> {
        self.below(folder).filter(|(path, _)| parent(path) == folder).map(|(path, object)| object.info(path)).collect()
    }

    pub(super) fn is_empty_folder(&self, folder: &str) -> bool {
        self.below(folder).next().is_none()
    }

    /// Puts a file or notebook at a path; an overwritten one keeps its number.
    pub(super) fn write(
        &mut self,
        path: &str,
        content: Content,
        overwrite: bool,
        ids: &mut Ids,
    ) -> Result<(), Refused> {
        let above = parent(path);
        if self.0.get(above).is_none_or(|object| object.content != Content::Directory) {
            return Err(Refused::NoParent(above.to_owned()));
        }
        match self.0.get_mut(path) {
            None => self.insert(path, content, ids),
            Some(object) if !overwrite => return Err(Refused::Exists(object.content.kind())),
            Some(object) if object.content.kind() != content.kind() => {
                return Err(Refused::OtherKind(object.content.kind()));
            }
            Some(object) => {
                object.content = content;
                object.modified = now_ms().max(object.modified + 1);
            }
        }
        Ok(())
    }

    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// The path of an object that is not a folder; what was made above it stays.
    pub(super) fn make_folders(&mut self, path: &str, ids: &mut Ids) -> Result<(), String> {
        let ends = path.match_indices('/').map(|(index, _)| index).skip(1).chain([path.len()]);
        for prefix in ends.map(|end| &path[..end]).filter(|prefix| !prefix.is_empty()) {
            match self.0.get(prefix) {
                None => self.insert(prefix, Content::Directory, ids),
                Some(object) if object.content == Content::Directory => {}
                Some(_) => return Err(prefix.to_owned()),
            }
        }
        Ok(())
    }

    /// Removes an object and all below it.
    pub(super) fn remove(&mut self, path: &str) {
        self.0.retain(|other, _| other != path && !is_below(other, path));
    }

    /// Gives a file another time of its last change, in milliseconds since 1970.
    pub(super) fn tamper(&mut self, path: &str, modified: u64) -> Result<(), String> {
        let object = self.0.get_mut(path).ok_or_else(|| format!("no object `{path}`"))?;
        object.modified = modified;
        Ok(())
    }

    pub(super) fn to_json(&self) -> Value {
        let show = |(path, object): (&String, &Object)| {
            let mut info = object.info(path);
            if let Content::File(bytes) | Content::Notebook { source: bytes, .. } = &object.content {
                info["content"] = readable(bytes);
            }
            info
        };
        self.0.iter().map(show).collect()
    }

    fn insert(&mut self, path: &str, content: Content, ids: &mut Ids) {
        let now = now_ms();
        self.0.insert(path.to_owned(), Object { id: ids.large(), created: now, modified: now, content });
    }

    fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a String, &'a Object)> {
        self.0.iter().filter(move |(path, _)| is_below(path, folder))
    }
}

impl Object {
    /// `ObjectInfo`; only files have a size and times.
    fn info(&self, path: &str) -> Value {
        let mut info = json!({
            "object_type": self.content.kind(),
            "path": path,
            "object_id": self.id,
            "resource_id": self.id.to_string(),
        });
        match &self.content {
            Content::Directory => {}
            Content::Notebook { language, .. } => info["language"] = (*language).into(),
            Content::File(bytes) => {
                info["size"] = bytes.len().into();
                info["created_at"] = self.created.into();
                info["modified_at"] = self.modified.into();
            }
        }
        info
    }
}

fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((above, _)) => above,
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> (Tree, Ids) {
        let mut ids = Ids::default();
        (Tree::new("octocat@github.com", &mut ids), ids)
    }

    #[test]
    fn a_folder_made_again_has_another_number() {
        let (mut tree, mut ids) = tree();
        let mut made = || {
            assert_eq!(tree.make_folders("/Shared/a/b", &mut ids), Ok(()));
            let id = tree.get("/Shared/a").map(|object| object.id);
            tree.remove("/Shared/a");
            assert!(tree.get("/Shared/a/b").is_none());
            id
        };
        assert_ne!(made(), made());
    }

    #[test]
    fn listing_and_removing_do_not_touch_a_sibling_with_the_same_beginning() {
        let (mut tree, mut ids) = tree();
        for path in ["/Shared/a/x", "/Shared/ab/y"] {
            assert_eq!(tree.make_folders(path, &mut ids), Ok(()));
        }
        assert_eq!(tree.children("/Shared/a").len(), 1);
        assert_eq!(tree.children("/").len(), 2);
        tree.remove("/Shared/a");
        assert!(tree.get("/Shared/ab/y").is_some());
    }

    #[test]
    fn writing_needs_a_folder_above_and_consent_to_replace_and_the_same_kind() {
        let (mut tree, mut ids) = tree();
        let file = |text: &str| Content::File(text.into());
        let notebook = Content::Notebook { language: "PYTHON", source: Vec::new() };
        assert_eq!(tree.write("/Shared/x/f", file("1"), false, &mut ids), Err(Refused::NoParent("/Shared/x".into())));
        assert_eq!(tree.write("/Shared/f", file("1"), false, &mut ids), Ok(()));
        assert_eq!(tree.write("/Shared/f/g", file("1"), false, &mut ids), Err(Refused::NoParent("/Shared/f".into())));
        assert_eq!(tree.write("/Shared/f", file("2"), false, &mut ids), Err(Refused::Exists("FILE")));
        assert_eq!(tree.write("/Shared/f", notebook, true, &mut ids), Err(Refused::OtherKind("FILE")));
        let before = tree.get("/Shared/f").map(|object| (object.id, object.modified));
        assert_eq!(tree.write("/Shared/f", file("2"), true, &mut ids), Ok(()));
        let after = tree.get("/Shared/f").map(|object| (object.id, object.modified));
        assert!(before.zip(after).is_some_and(|(before, after)| before.0 == after.0 && before.1 < after.1));
    }
}
