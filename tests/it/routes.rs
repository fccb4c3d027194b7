//! Routes: tables of events, rules and expected destinations.

use dltflow::diagnostic::{Kind, Result};
use dltflow::event::Event;
use dltflow::project::{DeployRules, Install, PreviewRules, Project, Target};
use dltflow::ref_filter::RefFilter;
use dltflow::route::{
    AsIndividual, Destination, Grant, Identity, Mode, OnClose, Preview, Route, RouteOptions, Scope, reason, route,
};
use dltflow::source::RepoPath;
use serde_json::json;

use crate::events::{AFTER, BEFORE, parse, pull_request, push};

const ZEROS: &str = "0000000000000000000000000000000000000000";

pub(crate) fn target(name: &str, default: bool, pull_requests: bool, branches: &[&str], tags: &[&str]) -> Target {
    let filter = |list: &[&str]| RefFilter::parse(list).unwrap();
    Target {
        name: name.to_owned(),
        production: name == "prod",
        default,
        address: None,
        root_path: None,
        artifact_path: None,
        deploy: DeployRules { pull_requests, branches: filter(branches), tags: filter(tags) },
        preview: PreviewRules { isolate: true, allow: Vec::new(), run_as: None, clusters: serde_json::Map::new() },
    }
}

pub(crate) fn project(targets: Vec<Target>) -> Project {
    let path = |text: &str| RepoPath::parse(text).unwrap();
    Project {
        folder: RepoPath::root(),
        file: path("dltflow.yml"),
        repository: None,
        name: "shop".to_owned(),
        id: None,
        code: path("shop"),
        conf: path("conf"),
        workflows: path("workflows"),
        launch_method: None,
        install: Install::default(),
        checks: std::collections::BTreeMap::default(),
        targets,
    }
}

fn shop() -> Project {
    project(vec![
        target("dev", true, false, &["main", "feature/*"], &[]),
        target("prod", false, false, &["release/**"], &["v*"]),
    ])
}

/// `environment/purpose` and whether it is a preview's and takes all, or the code of a skip.
pub(crate) fn describe(route: &Route) -> String {
    let Route::Go(to) = route else {
        let Route::Skip { reason, .. } = route else { unreachable!() };
        return (*reason).to_owned();
    };
    let preview = if matches!(to.identity, Identity::Preview(_)) { " preview" } else { "" };
    let all = if matches!(to.scope, Scope::All(_)) { " all" } else { "" };
    format!("{} {:?}{preview}{all}", to.environment, to.purpose)
}

fn pushed(full: &str) -> Event {
    parse("push", &push(full, BEFORE, AFTER, false), full)
}

fn pulled(action: &str, head: &str) -> Event {
    parse("pull_request", &pull_request(action, Some(head)), "refs/pull/42/merge")
}

fn own(action: &str) -> Event {
    pulled(action, "octocat/shop")
}

fn go(event: &Event, options: &RouteOptions) -> Result<String> {
    route(event, &shop(), options).map(|route| describe(&route))
}

#[test]
fn each_event_is_routed_as_in_dltflow_yml() {
    let dispatch = |full: &str| parse("workflow_dispatch", &json!({}), full);
    let group = json!({"merge_group": {"head_sha": AFTER, "base_sha": BEFORE, "base_ref": "refs/heads/main"}});
    let released = json!({"action": "published", "release": {"tag_name": "v1.0.0"}});
    let gone = |full: &str| parse("push", &push(full, BEFORE, ZEROS, false), "refs/heads/main");
    for (event, expected) in [
        (pushed("refs/heads/main"), "dev Deploy"),
        (pushed("refs/heads/feature/a"), "dev Deploy"),
        (pushed("refs/heads/feature/a/b"), reason::NO_RULE),
        (pushed("refs/heads/release/1/2"), "prod Deploy"),
        (pushed("refs/heads/Main"), reason::NO_RULE),
        (pushed("refs/heads/not-main"), reason::NO_RULE),
        (pushed("refs/tags/v1.0.0"), "prod Deploy all"),
        (pushed("refs/tags/nightly"), reason::NO_RULE),
        // A name alone never decides: these are a branch called as a tag and a tag called as a branch.
        (pushed("refs/heads/v1.2.3"), reason::NO_RULE),
        (pushed("refs/heads/refs/tags/v1"), reason::NO_RULE),
        (pushed("refs/tags/main"), reason::NO_RULE),
        (pushed("refs/heads/pull_request"), reason::NO_RULE),
        (gone("refs/heads/main"), reason::BRANCH_DELETED),
        (gone("refs/tags/v1.0.0"), reason::TAG_DELETED),
        (own("opened"), "dev Deploy preview"),
        (own("synchronize"), "dev Deploy preview"),
        (own("closed"), "dev Destroy preview all"),
        (own("labeled"), reason::ACTION_NOT_HANDLED),
        (pulled("opened", "hubot/shop"), "dev Check preview"),
        (pulled("closed", "hubot/shop"), reason::NO_PREVIEW),
        (dispatch("refs/heads/main"), "dev Deploy all"),
        (dispatch("refs/heads/hotfix"), reason::NO_RULE),
        (dispatch("refs/tags/v2"), "prod Deploy all"),
        (dispatch("refs/notes/a"), reason::REF_NOT_HANDLED),
        (parse("schedule", &json!({}), "refs/heads/main"), "dev Plan all"),
        (parse("merge_group", &group, "refs/heads/gh-readonly-queue/main/pr-42"), "dev Plan"),
        (parse("release", &released, "refs/tags/v1.0.0"), "prod Deploy all"),
        (parse("issue_comment", &json!({}), "refs/heads/main"), reason::EVENT_NOT_HANDLED),
    ] {
        assert_eq!(go(&event, &RouteOptions::default()).unwrap(), expected, "{event:?}");
    }
}

