//! What holds for every pull request, whatever stands in its event and in the inputs: a stranger's is looked at only, and
//! none passes for a branch, a tag or the shared pipelines.

use std::sync::OnceLock;

use dltflow::event::{Event, Ref, Runner as Variables};
use dltflow::project::Project;
use dltflow::route::{AsIndividual, Grant, Identity, Mode, OnClose, Purpose, Route, RouteOptions, route};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::events::{AFTER, BEFORE, parse, pull_request, push, runner};
use crate::routes::{project, target};
use crate::samples::samples;

const KINDS: [&str; 2] = ["pull_request", "pull_request_target"];
/// Activity types that matter here, and one that GitHub does not have.
const ACTIONS: [&str; 9] =
    ["opened", "synchronize", "reopened", "ready_for_review", "closed", "labeled", "edited", "enqueued", "deploy"];
const NAMES: [&str; 6] = ["main", "v1.0.0", "refs/tags/v1", "pull_request", "tag", "dependabot/pip/x-2"];
const REFS: [&str; 4] = ["refs/pull/2/merge", "refs/heads/main", "refs/tags/v1.0.0", ""];
/// Fields that nobody may look at in a pull request: of other events, or in the hand of its author.
const FIELDS: [&str; 12] = [
    "/ref",
    "/ref_type",
    "/after",
    "/deleted",
    "/release",
    "/merge_group",
    "/inputs",
    "/client_payload",
    "/environment",
    "/pull_request/author_association",
    "/pull_request/labels",
    "/pull_request/body",
];
/// Mappings that match every branch and tag, with and without a line for pull requests.
const MAPPINGS: [Option<&str>; 3] = [
    None,
    Some("**: branches\ntag:**: tags\nrefs/**: tags"),
    Some("refs/pull/**: tags\n**: branches\npull_request: pulls"),
];

/// Whose code it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Own,
    Fork,
    ForkOfTheSameOwner,
    GoneFork,
    OpenedByDependabot,
    StartedByDependabot,
}

const STRANGERS: [Whose; 5] =
    [Whose::Fork, Whose::ForkOfTheSameOwner, Whose::GoneFork, Whose::OpenedByDependabot, Whose::StartedByDependabot];

/// A project in which pull requests have a target of their own, as have all branches and all tags.
fn four() -> Project {
    project(vec![
        target("branches", false, false, &["**"], &[]),
        target("tags", false, false, &[], &["**"]),
        target("pulls", false, true, &[], &[]),
        target("home", true, false, &[], &[]),
    ])
}

/// Payloads to begin with: GitHub's samples where they are there, and one of ours.
fn originals() -> &'static [Value] {
    static ORIGINALS: OnceLock<Vec<Value>> = OnceLock::new();
    ORIGINALS.get_or_init(|| {
        let samples = samples().unwrap_or_default().into_iter().filter(|sample| sample.kind == "pull_request");
        samples.map(|sample| sample.payload).chain([pull_request("opened", Some("octocat/shop"))]).collect()
    })
}

prop_compose! {
    /// A pull request's event of `whose`.
    fn event(whose: Vec<Whose>)(
        whose in select(whose),
        kind in select(&KINDS[..]),
        mut payload in select(originals()),
        action in select(&ACTIONS[..]),
        [base, head] in [select(&NAMES[..]), select(&NAMES[..])],
        [merged, draft, fork] in any::<[bool; 3]>(),
        more in proptest::collection::vec((select(&FIELDS[..]), select(&NAMES[..])), 0..4),
        reference in select(&REFS[..]),
    ) -> (Whose, Event) {
        for (pointer, name) in more {
            set(&mut payload, pointer, json!(name));
        }
        for (pointer, value) in [
            ("/action", json!(action)),
            ("/pull_request/base/ref", json!(base)),
            ("/pull_request/head/ref", json!(head)),
            ("/pull_request/merged", json!(merged)),
            ("/pull_request/draft", json!(draft)),
            ("/pull_request/head/repo/fork", json!(fork)),
        ] {
            set(&mut payload, pointer, value);
        }
        let mut variables = runner(reference);
        estrange(whose, &mut payload, &mut variables);
        let event = Event::parse(kind, payload.to_string().as_bytes(), &variables).unwrap();
        (whose, event)
    }
}

