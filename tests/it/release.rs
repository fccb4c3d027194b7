//! Releases: what Python, pip and a notebook make of them, and what moves their names and hashes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use dltflow::codebase::Codebase;
use dltflow::diagnostic::{Diagnostics, Result};
use dltflow::project::{Install, Project};
use dltflow::release::{Artifact, Release, assemble};
use dltflow::source::{Files, RepoPath, Span};
use dltflow::spec::{Dependency, Item, Spanned, Workflow};
use serde_json::{Value, json};

use crate::support::documents;

pub(crate) const FOLDER: &str = "/Shared/.dltflow/shop/dev";
pub(crate) const CODE: &str = "samples/pipelines/simple-dltflow-pipeline.py";
pub(crate) const CONF: &str = "conf/pipeline-code-config.json";

pub(crate) fn path(text: &str) -> RepoPath {
    RepoPath::parse(text).unwrap()
}

pub(crate) fn spanned<T>(value: T) -> Spanned<T> {
    Spanned { value, span: Span::default() }
}

pub(crate) fn project(code: &str) -> Project {
    Project {
        folder: RepoPath::root(),
        file: path("dltflow.yml"),
        repository: None,
        name: "My Shop".to_owned(),
        id: None,
        code: path(code),
        conf: path("conf"),
        workflows: path("workflows"),
        launch_method: None,
        install: Install::Auto,
        checks: [].into(),
        targets: Vec::new(),
    }
}

pub(crate) fn workflow(parameters: &[&str]) -> Workflow {
    let parameters = parameters.iter().map(|text| spanned((*text).to_owned())).collect();
    Workflow {
        name: spanned("daily; orders".to_owned()),
        environment: "dev".to_owned(),
        spec: path("workflows/daily.yml"),
        settings: dltflow::pipeline::Settings::default(),
        places: [].into(),
        items: vec![Item { python_file: spanned(path(CODE)), parameters }],
        dependencies: Vec::new(),
        findings: Diagnostics::default(),
    }
}

pub(crate) fn set(workflow: &mut Workflow, settings: Value) {
    workflow.settings = serde_json::from_value(settings).unwrap();
}

pub(crate) fn files(texts: &[(&str, &str)]) -> Files {
    let mut files = Files::default();
    for (name, text) in texts {
        files.insert(path(name), text.as_bytes().to_vec());
    }
    files
}

pub(crate) fn release(workflow: &Workflow, files: &Files) -> Release {
    assembled(&project("samples"), &[workflow], files, FOLDER).unwrap()
}

/// The release of `workflows` from `files`.
pub(crate) fn assembled(project: &Project, workflows: &[&Workflow], files: &Files, folder: &str) -> Result<Release> {
    let codebase = Codebase::new(project, files.clone(), workflows.iter().copied());
    assemble(project, workflows, &codebase, folder)
}

pub(crate) fn python(arguments: &[&str]) -> Command {
    let mut command = Command::new("python3");
    command.arg("-B").args(arguments).current_dir("/");
    command
}

pub(crate) fn printed(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

pub(crate) fn write(folder: &Path, artifact: &Artifact) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    let file = folder.join(&artifact.name);
    std::fs::write(&file, &artifact.bytes).unwrap();
    file
}

pub(crate) fn members(wheel: &Artifact) -> Vec<String> {
    let archive = zip::ZipArchive::new(std::io::Cursor::new(&wheel.bytes)).unwrap();
    archive.file_names().map(|name| name.unwrap().into_owned()).collect()
}

const PIP: [&str; 8] = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--no-index",
    "--no-deps",
    "--disable-pip-version-check",
    "--root-user-action=ignore",
];

/// The class and the configuration that a document shows.
fn seed(document: &str) -> (String, String) {
    let block = |name: &str| {
        let after = document.split(&format!("\n{name}\n")).nth(1).unwrap();
        let fenced = after.split("```").nth(1).unwrap();
        fenced.split_once('\n').unwrap().1.to_owned()
    };
    (block("simple-dltflow-pipeline.py"), block("pipeline-code-config.json"))
}