#[test]
fn the_input_replaces_dltflow_yml_and_its_first_match_wins() {
    let lines = "\n  refs/heads/v1: dev\n pull_request: prod \ntag:v1*: dev\ntag:*: prod\n* : dev\n**: prod\n";
    let options = RouteOptions { environments: Some(lines.to_owned()), ..RouteOptions::default() };
    for (event, expected) in [
        (pushed("refs/heads/v1"), "dev Deploy"),
        (pushed("refs/tags/v1"), "dev Deploy all"),
        (pushed("refs/tags/v2"), "prod Deploy all"),
        (pushed("refs/tags/a/b"), reason::NO_RULE),
        (pushed("refs/heads/main"), "dev Deploy"),
        (pushed("refs/heads/pull_request"), "dev Deploy"),
        (pushed("refs/heads/refs/tags/v1"), "prod Deploy"),
        (own("opened"), "prod Deploy preview"),
    ] {
        assert_eq!(go(&event, &options).unwrap(), expected, "{event:?}");
    }
    let only_main = RouteOptions { environments: Some("main: prod".to_owned()), ..RouteOptions::default() };
    assert_eq!(go(&pushed("refs/heads/feature/a"), &only_main).unwrap(), reason::NO_RULE);
    assert_eq!(go(&own("opened"), &only_main).unwrap(), "dev Deploy preview");
}

#[test]
fn inputs_change_the_purpose_but_raise_no_fork_and_destroy_nothing_shared() {
    let dependabot = || {
        let mut payload = pull_request("opened", Some("octocat/shop"));
        payload["pull_request"]["user"]["login"] = json!("dependabot[bot]");
        parse("pull_request", &payload, "refs/pull/42/merge")
    };
    let mode = |mode| RouteOptions { mode, ..RouteOptions::default() };
    let never = |mode| RouteOptions { mode, as_individual: AsIndividual::Never, ..RouteOptions::default() };
    let always = RouteOptions {
        as_individual: AsIndividual::Always,
        user: Some("octocat".to_owned()),
        environment: Some("prod".to_owned()),
        all: true,
        ..RouteOptions::default()
    };
    let keep = |mode| RouteOptions { mode, on_close: OnClose::Keep, ..RouteOptions::default() };
    for (event, options, expected) in [
        (pushed("refs/heads/main"), mode(Mode::Plan), "dev Plan"),
        (pushed("refs/heads/main"), mode(Mode::Destroy), "dev Destroy"),
        (pushed("refs/heads/main"), mode(Mode::Sweep), "dev Sweep { confirmed: false }"),
        (parse("schedule", &json!({}), "refs/heads/main"), mode(Mode::Sweep), "dev Sweep { confirmed: false } all"),
        (pushed("refs/heads/elsewhere/a/b"), mode(Mode::Sweep), reason::NO_RULE),
        (own("opened"), mode(Mode::Sweep), reason::NO_SWEEP),
        (own("closed"), mode(Mode::Sweep), reason::NO_SWEEP),
        (pulled("opened", "hubot/shop"), mode(Mode::Sweep), reason::NO_SWEEP),
        (own("opened"), mode(Mode::Check), "dev Check preview"),
        (pulled("opened", "hubot/shop"), mode(Mode::Deploy), "dev Check preview"),
        (pulled("opened", "hubot/shop"), never(Mode::Deploy), "dev Check"),
        (dependabot(), mode(Mode::Deploy), "dev Check preview"),
        (own("closed"), mode(Mode::Deploy), reason::PULL_REQUEST_CLOSED),
        (own("closed"), keep(Mode::Auto), reason::KEPT_ON_CLOSE),
        (own("closed"), keep(Mode::Destroy), "dev Destroy preview all"),
        (own("opened"), never(Mode::Auto), "dev Deploy"),
        (own("closed"), never(Mode::Auto), reason::SHARED_IDENTITY),
        (own("opened"), never(Mode::Destroy), reason::SHARED_IDENTITY),
        (pushed("refs/heads/anything"), always.clone(), "prod Deploy preview all"),
        (own("opened"), always, "prod Deploy preview all"),
    ] {
        assert_eq!(go(&event, &options).unwrap(), expected, "{event:?} {options:?}");
    }
}

