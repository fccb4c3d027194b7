//! What a project is known by, also one of which only the file was looked at.

use super::Project;
use crate::pipeline::ProjectIdentity;
use crate::source::{RepoPath, Source};
use crate::yaml::{self, Node, Value};

impl Project {
    /// The identity of the project that a `dltflow.yml` describes in the repository whose root is `repository`, whatever else
    /// is wrong with the file; `None` where it names none.
    pub fn identity_in(source: &Source, repository: Option<&RepoPath>) -> Option<ProjectIdentity> {
        let (node, _) = yaml::parse(source);
        let node = node?;
        let text = |key| node.get("dltflow")?.node.get(key).and_then(|entry| scalar(&entry.node));
        let (id, name) = (text("id"), text("name"));
        let name = id.clone().or(name)?;
        Some(of(id.as_deref(), &name, &source.path.parent().unwrap_or_default(), repository))
    }
}

/// The identity of a project in `folder`; an id survives any move, so its folder does not count.
pub(super) fn of(id: Option<&str>, name: &str, folder: &RepoPath, repository: Option<&RepoPath>) -> ProjectIdentity {
    let below = || folder.below(repository?).and_then(|below| RepoPath::parse(below).ok());
    ProjectIdentity { project: id.unwrap_or(name).to_owned(), folder: if id.is_some() { None } else { below() } }
}

fn scalar(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Project, RepoPath, Source};

    #[test]
    fn a_project_is_known_by_its_id_or_by_its_name_and_folder() {
        let path = |text: &str| RepoPath::parse(text).unwrap();
        for (text, repository, expected) in [
            ("dltflow: {name: shop}", Some(""), Some("`shop` in the folder `apps/a`")),
            ("dltflow: {name: shop}", Some("apps"), Some("`shop` in the folder `a`")),
            ("dltflow: {name: shop}", Some("apps/a"), Some("`shop` in the folder `.`")),
            ("dltflow: {name: shop}", None, Some("`shop`")),
            ("dltflow: {name: shop, id: 5f0c}", Some(""), Some("`5f0c`")),
            ("dltflow: {name: shop}\nnewer: [things]\ntargets: 7", Some(""), Some("`shop` in the folder `apps/a`")),
            ("dltflow: {id: 7}", Some(""), Some("`7`")),
            ("dltflow: {name: {{cookiecutter.name}}}", Some(""), None),
            ("dltflow: [", Some(""), None),
            ("targets: {}", Some(""), None),
        ] {
            let source = Source { path: path("apps/a/dltflow.yml"), text: text.to_owned() };
            let identity = Project::identity_in(&source, repository.map(path).as_ref());
            assert_eq!(identity.map(|identity| identity.to_string()).as_deref(), expected, "{text}");
        }
    }
}
