//! `not-shipped`: a parameter names what no release can carry.

use super::RuleInput;
use super::absence::Absence;
use super::missing_config_file::looks_like_config;
use crate::codebase::{Parameter, referenced, written};
use crate::diagnostic::{Diagnostics, Rule, Severity};
use crate::source::{Absent, BadPath, RepoPath};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for item in &subject.items {
        let config = item.config_argument.as_ref().map(|argument| argument.span);
        for parameter in item.parameters.iter().filter(|parameter| parameter.named().is_none()) {
            let is_config = config == Some(parameter.span) || looks_like_config(parameter.text);
            let lacks = written(parameter.text).filter_map(|(_, text)| lack(subject, text, is_config));
            if let Some((message, help, severity)) = lacks.into_iter().next() {
                let mut finding = subject.finding(Rule::NotShipped, parameter.span, message).help(help);
                finding.severity = severity;
                found.push(finding);
            }
        }
        of_empty_folders(subject, &item.parameters, found);
    }
}

/// What is wrong with the path `text`, if it certainly is one; a configuration that does not exist has its own rule.
fn lack(subject: &RuleInput<'_>, text: &str, is_config: bool) -> Option<(String, String, Severity)> {
    let path_text = referenced(text);
    if path_text.contains("://") {
        return None;
    }
    let error = |lack: Absence, path: &RepoPath| Some((format!("`{path}` {}", lack.what), lack.help, Severity::Error));
    match subject.project.folder.join(path_text) {
        Err(bad @ BadPath::Outside) => {
            let help = "a release carries files of the checkout: move it there".to_owned();
            Some((format!("`{path_text}` {bad}"), help, Severity::Error))
        }
        Ok(path) if !is_config => match subject.codebase.absent(&path) {
            Some(Absent::OtherForm(_) | Absent::NotCheckedOut) => error(Absence::known(subject, &path)?, &path),
            // A word like `current` may be the name of a link by chance.
            Some(Absent::Withheld(_)) if path_text.contains(['/', '.']) => {
                error(Absence::known(subject, &path)?, &path)
            }
            None if path_text != text => {
                let advice = || "paths are read from the folder of `dltflow.yml`".to_owned();
                error(Absence::of(subject, &path, advice), &path)
            }
            _ => None,
        },
        _ => None,
    }
}

/// A folder that is named and has nothing to ship: a warning, as the pipeline may be meant to write it.
fn of_empty_folders(subject: &RuleInput<'_>, parameters: &[Parameter<'_>], found: &mut Diagnostics) {
    for parameter in parameters.iter().filter(|parameter| parameter.named().is_none()) {
        let mut paths = parameter.paths.iter().filter(|named| named.is_written_as_path());
        let empty = paths.find(|named| subject.codebase.absent(&named.path) == Some(&Absent::Empty));
        let lack = empty.and_then(|named| Some((&named.path, Absence::known(subject, &named.path)?)));
        if let Some((path, Absence { what, help })) = lack {
            let message = format!("the folder `{path}` {what}, so it is not shipped");
            let mut finding = subject.finding(Rule::NotShipped, parameter.span, message).help(help);
            finding.severity = Severity::Warning;
            found.push(finding);
        }
    }
}
