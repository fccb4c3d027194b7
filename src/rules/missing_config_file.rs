//! `missing-config-file`: a parameter names a configuration file that is not there.

use super::RuleInput;
use super::absence::Absence;
use crate::codebase::referenced;
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
    let text = referenced(text);
    // What lies elsewhere is the matter of `unread-config`.
    let Some(path) = subject.project.folder.join(text).ok().filter(|_| !text.contains(':')) else { return };
    if subject.codebase.contains(&path) {
        return;
    }
    let lack = if subject.codebase.files().has_folder(&path) {
        Absence { what: "is a folder".to_owned(), help: "name a file in it".to_owned() }
    } else {
        let (code, conf) = (&subject.project.code, &subject.project.conf);
        let advice =
            || format!("a release carries `{conf}` and `{code}`, paths are read from the folder of `dltflow.yml`");
        Absence::of(subject, &path, advice)
    };
    found.push(subject.finding(Rule::MissingConfigFile, span, format!("`{path}` {}", lack.what)).help(lack.help));
}

pub(super) fn looks_like_config(text: &str) -> bool {
    let text = referenced(text);
    let plain = !text.starts_with('-') && !text.contains(|c: char| c.is_whitespace() || "*?[]{}=".contains(c));
    plain && text.rsplit_once('.').is_some_and(|(stem, extension)| !stem.is_empty() && EXTENSIONS.contains(&extension))
}
