//! Releases: what goes into the wheel, and what moves its name and the closures.

use dltflow::project::{Install, Project};
use dltflow::release::Release;
use dltflow::source::Files;
use dltflow::spec::{Dependency, Workflow};
use serde_json::json;

use crate::release::{CODE, CONF, FOLDER, assembled, files, members, path, project, release, set, spanned, workflow};

const BASE: [(&str, &str); 3] = [(CODE, "import x"), (CONF, "{}"), ("conf/other.json", "{}")];

#[test]
fn the_wheel_holds_code_data_configuration_and_runtime_and_nothing_else() {
    let files = files(&[
        ("src/shop/__init__.py", ""),
        ("src/shop/orders.py", ""),
        ("src/shop/schema.sql", ""),
        ("src/shop/.env", "hidden"),
        ("src/shop/.cache/x.py", "hidden"),
        ("src/shop/__pycache__/orders.cpython-311.pyc", "cache"),
        ("src/shop/old.pyc", "cache"),
        ("conf/dev/a.json", ""),
        ("conf/.shared/b.json", ""),
        ("conf/.ipynb_checkpoints/a.json", "cache"),
        ("conf/.gitignore", "of git"),
        ("params.csv", "named"),
        ("README.md", "elsewhere"),
        ("local/raw/orders.csv", "elsewhere"),
        ("tests/test_orders.py", "elsewhere"),
        ("dltflow.yml", "elsewhere"),
    ]);
    let mut workflow = workflow(&["--rows", "params.csv"]);
    workflow.items[0].python_file.value = path("src/shop/orders.py");
    let release = assembled(&project("src"), &[&workflow], &files, FOLDER).unwrap();
    let names = members(&release.wheel);
    let version = release
        .wheel
        .name
        .strip_prefix("dltflow_project_my_shop-0.0.0+g")
        .unwrap()
        .strip_suffix("-py3-none-any.whl")
        .unwrap();
    assert_eq!(version.len(), 12);
    let ours = names.iter().filter(|name| !name.starts_with("dltflow/"));
    assert_eq!(
        ours.map(|name| name.replace(version, "")).collect::<Vec<_>>(),
        [
            "_dltflow_data/conf/.shared/b.json",
            "_dltflow_data/conf/dev/a.json",
            "_dltflow_data/params.csv",
            "dltflow_project_my_shop-0.0.0+g.dist-info/METADATA",
            "dltflow_project_my_shop-0.0.0+g.dist-info/RECORD",
            "dltflow_project_my_shop-0.0.0+g.dist-info/WHEEL",
            "shop/__init__.py",
            "shop/orders.py",
            "shop/schema.sql",
        ]
    );
    assert!(names.is_sorted() && names.contains(&"dltflow/quality/__init__.py".to_owned()));
    let notebook = String::from_utf8_lossy(&release.units[0].notebook.bytes).into_owned();
    assert!(
        notebook
            .contains("\"shop.orders\",\n    parameters=[\"--rows\", dltflow.shipped(\"_dltflow_data/params.csv\")]")
    );
}

#[test]
fn files_have_fixed_times_and_modes() {
    let wheel = release(&workflow(&[]), &files(&BASE)).wheel;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&wheel.bytes)).unwrap();
    for index in 0..archive.len() {
        let file = archive.by_index(index).unwrap();
        let time = file.last_modified().unwrap();
        assert_eq!((file.unix_mode(), time.year(), time.month(), time.day()), (Some(0o100_644), 1980, 1, 1));
    }
}

