//! Any text is read or has a finding, and every place lies inside it.
#![no_main]

use dltflow::source::{RepoPath, Source};
use dltflow::yaml;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let source = Source { path: RepoPath::root(), text: text.to_owned() };
    let (node, findings) = yaml::parse(&source);
    assert!(node.is_some() || !findings.is_empty());
    let places = node.iter().flat_map(|node| node.places(node.span).into_values());
    for span in places.chain(findings.iter().filter_map(|finding| finding.at.span)) {
        assert!(text.get(span.start..span.end).is_some());
    }
});