#[test]
fn only_a_route_that_writes_gives_a_permit() {
    for (event, consents) in [(own("opened"), true), (own("closed"), true), (pulled("opened", "hubot/shop"), false)] {
        let Route::Go(to) = route(&event, &shop(), &RouteOptions::default()).unwrap() else { panic!("skipped") };
        assert_eq!(matches!(to.grant(), Grant::Deploy(_) | Grant::Destroy(_)), consents, "{event:?}");
    }
    for confirm in [false, true] {
        let options = RouteOptions { mode: Mode::Sweep, confirm, ..RouteOptions::default() };
        let Route::Go(to) = route(&pushed("refs/heads/main"), &shop(), &options).unwrap() else { panic!("skipped") };
        assert!(matches!(to.grant(), Grant::Sweep(permit) if permit.is_some() == confirm));
    }
}

#[test]
fn invalid_rules_are_refused_with_a_hint() {
    let lines = |text: &str| RouteOptions { environments: Some(text.to_owned()), ..RouteOptions::default() };
    let nowhere = RouteOptions { environment: Some("staging".to_owned()), ..RouteOptions::default() };
    for (options, expected) in [
        (lines("main: dev\nx: staging"), "line 2 of the input `environments` names the environment `staging`"),
        (lines("main:dev"), "line 1 of the input `environments` is `main:dev`: expected `pattern: environment`"),
        (lines("a[]b: dev"), "`a[]b` in line 1 of the input `environments` is not a valid pattern: `[]` is empty"),
        (lines("tag:v++: dev"), "`tag:v++` in line 1 of the input `environments` is not a valid pattern"),
        (lines("a..b: dev"), "`a..b` in line 1 of the input `environments` can never match: no ref has `..`"),
        (lines("tag:: dev"), "`tag:` in line 1 of the input `environments` can never match: it is empty"),
        (lines("refs/pull/*/merge: dev"), "can never match: only refs that begin with `refs/heads/` or `refs/tags/`"),
        (lines("**: dev\n!main: dev"), "`!main` in line 2 of the input `environments` excludes nothing"),
        (lines("tag:!v1: dev"), "`tag:!v1` in line 1 of the input `environments` excludes nothing"),
        (lines("tag:refs/tags/v*: dev"), "is compared with names, which do not begin with `refs/`"),
        (lines(": dev"), "line 1 of the input `environments` has an empty pattern"),
        (nowhere, "the input `environment` names the environment `staging`, which is not a target of `dltflow.yml`"),
    ] {
        let error = route(&pushed("refs/heads/main"), &shop(), &options).unwrap_err();
        assert_eq!(error.kind, Kind::Input);
        assert!(error.message().contains(expected), "{}", error.message());
        assert!(options.environment.is_none() || error.hints == ["its targets are `dev`, `prod`"]);
        assert_eq!(error.hints.is_empty(), expected.ends_with("an empty pattern"), "{expected}");
    }
}

#[test]
fn an_excluded_ref_is_skipped_with_the_pattern_that_excludes_it() {
    let targets = || {
        vec![
            target("dev", true, true, &["**", "!releases/**", "!wip*"], &[]),
            target("prod", false, false, &["releases/**", "!releases/**/old"], &["v[0-9]+.[0-9]+.[0-9]+", "!v0.**"]),
        ]
    };
    let dev = "`targets.dev.deploy.branches` of `dltflow.yml`";
    let prod = "`targets.prod.deploy.branches` of `dltflow.yml`";
    for (full, expected) in [
        ("refs/heads/main", format!("branch `main` maps to `dev` by `**` in {dev}")),
        ("refs/heads/releases/1", format!("branch `releases/1` maps to `prod` by `releases/**` in {prod}")),
        ("refs/heads/wip-1", format!("the branch `wip-1` is excluded by `!wip*` in {dev}")),
        (
            "refs/heads/releases/1/old",
            format!(
                "the branch `releases/1/old` is excluded by `!releases/**` in {dev} and `!releases/**/old` in {prod}"
            ),
        ),
        (
            "refs/tags/v1.2.3",
            "tag `v1.2.3` maps to `prod` by `v[0-9]+.[0-9]+.[0-9]+` in `targets.prod.deploy.tags` of `dltflow.yml`"
                .to_owned(),
        ),
        (
            "refs/tags/v0.1.0",
            "the tag `v0.1.0` is excluded by `!v0.**` in `targets.prod.deploy.tags` of `dltflow.yml`".to_owned(),
        ),
        ("refs/tags/v1.2.3-rc1", "no rule matches the tag `v1.2.3-rc1`".to_owned()),
    ] {
        let why = match route(&pushed(full), &project(targets()), &RouteOptions::default()).unwrap() {
            Route::Go(to) => to.why,
            Route::Skip { reason: code, why } => {
                assert_eq!(code, reason::NO_RULE);
                why
            }
        };
        assert_eq!(why, expected);
    }
}

