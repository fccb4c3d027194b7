use serde_json::json;

use super::super::{Dependency, SpecFile, Workflow};
use super::{Project, Source, decode};
use crate::source::RepoPath;

fn project(more: &str) -> Project {
    let text = format!("dltflow: {{name: samples}}\ntargets: {{dev: {{}}, prod: {{}}}}\n{more}");
    let source = Source { path: RepoPath::parse("data/dltflow.yml").unwrap(), text };
    Project::decode(&source).0.unwrap()
}

/// The file, and every finding as `line:column severity rule message`.
fn read_in(project: &Project, text: &str) -> (SpecFile, Vec<String>) {
    let source = Source { path: RepoPath::parse("data/workflows/a.yml").unwrap(), text: text.to_owned() };
    let (file, findings) = decode(&source, project);
    let inner = file.environments.iter().flat_map(super::Environment::all_findings);
    let lines = findings.iter().chain(inner).map(|finding| {
        let place = finding.at.span.map(|span| source.locate(span));
        let place = place.map_or("-".to_owned(), |place| format!("{}:{}", place.line, place.column));
        format!("{place} {} {} {}", finding.severity.word(), finding.rule, finding.message)
    });
    let lines = lines.collect();
    (file, lines)
}

fn read(text: &str) -> (SpecFile, Vec<String>) {
    read_in(&project(""), text)
}

/// A workflow of `dev` with these further lines, and what was found in it.
fn workflow(lines: &str) -> (Workflow, Vec<String>) {
    let text =
        format!("dev:\n  workflows:\n  - name: orders\n    tasks: {{items: [{{python_file: samples/a.py}}]}}\n{lines}");
    let (file, lines) = read(&text);
    (file.environment("dev").unwrap().workflows[0].clone(), lines)
}

#[test]
fn both_shapes_are_read_and_holders_of_anchors_are_ignored() {
    let work = "{name: orders, tasks: {items: [{python_file: samples/a.py}]}}";
    for text in [
        format!("custom: {{x: 1}}\ndev: {{workflows: [{work}]}}\nprod: {{workflows: [{work}]}}\n"),
        format!("custom: {{x: 1}}\nenvironments:\n  dev: {{workflows: [{work}]}}\n  prod: {{workflows: [{work}]}}\n"),
        format!(
            "{{\"environments\": {{\"dev\": {{\"workflows\": [{work}]}}, \"prod\": {{\"workflows\": [{work}]}}}}}}"
        ),
    ] {
        let (file, lines) = read(&text);
        assert_eq!(lines, Vec::<String>::new(), "{text}");
        let names: Vec<_> = file.environments.iter().map(|environment| environment.name.value.as_str()).collect();
        assert_eq!(names, ["dev", "prod"]);
        let workflow = &file.environments[1].workflows[0];
        assert_eq!((workflow.name.value.as_str(), workflow.environment.as_str()), ("orders", "prod"));
        assert_eq!(workflow.items[0].python_file.value.as_str(), "data/samples/a.py");
    }
}

#[test]
fn choices_that_the_service_takes_in_any_case_are_sent_as_it_keeps_them() {
    let autoscale = "autoscale: {min_workers: 1, max_workers: 2, mode: enhanced}";
    let (workflow, lines) =
        workflow(&format!("    edition: Pro\n    channel: preview\n    clusters: [{{label: default, {autoscale}}}]\n"));
    assert_eq!(lines, Vec::<String>::new());
    let mode = json!({"min_workers": 1, "max_workers": 2, "mode": "ENHANCED"});
    let clusters = json!([{"label": "default", "autoscale": mode}]);
    assert_eq!(workflow.settings.to_value(), json!({"edition": "PRO", "channel": "PREVIEW", "clusters": clusters}));
}

