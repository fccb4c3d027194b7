//! The document that the original came with: its specs are the first users.

use dltflow::codebase::Codebase;
use dltflow::diagnostic::Severity;
use dltflow::project::Project;
use dltflow::rules::{self, Checked, InEnvironment};
use dltflow::source::{Files, RepoPath, Source, Sources, Span};
use dltflow::spec::{self, SpecFile};

use crate::support::{block, documents};

fn path(text: &str) -> RepoPath {
    RepoPath::parse(text).unwrap()
}

/// The file, what decoding and the rules found in it as `line:column severity rule`, and how many workflows passed.
fn examine(name: &str, text: &str) -> (SpecFile, Vec<String>, usize) {
    let project = "dltflow: {name: samples}\ntargets: {dev: {default: 'true'}}\n".to_owned();
    let project = Project::decode(&Source { path: path("dltflow.yml"), text: project }).0.unwrap();
    let source = Source { path: path(name), text: text.to_owned() };
    let (file, findings) = spec::decode(&source, &project);
    let mut files = Files::default();
    for file in ["samples/pipelines/simple-dltflow-pipeline.py", "conf/pipeline-code-config.json"] {
        files.insert(path(file), Vec::new());
    }
    let selected = file.environment("dev").map(|dev| dev.workflows.clone()).unwrap_or_default();
    let codebase = Codebase::new(&project, files, &selected);
    let workflows = InEnvironment { selected: &selected, ..InEnvironment::on(dltflow::clock::today()) };
    let Checked { selected: validated, findings, .. } = rules::check(&project, workflows, &codebase, findings);
    let mut sources = Sources::default();
    sources.insert(source);
    let told = findings.located(&sources).into_iter().map(|located| {
        let place = located.place.unwrap();
        format!("{}:{} {} {}", place.line, place.column, located.finding.severity.word(), located.finding.rule)
    });
    (file, told.collect(), validated.len())
}

/// Where `what` begins that follows `before` in the text, as `line:column`.
fn place(text: &str, before: &str, what: &str) -> String {
    let at = text.find(&format!("{before}{what}")).unwrap() + before.len();
    let place = Source { path: path("spec"), text: text.to_owned() }.locate(Span::new(at, at));
    format!("{}:{}", place.line, place.column)
}

#[test]
fn the_json_spec_of_the_original_is_fine_as_it_stands() {
    for document in documents() {
        json_spec(block(&document, "json", "workflows"));
    }
}

fn json_spec(text: &str) {
    let (file, mut told, validated) = examine("workflows/test.json", text);
    let mut wanted = [
        ("\"target\": ", "\"dltflow-samples\"", "dash-in-target"),
        ("\"development\": ", "\"true\"", "old-spelling"),
        ("\"continuous\": ", "\"false\"", "old-spelling"),
        ("", "\"pipeline_type\"", "old-spelling"),
        ("", "\"data_sampling\"", "old-spelling"),
        ("\"package\": ", "\"pyspark\"", "provided-package"),
    ]
    .map(|(before, what, rule)| format!("{} warning {rule}", place(text, before, what)));
    told.sort();
    wanted.sort();
    assert_eq!(told, wanted);
    assert_eq!(validated, 1);
    let workflow = &file.environment("dev").unwrap().workflows[0];
    assert_eq!(workflow.name.value, "dlflow-example-pipeline");
    let wanted = serde_json::json!({
        "storage": "/mnt/datalake/experiment/dltflow-samples/dlt/simple",
        "target": "dltflow-samples",
        "development": true,
        "edition": "ADVANCED",
        "continuous": false,
        "clusters": [{
            "label": "default",
            "node_type_id": "Standard_DS3_v2",
            "autoscale": {"min_workers": 1, "max_workers": 2, "mode": "ENHANCED"},
        }],
    });
    assert_eq!(workflow.settings.to_value(), wanted);
    assert_eq!(workflow.items[0].python_file.value.as_str(), "samples/pipelines/simple-dltflow-pipeline.py");
    assert!(workflow.dependencies.is_empty());
}

