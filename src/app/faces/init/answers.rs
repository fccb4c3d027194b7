//! What `init` has to know: from its flags, from whoever sits at the terminal, or by default.

use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::time::Duration;

use dialoguer::Input;

use crate::cli::{InitArgs, OutputFormat};
use crate::clock::Stop;
use crate::diagnostic::{Error, ErrorContext as _, Kind, Result};
use crate::scaffold;
use crate::source::RepoPath;

/// How long a signal takes at most until it is heard.
const TO_BE_HEARD: Duration = Duration::from_secs(1);

/// The answers, each valid by itself.
pub(super) struct Answers {
    pub(super) name: String,
    pub(super) environment: String,
    pub(super) conf: RepoPath,
    pub(super) workflows: RepoPath,
    pub(super) template: bool,
}

/// A flag, and what is asked where it is not given.
struct Question<T> {
    flag: &'static str,
    text: &'static str,
    default: Option<String>,
    read: fn(&str) -> Result<T, String>,
}

impl Answers {
    /// Those of the flags; without a terminal, the rest by default.
    pub(super) async fn of(arguments: &InitArgs, root: &Path, stop: &Stop) -> Result<Self> {
        let asks = arguments.output == OutputFormat::Text && io::stdin().is_terminal() && io::stderr().is_terminal();
        let folder = root.file_name().map(|name| name.to_string_lossy().into_owned());
        // The folder's name is a suggestion, for somebody to accept.
        let suggested = folder.filter(|name| asks && scaffold::project_name(name).is_ok());
        let given = |value: &Option<String>| Given { value: value.clone(), asks, stop: stop.clone() };
        let environment = Question {
            flag: "--profile",
            text: "Environment to deploy to",
            default: Some("dev".to_owned()),
            read: scaffold::environment,
        };
        let name = Question {
            flag: "--project-name",
            text: "Name of the project",
            default: suggested,
            read: scaffold::project_name,
        };
        let folder_of = |flag, text, default: &str| Question {
            flag,
            text,
            default: Some(default.to_owned()),
            read: scaffold::folder,
        };
        let conf = folder_of("--config-path", "Folder of the configurations", "conf");
        let workflows = folder_of("--workflows-path", "Folder of the specs", "workflows");
        let template =
            Question { flag: "", text: "Add a small pipeline? (y/n)", default: Some("n".to_owned()), read: yes };
        let with_template = arguments.build_template.then(|| "y".to_owned());
        Ok(Self {
            environment: environment.answer(given(&arguments.profile)).await?,
            name: name.answer(given(&arguments.project_name)).await?,
            conf: conf.answer(given(&arguments.config_path)).await?,
            workflows: workflows.answer(given(&arguments.workflows_path)).await?,
            template: template.answer(given(&with_template)).await?,
        })
    }
}

/// What a flag says, and whether somebody can be asked instead.
struct Given {
    value: Option<String>,
    asks: bool,
    stop: Stop,
}

impl<T: Send + 'static> Question<T> {
    async fn answer(self, given: Given) -> Result<T> {
        let Self { flag, read, .. } = self;
        if given.value.is_none() && given.asks {
            return self.ask(&given.stop).await;
        }
        let text = given.value.or(self.default).ok_or_else(|| {
            Error::input(format!("a project needs a name: `{flag}` is missing"))
                .hint("without a terminal nothing is asked; the other options have defaults")
        })?;
        read(&text).map_err(|bad| Error::input(format!("`{flag}`: {bad}")))
    }

    /// Asks until the answer is valid. Whole lines are read, so the terminal is as it was whenever that ends.
    async fn ask(self, stop: &Stop) -> Result<T> {
        let Self { text, default, read, .. } = self;
        let prompt = move || {
            let check = |answer: &String| read(answer.trim()).map(drop);
            let prompt = Input::<String>::new().with_prompt(text).validate_with(check);
            default.into_iter().fold(prompt, Input::default).interact()
        };
        let answer = tokio::select! {
            biased;
            _ = stop.asked() => return Err(Error::new(Kind::Internal, "the prompt was interrupted")),
            answer = tokio::task::spawn_blocking(prompt) => answer.or_kind(Kind::Internal, "the prompt failed")?,
        };
        if answer.is_err() {
            // A signal ends the reading before the thread that hears signals has said so.
            drop(tokio::time::timeout(TO_BE_HEARD, stop.asked()).await);
        }
        read(answer.or_kind(Kind::Input, "cannot read from the terminal")?.trim()).map_err(Error::input)
    }
}

fn yes(answer: &str) -> Result<bool, String> {
    match answer.to_lowercase().as_str() {
        "y" | "yes" => Ok(true),
        "n" | "no" => Ok(false),
        _ => Err("answer with y or n".to_owned()),
    }
}
