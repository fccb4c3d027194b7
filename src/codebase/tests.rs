use super::{Codebase, Folder, PathKind, ToRead, to_read};
use crate::diagnostic::Diagnostics;
use crate::project::Project;
use crate::source::{Files, RepoPath, Source, Span};
use crate::spec::{Item, Spanned, Workflow};

fn path(text: &str) -> RepoPath {
    RepoPath::parse(text).unwrap()
}

/// The project in the folder `data`.
fn project(include: &str) -> Project {
    let text = format!("dltflow: {{name: shop}}\ninclude: {{{include}}}\ntargets: {{dev: {{}}}}\n");
    Project::decode(&Source { path: path("data/dltflow.yml"), text }).0.unwrap()
}

fn item(parameters: &str) -> Item {
    let parameter = |text: &str| Spanned { value: text.to_owned(), span: Span::default() };
    let python_file = Spanned { value: path("data/shop/x.py"), span: Span::default() };
    Item { python_file, parameters: parameters.split_whitespace().map(parameter).collect() }
}

fn workflow(item: Item) -> Workflow {
    Workflow {
        name: Spanned { value: "orders".to_owned(), span: Span::default() },
        environment: "dev".to_owned(),
        spec: path("data/workflows/a.yml"),
        settings: crate::pipeline::Settings::default(),
        places: [].into(),
        items: vec![item],
        dependencies: Vec::new(),
        findings: Diagnostics::default(),
    }
}

fn files(names: &[&str]) -> Files {
    let mut files = Files::default();
    for name in names {
        files.insert(path(name), b"dlt: {func_name: a, kind: table}".to_vec());
    }
    files
}

#[test]
fn a_codebase_is_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Codebase>();
}

#[test]
fn the_configuration_is_that_of_the_flag_else_the_last_that_exists() {
    let files = files(&["data/conf/a.json", "data/conf/b.yml", "data/conf/c.txt", "data/conf/d=1/e.json"]);
    let codebase = Codebase::new(&project(""), files, []);
    for (parameters, configuration, named) in [
        ("--conf conf/a.json conf/b.yml", Some("conf/a.json"), "conf/a.json conf/b.yml"),
        ("--config=conf/b.yml", Some("conf/b.yml"), "conf/b.yml"),
        ("--conf-file conf/gone.json", Some("conf/gone.json"), ""),
        ("--conf conf/d=1/e.json", Some("conf/d=1/e.json"), "conf/d=1/e.json"),
        ("--conf=conf/d=1/e.json conf/a.json", Some("conf/d=1/e.json"), "conf/d=1/e.json conf/a.json"),
        ("conf/a.json ./conf/b.yml conf/c.txt", Some("conf/b.yml"), "conf/a.json conf/b.yml conf/c.txt"),
        ("--out=conf/a.json --name x", Some("conf/a.json"), "conf/a.json"),
        ("input=conf/a.json", Some("conf/a.json"), "conf/a.json"),
        ("--conf /dbfs/a.json", None, ""),
        ("--conf ../../a.json", None, ""),
        ("--conf", None, ""),
        ("", None, ""),
    ] {
        let item = item(parameters);
        let found = codebase.item(&item);
        let files = found.parameters.iter().filter_map(|parameter| parameter.file());
        let files: Vec<&str> = files.filter_map(|named| named.path.below(&path("data"))).collect();
        assert_eq!(files.join(" "), named, "{parameters}");
        let configuration = configuration.map(|text| path(&format!("data/{text}")));
        assert_eq!(found.configuration, configuration, "{parameters}");
    }
}

