//! What is deployed: environments and previews, whose they are, and how old.

use std::fmt::Write as _;

use serde::Serialize;

use super::escape;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The pipelines of an environment, or of a preview in it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DeploymentStatus {
    /// The environment.
    pub environment: String,
    /// Key of the preview; `None` for the environment's own pipelines.
    pub preview: Option<String>,
    /// Number of the pull request, if it is the preview of one.
    pub pull_request: Option<u64>,
    /// What the project is known by.
    pub project: Option<String>,
    /// Numeric id of the repository.
    pub repository: Option<String>,
    /// Who made the pipelines, each once.
    pub creators: Vec<String>,
    /// Time since the last change of a pipeline, in seconds.
    pub age: Option<u64>,
    /// Time since the last change of the pipeline that was changed longest ago, in seconds.
    pub oldest: Option<u64>,
    /// Commit of the last deployment.
    pub commit: Option<String>,
    /// Id of the run that did it.
    pub run: Option<String>,
    /// The pipelines.
    pub pipelines: Vec<PipelineStatus>,
    /// Why the environment was not looked at.
    pub not_looked_at: Option<String>,
}

/// A pipeline that is deployed.
#[derive(Clone, Debug, Serialize)]
pub struct PipelineStatus {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Its page.
    pub url: String,
}

impl DeploymentStatus {
    /// Every untrusted text.
    pub(super) fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let Self {
            environment,
            preview,
            pull_request: _,
            project,
            repository,
            creators,
            age: _,
            oldest: _,
            commit,
            run,
            pipelines,
            not_looked_at,
        } = self;
        let known = [preview, project, repository, commit, run, not_looked_at].into_iter().flatten();
        let pipelines = pipelines.iter_mut().flat_map(|PipelineStatus { name, id, url }| [name, id, url]);
        [environment].into_iter().chain(known).chain(creators).chain(pipelines)
    }
}

/// A paragraph per environment and preview.
pub(super) fn text(deployments: &[DeploymentStatus]) -> String {
    deployments.iter().map(paragraph).collect()
}

fn paragraph(status: &DeploymentStatus) -> String {
    let preview = status.preview.as_deref().map(|key| format!(", preview {}", escape::line(key))).unwrap_or_default();
    let mut out = format!("{}{preview}: ", escape::line(&status.environment));
    if let Some(why) = &status.not_looked_at {
        return out + &format!("not looked at, as {}\n\n", escape::line(why));
    }
    _ = writeln!(out, "{}", super::section::counted_pipelines(status.pipelines.len()));
    let creators = status.creators.join(", ");
    let ages = match (status.age, status.oldest) {
        (Some(age), Some(oldest)) if since(age) == since(oldest) => Some(format!("{} ago", since(age))),
        (Some(age), Some(oldest)) => Some(format!("{} ago, the oldest pipeline {} ago", since(age), since(oldest))),
        _ => None,
    };
    let facts = [
        ("pull request", status.pull_request.map(|number| format!("#{number}"))),
        ("project", status.project.clone()),
        ("repository", status.repository.clone()),
        ("created by", Some(creators).filter(|creators| !creators.is_empty())),
        ("deployed", ages),
        ("commit", status.commit.clone()),
        ("run", status.run.clone()),
    ];
    for (title, fact) in facts {
        let Some(fact) = fact else { continue };
        _ = writeln!(out, "  {title:<12}  {}", escape::line(&fact));
    }
    for PipelineStatus { name, url, .. } in &status.pipelines {
        _ = writeln!(out, "  - {}  {}", escape::line(name), escape::line(url));
    }
    out + "\n"
}

/// A length of time in its largest unit.
fn since(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..MINUTE => (seconds, "second"),
        MINUTE..HOUR => (seconds / MINUTE, "minute"),
        HOUR..DAY => (seconds / HOUR, "hour"),
        _ => (seconds / DAY, "day"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::since;

    #[test]
    fn a_length_of_time_is_given_in_its_largest_unit() {
        for (seconds, expected) in
            [(0, "0 seconds"), (61, "1 minute"), (7_300, "2 hours"), (86_399, "23 hours"), (1_000_000, "11 days")]
        {
            assert_eq!(since(seconds), expected);
        }
    }
}
