//! The document that the project was asked for: its project, its specs and its command, word for word where it is there,
//! and in our words.

use serde_json::Value;

use super::{Said, Shell, names, pipeline, writes};
use crate::support::{Repo, Stage, block, documents};

const NAME: &str = "dlflow-example-pipeline";

/// The project that the document describes: its code, its configuration, and the spec at the place that its command names.
fn project(document: &str, spec: &str) -> Stage {
    let repo = Repo::new();
    repo.write(
        "dltflow.yml",
        "dltflow: {name: dltflow-samples}\n\
         include: {code: {name: samples}, conf: {name: conf}, workflows: {name: conf/dlt}}\n\
         targets: {dev: {workspace: {root_path: /Shared/.dltflow/samples}}}\n",
    );
    repo.write("samples/pipelines/simple-dltflow-pipeline.py", block(document, "python", "DLTMetaMixin"));
    repo.write("conf/pipeline-code-config.json", block(document, "json", "func_name"));
    repo.write("conf/dlt/test.json", spec).commit("first");
    Stage::with(repo)
}

/// The document's own command line, with more flags behind it.
fn deploy(document: &str, stage: &Stage, more: &str) -> Said {
    let line = document.lines().find(|line| line.starts_with("dltflow deploy-py-dlt --deployment-file")).unwrap();
    Shell::of(stage).run(&format!("{} {more}", line.strip_prefix("dltflow ").unwrap()))
}

#[test]
fn the_json_spec_deploys_as_it_stands_and_stands_then() {
    for document in documents() {
        json_spec(&document);
    }
}

fn json_spec(document: &str) {
    let stage = project(document, block(document, "json", "workflows"));
    deploy(document, &stage, "").ended(0).told(&["deployed in `dev`", "/pipelines/", "warning[dash-in-target]"]);
    let spec = &pipeline(&stage, NAME)["spec"];
    let as_written = [
        ("storage", Value::from("/mnt/datalake/experiment/dltflow-samples/dlt/simple")),
        ("target", "dltflow-samples".into()),
        ("edition", "ADVANCED".into()),
        ("development", true.into()),
        ("continuous", false.into()),
    ];
    for (field, wanted) in as_written {
        assert_eq!(spec[field], wanted, "{field}");
    }
    assert_eq!(spec["clusters"][0]["autoscale"]["mode"], "ENHANCED");
    let notebook = spec["libraries"][0]["notebook"]["path"].as_str().unwrap().trim_start_matches("/Workspace");
    assert!(stage.objects().iter().any(|path| path == notebook), "{notebook} is not among {:?}", stage.objects());
    stage.requests();
    deploy(document, &stage, "").ended(0).told(&["unchanged in `dev`"]);
    assert_eq!(writes(&stage), Vec::<String>::new());
}

#[test]
fn the_yaml_spec_is_refused_at_its_stray_quote_and_deploys_once_it_is_mended() {
    for document in documents() {
        yaml_spec(&document);
    }
}

fn yaml_spec(document: &str) {
    let spec = block(document, "yaml", "workflows");
    let line = 1 + spec.lines().position(|line| line.ends_with("Standard_DS3_v2\"")).unwrap();
    let stage = project(document, "{}");
    stage.repo.git(&["rm", "--quiet", "conf/dlt/test.json"]);
    stage.repo.write("conf/dlt/test.yml", spec).commit("yaml");
    let document = &document.replace("conf/dlt/test.json", "conf/dlt/test.yml");
    deploy(document, &stage, "").ended(3).told(&[
        "error[stray-quote]",
        &format!("conf/dlt/test.yml:{line}:"),
        "nothing was deployed",
    ]);
    assert_eq!((writes(&stage), names(&stage)), (Vec::new(), Vec::new()));
    stage.repo.replace("conf/dlt/test.yml", "Standard_DS3_v2\"", "Standard_DS3_v2");
    deploy(document, &stage, "").ended(0).told(&["1 created"]);
    let spec = &stage.pipelines()[0]["spec"];
    assert!(document.contains(&format!("name: {}", spec["name"])), "{spec}");
    assert_eq!(spec["clusters"][0]["node_type_id"], "Standard_DS3_v2");
}

#[test]
fn as_an_individual_it_stands_beside_the_shared_one_in_places_of_its_own() {
    for document in documents() {
        individual(&document);
    }
}

fn individual(document: &str) {
    let stage = project(document, block(document, "json", "workflows"));
    deploy(document, &stage, "").ended(0);
    let (shared, objects) = (pipeline(&stage, NAME), stage.objects());
    deploy(document, &stage, "--as-individual").ended(0).told(&["preview `octocat`"]);
    assert_eq!(pipeline(&stage, NAME), shared);
    let own = &pipeline(&stage, &format!("[dev_octocat] {NAME}"))["spec"];
    let suffix = own["target"].as_str().unwrap().strip_prefix("dltflow-samples_").unwrap();
    assert!(suffix.starts_with("octocat_"), "{suffix}");
    assert_eq!(own["storage"], format!("/mnt/datalake/experiment/dltflow-samples/dlt/simple_{suffix}"));
    let folder = format!("/Shared/.dltflow/samples/previews/{suffix}");
    let made: Vec<String> = stage.objects().into_iter().filter(|path| !objects.contains(path)).collect();
    assert!(made.iter().any(|path| path.contains(".whl")), "{made:?}");
    assert!(made.iter().all(|path| path.starts_with(&folder) || folder.starts_with(path.as_str())), "{made:?}");
    let others = stage.pipelines();
    let paths = others.iter().map(|pipeline| &pipeline["spec"]["libraries"][0]["notebook"]["path"]);
    assert_eq!(paths.filter(|path| path.as_str().unwrap().contains(&folder)).count(), 1);
}

#[test]
fn the_flags_of_the_original_are_there_and_the_required_ones_are_required() {
    for document in documents() {
        flags(&document);
    }
}

fn flags(document: &str) {
    let help = document.split("dltflow deploy-py-dlt --help").nth(1).unwrap().split("```").next().unwrap();
    let flags: Vec<(&str, bool)> = help
        .lines()
        .filter_map(|line| {
            Some((line.trim().split(' ').next().filter(|flag| flag.starts_with("--"))?, line.contains("[required]")))
        })
        .collect();
    assert_eq!(flags.len(), 4, "{flags:?}");
    let stage = Stage::new();
    let shell = Shell::offline(&stage);
    let ours = shell.run("deploy-py-dlt --help").ended(0).stdout;
    let missing = shell.run("deploy-py-dlt").ended(2).stderr;
    for (flag, required) in flags {
        assert!(
            ours.lines().any(|line| line.trim().split([' ', ',']).any(|word| word == flag)),
            "{flag} is not in:\n{ours}"
        );
        assert_eq!(missing.contains(flag) && flag != "--help", required, "{flag}: {missing}");
    }
}
