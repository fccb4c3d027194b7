//! `lfs-pointer`: Git LFS left a pointer in the place of a file that is shipped.

use super::RuleInput;
use crate::diagnostic::{Diagnostic, Diagnostics, Rule};
use crate::source::{RepoPath, Span};
use crate::spec::Dependency;

/// What to do about it.
const FETCH: &str = "fetch the file before: `lfs: true` of `actions/checkout`, or `git lfs pull`";

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    let named = named(subject);
    for (path, span) in named.iter().filter(|(path, _)| subject.codebase.is_pointer(path)) {
        let message = format!("`{path}` is a Git LFS pointer, not the file itself");
        found.push(subject.finding(Rule::LfsPointer, *span, message).help(FETCH));
    }
    let others = subject.codebase.pointers().filter(|path| !named.iter().any(|(named, _)| named == *path));
    for path in others {
        let message = "it is a Git LFS pointer, not the file itself, and shipped";
        found.push(Diagnostic::of(Rule::LfsPointer, path, None, message).help(FETCH));
    }
}

/// The files that the workflow names, each with its place.
fn named(subject: &RuleInput<'_>) -> Vec<(RepoPath, Span)> {
    let mut named: Vec<_> =
        subject.workflow.items.iter().map(|item| (item.python_file.value.clone(), item.python_file.span)).collect();
    for parameter in subject.items.iter().flat_map(|item| &item.parameters) {
        let path = parameter.named().map(|named| &named.path);
        let files = path.into_iter().flat_map(|path| subject.codebase.files().below(path));
        named.extend(files.map(|(file, _)| (file.clone(), parameter.span)));
    }
    named.extend(subject.workflow.dependencies.iter().filter_map(|dependency| match dependency {
        Dependency::LocalWheel(wheel) => Some((wheel.value.clone(), wheel.span)),
        Dependency::Package { .. } | Dependency::RemoteWheel(_) => None,
    }));
    named
}
