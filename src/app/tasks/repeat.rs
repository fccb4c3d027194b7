//! A task as a command line: how to reproduce it, and how to clean up after it.

use crate::app::steps::confirm::Answer;
use crate::app::subject::Subject;
use crate::desired::Template;
use crate::plan::Allowed;
use crate::route::{Identity, Prune};

use super::Task;

impl Task {
    /// The command that does the same on a laptop; for a deployment by an event, the one that shows what it would do. `base`
    /// is the revision that the run compared with.
    pub(super) fn reproduce(&self, base: Option<&str>) -> Vec<String> {
        let subject = self.subject();
        let words = |command| Words::of(command, subject);
        match self {
            Self::Check(_) if subject.is_about_all() => {
                Words::anywhere("check", subject).since(base).words(&subject.typed.files)
            }
            Self::Check(_) => words("check").since(base).pull_request(subject).words(&subject.typed.files),
            Self::Plan(task) => words("plan").plan(subject, base, task.allowed),
            Self::Deploy(task) if subject.event().is_some() => words("plan").plan(subject, base, task.allowed),
            Self::Deploy(task) => words("deploy").plan(subject, base, task.allowed),
            // The command takes one spec; without one, what can be shown is what stands.
            Self::Destroy(_) if subject.is_shared() && subject.typed.files.len() != 1 => words("status"),
            Self::Destroy(task) => {
                let words = words("destroy").identity(subject).files(subject).confirmed(task.how.answer, subject);
                words.drop_tables(subject, task.how.allowed)
            }
            Self::Sweep(task) if task.permit.is_some() && subject.event().is_none() => words("sweep").words(&["--yes"]),
            Self::Sweep(_) => words("sweep"),
            Self::Status(task) => {
                Words::anywhere("status", subject).option("--environment", task.environment.as_deref())
            }
            Self::RunLocal(task) => words("run-local").words(&task.typed()),
        }
        .0
    }

    /// The command that destroys the preview that is deployed or looked at.
    pub(super) fn removal(&self) -> Option<Vec<String>> {
        let subject = self.subject();
        let is_looked_at = matches!(self, Self::Check(_) | Self::Plan(_) | Self::Deploy(_));
        (is_looked_at && !subject.is_shared()).then(|| Words::of("destroy", subject).identity(subject).0)
    }
}

/// Words of a command line.
struct Words(Vec<String>);

impl Words {
    fn of(command: &str, subject: &Subject) -> Self {
        Self::anywhere(command, subject).option("--environment", Some(&subject.destination.environment))
    }

    /// Of a command that may be about all environments.
    fn anywhere(command: &str, subject: &Subject) -> Self {
        let words = Self(vec!["dltflow".to_owned(), command.to_owned()]);
        let folder = Some(subject.typed.working_directory.as_str()).filter(|folder| !matches!(*folder, "" | "."));
        words.option("--working-directory", folder)
    }

    fn plan(self, subject: &Subject, base: Option<&str>, allowed: Allowed) -> Self {
        let template = subject.template.to_string();
        let named = (!subject.is_shared() && subject.template != Template::default()).then_some(template.as_str());
        let words = self.files(subject).identity(subject).option("--preview-name", named).since(base);
        let words = if allowed.recreate { words.words(&["--allow-recreate"]) } else { words };
        let prunes = subject.is_shared() && allowed.prune == Prune::Destroy;
        let words = words.option("--prune", prunes.then_some("destroy")).drop_tables(subject, allowed);
        let adopts = subject.owner.adopts.iter().map(ToString::to_string);
        adopts.fold(words, |words, line| words.option("--adopt", Some(&line)))
    }

    fn identity(self, subject: &Subject) -> Self {
        let Identity::Preview(preview) = &subject.destination.identity else { return self };
        match preview.pull_request() {
            Some(number) => self.option("--pull-request", Some(&number.to_string())),
            None => self.words(&["--as-individual"]),
        }
    }

    fn pull_request(self, subject: &Subject) -> Self {
        let Identity::Preview(preview) = &subject.destination.identity else { return self };
        self.option("--pull-request", preview.pull_request().map(|number| number.to_string()).as_deref())
    }

    fn files(self, subject: &Subject) -> Self {
        subject.typed.files.iter().fold(self, |words, file| words.option("--deployment-file", Some(file)))
    }

    /// With the flag that was typed; a person who copies the line of a run is asked.
    fn confirmed(self, answer: Answer, subject: &Subject) -> Self {
        let is_typed = answer == Answer::Given && subject.event().is_none();
        if is_typed { self.words(&["--yes"]) } else { self }
    }

    fn drop_tables(self, subject: &Subject, allowed: Allowed) -> Self {
        if allowed.drop_tables && subject.is_shared() { self.words(&["--drop-tables"]) } else { self }
    }

    fn since(self, base: Option<&str>) -> Self {
        self.option("--changed-since", base)
    }

    fn option(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.words(&[name, value]),
            None => self,
        }
    }

    fn words(mut self, more: &[impl AsRef<str>]) -> Self {
        self.0.extend(more.iter().map(|word| word.as_ref().to_owned()));
        self
    }
}
