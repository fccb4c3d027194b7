use super::{Install, Project, Rule, Severity, Source};
use crate::source::RepoPath;

fn decode(text: &str) -> (Option<Project>, Vec<String>) {
    let source = Source { path: RepoPath::parse("data/dltflow.yml").unwrap(), text: text.to_owned() };
    let (project, findings) = Project::decode(&source);
    let lines = findings.iter().map(|finding| {
        let place = finding.at.span.map(|span| source.locate(span));
        let place = place.map_or("-".to_owned(), |place| format!("{}:{}", place.line, place.column));
        format!("{place} {} {} {}", finding.severity.word(), finding.rule, finding.message)
    });
    (project, lines.collect())
}

#[test]
fn the_file_of_the_original_is_valid_as_it_is() {
    let (project, lines) = decode(
        "dltflow:\n  name: my_project\ninclude:\n  code:\n    name: my_project\n  conf:\n    name: conf\n  workflows:\n    name: workflows\n\
         targets:\n  dev:\n    mode: development\n    default: 'true'\n    workspace:\n      host: https://DBC-1.cloud.databricks.com/\n      root_path: /Shared/.dltflow/my_project\n      artifact_path: dbfs:/Shared/my_project\n",
    );
    let project = project.unwrap();
    assert_eq!(
        lines,
        [
            "17:22 warning old-spelling `dbfs:/Shared/my_project` is on DBFS, where nothing is uploaded; `root_path` is used instead"
        ]
    );
    assert_eq!((project.code.as_str(), project.conf.as_str()), ("data/my_project", "data/conf"));
    let target = project.target("dev").unwrap();
    assert!(target.default && !target.production && target.preview.isolate);
    let host = target.address.as_ref().map(|address| address.host.to_string());
    assert_eq!(host.as_deref(), Some("https://dbc-1.cloud.databricks.com"));
    assert_eq!(target.artifact_root(&project), "/Shared/.dltflow/my_project");
}

#[test]
fn everything_that_is_said_is_kept() {
    let (project, lines) = decode(
        "{\"dltflow\": {\"name\": \"shop\", \"id\": \"5f0c\"}, \"include\": {\"code\": {\"name\": \"src/shop\", \"launch_method\": \"launch\"}},\n\
         \"install\": \"notebook\", \"check\": {\"dash-in-target\": \"off\", \"unknown-field\": \"note\"},\n\
         \"targets\": {\"prod\": {\"mode\": \"production\", \"deploy\": {\"pull_requests\": true, \"branches\": [\"main\"], \"tags\": [\"v*\"]}},\n\
         \"dev\": {\"preview\": {\"isolate\": false, \"allow\": [\"run-as\"], \"run_as\": {\"user_name\": \"octocat@github.com\"}, \"clusters\": {\"num_workers\": 1}}}}}",
    );
    assert_eq!(lines, Vec::<String>::new());
    let project = project.unwrap();
    assert_eq!((project.identity().project.as_str(), project.install), ("5f0c", Install::Notebook));
    assert_eq!((project.workflows.as_str(), project.launch_method.as_deref()), ("data/workflows", Some("launch")));
    assert_eq!(
        (project.checks[&Rule::DashInTarget], project.checks[&Rule::UnknownField]),
        (None, Some(Severity::Note))
    );
    assert_eq!(project.targets.iter().map(|target| target.name.as_str()).collect::<Vec<_>>(), ["prod", "dev"]);
    assert!(project.targets[0].production && project.targets[0].deploy.tags.texts().eq(["v*"]));
    assert_eq!(project.targets[1].preview.clusters["num_workers"], 1);
    assert_eq!(project.targets[1].artifact_root(&project), "/Shared/.dltflow/shop");
}

