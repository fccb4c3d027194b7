//! Pipeline configurations: both languages give one meaning to the examples of `tests/runtime/golden`, and each mistake
//! has its place.

use std::path::{Path, PathBuf};

use dltflow::config::{self, Config};
use dltflow::diagnostic::{Diagnostic, Severity};
use dltflow::source::{RepoPath, Source};

use crate::support::tally;

/// Hints that Python's `difflib` gives and a slip of the fingers does not explain.
const FARTHER: &[&str] = &["unknown_key_changes"];

fn source(name: &str, text: impl Into<String>) -> Source {
    Source { path: RepoPath::parse(name).unwrap(), text: text.into() }
}

/// The finding as the runtime writes it.
fn as_python(finding: &Diagnostic, source: &Source) -> String {
    let message = match finding.message.strip_prefix('`').and_then(|message| message.split_once("`: ")) {
        Some((keys, problem)) => format!("{keys}: {problem}"),
        None => finding.message.clone(),
    };
    let help = finding.help.as_ref().map(|help| {
        let joint = if help.starts_with("did you mean") { ";" } else { ":" };
        format!("{joint} {help}")
    });
    format!("{}: {message}{}", source.path, help.unwrap_or_default())
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runtime/golden");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

/// The one file of a case whose name begins so.
fn file(case: &Path, begins: &str) -> Option<(String, String)> {
    let mut files = std::fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path());
    let found = files.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(begins))?;
    Some((found.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(found).unwrap()))
}

#[test]
fn a_configuration_means_the_same_in_both_languages() {
    let (mut plans, mut refused) = (0, 0);
    for case in cases() {
        let name = case.file_name().unwrap().to_str().unwrap();
        let (path, text) = file(&case, "config.").unwrap_or_else(|| panic!("{name} has no configuration"));
        let source = source(&path, text);
        let Config { plan, findings, .. } = config::decode(&source);
        if let Some((_, wanted)) = file(&case, "plan.json") {
            let plan = plan.unwrap_or_else(|| panic!("{name}: {findings:?}")).to_json();
            let wanted: serde_json::Value = serde_json::from_str(&wanted).unwrap();
            assert_eq!(plan, wanted, "{name}");
            let told: Vec<String> = findings.iter().map(|finding| as_python(finding, &source)).collect();
            assert_eq!(serde_json::json!(told), wanted["warnings"], "{name}");
            plans += 1;
        } else {
            let (_, wanted) = file(&case, "error.txt").unwrap_or_else(|| panic!("{name} has no outcome"));
            let wanted = if FARTHER.contains(&name) { wanted.split(';').next().unwrap() } else { wanted.trim_end() };
            assert!(plan.is_none(), "{name}");
            let first = findings
                .iter()
                .find(|finding| finding.severity == Severity::Error || finding.rule == "missing-section");
            assert_eq!(as_python(first.unwrap_or_else(|| panic!("{name}: nothing told")), &source), wanted, "{name}");
            refused += 1;
        }
    }
    tally(
        "configurations",
        &format!("{plans} configurations with the same plan in Python and Rust, {refused} with the same error"),
    );
}
