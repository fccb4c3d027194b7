mod fields;

use time::{Date, Month};

use super::{CHECKS, Checked, InEnvironment, check, each, preview};
use crate::codebase::Codebase;
use crate::diagnostic::{Diagnostics, Rule};
use crate::project::Project;
use crate::source::{Files, RepoPath, Source, Sources};
use crate::spec::{self, Workflow};

fn path(text: &str) -> RepoPath {
    RepoPath::parse(text).unwrap()
}

pub(super) fn project(more: &str) -> Project {
    let text = format!("dltflow: {{name: samples}}\n{more}");
    Project::decode(&Source { path: path("data/dltflow.yml"), text }).0.unwrap()
}

pub(super) fn files() -> Files {
    let mut files = Files::default();
    let present = [
        "samples/a.py",
        "samples/b-2.py",
        "json/c.py",
        "conf/a.json",
        "conf/b.yml",
        "own-1.0-py3-none-any.whl",
        "own.whl",
    ];
    for file in present {
        files.insert(path(&format!("data/{file}")), Vec::new());
    }
    files
}

fn workflows(project: &Project, text: String) -> Vec<Workflow> {
    let source = Source { path: path("data/workflows/a.yml"), text };
    let (file, findings) = spec::decode(&source, project);
    assert!(findings.is_empty(), "{findings:?}");
    file.environments.into_iter().flat_map(|environment| environment.workflows).collect()
}

/// `rule: message (help)` of each finding in a workflow with these fields.
fn findings(project: &Project, fields: &str) -> Vec<String> {
    let tasks = if fields.contains("tasks:") { "" } else { ", tasks: {items: [{python_file: samples/a.py}]}" };
    let workflows = workflows(project, format!("dev: {{workflows: [{{name: orders, {fields}{tasks}}}]}}"));
    let codebase = Codebase::new(project, files(), &workflows);
    let Checked { selected: validated, findings, .. } =
        check(project, selected(&workflows), &codebase, Diagnostics::default());
    assert_eq!(validated.len(), usize::from(!findings.has_errors()), "{fields}");
    let lines = findings.iter().map(|finding| {
        format!(
            "{} {}: {} ({})",
            finding.severity.word(),
            finding.rule,
            finding.message,
            finding.help.as_deref().unwrap_or("")
        )
    });
    lines.collect()
}

pub(super) const TARGETS: &str = "targets: {dev: {}}\n";

/// A day on which tests are run.
fn today() -> Date {
    Date::from_calendar_date(2026, Month::January, 1).unwrap()
}

/// Workflows that were selected, and no others.
fn selected(workflows: &[Workflow]) -> InEnvironment<'_> {
    InEnvironment { selected: workflows, ..InEnvironment::on(today()) }
}

pub(super) fn codes(findings: &Diagnostics) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.rule.code()).collect()
}

