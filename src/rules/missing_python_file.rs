//! `missing-python-file`: a task names a file that is not there.

use super::Subject;
use crate::diagnostic::{Diagnostics, Rule, nearest};
use crate::source::RepoPath;

pub(super) fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for file in subject.workflow.items.iter().map(|item| &item.python_file) {
        if !subject.files.contains(&file.value) {
            let finding =
                subject.finding(Rule::MissingPythonFile, file.span, format!("`{}` does not exist", file.value));
            found.push(match similar(&file.value, subject) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("it is read relative to the folder of `dltflow.yml`"),
            });
        }
    }
}

/// The file that was probably meant, as the spec would write it: of the same name elsewhere, else nearly the same path.
pub(super) fn similar(path: &RepoPath, subject: &Subject<'_>) -> Option<String> {
    let folder = &subject.project.folder;
    let candidates: Vec<&RepoPath> = subject.files.below(folder).map(|(path, _)| path).collect();
    let candidates = || candidates.iter().filter(|candidate| candidate.extension() == path.extension());
    let near = candidates()
        .find(|candidate| candidate.file_name() == path.file_name())
        .map(|path| path.as_str())
        .or_else(|| nearest(path.as_str(), candidates().map(|path| path.as_str())))?;
    RepoPath::parse(near).ok()?.below(folder).map(str::to_owned)
}
