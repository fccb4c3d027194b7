//! Any text as a spec: read or told, with places inside it, and every workflow can be examined.
#![no_main]

use std::sync::LazyLock;

use dltflow::codebase::Codebase;
use dltflow::project::Project;
use dltflow::rules;
use dltflow::source::{Files, RepoPath, Source};
use dltflow::spec;
use libfuzzer_sys::fuzz_target;

static PROJECT: LazyLock<Project> = LazyLock::new(|| {
    let text = "dltflow: {name: shop}\ntargets: {dev: {}}\n".to_owned();
    Project::decode(&Source { path: RepoPath::root(), text }).0.unwrap()
});

fuzz_target!(|text: &str| {
    let source = Source { path: RepoPath::root(), text: text.to_owned() };
    let (file, mut findings) = spec::decode(&source, &PROJECT);
    for environment in file.environments {
        findings.extend(environment.findings);
        let codebase = Codebase::new(&PROJECT, Files::default(), &environment.workflows);
        findings.extend(rules::examine(&PROJECT, &environment.workflows, &codebase));
    }
    for span in findings.iter().filter_map(|finding| finding.at.span) {
        assert!(text.get(span.start..span.end).is_some());
    }
});
