//! Inputs of the action and flags of the command line: what affects the route, and what is allowed on it.

use std::str::FromStr;

/// Inputs of the decision.
#[derive(Clone, Debug, Default)]
pub struct RouteOptions {
    /// `mode`.
    pub mode: Mode,
    /// `environment`: overrides the rules.
    pub environment: Option<String>,
    /// `environments`: lines `pattern: environment`, in place of the targets' `deploy`.
    pub environments: Option<String>,
    /// `as-individual`.
    pub as_individual: AsIndividual,
    /// Short name of the user, for `as-individual: always` outside pull requests.
    pub user: Option<String>,
    /// `on-close`.
    pub on_close: OnClose,
    /// `all`: include every workflow.
    pub all: bool,
    /// `confirm`: a sweep deletes what it finds.
    pub confirm: bool,
}

/// `mode`: what to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Depends on the event.
    #[default]
    Auto,
    /// Check the files.
    Check,
    /// Compare with the workspace.
    Plan,
    /// Deploy.
    Deploy,
    /// Destroy.
    Destroy,
    /// Find what is no longer needed.
    Sweep,
}

/// `as-individual`: whether to deploy previews instead of the shared pipelines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AsIndividual {
    /// For pull requests.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never: pull requests deploy the shared pipelines, too.
    Never,
}

/// `on-close`: what happens to previews when their pull request is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnClose {
    /// They are destroyed.
    #[default]
    Destroy,
    /// They are kept.
    Keep,
}

/// `prune`: what happens to shared pipelines whose workflow no spec of the project has any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prune {
    /// They are reported.
    #[default]
    Report,
    /// They are destroyed.
    Destroy,
}

/// A text that is not one of the values of an input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not one of {}", .values.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "))]
pub struct UnknownValue {
    text: String,
    values: Vec<&'static str>,
}

fn choose<T: Copy>(text: &str, choices: &[(&'static str, T)]) -> Result<T, UnknownValue> {
    let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.ok_or_else(|| UnknownValue { text: text.to_owned(), values: choices.iter().map(|(word, _)| *word).collect() })
}

impl FromStr for Mode {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        let choices = [
            ("auto", Self::Auto),
            ("check", Self::Check),
            ("plan", Self::Plan),
            ("deploy", Self::Deploy),
            ("destroy", Self::Destroy),
            ("sweep", Self::Sweep),
        ];
        choose(text, &choices)
    }
}

impl FromStr for AsIndividual {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        choose(text, &[("auto", Self::Auto), ("always", Self::Always), ("never", Self::Never)])
    }
}

impl FromStr for OnClose {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        choose(text, &[("destroy", Self::Destroy), ("keep", Self::Keep)])
    }
}

impl FromStr for Prune {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        choose(text, &[("report", Self::Report), ("destroy", Self::Destroy)])
    }
}

#[cfg(test)]
mod tests {
    use super::{AsIndividual, Mode, OnClose};

    #[test]
    fn an_unknown_value_lists_the_known_ones() {
        assert_eq!("destroy".parse(), Ok(Mode::Destroy));
        assert_eq!("never".parse(), Ok(AsIndividual::Never));
        let error = "Keep".parse::<OnClose>().unwrap_err();
        assert_eq!(error.to_string(), "`Keep` is not one of `destroy`, `keep`");
    }
}
