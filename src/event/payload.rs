//! Payloads as GitHub sends them, and how they become an [`Event`].

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Action, Event, Head, Login, MergeGroup, Origin, PullRequest, Push, Reference, Runner};
use crate::diagnostic::{Error, Result, truncate};
use crate::source::Sha;

/// GitHub caps the payloads of events at 25 MB (GitHub docs, webhooks).
const MOST_BYTES: usize = 25 << 20;
/// Of a text that the event, or the parser that stumbled over it, quotes.
const LONGEST_MESSAGE: usize = 200;
const DEPENDABOT: &str = "dependabot[bot]";
/// The account that GitHub shows for one that was deleted.
const GHOST: &str = "ghost";

const HINT: &str = "`GITHUB_EVENT_PATH` has to name the payload of the event in `GITHUB_EVENT_NAME`; \
                    inside GitHub Actions the runner sets both";

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
    pull_request: Pull,
}

#[derive(Deserialize)]
struct Pull {
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

/// One end of a pull request; `repo` is null once the head repository is gone.
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
}

/// Reads the event `name`; see [`Event::parse`].
pub(super) fn read(name: &str, payload: &[u8], runner: &Runner) -> Result<Event> {
    match name {
        "push" => push(&decode(name, payload)?, runner),
        "pull_request" | "pull_request_target" => {
            let privileged = name == "pull_request_target";
            pull_request(decode(name, payload)?, privileged, runner).map(Event::PullRequest)
        }
        "merge_group" => merge_group(&decode::<MergeGroupPayload>(name, payload)?.merge_group),
        "release" => release(&decode(name, payload)?, runner),
        // These two are told by the runner's variables alone; their payload may be absent.
        "workflow_dispatch" => Ok(Event::Dispatch(runner.head()?)),
        "schedule" => Ok(Event::Schedule(runner.head()?)),
        _ => Ok(Event::Other(name.to_owned())),
    }
}

fn decode<T: DeserializeOwned>(name: &str, payload: &[u8]) -> Result<T> {
    if payload.is_empty() {
        return Err(Error::input(format!("the event file is empty: expected the payload of `{name}`")).hint(HINT));
    }
    if payload.len() > MOST_BYTES {
        return Err(Error::input(format!(
            "the event file is {} bytes long; GitHub sends 25 MB at most",
            payload.len()
        )));
    }
    serde_json::from_slice(payload).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Data => format!("the event file does not hold the payload of `{name}`"),
            _ => "the event file is no JSON".to_owned(),
        };
        Error::input(format!("{what}: {}", truncate(&error.to_string(), LONGEST_MESSAGE))).hint(HINT)
    })
}

fn push(payload: &PushPayload, runner: &Runner) -> Result<Event> {
    let reference = reference("ref", &payload.reference)?;
    let before = Sha::parse(&payload.before);
    if payload.deleted || payload.after.bytes().all(|digit| digit == b'0') {
        // The run of a deletion stands on the default branch (GitHub docs), so its variables say nothing about it.
        return Ok(Event::Push(Push { reference, before, after: None, forced: payload.forced }));
    }
    // `after` is the tag object where an annotated tag was pushed; the runner names the commit.
    commit("after", &payload.after)?;
    let head = runner.head()?;
    agree(&reference, &head.reference)?;
    Ok(Event::Push(Push { reference, before, after: Some(head.sha), forced: payload.forced }))
}

fn pull_request(payload: PullRequestPayload, privileged: bool, runner: &Runner) -> Result<PullRequest> {
    let pull = payload.pull_request;
    let login = pull.user.map_or_else(|| GHOST.to_owned(), |user| user.login);
    let author = Login::parse(&login).ok_or_else(|| unfit("pull_request.user.login", "a login"))?;
    let action = match payload.action.as_str() {
        "opened" | "synchronize" | "reopened" | "ready_for_review" => Action::Updated,
        "closed" => Action::Closed { merged: pull.merged.unwrap_or_default() },
        other => Action::Other(truncate(other, LONGEST_MESSAGE).into_owned()),
    };
    Ok(PullRequest {
        privileged,
        action,
        number: Some(pull.number)
            .filter(|number| *number > 0)
            .ok_or_else(|| unfit("pull_request.number", "above 0"))?,
        origin: origin([author.as_str(), &runner.actor], pull.head.repo.as_ref(), pull.base.repo.as_ref()),
        author,
        base: branch("pull_request.base.ref", &pull.base.branch)?,
        branch: branch("pull_request.head.ref", &pull.head.branch)?,
        head: commit("pull_request.head.sha", &pull.head.sha)?,
        draft: pull.draft.unwrap_or_default(),
    })
}

/// `head.repo.fork` would be wrong: it is also true for a pull request inside a repository that is itself a fork.
/// GitHub takes rights from a run that Dependabot started as from one whose pull request it opened.
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
        return Ok(Event::Other(format!("release: {}", truncate(&payload.action, LONGEST_MESSAGE))));
    }
    let tag = reference("release.tag_name", &format!("refs/tags/{}", payload.release.tag_name))?;
    let head = runner.head()?;
    agree(&tag, &head.reference)?;
    Ok(Event::Release(head))
}

impl Runner {
    /// The ref and commit of the run; the ref's type has to be what its full name says.
    fn head(&self) -> Result<Head> {
        let reference = Reference::parse(&self.ref_).ok_or_else(|| {
            Error::input(format!("`GITHUB_REF` is `{}`: expected a full ref such as `refs/heads/main`", self.ref_))
        })?;
        let kind = if matches!(reference, Reference::Tag(_)) { "tag" } else { "branch" };
        if self.ref_type != kind {
            return Err(Error::input(format!(
                "`GITHUB_REF` is the {reference}, but `GITHUB_REF_TYPE` is `{}` instead of `{kind}`",
                self.ref_type
            )));
        }
        let sha = Sha::parse(&self.sha)
            .ok_or_else(|| Error::input(format!("`GITHUB_SHA` is `{}`: expected a full commit id", self.sha)))?;
        Ok(Head { reference, sha })
    }
}

fn agree(payload: &Reference, runner: &Reference) -> Result<()> {
    if payload == runner {
        return Ok(());
    }
    Err(Error::input(format!("the event file is about the {payload}, but the run is about the {runner}"))
        .hint("`GITHUB_EVENT_PATH` and `GITHUB_REF` have to come from the same run"))
}

fn branch(field: &str, name: &str) -> Result<Reference> {
    reference(field, &format!("refs/heads/{name}"))
}

fn reference(field: &str, full: &str) -> Result<Reference> {
    Reference::parse(full).ok_or_else(|| unfit(field, "a ref"))
}

fn commit(field: &str, sha: &str) -> Result<Sha> {
    Sha::parse(sha).ok_or_else(|| unfit(field, "a full commit id"))
}

fn unfit(field: &str, expected: &str) -> Error {
    Error::input(format!("`{field}` of the event file is not {expected}")).hint(HINT)
}
