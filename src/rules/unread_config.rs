//! `unread-config`: a configuration is named in a way that nothing reads, or a class that needs one has none.

use super::RuleInput;
use super::missing_config_file::looks_like_config;
use crate::codebase::{CONFIG_FLAGS, ItemFiles, Parameter, meant, referenced, written};
use crate::diagnostic::{Diagnostics, Rule, Severity};
use crate::python::PipelineClass;
use crate::source::{Absent, BadPath, Span};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for (item, task) in subject.items.iter().zip(&subject.workflow.items) {
        let misspelt: Vec<Mistake> =
            item.parameters.iter().filter_map(|parameter| misspelt(subject, item, parameter)).collect();
        let problems = if misspelt.is_empty() {
            unnamed(subject, item, task.python_file.span).into_iter().collect()
        } else {
            misspelt
        };
        for Mistake { span, message, help, severity } in problems {
            let mut finding = subject.finding(Rule::UnreadConfig, span, message).help(help);
            finding.severity = severity;
            found.push(finding);
        }
    }
}

struct Mistake {
    span: Span,
    message: String,
    help: String,
    severity: Severity,
}

impl Mistake {
    fn error(span: Span, message: String, help: String) -> Self {
        Self { span, message, help, severity: Severity::Error }
    }
}

/// A parameter that certainly means a file of the project and does not name it.
fn misspelt(subject: &RuleInput<'_>, item: &ItemFiles<'_>, parameter: &Parameter<'_>) -> Option<Mistake> {
    if parameter.named().is_some() {
        return None;
    }
    if let Some(words) = one_word(subject, item, parameter) {
        let message = format!("`{}` is one argument, not a flag and its value", parameter.text);
        return Some(Mistake::error(parameter.span, message, format!("write `[{}]`", words.join(", "))));
    }
    let is_config = item.config_argument.as_ref().is_some_and(|argument| argument.span == parameter.span);
    written(parameter.text).find_map(|(prefix, text)| {
        let meant = meant(text)?;
        let exists = exists(subject, &meant);
        let has_backslashes = text.contains('\\');
        let is_certain = exists || has_backslashes && (is_config || looks_like_config(&meant));
        let message = if has_backslashes {
            format!("`{text}` has backslashes, which separate no folders on a cluster")
        } else {
            format!("`{text}` is an absolute path, which no cluster has")
        };
        let help = if exists {
            format!("write `{prefix}{meant}`")
        } else {
            "write it with `/`, relative to the folder of `dltflow.yml`".to_owned()
        };
        is_certain.then(|| Mistake::error(parameter.span, message, help))
    })
}

fn exists(subject: &RuleInput<'_>, text: &str) -> bool {
    let path = subject.project.folder.join(referenced(text)).ok();
    path.is_some_and(|path| {
        let codebase = subject.codebase;
        codebase.contains(&path)
            || codebase.files().has_folder(&path)
            || codebase.absent(&path) == Some(&Absent::Unnamed)
    })
}

/// The words of a flag and its value that were written as one argument.
fn one_word(subject: &RuleInput<'_>, item: &ItemFiles<'_>, parameter: &Parameter<'_>) -> Option<Vec<String>> {
    let words = shlex::split(parameter.text).filter(|words| words.len() > 1)?;
    let is_config = |text: &str| looks_like_config(text) || exists(subject, text);
    let with_value = |word: &str| {
        let value = word.split_once('=');
        value.is_some_and(|(flag, value)| CONFIG_FLAGS.contains(&flag) && is_config(value))
    };
    let names_config = words.iter().any(|word| with_value(word))
        || words.windows(2).any(|pair| CONFIG_FLAGS.contains(&pair[0].as_str()) && is_config(&pair[1]));
    let lacks_config = item.configuration.is_none() && item.config_argument.is_none();
    let names_file = words.len() == 2 && words[0].starts_with('-') && exists(subject, &words[1]);
    (names_file || names_config && lacks_config).then_some(words)
}

/// The configuration that the item's class needs and does not get.
fn unnamed(subject: &RuleInput<'_>, item: &ItemFiles<'_>, python_file: Span) -> Option<Mistake> {
    if item.configuration.is_some() {
        return None;
    }
    let class = PipelineClass::of(&subject.codebase.source(item.python_file)?.text);
    let argument = item.config_argument.as_ref().filter(|argument| !argument.value.is_empty());
    // What leaves the checkout has a finding.
    if argument.is_some_and(|argument| subject.project.folder.join(argument.value) == Err(BadPath::Outside)) {
        return None;
    }
    let severity = match class {
        PipelineClass::WithMixin(_) => Severity::Error,
        // Without a method to call, the runtime takes a class with the mixin and no other.
        _ if argument.is_some() && subject.project.launch_method.is_none() => Severity::Error,
        PipelineClass::Unknown => Severity::Warning,
        PipelineClass::Without => return None,
    };
    let lookalike = || item.parameters.iter().find(|parameter| looks_like_config(parameter.text));
    let given = argument.map(|argument| (argument.value, argument.span));
    let given = given.or_else(|| lookalike().map(|parameter| (parameter.text, parameter.span)));
    let (span, message) = match (given, class) {
        (Some((text, span)), _) => {
            (span, format!("`{text}` is no file of the repository, so no configuration is read"))
        }
        (None, PipelineClass::WithMixin(name)) => {
            (python_file, format!("`{name}` needs a configuration, and no parameter names one"))
        }
        (None, _) => {
            let what = "no parameter names a configuration, which a class with `DLTMetaMixin` needs";
            (python_file, what.to_owned())
        }
    };
    let help = "commit the file, and write its path: `parameters: [--conf, conf/orders.json]`".to_owned();
    Some(Mistake { span, message, help, severity })
}
