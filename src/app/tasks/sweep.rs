//! `sweep`: lists what is no longer needed in an environment, and deletes it if that was confirmed. Previews go first, each
//! as if its pull request were closed now; then objects of releases that no pipeline uses any more.

use std::sync::Arc;

use crate::app::context::Context;
use crate::app::record::{Conclusion, Record};
use crate::app::session::Session;
use crate::app::steps::sign_in::sign_in;
use crate::app::subject::Subject;
use crate::clock;
use crate::deploy::{self, DeploymentRecord, Outcome};
use crate::diagnostic::Result;
use crate::observe::{self, Survey};
use crate::pipeline::ownership::Owner;
use crate::plan::Plan;
use crate::plan::sweep::{self, Releases, SweptObject, SweptPreview};
use crate::report::{Fate, SweptThing, ThingKind};
use crate::route::Permit;

use super::destroy::note_hive_data;
use super::swept::{Swept, thing};

/// Find what is no longer needed, and delete it with a permit.
pub(in crate::app) struct Sweep {
    pub(in crate::app) subject: Arc<Subject>,
    pub(in crate::app) permit: Option<Permit>,
}

impl Sweep {
    pub(super) async fn run(&self, context: &Context, record: &mut Record) -> Result<()> {
        let session = sign_in(context, &self.subject.target, record).await?;
        let survey = Arc::new(self.survey(&session).await?);
        let mut swept = Swept::default();
        let ended = self.sweep(context, &session, &survey, &mut swept, record).await;
        let ended = ended.and_then(|()| swept.ended());
        record.swept(swept.things);
        record.conclude(Conclusion::Swept { confirmed: self.permit.is_some() });
        ended
    }

    async fn survey(&self, session: &Session) -> Result<Survey> {
        let subject = &self.subject;
        tracing::info!("reading all pipelines and the folders of `{}`", subject.destination.environment);
        let found =
            observe::survey(&session.workspace, &subject.owner, (&subject.folder(), &self.previews_folder())).await;
        found.map_err(|error| error.ending_run("read what is deployed"))
    }

    async fn sweep(
        &self,
        context: &Context,
        session: &Session,
        survey: &Arc<Survey>,
        swept: &mut Swept,
        record: &mut Record,
    ) -> Result<()> {
        self.previews(context, session, survey, swept, record).await?;
        let objects = self.objects(context, session, survey).await?;
        let plan = sweep::destroy_objects(&self.subject.folder(), &objects);
        for object in &objects {
            if let Some(why) = &object.stays {
                swept.add(self.object(object), Fate::Stays, why.clone());
            }
        }
        if let Some(outcome) = self.carry_out(session, &self.subject.owner, &plan).await? {
            swept.outcome(&outcome, session, None);
        } else {
            swept.planned(&plan, session, None);
        }
        Ok(())
    }

    async fn previews(
        &self,
        context: &Context,
        session: &Session,
        survey: &Arc<Survey>,
        swept: &mut Swept,
        record: &mut Record,
    ) -> Result<()> {
        let (subject, survey) = (Arc::clone(&self.subject), Arc::clone(survey));
        let root = subject.target.artifact_root(&subject.project);
        let find = move || sweep::previews(&survey, &subject.project, &subject.deployment(), &root);
        let previews = context.compute("looking for previews", find).await?;
        for preview in &previews.found {
            let key = format!("pr{}", preview.number);
            if let Some(why) = stays(context, preview).await {
                swept.add(thing(ThingKind::Preview, key), Fate::Stays, why);
                continue;
            }
            let plan = preview.plan();
            if let Some(outcome) = self.carry_out(session, &preview.owner, &plan).await? {
                swept.outcome(&outcome, session, Some(&key));
                note_hive_data(&plan, record);
            } else {
                swept.planned(&plan, session, Some(&key));
            }
        }
        for (path, why) in previews.others {
            swept.add(thing(ThingKind::Folder, path), Fate::Stays, why.to_owned());
        }
        Ok(())
    }

    async fn objects(&self, context: &Context, session: &Session, survey: &Arc<Survey>) -> Result<Vec<SweptObject>> {
        let (subject, survey) = (Arc::clone(&self.subject), Arc::clone(survey));
        let folder = subject.folder();
        let recorded = DeploymentRecord::read(&session.workspace, &folder, &subject.owner).await;
        let recorded = recorded.map_err(|error| error.ending_run("read what is recorded of earlier deployments"))?;
        let recorded = recorded.unwrap_or_default();
        let find = move || {
            let releases = Releases {
                project: &subject.project,
                folder: &folder,
                pipelines: &recorded.pipelines,
                seen: &recorded.seen,
                record: &DeploymentRecord::file(&subject.owner),
                now: clock::unix_time(),
            };
            sweep::objects(&survey, &releases)
        };
        context.compute("looking for unused wheels and notebooks", find).await
    }

    /// Carries a plan out if the sweep was confirmed.
    async fn carry_out<'p>(&self, session: &Session, owner: &Owner, plan: &'p Plan) -> Result<Option<Outcome<'p>>> {
        let Some(permit) = self.permit else { return Ok(None) };
        let consent = permit.consent(&plan.fingerprint());
        deploy::deploy(&session.workspace, owner, plan, &[], &consent).await.map(Some)
    }

    fn previews_folder(&self) -> String {
        format!("{}/previews", self.subject.target.artifact_root(&self.subject.project))
    }

    fn object(&self, object: &SweptObject) -> SweptThing {
        let kind = if object.is_notebook { ThingKind::Notebook } else { ThingKind::Wheel };
        thing(kind, format!("{}/{}", self.subject.folder(), object.name))
    }
}

/// Why a preview stays; `None` if its pull request is closed, and all of it can be seen.
async fn stays(context: &Context, preview: &SweptPreview) -> Option<String> {
    let number = preview.number;
    if let Some(name) = preview.hidden.first() {
        return Some(format!(
            "the pipeline `{name}` may be part of it and cannot be read: the token needs `CAN_VIEW` on it"
        ));
    }
    let Some(github) = context.github.as_ref().filter(|_| preview.owner.repository.is_some()) else {
        return Some(format!("whether pull request #{number} is closed is not known without a token for GitHub"));
    };
    match github.pull(number).await {
        Ok(pull) if pull.open => Some(format!("pull request #{number} is open")),
        Ok(_) => None,
        Err(error) => Some(format!("whether pull request #{number} is closed could not be read: {}", error.describe())),
    }
}
