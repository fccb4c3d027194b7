//! Any text as a pipeline configuration, in both notations: read or told, with places inside it.
#![no_main]

use dltflow::config;
use dltflow::source::{RepoPath, Source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for name in ["a.json", "a.yml"] {
        let source = Source { path: RepoPath::parse(name).unwrap(), text: text.to_owned() };
        let config = config::decode(&source);
        assert!(config.graph.is_some() != config.findings.has_errors() || !config.describes_datasets);
        for label in config.findings.iter().flat_map(|finding| finding.related.iter().chain([&finding.at])) {
            assert!(label.span.is_none_or(|span| text.get(span.start..span.end).is_some()));
        }
        _ = config.graph.map(|graph| graph.to_json());
    }
});