/// Installs the wheel, runs the notebook as Python beside a recording `dlt`, and gives what was declared, and the last
/// column of each dataset.
fn launched(release: &Release) -> Value {
    let scratch = tempfile::tempdir().unwrap();
    let wheel = write(scratch.path(), &release.wheel);
    printed(python(&["-m", "zipfile", "-t"]).arg(&wheel));
    let site = scratch.path().join("site");
    printed(python(&PIP).arg("--target").arg(&site).arg(&wheel));
    let run = "import sys, json; sys.path[:0] = sys.argv[2:]; import fakes; dlt = fakes.install()
exec(compile(open(sys.argv[1]).read(), 'notebook', 'exec'), {'__name__': '__main__'})
print(json.dumps([dlt.calls, {name: [row[-1] for row in query().rows] for name, query in dlt.queries.items()}]))";
    let notebook = write(scratch.path(), &release.units[0].notebook);
    let fakes = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runtime");
    let seen = printed(python(&["-I", "-c", run]).arg(notebook).arg(site).arg(fakes));
    serde_json::from_str(&seen).unwrap()
}

#[test]
fn the_seed_is_launched_by_its_notebook_from_its_wheel() {
    for document in documents() {
        let (code, conf) = seed(&document);
        let seen = launched(&release(&workflow(&["--conf", CONF]), &files(&[(CODE, &code), (CONF, &conf)])));
        let declared = json!([["table", "orchestrate", {}, {"expect_all": {"check_addition": "result < 10"}}]]);
        assert_eq!(seen, json!([declared, {"orchestrate": [3, 13, 6]}]));
    }
}

#[test]
fn items_of_a_package_are_launched_each_with_its_parameters_and_config() {
    let code = "import json, sys
from dltflow.quality import DLTMetaMixin
from .base import FACTOR
class Orders(DLTMetaMixin):
    def __init__(self, spark, config):
        self.rows = [(FACTOR * int(sys.argv[1]) + json.load(open(sys.argv[3]))['plus'] + config['plus'],)]
    def rows_of(self):
        return self.spark.createDataFrame(self.rows, ['n'])
";
    let conf = |kind: &str, name: &str| {
        json!({"plus": 1, "dlt": [{"func_name": "rows_of", "kind": kind, "name": name}]}).to_string()
    };
    let files = files(&[
        ("samples/shop/__init__.py", ""),
        ("samples/shop/base.py", "FACTOR = 10"),
        ("samples/shop/new-orders.py", code),
        ("conf/é a.json", &conf("view", "one")),
        ("conf/b.json", &conf("table", "two")),
    ]);
    let mut workflow = workflow(&["3", "--conf", "conf/é a.json"]);
    workflow.items[0].python_file.value = path("samples/shop/new-orders.py");
    workflow.items.push(workflow.items[0].clone());
    workflow.items[1].parameters = ["4", "-c", "conf/b.json"].map(|text| spanned(text.to_owned())).to_vec();
    let seen = launched(&release(&workflow, &files));
    let declared = json!([["view", "one", {}, {}], ["table", "two", {}, {}]]);
    assert_eq!(seen, json!([declared, {"one": [32], "two": [42]}]));
}

#[test]
fn the_record_lists_every_file_with_its_hash_and_size() {
    let release = release(&workflow(&[]), &files(&[(CODE, "x = 1"), ("samples/a,\"é\".txt", "y")]));
    let check = "import base64, csv, hashlib, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
own = next(name for name in wheel.namelist() if name.endswith('.dist-info/RECORD'))
def row(name):
    digest = base64.urlsafe_b64encode(hashlib.sha256(wheel.read(name)).digest()).decode().rstrip('=')
    return [name, 'sha256=' + digest, str(len(wheel.read(name)))] if name != own else [name, '', '']
rows = list(csv.reader(wheel.read(own).decode().splitlines()))
print(sorted(rows) == sorted(map(row, wheel.namelist())), len(rows))";
    let scratch = tempfile::tempdir().unwrap();
    let seen = printed(python(&["-c", check]).arg(write(scratch.path(), &release.wheel)));
    assert_eq!(seen, format!("True {}\n", members(&release.wheel).len()));
}

#[test]
fn the_notebook_reads_like_the_workflow() {
    let mut project = project("samples");
    project.launch_method = Some("launch".to_owned());
    let files = files(&[(CODE, ""), (CONF, "{}")]);
    let workflow = workflow(&["--conf=conf/pipeline-code-config.json", "--date", "x\"y"]);
    let release = assembled(&project, &[&workflow], &files, FOLDER).unwrap();
    let notebook = &release.units[0].notebook;
    assert!(notebook.name.starts_with("daily__orders-"), "{}", notebook.name);
    let expected = format!(
        r#"# Databricks notebook source
# MAGIC %pip install /Workspace{FOLDER}/{}

# COMMAND ----------

# Generated from the workflow spec: change that, and deploy again.
import dltflow

dltflow.launch(
    "samples.pipelines.simple-dltflow-pipeline",
    parameters=["--conf=" + dltflow.shipped("_dltflow_data/conf/pipeline-code-config.json"), "--date", "x\"y"],
    config=dltflow.shipped("_dltflow_data/conf/pipeline-code-config.json"),
    method="launch",
)
"#,
        release.wheel.name
    );
    assert_eq!(String::from_utf8_lossy(&notebook.bytes), expected);
    assert_eq!(release.units[0].libraries, json!([{"notebook": {"path": format!("{FOLDER}/{}", notebook.name)}}]));
}