/// Fields of a workflow, and the findings about the files that they name.
const FILES: &[(&str, &str)] = &[
    (
        "clusters: [{node_type_id: Standard_DS3_v2\"}]",
        "error stray-quote: `Standard_DS3_v2\"` has a quote on one side only (write `Standard_DS3_v2`)",
    ),
    (
        "configuration: {a: 'say \"hi\"', b: \"it's fine\", c: '\"', d: \"octocats'\"}",
        "error stray-quote: `octocats'` has a quote on one side only (write `octocats`)",
    ),
    (
        "tasks: {items: [{python_file: samples/b-3.py}]}",
        "error missing-python-file: `data/samples/b-3.py` does not exist (did you mean `samples/b-2.py`?)",
    ),
    (
        "tasks: {items: [{python_file: a.py}]}",
        "error missing-python-file: `data/a.py` does not exist (did you mean `samples/a.py`?)",
    ),
    (
        "tasks: {items: [{python_file: json/c.py}]}",
        "error python-file-outside-code: `data/json/c.py` is outside the code folder `data/samples` (move it, or set `include.code.name` in `data/dltflow.yml`)\nerror module-collision: the module `json.c` begins with `json`, a module of Python's standard library (rename the folder or file)",
    ),
    (
        "tasks: {items: [{python_file: samples/a.py, parameters: [--conf, conf/a.json, --all, conf/b.yml, /dbfs/x.json, 'abfss://x/y.json', a b.json, --x=y.json, '*.json']}]}",
        "",
    ),
    (
        "tasks: {items: [{python_file: samples/a.py, parameters: [--conf, conf/a.jsn]}]}",
        "error missing-config-file: `data/conf/a.jsn` does not exist (a release carries `data/conf` and `data/samples`, paths are read from the folder of `dltflow.yml`)",
    ),
    (
        "tasks: {items: [{python_file: samples/a.py, parameters: [--config=conf/c.json, b.yml]}]}",
        "error missing-config-file: `data/conf/c.json` does not exist (did you mean `conf/a.json`?)\nerror missing-config-file: `data/b.yml` does not exist (did you mean `conf/b.yml`?)",
    ),
    (
        "tasks: {items: [{python_file: samples/a.py}], dependencies: [{whl: own-1.0-py3-none-any.whl}, {whl: own-1.1-py3-none-any.whl}]}",
        "error missing-wheel: `data/own-1.1-py3-none-any.whl` does not exist (did you mean `own-1.0-py3-none-any.whl`?)\nerror bad-wheel: `data/own-1.0-py3-none-any.whl` is empty (build it again, and check that the whole file is in the checkout)",
    ),
    (
        "tasks: {items: [{python_file: samples/a.py}], dependencies: [{whl: own.whl}, {whl: 'https://x/own-1.0-py3-none-any.whl?a=b'}]}",
        "error bad-wheel-name: `own.whl` is not a valid wheel name (use the name that the build gave it, such as `orders-1.0-py3-none-any.whl`)",
    ),
    (
        "tasks: {items: [{python_file: samples/a.py}], dependencies: [{whl: /dbfs/own-1.0-py3-none-any.whl}]}",
        "warning dbfs-dependency: `/dbfs/own-1.0-py3-none-any.whl` is on DBFS (move it to a volume (`/Volumes/…`) or a workspace folder)",
    ),
];

#[test]
fn each_rule_finds_its_mistake_and_nothing_else() {
    let project = project(TARGETS);
    for (fields, expected) in FILES.iter().chain(fields::FIELDS) {
        assert_eq!(findings(&project, fields).join("\n"), *expected, "{fields}");
    }
    let tags = |count: usize| (0..count).map(|tag| format!("t{tag}: x")).collect::<Vec<_>>().join(", ");
    let about = |count| findings(&project, &format!("tags: {{{}}}", tags(count)));
    assert_eq!(about(25), Vec::<String>::new());
    let scripts = |count: usize| {
        let scripts = vec!["{workspace: {destination: /a.sh}}"; count].join(", ");
        findings(&project, &format!("clusters: [{{init_scripts: [{scripts}]}}]"))
    };
    assert_eq!(scripts(10), Vec::<String>::new());
    assert_eq!(scripts(11), ["warning too-many-items: `init_scripts` has 11 entries; the service takes 10 ()"]);
    assert_eq!(about(26), ["error too-many-tags: 26 tags are more than the 25 that a pipeline takes ()"]);
}

#[test]
fn the_project_decides_the_severity_of_a_rule() {
    let project =
        project("targets: {dev: {}}\ncheck: {relative-storage: off, dash-in-target: error, run-as-identity: note}\n");
    assert_eq!(findings(&project, "storage: x"), Vec::<String>::new());
    assert!(findings(&project, "target: a-b")[0].starts_with("error dash-in-target"));
    assert!(findings(&project, "run_as: {}")[0].starts_with("note run-as-identity"));
}