#[test]
fn a_parameter_names_what_it_is_or_what_follows_its_equals_sign() {
    let files = files(&["data/conf/a.json", "data/conf/x=1/b.json", "data/a=b", "data/b"]);
    let codebase = Codebase::new(&project(""), files, []);
    for (text, named) in [
        ("conf/a.json", &[("", "conf/a.json", PathKind::File)][..]),
        ("--in=conf/a.json", &[("--in=", "conf/a.json", PathKind::File)]),
        ("in=conf/a.json", &[("", "in=conf/a.json", PathKind::Missing), ("in=", "conf/a.json", PathKind::File)]),
        (
            "in=conf/x=1/b.json",
            &[("", "in=conf/x=1/b.json", PathKind::Missing), ("in=", "conf/x=1/b.json", PathKind::File)],
        ),
        ("conf/x=1/b.json", &[("", "conf/x=1/b.json", PathKind::File)]),
        ("conf/x=1", &[("", "conf/x=1", PathKind::Folder)]),
        ("a=b", &[("", "a=b", PathKind::File)]),
        ("in=gone", &[("", "in=gone", PathKind::Missing), ("in=", "gone", PathKind::Missing)]),
        ("--in=.", &[]),
        ("/etc", &[]),
        ("..", &[]),
    ] {
        let item = item(text);
        let found = codebase.item(&item);
        let found: Vec<_> = found.paths().map(|named| (named.prefix, named.path.clone(), named.kind)).collect();
        let expected = named.iter().map(|(prefix, name, kind)| (*prefix, path(&format!("data/{name}")), *kind));
        assert_eq!(found, expected.collect::<Vec<_>>(), "{text}");
    }
}

