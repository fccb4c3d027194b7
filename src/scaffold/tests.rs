use super::{RepoPath, Scaffold, environment, folder, package, project_name};
use crate::project::Project;
use crate::source::Source;
use crate::spec;

fn scaffold(name: &str, environment: &str, conf: &str, workflows: &str) -> Scaffold {
    let path = |text: &str| RepoPath::parse(text).unwrap();
    Scaffold {
        name: name.to_owned(),
        id: "5f0c".to_owned(),
        environment: environment.to_owned(),
        conf: path(conf),
        workflows: path(workflows),
        template: true,
    }
}

fn project(file: &Source) -> Project {
    let (project, findings) = Project::decode(file);
    assert_eq!(findings.iter().map(|finding| &finding.message).collect::<Vec<_>>(), Vec::<&String>::new());
    project.unwrap()
}

/// Whatever a project is called, its files mean what was asked for.
#[test]
fn names_that_mean_something_else_to_yaml_or_to_the_template_stay_what_they_are() {
    for (name, environment, conf, workflows) in [
        ("shop", "dev", "conf", "workflows"),
        ("shop-orders.2", "int-1", "etc/conf", "etc/specs"),
        ("2024", "1.0", "conf, [x]", "specs: {new} # x"),
        ("null", "true", "no", "~"),
        ("class", "dev", "\"conf\"", "it's"),
        ("my_conf", "my-project", "my_workflows", "my_environment"),
        ("my-project", "my_environment", "my_conf", "my_workflows"),
        ("shop", "prod", "c", "w"),
    ] {
        let scaffold = scaffold(name, environment, conf, workflows);
        let [code, ..] = scaffold.folders().unwrap();
        let project = project(&scaffold.project_file());
        assert_eq!((project.name.as_str(), project.id.as_deref()), (name, Some("5f0c")));
        assert_eq!((&project.code, project.conf.as_str(), project.workflows.as_str()), (&code, conf, workflows));
        let targets: Vec<_> = project.targets.iter().map(|target| (target.name.as_str(), target.default)).collect();
        let wanted = [(environment, true), ("prod", false)];
        assert_eq!(targets, &wanted[..if environment == "prod" { 1 } else { 2 }], "{name}");
        let files = scaffold.files();
        let [_, class, config, spec, rows] = &files[..] else { panic!("{files:?}") };
        assert_eq!(rows.path.as_str(), "local/raw/orders.csv");
        let (specs, findings) = spec::decode(spec, &project);
        assert_eq!(findings.iter().count(), 0, "{name}");
        assert_eq!(specs.environments.len(), targets.len());
        for found in &specs.environments {
            let items = &found.workflows[0].items;
            assert_eq!((items[0].python_file.value.as_str()), class.path.as_str());
            assert_eq!(items[0].parameters.last().unwrap().value, config.path.as_str());
            let suffix = if found.name.value == environment { "" } else { "-prod" };
            assert_eq!(found.workflows[0].name.value, format!("{name}-orders{suffix}"));
        }
    }
}

/// The template is a project itself, so that it can be looked at, linted and run as it lies there.
#[test]
fn the_template_is_what_a_project_of_its_names_becomes() {
    let id = "00000000-0000-4000-8000-000000000000".to_owned();
    let scaffold = Scaffold { id, ..scaffold("my-project", "my_environment", "my_conf", "my_workflows") };
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/scaffold/template");
    for Source { path, text } in scaffold.files() {
        #[expect(clippy::disallowed_methods, reason = "the file that is embedded")]
        let there = std::fs::read_to_string(folder.join(path.as_str()));
        assert_eq!(there.unwrap(), text, "{path}");
    }
}

#[test]
fn a_name_that_python_could_not_import_becomes_one_that_it_can() {
    for (name, expected) in [
        ("shop", "shop"),
        ("shop-orders", "shop_orders"),
        ("a.b", "a_b"),
        ("2024", "_2024"),
        ("class", "class_"),
        ("Shop", "Shop"),
    ] {
        assert_eq!(package(name), expected);
    }
}

#[test]
fn answers_that_would_not_work_are_refused_with_the_reason() {
    let long = "x".repeat(101);
    for (text, reason) in [
        ("", "not a valid name"),
        ("a b", "not a valid name"),
        ("../shop", "not a valid name"),
        ("-n", "not a valid name"),
        (long.as_str(), "not a valid name"),
        ("json", "`json` is a module of Python's standard library"),
        ("pyspark", "`pyspark` is a module of the runtime"),
        ("local", "folder of local input"),
    ] {
        assert!(project_name(text).unwrap_err().contains(reason), "{text}");
    }
    for (text, reason) in [("previews", "cannot be the name of a target"), ("a/b", "not a valid name")] {
        assert!(environment(text).unwrap_err().contains(reason), "{text}");
    }
    for (text, reason) in [
        ("/etc", "is absolute"),
        ("../conf", "leaves the project's folder"),
        ("a/../../b", "leaves the project's folder"),
        (".", "the project's folder itself"),
        ("a/..", "the project's folder itself"),
        (".conf", "hidden"),
        ("a/.b", "hidden"),
        ("local/conf", "local input"),
        ("a\nb", "control character"),
    ] {
        assert!(folder(text).unwrap_err().contains(reason), "{text}");
    }
}

#[test]
fn folders_whose_files_would_be_taken_for_others_are_refused() {
    for (name, conf, workflows, expected) in [
        ("shop", "conf", "conf/dlt", true),
        ("shop", "shop/conf", "shop/specs", true),
        ("shop", "workflows/conf", "workflows", false),
        ("shop", "x", "x", false),
        ("shop", "shop", "workflows", false),
        ("shop", "conf", "shop", false),
    ] {
        assert_eq!(scaffold(name, "dev", conf, workflows).folders().is_ok(), expected, "{conf} {workflows}");
    }
}