/// Workflows of `dev`: their names and what else they have.
pub(super) fn all(project: &Project, written: &[(&str, &str)]) -> Vec<Workflow> {
    let one = |(name, more): &(&str, &str)| {
        format!(
            "{{name: {name}, tasks: {{items: [{{python_file: samples/a.py, parameters: [--conf, conf/b.yml]}}]}}{more}}}"
        )
    };
    let list: Vec<String> = written.iter().map(one).collect();
    workflows(project, format!("dev: {{workflows: [{}]}}", list.join(", ")))
}

#[test]
fn one_error_leaves_nothing_of_what_was_selected_validated() {
    let project = project(TARGETS);
    let all = all(&project, &[("a", ""), ("b", ", storage: x"), ("a", "")]);
    let codebase = Codebase::new(&project, files(), &all);
    let count = |selected: &[Workflow], known| {
        let Checked { selected, findings, .. } = check(&project, self::selected(selected), &codebase, known);
        (selected.len(), codes(&findings))
    };
    assert_eq!(count(&all[..1], Diagnostics::default()), (1, vec![]));
    assert_eq!(count(&all[..2], Diagnostics::default()), (0, vec!["relative-storage"]));
    assert_eq!(count(&[all[0].clone(), all[2].clone()], Diagnostics::default()), (0, vec!["duplicate-workflow-name"]));
    let known = each(&project, today(), &all[1..2], &codebase).remove(0);
    assert_eq!(count(&all[..1], known.clone()), (0, vec!["relative-storage"]));
    assert_eq!(count(&all[..1], known.downgraded()), (1, vec!["relative-storage"]));
}

#[test]
fn what_is_wrong_with_untouched_workflows_is_a_warning_and_leaves_those_out_that_have_it() {
    let project = project(TARGETS);
    let valid = "dlt: {func_name: b, kind: table}\n";
    let invalid = "dlt: {func_name: b, kind: tabel}\n";
    for (selected, untouched, config, passed, found) in [
        (
            &[("a", "")][..],
            &[("b", ""), ("c", ", storage: x"), ("d", "")][..],
            valid,
            &["b", "d"][..],
            &["relative-storage"][..],
        ),
        (&[], &[("a", ""), ("b", ""), ("b", ""), ("c", "")], valid, &["a", "c"], &["duplicate-workflow-name"]),
        // One that several share has its findings once.
        (&[], &[("a", ""), ("b", "")], invalid, &[], &["invalid-config"]),
    ] {
        let (selected, untouched) = (all(&project, selected), all(&project, untouched));
        let mut files = files();
        files.insert(path("data/conf/b.yml"), config.as_bytes().to_vec());
        let codebase = Codebase::new(&project, files, selected.iter().chain(&untouched));
        let workflows = InEnvironment { selected: &selected, untouched: &untouched, ..InEnvironment::on(today()) };
        let checked = check(&project, workflows, &codebase, Diagnostics::default());
        assert_eq!((checked.selected.len(), checked.findings.iter().count()), (selected.len(), 0), "{found:?}");
        let names: Vec<&str> = checked.untouched.iter().map(|passed| passed.get().name.value.as_str()).collect();
        assert_eq!((names.as_slice(), codes(&checked.of_untouched).as_slice()), (passed, found));
        assert!(!checked.of_untouched.has_errors());
    }
}

#[test]
fn a_preview_does_not_borrow_an_identity_unless_the_target_says_so() {
    for (target, fields, expected) in [
        ("{}", "", 0),
        ("{}", ", run_as: {user_name: octocat@github.com}", 1),
        ("{preview: {allow: [run-as]}}", ", run_as: {user_name: octocat@github.com}", 0),
        ("{preview: {run_as: {group_name: cats}}}", ", run_as: {user_name: octocat@github.com}", 0),
        ("{preview: {allow: [fixed-names]}}", ", run_as: {user_name: octocat@github.com}", 1),
    ] {
        let project = project(&format!("targets: {{dev: {target}}}\n"));
        let text =
            format!("dev: {{workflows: [{{name: a, tasks: {{items: [{{python_file: samples/a.py}}]}}{fields}}}]}}");
        let workflows = workflows(&project, text);
        let findings = preview(&project, &workflows, &Codebase::new(&project, files(), &workflows));
        assert_eq!(findings.iter().count(), expected, "{target} {fields}");
    }
}

