//! Any bytes at all into every reader: none panics, the same gives the same, places lie inside the text.

use dltflow::diagnostic::Diagnostics;
use dltflow::event::{Event, Login, Ref};
use dltflow::host::Host;
use dltflow::project::Project;
use dltflow::python::Module;
use dltflow::source::{RepoPath, Sha, Source};
use dltflow::{spec, yaml};
use proptest::prelude::*;

use crate::events::runner;
use crate::support::tally;

const CASES: u32 = 2_000;

/// Pieces of which specs, projects and events are made, so that more than noise is read.
const PIECES: [&str; 44] = [
    "dltflow",
    "name",
    "targets",
    "dev",
    "workflows",
    "tasks",
    "items",
    "python_file",
    "include",
    "workspace",
    "host",
    "deploy",
    "branches",
    "environments",
    "clusters",
    "pull_request",
    "ref",
    "action",
    ": ",
    ":\n  ",
    "\n",
    "\n    ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "\"",
    "'",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "|\n",
    "? ",
    "~",
    "true",
    "1e9",
    "\u{feff}",
    "é\u{202e}",
    "\0",
    "\t",
    "../",
];

fn text() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40).prop_map(|pieces| pieces.concat());
    prop_oneof![3 => pieces, 1 => any::<String>(), 1 => prop::collection::vec(any::<u8>(), 0..200).prop_map(|bytes| {
        String::from_utf8_lossy(&bytes).into_owned()
    })]
}

fn source(text: &str) -> Source {
    Source { path: RepoPath::parse("workflows/a.yml").unwrap(), text: text.to_owned() }
}

/// What was found, all of it inside `text` and short.
fn describe(text: &str, found: &Diagnostics) -> String {
    for finding in found.iter() {
        let labels = [&finding.at].into_iter().chain(&finding.related);
        for span in labels.filter_map(|label| label.span) {
            assert!(text.get(span.start..span.end).is_some(), "{span:?} is not in {text:?}");
        }
        assert!(finding.message.chars().count() <= 1_004);
    }
    format!("{found:?}")
}

fn project() -> Project {
    Project::decode(&source("dltflow: {name: shop}\ntargets: {dev: {}}\n")).0.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn specs_and_projects(text in text()) {
        let read = || {
            let source = source(&text);
            let (node, found) = yaml::parse(&source);
            prop_assert!(node.is_some() || !found.is_empty());
            let (file, in_spec) = spec::decode(&source, &project());
            let (project, in_project) = Project::decode(&source);
            let inner: Vec<String> = file.environments.iter().map(|environment| describe(&text, &environment.findings)).collect();
            let all = [&found, &in_spec, &in_project].map(|found| describe(&text, found));
            Ok(format!("{node:?} {file:?} {project:?} {inner:?} {all:?}"))
        };
        prop_assert_eq!(read()?, read()?);
    }

    #[test]
    fn events(name in prop::sample::select(&["push", "pull_request", "merge_group", "release", "schedule", "x"][..]), text in text()) {
        let read = || format!("{:?}", Event::parse(name, text.as_bytes(), &runner("refs/heads/main")).map_err(|error| error.message()));
        prop_assert_eq!(read(), read());
    }

    #[test]
    fn names(text in text(), below in text()) {
        if let Ok(path) = RepoPath::parse(&text) {
            prop_assert!(path.parts().all(|part| !part.is_empty() && part != "." && part != ".."));
            prop_assert!(!path.as_str().starts_with('/') && !path.as_str().contains(['\\', '\0', '\n']));
            prop_assert_eq!(RepoPath::parse(path.as_str()), Ok(path.clone()));
            if let Ok(joined) = path.join(&below) {
                prop_assert_eq!(RepoPath::parse(joined.as_str()), Ok(joined.clone()));
                Module::below(path.clone(), &joined);
            }
        }
        if let Ok(host) = Host::parse(&text) {
            prop_assert_eq!(Host::parse(&host.to_string()), Ok(host.clone()));
            let shown = host.to_string();
            prop_assert!(shown.starts_with("https://") || shown.starts_with("http://"));
            prop_assert!(!shown.contains(['@', '?', '#', '\\', ' ']) && shown.matches('/').count() == 2);
        }
        for reference in Ref::parse(&text).into_iter().chain(Ref::parse(&format!("refs/heads/{text}"))) {
            prop_assert_eq!(Ref::parse(&reference.full()), Some(reference.clone()));
            prop_assert!(!reference.name().contains(|c: char| c.is_ascii_control()));
        }
        prop_assert!(Login::parse(&text).is_none_or(|login| login.as_str() == text));
        prop_assert!(Sha::parse(&text).is_none_or(|sha| sha.as_str() == text.to_lowercase()));
    }
}

#[test]
fn what_properties_are_tried_is_counted() {
    tally("incoming-properties", &format!("3 properties of the readers with {CASES} texts each"));
}
