//! `invalid-python`, `unreachable-import`, `unfinished-merge`: the code that every workflow of the project is released with.

use super::module_collision::owner_of_module;
use crate::codebase::Codebase;
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::{RepoPath, Span, conflict_marker, is_lfs_pointer};
use crate::yaml;

/// Findings about the code and the files beside it, whichever workflow is released.
pub(super) fn check(codebase: &Codebase, found: &mut Diagnostics) {
    let merging = unfinished(codebase);
    for (path, span) in &merging {
        found.push(yaml::unfinished_merge(path, *span));
    }
    for (path, file) in codebase.python() {
        // What it is instead is told by another rule.
        let is_pointer = codebase.get(path).is_some_and(is_lfs_pointer);
        if is_pointer || merging.iter().any(|(merging, _)| *merging == path) {
            continue;
        }
        if let Some((span, why)) = &file.error {
            let message = format!("Python does not take this file: {why}");
            found.push(Diagnostic::of(Rule::InvalidPython, path, *span, message));
        }
        if let Some((span, why)) = &file.newer {
            let mut finding =
                Diagnostic::of(Rule::InvalidPython, path, *span, format!("no runtime has a Python for this: {why}"));
            finding.severity = Severity::Warning;
            found.push(finding);
        }
        for (module, span) in &file.imports {
            // A folder may be called like a module that Python finds first.
            let is_elsewhere = owner_of_module(module.split('.').next().unwrap_or_default()).is_some();
            if let Some(name) = codebase.released_as(module).filter(|_| !is_elsewhere) {
                let message = format!("`{module}` can be imported in the checkout; the release has it as `{name}`");
                let finding = Diagnostic::of(Rule::UnreachableImport, path, *span, message);
                found.push(
                    finding.help(format!("import `{name}`, or add an `__init__.py` so that the folder is a package")),
                );
            }
        }
    }
}

/// The files that a merge was not finished in. Those that are read as YAML or JSON say so themselves.
fn unfinished(codebase: &Codebase) -> Vec<(&RepoPath, Span)> {
    // Python that parses has its markers in a text.
    let parses = |path: &RepoPath| codebase.python().get(path).is_some_and(|file| file.error.is_none());
    let files = codebase.files().iter().filter(|(path, _)| codebase.configuration(path).is_none() && !parses(path));
    let marked = files.filter_map(|(path, bytes)| Some((path, conflict_marker(std::str::from_utf8(bytes).ok()?)?)));
    marked.collect()
}
