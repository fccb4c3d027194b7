//! Any text as `dltflow.yml`: a project without errors, or errors and none.
#![no_main]

use dltflow::project::Project;
use dltflow::source::{RepoPath, Source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (project, findings) = Project::decode(&Source { path: RepoPath::root(), text: text.to_owned() });
    assert_eq!(project.is_none(), findings.has_errors());
});