#[test]
fn a_pull_request_without_a_rule_maps_to_the_default_target() {
    let plain = |name: &str, default| target(name, default, false, &[], &[]);
    for (targets, expected) in [
        (vec![plain("only", false)], Some("only")),
        (vec![plain("a", false), plain("b", true)], Some("b")),
        (vec![plain("a", true), target("b", false, true, &[], &[])], Some("b")),
        (vec![plain("a", false), plain("b", false)], None),
        (vec![plain("a", true), plain("b", true)], None),
        (vec![], None),
    ] {
        let found = route(&own("opened"), &project(targets), &RouteOptions::default());
        match (found, expected) {
            (Ok(Route::Go(to)), Some(expected)) => assert_eq!(to.environment, expected),
            (Err(error), None) => assert!(error.message().contains("`default: true`"), "{}", error.message()),
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }
}

#[test]
fn a_forks_code_is_refused_where_it_would_run_with_rights() {
    for (action, head, refused) in [
        ("opened", "hubot/shop", true),
        ("opened", "octocat/shop", false),
        ("closed", "hubot/shop", false),
        ("labeled", "hubot/shop", false),
    ] {
        let event = parse("pull_request_target", &pull_request(action, Some(head)), "refs/heads/main");
        for mode in [Mode::Auto, Mode::Check, Mode::Deploy] {
            let found = route(&event, &shop(), &RouteOptions { mode, ..RouteOptions::default() });
            assert_eq!(found.is_err_and(|error| error.kind == Kind::Input), refused, "{action} {head} {mode:?}");
        }
    }
}

#[test]
fn previews_are_named_by_author_number_and_project() {
    let named = |login: &str| {
        let mut payload = pull_request("opened", Some("octocat/shop"));
        payload["pull_request"]["user"]["login"] = json!(login);
        let event = parse("pull_request", &payload, "refs/pull/42/merge");
        let author = event.pull_request().unwrap().author.clone();
        Preview::of_pull_request(&author, 42, &shop())
    };
    // The first four digits of SHA-256 of `shop`.
    let octocat = Preview { user: "octocat_pr42".into(), key: "pr42".into(), suffix: "pr42_8d90".into() };
    assert_eq!(named("octocat"), octocat);
    assert_eq!(named("octo-cat_corp").user, "octo-catcorp_pr42");
    assert_eq!(named("renovate[bot]").user, "renovatebot_pr42");
    let individual = Preview::individual("Octo.Cat-x", &shop());
    let expected = Preview { user: "Octo_Cat-x".into(), key: "Octo_Cat-x".into(), suffix: "octo_cat_x_8d90".into() };
    assert_eq!(individual, expected);
    let renamed = Project { id: Some("5f0c".to_owned()), ..shop() };
    assert_ne!(Preview::individual("octocat", &renamed).suffix, Preview::individual("octocat", &shop()).suffix);
}

#[test]
fn a_route_says_which_rule_applied() {
    let why = |event: &Event, options: &RouteOptions| match route(event, &shop(), options).unwrap() {
        Route::Go(Destination { why, .. }) | Route::Skip { why, .. } => why,
    };
    let lines = RouteOptions { environments: Some("main: prod".to_owned()), ..RouteOptions::default() };
    let main = pushed("refs/heads/main");
    let expected = "branch `main` maps to `dev` by `main` in `targets.dev.deploy.branches` of `dltflow.yml`";
    assert_eq!(why(&main, &RouteOptions::default()), expected);
    let expected = "branch `main` maps to `prod` by `main` in line 1 of the input `environments`";
    assert_eq!(why(&main, &lines), expected);
    let expected = "pull request #42 maps to `dev` as the default target of `dltflow.yml`";
    assert_eq!(why(&own("opened"), &RouteOptions::default()), expected);
    let expected = "no rule matches the tag `nightly`";
    assert_eq!(why(&pushed("refs/tags/nightly"), &RouteOptions::default()), expected);
}
