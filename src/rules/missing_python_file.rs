//! `missing-python-file`: a task names a file that is not there.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for file in subject.workflow.items.iter().map(|item| &item.python_file) {
        if !subject.codebase.contains(&file.value) {
            let finding =
                subject.finding(Rule::MissingPythonFile, file.span, format!("`{}` does not exist", file.value));
            found.push(match subject.similar(&file.value) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("it is read relative to the folder of `dltflow.yml`"),
            });
        }
    }
}
