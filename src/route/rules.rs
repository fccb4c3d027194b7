//! Rules that map refs to environments: the lines of the input `environments`, or the targets' `deploy`.

use crate::diagnostic::{Error, Result};
use crate::event::Ref;
use crate::project::{Project, Target};
use crate::ref_filter::{RefFilter, RefNames, RefPattern, Verdict};

/// What rules are matched against.
#[derive(Clone, Copy, Debug)]
pub(super) enum EventRef<'a> {
    PullRequest,
    Ref(&'a Ref),
}

/// What the rules say of a ref.
#[derive(Debug)]
pub(super) enum Mapped {
    /// Its environment, and the rule that applied.
    To(String, String),
    /// None; the patterns that took it out of rules, if that is why.
    Nowhere(Vec<String>),
}

/// Refs of an environment, and where that is written.
struct RefRule<'a> {
    refs: RuleRefs<'a>,
    environment: &'a str,
    place: String,
}

/// Refs by their kind, so that a tag never matches as a branch of the same name.
enum RuleRefs<'a> {
    PullRequests,
    Branches(&'a RefFilter),
    Tags(&'a RefFilter),
    Line(LinePattern, &'a str),
}

/// The pattern of a line of the input `environments`.
enum LinePattern {
    Branch(RefPattern),
    Tag(RefPattern),
    Full(RefPattern),
}

/// What a rule says of a ref that it is about.
enum RuleOutcome {
    /// It applies; how that is said.
    Applies(String),
    /// A pattern takes the ref out.
    Excludes(String),
}

impl RefRule<'_> {
    fn outcome(&self, event_ref: EventRef) -> Option<RuleOutcome> {
        let place = &self.place;
        let applies = |text: &str| RuleOutcome::Applies(format!("by `{text}` in {place}"));
        let listed = |verdict| match verdict {
            Verdict::Included(text) => applies(text),
            Verdict::Excluded(text) => RuleOutcome::Excludes(format!("`{text}` in {place}")),
        };
        match (&self.refs, event_ref) {
            (RuleRefs::PullRequests, EventRef::PullRequest) => Some(RuleOutcome::Applies(format!("by {place}"))),
            (RuleRefs::Branches(filter), EventRef::Ref(Ref::Branch(name)))
            | (RuleRefs::Tags(filter), EventRef::Ref(Ref::Tag(name))) => filter.verdict(name).map(listed),
            (RuleRefs::Line(pattern, text), EventRef::Ref(reference)) => {
                pattern.matches(reference).then(|| applies(text))
            }
            _ => None,
        }
    }
}

impl LinePattern {
    fn parse(text: &str, place: &str) -> Result<Self> {
        let (kind, names, pattern): (fn(RefPattern) -> Self, _, _) = match text.strip_prefix("tag:") {
            Some(tag) => (Self::Tag, RefNames::Short, tag),
            None if text.starts_with("refs/") => (Self::Full, RefNames::Full, text),
            None => (Self::Branch, RefNames::Short, text),
        };
        let wrong = |what: &str, hint: &str| Error::input(format!("`{text}` in {place} {what}")).hint(hint.to_owned());
        if pattern.starts_with('!') {
            return Err(wrong("excludes nothing: of these lines, the first that matches applies", EXCLUDE));
        }
        if names == RefNames::Short && pattern.starts_with("refs/") {
            return Err(wrong(
                "is compared with names, which do not begin with `refs/`",
                "leave out `tag:` or `refs/tags/`",
            ));
        }
        RefPattern::parse(pattern, names).map(kind).map_err(|bad| wrong(&bad.to_string(), bad.hint()))
    }

    fn matches(&self, reference: &Ref) -> bool {
        match (self, reference) {
            (Self::Branch(pattern), Ref::Branch(name)) | (Self::Tag(pattern), Ref::Tag(name)) => pattern.matches(name),
            (Self::Full(pattern), reference) => pattern.matches(&reference.full()),
            _ => false,
        }
    }
}

/// What to do where a line cannot exclude.
const EXCLUDE: &str = "use `deploy` in `dltflow.yml`, where `!` excludes; `\\!` at the start is the character itself";

/// What the rules say of `event_ref`; see [`super::route`] for their order.
pub(super) fn environment(event_ref: EventRef, project: &Project, input: Option<&str>) -> Result<Mapped> {
    let rules = match input {
        Some(lines) => of_lines(lines, project)?,
        None => of_targets(project),
    };
    let mut excluded = Vec::new();
    for rule in &rules {
        match rule.outcome(event_ref) {
            Some(RuleOutcome::Applies(origin)) => return Ok(Mapped::To(rule.environment.to_owned(), origin)),
            Some(RuleOutcome::Excludes(pattern)) => excluded.push(pattern),
            None => {}
        }
    }
    Ok(Mapped::Nowhere(excluded))
}

fn of_lines<'a>(lines: &'a str, project: &Project) -> Result<Vec<RefRule<'a>>> {
    let lines = lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| of_line(index + 1, line.trim(), project)).collect()
}

fn of_line<'a>(number: usize, line: &'a str, project: &Project) -> Result<RefRule<'a>> {
    let place = format!("line {number} of the input `environments`");
    let Some((pattern, environment)) = line.rsplit_once(": ") else {
        return Err(Error::input(format!("{place} is `{line}`: expected `pattern: environment`")).hint(
            "write a pattern of branches, `tag:<pattern>`, a full ref or `pull_request`, then `: ` and a target",
        ));
    };
    let (pattern, environment) = (pattern.trim(), environment.trim());
    known(environment, &place, project)?;
    if pattern.is_empty() {
        return Err(Error::input(format!("{place} has an empty pattern")));
    }
    let refs = match pattern {
        "pull_request" => RuleRefs::PullRequests,
        pattern => RuleRefs::Line(LinePattern::parse(pattern, &place)?, pattern),
    };
    Ok(RefRule { refs, environment, place })
}

fn of_targets(project: &Project) -> Vec<RefRule<'_>> {
    project.targets.iter().flat_map(|target| of_target(target, project)).collect()
}

fn of_target<'a>(target: &'a Target, project: &Project) -> Vec<RefRule<'a>> {
    let deploy = &target.deploy;
    let pull_requests = deploy.pull_requests.then_some((RuleRefs::PullRequests, "pull_requests"));
    let lists = [(RuleRefs::Branches(&deploy.branches), "branches"), (RuleRefs::Tags(&deploy.tags), "tags")];
    let rule = |(refs, list)| RefRule {
        refs,
        environment: &target.name,
        place: format!("`targets.{}.deploy.{list}` of `{}`", target.name, project.file),
    };
    pull_requests.into_iter().chain(lists).map(rule).collect()
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
