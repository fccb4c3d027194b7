//! What a parameter names: whoever asks, the answer is the same.

use dltflow::change::{ChangeSet, FileChange, FileStatus};
use dltflow::codebase::{Codebase, ToRead, to_read};
use dltflow::impact::{Reason, affected};
use dltflow::release::assemble;
use dltflow::source::{Files, RepoPath};
use dltflow::spec::Workflow;

use crate::release::{CODE, FOLDER, files, path, project, workflow};
use crate::support::Stage;

/// Files of a checkout beside the code.
const NAMED: [(&str, &str); 5] = [
    ("conf/a.json", "{}"),
    ("conf/sub/b.csv", "1"),
    ("conf/x=1/c.yml", "a: 1"),
    ("rates.csv", "1"),
    ("jobs/d.json", "{}"),
];

/// What a parameter may be, where `@` is a path.
const FORMS: [&str; 7] = ["@", "--conf=@", "-c=@", "--any=@", "in=@", "in=./conf/../@", "a=b=@"];

/// Ways to write a path, and whether it is one file.
const PATHS: [(&str, bool); 8] = [
    ("conf/a.json", true),
    ("./conf//sub/b.csv", true),
    ("conf/x=1/c.yml", true),
    ("rates.csv", true),
    ("jobs/d.json", true),
    ("conf/sub", false),
    ("conf/x=1/", false),
    ("conf", false),
];

/// The codebase of what a run reads of a checkout with these `files`.
fn codebase(files: &Files, workflow: &Workflow) -> Codebase {
    let project = project("samples");
    let ToRead { folders, files: single, named, .. } = to_read(&project, [workflow]);
    let is_read = |path: &RepoPath| {
        folders.iter().any(|folder| path.is_within(&folder.path))
            || single.contains(path)
            || named.iter().any(|named| path.is_within(named))
    };
    let mut read = Files::default();
    for (path, bytes) in files.below(&RepoPath::root()).filter(|(path, _)| is_read(path)) {
        read.insert(path.clone(), bytes.to_vec());
    }
    Codebase::new(&project, read, [workflow])
}

/// Whether a change of `file` touches the workflow by its parameters.
fn touches(file: &RepoPath, workflow: &Workflow, codebase: &Codebase) -> bool {
    let change = FileChange { path: file.clone(), status: FileStatus::Modified, old_path: None };
    let affected = affected(&ChangeSet::Complete(vec![change]), codebase, std::slice::from_ref(workflow));
    affected.iter().flat_map(|affected| &affected.reasons).any(|reason| *reason == Reason::Config(file.clone()))
}

/// The closure of the workflow and the paths that its notebook asks the release for.
fn released(workflow: &Workflow, codebase: &Codebase) -> (String, Vec<String>) {
    let unit = assemble(&project("samples"), &[workflow], codebase, FOLDER).unwrap().units.remove(0);
    let notebook = String::from_utf8(unit.notebook.bytes).unwrap();
    let shipped = notebook.split("dltflow.shipped(\"_dltflow_data/").skip(1);
    (unit.closure.to_string(), shipped.map(|rest| rest.split('"').next().unwrap().to_owned()).collect())
}

#[test]
fn a_named_file_that_changed_touches_the_workflow_and_moves_its_closure_and_no_other_does() {
    let checkout = files(&[&NAMED[..], &[(CODE, "")]].concat());
    let mut count = 0;
    for form in FORMS {
        for (written, is_file) in PATHS {
            let parameter = form.replace('@', written);
            let workflow = workflow(&[&parameter]);
            let before = codebase(&checkout, &workflow);
            let (closure, shipped) = released(&workflow, &before);
            for (name, _) in NAMED {
                let mut checkout = checkout.clone();
                checkout.insert(path(name), b"{\"changed\": 1}".to_vec());
                let after = codebase(&checkout, &workflow);
                let touches = touches(&path(name), &workflow, &after);
                assert_eq!(closure != released(&workflow, &after).0, touches, "{parameter}: {name}");
                assert!(!(touches && is_file) || shipped.iter().any(|file| file == name), "{parameter}: {shipped:?}");
                count += usize::from(touches);
            }
        }
    }
    // `a=b=conf/a.json` names `b=conf/a.json`, which is not there.
    assert_eq!(count, (FORMS.len() - 1) * (NAMED.len() + 1 + 1 + 3));
}

#[test]
fn a_pipeline_is_updated_when_a_file_changes_that_a_parameter_names_in_any_form() {
    let stage = Stage::new();
    stage.repo.write("data/rates.csv", "1\n");
    let mut before = "[--conf, conf/orders.json]".to_owned();
    for (parameters, file) in [
        ("[input=conf/orders.json]", "conf/orders.json"),
        ("[--input=data/rates.csv, --conf, conf/orders.json]", "data/rates.csv"),
        ("[data/rates.csv, --conf, conf/orders.json]", "data/rates.csv"),
    ] {
        stage.repo.replace("workflows/orders.yml", &before, parameters);
        parameters.clone_into(&mut before);
        let first = stage.repo.commit("parameters");
        stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
        let text = format!("{}\n", stage.repo.read(file));
        stage.repo.write(file, text).commit("a named file");
        let ran = stage.run(&stage.on_push("refs/heads/main", Some(&first)));
        ran.ended(0, "deployed");
        assert_eq!((ran.output("updated"), ran.output("unchanged")), ("1", "0"), "{parameters}: {}", ran.report);
    }
}
