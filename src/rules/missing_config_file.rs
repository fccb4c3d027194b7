//! `missing-config-file`: a parameter names a configuration file that is not there, or that no release carries.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};
use crate::source::Span;

const EXTENSIONS: [&str; 4] = ["json", "toml", "yaml", "yml"];

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for item in &subject.items {
        for parameter in &item.parameters {
            match item.config_argument.as_ref().filter(|argument| argument.span == parameter.span) {
                Some(argument) => config(subject, argument.value, argument.span, found),
                None if looks_like_config(parameter.text) => config(subject, parameter.text, parameter.span, found),
                None => {}
            }
        }
    }
}

fn config(subject: &RuleInput<'_>, text: &str, span: Span, found: &mut Diagnostics) {
    // What lies elsewhere (`/dbfs/…`, `abfss://…`) is there or not when the pipeline runs.
    let Some(path) = subject.project.folder.join(text).ok().filter(|_| !text.contains(':')) else { return };
    let (code, conf) = (&subject.project.code, &subject.project.conf);
    let what = match subject.codebase.contains(&path) {
        true if !path.is_within(code) && !path.is_within(conf) => format!("is neither in `{conf}` nor in `{code}`"),
        true if subject.codebase.may_be_shipped(&path) => return,
        true => "is hidden, so no release carries it".to_owned(),
        false => "does not exist".to_owned(),
    };
    let finding = subject.finding(Rule::MissingConfigFile, span, format!("`{path}` {what}"));
    found.push(match subject.similar(&path) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding
            .help(format!("a release carries `{conf}` and `{code}`, paths are read from the folder of `dltflow.yml`")),
    });
}

fn looks_like_config(text: &str) -> bool {
    let plain = !text.starts_with('-') && !text.contains(|c: char| c.is_whitespace() || "*?[]{}=".contains(c));
    plain && text.rsplit_once('.').is_some_and(|(stem, extension)| !stem.is_empty() && EXTENSIONS.contains(&extension))
}