#[test]
fn the_config_file_is_the_flagged_parameter_else_the_last_that_names_one() {
    let files = files(&[(CODE, ""), ("conf/a.json", ""), ("conf/b.yml", ""), ("conf/c.txt", ""), (".env.json", "")]);
    for (parameters, expected) in [
        (&["conf/a.json", "conf/b.yml", "conf/c.txt"][..], Some("conf/b.yml")),
        (&["--conf", "conf/a.json", "conf/b.yml"], Some("conf/a.json")),
        (&["conf/b.yml", "--config=./conf/../conf/a.json"], Some("conf/a.json")),
        (&["--conf-file", "conf/c.txt"], Some("conf/c.txt")),
        (&["--conf", "conf/none.json", "conf/a.json"], None),
        (&["--conf", "conf/a.json", "--conf", "conf/b.yml"], Some("conf/b.yml")),
        (&["--conf", "/dbfs/a.json"], None),
        (&["--conf", ".env.json"], Some(".env.json")),
        (&["--conf"], None),
        (&["conf"], None),
    ] {
        let notebook =
            String::from_utf8(release(&workflow(parameters), &files).units[0].notebook.bytes.clone()).unwrap();
        let config = expected.map(|file| format!("    config=dltflow.shipped(\"_dltflow_data/{file}\"),"));
        assert_eq!(notebook.lines().find(|line| line.starts_with("    config")), config.as_deref(), "{parameters:?}");
    }
}

/// Texts of awkward characters, the same on each run.
fn awkward_texts() -> Vec<String> {
    let alphabet: Vec<char> = "a\"'\\\n\r\t\0 #{}$`;%-é\u{85}\u{2028}\u{feff}\u{1f600}".chars().collect();
    let mut state = 1_u32;
    let mut next = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let mut texts: Vec<String> =
        (0..300).map(|_| (0..next(12)).map(|_| alphabet[next(alphabet.len())]).collect()).collect();
    texts.push("x\n# COMMAND ----------\n# MAGIC %sh id\n".to_owned());
    texts
}