#[test]
fn every_mistake_is_reported_at_its_place() {
    let (project, lines) = decode(
        "dltflow: {name: a b, colour: red}\ninclude: {code: {name: ../.., launch_method: 'a()'}, conf: {name: /etc}}\npackaging: files\ninstall: pip\n\
         check: {stray-qoute: off, syntax: off, dash-in-target: loud}\ntargets:\n  dev:\n    default: true\n    workspace: {host: http://h, root_path: x}\n    deploy: {branches: ['a[', main]}\n\
         \x20 previews: {default: yes}\n  prod: {default: TRUE, preview: {run_as: {}, grant: all}, mode: prod}\n",
    );
    assert!(project.is_none());
    let expected = [
        "1:17 bad-value `a b` is not a valid name: use letters, digits, `-`, `_` and `.`, at most 100 of them",
        "1:22 unknown-key `dltflow`: unknown key `colour`",
        "2:24 bad-value `../..` leaves the checkout",
        "2:46 bad-value `a()` is not a valid name for a Python method",
        "2:67 bad-value `/etc` is absolute: write it relative to the checkout",
        "3:1 unknown-key unknown key `packaging`",
        "4:10 bad-value `install`: must be one of `auto`, `environment`, `notebook`, not `\"pip\"`",
        "5:9 bad-value unknown rule `stray-qoute`; did you mean `stray-quote`?",
        "5:27 bad-value `syntax` is always an error",
        "5:56 bad-value `check.dash-in-target`: must be one of `off`, `note`, `warning`, `error`, not `\"loud\"`",
        "9:23 bad-value `http://h` does not start with `https://`; plain `http` is allowed for loopback only",
        "9:44 bad-value `x` is not an absolute workspace path, such as `/Shared/.dltflow/orders`",
        "10:25 bad-value `a[` is not a valid pattern: `[` is not closed",
        "11:3 bad-value `previews` cannot be the name of a target",
        "11:23 wrong-type `targets.previews.default`: must be `true` or `false`, not `\"yes\"`",
        "12:19 bad-value `prod` is a second default target",
        "12:35 bad-value `run_as` must name exactly one identity",
        "12:47 unknown-key `targets.prod.preview`: unknown key `grant`",
        "12:66 bad-value `targets.prod.mode`: must be one of `development`, `production`, not `\"prod\"`",
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for line in expected {
        assert!(lines.contains(&line.replacen(' ', " error ", 1)), "{line}: {lines:#?}");
    }
}

#[test]
fn a_pattern_that_deploys_nothing_is_reported_at_its_place() {
    let file = |deploy: &str| format!("dltflow: {{name: a}}\ntargets: {{dev: {{deploy: {{{deploy}}}}}}}\n");
    for (deploy, expected) in [
        ("branches: ['releases/**-alpha', '!x', 'v[0-9]+?']", None),
        ("branches: []", None),
        (
            "tags: ['v*', 'v++']",
            Some("2:39 error bad-value `v++` is not a valid pattern: there is no character before `+` to repeat"),
        ),
        (
            "tags: ['v 1']",
            Some(
                "2:33 error bad-value `v 1` can never match: no ref has a space, a control character or one of `~^:?*[\\` in its name",
            ),
        ),
        (
            "branches: ['**', '!a..b']",
            Some("2:43 error bad-value `!a..b` can never match: no ref has `..` in its name"),
        ),
        ("branches: ['']", Some("2:37 error bad-value `` can never match: it is empty")),
        (
            "branches: [refs/heads/main]",
            Some(
                "2:37 warning unmatched-pattern `refs/heads/main` is compared with names, which do not begin with `refs/`",
            ),
        ),
        (
            "tags: ['!v0', '!v1']",
            Some("2:26 warning unmatched-pattern every pattern of the list begins with `!`, so nothing is deployed"),
        ),
    ] {
        assert_eq!(decode(&file(deploy)).1, expected.into_iter().collect::<Vec<_>>(), "{deploy}");
    }
}

#[test]
fn without_targets_there_is_nowhere_to_deploy_to() {
    for (text, expected) in [
        ("dltflow: {name: a}\n", "1:1 error missing-field `targets` is missing"),
        ("dltflow: {name: a}\ntargets:\n", "1:1 error missing-field `targets` is missing"),
        (
            "dltflow: {name: a}\ntargets: {}\n",
            "2:1 error bad-value `targets` is empty: name the environments to deploy to",
        ),
        ("targets: {dev: {}}\n", "1:1 error missing-field `dltflow` is missing"),
        ("dltflow: {name: }\ntargets: {dev: }\n", "1:11 error missing-value `dltflow`: `name` has no value"),
        (
            "dltflow: {name: a}\ntargets: {dev: }\nrequired-version: newest\n",
            "3:19 error bad-value `newest` is not a requirement of versions, such as `>=0.4`",
        ),
        ("- a\n", "1:3 error wrong-type must be a mapping, not `[\"a\"]`"),
        ("", "1:1 error syntax the file is empty"),
    ] {
        assert_eq!(decode(text).1, [expected], "{text}");
    }
}

#[test]
fn the_schema_has_no_unknown_keyword_and_no_reference_that_leads_nowhere() {
    assert!(crate::schema::check(super::SCHEMA) > 40);
}