fn set(payload: &mut Value, pointer: &str, value: Value) {
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    payload.pointer_mut(parent).unwrap()[field] = value;
}

fn estrange(whose: Whose, payload: &mut Value, variables: &mut Variables) {
    let full_name = payload["pull_request"]["base"]["repo"]["full_name"].as_str().unwrap().to_owned();
    match whose {
        Whose::Own => {}
        Whose::Fork => set(payload, "/pull_request/head/repo/full_name", json!("hubot/shop")),
        Whose::ForkOfTheSameOwner => {
            set(payload, "/pull_request/head/repo/full_name", json!(format!("{full_name}-copy")));
        }
        Whose::GoneFork => set(payload, "/pull_request/head/repo", Value::Null),
        Whose::OpenedByDependabot => set(payload, "/pull_request/user/login", json!("dependabot[bot]")),
        Whose::StartedByDependabot => "dependabot[bot]".clone_into(&mut variables.actor),
    }
}

prop_compose! {
    fn options()(
        mode in select(vec![Mode::Auto, Mode::Check, Mode::Plan, Mode::Deploy, Mode::Destroy, Mode::Sweep]),
        environment in select(vec![None, Some("home")]),
        environments in select(&MAPPINGS[..]),
        as_individual in select(vec![AsIndividual::Auto, AsIndividual::Always, AsIndividual::Never]),
        on_close in select(vec![OnClose::Destroy, OnClose::Keep]),
        (all, confirm) in any::<(bool, bool)>(),
    ) -> RouteOptions {
        let (environment, environments) = (environment.map(str::to_owned), environments.map(str::to_owned));
        let user = Some("octocat".to_owned());
        RouteOptions { mode, environment, environments, as_individual, user, on_close, all, confirm }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_pull_request_of_a_stranger_gives_the_right_to_write(
        (whose, event) in event(STRANGERS.to_vec()),
        options in options(),
    ) {
        let Ok(Route::Go(to)) = route(&event, &four(), &options) else { return Ok(()) };
        prop_assert_eq!(to.grant(), Grant::Check, "{:?} {:?}", whose, event);
        prop_assert_eq!(to.purpose, Purpose::Check);
    }

    #[test]
    fn no_pull_request_passes_for_a_branch_or_a_tag_or_destroys_what_is_shared(
        (_, event) in event([&STRANGERS[..], &[Whose::Own; 5]].concat()),
        options in options(),
    ) {
        let Ok(Route::Go(to)) = route(&event, &four(), &options) else { return Ok(()) };
        let is_mapped = options.environments.as_deref().is_none_or(|lines| lines.contains("pull_request"));
        let wanted = if options.environment.is_some() || !is_mapped { "home" } else { "pulls" };
        prop_assert_eq!(&to.environment, wanted);
        // Only `as-individual: never`, which nobody sets by accident, leads a pull request to the shared pipelines.
        let is_shared = options.as_individual == AsIndividual::Never;
        prop_assert_eq!(to.identity == Identity::Shared, is_shared);
        prop_assert!(!is_shared || to.purpose != Purpose::Destroy);
        prop_assert!(!matches!(to.grant(), Grant::Sweep(_)), "a pull request sweeps nothing");
    }

    #[test]
    fn a_branch_and_a_tag_never_pass_for_each_other(name in "(refs/(heads|tags|pull)/)?[a-z0-9é$%.-]{1,6}(/[a-z0-9.]{1,4})?") {
        for (folder, wanted) in [("heads", "branches"), ("tags", "tags")] {
            let full = format!("refs/{folder}/{name}");
            prop_assume!(Ref::parse(&full).is_some());
            for (event, payload) in [("push", push(&full, BEFORE, AFTER, false)), ("workflow_dispatch", json!({}))] {
                for environments in ["**: branches\ntag:**: tags", "refs/heads/**: branches\nrefs/tags/**: tags"] {
                    for environments in [None, Some(environments.to_owned())] {
                        let options = RouteOptions { environments, ..RouteOptions::default() };
                        let Route::Go(to) = route(&parse(event, &payload, &full), &four(), &options).unwrap() else {
                            panic!("{full} was skipped")
                        };
                        prop_assert_eq!(&to.environment, wanted);
                    }
                }
            }
        }
    }
}
