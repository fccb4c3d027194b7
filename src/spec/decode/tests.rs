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
    let told = findings.iter().chain(inner).map(|finding| {
        let place = finding.at.span.map(|span| source.locate(span));
        let place = place.map_or("-".to_owned(), |place| format!("{}:{}", place.line, place.column));
        format!("{place} {} {} {}", finding.severity.word(), finding.rule, finding.message)
    });
    let told = told.collect();
    (file, told)
}

fn read(text: &str) -> (SpecFile, Vec<String>) {
    read_in(&project(""), text)
}

/// A workflow of `dev` with these further lines, and what was told about it.
fn workflow(lines: &str) -> (Workflow, Vec<String>) {
    let text =
        format!("dev:\n  workflows:\n  - name: orders\n    tasks: {{items: [{{python_file: samples/a.py}}]}}\n{lines}");
    let (file, told) = read(&text);
    (file.environment("dev").unwrap().workflows[0].clone(), told)
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
        let (file, told) = read(&text);
        assert_eq!(told, Vec::<String>::new(), "{text}");
        let names: Vec<_> = file.environments.iter().map(|environment| environment.name.value.as_str()).collect();
        assert_eq!(names, ["dev", "prod"]);
        let workflow = &file.environments[1].workflows[0];
        assert_eq!((workflow.name.value.as_str(), workflow.environment.as_str()), ("orders", "prod"));
        assert_eq!(workflow.items[0].python_file.value.as_str(), "data/samples/a.py");
    }
}

#[test]
fn settings_have_the_types_of_the_api_whatever_the_spelling() {
    let (workflow, told) = workflow(
        "    development: 'True'\n    continuous: false\n    pipeline_type: WORKSPACE\n    data_sampling: false\n    workflow_type: pipeline\n    allow_duplicate_names: false\n\
         \x20   configuration: {port: 010, ratio: 1.0, on: true, text: x}\n    clusters:\n    - {label: default, num_workers: 0, spark_version: 14.3.x, azure_attributes: {spot_bid_max_price: -1.0}}\n",
    );
    assert_eq!(
        told,
        [
            "5:18 warning old-spelling `development` is a boolean, written as a text",
            "7:5 warning old-spelling `pipeline_type` is left out",
            "8:5 warning old-spelling `data_sampling` is left out",
            "9:5 warning old-spelling `workflow_type` is left out",
            "13:40 warning old-spelling `spark_version` is left out",
        ]
    );
    let wanted = json!({
        "development": true,
        "continuous": false,
        "configuration": {"port": "010", "ratio": "1.0", "on": "true", "text": "x"},
        "clusters": [{"label": "default", "num_workers": 0, "azure_attributes": {"spot_bid_max_price": -1.0}}],
    });
    assert_eq!(serde_json::Value::Object(workflow.settings.clone()), wanted);
    assert!(workflow.places.contains_key("/clusters/0/num_workers") && !workflow.places.contains_key("/name"));
}

#[test]
fn every_mistake_of_a_file_is_told_in_one_go() {
    let (file, told) = read(
        "dev:\n  workflows:\n  - name: orders\n    contnuous: true\n    edition: PRO+\n    serverless: maybe\n    libraries: []\n    allow_duplicate_names: true\n    configuration: {dltflow.project: x, n: [1]}\n    clusters: {label: default}\n    tasks:\n      items:\n      - {python_file: /etc/passwd}\n      - {parameters: [1, true]}\n      - python_file: a.sql\n      dependencies: [{whl: a.whl, pypi: {package: a}}, {pypi: {package: '--index-url x'}}, {whl: '../../b.whl'}]\n\
         \x20 - {tasks: {items: []}}\n  - 3\n  jobs: []\nprod:\n  workflows: {}\nstaging: {workflows: [{name: ' x', tasks: 3}]}\n",
    );
    let wanted = [
        "4:5 error unknown-field `contnuous` is no field",
        "5:14 error unknown-value `PRO+` is no value of `edition`",
        "6:17 error wrong-type `serverless` is a text, where `true` or `false` is wanted",
        "7:5 error reserved-field `libraries` cannot be set",
        "8:28 error reserved-field `allow_duplicate_names` cannot be set",
        "9:38 error reserved-field `dltflow.project` cannot be set",
        "9:45 error wrong-type `n` is a list, where a text is wanted",
        "10:16 error wrong-type `clusters` is a mapping, where a list is wanted",
        "13:23 error bad-value `/etc/passwd` is absolute: write it relative to the checkout",
        "14:10 error missing-field `python_file` is missing in `items`",
        "15:22 error bad-value `a.sql` is no Python file",
        "16:23 error bad-value a dependency is exactly one of `whl` and `pypi`",
        "16:73 error bad-value `--index-url x` is no requirement",
        "16:98 error bad-value `../../b.whl` leaves the checkout",
        "17:6 error missing-field `name` is missing",
        "17:14 error missing-field `items` is empty",
        "18:5 error wrong-type a workflow is a number, where a mapping is wanted",
        "19:3 error unknown-field `jobs` is no field of an environment",
        "21:3 error wrong-type `workflows` is a mapping, where a list is wanted",
        "22:1 warning unknown-environment `staging` has no target in `data/dltflow.yml`",
        "22:30 error bad-value the name of the workflow has spaces around it or control characters in it",
        "22:43 error wrong-type `tasks` is a number, where a mapping is wanted",
    ];
    for line in wanted {
        assert!(told.iter().any(|told| told == line), "{line}: {told:#?}");
    }
    assert_eq!(told.len(), wanted.len(), "{told:#?}");
    assert_eq!(file.environments.iter().map(|environment| environment.workflows.len()).sum::<usize>(), 1);
}

