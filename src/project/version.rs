//! `required-version`: for which builds a `dltflow.yml` was written.

use semver::{Prerelease, Version, VersionReq};

use super::Project;
use crate::source::Source;
use crate::yaml::{self, Node, Value};

/// Its key.
pub(super) const REQUIRED_VERSION: &str = "required-version";

impl Project {
    /// The version that `dltflow.yml` requires, where this build is another. Nothing else of the file is looked at, as a newer
    /// build may know what this one does not.
    pub fn unmet_version(source: &Source) -> Option<String> {
        let node = yaml::parse(source).0?;
        let required = written(source, &node.get(REQUIRED_VERSION)?.node)?;
        let is_met = requirement(&required).is_none_or(|required| meets(&required, env!("CARGO_PKG_VERSION")));
        (!is_met).then_some(required)
    }
}

/// A requirement in the notation of Cargo, such as `>=0.4, <0.6`; a version alone takes those that are compatible with it.
pub(super) fn requirement(text: &str) -> Option<VersionReq> {
    VersionReq::parse(text).ok()
}

/// What comes before a release counts as the release.
fn meets(required: &VersionReq, version: &str) -> bool {
    let version = Version::parse(version).map(|version| Version { pre: Prerelease::EMPTY, ..version });
    version.is_ok_and(|version| required.matches(&version))
}

/// The text of a scalar as it is written: `0.10` is not the number 0.1.
fn written(source: &Source, node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(_) => source.text.get(node.span.start..node.span.end).map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Project, Source, meets, requirement};
    use crate::source::RepoPath;

    #[test]
    fn a_requirement_is_met_by_the_builds_that_it_names() {
        for (required, version, expected) in [
            (">=0.4", "0.4.0", true),
            (">=0.4", "1.2.3", true),
            (">=0.4", "0.3.9", false),
            (">=0.4, <0.6", "0.6.0", false),
            ("0.4", "0.4.7", true),
            ("0.4", "0.5.0", false),
            ("=0.4.1", "0.4.2", false),
            (">=0.4", "0.4.0-rc.1", true),
            (">=0.4", "0.5.0+local", true),
        ] {
            assert_eq!(meets(&requirement(required).unwrap(), version), expected, "{required} by {version}");
        }
    }

    #[test]
    fn only_a_requirement_that_is_not_met_is_told_before_the_rest_of_the_file() {
        for (text, expected) in [
            ("required-version: '>=900.1'\nnewer: [things]", Some(">=900.1")),
            ("dltflow: 7\nrequired-version: 900.10", Some("900.10")),
            ("required-version: '>=0.0.1'", None),
            ("required-version: newest", None),
            ("required-version: [9]", None),
            ("targets: {}", None),
            ("- a", None),
            ("", None),
        ] {
            let source = Source { path: RepoPath::root(), text: text.to_owned() };
            assert_eq!(Project::unmet_version(&source).as_deref(), expected, "{text}");
        }
    }
}
