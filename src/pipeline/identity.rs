//! The identity of a project: what its pipelines are known by, whoever deployed them.

use std::fmt;

use super::key::{Marks, OwnershipKey};
use crate::source::{RepoPath, hash};

/// What the pipelines of a project are known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectIdentity {
    /// The project's id, or its name if it has none.
    pub project: String,
    /// The folder of its `dltflow.yml`, from the root of its repository: two projects that were made from one template
    /// have one name. `None` for a project with an id, and where no repository was found.
    pub folder: Option<RepoPath>,
}

impl ProjectIdentity {
    /// SHA-256 as 64 hex digits: of the project alone where it lies in the root of its repository, else of the folder, too.
    pub fn hash(&self) -> String {
        match self.folder.as_ref().filter(|folder| !folder.is_root()) {
            Some(folder) => hash(format!("{}/{folder}", self.project)),
            None => hash(&self.project),
        }
    }

    /// Whether the two are one, as far as is known: of two projects of one name, the folder decides where both know theirs.
    pub fn is_one_with(&self, other: &Self) -> bool {
        let apart = self.folder.as_ref().zip(other.folder.as_ref()).is_some_and(|(a, b)| a != b);
        self.project == other.project && !apart
    }

    /// The key of `marks` that says that something else made them. Without a folder among them, as before there was one,
    /// the spec has to lie in ours.
    pub(super) fn differs(&self, marks: Marks<'_, '_>) -> Option<OwnershipKey> {
        if marks(OwnershipKey::Project) != Some(&self.project) {
            return Some(OwnershipKey::Project);
        }
        let folder = self.folder.as_ref()?;
        match (marks(OwnershipKey::Folder), marks(OwnershipKey::Spec)) {
            (Some(is), _) => (is != folder.to_string()).then_some(OwnershipKey::Folder),
            (None, Some(spec)) => (!lies_in(spec, folder)).then_some(OwnershipKey::Spec),
            (None, None) => None,
        }
    }
}

impl fmt::Display for ProjectIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.project)?;
        self.folder.as_ref().map_or(Ok(()), |folder| write!(f, " in the folder `{folder}`"))
    }
}

/// Whether the path of a spec may be in `folder`: it begins at the root of a checkout, in which the repository may lie in a
/// folder of its own.
fn lies_in(spec: &str, folder: &RepoPath) -> bool {
    folder.is_root() || format!("/{spec}").contains(&format!("/{folder}/"))
}

#[cfg(test)]
mod tests {
    use super::{OwnershipKey, ProjectIdentity, RepoPath, hash, lies_in};

    fn identity(project: &str, folder: Option<&str>) -> ProjectIdentity {
        ProjectIdentity { project: project.to_owned(), folder: folder.map(|folder| RepoPath::parse(folder).unwrap()) }
    }

    #[test]
    fn the_folder_tells_two_projects_of_one_name_apart_where_both_know_it() {
        for (one, other, expected) in [
            (identity("shop", Some("a")), identity("shop", Some("a")), true),
            (identity("shop", Some("a")), identity("shop", Some("b")), false),
            (identity("shop", Some("a")), identity("shop", Some("")), false),
            (identity("shop", Some("a")), identity("shop", None), true),
            (identity("shop", None), identity("store", None), false),
        ] {
            assert_eq!((one.is_one_with(&other), other.is_one_with(&one)), (expected, expected), "{one} {other}");
        }
    }

    #[test]
    fn a_hash_is_that_of_the_project_alone_unless_it_lies_in_a_folder() {
        for identity in [identity("shop", None), identity("shop", Some(""))] {
            assert_eq!(identity.hash(), hash("shop"));
        }
        let of = |folder| identity("shop", Some(folder)).hash();
        assert!(of("a") != of("b") && of("a") != hash("shop"));
    }

    #[test]
    fn without_a_folder_among_the_marks_the_spec_decides() {
        let differs = |folder: Option<&str>, marks: &[(OwnershipKey, &str)]| {
            let found = |key| marks.iter().find(|(marked, _)| *marked == key).map(|(_, value)| *value);
            identity("shop", folder).differs(&found)
        };
        let project = (OwnershipKey::Project, "shop");
        let spec = (OwnershipKey::Spec, "apps/a/workflows/x.yml");
        assert_eq!(differs(Some("apps/a"), &[project, spec]), None);
        assert_eq!(differs(Some("apps/b"), &[project, spec]), Some(OwnershipKey::Spec));
        assert_eq!(differs(Some("apps/b"), &[project]), None);
        assert_eq!(differs(None, &[project, spec]), None);
        let folder = (OwnershipKey::Folder, "apps/b");
        assert_eq!(differs(Some("apps/b"), &[project, folder, spec]), None);
        assert_eq!(differs(Some("."), &[project, folder]), Some(OwnershipKey::Folder));
        assert_eq!(differs(Some("apps/b"), &[(OwnershipKey::Project, "x"), folder]), Some(OwnershipKey::Project));
    }

    #[test]
    fn a_spec_lies_in_a_folder_by_whole_names() {
        for (spec, folder, expected) in [
            ("a/w/x.yml", "a", true),
            ("checkout/a/w/x.yml", "a", true),
            ("b/w/x.yml", "a", false),
            ("ba/w/x.yml", "a", false),
            ("ab/w/x.yml", "a", false),
            ("w/x.yml", "", true),
            ("apps/a/x.yml", "apps/a", true),
            ("apps/ab/x.yml", "apps/a", false),
        ] {
            assert_eq!(lies_in(spec, &RepoPath::parse(folder).unwrap()), expected, "{spec} in {folder}");
        }
    }
}
