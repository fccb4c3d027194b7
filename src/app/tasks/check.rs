//! `check`: looks at files only; the one request is for the list of changed files. What is wrong in other environments than
//! the subject's comes with the selection, and counts where the check is about all of them.

use std::sync::Arc;

use crate::app::context::Context;
use crate::app::record::{Conclusion, Record};
use crate::app::steps::{select, validate};
use crate::app::subject::Subject;
use crate::diagnostic::Result;

/// Check the workflows that a change touches, or all.
pub(in crate::app) struct Check {
    pub(in crate::app) subject: Arc<Subject>,
}

impl Check {
    pub(super) async fn run(&self, context: &Context, record: &mut Record) -> Result<()> {
        let selection = select::select(context, &self.subject, None, record).await?;
        selection.note_absence(record);
        validate::validate(context, &self.subject, &selection, record).await?;
        if self.subject.is_about_all() {
            let own = &self.subject.destination.environment;
            record.selected_in(own, &selection.workflows, &selection.affected);
            for (environment, workflows, affected) in selection.elsewhere.affected() {
                record.selected_in(environment, workflows, affected);
            }
        } else {
            record.selected(&selection.workflows, &selection.affected);
        }
        record.conclude(Conclusion::Checked { workflows: record.workflows() });
        Ok(())
    }
}
