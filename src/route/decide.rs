//! The decision itself: one function a kind of event.

use super::{
    AsIndividual, Destination, Identity, Mode, OnClose, Options, Preview, Purpose, Route, Scope, reason, rules,
};
use crate::diagnostic::{Error, Result};
use crate::event::{Action, Event, Head, Origin, PullRequest, Push, Reference};
use crate::project::Project;
use rules::Subject;

/// What a decision is made from.
struct Desk<'a> {
    project: &'a Project,
    options: &'a Options,
}

/// See [`super::route`].
pub(super) fn route(event: &Event, project: &Project, options: &Options) -> Result<Route> {
    let desk = Desk { project, options };
    match event {
        Event::Push(push) => desk.push(push),
        Event::PullRequest(pull) => desk.pull_request(pull),
        Event::MergeGroup(group) => desk.reference(&group.base, Purpose::Plan),
        Event::Release(head) | Event::Dispatch(head) => desk.head(head),
        Event::Schedule(head) => desk.reference(&head.reference, Purpose::Plan),
        Event::Other(name) => Ok(skip(reason::EVENT_NOT_HANDLED, format!("nothing is done for the event `{name}`"))),
    }
}

impl Desk<'_> {
    fn push(&self, push: &Push) -> Result<Route> {
        match (&push.after, &push.reference) {
            (Some(_), reference) => self.reference(reference, Purpose::Deploy),
            (None, Reference::Tag(_)) => Ok(skip(reason::TAG_DELETED, format!("the {} was deleted", push.reference))),
            (None, _) => Ok(skip(reason::BRANCH_DELETED, format!("the {} was deleted", push.reference))),
        }
    }

    fn head(&self, head: &Head) -> Result<Route> {
        self.reference(&head.reference, Purpose::Deploy)
    }

    /// A branch or a tag; a tag takes every workflow.
    fn reference(&self, reference: &Reference, purpose: Purpose) -> Result<Route> {
        if matches!(reference, Reference::Other(_)) {
            return Ok(skip(reason::REF_NOT_HANDLED, format!("the {reference} is neither a branch nor a tag")));
        }
        let Some((environment, rule)) = self.environment(Subject::Ref(reference))? else {
            return Ok(skip(reason::NO_RULE, format!("no rule of the mapping matches the {reference}")));
        };
        let scope = match reference {
            Reference::Tag(name) => Scope::All(format!("the tag `{name}` takes every workflow")),
            _ => self.scope(),
        };
        let identity = match self.options.as_individual {
            AsIndividual::Always => Identity::Preview(self.individual()?),
            AsIndividual::Auto | AsIndividual::Never => Identity::Shared,
        };
        let why = format!("{reference} goes to `{environment}` {rule}");
        Ok(Route::Go(Destination { environment, identity, purpose: self.purpose(purpose), scope, why }))
    }

    fn pull_request(&self, pull: &PullRequest) -> Result<Route> {
        let foreign = pull.origin != Origin::Repository;
        match &pull.action {
            Action::Other(action) => {
                let why = format!("nothing is done when a pull request is `{action}`");
                Ok(skip(reason::ACTION_NOT_HANDLED, why))
            }
            Action::Closed { .. } if foreign => {
                Ok(skip(reason::NO_PREVIEW, "a pull request of a fork or of Dependabot has no preview"))
            }
            Action::Closed { .. } => self.closed(pull),
            Action::Updated if pull.privileged && pull.origin == Origin::Fork => Err(Error::input(format!(
                "pull request #{} is a fork's: `pull_request_target` would run its code with this repository's rights",
                pull.number
            ))
            .hint("use `on: pull_request`: a fork's pull request is then checked, without credentials")),
            Action::Updated => {
                let purpose = if foreign { Purpose::Check } else { self.purpose(Purpose::Deploy) };
                self.open(pull, purpose)
            }
        }
    }

    fn closed(&self, pull: &PullRequest) -> Result<Route> {
        match (self.options.mode, self.options.on_close) {
            (Mode::Auto, OnClose::Keep) => {
                Ok(skip(reason::KEPT_ON_CLOSE, "`on-close: keep` leaves the previews of a closed pull request alone"))
            }
            (Mode::Auto | Mode::Destroy, _) => self.open(pull, Purpose::Destroy),
            (Mode::Check | Mode::Plan | Mode::Deploy, _) => {
                Ok(skip(reason::PULL_REQUEST_CLOSED, "the pull request is closed, so there is nothing to deploy"))
            }
        }
    }

    /// A pull request's own pipelines; the shared ones only where `as-individual: never` says so.
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
        let (environment, rule) = match self.environment(Subject::PullRequest)? {
            Some(found) => found,
            None => rules::default_target(self.project)?,
        };
        let scope = match purpose {
            Purpose::Destroy => Scope::All("a closed pull request leaves nothing behind".to_owned()),
            _ => self.scope(),
        };
        let why = match pull.origin {
            Origin::Repository => format!("pull request #{} goes to `{environment}` {rule}", pull.number),
            Origin::Fork => format!("pull request #{} is a fork's: it is checked only", pull.number),
            Origin::Dependabot => format!("pull request #{} is Dependabot's: it is checked only", pull.number),
        };
        Ok(Route::Go(Destination { environment, identity, purpose, scope, why }))
    }

    fn environment(&self, subject: Subject) -> Result<Option<(String, String)>> {
        if let Some(environment) = &self.options.environment {
            rules::known(environment, "the input `environment`", self.project)?;
            return Ok(Some((environment.clone(), "by the input `environment`".to_owned())));
        }
        rules::environment(subject, self.project, self.options.environments.as_deref())
    }

    fn scope(&self) -> Scope {
        if self.options.all { Scope::All("`all: true` takes every workflow".to_owned()) } else { Scope::Changed }
    }

    fn purpose(&self, automatic: Purpose) -> Purpose {
        match self.options.mode {
            Mode::Auto => automatic,
            Mode::Check => Purpose::Check,
            Mode::Plan => Purpose::Plan,
            Mode::Deploy => Purpose::Deploy,
            Mode::Destroy => Purpose::Destroy,
        }
    }

    fn individual(&self) -> Result<Preview> {
        let user = self
            .options
            .user
            .as_deref()
            .ok_or_else(|| Error::input("`as-individual: always` needs the name of a user, and there is none"))?;
        Ok(Preview::individual(user, self.project))
    }
}

fn skip(reason: &'static str, why: impl Into<String>) -> Route {
    Route::Skip { reason, why: why.into() }
}
