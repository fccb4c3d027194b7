//! `missing-python-file`: a task names a file that is not there.

use super::RuleInput;
use super::absence::Absence;
use crate::diagnostic::{Diagnostics, Rule};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for file in subject.workflow.items.iter().map(|item| &item.python_file) {
        if !subject.codebase.contains(&file.value) {
            let Absence { what, help } =
                Absence::of(subject, &file.value, || "it is read relative to the folder of `dltflow.yml`".to_owned());
            let message = format!("`{}` {what}", file.value);
            found.push(subject.finding(Rule::MissingPythonFile, file.span, message).help(help));
        }
    }
}
