//! Files among the specs that are not read as one: what a spec is made of, and JSON with comments.

use crate::diagnostic::{Diagnostic, Diagnostics, Rule};
use crate::source::RepoPath;

/// How engines of templates name their files.
const TEMPLATES: [&str; 6] = ["j2", "jinja", "jinja2", "tmpl", "tpl", "template"];

/// Whether `path` is such a file, by its name.
pub(super) fn is_one(path: &RepoPath) -> bool {
    let extension = path.extension().to_ascii_lowercase();
    let stem = path.file_name().strip_suffix(&format!(".{}", path.extension())).unwrap_or_default();
    let of = stem.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    extension == "jsonc" || TEMPLATES.contains(&extension.as_str()) && ["yml", "yaml", "json"].contains(&of.as_str())
}

/// What to say of it.
pub(super) fn finding(path: &RepoPath) -> Diagnostics {
    let mut found = Diagnostics::default();
    let what = if path.extension().eq_ignore_ascii_case("jsonc") { "JSON with comments" } else { "a template" };
    let message = format!("the file is {what}, which is not read as a spec");
    let finding = Diagnostic::of(Rule::NoWorkflows, path, None, message);
    found.push(finding.help("commit the spec itself, as `.yml`, `.yaml` or `.json`"));
    found
}