#[test]
fn a_file_without_environments_is_told() {
    for (text, wanted) in [
        ("", "1:1 error syntax the file is empty"),
        ("a: 1\n", "1:1 error missing-field the file has no environment with `workflows`"),
        ("[]", "1:1 error missing-field the file has no environment with `workflows`"),
        ("environments: {}\n", "1:1 error missing-field the file has no environment with `workflows`"),
        ("dev: 3\n", "1:1 error wrong-type `dev` is a number, where a mapping is wanted"),
        ("dev: {workflows: }\n", "1:1 error missing-field `workflows` is missing in `dev`"),
        ("dev: {workflow: []}\n", "1:7 error unknown-field `workflow` is no field of an environment"),
    ] {
        assert_eq!(read(text).1[0], wanted, "{text:?}");
    }
}

#[test]
fn a_rule_that_is_turned_off_lets_the_field_pass_as_it_is() {
    let text = "dev: {workflows: [{name: a, tasks: {items: [{python_file: a.py}]}, brand_new: {x: 1, y: [true]}, photon: 'true'}]}";
    let (file, told) = read_in(&project("check: {unknown-field: off, old-spelling: error}\n"), text);
    assert_eq!(told, ["1:106 error old-spelling `photon` is a boolean, written as a text"]);
    let settings = &file.environments[0].workflows[0].settings;
    assert_eq!(settings["brand_new"], json!({"x": 1, "y": [true]}));
}

#[test]
fn anchors_and_merge_keys_are_expanded_and_mistakes_are_where_they_are_written() {
    let text = "custom:\n  cluster: &cluster {label: default, num_workers: two}\ndev:\n  workflows:\n  - name: a\n    clusters: [{<<: *cluster, num_workers: 2}, *cluster]\n    tasks: {items: [{python_file: a.py}]}\n";
    let (file, told) = read(text);
    assert_eq!(told, ["2:51 error wrong-type `num_workers` is a text, where a whole number is wanted"]);
    let workflow = &file.environments[0].workflows[0];
    assert_eq!(workflow.settings["clusters"], json!([{"label": "default", "num_workers": 2}, {"label": "default"}]));
    let finding = workflow.findings.iter().next().unwrap();
    assert_eq!(finding.related[0].text, "used here");
}

#[test]
fn dependencies_are_told_apart_by_where_they_lie() {
    let (file, told) = read(
        "dev:\n  workflows:\n  - name: a\n    tasks:\n      items: [{python_file: a.py, parameters: [--n, 010, true, 1.50]}]\n      dependencies:\n      - whl: libs/own-1.0-py3-none-any.whl\n      - whl: /Volumes/a/b/own-1.0-py3-none-any.whl\n      - whl: dbfs:/own-1.0-py3-none-any.whl\n\
         \x20     - whl: file:fuse://libs/own-1.0-py3-none-any.whl\n      - whl: /dbfs/x/dltflow-0.0.1b0-py3-none-any.whl\n      - pypi: {package: 'Databricks_Connect[x]>=14'}\n      - pypi: {package: 'requests==2.32', repo: 'https://index.example.com/simple'}\n      - pypi: {package: x, repo: 'ftp://x'}\n",
    );
    assert_eq!(
        told,
        [
            "10:14 error bad-value `file:fuse://libs/own-1.0-py3-none-any.whl` is no path",
            "11:14 warning provided-package `dltflow` is left out: every pipeline has it already",
            "12:25 warning provided-package `databricks-connect` is left out: every pipeline has it already",
            "14:34 error bad-value `ftp://x` is no URL of a package index",
        ]
    );
    let workflow = &file.environments[0].workflows[0];
    let told = workflow.dependencies.iter().map(|dependency| match dependency {
        Dependency::Package { requirement, index } => {
            format!("{} {}", requirement.value, index.as_deref().unwrap_or("-"))
        }
        Dependency::LocalWheel(path) => format!("local {}", path.value),
        Dependency::RemoteWheel(path) => format!("remote {}", path.value),
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
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