#[test]
fn a_preview_writes_to_no_fixed_place_unless_the_target_says_so() {
    let text = "dev: {workflows: [{name: a, tasks: {items: [{python_file: samples/a.py, parameters: [--conf, conf/fixed.yml]}]}}]}";
    for (target, config, expected) in [
        ("{}", "dlt: {func_name: a, kind: table, name: orders, write_opts: {comment: x.y}}", &[][..]),
        ("{}", "dlt: {name: prod.orders, write_opts: {path: /mnt/x}}", &["name", "write_opts.path"]),
        (
            "{}",
            "dlt: [{name: a}, {apply_cdc_config: {target: prod.b}}, {sink: {name: k}}]",
            &["apply_cdc_config.target", "sink"],
        ),
        (
            "{}",
            "dlt: {apply_cdc_config: [{target: b}, {target: prod.c}], apply_snapshot_config: {target: a.b}, quarantine: {path: /x}}",
            &["apply_cdc_config.target", "apply_snapshot_config.target", "quarantine.path"],
        ),
        ("{preview: {allow: [fixed-names]}}", "dlt: {name: prod.orders}", &[]),
        ("{preview: {isolate: false}}", "dlt: {name: prod.orders}", &[]),
        ("{}", "dlt: [", &[]),
    ] {
        let project = project(&format!("targets: {{dev: {target}}}\n"));
        let mut files = files();
        files.insert(path("data/conf/fixed.yml"), config.as_bytes().to_vec());
        let workflows = workflows(&project, text.to_owned());
        let findings = preview(&project, &workflows, &Codebase::new(&project, files, &workflows));
        let keys: Vec<&str> = findings.iter().map(|finding| finding.message.split('`').nth(1).unwrap()).collect();
        assert_eq!(keys, expected, "{target} {config}");
    }
}

