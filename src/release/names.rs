//! Names of the objects of releases, read back: what an object of a release's folder is.

use super::wheel::is_of_project;
use super::{notebook, version};
use crate::project::Project;

/// Digits of the hash in each name.
const DIGITS: usize = 12;

/// What the name of an object says about the release that it was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseName<'n> {
    /// A wheel of the project of that distribution, or a wheel of a repository.
    Wheel {
        /// Name of the distribution.
        distribution: &'n str,
        /// Whether it was built of a project's code; else it was in the repository.
        of_project: bool,
    },
    /// The notebook of a workflow, by whose name it begins.
    Notebook {
        /// The name of the workflow, as [`super::notebook_stem`] writes it.
        workflow: &'n str,
    },
}

impl<'n> ReleaseName<'n> {
    /// What the name of a file says; `None` for one that no release has.
    pub fn of_file(name: &'n str) -> Option<Self> {
        let parts: Vec<&str> = name.strip_suffix(".whl")?.split('-').collect();
        match parts[..] {
            [distribution, version, "py3", "none", "any"] => {
                let (_, hash) = version::without_content(version)?;
                is_hash(hash).then_some(Self::Wheel { distribution, of_project: true })
            }
            [distribution, _, build, _, _, _] if build.starts_with(|c: char| c.is_ascii_digit()) => {
                let (_, hash) = build.rsplit_once('g')?;
                is_hash(hash).then_some(Self::Wheel { distribution, of_project: false })
            }
            _ => None,
        }
    }

    /// What the name of a notebook says; `None` for one that no release has.
    pub fn of_notebook(name: &'n str) -> Option<Self> {
        let workflow = notebook::stem_of(name).filter(|workflow| !workflow.is_empty())?;
        Some(Self::Notebook { workflow })
    }

    /// Whether a release of `project` can have made it: its wheels have its name, other names say nothing.
    pub fn may_be_of(self, project: &Project) -> bool {
        !matches!(self, Self::Wheel { distribution, of_project: true } if !is_of_project(distribution, &project.name))
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::ReleaseName;

    #[test]
    fn only_names_that_a_release_can_have_are_read() {
        let wheel = |distribution, of_project| Some(ReleaseName::Wheel { distribution, of_project });
        for (name, expected) in [
            ("shop-0.0.0+g0123456789ab-py3-none-any.whl", wheel("shop", true)),
            ("shop-1.0+local.2.g0123456789ab-py3-none-any.whl", wheel("shop", true)),
            ("pkg-1.0-1g0123456789ab-py3-none-any.whl", wheel("pkg", false)),
            ("pkg-1.0-2abcg0123456789ab-cp311-cp311-linux_x86_64.whl", wheel("pkg", false)),
            ("shop-1.0-py3-none-any.whl", None),
            ("shop-1.0g0123456789ab-py3-none-any.whl", None),
            ("shop-1.0+g0123456789AB-py3-none-any.whl", None),
            ("shop-1.0+g0123456789a-py3-none-any.whl", None),
            ("pkg-1.0-xg0123456789ab-py3-none-any.whl", None),
            ("shop-1.0+g0123456789ab-py3-none-any.whl.bak", None),
            ("deployed-0123abcd.json", None),
            ("orders-0123456789ab", None),
        ] {
            assert_eq!(ReleaseName::of_file(name), expected, "{name}");
        }
        for (name, expected) in [
            ("shop-orders-0123456789ab", Some("shop-orders")),
            ("orders-0123456789ab-2", None),
            ("-0123456789ab", None),
            ("orders", None),
        ] {
            let expected = expected.map(|workflow| ReleaseName::Notebook { workflow });
            assert_eq!(ReleaseName::of_notebook(name), expected, "{name}");
        }
    }
}
