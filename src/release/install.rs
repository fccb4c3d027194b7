//! How the wheels and packages reach a pipeline: its environment, or a `%pip` cell.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::literal::pip_word;
use crate::diagnostic::{Error, Result};
use crate::pipeline::Settings;
use crate::project::{Install, Project};
use crate::spec::{Dependency, Workflow};

/// Everything but what a path of a `file:` URL holds as it is.
const URL_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'_').remove(b'-').remove(b'~');

/// Whether the packages of `workflow` are installed by its environment; else by a `%pip` cell.
///
/// `install: auto` takes the environment on Unity Catalog and serverless pipelines.
pub(super) fn by_environment(workflow: &Workflow, project: &Project) -> bool {
    match project.install {
        Install::Environment => true,
        Install::Notebook => false,
        Install::Auto => workflow.settings.catalog().is_some() || workflow.settings.is_serverless(),
    }
}

/// What pip installs; each entry is one line that is neither an option nor a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packages {
    /// Indexes to look at beside the usual one.
    pub indexes: Vec<String>,
    /// The wheels of the release, where a program on the cluster finds them.
    pub wheels: Vec<String>,
    /// Packages, and wheels that exist already: a path on the cluster or a URL.
    pub requirements: Vec<String>,
}

impl Packages {
    /// The wheels at `paths` (on the cluster), then what else `workflow` depends on, in its order.
    ///
    /// # Errors
    /// A requirement or index that pip would read as an option or a comment, or that is not one line.
    pub(super) fn of(workflow: &Workflow, paths: &[String]) -> Result<Self> {
        let wheels = paths.iter().map(|path| at_path(path)).collect();
        let mut packages = Self { indexes: Vec::new(), wheels, requirements: Vec::new() };
        for dependency in &workflow.dependencies {
            match dependency {
                Dependency::LocalWheel(_) => {}
                Dependency::RemoteWheel(wheel) => {
                    packages.requirements.push(at_remote(one_line(&wheel.value, workflow)?));
                }
                Dependency::Package { requirement, index } => {
                    packages.requirements.push(one_line(&requirement.value, workflow)?.to_owned());
                    packages.index(index.as_deref(), workflow)?;
                }
            }
        }
        Ok(packages)
    }

    fn index(&mut self, index: Option<&str>, workflow: &Workflow) -> Result<()> {
        let Some(index) = index else { return Ok(()) };
        let index = one_line(index, workflow)?;
        if !self.indexes.iter().any(|known| known == index) {
            self.indexes.push(index.to_owned());
        }
        Ok(())
    }

    fn packages(&self) -> impl Iterator<Item = &String> {
        self.wheels.iter().chain(&self.requirements)
    }

    /// The line that installs them from a notebook cell of its own.
    pub(super) fn pip_line(&self) -> Result<String> {
        let options = self.indexes.iter().flat_map(|index| ["--extra-index-url", index]);
        let words = options.chain(self.packages().map(String::as_str)).map(pip_word);
        Ok(format!("%pip install {}", words.collect::<Result<Vec<_>>>()?.join(" ")))
    }

    /// The pipeline's `environment`: its own, as the spec wrote it, with these among its dependencies.
    pub(super) fn environment(&self, settings: &Settings) -> Value {
        let options = self.indexes.iter().map(|index| json!(format!("--extra-index-url {index}")));
        settings.environment_with(options.chain(self.packages().map(|requirement| json!(requirement))))
    }
}

fn one_line<'a>(text: &'a str, workflow: &Workflow) -> Result<&'a str> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.starts_with(['-', '#']) || trimmed.chars().any(char::is_control) {
        let (spec, name) = (&workflow.spec, &workflow.name.value);
        return Err(Error::input(format!("the dependency {text:?} of `{name}` in `{spec}` is not a requirement"))
            .hint("write one package, wheel or URL in each entry of `tasks.dependencies`"));
    }
    Ok(trimmed)
}

/// A path as pip and uv read it both from a command line and from a line of requirements, where `;`, `#`, ` -` and `$` have
/// a meaning of their own. Of a bare URL, uv takes a `#` for the begin of a fragment even where it is encoded; with the name
/// of the distribution before it (PEP 508), it does not.
pub(super) fn at_path(path: &str) -> String {
    if path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+@=,~!".contains(c)) {
        return path.to_owned();
    }
    let url = format!("file://{}", utf8_percent_encode(path, URL_PATH));
    match distribution(path) {
        Some(name) => format!("{name} @ {url}"),
        None => url,
    }
}

/// The distribution that the file name of a wheel begins with.
fn distribution(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?.strip_suffix(".whl")?.split('-').next()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._".contains(c);
    let is_bounded =
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.ends_with(|c: char| c.is_ascii_alphanumeric());
    (is_bounded && name.chars().all(is_plain)).then_some(name)
}

/// A wheel that exists already; programs find `dbfs:/x` at `/dbfs/x`.
fn at_remote(wheel: &str) -> String {
    match wheel.strip_prefix("dbfs:/") {
        Some(rest) => at_path(&format!("/dbfs/{}", rest.trim_start_matches('/'))),
        None if wheel.starts_with('/') => at_path(wheel),
        None => wheel.to_owned(),
    }
}