#[test]
fn what_is_read_is_all_that_can_be_asked_for() {
    let mut orders = workflow(item("--conf conf/a.json in=b.csv --rows=../c.toml dev /etc"));
    let wheel = Spanned { value: path("libs/a.whl"), span: Span::default() };
    orders.dependencies.push(crate::spec::Dependency::LocalWheel(wheel));
    let ToRead { folders, files, named, mistaken } = to_read(&project(""), [&orders, &workflow(item("dev"))]);
    let folder = |text, hidden| Folder { path: path(text), hidden };
    assert_eq!(folders, [folder("data/shop", false), folder("data/conf", true)]);
    let texts = |paths: std::collections::BTreeSet<RepoPath>| {
        paths.iter().map(RepoPath::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(texts(files), "c.toml data/conf/a.json data/pyproject.toml data/shop/x.py libs/a.whl");
    assert_eq!(texts(named), "data/--conf data/b.csv data/dev data/in=b.csv");
    assert_eq!(texts(mistaken), "data/etc");
}

#[test]
fn code_is_one_thing_whoever_asks() {
    let inside = "code: {name: .}, conf: {name: conf}, workflows: {name: workflows}";
    let together = "code: {name: shop}, conf: {name: conf}, workflows: {name: shop}";
    for (include, name, is_code) in [
        ("", "shop/a.py", true),
        ("", "shop/deep/er.sql", true),
        ("", "shopping/a.py", false),
        ("", "conf/a.json", false),
        ("", "shop/.env", false),
        ("", "shop/.git/a.py", false),
        ("", "shop/__pycache__/a.py", false),
        ("", "shop/a.pyc", false),
        (inside, "workflows/a.yml", false),
        (inside, "workflows/steps.py", true),
        (inside, "dltflow.yml", false),
        (inside, "conf/a.json", true),
        (together, "shop/a.yml", true),
        (inside, "local/raw/orders.csv", false),
        (inside, "local/raw/orders.parquet/part-0", false),
        (inside, "local/steps.py", true),
        (inside, "locals/orders.csv", true),
        ("code: {name: local}", "local/orders.csv", true),
        ("code: {name: local/shop}", "local/shop/orders.csv", true),
        ("", "shop/local/orders.csv", true),
    ] {
        let file = path(&format!("data/{name}"));
        let codebase = Codebase::new(&project(include), files(&[&format!("data/{name}")]), []);
        assert_eq!(codebase.is_code(&file), is_code, "{include} {name}");
        assert_eq!(codebase.code().any(|(path, _)| *path == file), is_code, "{include} {name}");
        let gone = Codebase::new(&project(include), Files::default(), []);
        assert_eq!(gone.is_code(&file), is_code, "{include} {name}, which is gone");
    }
}

#[test]
fn configuration_is_what_its_folder_holds_wherever_it_lies() {
    for (conf, name, expected) in [
        ("conf", "data/conf/a.json", true),
        ("conf", "data/conf/.shared/a.json", true),
        ("conf", "data/conf/.ipynb_checkpoints/a.json", false),
        ("conf", "data/conf/__pycache__/a.json", false),
        ("conf", "data/conf/.gitignore", false),
        ("conf", "data/conf/a.pyc", false),
        ("conf", "data/config/a.json", false),
        (".config", "data/.config/a.json", true),
        ("../conf", "conf/a.json", true),
        ("../conf", "data/conf/a.json", false),
        ("../.shared/conf", ".shared/conf/.a.json", true),
        (".", "data/a.json", true),
        (".", "data/.github/a.yml", false),
    ] {
        let project = project(&format!("conf: {{name: {conf}}}"));
        let codebase = Codebase::new(&project, files(&[name]), []);
        assert_eq!(codebase.is_conf(&path(name)), expected, "{conf} {name}");
    }
}

#[test]
fn the_references_of_dbx_name_files_of_the_project() {
    let codebase = Codebase::new(&project(""), files(&["data/conf/a.json", "data/sql/b.sql"]), []);
    for (parameters, configuration, named) in [
        ("--conf file:fuse://conf/a.json", "data/conf/a.json", Some(("", "data/conf/a.json"))),
        ("--conf file://conf/a.json", "data/conf/a.json", Some(("", "data/conf/a.json"))),
        ("--conf=file:fuse://conf/a.json", "data/conf/a.json", Some(("--conf=", "data/conf/a.json"))),
        ("file:fuse://./conf/a.json", "data/conf/a.json", Some(("", "data/conf/a.json"))),
        ("--sql=file://sql/b.sql", "", Some(("--sql=", "data/sql/b.sql"))),
        ("--conf file:///conf/a.json", "", None),
        ("--conf file:fuse:///conf/a.json", "", None),
        ("--conf dbfs://conf/a.json", "", None),
    ] {
        let item = item(parameters);
        let found = codebase.item(&item);
        let carried = found.parameters.iter().find_map(|parameter| parameter.carried());
        let carried = carried.map(|named| (named.prefix, named.path.as_str()));
        assert_eq!(carried, named, "{parameters}");
        let found = found.configuration.map(|path| path.to_string()).unwrap_or_default();
        assert_eq!(found, configuration, "{parameters}");
    }
}

#[test]
fn modules_are_those_of_the_code_and_of_items() {
    let names = ["data/src/shop/__init__.py", "data/src/shop/orders/daily.py", "data/src/shop/a.sql", "data/b.py"];
    let mut jobs = workflow(item(""));
    jobs.items[0].python_file.value = path("data/jobs/gone.py");
    let project = project("code: {name: src}");
    let codebase = Codebase::new(&project, files(&names), [&jobs]);
    let modules = codebase.modules().iter().map(|(path, module)| format!("{path} {} {}", module.root, module.name));
    assert_eq!(
        modules.collect::<Vec<_>>(),
        [
            "data/jobs/gone.py data jobs.gone",
            "data/src/shop/__init__.py data/src shop",
            "data/src/shop/orders/daily.py data/src shop.orders.daily",
        ]
    );
    assert_eq!(codebase.module(&path("data/b.py")).name, "b");
    assert_eq!(codebase.import_root(&path("data/src/shop/a.sql")), path("data/src"));
}

#[test]
fn a_configuration_that_several_share_is_decoded_once() {
    let files = files(&["data/conf/a.json", "data/conf/b.yml", "data/conf/other.yml"]);
    let workflows = ["--conf conf/b.yml", "in=conf/b.yml", "--conf=conf/gone.yml"].map(|text| workflow(item(text)));
    let codebase = Codebase::new(&project(""), files, &workflows);
    let of = |workflow| codebase.configurations(workflow).into_iter().map(|(path, config)| (path.clone(), config));
    let [first, second]: [Vec<_>; 2] = [0, 1].map(|index| of(&workflows[index]).collect());
    assert_eq!((first.len(), &first[0].0), (1, &path("data/conf/b.yml")));
    assert!(std::ptr::eq(first[0].1, second[0].1) && first[0].1.graph.is_some());
    assert_eq!(of(&workflows[2]).count(), 0);
    assert!(codebase.configuration(&path("data/conf/other.yml")).is_none());
}
