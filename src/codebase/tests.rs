use super::{Codebase, PathKind, ToRead, to_read};
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
    let ToRead { folders, files, named } = to_read(&project(""), [&orders, &workflow(item("dev"))]);
    assert_eq!(folders, [path("data/shop"), path("data/conf")]);
    let texts = |paths: std::collections::BTreeSet<RepoPath>| {
        paths.iter().map(RepoPath::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(texts(files), "c.toml data/conf/a.json data/pyproject.toml data/shop/x.py libs/a.whl");
    assert_eq!(texts(named), "data/--conf data/b.csv data/dev data/in=b.csv");
}

#[test]
fn code_is_one_thing_whoever_asks() {
    let inside = "code: {name: .}, conf: {name: conf}, workflows: {name: workflows}";
    let together = "code: {name: shop}, conf: {name: conf}, workflows: {name: shop}";
    for (include, name, is_code, may_be_shipped) in [
        ("", "shop/a.py", true, true),
        ("", "shop/deep/er.sql", true, true),
        ("", "shopping/a.py", false, true),
        ("", "conf/a.json", false, true),
        ("", "shop/.env", false, false),
        ("", "shop/.git/a.py", false, false),
        ("", "shop/__pycache__/a.py", false, false),
        ("", "shop/a.pyc", false, false),
        (inside, "workflows/a.yml", false, true),
        (inside, "workflows/steps.py", true, true),
        (inside, "dltflow.yml", false, true),
        (inside, "conf/a.json", true, true),
        (together, "shop/a.yml", true, true),
        (inside, "local/raw/orders.csv", false, true),
        (inside, "local/raw/orders.parquet/part-0", false, true),
        (inside, "local/steps.py", true, true),
        (inside, "locals/orders.csv", true, true),
        ("code: {name: local}", "local/orders.csv", true, true),
        ("code: {name: local/shop}", "local/shop/orders.csv", true, true),
        ("", "shop/local/orders.csv", true, true),
    ] {
        let file = path(&format!("data/{name}"));
        let codebase = Codebase::new(&project(include), files(&[&format!("data/{name}")]), []);
        assert_eq!(codebase.is_code(&file), is_code, "{include} {name}");
        assert_eq!(codebase.may_be_shipped(&file), may_be_shipped, "{include} {name}");
        assert_eq!(codebase.code().any(|(path, _)| *path == file), is_code, "{include} {name}");
        let gone = Codebase::new(&project(include), Files::default(), []);
        assert_eq!(gone.is_code(&file), is_code, "{include} {name}, which is gone");
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