#[test]
fn settings_have_the_types_of_the_api_whatever_the_spelling() {
    let (workflow, lines) = workflow(
        "    development: 'True'\n    continuous: false\n    pipeline_type: WORKSPACE\n    data_sampling: false\n    workflow_type: pipeline\n    allow_duplicate_names: false\n\
         \x20   configuration: {port: 010, ratio: 1.0, on: true, text: x}\n    clusters:\n    - {label: default, num_workers: 0, spark_version: 14.3.x, azure_attributes: {spot_bid_max_price: -1.0}}\n",
    );
    assert_eq!(
        lines,
        [
            "5:18 warning old-spelling `development`: `\"True\"` is read as `true`",
            "7:5 warning old-spelling `pipeline_type` is ignored",
            "8:5 warning old-spelling `data_sampling` is ignored",
            "9:5 warning old-spelling `workflow_type` is ignored",
            "13:40 warning old-spelling `clusters[0]`: `spark_version` is ignored",
        ]
    );
    let expected = json!({
        "development": true,
        "continuous": false,
        "configuration": {"port": "010", "ratio": "1.0", "on": "true", "text": "x"},
        "clusters": [{"label": "default", "num_workers": 0, "azure_attributes": {"spot_bid_max_price": -1.0}}],
    });
    assert_eq!(workflow.settings.to_value(), expected);
    assert!(workflow.places.contains_key("/clusters/0/num_workers") && !workflow.places.contains_key("/name"));
}

#[test]
fn every_mistake_of_a_file_is_reported_at_once() {
    let (file, lines) = read(
        "dev:\n  workflows:\n  - name: orders\n    contnuous: true\n    edition: PRO+\n    serverless: maybe\n    libraries: []\n    allow_duplicate_names: true\n    configuration: {dltflow.project: x, n: [1]}\n    clusters: {label: default}\n    tasks:\n      items:\n      - {python_file: /etc/passwd}\n      - {parameters: [1, true]}\n      - python_file: a.sql\n      dependencies: [{whl: a.whl, pypi: {package: a}}, {pypi: {package: '--index-url x'}}, {whl: '../../b.whl'}]\n\
         \x20 - {tasks: {items: []}}\n  - 3\n  jobs: []\nprod:\n  workflows: {}\nstaging: {workflows: [{name: ' x', tasks: 3}]}\n",
    );
    let expected = [
        "4:5 error unknown-field unknown key `contnuous`",
        "5:14 error unknown-value `edition`: must be one of `CORE`, `PRO`, `ADVANCED`, not `\"PRO+\"`",
        "6:17 error wrong-type `serverless`: must be `true` or `false`, not `\"maybe\"`",
        "7:5 error reserved-field `libraries` cannot be set",
        "8:28 error reserved-field `allow_duplicate_names` cannot be set",
        "9:38 error reserved-field `dltflow.project` cannot be set",
        "9:45 error wrong-type `configuration.n`: must be a string or `true` or `false` or a number, not `[1]`",
        "10:16 error wrong-type `clusters`: must be a list, not `{\"label\": \"default\"}`",
        "13:23 error bad-value `/etc/passwd` is absolute: write it relative to the checkout",
        "14:10 error missing-field `tasks.items[1]`: `python_file` is missing",
        "15:22 error bad-value `a.sql` is not a Python file",
        "16:23 error bad-value a dependency has exactly one of `whl` and `pypi`",
        "16:73 error bad-value `--index-url x` is not a valid requirement",
        "16:98 error bad-value `../../b.whl` leaves the checkout",
        "17:6 error missing-field `name` is missing",
        "17:14 error missing-field `items` is empty",
        "18:5 error wrong-type `workflows[2]`: must be a mapping, not `3`",
        "19:3 error unknown-field unknown key `jobs`",
        "21:14 error wrong-type `workflows`: must be a list, not `{}`",
        "22:1 warning unknown-environment `staging` has no target in `data/dltflow.yml`",
        "22:30 error bad-value the name of the workflow has spaces around it or control characters in it",
        "22:43 error wrong-type `tasks`: must be a mapping, not `3`",
    ];
    for line in expected {
        assert!(lines.iter().any(|found| found == line), "{line}: {lines:#?}");
    }
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    assert_eq!(file.environments.iter().map(|environment| environment.workflows.len()).sum::<usize>(), 1);
}

