//! The catalogue of rules: every code that a finding may carry, its severity, and why it is there.

use std::fmt;

use super::Severity;

/// Makes the enum [`Rule`] and what is known of each value from one table.
macro_rules! catalogue {
    ($($rule:ident = $code:literal, $kind:ident, $explanation:literal;)+) => {
        /// A rule: one kind of mistake, under one stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $(#[doc = $explanation] $rule,)+ }

        impl Rule {
            /// All rules: those of reading first, then those about workflows and their files.
            pub const ALL: &[Self] = &[$(Self::$rule,)+];

            /// Stable code, kebab-case, as `check:` in `dltflow.yml` names it.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$rule => $code,)+ }
            }

            /// What it finds and why that matters, in a sentence or two.
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$rule => $explanation,)+ }
            }

            const fn kind(self) -> RuleKind {
                match self { $(Self::$rule => RuleKind::$kind,)+ }
            }
        }
    };
}

/// What `check:` may do to a rule, and how severe its findings are if it says nothing.
#[derive(Clone, Copy)]
enum RuleKind {
    /// An error, always: what cannot be read, or would never work.
    Fixed,
    /// An error.
    Error,
    /// A warning.
    Warning,
}

impl Rule {
    /// The rule of that code.
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.code() == code)
    }

    /// Severity of its findings where the project says nothing else.
    pub const fn severity(self) -> Severity {
        match self.kind() {
            RuleKind::Fixed | RuleKind::Error => Severity::Error,
            RuleKind::Warning => Severity::Warning,
        }
    }

    /// Whether `check:` may change its severity.
    pub const fn is_switchable(self) -> bool {
        !matches!(self.kind(), RuleKind::Fixed)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

catalogue! {
    Syntax = "syntax", Fixed,
        "The file is not valid YAML or JSON, is empty, or is larger or more deeply nested than any configuration needs to be.";
    UnreadableSpec = "unreadable-spec", Fixed,
        "A spec is a link, not a regular file, not UTF-8 text, or too large, and is not read.";
    UnfinishedMerge = "unfinished-merge", Fixed,
        "A file has the markers that git leaves where it could not merge.";
    DuplicateKey = "duplicate-key", Fixed,
        "A mapping has the same key twice, so one of the two values would silently win.";
    WrongType = "wrong-type", Fixed,
        "A value does not have the type that its field takes.";
    MissingField = "missing-field", Fixed,
        "A required field is missing.";
    BadValue = "bad-value", Fixed,
        "A value has the right type but is not valid.";
    UnknownKey = "unknown-key", Fixed,
        "A key that `dltflow.yml` does not have; what it was meant to set would silently not be set.";
    ReservedField = "reserved-field", Fixed,
        "A field of a pipeline that dltflow sets itself, or that a workflow with `tasks` cannot have.";
    DuplicateWorkflowName = "duplicate-workflow-name", Fixed,
        "Two workflows of one environment have the same name, and pipelines are found by their name.";
    MissingValue = "missing-value", Error,
        "A setting is written without a value, so it would silently not be set.";
    UnknownField = "unknown-field", Error,
        "A field that the pipelines API does not have; the service would drop it silently.";
    UnknownValue = "unknown-value", Error,
        "A value that is not among those that the pipelines API lists for the field.";
    StrayQuote = "stray-quote", Error,
        "A string has a quote on one side only, which YAML takes as part of the string.";
    ForeignSyntax = "foreign-syntax", Error,
        "A placeholder of another tool, such as dbx, bundles, Terraform or Jinja, would be deployed as it is written.";
    MissingPythonFile = "missing-python-file", Error,
        "A task names a Python file that is not in the checkout.";
    InvalidPython = "invalid-python", Error,
        "A file of the code folder is not valid Python, so importing it fails on the cluster.";
    UnreachableImport = "unreachable-import", Error,
        "An import names a module as the checkout has it, and the release has it under another name.";
    PythonFileOutsideCode = "python-file-outside-code", Error,
        "A task names a Python file outside the code folder, which is all that a release carries.";
    MissingConfigFile = "missing-config-file", Error,
        "A parameter names a configuration file that is not in the checkout, so the pipeline would fail when it starts.";
    NotShipped = "not-shipped", Error,
        "A parameter names what no release can carry: a link, a file that is too large, what is outside of the checkout or not checked out.";
    UnreadConfig = "unread-config", Error,
        "A configuration is named in a way that nothing reads, or a class that needs one has none, so the pipeline would fail when it starts.";
    LfsPointer = "lfs-pointer", Error,
        "A file that is shipped is a Git LFS pointer, as its content was not fetched before.";
    InvalidConfig = "invalid-config", Error,
        "A pipeline configuration is not valid, so the pipeline would fail when it starts.";
    DuplicateDataset = "duplicate-dataset", Error,
        "Two entries of the configurations of one workflow make the same dataset or flow, which no engine accepts.";
    ModuleCollision = "module-collision", Error,
        "The first part of a module's name is a module of Python or of the runtime, so the wrong one would be imported.";
    MissingWheel = "missing-wheel", Error,
        "A dependency names a wheel of the repository that is not in the checkout.";
    BadWheel = "bad-wheel", Error,
        "A wheel of the repository is empty, cut off or not a wheel, so pip would refuse it on the cluster.";
    BadWheelName = "bad-wheel-name", Error,
        "The name of a wheel is not one that pip accepts: `name-version-python-abi-platform.whl`.";
    ExclusiveFields = "exclusive-fields", Error,
        "Two fields that the pipelines API does not accept together.";
    InvalidCron = "invalid-cron", Error,
        "No version of Quartz, which triggers pipelines, takes the cron expression.";
    UnknownTimeZone = "unknown-time-zone", Error,
        "Java does not know the time zone: it is refused, or silently taken for GMT.";
    RelativeStorage = "relative-storage", Error,
        "`storage` must be an absolute path; the service rejects anything else.";
    AutoscaleRange = "autoscale-range", Error,
        "`max_workers` must not be smaller than `min_workers`; the service wants it to be larger.";
    TooManyTags = "too-many-tags", Error,
        "A pipeline can have at most 25 tags.";
    LongParameters = "long-parameters", Error,
        "`parameters` can have at most 10,000 characters as JSON.";
    DottedTarget = "dotted-target", Error,
        "`target` is the name of a schema without its catalog; the service rejects a dot in it.";
    RunAsIdentity = "run-as-identity", Error,
        "`run_as` must name exactly one identity.";
    PreviewFixedPlace = "preview-fixed-place", Error,
        "A preview would write a dataset, a sink or a path that the shared pipeline writes, unless the target allows it.";
    PreviewRunAs = "preview-run-as", Error,
        "A preview would run as an identity that its author may not have, unless the target allows it.";
    SuspiciousCron = "suspicious-cron", Warning,
        "A cron expression that never fires, is not what it looks like, or that only some versions of Quartz take.";
    AmbiguousTimeZone = "ambiguous-time-zone", Warning,
        "A time zone that Java reads in more than one way, or in a surprising one.";
    EditionTooSmall = "edition-too-small", Warning,
        "The `edition` has less than the configuration needs: changes need `PRO`, expectations `ADVANCED`.";
    IncompatibleSettings = "incompatible-settings", Warning,
        "Settings of which one has no effect beside, or without, another, or which the service may refuse together.";
    TooManyItems = "too-many-items", Warning,
        "A list that is longer than the service documents.";
    IncompleteNotification = "incomplete-notification", Warning,
        "A notification without a recipient or without an alert, which nobody gets.";
    ReadersDiffer = "readers-differ", Warning,
        "A class that opens its configuration itself, by `PyYAML` or Python's `json`, would read another value, or fail.";
    NullSetting = "null-setting", Warning,
        "A setting is `null`, so it is not set.";
    ContinuousTrigger = "continuous-trigger", Warning,
        "A continuous pipeline never waits for its `trigger`.";
    DashInTarget = "dash-in-target", Warning,
        "A schema of the Hive metastore with a dash has to be quoted wherever it is used.";
    DbfsDependency = "dbfs-dependency", Warning,
        "A wheel on DBFS, which is deprecated and closed to Unity Catalog compute.";
    ProvidedPackage = "provided-package", Warning,
        "A dependency that the platform or the release already provides; a second copy would overwrite it.";
    OldSpelling = "old-spelling", Warning,
        "A field, key or value in the spelling of the original dltflow; it is read, and the current spelling is shown.";
    UnmatchedPattern = "unmatched-pattern", Warning,
        "A pattern of `deploy` that begins with `refs/`, as the names of branches and tags do not, or a list of which every pattern excludes.";
    UncalledMethod = "uncalled-method", Warning,
        "An entry of a configuration names a method and takes its rows from another dataset, so the method is not called.";
    MissingSection = "missing-section", Warning,
        "A configuration file has no `dlt` section, but one that looks as if it was meant to be it.";
    LeftOut = "left-out", Warning,
        "What is in the folders of code and configuration and is not a regular file with a portable name is not shipped.";
    NoWorkflows = "no-workflows", Warning,
        "A file among the specs from which nothing can be deployed.";
    UnknownEnvironment = "unknown-environment", Warning,
        "A spec has an environment that `dltflow.yml` has no target for, so nothing deploys it; an error where that is a target misspelt, and nothing else in the file can be deployed.";
}

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn codes_are_kebab_case_unique_and_explained() {
        for (index, rule) in Rule::ALL.iter().enumerate() {
            assert!(rule.code().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{rule}");
            assert!(Rule::ALL[..index].iter().all(|other| other.code() != rule.code()), "{rule} is listed twice");
            assert!(rule.explanation().ends_with('.'), "{rule}");
            assert_eq!(Rule::named(rule.code()), Some(*rule));
        }
    }
}
