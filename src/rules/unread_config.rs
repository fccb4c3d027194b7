//! `unread-config`: a configuration is named in a way that nothing reads, or a class that needs one has none.

use super::RuleInput;
use super::missing_config_file::looks_like_config;
use crate::codebase::{CONFIG_FLAGS, ItemFiles, Parameter, referenced, written};
use crate::diagnostic::{Diagnostics, Rule, Severity};
use crate::python::PipelineClass;
use crate::source::Span;

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for (item, task) in subject.items.iter().zip(&subject.workflow.items) {
        let misspelt: Vec<Problem> =
            item.parameters.iter().filter_map(|parameter| misspelt(subject, item, parameter)).collect();
        let problems = if misspelt.is_empty() {
            unnamed(subject, item, task.python_file.span).into_iter().collect()
        } else {
            misspelt
        };
        for Problem { span, message, help, severity } in problems {
            let mut finding = subject.finding(Rule::UnreadConfig, span, message).help(help);
            finding.severity = severity;
            found.push(finding);
        }
    }
}

struct Problem {
    span: Span,
    message: String,
    help: String,
    severity: Severity,
}

impl Problem {
    fn error(span: Span, message: String, help: String) -> Self {
        Self { span, message, help, severity: Severity::Error }
    }
}

/// A parameter that certainly means a file of the project and does not name it.
fn misspelt(subject: &RuleInput<'_>, item: &ItemFiles<'_>, parameter: &Parameter<'_>) -> Option<Problem> {
    if parameter.named().is_some() {
        return None;
    }
    let text = parameter.text;
    if let Some(words) = one_word(subject, item, parameter) {
        let message = format!("`{text}` is one argument, not a flag and its value");
        return Some(Problem::error(parameter.span, message, format!("write `[{}]`", words.join(", "))));
    }
    let is_config = item.config_argument.as_ref().is_some_and(|argument| argument.span == parameter.span);
    written(text).find_map(|(prefix, text)| {
        let meant = meant(referenced(text))?;
        let path = subject.project.folder.join(&meant).ok();
        let exists =
            path.is_some_and(|path| subject.codebase.contains(&path) || subject.codebase.files().has_folder(&path));
        let is_windows = text.contains('\\') && (is_config || looks_like_config(&meant));
        let what = if text.contains('\\') { "is a path with backslashes" } else { "is the path of another file" };
        let help = if exists {
            format!("write `{prefix}{meant}`")
        } else {
            "write it with `/`, relative to the folder of `dltflow.yml`".to_owned()
        };
        (exists || is_windows).then(|| Problem::error(parameter.span, format!("`{text}` {what}"), help))
    })
}

/// The relative path that an absolute one or one with backslashes was probably meant to be.
fn meant(text: &str) -> Option<String> {
    let plain = text.replace('\\', "/");
    let relative = plain.trim_start_matches('/');
    let is_plain = !relative.is_empty() && !relative.contains(':') && !relative.contains("//");
    (relative != text && is_plain).then(|| relative.to_owned())
}

/// The words of a flag and its value that were written as one argument.
fn one_word(subject: &RuleInput<'_>, item: &ItemFiles<'_>, parameter: &Parameter<'_>) -> Option<Vec<String>> {
    let words = shlex::split(parameter.text).filter(|words| words.len() > 1)?;
    let is_file = |word: &str| {
        let path = subject.project.folder.join(referenced(word)).ok();
        path.is_some_and(|path| subject.codebase.contains(&path))
    };
    let mut pairs = words.windows(2);
    let names_config = pairs
        .any(|pair| CONFIG_FLAGS.contains(&pair[0].as_str()) && (is_file(&pair[1]) || looks_like_config(&pair[1])));
    let names_config = names_config
        || words.iter().any(|word| {
            written(word)
                .any(|(flag, value)| CONFIG_FLAGS.contains(&flag.trim_end_matches('=')) && looks_like_config(value))
        });
    let is_flag_of_file = words.len() == 2 && words[0].starts_with('-') && is_file(&words[1]);
    let lacks_config = item.configuration.is_none() && item.config_argument.is_none();
    (is_flag_of_file || names_config && lacks_config).then_some(words)
}

/// The configuration that the item's class needs and does not get.
fn unnamed(subject: &RuleInput<'_>, item: &ItemFiles<'_>, python_file: Span) -> Option<Problem> {
    if item.configuration.is_some() {
        return None;
    }
    let source = subject.codebase.source(item.python_file)?;
    let class = PipelineClass::of(&source.text);
    let argument = item.config_argument.as_ref().filter(|argument| !argument.value.is_empty());
    let has_method = subject.project.launch_method.is_some();
    // Without a method to call, the runtime takes a class with the mixin and no other.
    let severity = match class {
        PipelineClass::WithMixin(_) => Severity::Error,
        _ if argument.is_some() && !has_method => Severity::Error,
        PipelineClass::Unknown => Severity::Warning,
        PipelineClass::Without => return None,
    };
    let help = "commit the file, and write its path as in `[--conf, conf/orders.json]`".to_owned();
    if let Some(argument) = argument {
        // What leaves the checkout has a finding.
        let is_relative =
            subject.project.folder.join(referenced(argument.value)).is_ok() || argument.value.starts_with("..");
        let message =
            format!("`{}` is no file of the repository, which is what a configuration is read from", argument.value);
        return (!is_relative).then_some(Problem { span: argument.span, message, help, severity });
    }
    let lookalike = item.parameters.iter().find(|parameter| looks_like_config(parameter.text));
    let span = lookalike.map_or(python_file, |parameter| parameter.span);
    let message = match class {
        PipelineClass::WithMixin(name) => format!("`{name}` needs a configuration, and no parameter names one"),
        _ => "no parameter names a configuration, which a class with `DLTMetaMixin` needs".to_owned(),
    };
    Some(Problem { span, message, help, severity })
}