#[test]
fn what_cannot_be_shipped_is_refused_and_named() {
    let shipping = |code: &str, workflows: &[&Workflow], texts: &[(&str, &str)]| {
        assembled(&project(code), workflows, &files(texts), FOLDER).map(|release| release.wheel.name)
    };
    let plain = workflow(&[]);
    let mut local = workflow(&[]);
    local.dependencies = vec![Dependency::LocalWheel(spanned(path("libs/x.whl")))];
    for (result, said) in [
        (
            shipping("", &[], &[("shop/__init__.py", ""), ("src/shop/__init__.py", "")]),
            "`shop/__init__.py` and `src/shop/__init__.py` are both `shop/__init__.py` in the wheel",
        ),
        (
            shipping("", &[], &[("dltflow/__init__.py", "")]),
            "the authoring runtime and `dltflow/__init__.py` are both `dltflow/__init__.py`",
        ),
        (
            shipping("", &[], &[("shop", ""), ("src/shop/__init__.py", "")]),
            "`shop` is a file where `src/shop/__init__.py` needs the folder `shop`",
        ),
        (
            shipping("src", &[&plain], &[(CODE, "")]),
            "which `workflows/daily.yml` names, is not a file of the code folder `src`",
        ),
        (
            shipping("samples", &[&local], &[(CODE, "")]),
            "the wheel `libs/x.whl`, which `workflows/daily.yml` depends on, is not in the repository",
        ),
        (shipping("samples", &[&local], &[(CODE, ""), ("libs/x.whl", "")]), "`x.whl` is not the file name of a wheel"),
    ] {
        let error = result.unwrap_err();
        assert!(error.message().contains(said), "{error}");
        assert_eq!(error.kind.exit_code(), 2);
    }
}

#[test]
fn a_wheel_over_the_limit_of_the_service_is_refused_before_any_write() {
    let mut state = 1_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut files = files(&BASE);
    files.insert(path("samples/model.bin"), (0..11 << 17).flat_map(|_| random()).collect());
    let error = assembled(&project("samples"), &[], &files, FOLDER).unwrap_err();
    assert!(error.message().contains("the service takes 10485760 at most"), "{error}");
    assert_eq!(error.hints, ["its largest file is `samples/model.bin` with 11534336 bytes"]);
    assert_eq!(error.kind.exit_code(), 2);
}

#[test]
fn the_same_content_is_the_same_release_whatever_the_order() {
    let mut backwards = BASE;
    backwards.reverse();
    let workflow = workflow(&["--conf", CONF]);
    assert_eq!(release(&workflow, &files(&BASE)), release(&workflow, &files(&backwards)));
}

/// What a change moves: the name of the wheel, that of the notebook, the closure.
fn moved(before: &Release, after: &Release) -> [bool; 3] {
    let parts = |release: &Release| {
        let unit = &release.units[0];
        [release.wheel.name.clone(), unit.notebook.name.clone(), unit.closure.to_string()]
    };
    let (before, after) = (parts(before), parts(after));
    [0, 1, 2].map(|index| before[index] != after[index])
}

#[test]
fn a_change_of_files_moves_what_it_concerns() {
    let with = |name: &str, text: &str| {
        let mut all: Files = files(&BASE);
        all.insert(path(name), text.as_bytes().to_vec());
        all
    };
    let mut workflow = workflow(&["--conf", CONF]);
    for hive in [true, false] {
        set(&mut workflow, json!({"serverless": !hive}));
        let before = release(&workflow, &files(&BASE));
        assert!(before.units[0].closure.as_str().starts_with("code1:"));
        for (name, text, expected) in [
            (CODE, "import y", [true, hive, true]),
            ("samples/new.py", "", [true, hive, true]),
            (CONF, "[]", [true, hive, true]),
            ("conf/other.json", "[]", [true, hive, false]),
            ("pyproject.toml", "[project]\nversion = \"1.0\"", [true, hive, false]),
            ("tests/test_x.py", "", [false, false, false]),
            ("README.md", "", [false, false, false]),
            ("samples/.hidden", "", [false, false, false]),
        ] {
            assert_eq!(moved(&before, &release(&workflow, &with(name, text))), expected, "{name}, hive: {hive}");
        }
    }
}

#[test]
fn specs_inside_the_code_folder_are_no_code() {
    let workflow = workflow(&["--conf", CONF]);
    let release = |more: &[(&str, &str)]| {
        let all = files(&[&BASE[..], more].concat());
        assembled(&project(""), &[&workflow], &all, FOLDER).unwrap()
    };
    let before = release(&[]);
    for (name, expected) in [("workflows/other.yml", false), ("dltflow.yml", false), ("workflows/steps.py", true)] {
        assert_eq!(moved(&before, &release(&[(name, "")])), [expected; 3], "{name}");
    }
}