#[test]
fn the_yaml_spec_of_the_original_is_refused_for_its_stray_quote_alone() {
    for document in documents() {
        let text = block(&document, "yaml", "workflows");
        let (_, told, validated) = examine("workflows/test.yml", text);
        let errors: Vec<&String> = told.iter().filter(|line| line.contains(Severity::Error.word())).collect();
        let stray = format!("{} error stray-quote", place(text, "node_type_id: ", "Standard_DS3_v2\""));
        assert_eq!((errors, validated), (vec![&stray], 0));
        let (_, told, validated) = examine("workflows/test.yml", &text.replace("Standard_DS3_v2\"", "Standard_DS3_v2"));
        assert!(told.iter().all(|line| line.contains("warning")), "{told:#?}");
        assert_eq!(validated, 1);
    }
}

#[test]
fn texts_that_no_encoding_or_hand_meant_give_a_finding_and_no_workflow() {
    let utf16: String = "dev:\n".chars().flat_map(|c| [c, '\0']).collect();
    let cases = [
        "\0",
        utf16.as_str(),
        "dev: {workflows: [",
        "%YAML 9.9\n---\n",
        "\t",
        "dev:\n\tworkflows: []\n",
        "<<: *a",
        "&a [*a, *a]",
        "\"\\ud800\"",
        "{\"a\": 1,}x",
    ];
    for text in cases {
        let (file, told, validated) = examine("workflows/x.yml", text);
        assert!(!told.is_empty(), "{text:?}");
        assert_eq!((file.environments.len(), validated), (0, 0), "{text:?}");
    }
}

#[test]
fn a_spec_with_anything_cut_out_or_doubled_is_read_or_told_with_places_inside_it() {
    const SPEC: &str = "custom: &c {label: default, autoscale: {min_workers: 1, max_workers: 2}}\nenvironments:\n  dev:\n    workflows:\n    - name: \"orders é\"\n      clusters: [*c, {<<: *c, num_workers: 1}]\n      development: \"true\"\n      configuration: {a/b~c: 010}\n      tasks:\n        items:\n        - python_file: samples/pipelines/simple-dltflow-pipeline.py\n          parameters: ['--conf', conf/pipeline-code-config.json]\n        dependencies: [{whl: a-1-py3-none-any.whl}, {pypi: {package: x}}]\n";
    let boundary = |offset| SPEC.floor_char_boundary(offset);
    let mut read = 0;
    for start in (0..SPEC.len()).step_by(3).map(boundary) {
        for length in [1, 4, 30] {
            let end = boundary((start + length).min(SPEC.len()));
            let cut = format!("{}{}", &SPEC[..start], &SPEC[end..]);
            let doubled = format!("{}{}{}", &SPEC[..end], &SPEC[start..end], &SPEC[end..]);
            for text in [cut, doubled] {
                let source = Source { path: path("a.yml"), text: text.clone() };
                let project = Project::decode(&Source {
                    path: path("dltflow.yml"),
                    text: "dltflow: {name: samples}\ntargets: {dev: {}}\n".to_owned(),
                });
                let (file, findings) = spec::decode(&source, &project.0.unwrap());
                let inner = file.environments.iter().flat_map(spec::Environment::all_findings);
                for label in
                    findings.iter().chain(inner).flat_map(|finding| finding.related.iter().chain([&finding.at]))
                {
                    assert!(
                        label.span.is_some_and(|span| text.get(span.start..span.end).is_some()),
                        "{text}: {label:?}"
                    );
                }
                let workflows: Vec<_> =
                    file.environments.iter().flat_map(|environment| &environment.workflows).collect();
                for (pointer, span) in workflows.iter().flat_map(|workflow| &workflow.places) {
                    assert!(text.get(span.start..span.end).is_some(), "{text}: {pointer}");
                }
                assert!(
                    !workflows.is_empty()
                        || !findings.is_empty()
                        || file.environments.iter().any(|e| !e.findings.is_empty()),
                    "{text}"
                );
                read += workflows.len();
            }
        }
    }
    assert!(read > 100, "only {read} were read");
}
