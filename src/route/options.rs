//! What the inputs of the action and the flags of the command line say about the route.

use std::str::FromStr;

/// Inputs that take part in the decision.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `mode`.
    pub mode: Mode,
    /// `environment`: this one, whatever the event.
    pub environment: Option<String>,
    /// `environments`: lines `pattern: environment`; given, it takes the place of the targets' `deploy`.
    pub environments: Option<String>,
    /// `as-individual`.
    pub as_individual: AsIndividual,
    /// Short name of who runs it, for `as-individual: always` outside pull requests.
    pub user: Option<String>,
    /// `on-close`.
    pub on_close: OnClose,
    /// `all`: look at every workflow.
    pub all: bool,
}

/// `mode`: what is done, where the event does not say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As the event demands.
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
}

/// `as-individual`: whether pipelines get names of their own beside the shared ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AsIndividual {
    /// For pull requests.
    #[default]
    Auto,
    /// For everything.
    Always,
    /// For nothing: a pull request deploys the shared names, too.
    Never,
}

/// `on-close`: what becomes of previews when their pull request is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnClose {
    /// They are destroyed.
    #[default]
    Destroy,
    /// They stay.
    Keep,
}

/// A text that is none of the words that an input takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is none of {}", .words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "))]
pub struct UnknownWord {
    text: String,
    words: Vec<&'static str>,
}

fn choose<T: Copy>(text: &str, choices: &[(&'static str, T)]) -> Result<T, UnknownWord> {
    let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.ok_or_else(|| UnknownWord { text: text.to_owned(), words: choices.iter().map(|(word, _)| *word).collect() })
}

impl FromStr for Mode {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let choices = [
            ("auto", Self::Auto),
            ("check", Self::Check),
            ("plan", Self::Plan),
            ("deploy", Self::Deploy),
            ("destroy", Self::Destroy),
        ];
        choose(text, &choices)
    }
}

impl FromStr for AsIndividual {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        choose(text, &[("auto", Self::Auto), ("always", Self::Always), ("never", Self::Never)])
    }
}

impl FromStr for OnClose {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        choose(text, &[("destroy", Self::Destroy), ("keep", Self::Keep)])
    }
}

#[cfg(test)]
mod tests {
    use super::{AsIndividual, Mode, OnClose};

    #[test]
    fn a_word_that_is_none_names_those_that_are() {
        assert_eq!("destroy".parse(), Ok(Mode::Destroy));
        assert_eq!("never".parse(), Ok(AsIndividual::Never));
        let error = "Keep".parse::<OnClose>().unwrap_err();
        assert_eq!(error.to_string(), "`Keep` is none of `destroy`, `keep`");
    }
}
