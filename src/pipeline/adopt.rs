//! `adopt`: what a deployment of shared pipelines takes over, though it carries another ownership or none.

use std::fmt;
use std::str::FromStr;

use super::Settings;
use super::key::OwnershipKey;

/// What comes before a project in a line.
const PROJECT: &str = "project:";

/// A line of `adopt`. It is taken literally: there are no patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adopt {
    /// The pipeline of that name, whosever it is.
    Pipeline(String),
    /// The pipelines of the project that was known by that id or name.
    Project(String),
}

/// A line that names nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("names nothing: write the exact name of a pipeline, or `project: <its id or name before>`")]
pub struct BadAdopt;

impl Adopt {
    /// Whether the line is about the pipeline `name` with those settings.
    pub fn names(&self, name: &str, settings: &Settings) -> bool {
        match self {
            Self::Pipeline(exact) => exact == name,
            Self::Project(project) => settings.owned(OwnershipKey::Project) == Some(project),
        }
    }
}

impl FromStr for Adopt {
    type Err = BadAdopt;

    fn from_str(line: &str) -> Result<Self, BadAdopt> {
        let line = line.trim();
        let (text, of): (_, fn(String) -> Self) = match line.strip_prefix(PROJECT) {
            Some(project) => (project.trim(), Self::Project),
            None => (line, Self::Pipeline),
        };
        if text.is_empty() { Err(BadAdopt) } else { Ok(of(text.to_owned())) }
    }
}

impl fmt::Display for Adopt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pipeline(name) => f.write_str(name),
            Self::Project(project) => write!(f, "{PROJECT} {project}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Adopt;

    #[test]
    fn a_line_is_the_name_of_a_pipeline_or_a_project_and_never_a_pattern() {
        let pipeline = |name: &str| Some(Adopt::Pipeline(name.to_owned()));
        for (line, expected) in [
            ("orders", pipeline("orders")),
            ("  [dev] orders % * ", pipeline("[dev] orders % *")),
            ("project: shop", Some(Adopt::Project("shop".to_owned()))),
            ("project:shop", Some(Adopt::Project("shop".to_owned()))),
            ("projects: shop", pipeline("projects: shop")),
            ("project:", None),
            ("", None),
        ] {
            let read = line.parse::<Adopt>().ok();
            assert_eq!(read, expected, "{line}");
            assert!(read.is_none_or(|read| read.to_string().parse() == Ok(read)), "{line}");
        }
    }
}
