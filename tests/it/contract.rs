//! What is promised in several places is the same in all of them: `action.yml`, README, `docs/rules.md`, the code.

use clap::Parser as _;
use dltflow::cli::Cli;
use dltflow::diagnostic::{Diagnostic, Kind, Rule};
use dltflow::inputs::INPUTS;
use dltflow::project::Project as ProjectFile;
use dltflow::report::{self, Delivered, Report, Verdict};
use dltflow::source::{RepoPath, Source};
use dltflow::spec::{self, Environment};
use serde_json::Value;

use crate::support::parse_outputs;

/// What each command block of README begins with.
const PROGRAM: &str = "dltflow ";

fn read(file: &str) -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// The text below a heading, up to the next one of any level.
fn section<'t>(text: &'t str, heading: &str) -> &'t str {
    let (_, rest) = text.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no `{heading}`"));
    rest.split_once("\n#").map_or(rest, |(section, _)| section)
}

/// The rows of the table below a heading: its cells, those that are code without their backticks.
fn table(text: &str, heading: &str) -> Vec<Vec<String>> {
    let bare = |cell: &str| cell.trim().trim_start_matches('`').trim_end_matches('`').to_owned();
    let cells = |row: &str| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let (last, first) = cells.split_last().unwrap();
        first.iter().map(|cell| bare(cell)).chain([last.trim().to_owned()]).collect()
    };
    section(text, heading).lines().filter(|line| line.starts_with("| `")).map(cells).collect()
}

/// The fenced blocks of a language that hold `mark`.
fn blocks<'t>(text: &'t str, language: &str, mark: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    let all = text.split(fence.as_str()).skip(1).filter_map(|rest| rest.split_once("```"));
    all.map(|(block, _)| block).filter(|block| block.contains(mark)).collect()
}

fn source(path: &str, text: &str) -> Source {
    Source { path: RepoPath::parse(path).unwrap(), text: text.to_owned() }
}

fn project(text: &str) -> ProjectFile {
    let (project, findings) = ProjectFile::decode(&source("dltflow.yml", text));
    assert_clean(findings.iter());
    project.unwrap()
}

