//! The route of a command, which has no event.

use super::{Destination, Identity, Preview, Purpose, Scope, rules};
use crate::diagnostic::{Error, Result};
use crate::project::{Project, Target};

/// What a command requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteRequest {
    /// What is to be done.
    pub purpose: Purpose,
    /// Name of the environment; the default target if it is not given.
    pub environment: Option<String>,
    /// Whose pipelines.
    pub whose: Whose,
    /// Whether only workflows that a change affects are included.
    pub changed: bool,
}

/// Whose pipelines a command is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The environment's own.
    Shared,
    /// Those of a user, by the short name.
    Individual(String),
    /// The preview of a pull request, by its number.
    PullRequest(u64),
}

/// Why it is done, in a sentence.
const WHY: &str = "requested on the command line";

/// Where `request` leads.
///
/// # Errors
/// Kind `Input` for an environment that is not a target, and without one if no target is the default.
pub fn requested(request: &RouteRequest, project: &Project) -> Result<Destination> {
    let target = requested_target(request.environment.as_deref(), project)?;
    let identity = match &request.whose {
        Whose::Shared => Identity::Shared,
        Whose::Individual(user) => Identity::Preview(Preview::individual(user, project)),
        Whose::PullRequest(number) => Identity::Preview(Preview::of_number(*number, project)),
    };
    let scope = if request.changed { Scope::Changed } else { Scope::All(WHY.to_owned()) };
    Ok(Destination { environment: target.name.clone(), identity, purpose: request.purpose, scope, why: WHY.to_owned() })
}

/// The target of that name; without a name the one with `default: true`, or the only one.
///
/// # Errors
/// Kind `Input`, naming the targets that there are.
pub fn requested_target<'p>(name: Option<&str>, project: &'p Project) -> Result<&'p Target> {
    let targets = &project.targets;
    let Some(name) = name else {
        let only = if let [target] = targets.as_slice() { Some(target) } else { None };
        return targets.iter().find(|target| target.default).or(only).ok_or_else(|| {
            Error::input(format!("`{}` has several targets and none is the default", project.file)).hint(format!(
                "name the environment ({}), or set `default: true` on one of them",
                rules::names(project)
            ))
        });
    };
    project.target(name).ok_or_else(|| {
        Error::input(format!("`{name}` is not a target of `{}`", project.file))
            .hint(format!("its targets are {}", rules::names(project)))
    })
}
