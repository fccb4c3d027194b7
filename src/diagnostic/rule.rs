//! The catalogue of rules: every code that a finding may carry, its weight, and why it is there.

use super::Severity;

/// A rule: one kind of mistake, under one stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable code, kebab-case, as `check:` in `dltflow.yml` names it.
    pub code: &'static str,
    /// Weight of its findings where the project says nothing else.
    pub severity: Severity,
    /// Whether `check:` may change its weight; what cannot be read at all stays an error.
    pub switchable: bool,
    /// Why it is there, in a sentence or two.
    pub explanation: &'static str,
}

impl Rule {
    /// The rule of that code.
    pub fn named(code: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.code == code)
    }
}

const fn fixed(code: &'static str, explanation: &'static str) -> Rule {
    Rule { code, severity: Severity::Error, switchable: false, explanation }
}

const fn error(code: &'static str, explanation: &'static str) -> Rule {
    Rule { code, severity: Severity::Error, switchable: true, explanation }
}

const fn warning(code: &'static str, explanation: &'static str) -> Rule {
    Rule { code, severity: Severity::Warning, switchable: true, explanation }
}

/// All rules: those of reading first, then those about workflows and their files.
pub const RULES: &[Rule] = &[
    fixed(
        "syntax",
        "The file is no YAML or JSON, is empty, or is larger or deeper than a configuration has reason to be.",
    ),
    fixed("unreadable-spec", "A spec is a link, no regular file, no UTF-8 text, or too large, and is not read."),
    fixed("duplicate-key", "A key stands twice in one mapping, so one of the two values would silently win."),
    fixed("wrong-type", "A value has another type than its field takes."),
    fixed("missing-field", "A field that nothing works without is not there."),
    fixed("bad-value", "A value has the right type and still cannot be meant."),
    fixed("unknown-key", "A key of `dltflow.yml` that has no meaning; what it was to set would silently not be set."),
    fixed(
        "reserved-field",
        "A field of a pipeline that is set by dltflow itself, or that a workflow with `tasks` cannot have.",
    ),
    fixed(
        "duplicate-workflow-name",
        "Two workflows of one environment have one name, and pipelines are found by their name.",
    ),
    error("unknown-field", "A field that the pipelines API does not have; the service would drop it silently."),
    error("unknown-value", "A value beside those that the pipelines API lists for the field."),
    error("stray-quote", "A text has a quote on one side only, which YAML takes as part of the text."),
    error("missing-python-file", "A task names a Python file that is not in the checkout."),
    error(
        "python-file-outside-code",
        "A task names a Python file outside the code folder, which is all that a release carries.",
    ),
    error(
        "missing-config-file",
        "A parameter names a configuration file that is not in the checkout, so the pipeline would fail when it starts.",
    ),
    error(
        "invalid-config",
        "A pipeline configuration says something that cannot be meant, so the pipeline would fail when it starts.",
    ),
    error(
        "duplicate-dataset",
        "Two entries of the configurations of one workflow make the same dataset or flow, which no engine takes.",
    ),
    error(
        "module-collision",
        "The first part of a module's name is a module of Python or of the runtime, so the wrong one would be imported.",
    ),
    error("missing-wheel", "A dependency names a wheel of the repository that is not in the checkout."),
    error("bad-wheel-name", "The name of a wheel is none that pip would take: `name-version-python-abi-platform.whl`."),
    error("exclusive-fields", "Two fields that the pipelines API does not take together."),
    error("relative-storage", "`storage` has to be an absolute path; the service refuses anything else."),
    error("autoscale-range", "`max_workers` has to be larger than `min_workers`."),
    error("too-many-tags", "A pipeline takes 25 tags at most."),
    error("dotted-target", "`target` is one name of a schema; the service refuses a dot in it."),
    error("run-as-identity", "`run_as` names exactly one identity."),
    error(
        "preview-fixed-place",
        "A preview would write a dataset, a sink or a path that the shared pipeline writes, unless the target allows it.",
    ),
    error(
        "preview-run-as",
        "A preview would run as an identity that its author need not have, unless the target allows it.",
    ),
    warning("continuous-trigger", "A continuous pipeline never waits for its `trigger`."),
    warning(
        "dash-in-target",
        "A schema with a dash has to be quoted wherever it is read, and Unity Catalog refuses it.",
    ),
    warning("dbfs-dependency", "A wheel on DBFS, which is deprecated and closed to Unity Catalog compute."),
    warning(
        "provided-package",
        "A dependency that the platform or the release provides; a second copy would overwrite it.",
    ),
    warning(
        "old-spelling",
        "A field, key or value as the original dltflow wrote it; it is read and today's spelling is shown.",
    ),
    warning(
        "uncalled-method",
        "An entry of a configuration names a method and takes its rows from another dataset, so the method is not called.",
    ),
    warning(
        "missing-section",
        "A configuration file has no `dlt` section, but one that looks as if it was meant to be that.",
    ),
    warning(
        "left-out",
        "What lies in the folders of code and configuration and is no regular file with a portable name is not shipped.",
    ),
    warning(
        "unknown-environment",
        "A spec has an environment that `dltflow.yml` has no target for, so nothing deploys it.",
    ),
];

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn codes_are_kebab_case_unique_and_explained() {
        for (index, rule) in RULES.iter().enumerate() {
            assert!(rule.code.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.code);
            assert!(RULES[..index].iter().all(|other| other.code != rule.code), "{} stands twice", rule.code);
            assert!(rule.explanation.ends_with('.'), "{}", rule.code);
        }
    }
}
