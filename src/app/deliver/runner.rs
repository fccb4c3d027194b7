//! The files of the runner: step summary, outputs, and the JSON report.

use std::path::Path;

use crate::diagnostic::{Error, Result};
use crate::env::{self, Env};
use crate::fs;
use crate::report::{self, Delivered, Note, Report, escape};

/// Writes the JSON report below the runner's folder for temporary files and returns its name there.
pub(super) fn write_json(env: &Env, report: &mut Report) -> Option<String> {
    let folder = env.get(env::RUNNER_TEMP)?;
    let name = format!("dltflow-{:016x}.json", getrandom::u64().unwrap_or_default());
    match fs::write_new(&Path::new(folder).join(&name), &report::json(report)) {
        Ok(()) => Some(name),
        Err(error) => {
            let message = format!("the JSON report could not be written: {error}");
            report.notes.push(Note::new("report-path", message));
            None
        }
    }
}

/// Appends summary and outputs, and returns a warning for each that could not be written.
pub(super) fn write(
    env: &Env,
    report: &Report,
    delivered: Delivered<'_>,
    clean: impl Fn(String) -> String,
) -> Vec<String> {
    let texts = [
        (env::GITHUB_STEP_SUMMARY, Ok(clean(report::summary(report)))),
        (env::GITHUB_OUTPUT, outputs(report, delivered)),
    ];
    let written = texts.into_iter().map(|(name, text)| text.and_then(|text| append(env, name, &text)));
    let warning = |error: Error| format!("warning: {}\n", escape::log(&error.message()));
    written.filter_map(Result::err).map(warning).collect()
}

fn outputs(report: &Report, delivered: Delivered<'_>) -> Result<String> {
    let delimiter =
        format!("dltflow_{:016x}{:016x}", getrandom::u64().unwrap_or_default(), getrandom::u64().unwrap_or_default());
    report::outputs(report, delivered, &delimiter)
}

fn append(env: &Env, variable: &str, text: &str) -> Result<()> {
    let Some(path) = env.get(variable) else { return Ok(()) };
    fs::append(Path::new(path), text).map_err(|error| Error::input(format!("`{variable}`: {error}")))
}
