//! `python-file-outside-code`: a release carries the code folder and nothing beside it.

use super::Subject;
use crate::diagnostic::{Diagnostics, Rule};

pub(super) fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let code = &subject.project.code;
    for file in subject.workflow.items.iter().map(|item| &item.python_file) {
        if subject.files.contains(&file.value) && !file.value.is_within(code) {
            let message = format!("`{}` is outside the code folder `{code}`", file.value);
            let finding = subject.finding(Rule::PythonFileOutsideCode, file.span, message);
            found.push(finding.help(format!("move it, or set `include.code.name` in `{}`", subject.project.file)));
        }
    }
}