#[test]
fn a_field_that_a_workflow_cannot_have_says_what_to_do_instead() {
    let permissions = "permissions are not set; set them on the pipeline once, an update keeps them";
    for (field, help) in [
        ("access_control_list: []", permissions),
        ("permissions: [{level: CAN_VIEW, group_name: users}]", permissions),
        ("lifecycle: {prevent_destroy: true}", "it is a field of bundles; a shared pipeline is only destroyed by"),
        ("cascade_on_destroy: false", "`drop-tables`"),
        ("deployment: {kind: BUNDLE}", "it marks a pipeline as that of a bundle, which this one is not; remove it"),
        ("id: abc", "take over one that exists with `adopt`"),
        ("pipeline_id: abc", "take over one that exists with `adopt`"),
        ("expected_last_modified: 1", "dltflow sets it"),
        ("dry_run: true", "`dltflow plan`"),
    ] {
        let text = format!("dev: {{workflows: [{{name: x, {field}, tasks: {{items: [{{python_file: a.py}}]}}}}]}}\n");
        let source = Source { path: RepoPath::parse("w.yml").unwrap(), text };
        let (file, findings) = decode(&source, &project(""));
        let findings = findings.iter().chain(file.environments.iter().flat_map(super::Environment::all_findings));
        let name = field.split(':').next().unwrap();
        let found = findings.into_iter().find(|found| found.message == format!("`{name}` cannot be set")).unwrap();
        assert!(found.help.iter().any(|told| told.contains(help)), "{field}: {found:?}");
    }
}

#[test]
fn a_file_without_environments_is_reported() {
    for (text, expected) in [
        ("", "1:1 error syntax the file is empty"),
        (
            "a: 1\n",
            "1:1 warning no-workflows the file has no environment with `workflows`, so nothing can be deployed from it",
        ),
        (
            "[]",
            "1:1 error no-workflows the file has no environment with `workflows`, so nothing can be deployed from it",
        ),
        (
            "environments: {}\n",
            "1:1 warning no-workflows the file has no environment with `workflows`, so nothing can be deployed from it",
        ),
        ("dev: 3\n", "1:6 error wrong-type `dev` must be a mapping, not `3`"),
        ("dev: {workflows: }\n", "1:7 error missing-value `workflows` has no value"),
        ("dev: {workflow: []}\n", "1:7 error unknown-field unknown key `workflow`"),
    ] {
        assert_eq!(read(text).1[0], expected, "{text:?}");
    }
}

#[test]
fn a_key_that_is_given_twice_is_a_mistake_of_the_environments_that_have_it() {
    for (text, of_file, of_environments) in [
        ("dev: {workflows: []}\nprod: {workflows: [], workflows: []}\n", 0, [0, 1]),
        ("dev: {workflows: []}\nprod: {workflows: []}\nprod: {workflows: []}\n", 0, [0, 0]),
        (
            "c: &c {a: 1, a: 2}\ndev: {workflows: [{name: x, configuration: *c, tasks: {items: [{python_file: a.py}]}}]}\nprod: {workflows: []}\n",
            0,
            [1, 0],
        ),
        ("dev: &dev {workflows: [], workflows: []}\nprod: *dev\n", 0, [1, 1]),
        ("c: {a: 1, a: 2}\ndev: {workflows: []}\nprod: {workflows: []}\n", 1, [0, 0]),
    ] {
        let source = Source { path: RepoPath::root(), text: text.to_owned() };
        let (file, found) = decode(&source, &project(""));
        let environments = [0, 1].map(|index| file.environments[index].findings.distinct().iter().count());
        assert_eq!((found.distinct().iter().count(), environments), (of_file, of_environments), "{text}: {found:?}");
    }
}

