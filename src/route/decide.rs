//! The decision itself: one function per kind of event.

use super::{
    AsIndividual, Destination, Identity, Mode, OnClose, Preview, Purpose, Route, RouteOptions, Scope, reason, rules,
};
use crate::diagnostic::{Error, Result};
use crate::event::{Event, Origin, PullRequest, PullRequestAction, Push, Ref};
use crate::project::Project;
use rules::{EventRef, Mapped};

/// The inputs of a decision.
struct Router<'a> {
    project: &'a Project,
    options: &'a RouteOptions,
}

/// See [`super::route`].
pub(super) fn route(event: &Event, project: &Project, options: &RouteOptions) -> Result<Route> {
    let router = Router { project, options };
    if options.mode == Mode::Sweep && matches!(event, Event::PullRequest(_) | Event::MergeGroup(_)) {
        return Ok(skip(reason::NO_SWEEP, "`mode: sweep` does nothing for pull requests: run it on a schedule"));
    }
    match event {
        Event::Push(push) => router.push(push),
        Event::PullRequest(pull) => router.pull_request(pull),
        Event::MergeGroup(group) => router.reference(&group.base, Purpose::Plan, router.scope()),
        Event::Release(head) => router.reference(&head.reference, Purpose::Deploy, router.scope()),
        Event::Dispatch(head) => {
            router.reference(&head.reference, Purpose::Deploy, all("`workflow_dispatch` includes every workflow"))
        }
        Event::Schedule(head) => {
            router.reference(&head.reference, Purpose::Plan, all("a schedule includes every workflow"))
        }
        Event::Other(name) => Ok(skip(reason::EVENT_NOT_HANDLED, format!("the event `{name}` is not handled"))),
    }
}