/// Fails with what was found.
#[track_caller]
fn assert_clean<'f>(findings: impl Iterator<Item = &'f Diagnostic>) {
    assert_eq!(findings.map(|finding| &finding.message).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn inputs_are_those_of_the_code_and_of_readme() {
    let action = yaml(&read("action.yml"));
    let inputs = action["inputs"].as_object().unwrap();
    let text = |id: &str, key: &str| inputs[id][key].as_str().unwrap().to_owned();
    let mut ids: Vec<&str> = inputs.keys().map(String::as_str).collect();
    let mut of_code: Vec<&str> = INPUTS.iter().map(|input| input.id).collect();
    let rows: Vec<Vec<String>> =
        of_code.iter().map(|id| vec![(*id).to_owned(), text(id, "default"), text(id, "description")]).collect();
    assert_eq!(table(&read("README.md"), "## Inputs"), rows);
    ids.sort_unstable();
    of_code.sort_unstable();
    assert_eq!(ids, of_code);
    for input in INPUTS {
        assert_eq!(text(input.id, "default"), input.default, "{}", input.id);
    }
}

#[test]
fn outputs_are_those_of_the_code_and_of_readme() {
    let action = yaml(&read("action.yml"));
    let outputs = action["outputs"].as_object().unwrap();
    let project = report::ProjectInfo { name: "shop".to_owned(), identity: "shop".to_owned(), folder: None };
    let written =
        report::outputs(&Report::new(Verdict::Skipped, "", project), Delivered::default(), "delimiter").unwrap();
    let names: Vec<String> = parse_outputs(&written).unwrap().into_keys().collect();
    let mut declared: Vec<String> = outputs.keys().cloned().collect();
    let mut rows = table(&read("README.md"), "## Outputs");
    declared.sort_unstable();
    rows.sort_unstable();
    assert_eq!(declared, names);
    let described = |name: &String| vec![name.clone(), outputs[name]["description"].as_str().unwrap().to_owned()];
    assert_eq!(rows, declared.iter().map(described).collect::<Vec<_>>());
}

#[test]
fn exit_codes_are_those_of_readme() {
    use Kind::{Failed, Input, Internal, Invalid, Partial, Refused, Stopped};
    let kinds = [Internal, Input, Invalid, Failed, Partial, Refused, Stopped(2), Stopped(15)];
    let codes: Vec<String> = [0].into_iter().chain(kinds.map(Kind::exit_code)).map(|code| code.to_string()).collect();
    let rows = table(&read("README.md"), "## Exit codes");
    assert_eq!(rows.into_iter().map(|row| row[0].clone()).collect::<Vec<_>>(), codes);
}

#[test]
fn reasons_are_those_of_readme() {
    let rows = table(&read("README.md"), "### Reasons");
    let told: Vec<String> = rows.into_iter().map(|row| row[0].clone()).collect();
    // Constants, which a program cannot list: they are read where they are written.
    let codes: Vec<String> = read("src/route/reason.rs").lines().filter_map(constant).collect();
    let missing: Vec<&String> = codes.iter().filter(|code| !told.contains(code)).collect();
    let unknown: Vec<&String> = told.iter().filter(|code| !codes.contains(code)).collect();
    assert_eq!((missing, unknown), (Vec::new(), Vec::new()));
}

/// The value of a constant that is a text.
fn constant(line: &str) -> Option<String> {
    let (name, value) = line.split_once(": &str = \"")?;
    name.contains("const ").then(|| value.trim_end_matches("\";").to_owned())
}

#[test]
fn rules_are_those_of_the_documents() {
    let rows = table(&read("docs/rules.md"), "## Rules");
    let rule = |rule: &Rule| {
        let severity =
            if rule.is_switchable() { rule.severity().word().to_owned() } else { "always an error".to_owned() };
        vec![rule.code().to_owned(), severity, rule.explanation().to_owned()]
    };
    assert_eq!(rows, Rule::ALL.iter().map(rule).collect::<Vec<_>>());
}

#[test]
fn examples_of_readme_work() {
    let readme = read("README.md");
    let [file] = blocks(&readme, "yaml", "include:")[..] else { panic!("one `dltflow.yml`") };
    let whole = project(file);
    for part in ["check:", "preview:\n"] {
        let [part] = blocks(&readme, "yaml", part)[..] else { panic!("one `{part}`") };
        let targets = if part.contains("targets:") { "" } else { "targets: {dev: {}}\n" };
        project(&format!("dltflow: {{name: shop}}\n{targets}{part}"));
    }
    let [text] = blocks(&readme, "yaml", "tasks:")[..] else { panic!("one spec") };
    let (spec, findings) = spec::decode(&source("workflows/orders.yml", text), &whole);
    assert_clean(findings.iter().chain(spec.environments.iter().flat_map(Environment::all_findings)));
    // What events lead to gets something there.
    let targets: Vec<&str> = whole.targets.iter().map(|target| target.name.as_str()).collect();
    let found = spec.environments.iter().filter(|environment| !environment.workflows.is_empty());
    assert_eq!(found.map(|environment| environment.name.value.as_str()).collect::<Vec<_>>(), targets);
    let [workflow] = blocks(&readme, "yaml", "jobs:")[..] else { panic!("one workflow file") };
    let step = &yaml(workflow)["jobs"]["pipelines"]["steps"][1]["with"];
    let unknown = step.as_object().unwrap().keys().find(|id| INPUTS.iter().all(|input| input.id != id.as_str()));
    assert_eq!(unknown, None);
}

#[test]
fn commands_of_readme_are_understood() {
    let readme = read("README.md");
    let commands: Vec<&str> = blocks(&readme, "sh", PROGRAM).into_iter().flat_map(str::lines).collect();
    assert!(commands.len() > 5, "{commands:?}");
    for command in commands {
        if let Err(error) = Cli::try_parse_from(command.split_whitespace()) {
            panic!("{command}\n{error}");
        }
    }
}

#[test]
fn every_stage_of_the_dockerfile_can_be_built_from_a_checkout() {
    // An engine without BuildKit builds all of them, also those that the last one does not need.
    let copied = |file: &str| -> Vec<String> {
        let text = read(file);
        let lines =
            text.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|line| !line.starts_with("--from="));
        lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    };
    assert_eq!(copied("Dockerfile"), ["."]);
    assert_eq!(copied("Dockerfile.prebuilt"), ["dltflow"]);
    let stages = |file: &str| read(file).lines().filter(|line| line.starts_with("FROM ")).count();
    assert_eq!((stages("Dockerfile"), stages("Dockerfile.prebuilt")), (2, 1));
    assert_eq!(yaml(&read("action.yml"))["runs"]["image"], "Dockerfile");
}