/// `--conf` of each item with what the file holds, and the findings as `severity rule path:line:column message`.
type ConfigCase = (&'static [(&'static str, &'static str)], &'static [&'static str]);

const CONFIGS: &[ConfigCase] = &[
    (&[("conf/a.json", "{\"dlt\": {\"func_name\": \"a\", \"kind\": \"table\"}}")], &[]),
    (&[("conf/b.yml", "reader: [1]\nother: {dlts: 1, kind: x}\nalt: [{kind: x}]\n")], &[]),
    (&[("conf/b.yml", "- a\n- b\n")], &[]),
    (&[("conf/b.yml", "a: 1\na: 2\n")], &[]),
    (
        &[("conf/b.yml", "a: !x 3\n")],
        &["warning readers-differ conf/b.yml:1:4 other readers fail here: the tag is not known"],
    ),
    (&[("conf/b.yml", "")], &[]),
    (&[("conf/t.toml", "dlt = [")], &[]),
    (
        &[("conf/a.json", "{\"dlt\": {\"func_name\": \"a\"},\n \"a\": 1,}")],
        &["error invalid-config conf/a.json:2:9 the file is not valid JSON: key must be a string"],
    ),
    (
        &[("conf/a.json", "{\"a\": 1,}")],
        &["warning invalid-config conf/a.json:1:9 the file is not valid JSON: key must be a string"],
    ),
    (
        &[("conf/b.yml", "DTL:\n- func_name: a\n  kind: table\n")],
        &["warning missing-section conf/b.yml:1:1 there is no `dlt` section, so there is nothing to register"],
    ),
    (
        &[("conf/b.yml", "a: 1\na: 2\ndlt:\n  func_name: a\n  kind: view\n  kind: table\n")],
        &[
            "warning invalid-config conf/b.yml:2:1 `a` is given twice",
            "error invalid-config conf/b.yml:6:3 `kind` is given twice",
        ],
    ),
    (
        &[("conf/b.yml", "dlt:\n  func_nam: a\n  kind: tabel\n  is_streaming: maybe\n  write_opts: {path: [x]}\n")],
        &[
            "error invalid-config conf/b.yml:2:3 `dlt`: unknown key `func_nam`",
            "error invalid-config conf/b.yml:3:9 `dlt.kind`: must be one of `table`, `view`, not `\"tabel\"`",
            "warning old-spelling conf/b.yml:4:3 `dlt`: `is_streaming` is an older name of `is_streaming_table`",
            "error invalid-config conf/b.yml:4:17 `dlt.is_streaming`: must be `true` or `false`, not `\"maybe\"`",
            "error invalid-config conf/b.yml:5:23 `dlt.write_opts.path`: must be a string, not `[\"x\"]`",
            "error invalid-config conf/b.yml:1:1 `dlt`: `func_name` is missing",
        ],
    ),
    (
        &[
            ("conf/a.json", "{\"dlt\": {\"func_name\": \"orders\", \"kind\": \"table\"}}"),
            ("conf/b.yml", "dlt:\n  func_name: b\n  kind: table\n  name: Orders\n"),
        ],
        &["error duplicate-dataset conf/b.yml:4:9 `Orders` is already made by `data/conf/a.json`"],
    ),
    (
        &[("conf/b.yml", "dlt: {func_name: b, kind: table}\n"), ("conf/b.yml", "dlt: {func_name: b, kind: table}\n")],
        &[
            "warning duplicate-dataset workflows/a.yml:1:122 `data/conf/b.yml` is the configuration of two items, so its datasets are made twice",
        ],
    ),
];

#[test]
fn findings_in_configurations_have_places_and_other_files_are_left_alone() {
    let project = project(TARGETS);
    for (configs, expected) in CONFIGS {
        let mut files = files();
        let mut sources = Sources::default();
        let items = configs.iter().map(|(name, text)| {
            files.insert(path(&format!("data/{name}")), text.as_bytes().to_vec());
            sources.insert(Source { path: path(&format!("data/{name}")), text: (*text).to_owned() });
            format!("{{python_file: samples/a.py, parameters: [--conf, {name}]}}")
        });
        let text =
            format!("dev: {{workflows: [{{name: a, tasks: {{items: [{}]}}}}]}}", items.collect::<Vec<_>>().join(", "));
        let workflows = workflows(&project, text.clone());
        sources.insert(Source { path: path("data/workflows/a.yml"), text });
        let codebase = Codebase::new(&project, files, &workflows);
        let found = check(&project, selected(&workflows), &codebase, Diagnostics::default()).findings;
        let lines = found.iter().map(|finding| {
            let place = sources.get(&finding.at.path).unwrap().locate(finding.at.span.unwrap());
            let (file, line, column) = (finding.at.path.below(&path("data")).unwrap(), place.line, place.column);
            format!("{} {} {file}:{line}:{column} {}", finding.severity.word(), finding.rule, finding.message)
        });
        assert_eq!(lines.collect::<Vec<_>>(), *expected, "{configs:?}");
    }
}

#[test]
fn every_rule_of_the_registry_is_in_the_catalogue() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    #[expect(clippy::disallowed_methods, reason = "a test looks at the sources")]
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let rules: Vec<String> =
        names.filter(|name| !["absence.rs", "mod.rs", "tests.rs", "tests"].contains(&name.as_str())).collect();
    for file in &rules {
        let code = file.trim_end_matches(".rs").replace('_', "-");
        assert!(Rule::named(&code).is_some(), "{code}");
    }
    // Those about several workflows, about the code, and about previews.
    assert_eq!(rules.len(), CHECKS.len() + 4);
}