impl Router<'_> {
    fn push(&self, push: &Push) -> Result<Route> {
        match (&push.after, &push.reference) {
            (Some(_), reference) => self.reference(reference, Purpose::Deploy, self.scope()),
            (None, Ref::Tag(_)) => Ok(skip(reason::TAG_DELETED, format!("the {} was deleted", push.reference))),
            (None, _) => Ok(skip(reason::BRANCH_DELETED, format!("the {} was deleted", push.reference))),
        }
    }

    /// A branch or a tag; a tag includes every workflow.
    fn reference(&self, reference: &Ref, purpose: Purpose, scope: Scope) -> Result<Route> {
        if matches!(reference, Ref::Other(_)) {
            return Ok(skip(reason::REF_NOT_HANDLED, format!("the {reference} is neither a branch nor a tag")));
        }
        let (environment, rule) = match self.environment(EventRef::Ref(reference))? {
            Mapped::To(environment, rule) => (environment, rule),
            Mapped::Nowhere(excluded) => return Ok(skip(reason::NO_RULE, unmapped(reference, &excluded))),
        };
        let scope = match reference {
            Ref::Tag(name) => Scope::All(format!("the tag `{name}` deploys every workflow")),
            _ => scope,
        };
        let identity = match self.options.as_individual {
            AsIndividual::Always if self.options.mode != Mode::Sweep => Identity::Preview(self.individual()?),
            AsIndividual::Always | AsIndividual::Auto | AsIndividual::Never => Identity::Shared,
        };
        let why = format!("{reference} maps to `{environment}` {rule}");
        Ok(Route::Go(Destination { environment, identity, purpose: self.purpose(purpose), scope, why }))
    }

    fn pull_request(&self, pull: &PullRequest) -> Result<Route> {
        let foreign = pull.origin != Origin::Repository;
        match &pull.action {
            PullRequestAction::Other(action) => {
                let why = format!("the pull request action `{action}` is not handled");
                Ok(skip(reason::ACTION_NOT_HANDLED, why))
            }
            PullRequestAction::Closed { .. } if foreign => {
                Ok(skip(reason::NO_PREVIEW, "a pull request from a fork or by Dependabot has no preview"))
            }
            PullRequestAction::Closed { .. } => self.closed(pull),
            PullRequestAction::Updated if pull.privileged && pull.origin == Origin::Fork => Err(Error::input(format!(
                "pull request #{} is from a fork: `pull_request_target` would run its code with the permissions of this repository",
                pull.number
            ))
            .hint("use `on: pull_request`, which checks pull requests from forks without credentials")),
            PullRequestAction::Updated => {
                let purpose = if foreign { Purpose::Check } else { self.purpose(Purpose::Deploy) };
                self.open(pull, purpose)
            }
        }
    }

    fn closed(&self, pull: &PullRequest) -> Result<Route> {
        match (self.options.mode, self.options.on_close) {
            (Mode::Auto, OnClose::Keep) => {
                Ok(skip(reason::KEPT_ON_CLOSE, "`on-close: keep` keeps the previews of closed pull requests"))
            }
            (Mode::Auto | Mode::Destroy, _) => self.open(pull, Purpose::Destroy),
            (Mode::Check | Mode::Plan | Mode::Deploy | Mode::Sweep, _) => {
                Ok(skip(reason::PULL_REQUEST_CLOSED, "the pull request is closed, so there is nothing to deploy"))
            }
        }
    }

    /// The preview of a pull request; the shared pipelines with `as-individual: never`.
    fn open(&self, pull: &PullRequest, purpose: Purpose) -> Result<Route> {
        let identity = match self.options.as_individual {
            AsIndividual::Auto | AsIndividual::Always => {
                Identity::Preview(Preview::of_pull_request(&pull.author, pull.number, self.project))
            }
            AsIndividual::Never => Identity::Shared,
        };
        if purpose == Purpose::Destroy && identity == Identity::Shared {
            return Ok(skip(reason::SHARED_IDENTITY, "a pull request never destroys shared pipelines"));
        }
        let (environment, rule) = match self.environment(EventRef::PullRequest)? {
            Mapped::To(environment, rule) => (environment, rule),
            Mapped::Nowhere(_) => rules::default_target(self.project)?,
        };
        let scope = match purpose {
            Purpose::Destroy => Scope::All("the preview of a closed pull request is destroyed as a whole".to_owned()),
            _ => self.scope(),
        };
        let why = match pull.origin {
            Origin::Repository => format!("pull request #{} maps to `{environment}` {rule}", pull.number),
            Origin::Fork => format!("pull request #{} is from a fork: it is only checked", pull.number),
            Origin::Dependabot => format!("pull request #{} is by Dependabot: it is only checked", pull.number),
        };
        Ok(Route::Go(Destination { environment, identity, purpose, scope, why }))
    }

    fn environment(&self, event_ref: EventRef) -> Result<Mapped> {
        if let Some(environment) = &self.options.environment {
            rules::known(environment, "the input `environment`", self.project)?;
            return Ok(Mapped::To(environment.clone(), "by the input `environment`".to_owned()));
        }
        rules::environment(event_ref, self.project, self.options.environments.as_deref())
    }

    fn scope(&self) -> Scope {
        if self.options.all { Scope::All("`all: true` includes every workflow".to_owned()) } else { Scope::Changed }
    }

    fn purpose(&self, automatic: Purpose) -> Purpose {
        match self.options.mode {
            Mode::Auto => automatic,
            Mode::Check => Purpose::Check,
            Mode::Plan => Purpose::Plan,
            Mode::Deploy => Purpose::Deploy,
            Mode::Destroy => Purpose::Destroy,
            Mode::Sweep => Purpose::Sweep { confirmed: self.options.confirm },
        }
    }

    fn individual(&self) -> Result<Preview> {
        let user = self
            .options
            .user
            .as_deref()
            .ok_or_else(|| Error::input("`as-individual: always` needs a user name, but there is none"))?;
        Ok(Preview::individual(user, self.project))
    }
}

fn unmapped(reference: &Ref, excluded: &[String]) -> String {
    if excluded.is_empty() {
        return format!("no rule matches the {reference}");
    }
    format!("the {reference} is excluded by {}", excluded.join(" and "))
}

fn all(why: &str) -> Scope {
    Scope::All(why.to_owned())
}

fn skip(reason: &'static str, why: impl Into<String>) -> Route {
    Route::Skip { reason, why: why.into() }
}