#[test]
fn a_rule_that_is_turned_off_lets_the_field_pass_as_it_is() {
    let text = "dev: {workflows: [{name: a, tasks: {items: [{python_file: a.py}]}, brand_new: {x: 1, y: [true]}, photon: 'true'}]}";
    let (file, lines) = read_in(&project("check: {unknown-field: off, old-spelling: error}\n"), text);
    assert_eq!(lines, ["1:106 error old-spelling `photon`: `\"true\"` is read as `true`"]);
    let settings = &file.environments[0].workflows[0].settings;
    assert_eq!(settings.get("brand_new"), Some(&json!({"x": 1, "y": [true]})));
}

#[test]
fn anchors_and_merge_keys_are_expanded_and_mistakes_are_where_they_are_written() {
    let text = "custom:\n  cluster: &cluster {label: default, num_workers: two}\ndev:\n  workflows:\n  - name: a\n    clusters: [{<<: *cluster, num_workers: 2}, *cluster]\n    tasks: {items: [{python_file: a.py}]}\n";
    let (file, lines) = read(text);
    assert_eq!(lines, ["2:51 error wrong-type `clusters[1].num_workers`: must be a whole number, not `\"two\"`"]);
    let workflow = &file.environments[0].workflows[0];
    assert_eq!(
        workflow.settings.clusters(),
        [json!({"label": "default", "num_workers": 2}), json!({"label": "default"})]
    );
    let finding = workflow.findings.iter().next().unwrap();
    assert_eq!(finding.related[0].text, "used here");
}

#[test]
fn dependencies_are_sorted_by_where_they_are() {
    let (file, lines) = read(
        "dev:\n  workflows:\n  - name: a\n    tasks:\n      items: [{python_file: a.py, parameters: [--n, 010, true, 1.50]}]\n      dependencies:\n      - whl: libs/own-1.0-py3-none-any.whl\n      - whl: /Volumes/a/b/own-1.0-py3-none-any.whl\n      - whl: dbfs:/own-1.0-py3-none-any.whl\n\
         \x20     - whl: file:fuse://libs/own-1.0-py3-none-any.whl\n      - whl: /dbfs/x/dltflow-0.0.1b0-py3-none-any.whl\n      - pypi: {package: 'Databricks_Connect[x]>=14'}\n      - pypi: {package: 'requests==2.32', repo: 'https://index.example.com/simple'}\n      - pypi: {package: x, repo: 'ftp://x'}\n",
    );
    assert_eq!(
        lines,
        [
            "10:14 error bad-value `file:fuse://libs/own-1.0-py3-none-any.whl` is not a path",
            "11:14 warning provided-package `dltflow` is ignored: every pipeline already has it",
            "12:25 warning provided-package `databricks-connect` is ignored: every pipeline already has it",
            "14:34 error bad-value `ftp://x` is not the URL of a package index",
        ]
    );
    let workflow = &file.environments[0].workflows[0];
    let lines = workflow.dependencies.iter().map(|dependency| match dependency {
        Dependency::Package { requirement, index } => {
            format!("{} {}", requirement.value, index.as_deref().unwrap_or("-"))
        }
        Dependency::LocalWheel(path) => format!("local {}", path.value),
        Dependency::RemoteWheel(path) => format!("remote {}", path.value),
    });
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            "local data/libs/own-1.0-py3-none-any.whl",
            "remote /Volumes/a/b/own-1.0-py3-none-any.whl",
            "remote dbfs:/own-1.0-py3-none-any.whl",
            "requests==2.32 https://index.example.com/simple",
        ]
    );
    let parameters: Vec<_> = workflow.items[0].parameters.iter().map(|parameter| parameter.value.as_str()).collect();
    assert_eq!(parameters, ["--n", "010", "true", "1.50"]);
}

#[test]
fn the_schemas_have_no_unknown_keyword_and_no_reference_that_leads_nowhere() {
    assert!(crate::schema::check(super::WORKFLOW) > 100);
    assert_eq!(crate::schema::check(super::ENVIRONMENT), 4);
}
