//! Which environment a ref belongs to: the lines of the input `environments`, or the targets' `deploy`.

use glob::{MatchOptions, Pattern};

use crate::diagnostic::{Context, Error, Kind, Result};
use crate::event::Reference;
use crate::project::{Project, Target};

/// `*` stays within a part of the name, and letters are what they are.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };

/// What an event offers to be matched.
#[derive(Clone, Copy, Debug)]
pub(super) enum Subject<'a> {
    PullRequest,
    Ref(&'a Reference),
}

/// `pattern: environment`, and where it was written.
struct RefRule {
    pattern: RefPattern,
    environment: String,
    origin: String,
}

/// Patterns are kept apart by what they match, so that a tag can never pass for a branch of its name.
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

    fn matches(&self, subject: Subject) -> bool {
        match (self, subject) {
            (Self::PullRequest, Subject::PullRequest) => true,
            (Self::Branch(glob), Subject::Ref(Reference::Branch(name)))
            | (Self::Tag(glob), Subject::Ref(Reference::Tag(name))) => glob.matches_with(name, MATCHING),
            (Self::Full(glob), Subject::Ref(reference)) => glob.matches_with(&reference.full(), MATCHING),
            _ => false,
        }
    }
}

/// The environment of `subject` and the rule that says so; see [`super::route`] for their order.
pub(super) fn environment(
    subject: Subject,
    project: &Project,
    input: Option<&str>,
) -> Result<Option<(String, String)>> {
    let rules = input.map_or_else(|| of_targets(project), |lines| of_lines(lines, project))?;
    let rule = rules.into_iter().find(|rule| rule.pattern.matches(subject));
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

fn rule(pattern: &str, written: &str, environment: &str, place: &str) -> Result<RefRule> {
    let wrong = format!("`{written}` in {place} is no pattern");
    if written.is_empty() {
        return Err(Error::input(format!("{place} has an empty pattern")));
    }
    let pattern = RefPattern::parse(pattern).or_kind(Kind::Input, wrong)?;
    let origin = if written == "pull_request" { format!("by {place}") } else { format!("by `{written}` in {place}") };
    Ok(RefRule { pattern, environment: environment.to_owned(), origin })
}

/// The target called `environment`, which was named in `place`.
pub(super) fn known<'a>(environment: &str, place: &str, project: &'a Project) -> Result<&'a Target> {
    project.target(environment).ok_or_else(|| {
        Error::input(format!("{place} names the environment `{environment}`, which is no target of `{}`", project.file))
            .hint(format!("its targets are {}", names(project)))
    })
}

/// The target of pull requests that no rule speaks of.
pub(super) fn default_target(project: &Project) -> Result<(String, String)> {
    let marked: Vec<&Target> = project.targets.iter().filter(|target| target.default).collect();
    match (marked.as_slice(), project.targets.as_slice()) {
        ([target], _) => Ok((target.name.clone(), format!("as the default target of `{}`", project.file))),
        ([], [target]) => Ok((target.name.clone(), format!("as the only target of `{}`", project.file))),
        _ => {
            let several = if marked.is_empty() { "no target has" } else { "more than one target has" };
            Err(Error::input(format!("{several} `default: true` in `{}`, so pull requests go nowhere", project.file))
                .hint(format!("set `default: true` on one of {}, or map `pull_request`", names(project))))
        }
    }
}

fn names(project: &Project) -> String {
    let names: Vec<String> = project.targets.iter().map(|target| format!("`{}`", target.name)).collect();
    if names.is_empty() { "none so far".to_owned() } else { names.join(", ") }
}
