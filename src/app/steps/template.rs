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
    let is_spec = ["yml", "yaml", "json"].contains(&extension.as_str());
    let is_odd = is_spec && extension != path.extension();
    is_odd
        || extension == "jsonc"
        || TEMPLATES.contains(&extension.as_str()) && ["yml", "yaml", "json"].contains(&of.as_str())
}

/// What to say of it.
pub(super) fn finding(path: &RepoPath) -> Diagnostics {
    let mut found = Diagnostics::default();
    let extension = path.extension().to_ascii_lowercase();
    let (what, help) = match extension.as_str() {
        "jsonc" => ("the file is JSON with comments", "commit it without them, as `.json`, or as `.yml`"),
        "yml" | "yaml" | "json" => ("the extension is not in lower case", "rename the file"),
        _ => ("the file is a template", "commit the spec itself, as `.yml`, `.yaml` or `.json`"),
    };
    let finding = Diagnostic::of(Rule::NoWorkflows, path, None, format!("{what}, so it is not read as a spec"));
    found.push(finding.help(help));
    found
}