#[test]
fn a_change_of_the_workflow_moves_its_closure_and_no_wheel() {
    let all = files(&BASE);
    let before = release(&workflow(&["--conf", CONF]), &all);
    let changed = |parameters: &[&str], change: fn(&mut Workflow)| {
        let mut workflow = workflow(parameters);
        change(&mut workflow);
        moved(&before, &release(&workflow, &all))
    };
    let same = &["--conf", CONF][..];
    assert_eq!(changed(&["--conf", "conf/other.json"], |_| {}), [false, true, true]);
    assert_eq!(changed(same, |workflow| set(workflow, json!({"edition": "CORE"}))), [false, false, true]);
    assert_eq!(changed(same, |workflow| workflow.spec = path("workflows/moved.yml")), [false, false, false]);
    let package = |workflow: &mut Workflow| {
        workflow.dependencies = vec![Dependency::Package { requirement: spanned("rich".to_owned()), index: None }];
    };
    assert_eq!(changed(same, package), [false, true, true]);

    let in_project = |change: fn(&mut Project), folder: &str| {
        let mut project = project("samples");
        change(&mut project);
        moved(&before, &assembled(&project, &[&workflow(same)], &all, folder).unwrap())
    };
    assert_eq!(in_project(|project| project.install = Install::Environment, FOLDER), [false, true, true]);
    assert_eq!(in_project(|project| project.launch_method = Some("run".to_owned()), FOLDER), [false, true, true]);
    assert_eq!(in_project(|_| {}, "/Shared/elsewhere"), [false, true, false]);
}

#[test]
fn workflows_of_one_project_share_its_wheel() {
    let (one, mut other) = (workflow(&["--conf", CONF]), workflow(&[]));
    other.name = spanned("other".to_owned());
    let release = assembled(&project("samples"), &[&one, &other, &one], &files(&BASE), FOLDER).unwrap();
    let names: Vec<&str> = release.artifacts().map(|artifact| artifact.name.as_str()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    for unit in &release.units {
        assert_eq!(unit.artifacts, [unit.notebook.name.as_str(), &release.wheel.name]);
        assert!(names.contains(&unit.notebook.name.as_str()));
    }
}

#[test]
fn a_wheel_in_a_folder_of_any_name_is_written_with_the_name_of_its_distribution() {
    let shipped = files(&[(CODE, "")]);
    let mut workflow = workflow(&[]);
    set(&mut workflow, json!({"serverless": true}));
    for remote in ["/Volumes/a/b/c#d/x_y-1-py3-none-any.whl", "/Volumes/a/b/c#d/x y.whl", "/Volumes/a/c#d/x-1.tar.gz"] {
        workflow.dependencies.push(Dependency::RemoteWheel(spanned(remote.to_owned())));
    }
    for (folder, root, named) in [
        ("/Shared/a#b", "file:///Workspace/Shared/a%23b", true),
        ("/Shared/a b?%23", "file:///Workspace/Shared/a%20b%3F%2523", true),
        ("/Shared/a", "/Workspace/Shared/a", false),
    ] {
        let release = assembled(&project("samples"), &[&workflow], &shipped, folder).unwrap();
        let environment = release.units[0].environment.clone().unwrap();
        let wheel = if named { release.wheel.name.replace('+', "%2B") } else { release.wheel.name.clone() };
        let name = if named { "dltflow_project_my_shop @ " } else { "" };
        let expected = [
            format!("{name}{root}/{wheel}"),
            "x_y @ file:///Volumes/a/b/c%23d/x_y-1-py3-none-any.whl".to_owned(),
            "file:///Volumes/a/b/c%23d/x%20y.whl".to_owned(),
            "file:///Volumes/a/c%23d/x-1.tar.gz".to_owned(),
        ];
        assert_eq!(environment["dependencies"], json!(expected));
    }
}
