//! What stands in a shared environment: its record beside its folder, then its pipelines by one listing.

use std::collections::BTreeSet;

use futures_util::FutureExt as _;

use crate::app::session::Session;
use crate::app::subject::Subject;
use crate::databricks::{ApiError, Listed};
use crate::deploy::DeploymentRecord;
use crate::diagnostic::{Error, Result};
use crate::observe::{self, ExistingPipeline, Objects};

use super::deployment_record::Recorded;

/// What stands in a shared environment.
pub(super) struct Standing {
    pub(super) recorded: Recorded,
    /// The objects in its folder; `None` if it is missing.
    pub(super) objects: Option<Objects>,
    /// Its pipelines, as they are listed.
    rows: Vec<Listed>,
    /// The names that they were listed by.
    listed: BTreeSet<String>,
}

/// What one of the first two look-ups found.
enum FirstLook {
    Record(Option<DeploymentRecord>),
    Folder(Option<Objects>),
}

impl Standing {
    /// Reads the record, and what is in the folder.
    pub(super) async fn of(subject: &Subject, session: &Session) -> Result<Self> {
        let (workspace, folder) = (&session.workspace, subject.folder());
        let record = DeploymentRecord::read(workspace, &folder, &subject.owner);
        let record = async { record.await.map(FirstLook::Record) };
        let objects = async { observe::objects(workspace, &folder).await.map(FirstLook::Folder) };
        let looks = [record.left_future(), objects.right_future()];
        let mut standing =
            Self { recorded: Recorded::default(), objects: None, rows: Vec::new(), listed: BTreeSet::new() };
        for look in observe::together(workspace, looks).await.map_err(ending_run)? {
            match look {
                FirstLook::Record(record) => standing.recorded = Recorded::of(record),
                FirstLook::Folder(objects) => standing.objects = objects,
            }
        }
        Ok(standing)
    }

    /// Lists the pipelines of those names and of the recorded ones, unless they are listed already.
    pub(super) async fn list(&mut self, session: &Session, names: &BTreeSet<String>) -> Result<()> {
        let names = &self.recorded.names() | names;
        let more: BTreeSet<String> = names.difference(&self.listed).cloned().collect();
        if !more.is_empty() {
            self.rows.extend(observe::list(&session.workspace, &more).await.map_err(ending_run)?);
            self.listed.extend(more);
        }
        Ok(())
    }

    /// Lists also the pipelines that run one of those notebooks, and gives their names.
    pub(super) async fn list_users(&mut self, session: &Session, notebooks: &[String]) -> Result<BTreeSet<String>> {
        let rows = observe::list_users(&session.workspace, notebooks).await.map_err(ending_run)?;
        let names = rows.iter().map(|row| row.name.clone()).collect();
        self.rows.extend(rows);
        Ok(names)
    }

    /// Whether a pipeline of that name is listed.
    pub(super) fn has(&self, name: &str) -> bool {
        self.rows.iter().any(|row| row.name == name)
    }

    /// Reads the listed pipelines whose names are `wanted`.
    pub(super) async fn read(
        &self,
        subject: &Subject,
        session: &Session,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<ExistingPipeline>> {
        let rows = self.rows.iter().filter(|row| wanted(&row.name)).cloned().collect();
        observe::read(&session.workspace, &subject.owner, rows).await.map_err(ending_run)
    }
}

fn ending_run(error: ApiError) -> Error {
    error.ending_run("read what is deployed")
}
