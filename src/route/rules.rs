//! Rules that map refs to environments: the lines of the input `environments`, or the targets' `deploy`.

use glob::{MatchOptions, Pattern};

use crate::diagnostic::{Error, ErrorContext as _, Kind, Result};
use crate::event::Ref;
use crate::project::{Project, Target};

/// `*` does not match `/`, and matching is case-sensitive.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };

/// What rules are matched against.
#[derive(Clone, Copy, Debug)]
pub(super) enum EventRef<'a> {
    PullRequest,
    Ref(&'a Ref),
}

/// `pattern: environment`, and where it is defined.
struct RefRule {
    pattern: RefPattern,
    environment: String,
    origin: String,
}

/// Patterns by what they match, so that a tag never matches as a branch of the same name.
enum RefPattern {
    PullRequest,
    Branch(Pattern),
    Tag(Pattern),
    Full(Pattern),
}

impl RefPattern {
    fn parse(text: &str) -> Result<Self, glob::PatternError> {
        Ok(match (text, text.strip_prefix("tag:")) {
            ("pull_request", _) => Self::PullRequest,
            (_, Some(tag)) => Self::Tag(Pattern::new(tag)?),
            (full, _) if full.starts_with("refs/") => Self::Full(Pattern::new(full)?),
            (branch, _) => Self::Branch(Pattern::new(branch)?),
        })
    }

    fn matches(&self, event_ref: EventRef) -> bool {
        match (self, event_ref) {
            (Self::PullRequest, EventRef::PullRequest) => true,
            (Self::Branch(glob), EventRef::Ref(Ref::Branch(name)))
            | (Self::Tag(glob), EventRef::Ref(Ref::Tag(name))) => glob.matches_with(name, MATCHING),
            (Self::Full(glob), EventRef::Ref(reference)) => glob.matches_with(&reference.full(), MATCHING),
            _ => false,
        }
    }
}

/// The environment of `event_ref` and the rule that applied; see [`super::route`] for the order.
pub(super) fn environment(
    event_ref: EventRef,
    project: &Project,
    input: Option<&str>,
) -> Result<Option<(String, String)>> {
    let rules = input.map_or_else(|| of_targets(project), |lines| of_lines(lines, project))?;
    let rule = rules.into_iter().find(|rule| rule.pattern.matches(event_ref));
    Ok(rule.map(|rule| (rule.environment, rule.origin)))
}

fn of_lines(lines: &str, project: &Project) -> Result<Vec<RefRule>> {
    let lines = lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| of_line(index + 1, line.trim(), project)).collect()
}

fn of_line(number: usize, line: &str, project: &Project) -> Result<RefRule> {
    let place = format!("line {number} of the input `environments`");
    let Some((pattern, environment)) = line.rsplit_once(": ") else {
        return Err(Error::input(format!("{place} is `{line}`: expected `pattern: environment`"))
            .hint("write a branch glob, `tag:<glob>`, a full ref or `pull_request`, then `: ` and a target"));
    };
    let (pattern, environment) = (pattern.trim(), environment.trim());
    known(environment, &place, project)?;
    rule(pattern, pattern, environment, &place)
}

fn of_targets(project: &Project) -> Result<Vec<RefRule>> {
    let mut rules = Vec::new();
    for target in &project.targets {
        let place = |list: &str| format!("`targets.{}.deploy.{list}` of `{}`", target.name, project.file);
        if target.deploy.pull_requests {
            rules.push(rule("pull_request", "pull_request", &target.name, &place("pull_requests"))?);
        }
        for branch in &target.deploy.branches {
            rules.push(rule(&format!("refs/heads/{branch}"), branch, &target.name, &place("branches"))?);
        }
        for tag in &target.deploy.tags {
            rules.push(rule(&format!("refs/tags/{tag}"), tag, &target.name, &place("tags"))?);
        }
    }
    Ok(rules)
}

fn rule(pattern: &str, text: &str, environment: &str, place: &str) -> Result<RefRule> {
    let context = format!("`{text}` in {place} is not a valid pattern");
    if text.is_empty() {
        return Err(Error::input(format!("{place} has an empty pattern")));
    }
    let pattern = RefPattern::parse(pattern).or_kind(Kind::Input, context)?;
    let origin = if text == "pull_request" { format!("by {place}") } else { format!("by `{text}` in {place}") };
    Ok(RefRule { pattern, environment: environment.to_owned(), origin })
}

/// The target `environment`, named in `place`.
pub(super) fn known<'a>(environment: &str, place: &str, project: &'a Project) -> Result<&'a Target> {
    project.target(environment).ok_or_else(|| {
        Error::input(format!(
            "{place} names the environment `{environment}`, which is not a target of `{}`",
            project.file
        ))
        .hint(format!("its targets are {}", names(project)))
    })
}

/// The target of pull requests without a rule.
pub(super) fn default_target(project: &Project) -> Result<(String, String)> {
    let defaults: Vec<&Target> = project.targets.iter().filter(|target| target.default).collect();
    match (defaults.as_slice(), project.targets.as_slice()) {
        ([target], _) => Ok((target.name.clone(), format!("as the default target of `{}`", project.file))),
        ([], [target]) => Ok((target.name.clone(), format!("as the only target of `{}`", project.file))),
        _ => {
            let problem = if defaults.is_empty() { "no target has" } else { "more than one target has" };
            Err(Error::input(format!(
                "{problem} `default: true` in `{}`, so pull requests have no environment",
                project.file
            ))
            .hint(format!("set `default: true` on one of {}, or add a rule for `pull_request`", names(project))))
        }
    }
}

pub(super) fn names(project: &Project) -> String {
    let names: Vec<String> = project.targets.iter().map(|target| format!("`{}`", target.name)).collect();
    if names.is_empty() { "none yet".to_owned() } else { names.join(", ") }
}