#[test]
fn any_parameter_arrives_as_it_is_and_makes_no_cell() {
    let texts = awkward_texts();
    let workflow = workflow(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let notebook = release(&workflow, &files(&[(CODE, "")])).units.remove(0).notebook;
    let source = String::from_utf8(notebook.bytes.clone()).unwrap();
    assert!(source.starts_with("# Databricks notebook source\n"));
    assert_eq!(source.lines().filter(|line| line.contains("COMMAND") && line.starts_with('#')).count(), 1);
    assert_eq!(source.lines().filter(|line| line.starts_with("# MAGIC")).count(), 1);

    let scratch = tempfile::tempdir().unwrap();
    let read = "import ast, json, sys
call = ast.parse(open(sys.argv[1]).read()).body[-1].value
print(json.dumps(next(ast.literal_eval(k.value) for k in call.keywords if k.arg == 'parameters')))";
    let seen = printed(python(&["-c", read]).arg(write(scratch.path(), &notebook)));
    assert_eq!(serde_json::from_str::<Vec<String>>(&seen).unwrap(), texts);
}

#[test]
fn pip_takes_every_wheel_by_its_path_from_a_notebook_and_from_an_environment() {
    let own = files(&[(CODE, ""), ("pyproject.toml", "[project]\nversion = \"1!2.0-rc1+local\"")]);
    let mut helper = project("samples");
    helper.name = "helper".to_owned();
    let helper = assembled(&helper, &[], &own, FOLDER).unwrap().wheel;
    let in_repository = path(&format!("libs/{}", helper.name));
    let mut files = own.clone();
    files.insert(in_repository.clone(), helper.bytes.clone());
    let mut workflow = workflow(&[]);
    workflow.dependencies.push(Dependency::LocalWheel(spanned(in_repository)));

    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().to_str().unwrap();
    for (folder, serverless) in [("/Users/o'cat@x.org/a b -c;d #e$HOME%41+", false), ("/Users/a b -c;d #e%41+", true)] {
        set(&mut workflow, json!({"serverless": serverless}));
        let release = assembled(&project("samples"), &[&workflow], &files, folder).unwrap();
        assert_eq!(release.units[0].artifacts.len(), 3);
        for wheel in [&release.wheel, &release.local_wheels[0]] {
            write(&scratch.path().join(format!("Workspace{folder}")), wheel);
        }
        let site = scratch.path().join(format!("site-{serverless}"));
        let here = |text: &str| text.replace("/Workspace/", &format!("{root}/Workspace/"));
        let unit = &release.units[0];
        let mut install = python(&PIP);
        install.arg("--target").arg(&site);
        if serverless {
            let lines: Vec<String> =
                serde_json::from_value(unit.environment.clone().unwrap()["dependencies"].clone()).unwrap();
            let requirements = scratch.path().join("requirements.txt");
            std::fs::write(&requirements, here(&lines.join("\n"))).unwrap();
            printed(install.arg("-r").arg(requirements));
        } else {
            let source = String::from_utf8(unit.notebook.bytes.clone()).unwrap();
            let line = source.lines().find_map(|line| line.strip_prefix("# MAGIC %pip install ")).unwrap();
            let shell = format!("python3 -B {} --target '{}' {}", PIP.join(" "), site.display(), here(line));
            printed(Command::new("sh").args(["-c", &shell]));
        }
        let installed =
            std::fs::read_dir(&site).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut installed: Vec<String> = installed.filter(|name| name.ends_with(".dist-info")).collect();
        installed.sort();
        assert!(
            installed.len() == 2 && installed[1].starts_with("dltflow_project_my_shop-1!2.0rc1+local.g"),
            "{installed:?}"
        );
    }
}

#[test]
fn packages_go_where_the_pipeline_can_take_them() {
    let files = files(&[(CODE, "")]);
    let mut workflow = workflow(&[]);
    let index = Some("https://pypi.example.org/simple".to_owned());
    let requirement = |text: &str| spanned(text.to_owned());
    workflow.dependencies = vec![
        Dependency::Package { requirement: requirement("requests>=2; python_version<'3.12'"), index: index.clone() },
        Dependency::Package { requirement: requirement("rich"), index },
        Dependency::RemoteWheel(requirement("dbfs:/libs/x-1-py3-none-any.whl")),
    ];
    let own = json!({"dependencies": ["numpy"], "environment_version": "4"});
    for (settings, install, by_environment) in [
        (json!({"environment": own}), Install::Auto, false),
        (json!({"environment": own, "catalog": "main"}), Install::Auto, true),
        (json!({"environment": own, "serverless": true}), Install::Auto, true),
        (json!({"environment": own, "catalog": "main"}), Install::Notebook, false),
        (json!({"environment": own}), Install::Environment, true),
    ] {
        set(&mut workflow, settings);
        let mut project = project("samples");
        project.install = install;
        let release = assembled(&project, &[&workflow], &files, FOLDER).unwrap();
        let wheel = format!("/Workspace{FOLDER}/{}", release.wheel.name);
        let unit = &release.units[0];
        let index = "--extra-index-url https://pypi.example.org/simple";
        let notebook = String::from_utf8(unit.notebook.bytes.clone()).unwrap();
        let remote = "/dbfs/libs/x-1-py3-none-any.whl";
        let environment = unit.environment.clone().unwrap();
        if by_environment {
            let all = json!(["numpy", index, wheel, "requests>=2; python_version<'3.12'", "rich", remote]);
            assert_eq!(environment, json!({"dependencies": all, "environment_version": "4"}));
            assert!(!notebook.contains("MAGIC"));
        } else {
            assert_eq!(environment, own);
            let quoted = r#""requests>=2; python_version<'3.12'""#;
            assert!(
                notebook.contains(&format!("# MAGIC %pip install {index} {wheel} {quoted} rich {remote}\n")),
                "{notebook}"
            );
        }
    }
    for wrong in ["", "--pre", "# x", "a\n# MAGIC %sh id"] {
        workflow.dependencies = vec![Dependency::Package { requirement: requirement(wrong), index: None }];
        let error = assembled(&project("samples"), &[&workflow], &files, FOLDER).unwrap_err();
        assert!(
            error.message().contains("of `daily; orders` in `workflows/daily.yml` is not a requirement"),
            "{error}"
        );
    }
}
