//! Payloads as GitHub sends them, and their conversion to an [`Event`].

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Event, Head, Login, MergeGroup, Origin, PullRequest, PullRequestAction, Push, Ref, Runner};
use crate::diagnostic::{Error, Result, truncate};
use crate::source::Sha;

/// GitHub limits the payloads of events to 25 MB (GitHub docs, webhooks).
const MAX_BYTES: usize = 25 << 20;
/// Longest quote of the event or of a parser error, in characters.
const MAX_QUOTE: usize = 200;
const DEPENDABOT: &str = "dependabot[bot]";
/// The account that GitHub shows in place of a deleted one.
const GHOST: &str = "ghost";

const HINT: &str = "`GITHUB_EVENT_PATH` must be the payload of the event in `GITHUB_EVENT_NAME`; \
                    in GitHub Actions the runner sets both";

/// What to do where the runner says neither ref nor commit, and the payload does not, either.
const EMPTY: &str =
    "GitHub sometimes leaves it empty: run the job again, or push the branch or tag to start another run";

#[derive(Deserialize)]
struct PushPayload {
    #[serde(rename = "ref")]
    reference: String,
    before: String,
    after: String,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    forced: bool,
}

#[derive(Deserialize)]
struct PullRequestPayload {
    action: String,
    pull_request: PullPayload,
}

#[derive(Deserialize)]
struct PullPayload {
    number: u64,
    user: Option<Account>,
    base: End,
    head: End,
    merged: Option<bool>,
    draft: Option<bool>,
}

#[derive(Deserialize)]
struct Account {
    login: String,
}

/// Base or head of a pull request; `repo` is null if the head repository was deleted.
#[derive(Deserialize)]
struct End {
    #[serde(rename = "ref")]
    branch: String,
    sha: String,
    repo: Option<Repository>,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
}

#[derive(Deserialize)]
struct MergeGroupPayload {
    merge_group: Group,
}

#[derive(Deserialize)]
struct Group {
    head_sha: String,
    base_sha: String,
    base_ref: String,
}

#[derive(Deserialize)]
struct ReleasePayload {
    action: String,
    release: Tagged,
}

#[derive(Deserialize)]
struct Tagged {
    tag_name: String,
    /// A branch, or the commit of the tag.
    target_commitish: Option<String>,
}

/// `workflow_dispatch`.
#[derive(Default, Deserialize)]
struct Dispatched {
    #[serde(rename = "ref")]
    reference: Option<String>,
}

/// See [`Event::parse`].
pub(super) fn parse(name: &str, payload: &[u8], runner: &Runner) -> Result<Event> {
    match name {
        "push" => push(&decode(name, payload)?, runner),
        "pull_request" | "pull_request_target" => {
            let privileged = name == "pull_request_target";
            pull_request(decode(name, payload)?, privileged, runner).map(Event::PullRequest)
        }
        "merge_group" => merge_group(&decode::<MergeGroupPayload>(name, payload)?.merge_group),
        "release" => release(&decode(name, payload)?, runner),
        // These two need the runner's variables only; their payload may be missing.
        "workflow_dispatch" => Ok(Event::Dispatch(runner.head_or(&dispatched(payload))?)),
        "schedule" => Ok(Event::Schedule(runner.head()?)),
        _ => Ok(Event::Other(name.to_owned())),
    }
}

fn decode<T: DeserializeOwned>(name: &str, payload: &[u8]) -> Result<T> {
    if payload.is_empty() {
        return Err(Error::input(format!("the event file is empty: expected the payload of `{name}`")).hint(HINT));
    }
    if payload.len() > MAX_BYTES {
        return Err(Error::input(format!("the event file has {} bytes; GitHub sends at most 25 MB", payload.len())));
    }
    serde_json::from_slice(payload).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Data => format!("the event file is not a payload of `{name}`"),
            _ => "the event file is not JSON".to_owned(),
        };
        Error::input(format!("{what}: {}", truncate(&error.to_string(), MAX_QUOTE))).hint(HINT)
    })
}

fn push(payload: &PushPayload, runner: &Runner) -> Result<Event> {
    let reference = reference("ref", &payload.reference)?;
    let before = Sha::parse(&payload.before);
    if payload.deleted || payload.after.bytes().all(|digit| digit == b'0') {
        // A deletion runs on the default branch (GitHub docs), so the variables do not describe it.
        return Ok(Event::Push(Push { reference, before, after: None, forced: payload.forced }));
    }
    // For an annotated tag `after` is the tag object; the runner has the commit.
    let after = commit("after", &payload.after)?;
    let commit = matches!(reference, Ref::Branch(_)).then_some(after);
    let head = runner.head_or(&Told { reference: Some(reference.clone()), commit })?;
    check_same_ref(&reference, &head.reference)?;
    Ok(Event::Push(Push { reference, before, after: Some(head.sha), forced: payload.forced }))
}

