//! `python-file-outside-code`: a release carries the code folder and nothing beside it.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    let code = &subject.project.code;
    for file in subject.workflow.items.iter().map(|item| &item.python_file) {
        if !subject.codebase.contains(&file.value) || subject.codebase.is_code(&file.value) {
            continue;
        }
        let (what, help) = if file.value.is_within(code) {
            ("is hidden, so no release carries it".to_owned(), "move it, or rename it".to_owned())
        } else {
            let help = format!("move it, or set `include.code.name` in `{}`", subject.project.file);
            (format!("is outside the code folder `{code}`"), help)
        };
        let message = format!("`{}` {what}", file.value);
        found.push(subject.finding(Rule::PythonFileOutsideCode, file.span, message).help(help));
    }
}