fn pull_request(payload: PullRequestPayload, privileged: bool, runner: &Runner) -> Result<PullRequest> {
    let pull = payload.pull_request;
    let login = pull.user.map_or_else(|| GHOST.to_owned(), |user| user.login);
    let author = Login::parse(&login).ok_or_else(|| invalid("pull_request.user.login", "a login"))?;
    let action = match payload.action.as_str() {
        "opened" | "synchronize" | "reopened" | "ready_for_review" => PullRequestAction::Updated,
        "closed" => PullRequestAction::Closed { merged: pull.merged.unwrap_or_default() },
        other => PullRequestAction::Other(truncate(other, MAX_QUOTE).into_owned()),
    };
    Ok(PullRequest {
        privileged,
        action,
        number: Some(pull.number)
            .filter(|number| *number > 0)
            .ok_or_else(|| invalid("pull_request.number", "above 0"))?,
        origin: origin([author.as_str(), &runner.actor], pull.head.repo.as_ref(), pull.base.repo.as_ref()),
        author,
        base: branch("pull_request.base.ref", &pull.base.branch)?,
        branch: branch("pull_request.head.ref", &pull.head.branch)?,
        head: commit("pull_request.head.sha", &pull.head.sha)?,
        draft: pull.draft.unwrap_or_default(),
    })
}

/// `head.repo.fork` would be wrong: it is also true for a pull request within a repository that is itself a fork.
/// GitHub restricts runs that Dependabot started as well as those of pull requests that it opened.
fn origin(people: [&str; 2], head: Option<&Repository>, base: Option<&Repository>) -> Origin {
    let same = head.zip(base).is_some_and(|(head, base)| head.full_name == base.full_name);
    match (same, people.contains(&DEPENDABOT)) {
        (false, _) => Origin::Fork,
        (true, true) => Origin::Dependabot,
        (true, false) => Origin::Repository,
    }
}

fn merge_group(group: &Group) -> Result<Event> {
    Ok(Event::MergeGroup(MergeGroup {
        base: reference("merge_group.base_ref", &group.base_ref)?,
        base_sha: commit("merge_group.base_sha", &group.base_sha)?,
        head: commit("merge_group.head_sha", &group.head_sha)?,
    }))
}

fn release(payload: &ReleasePayload, runner: &Runner) -> Result<Event> {
    if payload.action != "published" {
        return Ok(Event::Other(format!("release: {}", truncate(&payload.action, MAX_QUOTE))));
    }
    let tag = reference("release.tag_name", &format!("refs/tags/{}", payload.release.tag_name))?;
    let commit = payload.release.target_commitish.as_deref().and_then(Sha::parse);
    let head = runner.head_or(&Told { reference: Some(tag.clone()), commit })?;
    check_same_ref(&tag, &head.reference)?;
    Ok(Event::Release(head))
}

fn dispatched(payload: &[u8]) -> Told {
    let Dispatched { reference } = serde_json::from_slice(payload).unwrap_or_default();
    Told { reference: reference.and_then(|full| Ref::parse(&full)), commit: None }
}

/// What a payload tells of the ref and commit of the run.
#[derive(Default)]
struct Told {
    reference: Option<Ref>,
    commit: Option<Sha>,
}

impl Runner {
    /// The ref and commit of the run, as the payload has them where the runner leaves its variables empty: GitHub's services
    /// do that now and then, to releases above all (actions/runner issue 2788).
    fn head_or(&self, told: &Told) -> Result<Head> {
        let filled = |variable: &str, told: Option<String>| match told {
            Some(told) if variable.is_empty() => told,
            _ => variable.to_owned(),
        };
        let ref_ = filled(&self.ref_, told.reference.as_ref().map(Ref::full));
        // The type goes with the variable that it is about.
        let ref_type = if self.ref_.is_empty() { String::new() } else { self.ref_type.clone() };
        let sha = filled(&self.sha, told.commit.as_ref().map(ToString::to_string));
        Self { ref_, ref_type, sha, ..self.clone() }.head()
    }

    /// The ref and commit of the run; the type of the ref must match its full name where it is known.
    fn head(&self) -> Result<Head> {
        let reference = Ref::parse(&self.ref_).ok_or_else(|| {
            let error =
                Error::input(format!("`GITHUB_REF` is `{}`: expected a full ref such as `refs/heads/main`", self.ref_));
            if self.ref_.is_empty() { error.hint(EMPTY) } else { error }
        })?;
        let kind = if matches!(reference, Ref::Tag(_)) { "tag" } else { "branch" };
        if !self.ref_type.is_empty() && self.ref_type != kind {
            return Err(Error::input(format!(
                "`GITHUB_REF` is the {reference}, but `GITHUB_REF_TYPE` is `{}` instead of `{kind}`",
                self.ref_type
            )));
        }
        let sha = Sha::parse(&self.sha).ok_or_else(|| {
            let error = Error::input(format!("`GITHUB_SHA` is `{}`: expected a full commit id", self.sha));
            if self.sha.is_empty() { error.hint(EMPTY) } else { error }
        })?;
        Ok(Head { reference, sha })
    }
}

fn check_same_ref(payload: &Ref, runner: &Ref) -> Result<()> {
    if payload == runner {
        return Ok(());
    }
    Err(Error::input(format!("the event file is for the {payload}, but the run is for the {runner}"))
        .hint("`GITHUB_EVENT_PATH` and `GITHUB_REF` must come from the same run"))
}

fn branch(field: &str, name: &str) -> Result<Ref> {
    reference(field, &format!("refs/heads/{name}"))
}

fn reference(field: &str, full: &str) -> Result<Ref> {
    Ref::parse(full).ok_or_else(|| invalid(field, "a ref"))
}

fn commit(field: &str, sha: &str) -> Result<Sha> {
    Sha::parse(sha).ok_or_else(|| invalid(field, "a full commit id"))
}

fn invalid(field: &str, expected: &str) -> Error {
    Error::input(format!("`{field}` of the event file is not {expected}")).hint(HINT)
}
